/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "base/utf8.h"

static const struct {
	const char *why;
	const char *text;
	const char *plain;
} cases[] = {
	{ "nothing", "", "" },
	{ "a name", "mail.example.org", "mail.example.org" },
	{ "UTF-8",
	    "b\xc3\xbc"
	    "cher \xf0\x9f\x90\xa7",
	    "b\xc3\xbc"
	    "cher \xf0\x9f\x90\xa7" },
	{ "an end of line", "x\nTLSA OK", "x\\x0aTLSA OK" },
	{ "an escape sequence", "\x1b[2J", "\\x1b[2J" },
	{ "one of eight bits",
	    "\xc2\x9b"
	    "2J",
	    "\\xc2\\x9b2J" },
	{ "DEL and a tab", "a\x7f\t", "a\\x7f\\x09" },
	{ "no UTF-8", "a\xff\xc3(", "a\\xff\\xc3(" },
	{ "cut UTF-8", "a\xe2\x82", "a\\xe2\\x82" },
	{ "a line separator", "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },
	{ "written backwards",
	    "\xe2\x80\xae"
	    "gpj.exe",
	    "\\xe2\\x80\\xaegpj.exe" },
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *text = cases[i].text;
		char *plain = plain_text(text, strlen(text));

		print_message("# %s\n", cases[i].why);
		assert_string_equal(plain, cases[i].plain);
		assert_string_equal(plain_of(text).text, cases[i].plain);
		free(plain);
	}
}

/* What does not fit is cut, but never within a character or an escape. */
static void
test_every_room(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *text = cases[i].text;
		size_t whole = strlen(cases[i].plain);
		char *again;
		char room[64];

		for (size_t size = 1; size <= whole + 1; size++) {
			size_t got;

			memset(room, 'X', sizeof(room));
			got = plain_put(room, size, text, strlen(text));
			assert_int_equal(room[size], 'X');
			assert_in_range(strlen(room), 0, size - 1);
			again = plain_text(text, got);
			assert_string_equal(room, again);
			free(again);
			assert_int_equal(got == strlen(text), size > whole);
		}
	}
}

/* Also a NUL, and whatever octets: the result is one line of UTF-8. */
static void
test_any_octets(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b++) {
			const char text[3] = { (char)a, (char)b, 'c' };
			char *plain = plain_text(text, sizeof(text));
			size_t len = strlen(plain);

			for (size_t at = 0; at < len;) {
				uint32_t character;
				size_t octets = utf8_decode(
				    (const uint8_t *)plain + at, len - at,
				    &character);

				assert_true(octets > 0);
				assert_false(utf8_is_control(character));
				at += octets;
			}
			free(plain);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_every_room),
		cmocka_unit_test(test_any_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
