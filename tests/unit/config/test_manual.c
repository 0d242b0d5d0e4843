/* SPDX-License-Identifier: MIT */
/* The manual of the configuration: it has each key, and its examples work. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/rows.h"

/* Tests run in the top directory of the repository. */
#define MANUAL "docs/pdns-tlsa.yaml.5"

static void
example_parse(const char *text, size_t len)
{
	struct problem problem = { "" };
	struct config *config = NULL;
	enum status status = config_parse(
	    "t.yaml", text, len, &config, &problem);

	assert_string_equal(problem.text, "");
	assert_int_equal(status, STATUS_OK);
	config_free(config);
}

static char *
read_manual(void)
{
	enum { ROOM = 65536 };
	FILE *stream = fopen(MANUAL, "re");
	char *text = calloc(1, ROOM);

	assert_non_null(stream);
	assert_non_null(text);
	assert_true(fread(text, 1, ROOM - 1, stream) > 0);
	assert_int_equal(fclose(stream), 0);
	return text;
}

/* Each key, down to the last mapping, has an item in the manual. */
static void
find_keys(const struct row *mapping, const char *manual)
{
	for (size_t i = 0; i < mapping->row_count; i++) {
		const struct row *row = &mapping->rows[i];
		char item[64];
		int len;

		len = snprintf(item, sizeof(item), "\n.It Ic %s", row->key);
		assert_true(len > 0 && len < (int)sizeof(item));
		if (strstr(manual, item) == NULL)
			assert_string_equal(item, "an item of " MANUAL);
		find_keys(row, manual);
	}
}

static void
test_manual_keys(void **state)
{
	char *manual = read_manual();

	(void)state;
	find_keys(&config_row, manual);
	free(manual);
}

/* Every example of the manual is a file that works. */
static void
test_manual_examples(void **state)
{
	char *manual = read_manual();
	char *at = manual;
	size_t examples = 0;

	(void)state;
	while ((at = strstr(at, "\n.Bd -literal")) != NULL) {
		char *begin = strchr(at + 1, '\n') + 1;
		char *end = strstr(begin, "\n.Ed");

		assert_non_null(end);
		example_parse(begin, (size_t)(end - begin) + 1);
		examples++;
		at = end;
	}
	assert_int_equal(examples, 2);
	free(manual);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual_keys),
		cmocka_unit_test(test_manual_examples),
	};

	return cmocka_run_group_tests_name("config_manual", tests, NULL, NULL);
}
