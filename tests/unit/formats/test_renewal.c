/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "formats/renewal.h"

#define PARAMS "[renewalparams]\n"

/* As certbot 4 writes it, shortened. */
static const char certbot_text[] =
    "# renew_before_expiry = 30 days\n"
    "version = 4.0.0\n"
    "archive_dir = /etc/letsencrypt/archive/mail.example.org\n"
    "cert = /etc/letsencrypt/live/mail.example.org/cert.pem\n"
    "privkey = /etc/letsencrypt/live/mail.example.org/privkey.pem\n"
    "chain = /etc/letsencrypt/live/mail.example.org/chain.pem\n"
    "fullchain = /etc/letsencrypt/live/mail.example.org/fullchain.pem\n"
    "\n"
    "# Options used in the renewal process\n"
    "[renewalparams]\n"
    "account = 0123456789abcdef0123456789abcdef\n"
    "authenticator = webroot\n"
    "webroot_path = /var/www/html,\n"
    "server = https://acme-v02.api.letsencrypt.org/directory\n"
    "key_type = ecdsa\n"
    "preferred_chain = \"ISRG Root X1, if there is one\"\n"
    "preferred_profile = tlsserver\n"
    "reuse_key = True\n"
    "pre_hook = '''sh -c \"echo 'a'\n"
    "reuse_key = False\"'''\n"
    "[[webroot_map]]\n"
    "mail.example.org = /var/www/html\n"
    "server = https://server.example/\n"
    "[acme_renewal_info]\n"
    "ari_retry_after = 2026-06-01T00:00:00\n"
    "key_type = rsa\n";

static const char directory[] =
    "https://acme-v02.api.letsencrypt.org/directory";

