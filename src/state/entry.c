/* SPDX-License-Identifier: MIT */
#include "entry.h"

#include <stdlib.h>

#include "base/mem.h"
#include "state/json.h"

json_t *
state_version_encode(void)
{
	json_t *object = json_object();

	state_json_set(object, "version", json_integer(STATE_VERSION));
	return object;
}

json_t *
state_zone_encode(const struct state_zone *zone)
{
	json_t *object = json_object();

	state_json_set(object, "zone", state_json_text(zone->name));
	state_json_set(object, "id", json_integer(zone->id));
	state_json_set(object, "serial", json_integer(zone->serial));
	state_json_set(object, "notified", json_integer(zone->notified));
	state_json_set(object, "content",
	    state_json_hex(zone->content, sizeof(zone->content)));
	return object;
}

json_t *
state_owner_encode(const struct state_owner *owner, int64_t now)
{
	json_t *object = json_object();
	json_t *list;

	state_json_set(object, "owner", state_json_text(owner->name));
	if (owner->count == 0) {
		state_json_set(object, "gone", json_integer(now));
		return object;
	}
	state_json_set(object, "ttl", json_integer(owner->ttl));
	list = json_array();
	for (size_t i = 0; i < owner->count; i++) {
		json_t *pair = json_array();

		state_json_append(pair, state_json_text(owner->list[i].rdata));
		state_json_append(pair, json_integer(owner->list[i].since));
		if (owner->list[i].seen != 0)
			state_json_append(
			    pair, json_integer(owner->list[i].seen));
		state_json_append(list, pair);
	}
	state_json_set(object, "list", list);
	return object;
}

static json_t *
generation_encode(const struct state_generation *generation)
{
	json_t *object = json_object();

	state_json_set(object, "since", json_integer(generation->since));
	if (generation->replaced != 0)
		state_json_set(
		    object, "replaced", json_integer(generation->replaced));
	state_chain_encode(generation->chain, object);
	return object;
}

static bool
is_set(const uint8_t *digest, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (digest[i] != 0)
			return true;
	return false;
}

json_t *
state_lineage_encode(const struct state_lineage *lineage, int64_t now)
{
	json_t *object = json_object();
	json_t *key = json_array();
	json_t *list;

	state_json_append(key, state_json_text(lineage->source));
	state_json_append(key, state_json_text(lineage->name));
	state_json_set(object, "lineage", key);
	if (lineage->count == 0) {
		state_json_set(object, "gone", json_integer(now));
		return object;
	}
	state_json_set(object, "file", state_json_text(lineage->file));
	state_json_set(object, "print", state_json_print(&lineage->print));
	if (lineage->remark != NULL)
		state_json_set(
		    object, "remark", state_json_text(lineage->remark));
	if (lineage->deleted != 0)
		state_json_set(
		    object, "deleted", json_integer(lineage->deleted));
	if (is_set(lineage->deployed, sizeof(lineage->deployed)))
		state_json_set(object, "deployed",
		    state_json_hex(
			lineage->deployed, sizeof(lineage->deployed)));
	list = json_array();
	for (size_t i = 0; i < lineage->count; i++)
		state_json_append(list, generation_encode(&lineage->list[i]));
	state_json_set(object, "list", list);
	return object;
}

static bool
zone_decode(const json_t *json, struct state_zone *zone)
{
	bool is_bad = false;

	zone->name = state_json_octets(json_object_get(json, "zone"));
	zone->id = (int32_t)state_json_number(
	    json, "id", INT32_MIN, INT32_MAX, &is_bad);
	zone->serial = (uint32_t)state_json_number(
	    json, "serial", 0, UINT32_MAX, &is_bad);
	zone->notified = (uint32_t)state_json_number(
	    json, "notified", 0, UINT32_MAX, &is_bad);
	return !is_bad && zone->name != NULL &&
	       state_json_read_hex(json_object_get(json, "content"),
		   zone->content, sizeof(zone->content));
}

static bool
association_decode(const json_t *pair, struct state_association *association)
{
	const json_t *since = json_array_get(pair, 1);

	association->rdata = state_json_octets(json_array_get(pair, 0));
	association->since = json_integer_value(since);
	/* 0 if it is not there */
	association->seen = json_integer_value(json_array_get(pair, 2));
	return association->rdata != NULL && json_is_integer(since);
}

