/* SPDX-License-Identifier: MIT */
#include "row_tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"
#include "pki/cert_json.h"

/* Return a JSON array (new), also for none, or NULL. */
static json_t *
list_read(const struct value *value)
{
	json_t *list = value->data == NULL
			   ? json_array()
			   : json_loadb(value->data, value->len, 0, NULL);

	if (json_is_array(list))
		return list;
	json_decref(list);
	return NULL;
}

static bool
zone_tell(const struct row *row, const struct state_hooks *hooks)
{
	const struct value *values = row->values;
	struct state_zone zone = {
		.name = values[0].data,
		.id = (int32_t)values[1].number,
		.serial = (uint32_t)values[2].number,
		.notified = (uint32_t)values[3].number,
	};

	if (values[4].len != sizeof(zone.content))
		return false;
	memcpy(zone.content, values[4].data, sizeof(zone.content));
	if (hooks->zone != NULL)
		hooks->zone(&zone, hooks->arg);
	return true;
}

static bool
owner_tell(const struct row *row, const struct state_hooks *hooks)
{
	json_t *json = list_read(&row->values[2]);
	struct state_association *list = mem_array(
	    json_array_size(json), sizeof(*list));
	struct state_owner owner = { .name = row->values[0].data,
		.ttl = (uint32_t)row->values[1].number,
		.list = list,
		.count = json_array_size(json) };
	bool is_good = json != NULL;

	for (size_t i = 0; i < owner.count; i++) {
		const json_t *item = json_array_get(json, i);

		list[i] = (struct state_association){
			wire_octets(json_array_get(item, 0)),
			json_integer_value(json_array_get(item, 1)),
			json_integer_value(json_array_get(item, 2))
		};
		owner.lowered = json_integer_value(json_array_get(item, 3));
		owner.ttl_before = (uint32_t)json_integer_value(
		    json_array_get(item, 4));
		is_good = is_good && list[i].rdata != NULL;
	}
	if (is_good && hooks->owner != NULL)
		hooks->owner(&owner, hooks->arg);
	json_decref(json);
	free(list);
	return is_good;
}

struct cert *
row_cert(const struct row *row)
{
	json_t *facts = json_loadb(
	    row->values[1].data, row->values[1].len, 0, NULL);
	struct cert *cert = facts != NULL ? cert_json_decode(facts) : NULL;

	json_decref(facts);
	return cert;
}

/* It ends where a CA certificate was lost: thousands of lineages share one. */
static struct chain *
chain_decode(json_t *object, const struct trie *cas)
{
	const json_t *ids = json_object_get(object, "ca");
	size_t count = json_array_size(ids);
	json_t *leaf = json_object_get(object, "leaf");
	struct chain *chain;

	if (count > LIMIT_CHAIN)
		return NULL;
	chain = mem_new(sizeof(*chain) + count * sizeof(chain->ca[0]));
	chain->refs = 1;
	chain->leaf = leaf != NULL ? cert_json_decode(leaf) : NULL;
	for (size_t i = 0; i < count; i++) {
		const json_t *id = json_array_get(ids, i);
		struct cert *cert = trie_get(
		    cas, json_string_value(id), json_string_length(id));

		if (cert == NULL)
			break;
		chain->ca[chain->ca_count++] = cert_ref(cert);
	}
	if (chain->leaf != NULL)
		return chain;
	chain_unref(chain);
	return NULL;
}

/* One leaf alone, or octets that are all 0 for none, are of earlier versions.
 */
static size_t
deployed_read(const struct value *value, struct deployed *list)
{
	static const uint8_t none[sizeof(list->leaf)];

	if (value->len == sizeof(none) &&
	    memcmp(value->data, none, sizeof(none)) != 0) {
		list[0] = (struct deployed){ .place = { 0 } };
		memcpy(list[0].leaf, value->data, sizeof(none));
		return 1;
	}
	if (value->len % sizeof(*list) != 0 ||
	    value->len / sizeof(*list) > DEPLOYED_MAX)
		return 0;
	if (value->len > 0)
		memcpy(list, value->data, value->len);
	return value->len / sizeof(*list);
}

static bool
lineage_tell(const struct row *row, const struct trie *cas,
    const struct state_hooks *hooks)
{
	const struct value *values = row->values;
	struct deployed deployed[DEPLOYED_MAX];
	json_t *json = list_read(&values[11]);
	struct state_generation *list = mem_array(
	    json_array_size(json), sizeof(*list));
	struct state_lineage lineage = {
		.source = values[0].data,
		.name = values[1].data,
		.file = values[2].data != NULL ? values[2].data : "",
		.print = { (uint64_t)values[3].number,
		    (uint64_t)values[4].number, values[5].number,
		    values[6].number, values[7].number },
		.remark = values[8].data,
		.deleted = values[9].number,
		.list = list,
	};
	bool is_good = json != NULL;

	lineage.deployed = deployed;
	lineage.deployed_count = deployed_read(&values[10], deployed);
	for (size_t i = 0; is_good && i < json_array_size(json); i++) {
		json_t *object = json_array_get(json, i);
		struct chain *chain = chain_decode(object, cas);

		is_good = chain != NULL;
		if (is_good)
			list[lineage.count++] = (struct state_generation){
				chain,
				json_integer_value(
				    json_object_get(object, "since")),
				json_integer_value(
				    json_object_get(object, "replaced"))
			};
	}
	if (is_good && hooks->lineage != NULL)
		hooks->lineage(&lineage, hooks->arg);
	for (size_t i = 0; i < lineage.count; i++)
		chain_unref(list[i].chain);
	json_decref(json);
	free(list);
	return is_good;
}

static bool
alarm_tell(const struct row *row, const struct state_hooks *hooks)
{
	const struct value *values = row->values;
	const struct state_alarm alarm = { values[0].data, values[4].data,
		values[1].number, values[2].number, values[3].number != 0 };

	if (hooks->alarm != NULL)
		hooks->alarm(&alarm, hooks->arg);
	return true;
}

bool
row_tell(const struct row *row, const struct trie *cas,
    const struct state_hooks *hooks)
{
	if (row->table == ROW_ZONE)
		return zone_tell(row, hooks);
	if (row->table == ROW_OWNER)
		return owner_tell(row, hooks);
	if (row->table == ROW_ALARM)
		return alarm_tell(row, hooks);
	return lineage_tell(row, cas, hooks);
}