static void
assert_text(const char *text, const char *expected)
{
	if (expected == NULL)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

static void
assert_renewal(const struct renewal *renewal, const struct renewal *expected)
{
	assert_text(renewal->archive_dir, expected->archive_dir);
	assert_text(renewal->fullchain, expected->fullchain);
	assert_text(renewal->server, expected->server);
	assert_text(renewal->key_type, expected->key_type);
	assert_text(renewal->preferred_chain, expected->preferred_chain);
	assert_text(renewal->preferred_profile, expected->preferred_profile);
	assert_int_equal(renewal->reuse_key, expected->reuse_key);
}

/* The members are not const: room for what a test expects. */
static struct renewal
certbot_renewal(void)
{
	static char archive[] = "/etc/letsencrypt/archive/mail.example.org";
	static char fullchain[] =
	    "/etc/letsencrypt/live/mail.example.org/fullchain.pem";
	static char server[sizeof(directory)];
	static char key_type[] = "ecdsa";
	static char chain[] = "ISRG Root X1, if there is one";
	static char profile[] = "tlsserver";

	memcpy(server, directory, sizeof(directory));
	return (struct renewal){
		.archive_dir = archive,
		.fullchain = fullchain,
		.server = server,
		.key_type = key_type,
		.preferred_chain = chain,
		.preferred_profile = profile,
		.reuse_key = true,
	};
}

static void
test_certbot(void **state)
{
	struct renewal expected = certbot_renewal();
	struct problem problem = { "" };
	struct renewal renewal;

	(void)state;
	assert_int_equal(renewal_parse(certbot_text, sizeof(certbot_text) - 1,
			     &renewal, &problem),
	    STATUS_OK);
	assert_renewal(&renewal, &expected);
	renewal_fini(&renewal);
	assert_null(renewal.server);
	renewal_fini(&renewal);
}

static void
test_server_table(void **state)
{
	static const struct {
		const char *why;
		const char *text;
		const char *server;
	} cases[] = {
		{ "empty file", "", NULL },
		{ "plain", PARAMS "server = a\n", "a" },
		{ "only a comment", PARAMS "# server = a\n", NULL },
		{ "inline comment", PARAMS "server = a # b\n", "a" },
		{ "hash in quotes", PARAMS "server = 'a # b'\n", "a # b" },
		{ "triple quotes", PARAMS "server = '''a'''\n", "a" },
		{ "within triple quotes", PARAMS "a = '''\nserver = a\n'''",
		    NULL },
		{ "spaces in brackets", "[ renewalparams ]\nserver = a", "a" },
		{ "no value", PARAMS "server =\n", NULL },
		{ "quotes without a value", PARAMS "server = ''\n", NULL },
		{ "what certbot wrote when unset", PARAMS "server = None\n",
		    NULL },
		{ "only starts like it", PARAMS "server = None1\n", "None1" },
		{ "top level", "server = a\n", NULL },
		{ "other section", "[a]\nserver = a\n", NULL },
		{ "section of the name", "[a]\n[[renewalparams]]\nserver = a\n",
		    NULL },
		{ "subsection", PARAMS "[[a]]\nserver = a\n", NULL },
		{ "section behind", PARAMS "[[a]]\n[b]\nserver = a\n", NULL },
		{ "other case of the key", PARAMS "Server = a\n", NULL },
		{ "other case of the section", "[RenewalParams]\nserver = a\n",
		    NULL },
		{ "longer key", PARAMS "server_ = a\n", NULL },
		{ "list of an unknown key", PARAMS "servers = a, b\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct renewal renewal;

		print_message("# %s\n", cases[i].why);
		assert_int_equal(renewal_parse(cases[i].text,
				     strlen(cases[i].text), &renewal, NULL),
		    STATUS_OK);
		assert_text(renewal.server, cases[i].server);
		assert_null(renewal.key_type);
		renewal_fini(&renewal);
	}
}

/* In every section but its own a key says nothing. */
static void
test_place_table(void **state)
{
	static const struct {
		const char *why;
		const char *text;
		bool is_archive;
		bool is_fullchain;
		bool is_reuse;
	} cases[] = {
		{ "top level", "archive_dir = a\nfullchain = b\n", true, true,
		    false },
		{ "parameters", PARAMS "archive_dir = a\nfullchain = b\n",
		    false, false, false },
		{ "reuse_key of the parameters", PARAMS "reuse_key = True",
		    false, false, true },
		{ "reuse_key of the top level", "reuse_key = True", false,
		    false, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct renewal renewal;

		print_message("# %s\n", cases[i].why);
		assert_int_equal(renewal_parse(cases[i].text,
				     strlen(cases[i].text), &renewal, NULL),
		    STATUS_OK);
		assert_text(
		    renewal.archive_dir, cases[i].is_archive ? "a" : NULL);
		assert_text(
		    renewal.fullchain, cases[i].is_fullchain ? "b" : NULL);
		assert_int_equal(renewal.reuse_key, cases[i].is_reuse);
		renewal_fini(&renewal);
	}
}

static void
test_reuse_key_table(void **state)
{
	static const char refused[] =
	    "line 2: reuse_key is neither True nor False";
	static const struct {
		const char *text;
		bool reuse_key;
		const char *problem; /* NULL: accepted */
	} cases[] = {
		{ "True", true, NULL },
		{ "true", true, NULL },
		{ "YES", true, NULL },
		{ "on", true, NULL },
		{ "1", true, NULL },
		{ "'True' # False", true, NULL },
		{ "False", false, NULL },
		{ "no", false, NULL },
		{ "Off", false, NULL },
		{ "0", false, NULL },
		{ "", false, refused },
		{ "None", false, refused },
		{ "truth", false, refused },
		{ "tru", false, refused },
		{ "2", false, refused },
		{ "01", false, refused },
		{ "True,", false, refused },
		{ "True, False", false, refused },
		{ "'True", false, "line 2: a quote is not closed" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct renewal renewal = { .reuse_key = false };
		struct problem problem = { "" };
		char text[64];

		print_message("# %s\n", cases[i].text);
		(void)snprintf(text, sizeof(text), PARAMS "reuse_key = %s\n",
		    cases[i].text);
		assert_int_equal(
		    renewal_parse(text, strlen(text), &renewal, &problem),
		    cases[i].problem == NULL ? STATUS_OK : STATUS_MALFORMED);
		assert_int_equal(renewal.reuse_key, cases[i].reuse_key);
		assert_string_equal(problem.text,
		    cases[i].problem == NULL ? "" : cases[i].problem);
	}
}

static void
test_reject_table(void **state)
{
	static const struct {
		const char *why;
		const char *text;
		const char *problem;
	} cases[] = {
		{ "key twice", PARAMS "server = a\nserver = b\n",
		    "line 3: the name is there twice" },
		{ "section twice", PARAMS PARAMS "server = b\n",
		    "line 2: the name is there twice" },
		{ "list", PARAMS "server = a, b\n",
		    "line 2: server is a list" },
		{ "list at the top level", "archive_dir = a,\n",
		    "line 1: archive_dir is a list" },
		{ "a mistake at the end", PARAMS "server = a\nkey_type: rsa\n",
		    "line 3: neither a comment nor [section] nor key = value" },
		{ "quote not closed", "archive_dir = a\nfullchain = 'a\n",
		    "line 2: a quote is not closed" },
		{ "cut in a triple quote", PARAMS "server = '''a\n",
		    "line 2: a triple quote is not closed" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct renewal expected = certbot_renewal();
		struct renewal renewal = expected;
		struct problem problem = { "" };

		print_message("# %s\n", cases[i].why);
		assert_int_equal(renewal_parse(cases[i].text,
				     strlen(cases[i].text), &renewal, &problem),
		    STATUS_MALFORMED);
		assert_string_equal(problem.text, cases[i].problem);
		assert_renewal(&renewal, &expected);
	}
}

/* A file that is cut anywhere is read or refused, and nothing is invented. */
static void
test_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(certbot_text); len++) {
		struct renewal renewal = { .reuse_key = false };

		if (renewal_parse(certbot_text, len, &renewal, NULL) !=
		    STATUS_OK)
			assert_null(renewal.archive_dir);
		if (renewal.server != NULL)
			assert_memory_equal(
			    renewal.server, directory, strlen(renewal.server));
		renewal_fini(&renewal);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certbot),
		cmocka_unit_test(test_server_table),
		cmocka_unit_test(test_place_table),
		cmocka_unit_test(test_reuse_key_table),
		cmocka_unit_test(test_reject_table),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("renewal", tests, NULL, NULL);
}
