/* SPDX-License-Identifier: MIT */
#include "remote/method.h"

#include <string.h>

#include "base/glob.h"
#include "base/installed.h"
#include "handlers.h"
#include "reply.h"

static enum outcome
cannot_tell(const struct call *call, const uint8_t *key, size_t len)
{
	struct buf name = { 0 };

	dname_format(key, len, &name);
	problem_set(call->problem,
	    "cannot tell what belongs to '%s': its "
	    "lineage could not be read since the start",
	    buf_text(&name));
	buf_fini(&name);
	return OUTCOME_CANNOT_TELL;
}

static enum outcome
method_initialize(const struct call *call)
{
	if (call->context->is_greeted != NULL)
		*call->context->is_greeted = true;
	return call_answer_bool(call, true);
}

static void
lookup_apex(struct records *records, const struct zone *zone, const char *qtype)
{
	bool any = strcmp(qtype, "ANY") == 0;

	/* Anything else beside a SOA that was asked for is an error there. */
	if (any || strcmp(qtype, "SOA") == 0)
		records_add_soa(records, zone);
	if (any || strcmp(qtype, "NS") == 0)
		records_add_ns(records, zone);
}

static enum outcome
lookup_in(const struct call *call, const struct zone *zone,
    const struct dname *qname, const char *qtype, int64_t id)
{
	const struct owner *owner = NULL;
	bool any = strcmp(qtype, "ANY") == 0;
	bool tlsa = any || strcmp(qtype, "TLSA") == 0;
	enum found found = zone_find(zone, qname, &owner);
	struct records records;

	if (found == FOUND_UNKNOWN && tlsa)
		return cannot_tell(call, qname->key, qname->len);
	records_begin(&records, call->reply, id);
	if (found == FOUND_APEX) {
		lookup_apex(&records, zone, qtype);
	} else if (found == FOUND_OWNER && tlsa) {
		records_add_tlsa(&records, qname->key, qname->len, owner);
	} else if (found == FOUND_EMPTY_NON_TERMINAL && any) {
		records_add_empty_non_terminal(
		    &records, qname->key, qname->len);
	}
	records_end(&records);
	return OUTCOME_REPLY;
}

/*
 * PowerDNS asks for nearly everything with ANY, and only for the SOA by its
 * type.  Inside another backend's zone it carries that zone's id: there our
 * own zone must stay silent, or it would hide the delegation to itself.
 */
static enum outcome
method_lookup(const struct call *call)
{
	const char *qtype = request_string(call->request, "qtype");
	int64_t id = request_number(call->request, "zone-id", -1);
	const struct zone *zone = NULL;
	struct dname qname;

	if (qtype == NULL || request_string(call->request, "qname") == NULL) {
		problem_set(call->problem, "lookup without qname and qtype");
		return OUTCOME_CANNOT_TELL;
	}
	if (request_dname(call->request, "qname", &qname))
		zone = snapshot_zone_of(call->context->snapshot, &qname);
	if (zone != NULL && zone->apex->kind == ZONE_OWN) {
		if (id != -1 && id != zone->apex->id)
			zone = NULL;
		else
			id = zone->apex->id;
	}
	if (zone != NULL)
		return lookup_in(call, zone, &qname, qtype, id);
	reply_empty(call->reply);
	return OUTCOME_REPLY;
}

/* What a walk over owners is doing. */
struct owner_walk {
	struct records records;
	const struct zone *zone; /* list only */
	struct trie_entry last;  /* list only; the entry before */
	const char *pattern;     /* search only */
	size_t limit;            /* search only */
	bool is_unknown;         /* what `last` has cannot be told */
};

/*
 * The empty non-terminals that come before the entry.  What is above the last
 * entry as well was there before it.
 */
