/* SPDX-License-Identifier: MIT */
/* For whom the key of another host may speak. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "via/bare.h"
#include "via/bounds.h"
#include "via/ssh.h"

static const struct {
	const char *hosts;
	const char *names; /* of the leaf, with blanks between them */
	bool is_allowed;
} rows[] = {
	{ "mx1.example.com", "mx1.example.com", true },
	{ "mx1.example.com", "MX1.example.com", true },
	{ "mx1.example.com.", "mx1.example.com", true },
	{ "mx1.example.com", "mx2.example.com", false },
	{ "mx1.example.com", "mx1.example.com.example.org", false },
	{ "mx1.example.com", "a.mx1.example.com", false },
	{ "mx1.*", "mx1.example.com", true },
	{ "mx1.*", "mx10.example.com", false },
	{ "mx?.example.com", "mx1.example.com", true },
	{ "a.example.com,b.example.com", "a.example.com b.example.com", true },
	/* each of them, not one */
	{ "a.example.com", "a.example.com b.example.com", false },
	{ "a.example.com", "b.example.com a.example.com", false },
	{ "a.example.com", "", false },
	/* a wildcard is more than it looks like */
	{ "*.example.com", "*.example.com", true },
	{ "*", "*.example.com", true },
	{ "?.example.com", "*.example.com", false },
	{ "mx*.example.com", "*.example.com", false },
	{ "mail.example.com", "*.example.com", false },
	{ "*.example.com", "*", false },
};

/* Names are borrowed from `text`, which is cut. */
static struct cert
cert_of(char *text, char **names)
{
	struct cert cert = { .name_count = 0 };
	char *rest = NULL;

	for (char *name = strtok_r(text, " ", &rest); name != NULL;
	     name = strtok_r(NULL, " ", &rest))
		names[cert.name_count++] = name;
	cert.names = names;
	return cert;
}

static void
test_allow(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char *text = mem_string(rows[i].names);
		char *names[4];
		struct cert cert = cert_of(text, names);
		struct problem problem = { "" };
		struct bounds bounds;

		assert_int_equal(
		    bounds_parse(rows[i].hosts, NULL, &bounds, &problem),
		    STATUS_OK);
		if (bounds_allow(&bounds, &cert, &problem) !=
		    rows[i].is_allowed)
			fail_msg("'%s' and '%s'", rows[i].hosts, rows[i].names);
		assert_int_equal(problem.text[0] == '\0', rows[i].is_allowed);
		bounds_fini(&bounds);
		free(text);
	}
}

static void
test_parse(void **state)
{
	static const struct {
		const char *hosts;
		const char *as;
		const char *sender; /* NULL: refused */
	} cases[] = {
		{ "a.example.com", NULL, "a.example.com" },
		{ "b.*,a.*", NULL, "a.*,b.*" },
		{ "a.*,b.*,a.*", NULL, "a.*,b.*" },
		{ "a.*", "mx1", "mx1" },
		{ "", NULL, NULL },
		{ ",a", NULL, NULL },
		{ "a,", NULL, NULL },
		{ "a b", NULL, NULL },
		{ "a;b", NULL, NULL },
		{ "[ab].example.com", NULL, NULL },
		{ "a\nb", NULL, NULL },
		{ "a", "", NULL },
		{ "a", "two words", NULL },
		{ "a", "a\nb", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		struct bounds bounds;
		enum status status = bounds_parse(
		    cases[i].hosts, cases[i].as, &bounds, &problem);

		assert_int_equal(status == STATUS_OK, cases[i].sender != NULL);
		assert_int_equal(
		    problem.text[0] != '\0', cases[i].sender == NULL);
		if (status != STATUS_OK)
			continue;
		assert_string_equal(bounds.sender, cases[i].sender);
		bounds_fini(&bounds);
	}
}

/* Nothing that is written there is an option of ssh. */
static void
test_destination(void **state)
{
	static const struct {
		const char *text;
		const char *destination; /* NULL: refused */
	} cases[] = {
		{ "ssh:dns.example.net", "dns.example.net" },
		{ "ssh:u@dns.example.net", "u@dns.example.net" },
		{ "ssh://u@dns.example.net:2222",
		    "ssh://u@dns.example.net:2222" },
		{ "ssh://[2001:db8::1]:2222", "ssh://[2001:db8::1]:2222" },
		{ "dns.example.net", NULL },
		{ "ssh:", NULL },
		{ "ssh://", NULL },
		{ "ssh:u@", NULL },
		{ "ssh:-oProxyCommand=x", NULL },
		{ "ssh:-p22", NULL },
		{ "ssh://-x", NULL },
		{ "ssh:u@-oProxyCommand=x", NULL },
		{ "ssh:a@b@-x", NULL },
		{ "ssh:a b", NULL },
		{ "ssh:a;b", NULL },
		{ "ssh:$(x)", NULL },
		{ "ssh:a\nb", NULL },
		{ "http:a", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		char *destination = NULL;
		enum status status = ssh_parse(
		    cases[i].text, &destination, &problem);

		if ((status == STATUS_OK) != (cases[i].destination != NULL))
			fail_msg("'%s'", cases[i].text);
		if (status == STATUS_OK)
			assert_string_equal(destination, cases[i].destination);
		free(destination);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_destination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
