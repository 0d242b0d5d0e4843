/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/finding.h"

static const struct findings_scope scope = { .server = "192.0.2.53:53",
	.zones = 1,
	.services = 2,
	.services_left_out = 3,
	.questions = 44,
	.duration_ms = 1299 };

/* Print into memory; free() it. */
static char *
print(const struct findings *findings, enum format format)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	assert_non_null(stream);
	assert_true(findings_print(findings, &scope, format, stream));
	assert_int_equal(fclose(stream), 0);
	return text;
}

/* The worst decides; "cannot tell" is worse than a warning. */
static const struct {
	enum finding_kind kinds[3];
	size_t count;
	int status;
	const char *word;
} exits[] = {
	{ { 0 }, 0, EXIT_OK, "ok" },
	{ { FINDING_ZONE_CACHE }, 1, EXIT_OK, "ok" },
	{ { FINDING_ZONE_CACHE, FINDING_NS_SERIAL }, 2, EXIT_WARNING,
	    "warning" },
	{ { FINDING_NS_SERIAL, FINDING_SERVER_SILENT }, 2, EXIT_UNKNOWN,
	    "unknown" },
	{ { FINDING_OVERLAY_NSEC, FINDING_SERVER_SILENT, FINDING_NS_SERIAL }, 3,
	    EXIT_CRITICAL, "critical" },
};

static void
test_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(exits); i++) {
		struct findings findings = { 0 };
		json_t *root;
		char *text;

		for (size_t k = 0; k < exits[i].count; k++)
			finding_add(
			    &findings, exits[i].kinds[k], "s", "m", "w");
		assert_int_equal(
		    findings_exit_status(&findings), exits[i].status);
		text = print(&findings, FORMAT_JSON);
		root = json_loads(text, 0, NULL);
		assert_string_equal(
		    json_string_value(json_object_get(root, "status")),
		    exits[i].word);
		json_decref(root);
		free(text);
		findings_fini(&findings);
	}
}

static void
test_table(void **state)
{
	struct findings findings = { 0 };
	char *text;

	(void)state;
	finding_add(&findings, FINDING_ZONE_CACHE, "pdns.conf", "do this",
	    "every %d s", 300);
	finding_add(&findings, FINDING_ZONE_UNSIGNED, "zone 'a.'", "do that",
	    "is not signed");
	/* The same again is no news; about something else it is. */
	finding_add(&findings, FINDING_ZONE_UNSIGNED, "zone 'a.'", "-", "-");
	finding_add(&findings, FINDING_ZONE_UNSIGNED, "zone 'b.'", "do that",
	    "is not signed");
	text = print(&findings, FORMAT_TABLE);
	assert_string_equal(text,
	    "critical  zone 'a.': is not signed; DANE clients ignore TLSA "
	    "records that are not signed; do that\n"
	    "critical  zone 'b.': is not signed; DANE clients ignore TLSA "
	    "records that are not signed; do that\n"
	    "note      pdns.conf: every 300 s; PowerDNS exits at start if the "
	    "socket is missing then, and learns of a new zone only when the "
	    "cache is refreshed; do this\n"
	    "critical: 2 critical, 1 note, 1 zone and 2 services at "
	    "192.0.2.53:53, 44 questions in 1.2 s\n");
	free(text);
	findings_fini(&findings);
}

/* As pdns-tlsa(8) has it. */
static void
test_json(void **state)
{
	static const char expected[] =
	    "{\"findings\": [{\"kind\": \"zone-unsigned\", \"mend\": \"do\", "
	    "\"severity\": \"critical\", \"subject\": \"zone 'a.'\", \"what\": "
	    "\"is \\\"not\\\" \\\\xff\", \"why\": \"DANE clients ignore TLSA "
	    "records "
	    "that are not signed\"}], \"server\": \"192.0.2.53:53\", "
	    "\"services\": 2, \"services_left_out\": 3, \"status\": "
	    "\"critical\", \"zones\": 1}";
	struct findings findings = { 0 };
	json_t *root;
	char *text;
	char *sorted;

	(void)state;
	finding_add(&findings, FINDING_ZONE_UNSIGNED, "zone 'a.'", "do",
	    "is \"not\" %s", "\xff");
	text = print(&findings, FORMAT_JSON);
	root = json_loads(text, 0, NULL);
	sorted = json_dumps(root, JSON_SORT_KEYS);
	assert_string_equal(sorted, expected);
	free(sorted);
	free(text);
	json_decref(root);
	findings_fini(&findings);
}

/* Each kind has a word of its own, which the manual explains. */
static void
test_manual(void **state)
{
	static char manual[256 * 1024];
	FILE *file = fopen("docs/pdns-tlsa.8", "r");
	size_t len;

	(void)state;
	assert_non_null(file);
	len = fread(manual, 1, sizeof(manual) - 1, file);
	(void)fclose(file);
	manual[len] = '\0';
	for (int kind = 0; kind < FINDING_KINDS; kind++) {
		char line[64];

		(void)snprintf(line, sizeof(line), ".It Cm %s\n",
		    finding_word((enum finding_kind)kind));
		if (strstr(manual, line) == NULL)
			fail_msg("docs/pdns-tlsa.8 lacks: %s", line);
		for (int other = 0; other < kind; other++)
			assert_string_not_equal(
			    finding_word((enum finding_kind)kind),
			    finding_word((enum finding_kind)other));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_manual),
	};
	return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
