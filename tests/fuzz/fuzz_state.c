/* SPDX-License-Identifier: MIT */
/*
 * Any octets as the journal of an earlier version: what makes sense of it is
 * taken over, or it is refused and left alone; after that it is told alike each
 * time, and what is put is there.
 */
#include <string.h>

#include "scratch.h"
#include "state/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was told, in a form that does not depend on the order. */
struct told {
	size_t count;
	size_t sum;
};

static void
tell_zone(const struct state_zone *zone, void *arg)
{
	struct told *told = arg;

	told->count++;
	told->sum += strlen(zone->name) + zone->serial + zone->notified;
}

static void
tell_owner(const struct state_owner *owner, void *arg)
{
	struct told *told = arg;

	told->count++;
	told->sum += strlen(owner->name) + owner->ttl;
	for (size_t i = 0; i < owner->count; i++)
		told->sum += strlen(owner->list[i].rdata) +
			     (size_t)owner->list[i].since;
}

static void
tell_lineage(const struct state_lineage *lineage, void *arg)
{
	struct told *told = arg;

	told->count++;
	told->sum += strlen(lineage->source) + strlen(lineage->name) +
		     strlen(lineage->file) + (size_t)lineage->deleted;
	for (size_t i = 0; i < lineage->count; i++)
		told->sum += strlen(lineage->list[i].chain->leaf->subject) +
			     lineage->list[i].chain->ca_count;
}

static enum status
open_telling(struct told *told, struct state **ret_state)
{
	const struct state_hooks hooks = { tell_zone, tell_owner, tell_lineage,
		NULL, told };
	struct problem problem = { "" };
	char *warning = NULL;
	enum status status = state_open(
	    scratch_directory, true, &hooks, ret_state, &warning, &problem);

	assert(status == STATUS_OK || status == STATUS_REFUSED);
	assert((status == STATUS_OK) == (problem.text[0] == '\0'));
	assert(warning == NULL);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct state_zone zone = { .name = "put.example", .serial = 7 };
	struct told first = { 0 };
	struct told again = { 0 };
	struct state *state;
	enum status status;

	scratch_fill("state.jsonl", data, size);
	if (open_telling(&first, &state) != STATUS_OK)
		return 0;
	status = state_begin(state, NULL);
	assert(status == STATUS_OK);
	state_put_zone(state, &zone);
	status = state_commit(state, NULL);
	assert(status == STATUS_OK);
	state_close(state);
	status = open_telling(&again, &state);
	assert(status == STATUS_OK);
	assert(again.count == first.count || again.count == first.count + 1);
	assert(again.count == first.count ||
	       again.sum == first.sum + strlen(zone.name) + zone.serial);
	state_close(state);
	return 0;
}
