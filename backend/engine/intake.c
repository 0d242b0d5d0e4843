/* SPDX-License-Identifier: MIT */
#include "intake.h"

#include <stdlib.h>
#include <time.h>

#include "base/limit.h"
#include "loop/log.h"
#include "policy/learn.h"

enum { SHA256_LEN = 32 };

void
intake_init(
    struct intake *intake, const struct config *config, struct store *store)
{
	*intake = (struct intake){ .config = config, .store = store };
	trie_init(&intake->unknown_issuers, NULL);
}

void
intake_fini(struct intake *intake)
{
	trie_fini(&intake->unknown_issuers);
}

static const struct lineage *
find(const struct intake *intake, const struct report *report)
{
	return store_lineage(intake->store, report->source, report->name);
}

/* The lineage that a report is of; `code` may be NULL. */
static struct event
event_of(const struct intake *intake, const struct report *report,
    enum event_kind kind, const char *code)
{
	return (struct event){ .kind = kind,
		.field = { [EVENT_LINEAGE] = report->name,
		    [EVENT_SOURCE] = intake->config->sources[report->source]
					 .path,
		    [EVENT_CODE] = code } };
}

static void
log_loaded(const struct intake *intake, const struct report *report, bool known,
    bool backwards)
{
	const struct event renewed = event_of(
	    intake, report, EVENT_RENEWED, known ? "renewed" : "new");
	const struct event back = event_of(
	    intake, report, EVENT_LINEAGE_BAD, "older");
	const struct cert *leaf = report->chain->leaf;
	time_t not_after = (time_t)leaf->not_after;
	char until[32] = "?";
	struct tm tm;

	if (gmtime_r(&not_after, &tm) != NULL)
		(void)strftime(until, sizeof(until), "%Y-%m-%d", &tm);
	log_event(LOG_LEVEL_NOTICE, &renewed,
	    "lineage '%s': %s, leaf by '%s' until %s, %u CA certificates",
	    report->name, known ? "renewed" : "new", leaf->issuer, until,
	    report->chain->ca_count);
	if (backwards)
		log_event(LOG_LEVEL_WARNING, &back,
		    "lineage '%s': went back to an older certificate; the "
		    "newer one stays published as well, until the store has a "
		    "newer one again",
		    report->name);
}

/* The day on which a CA begins to issue is the day to hear of it. */
static void
warn_unknown_issuer(
    struct intake *intake, const struct report *report, int64_t now)
{
	const struct issuers *issuers = store_issuers(intake->store);
	const struct chain *chain = report->chain;
	const uint8_t *key;

	if (issuers == NULL || chain->ca_count == 0)
		return;
	key = chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256;
	/* What teaches the set gets a word of its own: see
	 * engine_log_learned(). */
	if (learn_set(issuers, find(intake, report), chain, now) != SIZE_MAX)
		return;
	/* Once for each issuer: thousands of lineages may share it. */
	if (issuers_find(issuers, key, NULL) != NULL ||
	    trie_get(&intake->unknown_issuers, key, SHA256_LEN) != NULL)
		return;
	trie_set(&intake->unknown_issuers, key, SHA256_LEN, intake);
	log_line(LOG_LEVEL_WARNING,
	    "lineage '%s': the issuer '%s' is not in any issuer set, so the "
	    "next one cannot be published in advance; see pdns-tlsa issuers",
	    report->name, chain->ca[0]->subject);
}

/* A chain that lost CA certificates under the same leaf: see policy/policy.h.
 */
static void
remark_cut(const struct lineage *lineage, struct problem *remark)
{
	const struct generation *now = lineage->generations;

	if (lineage->generation_count > 1 &&
	    chain_is_cut(now[0].chain, now[1].chain))
		problem_join(remark,
		    "%u CA certificates where there were %u with the same "
		    "leaf: their records stay for as long as 'retain' says; "
		    "write the file whole again",
		    now[0].chain->ca_count, now[1].chain->ca_count);
}

/* What is in the file besides the chain does no harm, but is for a person. */
static void
chain_remark(const struct intake *intake, const struct report *report)
{
	struct problem remark = { "" };
	const char *text;

	if (report->remark != NULL)
		problem_set(&remark, "%s", report->remark);
	remark_cut(find(intake, report), &remark);
	text = remark.text[0] != '\0' ? remark.text : NULL;
	if (store_set_remark(intake->store, report->source, report->name, text))
		log_line(
		    LOG_LEVEL_WARNING, "lineage '%s': %s", report->name, text);
}

