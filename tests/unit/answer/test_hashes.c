/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "answer/zone.h"
#include "base/mem.h"

/*
 * The neighbours by hash against a list that is made anew for each question:
 * random owners come and go, the parameters change, and versions that were
 * frozen stay as they were.
 */

enum { STEPS = 2000, LIST = 400 /* of 4 labels: 341 names */ };

static struct dname
name_read(const char *text)
{
	struct dname dname;

	assert_int_equal(dname_parse(text, strlen(text), &dname), STATUS_OK);
	return dname;
}

static struct zone_apex *
apex_make(const char *nsec3)
{
	char name[] = "example.org.";
	char *servers[] = { name };
	struct nsec3 parsed;
	struct config_zone config = { .name = name,
		.dname = name_read(name),
		.nameservers = servers,
		.nameserver_count = 1,
		.hostmaster = name };

	if (nsec3 != NULL) {
		assert_int_equal(nsec3_parse(nsec3, &parsed, NULL), STATUS_OK);
		config.nsec3 = &parsed;
	}
	return zone_apex_new(&config, ZONE_ID_FIRST, 60);
}

static uint32_t
draw(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Few labels, so that names share ancestors and are each other's. */
static struct dname
name_draw(uint32_t *state)
{
	static const char *const labels[] = { "_25", "_tcp", "a", "b" };
	char text[64] = "";
	int count = 1 + (int)(draw(state) % 4);

	for (int i = 0; i < count; i++) {
		(void)strcat(text, labels[draw(state) % LENGTH(labels)]);
		(void)strcat(text, ".");
	}
	(void)strcat(text, "example.org.");
	return name_read(text);
}

/* What there is, by the definition: the hash and the name of each. */
struct naive {
	uint8_t hash[NSEC3_HASH];
	struct dname name;
};

struct list {
	const struct zone *zone;
	struct naive *items;
	size_t count;
};

static void
list_add(struct list *list, const uint8_t *key, size_t len)
{
	struct naive *item = &list->items[list->count];

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].name.len == len &&
		    memcmp(list->items[i].name.key, key, len) == 0)
			return;
	assert_in_range(list->count, 0, LIST - 1);
	nsec3_hash(list->zone->apex->nsec3, key, len, item->hash);
	item->name.len = (uint16_t)len;
	memcpy(item->name.key, key, len);
	list->count++;
}

static bool
list_visit(const struct trie_entry *entry, void *arg)
{
	for (size_t len = entry->len; len > name_read("example.org.").len;
	     len = dname_parent_len(entry->key, len))
		list_add(arg, entry->key, len);
	return true;
}

static int
naive_order(const void *left, const void *right)
{
	return memcmp(left, right, NSEC3_HASH);
}

static void
expect_text(struct buf *got, const char *expected)
{
	assert_string_equal(buf_text(got), expected);
	buf_fini(got);
}

static void
expect_neighbours(const struct list *list, const uint8_t *hash)
{
	struct buf unhashed = { 0 }, before = { 0 }, after = { 0 };
	struct buf name = { 0 }, low = { 0 }, high = { 0 };
	size_t at = list->count - 1;

	for (size_t i = 0; i < list->count; i++)
		if (memcmp(list->items[i].hash, hash, NSEC3_HASH) <= 0)
			at = i;
	dname_format(list->items[at].name.key, list->items[at].name.len, &name);
	nsec3_label(list->items[at].hash, &low);
	nsec3_label(list->items[(at + 1) % list->count].hash, &high);
	zone_neighbours_hashed(list->zone, hash, &unhashed, &before, &after);
	expect_text(&unhashed, buf_text(&name));
	expect_text(&before, buf_text(&low));
	expect_text(&after, buf_text(&high));
	buf_fini(&name);
	buf_fini(&low);
	buf_fini(&high);
}

static void
expect_zone(const struct zone *zone, uint32_t *state)
{
	const struct dname apex = name_read("example.org.");
	struct list list = { zone, mem_array(LIST, sizeof(*list.items)), 0 };
	uint8_t hash[NSEC3_HASH];

	list_add(&list, apex.key, apex.len);
	(void)trie_walk(&zone->owners, "", 0, list_visit, &list);
	qsort(list.items, list.count, sizeof(*list.items), naive_order);
	assert_int_equal(zone->hashes.count, list.count);
	for (size_t i = 0; i < NSEC3_HASH; i++)
		hash[i] = (uint8_t)draw(state);
	expect_neighbours(&list, hash);
	expect_neighbours(&list, list.items[draw(state) % list.count].hash);
	memset(hash, 0, sizeof(hash));
	expect_neighbours(&list, hash);
	memset(hash, 0xff, sizeof(hash));
	expect_neighbours(&list, hash);
	free(list.items);
}

static void
zone_step(struct zone *zone, uint32_t *state)
{
	static const char *const parameters[] = { "1 0 0 -", "1 0 3 ab" };
	struct dname name = name_draw(state);

	if (draw(state) % 50 == 0) {
		struct zone_apex *apex = apex_make(
		    parameters[draw(state) % LENGTH(parameters)]);

		zone_set_apex(zone, apex);
	} else if (zone_get(zone, &name) != NULL && draw(state) % 4 != 0) {
		zone_remove(zone, &name);
	} else {
		zone_set(zone, &name, owner_new(60, 0));
	}
}

static void
test_model(void **test_state)
{
	struct zone *zone = zone_new(apex_make("1 0 0 -"));
	struct zone *frozen = zone_copy(zone);
	uint32_t state = 1;

	(void)test_state;
	for (size_t i = 0; i < STEPS; i++) {
		zone_step(zone, &state);
		expect_zone(zone, &state);
		if (i % 100 != 0)
			continue;
		expect_zone(frozen, &state);
		zone_free(frozen);
		frozen = zone_copy(zone);
	}
	zone_free(frozen);
	zone_free(zone);
}

/* From NSEC to NSEC3, to narrow, and back: only NSEC3 needs the hashes. */
static void
test_parameters(void **test_state)
{
	struct zone *zone = zone_new(apex_make(NULL));
	struct dname name = name_read("_25._tcp.a.example.org.");
	uint32_t state = 7;

	(void)test_state;
	zone_set(zone, &name, owner_new(60, 0));
	assert_int_equal(zone->hashes.count, 0);
	zone_set_apex(zone, apex_make("1 0 0 -"));
	assert_int_equal(zone->hashes.count, 4);
	expect_zone(zone, &state);
	zone_set_apex(zone, apex_make("1 0 0 - narrow"));
	assert_int_equal(zone->hashes.count, 0);
	zone_free(zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
