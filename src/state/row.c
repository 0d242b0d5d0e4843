/* SPDX-License-Identifier: MIT */
#include "row.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"
#include "pki/cert_json.h"

#define STAMP "(SELECT value + 1 FROM meta WHERE name = 'stamp')"
#define PUT(table, key, values, gone, sum)                                     \
	"REPLACE INTO " table " SELECT " values ", " gone ", " STAMP ", " sum  \
	" WHERE NOT EXISTS (SELECT 1 FROM " table " WHERE " key                \
	" AND sum = " sum ")"
/* Who has no list is gone. */
#define GONE(list)                                                             \
	"CASE WHEN " list " IS NULL"                                           \
	" THEN CAST(strftime('%s', 'now') AS INTEGER) ELSE 0 END"

static const struct table {
	size_t keys;
	size_t count; /* of values, with the keys */
	const char *put;
	const char *all;
	const char *since; /* some commit */
	const char *remove;
} tables[ROW_TABLES] = {
	[ROW_ZONE] = { 1, 5,
	    PUT("zone", "name = ?1", "?1, ?2, ?3, ?4, ?5", "0", "?6"),
	    "SELECT * FROM zone", "SELECT * FROM zone WHERE stamp > ?1",
	    "DELETE FROM zone WHERE name = ?1" },
	[ROW_OWNER] = { 1, 3,
	    PUT("owner", "name = ?1", "?1, ?2, ?3", GONE("?3"), "?4"),
	    "SELECT * FROM owner", "SELECT * FROM owner WHERE stamp > ?1",
	    "DELETE FROM owner WHERE name = ?1" },
	[ROW_CA] = { 1, 2, PUT("ca", "id = ?1", "?1, ?2", "0", "?3"),
	    "SELECT * FROM ca", "SELECT * FROM ca WHERE stamp > ?1",
	    "DELETE FROM ca WHERE id = ?1" },
	[ROW_LINEAGE] = { 2, 12,
	    PUT("lineage", "source = ?1 AND name = ?2",
		"?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12",
		GONE("?12"), "?13"),
	    "SELECT * FROM lineage", "SELECT * FROM lineage WHERE stamp > ?1",
	    "DELETE FROM lineage WHERE source = ?1 AND name = ?2" },
	[ROW_ALARM] = { 1, 5,
	    PUT("alarm", "name = ?1", "?1, ?2, ?3, ?4, ?5", GONE("?5"), "?6"),
	    "SELECT * FROM alarm", "SELECT * FROM alarm WHERE stamp > ?1",
	    "DELETE FROM alarm WHERE name = ?1" },
};

/* ---- rows ---- */

static const void *
value_data(const struct value *value)
{
	return value->type == VALUE_NUMBER ? (const void *)&value->number
					   : value->data;
}

static size_t
value_len(const struct value *value)
{
	return value->type == VALUE_NUMBER ? sizeof(value->number) : value->len;
}

static void
row_sum(const struct row *row, uint8_t ret[ROW_SUM])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct buf all = { 0 };
	int done;

	for (size_t i = 0; i < tables[row->table].count; i++) {
		const struct value *value = &row->values[i];
		size_t len = value_len(value);

		buf_add_number(&all, (unsigned long long)value->type);
		buf_add(&all, " ", 1);
		buf_add_number(&all, len);
		buf_add(&all, ":", 1);
		buf_add(&all, value_data(value), len);
	}
	done = EVP_Digest(all.data, all.len, digest, NULL, EVP_sha256(), NULL);
	assert(done == 1);
	memcpy(ret, digest, ROW_SUM);
	buf_fini(&all);
}

void
row_fini(struct row *row)
{
	free(row->owned);
}

size_t
row_size(const struct row *row)
{
	size_t size = 0;

	for (size_t i = 0; i < tables[row->table].count; i++)
		size += value_len(&row->values[i]);
	return size;
}

struct row *
row_copy(const struct row *row)
{
	struct row *copy = mem_copy(row, sizeof(*row));
	char *at = mem_new(row_size(row) + 1);

	copy->owned = at;
	for (size_t i = 0; i < tables[row->table].count; i++) {
		struct value *value = &copy->values[i];

		if (value->data == NULL)
			continue;
		value->data = memcpy(at, value->data, value->len);
		at += value->len;
	}
	return copy;
}

void
row_free(void *row)
{
	row_fini(row);
	free(row);
}

bool
row_is_gone(const struct row *row)
{
	size_t last = tables[row->table].count - 1;

	return row->table != ROW_ZONE && row->values[last].data == NULL;
}

void
row_key(const struct row *row, struct buf *key)
{
	for (size_t i = 0; i < tables[row->table].keys; i++)
		buf_add_format(key, "%d %.*s%c", (int)row->table,
		    (int)row->values[i].len, (const char *)row->values[i].data,
		    '\0');
}

int
row_write(const struct row *row, struct database *database)
{
	const struct table *table = &tables[row->table];
	struct value values[ROW_VALUES + 1];
	uint8_t sum[ROW_SUM];

	row_sum(row, sum);
	memcpy(values, row->values, sizeof(row->values));
	values[table->count] = value_octets(sum, sizeof(sum));
	return database_run(database, table->put, values, table->count + 1);
}

int
row_remove(const struct row *row, struct database *database)
{
	const struct table *table = &tables[row->table];

	return database_run(database, table->remove, row->values, table->keys);
}

