/* SPDX-License-Identifier: MIT */
/* The own zones as PowerDNS lists them, and whom it has told of their serials.
 */
#include "handlers.h"

#include "base/limit.h"
#include "reply.h"

/* What a walk over zones is doing. */
struct zone_walk {
	const struct call *call;
	bool is_short; /* all domains only */
	size_t count;
	size_t limit; /* all domains only; octets of the reply */
};

static bool
all_domains_visit(const struct trie_entry *entry, void *arg)
{
	struct zone_walk *walk = arg;
	const struct zone *zone = entry->value;

	if (zone->apex->kind != ZONE_OWN)
		return true;
	if (walk->count++ > 0)
		buf_add_string(walk->call->reply, ",");
	if (walk->is_short)
		reply_domain_short(walk->call->reply, zone);
	else
		reply_domain_row(walk->call->reply, zone,
		    notified_get(
			walk->call->context->notified, zone->apex->id));
	return walk->is_short || walk->call->reply->len < walk->limit;
}

/* Returns false, with nothing appended, if it would be too long. */
static bool
all_domains(const struct call *call, bool is_short)
{
	struct buf *reply = call->reply;
	size_t start = reply->len;
	struct zone_walk walk = { .call = call,
		.is_short = is_short,
		.limit = start + LIMIT_LONG_DOMAINS };

	reply_begin(reply);
	buf_add_string(reply, "[");
	(void)trie_walk(
	    &call->context->snapshot->zones, "", 0, all_domains_visit, &walk);
	buf_add_string(reply, "]");
	reply_end(reply);
	if (is_short || reply->len < walk.limit)
		return true;
	reply->len = start;
	return false;
}

/*
 * Lists of zones (pdnsutil, pdns_control, the web API) are made of nothing
 * else; but PowerDNS reads this in a time that grows with the square of its
 * length, and must have read it to start.
 */
enum outcome
method_get_all_domains(const struct call *call)
{
	if (!all_domains(call, false))
		(void)all_domains(call, true);
	return OUTCOME_REPLY;
}

enum outcome
method_get_domain_info(const struct call *call)
{
	const struct zone *zone = call_zone(call, "name");

	if (zone == NULL)
		return call_answer_bool(call, false);
	reply_begin(call->reply);
	reply_domain(call->reply, zone,
	    notified_get(call->context->notified, zone->apex->id));
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

static bool
updated_visit(const struct trie_entry *entry, void *arg)
{
	struct zone_walk *walk = arg;
	const struct zone *zone = entry->value;
	uint32_t notified;

	if (zone->apex->kind != ZONE_OWN)
		return true;
	notified = notified_get(walk->call->context->notified, zone->apex->id);
	if (notified == zone->serial)
		return true;
	if (walk->count++ > 0)
		buf_add_string(walk->call->reply, ",");
	reply_domain(walk->call->reply, zone, notified);
	return true;
}

enum outcome
method_get_updated_masters(const struct call *call)
{
	struct zone_walk walk = { .call = call };

	reply_begin(call->reply);
	buf_add_string(call->reply, "[");
	(void)trie_walk(
	    &call->context->snapshot->zones, "", 0, updated_visit, &walk);
	buf_add_string(call->reply, "]");
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

enum outcome
method_set_notified(const struct call *call)
{
	const struct zone *zone = call_zone_by_id(call);
	int64_t serial = request_number(call->request, "serial", -2);

	/* request_number() reads 4294967295 as -1, and a serial may be it. */
	if (zone == NULL || serial < -1 || serial > UINT32_MAX)
		return call_answer_bool(call, false);
	notified_set(call->context->notified, zone->apex->id, (uint32_t)serial);
	return call_answer_bool(call, true);
}
