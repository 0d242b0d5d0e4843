/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"

static void
test_empty(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.len, 0);
	buf_add(&buf, NULL, 0);
	buf_add_string(&buf, "");
	buf_add_hex(&buf, "", 0);
	buf_consume(&buf, 0);
	assert_int_equal(buf.len, 0);
	buf_fini(&buf);
	assert_null(buf.data);
	buf_fini(&buf);
}

/* Everything that appends does so behind what is there, and only that. */
static void
test_append(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_add(&buf, "a\0b", 3);
	buf_add_string(&buf, "c");
	buf_add_format(&buf, "%d%s", 12, "");
	buf_add_hex(&buf, "\x00\x7f\xff", 3);
	buf_add_number(&buf, 0);
	assert_int_equal(buf.len, 13);
	assert_memory_equal(buf_text(&buf), "a\0bc12007fff0", 14);
	buf_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
	buf_add_string(&buf, "again");
	assert_string_equal(buf_text(&buf), "again");
	buf_fini(&buf);
}

static void
test_number_table(void **state)
{
	static const struct {
		const char *why;
		unsigned long long number;
		const char *text;
	} cases[] = {
		{ "one digit", 9, "9" },
		{ "two digits", 10, "10" },
		{ "over 32 bits", 4294967296, "4294967296" },
		{ "the greatest", ULLONG_MAX, "18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct buf buf = { 0 };

		print_message("# %s\n", cases[i].why);
		buf_add_number(&buf, cases[i].number);
		assert_string_equal(buf_text(&buf), cases[i].text);
		buf_fini(&buf);
	}
}

static void
test_consume_table(void **state)
{
	static const struct {
		const char *why;
		size_t len;
		const char *text;
	} cases[] = {
		{ "nothing", 0, "abc" },
		{ "from the front", 1, "bc" },
		{ "all but one", 2, "c" },
		{ "all", 3, "" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct buf buf = { 0 };

		print_message("# %s\n", cases[i].why);
		buf_add_string(&buf, "abc");
		buf_consume(&buf, cases[i].len);
		assert_string_equal(buf_text(&buf), cases[i].text);
		buf_fini(&buf);
	}
}

/* Growing keeps the content; what was reserved is there without moving. */
static void
test_grow(void **state)
{
	enum { SIZE = 100000 };
	struct buf buf = { 0 };
	const char *data;

	(void)state;
	for (int i = 0; i < SIZE; i++)
		buf_add(&buf, &(char){ (char)(i % 128) }, 1);
	buf_add_format(&buf, "%*d", SIZE, 7);
	assert_int_equal(buf.len, 2 * SIZE);
	for (int i = 0; i < SIZE; i++)
		assert_int_equal(buf.data[i], i % 128);
	assert_int_equal(buf.data[2 * SIZE - 1], '7');
	buf_clear(&buf);
	buf_reserve(&buf, 3 * SIZE);
	data = buf.data;
	for (int i = 0; i < 3 * SIZE; i++)
		buf_add(&buf, "x", 1);
	assert_ptr_equal(buf.data, data);
	buf_fini(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_number_table),
		cmocka_unit_test(test_consume_table),
		cmocka_unit_test(test_grow),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
