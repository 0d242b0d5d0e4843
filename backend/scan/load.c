/* SPDX-License-Identifier: MIT */
/* Reading the files of one lineage into the store. */
#include "data.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/chain_file.h"
#include "loop/log.h"
#include "pki/next_key.h"
#include "policy/learn.h"

enum { SHA256_LEN = 32 };

/*
 * A file changed a moment ago may still be written to, and an event of that
 * may be under way.
 */
static bool
is_fresh(const struct fingerprint *print, int64_t milliseconds)
{
	struct timespec now;
	int64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - print->modified;
	return age >= 0 && age < milliseconds * INT64_C(1000000);
}

/* Whatever it was, it does not linger. */
static void
text_forget(struct buf *text)
{
	if (text->data != NULL)
		explicit_bzero(text->data, text->room);
	buf_fini(text);
}

static void
log_loaded(const struct entry *entry, const struct chain *chain, bool known,
    bool backwards)
{
	const struct cert *leaf = chain->leaf;
	time_t not_after = (time_t)leaf->not_after;
	char until[32];
	struct tm tm;

	(void)strftime(
	    until, sizeof(until), "%Y-%m-%d", gmtime_r(&not_after, &tm));
	log_line(LOG_LEVEL_NOTICE,
	    "lineage '%s': %s, leaf by '%s' until %s, %zu CA certificates",
	    entry->name, known ? "renewed" : "new", leaf->issuer, until,
	    chain->ca_count);
	if (backwards)
		log_line(LOG_LEVEL_WARNING,
		    "lineage '%s': went back to an older certificate; the "
		    "newer one stays published as well, until the store has a "
		    "newer one again",
		    entry->name);
}

static int64_t
file_time(const char *file)
{
	struct fingerprint print;

	return file_fingerprint(file, &print)
		   ? print.modified / INT64_C(1000000000)
		   : 0;
}

/*
 * Without a record the archive tells what was served before: a generation was
 * replaced when the next one was written.
 */
static void
entry_load_past(struct entry *entry, const struct location *location)
{
	struct scan *scan = entry->scan;
	int64_t now = scan_now(scan);
	int64_t retain = store_retain_max(scan->store);
	const char *newer = location->target;

	for (size_t i = 0; i < location->past.count; i++) {
		const char *file = location->past.list[i];
		int64_t replaced = file_time(newer);
		struct chain *chain = NULL;
		struct buf text = { 0 };

		if (replaced > now || replaced + retain <= now)
			return;
		if (file_read(file, LIMIT_PEM_FILE, &text, NULL, NULL) ==
			STATUS_OK &&
		    chain_parse(scan->pool, text.data, text.len, scan->keep_all,
			&chain, NULL, NULL) == STATUS_OK)
			store_add_past(scan->store, entry->source, entry->name,
			    chain, file_time(file), replaced);
		text_forget(&text);
		newer = file;
	}
}

/* The day on which a CA begins to issue is the day to hear of it. */
static void
warn_unknown_issuer(const struct entry *entry, const struct chain *chain)
{
	struct scan *scan = entry->scan;
	const struct issuers *issuers = store_issuers(scan->store);
	const uint8_t *key;

	if (issuers == NULL || chain->ca_count == 0)
		return;
	key = chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256;
	/* What teaches the set gets a word of its own: see
	 * engine_log_learned(). */
	if (learn_set(issuers, entry_lineage(entry), chain, scan_now(scan)) !=
	    SIZE_MAX)
		return;
	/* Once for each issuer: thousands of lineages may share it. */
	if (issuers_find(issuers, key, NULL) != NULL ||
	    trie_get(&scan->unknown_issuers, key, SHA256_LEN) != NULL)
		return;
	trie_set(&scan->unknown_issuers, key, SHA256_LEN, scan);
	log_line(LOG_LEVEL_WARNING,
	    "lineage '%s': the issuer '%s' is not in any issuer set, so the "
	    "next one cannot be published in advance; see pdns-tlsa issuers",
	    entry->name, chain->ca[0]->subject);
}

