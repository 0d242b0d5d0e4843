/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "net/rua.h"

#define V "v=TLSRPTv1"

static void
test_judge(void **state)
{
	static const struct {
		const char *records[3];
		enum rua rua;
		const char *problem; /* a part of it */
	} rows[] = {
		{ { NULL }, RUA_MISSING, "" },
		{ { "\"" V "; rua=mailto:a@example.com\"" }, RUA_OK, "" },
		{ { "\"" V ";rua=mailto:a@example.com\"" }, RUA_OK, "" },
		{ { "\"" V " ; rua=mailto:a@example.com ;\"" }, RUA_OK, "" },
		{ { "\"" V "; rua=https://r.example.com/v1\"" }, RUA_OK, "" },
		{ { "\"" V "; rua=mailto:a@example.com , "
		    "https://r.example.com/v1\"" },
		    RUA_OK, "" },
		{ { "\"" V "; rua=mailto:a@example.com; ext=x\"" }, RUA_OK,
		    "" },
		/* strings are one text, wherever it is cut */
		{ { "\"" V "; rua=mai\" \"lto:a@example.com\"" }, RUA_OK, "" },
		{ { "\"" V "\\; rua=mailto:a\\064example.com\"" }, RUA_OK, "" },
		/* others' are none, nor is another version */
		{ { "\"v=spf1 -all\"" }, RUA_MISSING, "" },
		{ { "\"v=TLSRPTv10; rua=mailto:a@example.com\"" }, RUA_MISSING,
		    "" },
		{ { "\" " V "; rua=mailto:a@example.com\"" }, RUA_MISSING, "" },
		{ { "\"" V "; rua=mailto:a@example.com\"", "\"v=spf1 -all\"" },
		    RUA_OK, "" },
		{ { "\"" V "; rua=mailto:a@example.com\"",
		      "\"" V "; rua=mailto:b@example.com\"" },
		    RUA_SEVERAL, "" },
		{ { "\"" V "\"", "\"" V "; rua=mailto:b@example.com\"" },
		    RUA_SEVERAL, "" },
		{ { "\"" V "\"" }, RUA_MALFORMED, "no 'rua'" },
		{ { "\"" V ";\"" }, RUA_MALFORMED, "no 'rua'" },
		{ { "\"" V "; ext=x\"" }, RUA_MALFORMED, "no 'rua'" },
		{ { "\"" V "; rua=\"" }, RUA_MALFORMED, "no NAME=VALUE" },
		{ { "\"" V "; rua\"" }, RUA_MALFORMED, "no NAME=VALUE" },
		{ { "\"" V "; =x; rua=mailto:a@example.com\"" }, RUA_MALFORMED,
		    "no NAME=VALUE" },
		{ { "\"" V ";; rua=mailto:a@example.com\"" }, RUA_MALFORMED,
		    "no NAME=VALUE" },
		{ { "\"" V "; rua=a@example.com\"" }, RUA_MALFORMED,
		    "'a@example.com' is neither" },
		{ { "\"" V "; rua=mailto:\"" }, RUA_MALFORMED, "neither" },
		{ { "\"" V "; rua=mailto:somebody\"" }, RUA_MALFORMED,
		    "neither" },
		{ { "\"" V "; rua=http://r.example.com/\"" }, RUA_MALFORMED,
		    "neither" },
		{ { "\"" V "; rua=mailto:a@example.com!10m\"" }, RUA_MALFORMED,
		    "neither" },
		{ { "\"" V "; rua=mailto:a@example.com,\"" }, RUA_MALFORMED,
		    "neither" },
		/* the blank is behind the end of the field */
		{ { "\"" V "; rua=mailto:a@example.com, ; ext=x\"" },
		    RUA_MALFORMED, "'' is neither" },
		{ { "\"" V "; rua=mailto:a@example.com, \"" }, RUA_MALFORMED,
		    "'' is neither" },
		/* the version and the name are of one case, a scheme of any */
		{ { "\"v=tlsrptv1; rua=mailto:a@example.com\"" }, RUA_MALFORMED,
		    "not 'v=TLSRPTv1'" },
		{ { "\"v=tlsrptv1; rua=mailto:a@example.com\"",
		      "\"" V "; rua=mailto:b@example.com\"" },
		    RUA_OK, "" },
		{ { "\"v=tlsrptv10; rua=mailto:a@example.com\"" }, RUA_MISSING,
		    "" },
		{ { "\"" V "; RUA=mailto:a@example.com\"" }, RUA_MALFORMED,
		    "no 'rua'" },
		{ { "\"" V "; rua=MailTo:A@example.com\"" }, RUA_OK, "" },
		{ { "\"" V "; rua=mailto:a@example.com\"",
		      "\"" V "; rua=mailto:A@example.com\"" },
		    RUA_SEVERAL, "" },
		{ { "\"" V "; rua=TLS@example.com\"" }, RUA_MALFORMED,
		    "'TLS@example.com' is neither" },
		/* what would end a line, and what ends early */
		{ { "\"" V "; rua=\\010x\"" }, RUA_MALFORMED, "'\\x0ax'" },
		{ { "\"" V "; rua=a\\" }, RUA_MALFORMED, "'a'" },
		{ { "\"" V "\\000; rua=mailto:a@example.com\"" }, RUA_MALFORMED,
		    "no 'rua'" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct texts records = { 0 };
		struct problem problem = { "" };
		enum rua rua;

		for (size_t k = 0; rows[i].records[k] != NULL; k++)
			texts_add_exact(&records, rows[i].records[k]);
		rua = rua_judge(&records, &problem);
		if (rua != rows[i].rua ||
		    strstr(problem.text, rows[i].problem) == NULL)
			fail_msg("%s: %s, '%s'", rows[i].records[0],
			    rua_word(rua), problem.text);
		texts_fini(&records);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
	};

	return cmocka_run_group_tests_name("rua", tests, NULL, NULL);
}