static void
list_above(struct owner_walk *walk, const struct trie_entry *entry)
{
	const struct trie_entry *last = &walk->last;

	for (size_t len = walk->zone->apex->dname.len + 1; len < entry->len;
	     len++) {
		if (entry->key[len - 1] != 0 ||
		    (last->len >= len &&
			memcmp(last->key, entry->key, len) == 0))
			continue;
		records_add_empty_non_terminal(&walk->records, entry->key, len);
	}
}

static bool
list_visit(const struct trie_entry *entry, void *arg)
{
	struct owner_walk *walk = arg;
	const struct owner *owner = entry->value;

	if (!owner->is_unknown) {
		list_above(walk, entry);
		records_add_tlsa(&walk->records, entry->key, entry->len, owner);
	}
	walk->last = *entry;
	walk->is_unknown = owner->is_unknown;
	return !walk->is_unknown;
}

/*
 * With the empty non-terminals, or pdnsutil check-zone would take each for a
 * name that somebody forgot.
 */
static enum outcome
method_list(const struct call *call)
{
	const struct zone *zone = call_zone(call, "zonename");
	size_t start = call->reply->len;
	struct owner_walk walk = { .zone = zone };

	if (zone == NULL)
		return call_answer_bool(call, false);
	records_begin(&walk.records, call->reply, zone->apex->id);
	records_add_soa(&walk.records, zone);
	records_add_ns(&walk.records, zone);
	(void)trie_walk(&zone->owners, "", 0, list_visit, &walk);
	if (walk.is_unknown) {
		/* A transfer that lacks an RRset denies it everywhere. */
		call->reply->len = start;
		return cannot_tell(call, walk.last.key, walk.last.len);
	}
	records_end(&walk.records);
	return OUTCOME_REPLY;
}

static bool
search_visit(const struct trie_entry *entry, void *arg)
{
	struct owner_walk *walk = arg;
	struct buf name = { 0 };

	if (walk->records.count >= walk->limit)
		return false;
	dname_format(entry->key, entry->len, &name);
	/* People write names with and without the final dot. */
	if (glob_match(walk->pattern, name.data, name.len) ||
	    glob_match(walk->pattern, name.data, name.len - 1))
		records_add_tlsa(
		    &walk->records, entry->key, entry->len, entry->value);
	buf_fini(&name);
	return true;
}

static bool
search_zone_visit(const struct trie_entry *entry, void *arg)
{
	struct owner_walk *walk = arg;
	const struct zone *zone = entry->value;

	if (zone->apex->kind != ZONE_OWN)
		return true;
	walk->records.id = zone->apex->id;
	return trie_walk(&zone->owners, "", 0, search_visit, walk);
}

static enum outcome
method_search_records(const struct call *call)
{
	struct owner_walk owners = {
		.pattern = request_string(call->request, "pattern"),
	};
	int64_t limit = request_number(call->request, "maxResults", 100);

	if (owners.pattern == NULL)
		return call_answer_bool(call, false);
	owners.limit = limit > 0 ? (size_t)limit : 0;
	records_begin(&owners.records, call->reply, -1);
	(void)trie_walk(
	    &call->context->snapshot->zones, "", 0, search_zone_visit, &owners);
	records_end(&owners.records);
	return OUTCOME_REPLY;
}

static enum outcome
method_direct_backend_cmd(const struct call *call)
{
	const char *query = request_string(call->request, "query");
	struct buf text = { 0 };

	if (query != NULL && strcmp(query, "version") == 0)
		buf_add_format(&text, "pdns-tlsa %s", installed_version);
	else if (query != NULL && strcmp(query, "zones") == 0)
		buf_add_format(&text, "%zu zones and overlays",
		    call->context->snapshot->zones.count);
	else
		buf_add_string(&text, "commands: help, version, zones");
	buf_add_string(&text, "\n");
	reply_begin(call->reply);
	reply_string(call->reply, text.data, text.len);
	reply_end(call->reply);
	buf_fini(&text);
	return OUTCOME_REPLY;
}

enum use {
	GREETS, /* is answered before there is a snapshot */
	ANSWERS,
	KEEPS, /* takes texts, which false refuses */
};