/* What is in the file besides the chain does no harm, but is for a person. */
static void
entry_remark(struct entry *entry, const struct problem *remark)
{
	const char *text = remark->text[0] != '\0' ? remark->text : NULL;

	if (store_set_remark(
		entry->scan->store, entry->source, entry->name, text))
		log_line(
		    LOG_LEVEL_WARNING, "lineage '%s': %s", entry->name, text);
}

/* A chain that lost CA certificates under the same leaf: see policy/policy.h.
 */
static void
remark_cut(const struct entry *entry, struct problem *remark)
{
	const struct lineage *lineage = entry_lineage(entry);
	const struct generation *now = lineage->generations;

	if (lineage->generation_count > 1 &&
	    chain_is_cut(now[0].chain, now[1].chain))
		problem_join(remark,
		    "%zu CA certificates where there were %zu with the same "
		    "leaf: their records stay for as long as 'retain' says; "
		    "write the file whole again",
		    now[0].chain->ca_count, now[1].chain->ca_count);
}

static void
entry_loaded(struct entry *entry, const struct location *location,
    struct chain_file *file)
{
	struct scan *scan = entry->scan;
	struct chain *chain = file->chain;
	const struct lineage *lineage = entry_lineage(entry);
	const struct chain *old = lineage != NULL ? lineage_current(lineage)
						  : NULL;
	bool was_deleted = lineage != NULL && lineage->deleted != 0;
	bool backwards = old != NULL &&
			 old->leaf->not_before > chain->leaf->not_before;

	if (entry->is_reported || was_deleted)
		log_line(LOG_LEVEL_NOTICE, "lineage '%s': is good again",
		    entry->name);
	entry->is_reported = false;
	if (store_set_chain(scan->store, entry->source, entry->name,
		chain_ref(chain), location->file, &file->print,
		scan_now(scan))) {
		if (old != NULL || scan->is_complete)
			log_loaded(entry, chain, old != NULL, backwards);
		warn_unknown_issuer(entry, chain);
	}
	remark_cut(entry, &file->remark);
	entry_remark(entry, &file->remark);
	if (old == NULL)
		entry_load_past(entry, location);
}

/*
 * Some write the leaf first and then append the CA certificates, with a pause
 * between: what has fewer of them than there were, or none, must be older
 * before it is believed.
 */
static bool
is_growing(const struct entry *entry, const struct chain *chain,
    const struct fingerprint *print)
{
	const struct lineage *lineage = entry_lineage(entry);
	const struct chain *old = lineage != NULL ? lineage_current(lineage)
						  : NULL;
	size_t wanted = old != NULL ? old->ca_count : 1;

	return entry->scan->is_complete && chain->ca_count < wanted &&
	       is_fresh(print, WRITING);
}

/* As chain_file_read(), but not what may still be written to. */
static enum status
chain_look(struct entry *entry, const struct location *location,
    struct chain_file *file, struct problem *problem)
{
	struct scan *scan = entry->scan;
	struct fingerprint print;

	if (scan->is_complete && file_fingerprint(location->file, &print) &&
	    is_fresh(&print, SETTLE)) {
		entry_schedule(entry, loop_now() + SETTLE, true);
		return STATUS_BUSY;
	}
	return chain_file_read(scan->pool, location->file, location->issuers,
	    scan->keep_all, file, problem);
}

/* Whoever asks for it by name may serve a CA certificate, from the start. */
static bool
may_be_authority(const struct entry *entry)
{
	const struct lineage *lineage = entry_lineage(entry);

	return (lineage == NULL || lineage->generation_count == 0 ||
		   chain_is_authority(lineage_current(lineage))) &&
	       store_names_lineage(entry->scan->store, entry->name);
}

enum status
entry_load_chain(struct entry *entry, const struct location *location,
    struct problem *problem)
{
	struct chain_file file = { 0 };
	enum status status;

