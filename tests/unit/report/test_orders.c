/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "report/codec.h"
#include "report_sample.h"
#include "state_sample.h"

/* What is to be read, and what was found before, in pieces and back. */

enum { TIMES = 500 };

static char **
texts_made(unsigned *seed, size_t *ret_count)
{
	char **texts;

	*ret_count = sample_chance(seed, 4);
	texts = mem_array(*ret_count, sizeof(*texts));
	for (size_t i = 0; i < *ret_count; i++)
		texts[i] = sample_text(seed, true);
	return texts;
}

static struct reading *
reading_made(unsigned *seed)
{
	struct reading *reading = reading_empty();

	reading->source_count = SOURCE_TYPES;
	reading->sources = mem_array(SOURCE_TYPES, sizeof(*reading->sources));
	for (int i = 0; i < SOURCE_TYPES; i++) {
		struct config_source *source = &reading->sources[i];

		source->type = (enum source_type)i;
		source->path = sample_text(seed, true);
		source->match = texts_made(seed, &source->match_count);
		source->hosts = texts_made(seed, &source->host_count);
	}
	reading->lineage_count = sample_chance(seed, 6);
	reading->lineages = mem_array(
	    reading->lineage_count, sizeof(*reading->lineages));
	for (size_t i = 0; i < reading->lineage_count; i++) {
		struct config_lineage *lineage = &reading->lineages[i];

		lineage->name = sample_text(seed, true);
		lineage->next = texts_made(seed, &lineage->next_count);
		lineage->has_reuse_key = sample_chance(seed, 2);
		lineage->reuse_key = lineage->has_reuse_key &&
				     sample_chance(seed, 2);
	}
	for (unsigned i = sample_chance(seed, 10); i > 0; i--) {
		char *name = sample_text(seed, true);

		trie_set(&reading->named, name, strlen(name), reading);
		free(name);
	}
	reading->keep_all = sample_chance(seed, 2);
	reading->is_thorough = sample_chance(seed, 2);
	reading->retain = sample_chance(seed, 2) == 0 ? UINT32_MAX : 0;
	return reading;
}

static void
same_texts(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++)
		assert_string_equal(a[i], b[i]);
}

static bool
is_in_other(const struct trie_entry *entry, void *arg)
{
	return trie_get(arg, entry->key, entry->len) != NULL;
}

static void
same_reading(struct reading *a, struct reading *b)
{
	assert_int_equal(a->source_count, b->source_count);
	for (size_t i = 0; i < a->source_count; i++) {
		const struct config_source *one = &a->sources[i];
		const struct config_source *two = &b->sources[i];

		assert_int_equal(one->type, two->type);
		assert_string_equal(one->path, two->path);
		same_texts(
		    one->match, one->match_count, two->match, two->match_count);
		same_texts(
		    one->hosts, one->host_count, two->hosts, two->host_count);
	}
	assert_int_equal(a->lineage_count, b->lineage_count);
	for (size_t i = 0; i < a->lineage_count; i++) {
		const struct config_lineage *one = &a->lineages[i];
		const struct config_lineage *two = &b->lineages[i];

		assert_string_equal(one->name, two->name);
		same_texts(
		    one->next, one->next_count, two->next, two->next_count);
		assert_int_equal(one->has_reuse_key, two->has_reuse_key);
		assert_int_equal(one->reuse_key, two->reuse_key);
	}
	assert_int_equal(a->named.count, b->named.count);
	assert_true(trie_walk(&a->named, "", 0, is_in_other, &b->named));
	assert_int_equal(a->keep_all, b->keep_all);
	assert_int_equal(a->is_thorough, b->is_thorough);
	assert_int_equal(a->retain, b->retain);
}

/* Who hears the pieces as text. */
struct hearing {
	struct reading *reading;
	bool has_way;
};

static void
hear(enum piece piece, json_t *object, void *arg)
{
	struct hearing *hearing = arg;
	char *text = json_dumps(object, 0);
	json_t *heard = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	/* The way is the last one. */
	assert_false(hearing->has_way);
	hearing->has_way = piece == PIECE_WAY;
	assert_true(reading_add(hearing->reading, piece, heard));
	json_decref(heard);
	json_decref(object);
	free(text);
}

static void
test_reading(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TIMES; i++) {
		unsigned seed = i;
		struct reading *reading = reading_made(&seed);
		struct hearing hearing = { reading_empty(), false };

		reading_encode(reading, hear, &hearing);
		assert_true(hearing.has_way);
		same_reading(reading, hearing.reading);
		reading_free(reading);
		reading_free(hearing.reading);
	}
}

