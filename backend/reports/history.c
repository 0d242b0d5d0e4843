/* SPDX-License-Identifier: MIT */
#include "history.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/plain.h"
#include "cli/output.h"
#include "verdict.h"

enum { SMTP = 25 };

/* One fault, and what is known of the service that it is about. */
struct history {
	json_t *lines;
	const struct tlsrpt_fault *fault;
	const struct service_view *view;
	int64_t begins; /* the oldest that is on record; INT64_MAX: nothing */
	bool has_changes;
};

static void say(const struct history *history, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(const struct history *history, const char *format, ...)
{
	struct problem text;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text.text, sizeof(text.text), format, args);
	va_end(args);
	json_array_append_new(history->lines, output_json_text(text.text));
}

struct date {
	char text[OUTPUT_DATE_SIZE];
};

static struct date
date_of(int64_t when)
{
	struct date date = { "" };

	output_date(when, date.text, sizeof(date.text));
	return date;
}

/* Who met what was published before, by a cache, may tell of it until then. */
static bool
is_within(const struct history *history, int64_t when)
{
	int64_t hold = history->view->service->config->policy.propagation;

	return when >= history->fault->from - hold &&
	       when <= history->fault->to;
}

static void
begin_note(struct history *history, int64_t when)
{
	if (when < history->begins)
		history->begins = when;
}

/*
 * Whether they are one record: of what a sender went by no more is kept
 * (include/tlsrpt/report.h).
 */
static bool
is_record(const char *rdata, const char *other)
{
	return strncmp(rdata, other, TLSRPT_RDATA) == 0;
}

/* Since when it has been published; -1: it is not. */
static int64_t
published_since(const struct history *history, const char *rdata)
{
	const struct owner *owner = history->view->owner;

	for (size_t i = 0; owner != NULL && i < owner->count; i++)
		if (is_record(owner->rdata[i]->text, rdata))
			return owner->times[i].since;
	return -1;
}

/* ---- what the sender went by ---- */

static void
seen_tell(const struct history *history, const char *rdata)
{
	int64_t since = published_since(history, rdata);

	if (since < 0)
		say(history,
		    "the sender went by '%.14s...', which is not published "
		    "now: withdrawn since, or never ours",
		    rdata);
	else if (since > history->fault->to)
		say(history,
		    "the sender went by '%.14s...', which has been published "
		    "since %s: later, so that it was there before as well",
		    rdata, date_of(since).text);
	else
		say(history,
		    "the sender went by '%.14s...', which has been published "
		    "since %s",
		    rdata, date_of(since).text);
}

static bool
is_seen(const struct history *history, const char *rdata)
{
	const struct texts *seen = &history->fault->seen;

	for (size_t i = 0; i < seen->count; i++)
		if (is_record(seen->list[i], rdata))
			return true;
	return false;
}

/*
 * What was published long before, and is not among what the sender went by.
 * Nothing is said of what came in that time: before it, nobody had it.
 */
static void
unseen_tell(const struct history *history)
{
	const struct owner *owner = history->view->owner;
	const struct texts *seen = &history->fault->seen;

	if (seen->count == 0 || seen->count >= LIMIT_TLSRPT_SEEN)
		return;
	for (size_t i = 0; owner != NULL && i < owner->count; i++) {
		const char *rdata = owner->rdata[i]->text;
		int64_t since = owner->times[i].since;

		if (is_seen(history, rdata) || since > history->fault->from ||
		    is_within(history, since))
			continue;
		say(history,
		    "the sender does not name '%.14s...', which has been "
		    "published since %s: a cache or name server was behind, "
		    "or it has no use for such records",
		    rdata, date_of(since).text);
	}
}

/* ---- what changed ---- */

/* The record of a leaf that is published; NULL: none. */
static const struct association *
record_of(const struct service_view *view, const struct cert *leaf)
{
	for (size_t i = 0; i < view->set.count; i++)
		if (view->set.list[i].cert == leaf)
			return &view->set.list[i];
	return NULL;
}

