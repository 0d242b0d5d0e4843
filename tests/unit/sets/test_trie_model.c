/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sets/trie.h"

/*
 * The model test compares several versions of a trie with sorted arrays after
 * every random change.  Keys are short and drawn from few octets, so that they
 * are often equal, and prefixes of each other.
 */
enum { STEPS = 20000, VERSIONS = 5, KEY_LEN = 5, MODEL_MAX = 4096 };

/* A value knows how many tries and arrays should still have it. */
struct value {
	unsigned int freed;
	unsigned int holders;
};

struct pair {
	uint8_t key[KEY_LEN];
	size_t len;
	struct value *value;
};

struct model {
	struct pair pair[MODEL_MAX];
	size_t count;
};

struct version {
	struct trie trie;
	struct model model;
	bool alive;
};

/* All values ever made, so that the last look at each can be taken. */
struct values {
	struct value **all;
	size_t count;
};

static void
value_free(void *value)
{
	((struct value *)value)->freed++;
}

static struct value *
values_new(struct values *values)
{
	struct value *value = mem_new(sizeof(*value));

	values->all = mem_resize(
	    values->all, values->count + 1, sizeof(values->all[0]));
	values->all[values->count++] = value;
	return value;
}

static int
key_compare(const void *a, size_t a_len, const void *b, size_t b_len)
{
	size_t common = a_len < b_len ? a_len : b_len;
	int order = common > 0 ? memcmp(a, b, common) : 0;

	if (order != 0)
		return order;
	return (a_len > b_len) - (a_len < b_len);
}

static bool
key_has_prefix(const void *key, size_t len, const void *prefix, size_t some)
{
	return len >= some && (some == 0 || memcmp(key, prefix, some) == 0);
}

/* Return the index of the first pair that is not below `key`. */
static size_t
model_index(const struct model *model, const uint8_t *key, size_t len)
{
	size_t i = 0;

	while (i < model->count && key_compare(model->pair[i].key,
				       model->pair[i].len, key, len) < 0)
		i++;
	return i;
}

static bool
model_has(const struct model *model, size_t i, const uint8_t *key, size_t len)
{
	return i < model->count && key_compare(model->pair[i].key,
				       model->pair[i].len, key, len) == 0;
}

static void
model_set(
    struct model *model, const uint8_t *key, size_t len, struct value *value)
{
	size_t i = model_index(model, key, len);
	struct pair *pair = &model->pair[i];

	if (model_has(model, i, key, len)) {
		pair->value->holders--;
	} else {
		assert_true(model->count < MODEL_MAX);
		memmove(pair + 1, pair, (model->count - i) * sizeof(*pair));
		model->count++;
	}
	memcpy(pair->key, key, len);
	pair->len = len;
	pair->value = value;
	value->holders++;
}

static bool
model_remove(struct model *model, const uint8_t *key, size_t len)
{
	size_t i = model_index(model, key, len);

	if (!model_has(model, i, key, len))
		return false;
	model->pair[i].value->holders--;
	model->count--;
	memmove(&model->pair[i], &model->pair[i + 1],
	    (model->count - i) * sizeof(model->pair[0]));
	return true;
}

static void *
model_get_longest(const struct model *model, const uint8_t *key, size_t len)
{
	const struct pair *longest = NULL;

	for (size_t i = 0; i < model->count; i++) {
		const struct pair *pair = &model->pair[i];

		if (key_has_prefix(key, len, pair->key, pair->len) &&
		    (longest == NULL || pair->len > longest->len))
			longest = pair;
	}
	return longest != NULL ? longest->value : NULL;
}

static void
assert_entry(
    bool found, const struct trie_entry *entry, const struct pair *expected)
{
	assert_int_equal(found, expected != NULL);
	if (expected == NULL)
		return;
	assert_int_equal(entry->len, expected->len);
	assert_true(entry->len == 0 ||
		    memcmp(entry->key, expected->key, entry->len) == 0);
	assert_ptr_equal(entry->value, expected->value);
}

/* Compare every kind of question about one key. */
static void
version_check_key(const struct version *version, const uint8_t *key, size_t len)
{
	const struct trie *trie = &version->trie;
	const struct model *model = &version->model;
	size_t i = model_index(model, key, len);
	bool here = model_has(model, i, key, len);
	size_t above = here ? i + 1 : i;
	struct trie_entry entry;

	assert_ptr_equal(
	    trie_get(trie, key, len), here ? model->pair[i].value : NULL);
	assert_ptr_equal(trie_get_longest(trie, key, len),
	    model_get_longest(model, key, len));
	assert_entry(trie_below(trie, key, len, &entry), &entry,
	    i > 0 ? &model->pair[i - 1] : NULL);
	assert_entry(trie_above(trie, key, len, &entry), &entry,
	    above < model->count ? &model->pair[above] : NULL);
	assert_int_equal(trie_has_below(trie, key, len),
	    above < model->count && key_has_prefix(model->pair[above].key,
					model->pair[above].len, key, len));
}