/*
 * PowerDNS remote backend, 4.7 to 5.2.  What is not listed is refused: zones
 * are not written to, and no zone is secondary here.
 */
static const struct {
	const char *name;
	method_fn *answer;
	enum use use;
} methods[] = {
	{ "lookup", method_lookup, ANSWERS },
	{ "APILookup", method_lookup, ANSWERS },
	{ "initialize", method_initialize, GREETS },
	{ "list", method_list, ANSWERS },
	{ "getAllDomains", method_get_all_domains, ANSWERS },
	{ "getDomainInfo", method_get_domain_info, ANSWERS },
	{ "getBeforeAndAfterNamesAbsolute", method_get_before_and_after,
	    ANSWERS },
	{ "getDomainMetadata", method_get_domain_metadata, ANSWERS },
	{ "getAllDomainMetadata", method_get_all_domain_metadata, ANSWERS },
	{ "setDomainMetadata", method_set_domain_metadata, KEEPS },
	{ "getDomainKeys", method_get_domain_keys, ANSWERS },
	{ "addDomainKey", method_add_domain_key, KEEPS },
	{ "removeDomainKey", method_remove_domain_key, ANSWERS },
	{ "activateDomainKey", method_set_domain_key, ANSWERS },
	{ "deactivateDomainKey", method_set_domain_key, ANSWERS },
	{ "publishDomainKey", method_set_domain_key, ANSWERS },
	{ "unpublishDomainKey", method_set_domain_key, ANSWERS },
	{ "getTSIGKey", method_get_tsig_key, ANSWERS },
	{ "getTSIGKeys", method_get_tsig_keys, ANSWERS },
	{ "setTSIGKey", method_set_tsig_key, KEEPS },
	{ "deleteTSIGKey", method_delete_tsig_key, ANSWERS },
	{ "getUpdatedMasters", method_get_updated_masters, ANSWERS },
	{ "setNotified", method_set_notified, ANSWERS },
	{ "directBackendCmd", method_direct_backend_cmd, ANSWERS },
	{ "searchRecords", method_search_records, ANSWERS },
};

#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

static size_t
method_find(const struct request *request)
{
	size_t at = 0;

	while (
	    at < METHOD_COUNT && strcmp(methods[at].name, request->method) != 0)
		at++;
	return at;
}

/*
 * PowerDNS hands on whatever octets it is given, which our file of keys and
 * metadata cannot hold.  Closing the connection would tell nobody why.
 */
static enum outcome
answer_damaged(
    const char *line, size_t len, struct buf *reply, struct problem *problem)
{
	struct request request;
	size_t at;

	if (request_parse_damaged(line, len, &request, NULL) != STATUS_OK)
		return OUTCOME_MALFORMED;
	at = method_find(&request);
	if (at == METHOD_COUNT || methods[at].use != KEEPS) {
		request_fini(&request);
		return OUTCOME_MALFORMED;
	}
	problem_set(problem,
	    "%s refused: a text that is not UTF-8, or has a NUL in it",
	    methods[at].name);
	reply_bool(reply, false);
	request_fini(&request);
	return OUTCOME_REPLY;
}

enum outcome
method_answer(const struct method_context *context, const char *line,
    size_t len, struct buf *reply, struct problem *problem)
{
	struct request request;
	struct call call = { context, &request, reply, problem };
	enum outcome outcome = OUTCOME_REPLY;
	size_t at;

	if (request_parse(line, len, &request, problem) != STATUS_OK)
		return answer_damaged(line, len, reply, problem);
	at = method_find(&request);
	if (at == METHOD_COUNT)
		outcome = call_answer_bool(&call, false);
	else if (methods[at].use != GREETS && context->snapshot == NULL)
		outcome = OUTCOME_WAIT;
	else
		outcome = methods[at].answer(&call);
	request_fini(&request);
	return outcome;
}