	if (file_is_key(location->target)) {
		problem_set(problem,
		    "%s: is a private key by its name, which is never opened",
		    location->target);
		return STATUS_REFUSED;
	}
	status = chain_look(entry, location, &file, problem);
	if (status == STATUS_OK && chain_is_authority(file.chain) &&
	    !may_be_authority(entry)) {
		problem_set(problem,
		    "%s: certificate 1 is the CA certificate '%s'; the leaf "
		    "must come first",
		    location->file, file.chain->leaf->subject);
		status = STATUS_FOREIGN;
	}
	if (status == STATUS_OK && is_growing(entry, file.chain, &file.print)) {
		entry_schedule(entry, loop_now() + GROWING, true);
		status = STATUS_BUSY;
	}
	if (status == STATUS_OK)
		entry_loaded(entry, location, &file);
	chain_file_fini(&file);
	return status;
}

/* Staged keys under way to the store. */
struct staged {
	struct next_key *list;
	size_t count;
	bool is_unsure; /* one cannot be read now: keep what is known */
};

static void
staged_report(struct entry *entry, struct staged *staged, const char *text)
{
	staged->is_unsure = true;
	if (!entry->is_next_reported)
		log_line(LOG_LEVEL_WARNING,
		    "lineage '%s': staged key: %s; what was staged before "
		    "stays",
		    entry->name, text);
	entry->is_next_reported = true;
}

static void
staged_parse(struct entry *entry, const char *file, const struct buf *text,
    struct staged *staged)
{
	struct scan *scan = entry->scan;
	struct problem problem = { "" };
	struct next_key next;

	if (staged->is_unsure || staged->count == LIMIT_NEXT)
		return;
	if (next_key_parse(scan->pool, text->data, text->len, scan->keep_all,
		&next, &problem) != STATUS_OK) {
		problem_prefix(&problem, "%s", file);
		staged_report(entry, staged, problem.text);
		return;
	}
	staged->list = mem_resize(
	    staged->list, staged->count + 1, sizeof(*staged->list));
	staged->list[staged->count++] = next;
}

/*
 * certbot writes a generation and makes it live within the same second, so
 * that only one that stays behind in the archive is staged.
 */
static void
staged_add(struct entry *entry, const char *file, struct staged *staged)
{
	struct problem problem = { "" };
	struct fingerprint print;
	struct buf text = { 0 };

	if (file_read(file, LIMIT_PEM_FILE, &text, &print, &problem) !=
	    STATUS_OK) {
		staged_report(entry, staged, problem.text);
	} else if (entry->scan->is_complete && is_fresh(&print, STAGED)) {
		entry_schedule(entry, loop_now() + STAGED, false);
		staged->is_unsure = true;
	} else {
		staged_parse(entry, file, &text, staged);
	}
	text_forget(&text);
}

/* Keys that the configuration says come next. */
static void
staged_add_configured(struct entry *entry, struct staged *staged)
{
	const struct config *config = entry->scan->config;

	for (size_t i = 0; i < config->lineage_count; i++) {
		const struct config_lineage *lineage = &config->lineages[i];

		if (strcmp(lineage->name, entry->name) != 0)
			continue;
		for (size_t k = 0; k < lineage->next_count; k++)
			staged_add(entry, lineage->next[k], staged);
	}
}

void
entry_load_next(struct entry *entry, const struct location *location)
{
	struct staged staged = { 0 };

	for (size_t i = 0; i < location->next.count; i++)
		staged_add(entry, location->next.list[i], &staged);
	staged_add_configured(entry, &staged);
	if (staged.is_unsure) {
		next_keys_free(staged.list, staged.count);
		return;
	}
	entry->is_next_reported = false;
	if (store_set_next(entry->scan->store, entry->source, entry->name,
		staged.list, staged.count, scan_now(entry->scan)) &&
	    staged.count > 0)
		log_line(LOG_LEVEL_NOTICE, "lineage '%s': %zu staged keys",
		    entry->name, staged.count);
}