int
row_walk(struct database *database, enum row_table table, int64_t stamp,
    void (*visit)(const struct row *row, bool is_whole, void *arg), void *arg)
{
	sqlite3_stmt *at = database_statement(
	    database, stamp < 0 ? tables[table].all : tables[table].since);
	size_t count = tables[table].count;
	struct row row = { .table = table };

	if (stamp >= 0)
		(void)sqlite3_bind_int64(at, 1, stamp);
	while (at != NULL && sqlite3_step(at) == SQLITE_ROW) {
		struct value there = database_value(at, (int)count + 2);
		uint8_t sum[ROW_SUM];

		for (size_t i = 0; i < count; i++)
			row.values[i] = database_value(at, (int)i);
		row_sum(&row, sum);
		visit(&row,
		    there.len == sizeof(sum) &&
			memcmp(there.data, sum, sizeof(sum)) == 0,
		    arg);
	}
	return at != NULL ? sqlite3_reset(at)
			  : sqlite3_errcode(database->handle);
}

/* ---- things as rows ---- */

static struct value
value_json(json_t *json, struct row *row)
{
	char *text = json_dumps(json, JSON_COMPACT);

	assert(text != NULL);
	json_decref(json);
	row->owned = text;
	return value_text(text);
}

void
row_of_zone(const struct state_zone *zone, struct row *ret)
{
	*ret = (struct row){ ROW_ZONE,
		{ value_text(zone->name), value_number(zone->id),
		    value_number(zone->serial), value_number(zone->notified),
		    value_octets(zone->content, sizeof(zone->content)) },
		NULL };
}

void
row_of_owner(const struct state_owner *owner, struct row *ret)
{
	json_t *list = json_array();

	for (size_t i = 0; i < owner->count; i++) {
		json_t *item = json_array();

		wire_append(item, wire_text(owner->list[i].rdata));
		wire_append(item, json_integer(owner->list[i].since));
		if (owner->list[i].seen != 0 || owner->ttl_before != 0)
			wire_append(item, json_integer(owner->list[i].seen));
		/* Of all of them; an earlier version reads three. */
		if (owner->ttl_before != 0) {
			wire_append(item, json_integer(owner->lowered));
			wire_append(item, json_integer(owner->ttl_before));
		}
		wire_append(list, item);
	}
	*ret = (struct row){ ROW_OWNER,
		{ value_text(owner->name), value_number(owner->ttl) }, NULL };
	if (owner->count > 0)
		ret->values[2] = value_json(list, ret);
	else
		json_decref(list);
}

/* A CA certificate goes by the digest of all that is said of it. */
void
row_of_ca(const struct cert *cert, struct row *ret)
{
	json_t *facts = json_object();
	struct buf id = { 0 };
	uint8_t sum[ROW_SUM];

	cert_json_encode(cert, facts);
	*ret = (struct row){ .table = ROW_CA };
	ret->values[1] = value_json(facts, ret);
	row_sum(ret, sum);
	buf_add_hex(&id, sum, sizeof(sum));
	buf_add(&id, "", 1);
	buf_add_string(&id, ret->owned);
	free(ret->owned);
	ret->owned = id.data;
	ret->values[0] = value_text(buf_text(&id));
	ret->values[1] = value_text(id.data + 2 * ROW_SUM + 1);
	ret->owned = id.data;
}

static json_t *
generation_encode(
    const struct state_generation *generation, const struct trie *keys)
{
	const struct chain *chain = generation->chain;
	json_t *object = json_object();
	json_t *leaf = json_object();
	json_t *cas = json_array();

	wire_set(object, "since", json_integer(generation->since));
	if (generation->replaced != 0)
		wire_set(
		    object, "replaced", json_integer(generation->replaced));
	cert_json_encode(chain->leaf, leaf);
	wire_set(object, "leaf", leaf);
	for (size_t i = 0; i < chain->ca_count; i++) {
		const struct ca_key *key = trie_get(
		    keys, &chain->ca[i], sizeof(chain->ca[i]));

		assert(key != NULL);
		wire_append(cas, json_string(key->text));
	}
	wire_set(object, "ca", cas);
	return object;
}

void
row_of_lineage(const struct state_lineage *lineage, const struct trie *keys,
    struct row *ret)
{
	const struct fingerprint *print = &lineage->print;
	json_t *list = json_array();

	for (size_t i = 0; i < lineage->count; i++)
		wire_append(list, generation_encode(&lineage->list[i], keys));
	/* Integers of SQLite are signed. */
	*ret = (struct row){ ROW_LINEAGE,
		{ value_text(lineage->source), value_text(lineage->name),
		    value_text(lineage->file),
		    value_number((int64_t)print->device),
		    value_number((int64_t)print->inode),
		    value_number(print->size), value_number(print->modified),
		    value_number(print->changed), value_text(lineage->remark),
		    value_number(lineage->deleted),
		    value_octets(lineage->deployed,
			lineage->deployed_count * sizeof(struct deployed)) },
		NULL };
	if (lineage->count > 0)
		ret->values[11] = value_json(list, ret);
	else
		json_decref(list);
}

void
row_of_alarm(const struct state_alarm *alarm, struct row *ret)
{
	*ret = (struct row){ ROW_ALARM,
		{ value_text(alarm->name), value_number(alarm->since),
		    value_number(alarm->ended), value_number(alarm->is_told),
		    value_text(alarm->facts) },
		NULL };
}