static void
renewal_tell(struct history *history, const struct lineage *lineage,
    const struct generation *generation)
{
	const struct association *record = record_of(
	    history->view, generation->chain->leaf);
	struct plain name = plain_of(lineage->name);
	struct date when = date_of(generation->since);
	int64_t since = record != NULL
			    ? published_since(history, record->tlsa->text)
			    : -1;

	history->has_changes = true;
	if (since < 0)
		say(history,
		    "lineage '%s' was renewed at %s; no record of that leaf "
		    "is published now",
		    name.text, when.text);
	else if (since > generation->since)
		say(history,
		    "lineage '%s' was renewed at %s, and its record "
		    "'%.14s...' published at %s, %lld s later: a server that "
		    "presented it at once was ahead of it",
		    name.text, when.text, record->tlsa->text,
		    date_of(since).text,
		    (long long)(since - generation->since));
	else
		say(history,
		    "lineage '%s' was renewed at %s; its record '%.14s...' "
		    "had been published since %s",
		    name.text, when.text, record->tlsa->text,
		    date_of(since).text);
}

/* The last one of a list is what was there when we first looked. */
static void
renewals_tell(struct history *history)
{
	const struct service_view *view = history->view;

	for (size_t l = 0; l < view->readable; l++) {
		const struct lineage *lineage = view->lineages[l];

		for (size_t g = 0; g < lineage->generation_count; g++) {
			const struct generation
			    *generation = &lineage->generations[g];

			begin_note(history, generation->since);
			if (g + 1 < lineage->generation_count &&
			    is_within(history, generation->since))
				renewal_tell(history, lineage, generation);
		}
	}
}

static void
publications_tell(struct history *history)
{
	const struct owner *owner = history->view->owner;

	for (size_t i = 0; owner != NULL && i < owner->count; i++) {
		int64_t since = owner->times[i].since;
		const struct association *association = associations_find(
		    &history->view->set, owner->rdata[i]);

		begin_note(history, since);
		if (!is_within(history, since))
			continue;
		history->has_changes = true;
		say(history, "'%.14s...' was published at %s (%s)",
		    owner->rdata[i]->text, date_of(since).text,
		    association != NULL
			? provenance_text(association->provenance)
			: "kept: nothing has taken its place");
	}
}

static void
rest_tell(const struct history *history)
{
	if (history->begins == INT64_MAX)
		say(history, "nothing is on record of this service");
	else if (history->begins > history->fault->to)
		say(history,
		    "what is on record begins at %s: what was published "
		    "before cannot be told",
		    date_of(history->begins).text);
	else if (history->begins > history->fault->from)
		say(history,
		    "what is on record begins at %s, in the midst of that "
		    "time",
		    date_of(history->begins).text);
	else if (!history->has_changes)
		say(history,
		    "nothing that is published now, and no certificate, "
		    "changed in that time or shortly before: look at what "
		    "the server presented, and at the zone's name servers");
}

static void
view_tell(struct history *history)
{
	const struct texts *seen = &history->fault->seen;

	for (size_t i = 0; i < seen->count; i++)
		seen_tell(history, seen->list[i]);
	unseen_tell(history);
	renewals_tell(history);
	publications_tell(history);
	rest_tell(history);
}

/* ---- which service it is ---- */

/* Return a host as the configuration has it; free() it; NULL: it is no name. */
static char *
host_of(const char *name)
{
	struct dname host;

	return dname_parse(name, strlen(name), &host) == STATUS_OK
		   ? dname_text(&host)
		   : NULL;
}

/* Return the number of its service for mail; that of all if there is none. */
static size_t
service_find(const struct store *store, const char *host)
{
	size_t count = host != NULL ? store_service_count(store) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct service *service = store_service(store, i);

		if (service->port.number == SMTP &&
		    strcmp(service->config->host, host) == 0)
			return i;
	}
	return store_service_count(store);
}

json_t *
history_tell(
    const struct store *store, const struct tlsrpt_fault *fault, int64_t now)
{
	struct history history = {
		.lines = json_array(), .fault = fault, .begins = INT64_MAX
	};
	const char *name = verdict_host(fault);
	char *host = host_of(name);
	size_t at = service_find(store, host);
	struct service_view view;

	free(host);
	if (at < store_service_count(store)) {
		store_view(store, at, now, &view);
		history.view = &view;
		view_tell(&history);
		service_view_fini(&view);
		return history.lines;
	}
	if (name[0] == '\0')
		say(&history, "the sender does not say at which host");
	else
		say(&history,
		    "'%s' has no service of port 25 here, so that nothing is "
		    "on record of it",
		    plain_of(name).text);
	return history.lines;
}
