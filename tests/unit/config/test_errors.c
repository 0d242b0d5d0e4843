/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "config/config.h"
#include "config_row.h"

/* What is good about the texts; the fault is in the line that follows. */
#define SOURCES "sources:\n- {type: certbot, path: /a}\n" /* lines 1, 2 */
#define ZONE    SOURCES "zones:\n- name: t.example\n  nameservers: [ns.example]\n"
#define SERVICE ZONE "services:\n- host: mail.example.com\n" /* 6, 7 */

#define TEN     "abcdefghij"
#define FIFTY   TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY

static const struct config_row not_yaml[] = {
	{ "nothing", "", "1:1: ", "says nothing" },
	{ "comments only", "# sources:\n", "1:1: ", "says nothing" },
	{ "document mark only", "---\n", "2:1: ", "needs at least 'sources'" },
	{ "a list", "- a\n", "1:1: ", "needs at least 'sources'" },
	{ "a word", "sources\n", "1:1: ", "needs at least 'sources'" },
	{ "no UTF-8", SOURCES "listen: /\xff\n", "3:10: ", "not UTF-8" },
	{ "overlong form", SOURCES "a: \xc0\xaf\n", "3:4: ", "not UTF-8" },
	{ "surrogate", SOURCES "a: \xed\xa0\x80\n", "3:4: ", "not UTF-8" },
	{ "beyond Unicode", SOURCES "a: \xf4\x90\x80\x80\n",
	    "3:4: ", "not UTF-8" },
	{ "character cut short", SOURCES "a: \xe2\x82", "3:4: ", "not UTF-8" },
	{ "UTF-16", "\xff\xfes", "1:1: ", "not UTF-8" },
	{ "column counts characters", SOURCES "\xc3\xa4: \x01\n",
	    "3:4: ", "a control character" },
	{ "next line of Unicode", SOURCES "a: \xe2\x80\xa8\n",
	    "3:4: ", "a control character" },
	{ "byte order mark inside", SOURCES "\xef\xbb\xbf",
	    "3:1: ", "no place in a text" },
	{ "tab as indentation", SOURCES "defaults:\n\tttl: 1\n",
	    "4:1: ", "a tab" },
	{ "tab after spaces", SOURCES "defaults:\n  \tttl: 1\n",
	    "4:3: ", "a tab" },
	{ "tab in a value", SOURCES "listen: \"/a\tb\"\n",
	    "3:9: ", "control character (0x09)" },
	{ "escaped zero octet", SOURCES "listen: \"/a\\0b\"\n",
	    "3:9: ", "control character (0x00)" },
	{ "escaped zero octet in a key", SOURCES "\"listen\\0\": /a\n",
	    "3:1: ", "unknown key '\\0'" },
	{ "escaped line feed", SOURCES "listen: \"/a\\nb\"\n",
	    "3:9: ", "control character (0x0a)" },
	{ "literal text", SOURCES "listen: |\n  /a\n",
	    "3:9: ", "control character (0x0a)" },
	{ "open quote", SOURCES "listen: \"/a\n",
	    "4:1: ", "while scanning a quoted scalar of line 3" },
	{ "open list", SOURCES "overlay: [a\n", "4:1: ", "not valid YAML" },
	{ "colon in a value", SOURCES "listen: a: b\n",
	    "3:10: ", "mapping values are not allowed" },
	{ "reserved character", SOURCES "listen: @a\n",
	    "3:9: ", "cannot start any token" },
	{ "wrong indentation", SOURCES " listen: /a\n",
	    "3:2: ", "not valid YAML" },
	{ "second document", SOURCES "---\n" SOURCES,
	    "3:1: ", "a second YAML document" },
	{ "anchor", SOURCES "listen: &x /a\n", "3:9: ", "an anchor" },
	{ "anchor of a list", SOURCES "overlay: &x [a]\n",
	    "3:10: ", "an anchor" },
	{ "alias", SOURCES "listen: *x\n", "3:9: ", "an alias" },
	{ "alias as key", SOURCES "*x : a\n", "3:1: ", "an alias" },
	{ "merge key", SOURCES "<<: {listen: /a}\n",
	    "3:1: ", "unknown key '<<'" },
	{ "tag", SOURCES "listen: !!str /a\n", "3:9: ", "a tag" },
	{ "tag of a mapping", SOURCES "defaults: !x {}\n", "3:11: ", "a tag" },
	{ "nested too deep", SOURCES "a: [[[[[[[[1]]]]]]]]\n",
	    "3:11: ", "nested more than 8 deep" },
};

