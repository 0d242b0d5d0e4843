/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/texts.h"

static void
add(struct texts *texts, const char *letters)
{
	for (const char *c = letters; *c != '\0'; c++) {
		const char text[] = { *c, '\0' };

		texts_add(texts, text);
	}
}

/* Each letter a text; case does not count. */
static const struct {
	const char *a, *b;
	bool is_equal;
	size_t missing;   /* of a in b */
	const char *text; /* a without b */
} rows[] = {
	{ "", "", true, 0, "nothing" },
	{ "abc", "CBA", true, 0, "nothing" },
	{ "aab", "ba", true, 0, "nothing" },
	{ "abc", "ab", false, 1, "'c'" },
	{ "ab", "abc", false, 0, "nothing" },
	{ "ab", "cd", false, 2, "'a', 'b'" },
	{ "b", "", false, 1, "'b'" },
	{ "cab", "b", false, 2, "'a', 'c'" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct texts a = { 0 }, b = { 0 };
		struct buf line = { 0 };

		add(&a, rows[i].a);
		add(&b, rows[i].b);
		assert_int_equal(texts_equal(&a, &b), rows[i].is_equal);
		assert_int_equal(texts_equal(&b, &a), rows[i].is_equal);
		assert_int_equal(texts_missing(&a, &b), rows[i].missing);
		texts_format(&a, &b, &line);
		assert_string_equal(buf_text(&line), rows[i].text);
		texts_fini(&a);
		texts_fini(&b);
		buf_fini(&line);
	}
}

static void
test_has(void **state)
{
	struct texts texts = { 0 };

	(void)state;
	assert_false(texts_has(&texts, "a"));
	texts_add(&texts, "NS1.Example.");
	assert_true(texts_has(&texts, "ns1.example."));
	assert_false(texts_has(&texts, "ns1.example"));
	texts_add_exact(&texts, "NS1.Example.");
	texts_add_exact(&texts, "NS1.Example.");
	assert_int_equal(texts.count, 2);
	assert_string_equal(texts.list[0], "NS1.Example.");
	assert_string_equal(texts.list[1], "ns1.example.");
	texts_fini(&texts);
	assert_int_equal(texts.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_has),
	};
	return cmocka_run_group_tests_name("texts", tests, NULL, NULL);
}