static bool
owner_decode(struct state_record *record)
{
	struct state_owner *owner = &record->owner;
	const json_t *list = json_object_get(record->json, "list");
	struct state_association *associations;
	bool is_bad = false;

	owner->name = state_json_octets(json_object_get(record->json, "owner"));
	if (owner->name == NULL || record->gone != 0)
		return owner->name != NULL;
	owner->ttl = (uint32_t)state_json_number(
	    record->json, "ttl", 0, UINT32_MAX, &is_bad);
	if (is_bad || !json_is_array(list))
		return false;
	owner->count = json_array_size(list);
	associations = mem_array(owner->count, sizeof(*associations));
	record->list = associations;
	owner->list = associations;
	for (size_t i = 0; i < owner->count; i++)
		if (!association_decode(
			json_array_get(list, i), &associations[i]))
			return false;
	return true;
}

static bool
generation_decode(json_t *json, const struct state_cas *cas,
    struct state_generation *generation)
{
	bool is_bad = false;

	generation->since = state_json_number(
	    json, "since", INT64_MIN, INT64_MAX, &is_bad);
	generation->replaced = state_json_option(
	    json, "replaced", INT64_MIN, INT64_MAX, &is_bad);
	if (is_bad)
		return false;
	generation->chain = state_chain_decode(json, cas);
	return generation->chain != NULL;
}

static bool
generations_decode(struct state_record *record, const struct state_cas *cas)
{
	struct state_lineage *lineage = &record->lineage;
	const json_t *list = json_object_get(record->json, "list");
	struct state_generation *generations;
	size_t count = json_array_size(list);

	if (!json_is_array(list))
		return false;
	generations = mem_array(count, sizeof(*generations));
	record->list = generations;
	lineage->list = generations;
	while (lineage->count < count) {
		if (!generation_decode(json_array_get(list, lineage->count),
			cas, &generations[lineage->count]))
			return false;
		lineage->count++;
	}
	return true;
}

static bool
lineage_decode(struct state_record *record, const struct state_cas *cas)
{
	struct state_lineage *lineage = &record->lineage;
	const json_t *json = record->json;
	const json_t *key = json_object_get(json, "lineage");
	const json_t *deployed = json_object_get(json, "deployed");
	bool is_bad = false;

	lineage->source = state_json_octets(json_array_get(key, 0));
	lineage->name = state_json_octets(json_array_get(key, 1));
	if (lineage->source == NULL || lineage->name == NULL)
		return false;
	lineage->file = "";
	if (record->gone != 0)
		return true;
	lineage->file = state_json_octets(json_object_get(json, "file"));
	/* A version without it has none; one that is bad is worth no less. */
	lineage->remark = state_json_octets(json_object_get(json, "remark"));
	lineage->deleted = state_json_option(
	    json, "deleted", INT64_MIN, INT64_MAX, &is_bad);
	is_bad |= deployed != NULL &&
		  !state_json_read_hex(
		      deployed, lineage->deployed, sizeof(lineage->deployed));
	return !is_bad && lineage->file != NULL &&
	       state_json_read_print(
		   json_object_get(json, "print"), &lineage->print) &&
	       generations_decode(record, cas);
}

static bool
kind_decode(struct state_record *record, const struct state_cas *cas)
{
	switch (record->kind) {
	case STATE_KIND_CA:
		record->ca = state_ca_decode(record->json);
		return record->ca != NULL;
	case STATE_KIND_ZONE:
		return zone_decode(record->json, &record->zone);
	case STATE_KIND_OWNER:
		return owner_decode(record);
	case STATE_KIND_LINEAGE:
		return lineage_decode(record, cas);
	case STATE_KIND_VERSION:
	case STATE_KIND_OTHER:
		break;
	}
	return true;
}

bool
state_record_decode(const char *text, size_t len, enum state_kind kind,
    const struct state_cas *cas, struct state_record *ret)
{
	struct state_record record = { .kind = kind };
	bool is_bad = false;

	record.json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (record.json == NULL)
		return false;
	record.gone = state_json_option(
	    record.json, "gone", INT64_MIN, INT64_MAX, &is_bad);
	if (is_bad || !kind_decode(&record, cas)) {
		state_record_fini(&record);
		return false;
	}
	*ret = record;
	return true;
}

void
state_record_fini(struct state_record *record)
{
	if (record->kind == STATE_KIND_CA)
		cert_unref(record->ca);
	if (record->kind == STATE_KIND_LINEAGE)
		for (size_t i = 0; i < record->lineage.count; i++)
			chain_unref(record->lineage.list[i].chain);
	free(record->list);
	json_decref(record->json);
}

int64_t
state_version_decode(const char *text, size_t len)
{
	json_t *json = json_loadb(text, len, 0, NULL);
	int64_t version = json_integer_value(json_object_get(json, "version"));

	json_decref(json);
	return version;
}