static const struct row {
	const char *why;
	enum piece piece;
	const char *text;
} rows[] = {
	{ "no members", PIECE_SOURCE, "{}" },
	{ "no path", PIECE_SOURCE, "{\"type\":0,\"match\":[],\"hosts\":[]}" },
	{ "no such type", PIECE_SOURCE,
	    "{\"type\":99,\"path\":\"/\",\"match\":[],\"hosts\":[]}" },
	{ "a type below", PIECE_SOURCE,
	    "{\"type\":-1,\"path\":\"/\",\"match\":[],\"hosts\":[]}" },
	{ "no match", PIECE_SOURCE,
	    "{\"type\":0,\"path\":\"/\",\"hosts\":[]}" },
	{ "a match that is none", PIECE_SOURCE,
	    "{\"type\":0,\"path\":\"/\",\"match\":[\"a\",1],\"hosts\":[]}" },
	{ "hosts in an object", PIECE_SOURCE,
	    "{\"type\":0,\"path\":\"/\",\"match\":[\"a\"],\"hosts\":{}}" },
	{ "a cut escape", PIECE_SOURCE,
	    "{\"type\":0,\"path\":\"/%4\",\"match\":[],\"hosts\":[]}" },
	{ "no name", PIECE_LINEAGE, "{\"next\":[]}" },
	{ "no next", PIECE_LINEAGE, "{\"name\":\"a\"}" },
	{ "next is no path", PIECE_LINEAGE,
	    "{\"name\":\"a\",\"next\":[\"a\",null]}" },
	{ "no name", PIECE_NAMED, "{}" },
	{ "a NUL", PIECE_NAMED, "{\"name\":\"%00\"}" },
	{ "no retain", PIECE_WAY, "{}" },
	{ "too long", PIECE_WAY, "{\"retain\":4294967296}" },
	{ "a real", PIECE_WAY, "{\"retain\":1.0}" },
	{ "no piece", PIECES, "{}" },
};

/* It stays as it was. */
static void
test_wrong_pieces(void **state)
{
	unsigned seed = 1;
	struct reading *reading = reading_made(&seed);
	struct hearing hearing = { reading_empty(), false };

	(void)state;
	reading_encode(reading, hear, &hearing);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		json_t *object = json_loads(rows[i].text, 0, NULL);

		assert_non_null(object);
		if (reading_add(hearing.reading, rows[i].piece, object))
			fail_msg("taken: %s: %s", rows[i].why, rows[i].text);
		same_reading(reading, hearing.reading);
		json_decref(object);
	}
	reading_free(reading);
	reading_free(hearing.reading);
}

/* A table of names has keys of 65535 octets at most. */
static void
test_long_name(void **state)
{
	struct reading *reading = reading_empty();
	char *name = mem_new(70001);
	json_t *object = json_object();

	(void)state;
	memset(name, 'a', 70000);
	json_object_set_new(object, "name", json_string(name));
	assert_false(reading_add(reading, PIECE_NAMED, object));
	json_decref(object);
	reading_free(reading);
	free(name);
}

static struct known
known_made(unsigned *seed)
{
	struct known known = { .file = sample_text(seed, false),
		.print = { UINT64_MAX, *seed, INT64_MAX, -1, INT64_MIN },
		.has_chain = sample_chance(seed, 2),
		.is_authority = sample_chance(seed, 2),
		.has_all = sample_chance(seed, 2),
		.has_problem = sample_chance(seed, 2),
		.is_deleted = sample_chance(seed, 2) };

	if (known.has_chain)
		known.ca_count = sample_chance(seed, LIMIT_CHAIN);
	return known;
}

static void
same_known(const struct known *a, const struct known *b)
{
	assert_int_equal(a->file == NULL, b->file == NULL);
	if (a->file != NULL)
		assert_string_equal(a->file, b->file);
	assert_true(fingerprint_equal(&a->print, &b->print));
	assert_int_equal(a->has_chain, b->has_chain);
	assert_int_equal(a->ca_count, b->ca_count);
	assert_int_equal(a->is_authority, b->is_authority);
	assert_int_equal(a->has_all, b->has_all);
	assert_int_equal(a->has_problem, b->has_problem);
	assert_int_equal(a->is_deleted, b->is_deleted);
}

static void
test_known(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TIMES; i++) {
		unsigned seed = i;
		struct known known = known_made(&seed);
		char *name = sample_text(&seed, true);
		json_t *object = known_encode(i % 3, name, &known);
		struct known heard = { 0 };
		const char *heard_name = NULL;
		unsigned source = 0;

		assert_true(
		    known_decode(object, 3, &source, &heard_name, &heard));
		assert_int_equal(source, i % 3);
		assert_string_equal(heard_name, name);
		same_known(&known, &heard);
		known_fini(&heard);
		json_decref(object);
		object = known_encode(i % 3, name, &known);
		assert_false(
		    known_decode(object, i % 3, &source, &heard_name, &heard));
		json_decref(object);
		known_fini(&known);
		free(name);
	}
}

/* Each member as another type, or left out. */
static void
test_known_members(void **state)
{
	static const char *const others[] = { "null", "-1", "99", "1.5", "[]",
		"[1,2,3,4]", "[1,2,3,4,5.0]", "{}", "\"%\"" };
	static const struct {
		const char *name;
		bool is_flag;
	} members[] = { { "source", false }, { "name", false },
		{ "file", false }, { "print", false }, { "cas", false },
		{ "authority", true }, { "deleted", true } };
	const struct known known = { .file = NULL, .has_chain = true };

	(void)state;
	for (size_t i = 0; i < LENGTH(members); i++) {
		for (size_t k = 0; k < LENGTH(others); k++) {
			json_t *object = known_encode(0, "a", &known);
			json_t *other = json_loads(
			    others[k], JSON_DECODE_ANY, NULL);
			struct known heard = { 0 };
			const char *name;
			unsigned source;

			json_object_set_new(object, members[i].name, other);
			assert_int_equal(
			    known_decode(object, 1, &source, &name, &heard),
			    members[i].is_flag);
			assert_false(heard.is_deleted || heard.is_authority);
			known_fini(&heard);
			json_decref(object);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_wrong_pieces),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_known_members),
	};

	return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
