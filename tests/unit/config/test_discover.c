/* SPDX-License-Identifier: MIT */
/* Which names of a certificate are hosts that somebody wants. */
#include "unit.h"

#include <stdlib.h>

#include "config/discover.h"

static void
test_host(void **state)
{
	static const struct {
		const char *name;
		const char *host;
	} cases[] = {
		{ "mail.a.example", "mail.a.example." },
		{ "MAIL.A.Example", "mail.a.example." },
		{ "mail.a.example.", "mail.a.example." },
		{ "mx1.example.net", "mx1.example.net." },
		{ "mx12.example.net", NULL },
		{ "xmail.a.example", NULL },
		{ "*.mail.example.org", NULL },
		{ "mail.*.example.org", NULL },
		{ "mail.a b", NULL },
		{ "mail.a\nb", NULL },
		{ "mail.a(b)", NULL },
		{ "mail..a", NULL },
		{ ".", NULL },
		{ "", NULL },
	};
	static char *hosts[] = { "mail.*", "mx?.example.net" };
	const struct config_discover discover = { .hosts = hosts,
		.host_count = LENGTH(hosts) };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *host = discover_host(&discover, cases[i].name);

		if (cases[i].host == NULL)
			assert_null(host);
		else
			assert_string_equal(host, cases[i].host);
		free(host);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
