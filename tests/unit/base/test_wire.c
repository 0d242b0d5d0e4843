/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/wire.h"

/* Octets, and how they are written. */
static const struct {
	const char *octets;
	const char *json;
} texts[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "caf\xc3\xa9", "caf\xc3\xa9" },
	{ "100%", "100%25" },
	{ "%41", "%2541" },
	{ "%%", "%25%25" },
	{ "latin \xe9", "latin %E9" },
	{ "\xff%\x01", "%FF%25\x01" },
	{ "\xc3\xa9\xc3", "%C3%A9%C3" },
	{ "overlong \xc0\xaf", "overlong %C0%AF" },
	{ "surrogate \xed\xa0\x80", "surrogate %ED%A0%80" },
	{ "line\nbreak\t\"quoted\"", "line\nbreak\t\"quoted\"" },
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		json_t *value = wire_text(texts[i].octets);

		assert_string_equal(json_string_value(value), texts[i].json);
		assert_string_equal(wire_octets(value), texts[i].octets);
		json_decref(value);
	}
	for (int octet = 1; octet < 256; octet++) {
		const char text[2] = { (char)octet, '\0' };
		json_t *value = wire_text(text);

		assert_string_equal(wire_octets(value), text);
		json_decref(value);
	}
}

static void
test_bad_texts(void **state)
{
	static const char *const bad[] = { "%", "%4", "%4x", "%x4", "%00",
		"100% sure", "a%" };
	json_t *number = json_integer(1);

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		json_t *value = json_string(bad[i]);

		assert_null(wire_octets(value));
		json_decref(value);
	}
	assert_null(wire_octets(number));
	assert_null(wire_octets(NULL));
	json_decref(number);
}

static void
test_hex(void **state)
{
	static const char *const bad[] = { "", "00ff", "00ff1", "00ff1g",
		"00ff112", "00ff1122" };
	static const uint8_t octets[] = { 0x00, 0xff, 0x1a };
	json_t *value = wire_hex(octets, sizeof(octets));
	uint8_t got[3] = { 0 };

	(void)state;
	assert_string_equal(json_string_value(value), "00ff1a");
	assert_true(wire_read_hex(value, got, sizeof(got)));
	assert_memory_equal(got, octets, sizeof(got));
	json_decref(value);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		value = json_string(bad[i]);
		assert_false(wire_read_hex(value, got, sizeof(got)));
		json_decref(value);
	}
	assert_false(wire_read_hex(NULL, got, sizeof(got)));
}

static void
test_base64(void **state)
{
	static const char *const bad[] = { "", "A", "AA", "AAA", "AAA!",
		"AAAA ", " AAAA", "AAAA\n\n\n\n", "=", "====", "A===" };
	uint8_t octets[70];

	(void)state;
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(255 - 3 * i);
	for (size_t len = 1; len <= sizeof(octets); len++) {
		json_t *value = wire_base64(octets, len);
		size_t got_len = 0;
		uint8_t *got = wire_read_base64(value, &got_len);

		assert_non_null(got);
		assert_int_equal(got_len, len);
		assert_memory_equal(got, octets, len);
		free(got);
		json_decref(value);
	}
	for (size_t i = 0; i < LENGTH(bad); i++) {
		json_t *value = json_string(bad[i]);
		size_t got_len = 0;

		print_message("# '%s'\n", bad[i]);
		assert_null(wire_read_base64(value, &got_len));
		json_decref(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_bad_texts),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
