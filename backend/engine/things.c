/* SPDX-License-Identifier: MIT */
#include "things.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char *
things_source(const struct config_source *source)
{
	return mem_format(
	    "%s:%s", source_type_text(source->type), source->path);
}

void
things_put_owner(
    struct state *state, const char *name, const struct owner *owner)
{
	struct state_owner row = { .name = name };
	struct state_association *list = NULL;

	if (owner != NULL && !owner->is_unknown) {
		list = mem_array(owner->count, sizeof(*list));
		for (size_t i = 0; i < owner->count; i++)
			list[i] = (struct state_association){
				owner->rdata[i]->text, owner->times[i].since,
				owner->times[i].seen
			};
		row = (struct state_owner){ name, owner->ttl, list,
			owner->count, owner->lowered.ttl, owner->lowered.at };
	}
	state_put_owner(state, &row);
	free(list);
}

void
things_put_zone(struct state *state, const struct zone *zone, uint32_t notified)
{
	struct state_zone row = {
		.name = zone->apex->name,
		.id = zone->apex->id,
		.serial = zone->serial,
		.notified = notified,
	};

	memcpy(row.content, &zone->content, sizeof(row.content));
	state_put_zone(state, &row);
}

void
things_put_lineage(struct state *state, const struct lineage *lineage,
    const struct config_source *source)
{
	char *name = things_source(source);
	struct state_generation *list = mem_array(
	    lineage->generation_count, sizeof(*list));
	const struct state_lineage row = {
		.source = name,
		.name = lineage->name,
		.file = lineage->file != NULL ? lineage->file : "",
		.print = lineage->print,
		.remark = lineage->remark,
		.deleted = lineage->deleted,
		.deployed = lineage->deployed,
		.deployed_count = lineage->deployed_count,
		.list = list,
		.count = lineage->generation_count,
	};

	for (size_t i = 0; i < lineage->generation_count; i++)
		list[i] = (struct state_generation){
			lineage->generations[i].chain,
			lineage->generations[i].since,
			lineage->generations[i].replaced
		};
	state_put_lineage(state, &row);
	free(list);
	free(name);
}

void
things_put_alarm(
    struct state *state, const char *name, const struct alarm *alarm)
{
	struct state_alarm row = { .name = name };

	if (alarm != NULL)
		row = (struct state_alarm){ name, alarm->facts, alarm->since,
			alarm->ended, alarm->is_told };
	state_put_alarm(state, &row);
}