static void
past_add(const struct intake *intake, struct report *report)
{
	for (size_t i = 0; i < report->past_count; i++) {
		struct generation *past = &report->past[i];

		store_add_past(intake->store, report->source, report->name,
		    past->chain, past->since, past->replaced);
		past->chain = NULL;
	}
}

static void
take_chain(struct intake *intake, struct report *report, int64_t now)
{
	struct chain *chain = report->chain;
	const struct lineage *lineage = find(intake, report);
	const struct chain *old = lineage != NULL ? lineage_current(lineage)
						  : NULL;
	bool is_known = old != NULL;
	bool backwards = is_known &&
			 old->leaf->not_before > chain->leaf->not_before;
	const struct event good = event_of(
	    intake, report, EVENT_LINEAGE_GOOD, NULL);

	if (lineage != NULL &&
	    (lineage->problem != NULL || lineage->deleted != 0))
		log_event(LOG_LEVEL_NOTICE, &good,
		    "lineage '%s': is good again", report->name);
	if (store_set_chain(intake->store, report->source, report->name,
		chain_ref(chain), report->file, &report->print, now)) {
		if (is_known || intake->is_complete)
			log_loaded(intake, report, is_known, backwards);
		warn_unknown_issuer(intake, report, now);
	}
	chain_remark(intake, report);
	if (!is_known)
		past_add(intake, report);
}

static void
take_warning(const struct intake *intake, const struct report *report)
{
	if (report->is_located &&
	    store_set_warning(
		intake->store, report->source, report->name, report->warning))
		log_line(LOG_LEVEL_WARNING, "lineage '%s': %s", report->name,
		    report->warning);
}

static void
take_next(const struct intake *intake, struct report *report, int64_t now)
{
	struct next_key *next = report->next;
	size_t count = report->next_count;

	report->next = NULL;
	report->next_count = 0;
	if (store_set_next(intake->store, report->source, report->name, next,
		count, now) &&
	    count > 0)
		log_line(LOG_LEVEL_NOTICE, "lineage '%s': %zu staged keys",
		    report->name, count);
}

static void
take_good(struct intake *intake, struct report *report, int64_t now)
{
	if (report->chain != NULL)
		take_chain(intake, report, now);
	take_warning(intake, report);
	if (report->has_next)
		take_next(intake, report, now);
	store_set_plan(
	    intake->store, report->source, report->name, &report->plan);
}

static void
take_problem(const struct intake *intake, const struct report *report)
{
	const struct lineage *lineage = find(intake, report);
	bool has_chain = lineage != NULL && lineage->generation_count > 0;
	const struct event event = event_of(
	    intake, report, EVENT_LINEAGE_BAD, "problem");

	if (store_set_problem(
		intake->store, report->source, report->name, report->problem))
		log_event(LOG_LEVEL_WARNING, &event, "lineage '%s': %s%s",
		    report->name, report->problem,
		    has_chain ? "; the last good generation stays" : "");
	take_warning(intake, report);
}

static void
log_deleted(const struct intake *intake, const struct report *report)
{
	const struct event event = event_of(
	    intake, report, EVENT_LINEAGE_BAD, "deleted");

	log_event(LOG_LEVEL_WARNING, &event,
	    "lineage '%s': was deleted; its TLSA records stay for the "
	    "configured time of 'retain'",
	    report->name);
}

void
intake_looked(struct intake *intake, struct report *report, int64_t now)
{
	bool is_gone = false;

	/* Who reads has the same limit; he is not believed. */
	if (find(intake, report) == NULL &&
	    store_lineage_count(intake->store) >= LIMIT_LINEAGES) {
		log_line(LOG_LEVEL_ERROR,
		    "more than %d lineages are known; no more are taken",
		    LIMIT_LINEAGES);
		return;
	}
	if (report->verdict == VERDICT_GOOD)
		take_good(intake, report, now);
	else if (report->verdict == VERDICT_PROBLEM)
		take_problem(intake, report);
	else
		is_gone = store_set_deleted(
		    intake->store, report->source, report->name, now);
	if (is_gone && report->verdict == VERDICT_DELETED)
		log_deleted(intake, report);
}

void
intake_source(struct intake *intake, unsigned source, const char *problem)
{
	const char *path = intake->config->sources[source].path;
	const struct event event = {
		.kind = problem != NULL ? EVENT_SOURCE_BAD : EVENT_SOURCE_GOOD,
		.field = { [EVENT_SOURCE] = path },
	};

	if (!store_set_source_problem(intake->store, source, problem))
		return;
	if (problem != NULL)
		log_event(LOG_LEVEL_WARNING, &event, "source '%s': %s", path,
		    problem);
	else
		log_event(LOG_LEVEL_NOTICE, &event,
		    "source '%s': can be read again", path);
}
