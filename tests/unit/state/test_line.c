/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "state/json.h"
#include "state/line.h"
#include "state_world.h"

/* What stands behind the checksum; the key as it must be found, or NULL. */
static const struct {
	const char *why;
	const char *rest;
	const char *key;
	enum state_kind kind;
} lines[] = {
	{ "plain", "\"zone\":\"a.example\",\"id\":1}", "\"zone\":\"a.example\"",
	    STATE_KIND_ZONE },
	{ "key only", "\"owner\":\"x\"}", "\"owner\":\"x\"", STATE_KIND_OWNER },
	{ "two strings", "\"lineage\":[\"a\",\"b\"],\"file\":1}",
	    "\"lineage\":[\"a\",\"b\"]", STATE_KIND_LINEAGE },
	{ "number", "\"version\":1}", "\"version\":1", STATE_KIND_VERSION },
	{ "quote in the key", "\"owner\":\"a\\\"},b\",\"ttl\":1}",
	    "\"owner\":\"a\\\"},b\"", STATE_KIND_OWNER },
	{ "backslash at its end", "\"owner\":\"a\\\\\",\"ttl\":1}",
	    "\"owner\":\"a\\\\\"", STATE_KIND_OWNER },
	{ "object", "\"ca\":{\"a\":[1,{}]},\"b\":1}", "\"ca\":{\"a\":[1,{}]}",
	    STATE_KIND_CA },
	{ "of a later version", "\"moon\":\"full\"}", "\"moon\":\"full\"",
	    STATE_KIND_OTHER },
	{ "kind that begins like another", "\"zones\":1}", "\"zones\":1",
	    STATE_KIND_OTHER },
	{ "nothing", "", NULL, 0 },
	{ "no member", "}", NULL, 0 },
	{ "no kind", "1}", NULL, 0 },
	{ "kind not ended", "\"zone", NULL, 0 },
	{ "no colon", "\"zone\"", NULL, 0 },
	{ "no colon but more", "\"zone\"}}", NULL, 0 },
	{ "no value", "\"zone\":", NULL, 0 },
	{ "empty value", "\"zone\":,\"a\":1}", NULL, 0 },
	{ "value not ended", "\"zone\":\"a,}", NULL, 0 },
	{ "ends in an escape", "\"zone\":\"a\\", NULL, 0 },
	{ "not opened", "\"zone\":]}", NULL, 0 },
	{ "not closed", "\"zone\":[1,2", NULL, 0 },
	{ "escape in the kind", "\"zo\\ne\":1}", NULL, 0 },
};

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		struct state_line line = { 0 };
		struct buf text = { 0 };
		bool is_line;

		print_message("# %s\n", lines[i].why);
		add_line(&text, lines[i].rest, strlen(lines[i].rest));
		is_line = state_line_read(text.data, text.len - 1, &line);
		assert_int_equal(is_line, lines[i].key != NULL);
		if (is_line) {
			assert_int_equal(line.kind, lines[i].kind);
			assert_int_equal(line.key_len, strlen(lines[i].key));
			assert_memory_equal(
			    line.key, lines[i].key, line.key_len);
		} else {
			assert_null(line.key);
		}
		buf_fini(&text);
	}
}

/* One octet that is another one, or missing, or too much, is noticed. */
static void
test_every_octet_counts(void **state)
{
	static const char rest[] = "\"zone\":\"a.example\",\"id\":1}";
	struct state_line line;
	struct buf text = { 0 };
	size_t len;

	(void)state;
	add_line(&text, rest, strlen(rest));
	len = text.len - 1;
	assert_true(state_line_read(text.data, len, &line));
	assert_false(state_line_read(text.data, len + 1, &line));
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text.data[i] ^= (char)(1 << bit);
			assert_false(state_line_read(text.data, len, &line));
			text.data[i] ^= (char)(1 << bit);
		}
		assert_false(state_line_read(text.data, i, &line));
	}
	buf_fini(&text);
}

/* A key that is longer than a trie takes makes no line. */
static void
test_long_key(void **state)
{
	struct state_line line;

	(void)state;
	for (size_t len = STATE_KEY_MAX - 1; len <= STATE_KEY_MAX + 1; len++) {
		struct buf rest = { 0 };
		struct buf text = { 0 };

		buf_add_string(&rest, "\"zone\":\"");
		while (rest.len < len - 1)
			buf_add(&rest, "x", 1);
		buf_add_string(&rest, "\"}");
		add_line(&text, rest.data, rest.len);
		assert_int_equal(
		    state_line_read(text.data, text.len - 1, &line),
		    len <= STATE_KEY_MAX);
		buf_fini(&rest);
		buf_fini(&text);
	}
}

/* What is written is read, is what another implementation sums, and JSON. */
static void
test_written(void **state)
{
	json_t *object = json_pack(
	    "{s:s, s:[i,i], s:s}", "owner", "a\nb", "list", 1, -2, "x", "\"");
	static const char rest[] =
	    "\"owner\":\"a\\nb\",\"list\":[1,-2],\"x\":\"\\\"\"}";
	struct buf expected = { 0 };
	struct buf text = { 0 };
	json_t *again;

	(void)state;
	buf_add_string(&text, "before\n");
	buf_add_string(&expected, "before\n");
	state_line_add(&text, object);
	add_line(&expected, rest, strlen(rest));
	assert_string_equal(buf_text(&text), buf_text(&expected));
	again = json_loads(buf_text(&text) + strlen("before\n"), 0, NULL);
	assert_non_null(again);
	json_decref(again);
	json_decref(object);
	buf_fini(&text);
	buf_fini(&expected);
}

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
		json_t *value = state_json_text(texts[i].octets);

		assert_string_equal(json_string_value(value), texts[i].json);
		assert_string_equal(state_json_octets(value), texts[i].octets);
		json_decref(value);
	}
	for (int octet = 1; octet < 256; octet++) {
		const char text[2] = { (char)octet, '\0' };
		json_t *value = state_json_text(text);

		assert_string_equal(state_json_octets(value), text);
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

		assert_null(state_json_octets(value));
		json_decref(value);
	}
	assert_null(state_json_octets(number));
	assert_null(state_json_octets(NULL));
	json_decref(number);
}

static void
test_hex(void **state)
{
	static const char *const bad[] = { "", "00ff", "00ff1", "00ff1g",
		"00ff112", "00ff1122" };
	static const uint8_t octets[] = { 0x00, 0xff, 0x1a };
	json_t *value = state_json_hex(octets, sizeof(octets));
	uint8_t got[3] = { 0 };

	(void)state;
	assert_string_equal(json_string_value(value), "00ff1a");
	assert_true(state_json_read_hex(value, got, sizeof(got)));
	assert_memory_equal(got, octets, sizeof(got));
	json_decref(value);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		value = json_string(bad[i]);
		assert_false(state_json_read_hex(value, got, sizeof(got)));
		json_decref(value);
	}
	assert_false(state_json_read_hex(NULL, got, sizeof(got)));
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
		json_t *value = state_json_base64(octets, len);
		size_t got_len = 0;
		uint8_t *got = state_json_read_base64(value, &got_len);

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
		assert_null(state_json_read_base64(value, &got_len));
		json_decref(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_every_octet_counts),
		cmocka_unit_test(test_long_key),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_bad_texts),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests_name("state_line", tests, NULL, NULL);
}
