/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "config/config.h"

#define SOURCES "sources:\n- {type: certbot, path: /a}\n"

/* The processor's time for so many zones and services. */
static clock_t
parse_many(size_t many)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	struct config *config = NULL;
	clock_t before;
	clock_t spent;

	buf_add_string(&text, SOURCES "zones:\n");
	for (size_t i = 0; i < many; i++)
		buf_add_format(&text,
		    "- {name: z%zu.example, nameservers: [ns.example]}\n", i);
	buf_add_string(&text, "services:\n");
	for (size_t i = 0; i < many; i++)
		buf_add_format(&text, "- {host: h%zu.example.com}\n", i);
	before = clock();
	assert_int_equal(
	    config_parse("t.yaml", text.data, text.len, &config, &problem),
	    STATUS_OK);
	spent = clock() - before;
	assert_int_equal(config->zone_count, many);
	assert_int_equal(config->service_count, many);
	config_free(config);
	buf_fini(&text);
	return spent;
}

/*
 * A second look for duplicates per item would be quadratic: minutes.  Four
 * times as many take four times as long, or sixteen times; a busy machine
 * may spoil a try, but not each.
 */
static void
test_many(void **state)
{
	enum { MANY = 10000, TRIES = 5 };
	bool is_linear = false;

	(void)state;
	for (int i = 0; i < TRIES && !is_linear; i++)
		is_linear = parse_many(MANY) < 8 * parse_many(MANY / 4);
	assert_true(is_linear);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
