/* SPDX-License-Identifier: MIT */
#include "hearsay.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"
#include "verdict.h"

/* ---- the worst first ---- */

static int
order_of(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

/* By what it means, then the latest, then the most. */
static int
fault_worse(const struct tlsrpt_fault *a, const struct tlsrpt_fault *b)
{
	int order = (int)finding_severity(verdict_kind(b)) -
		    (int)finding_severity(verdict_kind(a));

	if (order == 0)
		order = order_of(a->to, b->to);
	return order != 0 ? order : order_of(a->sessions, b->sessions);
}

static int
fault_compare(const void *a, const void *b)
{
	const struct tlsrpt_fault *const *one = a, *const *other = b;

	return fault_worse(*one, *other);
}

static int
sender_compare(const void *a, const void *b)
{
	const struct tlsrpt_sender *const *one = a, *const *other = b;
	int order = order_of((*one)->failed, (*other)->failed);

	return order != 0 ? order : order_of((*one)->good, (*other)->good);
}

/* ---- telling ---- */

static void
set_number(json_t *object, const char *name, int64_t number)
{
	wire_set(object, name, json_integer((json_int_t)number));
}

/* As it is: made plain by who shows it, which may make it longer. */
static void
set_text(json_t *object, const char *name, const char *text)
{
	wire_set(object, name, wire_text(text));
}

static json_t *
sender_object(const struct tlsrpt_sender *sender)
{
	json_t *object = json_object();

	set_text(object, "organization", sender->organization);
	set_number(object, "type", sender->type);
	set_text(object, "domain", sender->domain);
	set_number(object, "good", sender->good);
	set_number(object, "failed", sender->failed);
	set_number(object, "from", sender->from);
	set_number(object, "to", sender->to);
	return object;
}

static json_t *
fault_object(const struct tlsrpt_fault *fault)
{
	json_t *object = json_object();
	json_t *seen = json_array();

	for (size_t i = 0; i < fault->seen.count && i < LIMIT_TLSRPT_SEEN; i++)
		wire_append(seen, wire_text(fault->seen.list[i]));
	set_text(object, "mx", fault->mx);
	set_text(object, "result", fault->result);
	set_text(object, "organization", fault->organization);
	set_number(object, "type", fault->type);
	set_text(object, "domain", fault->domain);
	set_text(object, "reason", fault->reason);
	wire_set(object, "seen", seen);
	set_number(object, "sessions", fault->sessions);
	set_number(object, "from", fault->from);
	set_number(object, "to", fault->to);
	return object;
}

static json_t *
unread_object(const struct finding *finding)
{
	json_t *object = json_object();

	set_number(object, "kind", finding->kind);
	set_text(object, "subject", finding->subject);
	set_text(object, "what", finding->what);
	set_text(object, "mend", finding->mend);
	return object;
}

static json_t *
tally_array(const struct tlsrpt_tally *tally)
{
	json_t *array = json_array();

	for (size_t type = 0; type < TLSRPT_TYPES; type++) {
		wire_append(array, json_integer(tally->good[type]));
		for (size_t i = 0; i < TLSRPT_RESULTS; i++)
			wire_append(
			    array, json_integer(tally->failed[type][i]));
	}
	return array;
}

static size_t
beyond(size_t count, size_t limit)
{
	return count > limit ? count - limit : 0;
}

static json_t *
numbers_object(const struct collection *collection)
{
	const struct tlsrpt_sums *sums = &collection->sums;
	json_t *object = json_object();

	set_number(object, "old", (int64_t)collection->old);
	set_number(object, "others", (int64_t)collection->others);
	set_number(object, "unread", (int64_t)collection->unread);
	set_number(object, "refused", (int64_t)collection->refused);
	set_number(object, "reports", (int64_t)sums->reports);
	set_number(object, "duplicates", (int64_t)sums->duplicates);
	set_number(object, "good", sums->good);
	set_number(object, "failed", sums->failed);
	set_number(object, "from", sums->from);
	set_number(object, "to", sums->to);
	set_number(object, "senders",
	    (int64_t)(sums->senders_left +
		      beyond(sums->sender_count, HEARSAY_SENDERS)));
	set_number(object, "faults",
	    (int64_t)(sums->faults_left +
		      beyond(sums->fault_count, HEARSAY_FAULTS)));
	wire_set(object, "tally", tally_array(&collection->tally));
	return object;
}

void
hearsay_tell(const struct collection *collection,
    void (*put)(enum message message, json_t *object, void *arg), void *arg)
{
	const struct tlsrpt_sums *sums = &collection->sums;
	const struct tlsrpt_sender **senders = mem_array(
	    sums->sender_count + 1, sizeof(struct tlsrpt_sender *));
	const struct tlsrpt_fault **faults = mem_array(
	    sums->fault_count + 1, sizeof(struct tlsrpt_fault *));

	for (size_t i = 0; i < sums->sender_count; i++)
		senders[i] = &sums->senders[i];
	for (size_t i = 0; i < sums->fault_count; i++)
		faults[i] = &sums->faults[i];
	qsort(senders, sums->sender_count, sizeof(struct tlsrpt_sender *),
	    sender_compare);
	qsort(faults, sums->fault_count, sizeof(struct tlsrpt_fault *),
	    fault_compare);
	for (size_t i = 0; i < sums->sender_count && i < HEARSAY_SENDERS; i++)
		put(MESSAGE_SENDER, sender_object(senders[i]), arg);
	for (size_t i = 0; i < sums->fault_count && i < HEARSAY_FAULTS; i++)
		put(MESSAGE_FAULT, fault_object(faults[i]), arg);
	for (size_t i = 0; i < collection->findings.count && i < HEARSAY_UNREAD;
	     i++)
		put(MESSAGE_UNREAD,
		    unread_object(&collection->findings.list[i]), arg);
	put(MESSAGE_HEARD, numbers_object(collection), arg);
	free(senders);
	free(faults);
}

/* ---- taking ---- */

/* What is plain may have been shorter (base/plain.h). */
enum { PLAIN = 4 };

/* A text of the sender's, a copy; "" with *is_bad. */
static char *
text_take(const json_t *object, const char *name, size_t limit, bool *is_bad)
{
	const char *text = wire_octets(json_object_get(object, name));

	if (text != NULL && strlen(text) <= limit)
		return mem_string(text);
	*is_bad = true;
	return mem_string("");
}

static void
range_take(
    const json_t *object, int64_t *ret_from, int64_t *ret_to, bool *is_bad)
{
	*ret_from = wire_number(
	    object, "from", -LIMIT_TIME, LIMIT_TIME, is_bad);
	*ret_to = wire_number(object, "to", *ret_from, LIMIT_TIME, is_bad);
}

static enum tlsrpt_type
type_take(const json_t *object, bool *is_bad)
{
	return (enum tlsrpt_type)wire_number(
	    object, "type", 0, TLSRPT_OTHER, is_bad);
}

static bool
sender_take(struct tlsrpt_sums *sums, const json_t *object)
{
	struct tlsrpt_sender *sender;
	bool is_bad = false;

	if (sums->sender_count == HEARSAY_SENDERS)
		return false;
	sums->senders = mem_resize(
	    sums->senders, sums->sender_count + 1, sizeof(*sums->senders));
	sender = &sums->senders[sums->sender_count++];
	sender->organization = text_take(
	    object, "organization", LIMIT_TLSRPT_TEXT, &is_bad);
	sender->type = type_take(object, &is_bad);
	sender->domain = text_take(
	    object, "domain", LIMIT_TLSRPT_TEXT, &is_bad);
	sender->good = wire_number(object, "good", 0, INT64_MAX, &is_bad);
	sender->failed = wire_number(object, "failed", 0, INT64_MAX, &is_bad);
	range_take(object, &sender->from, &sender->to, &is_bad);
	return !is_bad;
}

static void
seen_take(const json_t *array, struct texts *seen, bool *is_bad)
{
	size_t count = json_array_size(array);

	if (!json_is_array(array) || count > LIMIT_TLSRPT_SEEN)
		*is_bad = true;
	for (size_t i = 0; !*is_bad && i < count; i++) {
		const char *text = wire_octets(json_array_get(array, i));

		if (text != NULL && strlen(text) <= TLSRPT_RDATA)
			texts_add(seen, text);
		else
			*is_bad = true;
	}
}

static bool
fault_take(struct tlsrpt_sums *sums, const json_t *object)
{
	enum { TEXT = LIMIT_TLSRPT_TEXT };
	struct tlsrpt_fault *fault;
	bool is_bad = false;

	if (sums->fault_count == HEARSAY_FAULTS)
		return false;
	sums->faults = mem_resize(
	    sums->faults, sums->fault_count + 1, sizeof(*sums->faults));
	fault = &sums->faults[sums->fault_count++];
	*fault = (struct tlsrpt_fault){
		.mx = text_take(object, "mx", TEXT, &is_bad),
		.result = text_take(object, "result", TEXT, &is_bad),
		.organization = text_take(
		    object, "organization", TEXT, &is_bad),
		.type = type_take(object, &is_bad),
		.domain = text_take(object, "domain", TEXT, &is_bad),
		.reason = text_take(object, "reason", TEXT, &is_bad),
		.sessions = wire_number(
		    object, "sessions", 0, INT64_MAX, &is_bad),
	};
	seen_take(json_object_get(object, "seen"), &fault->seen, &is_bad);
	range_take(object, &fault->from, &fault->to, &is_bad);
	return !is_bad;
}

/* Only what is about reading: nothing else is who reads mail to say. */
static bool
unread_take(struct findings *findings, const json_t *object)
{
	bool is_bad = findings->count >= HEARSAY_UNREAD;
	enum finding_kind kind = (enum finding_kind)wire_number(
	    object, "kind", 0, FINDING_KINDS - 1, &is_bad);
	char *subject = text_take(
	    object, "subject", PLAIN * LIMIT_NAME, &is_bad);
	char *what = text_take(object, "what", PLAIN * PROBLEM_MAX, &is_bad);
	char *mend = text_take(object, "mend", PLAIN * PROBLEM_MAX, &is_bad);

	is_bad |= kind != FINDING_REPORT_UNREAD &&
		  kind != FINDING_MAIL_LIBRARY && kind != FINDING_LEFT_OUT &&
		  kind != FINDING_REPORT_NONE;
	if (!is_bad)
		finding_add(findings, kind, subject, mend, "%s", what);
	free(subject);
	free(what);
	free(mend);
	return !is_bad;
}

static int64_t
tally_number(const json_t *array, size_t at, bool *is_bad)
{
	const json_t *value = json_array_get(array, at);
	int64_t number = json_is_integer(value) ? json_integer_value(value)
						: -1;

	*is_bad |= number < 0;
	return number < 0 ? 0 : number;
}

static void
tally_take(const json_t *array, struct tlsrpt_tally *tally, bool *is_bad)
{
	size_t at = 0;

	for (size_t type = 0; type < TLSRPT_TYPES; type++) {
		tally->good[type] = tally_number(array, at++, is_bad);
		for (size_t i = 0; i < TLSRPT_RESULTS; i++)
			tally->failed[type][i] = tally_number(
			    array, at++, is_bad);
	}
	*is_bad |= json_array_size(array) != at;
}

static bool
numbers_take(struct collection *collection, const json_t *object)
{
	struct tlsrpt_sums *sums = &collection->sums;
	const struct {
		const char *name;
		size_t *number;
	} counts[] = {
		{ "old", &collection->old },
		{ "others", &collection->others },
		{ "unread", &collection->unread },
		{ "refused", &collection->refused },
		{ "reports", &sums->reports },
		{ "duplicates", &sums->duplicates },
		{ "senders", &sums->senders_left },
		{ "faults", &sums->faults_left },
	};
	bool is_bad = false;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*counts[i].number = (size_t)wire_number(
		    object, counts[i].name, 0, INT32_MAX, &is_bad);
	sums->good = wire_number(object, "good", 0, INT64_MAX, &is_bad);
	sums->failed = wire_number(object, "failed", 0, INT64_MAX, &is_bad);
	range_take(object, &sums->from, &sums->to, &is_bad);
	tally_take(
	    json_object_get(object, "tally"), &collection->tally, &is_bad);
	return !is_bad;
}

/* ---- whom somebody is called for ---- */

static bool
is_lately(const struct tlsrpt_fault *fault, int64_t now)
{
	return fault->to > now - HEARSAY_DAY;
}

/* Whoever the faults came from, the worst are called for. */
static void
recent_choose(struct hearsay *hearsay, int64_t now)
{
	struct tlsrpt_sums *sums = &hearsay->collection.sums;
	size_t count = 0;

	for (size_t i = 0; i < sums->fault_count && count < HEARSAY_RECENT; i++)
		if (is_lately(&sums->faults[i], now) &&
		    verdict_host(&sums->faults[i])[0] != '\0')
			hearsay->recent[count++] = i;
	hearsay->recent_count = count;
}

bool
hearsay_take(
    struct hearsay *hearsay, enum message message, json_t *object, int64_t now)
{
	struct collection *collection = &hearsay->collection;

	switch (message) {
	case MESSAGE_SENDER:
		return sender_take(&collection->sums, object);
	case MESSAGE_FAULT:
		return fault_take(&collection->sums, object);
	case MESSAGE_UNREAD:
		return unread_take(&collection->findings, object);
	case MESSAGE_HEARD:
		if (!numbers_take(collection, object))
			return false;
		recent_choose(hearsay, now);
		return true;
	default:
		return false;
	}
}

static bool
is_host(const char *name, const char *host)
{
	size_t len = strlen(host);

	len -= len > 0 && host[len - 1] == '.';
	return strncmp(name, host, len) == 0 && name[len] == '\0';
}

void
hearsay_find(const struct hearsay *hearsay, const char *host, int64_t now,
    struct findings *findings)
{
	const struct tlsrpt_sums *sums = &hearsay->collection.sums;

	for (size_t i = 0; i < hearsay->recent_count; i++) {
		const struct tlsrpt_fault
		    *fault = &sums->faults[hearsay->recent[i]];

		if (is_lately(fault, now) && is_host(verdict_host(fault), host))
			verdict_add_standing(findings, fault);
	}
}

void
hearsay_fini(struct hearsay *hearsay)
{
	collection_fini(&hearsay->collection);
	*hearsay = (struct hearsay){ .recent_count = 0 };
}