static const struct config_row shapes[] = {
	{ "no sources", "listen: /a\n", "1:1: ", "key 'sources' is missing" },
	{ "empty sources", "sources: []\n", "1:10: ", "an empty list" },
	{ "unknown key", SOURCES "foo: 1\n", "3:1: ",
	    "unknown key 'foo'; known here: state-directory, listen, " },
	{ "typing error", SOURCES "lsiten: /a\n",
	    "3:1: ", "unknown key 'lsiten'; did you mean 'listen'?" },
	{ "underscore", SERVICE "  max_records: 1\n",
	    "8:3: ", "did you mean 'max-records'?" },
	{ "capitals", SOURCES "Listen: /a\n", "3:1: ", "mean 'listen'?" },
	{ "empty key", SOURCES "\"\": 1\n", "3:1: ", "unknown key ''" },
	{ "very long key", SOURCES HUNDRED ": 1\n",
	    "3:1: ", "unknown key 'abcdefghij" },
	{ "list as key", SOURCES "? [a]\n: b\n", "3:3: ", "must be a word" },
	{ "key of a source", "sources:\n- {type: files, path: /a, x: 1}\n",
	    "2:27: ", "unknown key 'x'; known here: type, path" },
	{ "key twice", SOURCES "listen: /a\nlisten: /b\n",
	    "4:1: ", "key 'listen' is there twice; the first is in line 3" },
	{ "key of a service twice", SERVICE "  host: a.example.com\n",
	    "8:3: ", "key 'host' is there twice; the first is in line 7" },
	{ "no type", "sources:\n- path: /a\n",
	    "2:3: ", "key 'type' is missing" },
	{ "no path", "sources:\n- type: certbot\n",
	    "2:3: ", "key 'path' is missing" },
	{ "two stores of our own, by default",
	    "sources: [{type: remote}, {type: remote}]\n",
	    "1:", "source '/var/lib/pdns-tlsa-remote' is there twice" },
	{ "no nameservers", SOURCES "zones:\n- name: a\n",
	    "4:3: ", "key 'nameservers' is missing" },
	{ "no issuers", SOURCES "issuers: []\n", "3:10: ", "an empty list" },
	{ "no name of a lineage", SOURCES "lineages:\n- next: [/a]\n",
	    "4:3: ", "key 'name' is missing" },
	{ "nothing next", SOURCES "lineages:\n- name: a\n",
	    "4:9: ", "nothing is said of lineage 'a'" },
	{ "a key that may stay",
	    SOURCES "lineages:\n- name: a\n  reuse-key: maybe\n",
	    "5:14: ", "neither 'true' nor 'false'" },
	{ "empty next", SOURCES "lineages: [{name: a, next: []}]\n",
	    "3:28: ", "an empty list" },
	{ "lineages of a service at the top", SOURCES "lineages: [mail]\n",
	    "3:12: ", "'lineages' must be 'key: value' pairs" },
	{ "discover nothing", ZONE "discover: {}\n",
	    "6:11: ", "key 'hosts' is missing" },
	{ "discover without patterns", ZONE "discover: {hosts: []}\n",
	    "6:19: ", "an empty list" },
	{ "key of a service below discover",
	    ZONE "discover: {hosts: [a], ttl: 5}\n",
	    "6:24: ", "unknown key 'ttl'; known here: hosts, ports" },
	{ "no host", SERVICE "- ports: [25]\n",
	    "8:3: ", "key 'host' is missing" },
	{ "word for a list", SERVICE "  ports: 25\n",
	    "8:10: ", "'ports' must be a list" },
	{ "list for a word", SERVICE "  ttl: [1]\n",
	    "8:8: ", "'ttl' must be a single value" },
	{ "mapping for a word", SERVICE "  ttl: {a: 1}\n",
	    "8:8: ", "'ttl' must be a single value" },
	{ "list for a mapping", SOURCES "defaults: []\n",
	    "3:11: ", "'defaults' must be 'key: value' pairs" },
	{ "word for a mapping", SOURCES "services: [mail.example]\n",
	    "3:12: ", "'services' must be 'key: value' pairs" },
	{ "list in a list", SOURCES "overlay: [[a]]\n",
	    "3:11: ", "'overlay' must be a single value" },
	{ "key without value", SOURCES "listen:\n",
	    "3:8: ", "'listen' is empty" },
	{ "list without items", SOURCES "zones:\n",
	    "3:7: ", "'zones' is empty" },
	{ "empty item", SOURCES "overlay:\n-\n",
	    "4:2: ", "'overlay' is empty" },
	{ "empty quotes", SOURCES "listen: ''\n",
	    "3:9: ", "'listen' is empty" },
	{ "no ports", SERVICE "  ports: []\n", "8:10: ", "an empty list" },
	{ "no records", SERVICE "  records: []\n", "8:12: ", "an empty list" },
	{ "no lineages", SERVICE "  lineages: []\n",
	    "8:13: ", "an empty list" },
};

static void
test_not_yaml(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(not_yaml); i++)
		config_row_check(&not_yaml[i]);
}

static void
test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++)
		config_row_check(&shapes[i]);
}

/* A zero octet cannot stand in a row. */
static void
test_zero_octet(void **state)
{
	static const char text[] = SOURCES "listen: /a\0b\n";
	struct config *untouched = NULL;
	struct problem problem;

	(void)state;
	assert_int_equal(config_parse("t.yaml", text, sizeof(text) - 1,
			     &untouched, &problem),
	    STATUS_MALFORMED);
	assert_string_equal(problem.text,
	    "t.yaml:3:11: a zero octet; the file must be text in UTF-8");
	assert_null(untouched);
}

/* A file that an editor is still writing, octet by octet. */
static void
test_cut_short(void **state)
{
	static const char text[] = SERVICE "  ports: [25, 465/tcp]\n"
					   "  records: [\"3 1 1\"]\n";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct config *config = NULL;
		struct problem problem = { "" };

		if (config_parse("t.yaml", text, len, &config, &problem) ==
		    STATUS_OK)
			config_free(config);
		else
			assert_memory_equal(problem.text, "t.yaml:", 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_yaml),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_zero_octet),
		cmocka_unit_test(test_cut_short),
	};
	return cmocka_run_group_tests_name("config_errors", tests, NULL, NULL);
}