/* Where a walk is in the model, and when it is to be broken off. */
struct walk {
	const struct pair *next;
	size_t visits;
	size_t visits_max;
};

static bool
walk_visit(const struct trie_entry *entry, void *arg)
{
	struct walk *walk = arg;

	assert_entry(true, entry, walk->next++);
	return ++walk->visits < walk->visits_max;
}

static void
version_check_walk(const struct version *version, const uint8_t *prefix,
    size_t len, size_t visits_max)
{
	const struct model *model = &version->model;
	size_t first = model_index(model, prefix, len);
	size_t end = first;
	struct walk walk = {
		.next = &model->pair[first],
		.visits_max = visits_max,
	};

	while (end < model->count && key_has_prefix(model->pair[end].key,
					 model->pair[end].len, prefix, len))
		end++;
	assert_int_equal(
	    trie_walk(&version->trie, prefix, len, walk_visit, &walk),
	    end - first < visits_max);
	assert_int_equal(
	    walk.visits, end - first < visits_max ? end - first : visits_max);
}

static void
version_check(const struct version *version, const uint8_t *key, size_t len)
{
	const struct model *model = &version->model;
	size_t count = model->count;
	struct trie_entry entry;

	assert_int_equal(version->trie.count, count);
	assert_entry(trie_first(&version->trie, &entry), &entry,
	    count > 0 ? &model->pair[0] : NULL);
	assert_entry(trie_last(&version->trie, &entry), &entry,
	    count > 0 ? &model->pair[count - 1] : NULL);
	version_check_key(version, key, len);
	version_check_walk(version, key, len / 2, SIZE_MAX);
	version_check_walk(version, key, len / 2, 2);
}

static void
version_copy(const struct version *from, struct version *to)
{
	trie_copy(&from->trie, &to->trie);
	to->model = from->model;
	to->alive = true;
	for (size_t i = 0; i < to->model.count; i++)
		to->model.pair[i].value->holders++;
}

static void
version_fini(struct version *version)
{
	for (size_t i = 0; i < version->model.count; i++)
		version->model.pair[i].value->holders--;
	trie_fini(&version->trie);
	assert_int_equal(version->trie.count, 0);
	version->model.count = 0;
	version->alive = false;
}

static size_t
random_key(uint8_t *ret_key)
{
	static const uint8_t octet[] = { 0x00, 0x01, 0x0f, 0x10, 'a', 'b', 0xf0,
		0xff };
	size_t len = (size_t)rand() % (KEY_LEN + 1);

	for (size_t i = 0; i < len; i++)
		ret_key[i] = octet[(size_t)rand() % LENGTH(octet)];
	return len;
}

static void
random_step(struct version *versions, struct values *values)
{
	struct version *version = &versions[rand() % VERSIONS];
	struct version *other = &versions[rand() % VERSIONS];
	uint8_t key[KEY_LEN] = { 0 };
	size_t len = random_key(key);
	struct value *value;
	int dice = rand() % 1000;

	if (!version->alive) {
		trie_init(&version->trie, value_free);
		version->alive = true;
	}
	if (dice < 550) {
		value = values_new(values);
		trie_set(&version->trie, key, len, value);
		model_set(&version->model, key, len, value);
	} else if (dice < 980) {
		assert_int_equal(trie_remove(&version->trie, key, len),
		    model_remove(&version->model, key, len));
	} else if (dice < 998 && other != version) {
		if (other->alive)
			version_fini(other);
		version_copy(version, other);
	} else {
		version_fini(version);
	}
}

/* What no version holds must be freed once, what one holds must not be. */
static void
values_check(const struct values *values)
{
	for (size_t i = 0; i < values->count; i++)
		assert_int_equal(
		    values->all[i]->freed, values->all[i]->holders == 0);
}

static void
model_run(unsigned int seed)
{
	struct version *versions = mem_array(VERSIONS, sizeof(*versions));
	struct values values = { .all = NULL };
	uint8_t key[KEY_LEN] = { 0 };
	size_t len;

	srand(seed);
	for (unsigned int step = 0; step < STEPS; step++) {
		random_step(versions, &values);
		len = random_key(key);
		for (size_t i = 0; i < VERSIONS; i++)
			if (versions[i].alive)
				version_check(&versions[i], key, len);
		if (step % 256 == 0)
			values_check(&values);
	}
	for (size_t i = 0; i < VERSIONS; i++)
		if (versions[i].alive)
			version_fini(&versions[i]);
	values_check(&values);
	for (size_t i = 0; i < values.count; i++)
		free(values.all[i]);
	free(values.all);
	free(versions);
}

static void
test_model(void **state)
{
	static const unsigned int seeds[] = { 1, 2, 3, 20260612 };
	const char *seed = getenv("TRIE_SEED");

	(void)state;
	if (seed != NULL) {
		model_run((unsigned int)strtoul(seed, NULL, 10));
		return;
	}
	for (size_t i = 0; i < LENGTH(seeds); i++) {
		print_message("# TRIE_SEED=%u\n", seeds[i]);
		model_run(seeds[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests_name("trie_model", tests, NULL, NULL);
}
