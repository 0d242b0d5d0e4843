/* SPDX-License-Identifier: MIT */
#include "call.h"

#include "reply.h"

enum outcome
call_answer_bool(const struct call *call, bool value)
{
	reply_bool(call->reply, value);
	return OUTCOME_REPLY;
}

const struct zone *
call_zone(const struct call *call, const char *parameter)
{
	const struct zone *zone;
	struct dname apex;

	if (!request_dname(call->request, parameter, &apex))
		return NULL;
	zone = snapshot_zone(call->context->snapshot, &apex);
	return zone != NULL && zone->apex->kind == ZONE_OWN ? zone : NULL;
}

/* A zone that is looked for by its id. */
struct zone_id {
	int64_t id;
	const struct zone *found;
};

static bool
by_id_visit(const struct trie_entry *entry, void *arg)
{
	struct zone_id *wanted = arg;
	const struct zone *zone = entry->value;

	if (zone->apex->kind != ZONE_OWN || zone->apex->id != wanted->id)
		return true;
	wanted->found = zone;
	return false;
}

const struct zone *
call_zone_by_id(const struct call *call)
{
	struct zone_id wanted = {
		.id = request_number(call->request, "id", -1),
	};

	(void)trie_walk(
	    &call->context->snapshot->zones, "", 0, by_id_visit, &wanted);
	return wanted.found;
}
