/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "limit.h"
#include "mem.h"
#include "pem_file.h"
#include "pki.h"

static int
parts_make(void **state)
{
	(void)state;
	pem_parts_make();
	return 0;
}

static int
parts_free(void **state)
{
	(void)state;
	pem_parts_free();
	return 0;
}

static bool
cert_is(const struct cert *cert, const struct pki *pki)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	assert_int_equal(X509_digest(pki->x509, EVP_sha256(), digest, &len), 1);
	return memcmp(cert->part[CERT_SELECTOR_CERT].sha256, digest, len) == 0;
}

/* The chain must be exactly the certificates of `plan`, in that order. */
static void
assert_chain(const struct chain *chain, const char *plan)
{
	assert_int_equal(chain->ca_count + 1, strlen(plan));
	assert_true(cert_is(chain->leaf, pem_part(plan[0])));
	for (size_t i = 0; i < chain->ca_count; i++)
		assert_true(cert_is(chain->ca[i], pem_part(plan[i + 1])));
}

/* Parse; a failure must leave the output alone, give a reason and no trace. */
static enum status
parse(struct ca_pool *pool, const char *text, size_t len,
    struct chain **ret_chain, struct problem *problem)
{
	static struct chain untouched;
	struct chain *chain = &untouched;
	enum status status;

	ERR_clear_error();
	*problem = (struct problem){ "" };
	status = chain_parse(pool, text, len, false, &chain, problem);
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(chain == &untouched, status != STATUS_OK);
	assert_int_equal(problem->text[0] == '\0', status == STATUS_OK);
	if (status == STATUS_OK)
		*ret_chain = chain;
	return status;
}

static void
test_accepted_table(void **state)
{
	static const struct {
		const char *why;
		const char *file;
		const char *chain;
	} cases[] = {
		{ "a leaf alone", "l", "l" },
		{ "self-signed leaf", "s", "s" },
		{ "self-signed leaf that says CA:TRUE, as openssl req makes",
		    "S", "S" },
		{ "as ACME clients write it", "lI", "lI" },
		{ "an RSA leaf below an ECDSA CA", "mI", "mI" },
		{ "with the root", "lIR", "lIR" },
		{ "CAs in the wrong order", "lRI", "lIR" },
		{ "a cross-signed root at the end", "lIX", "lIX" },
		{ "and who signed it", "lIXY", "lIXY" },
		{ "three CAs shuffled", "lYIX", "lIXY" },
		{ "three CAs backwards", "lYXI", "lIXY" },
		{ "the root itself, then cross-signed", "lIRXY", "lIRXY" },
		{ "a CA twice", "lII", "lI" },
		{ "CAs twice, shuffled", "lRIRI", "lIR" },
		{ "text in front, between and behind", "TlTIT", "lI" },
		{ "CR LF", "nlI", "lI" },
		{ "cross-signed, then the root itself", "lIXR", "lIRX" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem;
		struct ca_pool pool;
		struct chain *chain = NULL;
		struct buf text = { 0 };

		print_message("# %s\n", cases[i].why);
		ca_pool_init(&pool);
		pem_file_add(cases[i].file, &text);
		if (parse(&pool, text.data, text.len, &chain, &problem) !=
		    STATUS_OK)
			fail_msg("%s", problem.text);
		assert_chain(chain, cases[i].chain);
		chain_unref(chain);
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
}

static const struct {
	const char *why;
	const char *file;
	enum status status;
	const char *says; /* what the problem must contain */
} refused_cases[] = {
	{ "nothing", "", STATUS_MALFORMED, "no certificate" },
	{ "text only", "T", STATUS_MALFORMED, "no certificate" },
	{ "right names, wrong signature", "WI", STATUS_MALFORMED, "0 of 1" },
	{ "right names, wrong signature, further up", "lIJ", STATUS_MALFORMED,
	    "1 of 2" },
	{ "a leaf of another CA of the same name", "lJ", STATUS_MALFORMED,
	    "0 of 1" },
	{ "CA first", "IlR", STATUS_MALFORMED, "certificate" },
	{ "CA first, then its issuer", "IR", STATUS_MALFORMED,
	    "certificate 1" },
	{ "a self-signed CA and what it signed", "RI", STATUS_MALFORMED,
	    "certificate 1" },
	{ "leaf last", "RIl", STATUS_MALFORMED, "certificate 3" },
	{ "unrelated CA", "lu", STATUS_MALFORMED, "0 of 1" },
	{ "unrelated CA at the end", "lIRu", STATUS_MALFORMED, "2 of 3" },
	{ "unrelated CA first", "luIR", STATUS_MALFORMED, "2 of 3" },
	{ "the link in the middle is missing", "lR", STATUS_MALFORMED,
	    "0 of 1" },
	{ "two leafs", "lm", STATUS_MALFORMED, "certificate 2" },
	{ "the leaf twice", "llI", STATUS_MALFORMED, "certificate 2" },
	{ "a self-signed leaf with a CA", "sI", STATUS_MALFORMED, "0 of 1" },
	{ "a private key", "k", STATUS_REFUSED, "private key" },
	{ "a private key first", "klI", STATUS_REFUSED, "private key" },
	{ "a private key between", "lkI", STATUS_REFUSED, "certificate 2" },
	{ "a private key last", "lIk", STATUS_REFUSED, "certificate 3" },
	{ "a private key behind rubbish", "lITk", STATUS_REFUSED,
	    "private key" },
	{ "trust settings of openssl", "t", STATUS_REFUSED, "TRUSTED" },
	{ "and behind a leaf", "lt", STATUS_REFUSED, "certificate 2" },
	{ "a request", "r", STATUS_REFUSED, "REQUEST" },
	{ "garbage for a leaf", "g", STATUS_MALFORMED, "certificate 1" },
	{ "garbage for a CA", "lgI", STATUS_MALFORMED, "certificate 2" },
	{ "an octet too many", "d", STATUS_MALFORMED, "certificate 1" },
	{ "a line of dashes may be a cut block", "lDI", STATUS_MALFORMED,
	    "cut" },
	{ "the CAs of a leaf, without it", "I", STATUS_MALFORMED,
	    "certificate 1" },
};

static void
test_refused_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused_cases); i++) {
		struct problem problem;
		struct ca_pool pool;
		struct chain *chain = NULL;
		struct buf text = { 0 };

		print_message("# %s\n", refused_cases[i].why);
		ca_pool_init(&pool);
		pem_file_add(refused_cases[i].file, &text);
		assert_int_equal(
		    parse(&pool, buf_text(&text), text.len, &chain, &problem),
		    refused_cases[i].status);
		if (strstr(problem.text, refused_cases[i].says) == NULL)
			fail_msg("'%s' lacks '%s'", problem.text,
			    refused_cases[i].says);
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
}

static void
test_no_final_newline(void **state)
{
	struct problem problem;
	struct ca_pool pool;
	struct chain *chain = NULL;
	struct buf text = { 0 };

	(void)state;
	ca_pool_init(&pool);
	pem_file_add("lI", &text);
	assert_int_equal(text.data[text.len - 1], '\n');
	assert_int_equal(
	    parse(&pool, text.data, text.len - 1, &chain, &problem), STATUS_OK);
	assert_chain(chain, "lI");
	chain_unref(chain);
	ca_pool_fini(&pool);
	buf_fini(&text);
}

static void
test_limit_table(void **state)
{
	static const struct {
		const char *why;
		size_t cas;
		size_t text;
		enum status status;
	} cases[] = {
		{ "16 certificates", LIMIT_CHAIN - 1, 0, STATUS_OK },
		{ "17 certificates", LIMIT_CHAIN, 0, STATUS_LIMIT },
		{ "as much text as allowed", 0, LIMIT_PEM_FILE, STATUS_OK },
		{ "an octet more", 0, LIMIT_PEM_FILE + 1, STATUS_LIMIT },
	};
	struct pki ca[LIMIT_CHAIN + 1];

	(void)state;
	/* ca[0] is the root, each signs the next. */
	for (size_t i = 0; i < LENGTH(ca); i++) {
		char *name = mem_format("CA %zu", i);

		pki_make_ca(name, i > 0 ? &ca[i - 1] : NULL, &ca[i]);
		free(name);
	}
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem;
		struct ca_pool pool;
		struct chain *chain = NULL;
		struct buf text = { 0 };
		struct pki leaf;

		print_message("# %s\n", cases[i].why);
		pki_make_leaf("a.example.org", &ca[cases[i].cas], &leaf);
		ca_pool_init(&pool);
		pki_add_pem(&leaf, &text);
		for (size_t k = cases[i].cas; k > 0; k--)
			pki_add_pem(&ca[k], &text);
		while (text.len < cases[i].text)
			buf_add(&text, "\n", 1);
		assert_int_equal(
		    parse(&pool, text.data, text.len, &chain, &problem),
		    cases[i].status);
		if (chain != NULL)
			assert_int_equal(chain->ca_count, cases[i].cas);
		chain_unref(chain);
		ca_pool_fini(&pool);
		pki_fini(&leaf);
		buf_fini(&text);
	}
	for (size_t i = 0; i < LENGTH(ca); i++)
		pki_fini(&ca[i]);
}

/* Chains of one pool share their CA certificates, also when they were refused
 * in between. */
static void
test_pool_shares(void **state)
{
	struct problem problem;
	struct ca_pool pool;
	struct chain *first = NULL;
	struct chain *second = NULL;
	struct chain *none = NULL;
	struct buf text = { 0 };

	(void)state;
	ca_pool_init(&pool);
	pem_file_add("lIR", &text);
	assert_int_equal(
	    parse(&pool, text.data, text.len, &first, &problem), STATUS_OK);
	buf_clear(&text);
	pem_file_add("WI", &text);
	assert_int_equal(parse(&pool, text.data, text.len, &none, &problem),
	    STATUS_MALFORMED);
	buf_clear(&text);
	pem_file_add("mRI", &text);
	assert_int_equal(
	    parse(&pool, text.data, text.len, &second, &problem), STATUS_OK);
	assert_ptr_equal(first->ca[0], second->ca[0]);
	assert_ptr_equal(first->ca[1], second->ca[1]);
	assert_ptr_not_equal(first->leaf, second->leaf);
	/* A chain does not need the pool any more. */
	chain_unref(first);
	ca_pool_fini(&pool);
	assert_chain(second, "mIR");
	chain_unref(second);
	buf_fini(&text);
}

/*
 * DER that the first reader had no use for must not be missing for the next,
 * who has (a configuration that was read again).
 */
static void
test_pool_keeps_der(void **state)
{
	struct problem problem = { "" };
	struct ca_pool pool;
	struct chain *lean = NULL;
	struct chain *full = NULL;
	struct buf text = { 0 };

	(void)state;
	ca_pool_init(&pool);
	pem_file_add("lI", &text);
	assert_int_equal(
	    chain_parse(&pool, text.data, text.len, false, &lean, &problem),
	    STATUS_OK);
	assert_int_equal(
	    chain_parse(&pool, text.data, text.len, true, &full, &problem),
	    STATUS_OK);
	assert_non_null(full->leaf->part[CERT_SELECTOR_SPKI].der);
	assert_non_null(full->ca[0]->part[CERT_SELECTOR_SPKI].der);
	chain_unref(lean);
	chain_unref(full);
	ca_pool_fini(&pool);
	buf_fini(&text);
}

static void
test_equal_table(void **state)
{
	static const struct {
		const char *why;
		const char *a;
		const char *b;
		bool equal;
	} cases[] = {
		{ "the same", "lIR", "lIR", true },
		{ "the same in another order", "lIR", "lRI", true },
		{ "another leaf", "lI", "mI", false },
		{ "a CA more", "lI", "lIR", false },
		{ "none at all", "lI", "l", false },
		{ "the same CA, cross-signed", "lIR", "lIX", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem;
		struct ca_pool pools[2];
		struct chain *a = NULL;
		struct chain *b = NULL;
		struct buf text = { 0 };

		print_message("# %s\n", cases[i].why);
		ca_pool_init(&pools[0]);
		ca_pool_init(&pools[1]);
		pem_file_add(cases[i].a, &text);
		(void)parse(&pools[0], text.data, text.len, &a, &problem);
		buf_clear(&text);
		pem_file_add(cases[i].b, &text);
		(void)parse(&pools[1], text.data, text.len, &b, &problem);
		assert_int_equal(chain_equal(a, b), cases[i].equal);
		assert_int_equal(chain_equal(b, a), cases[i].equal);
		chain_unref(chain_ref(a));
		chain_unref(a);
		chain_unref(b);
		ca_pool_fini(&pools[0]);
		ca_pool_fini(&pools[1]);
		buf_fini(&text);
	}
	chain_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_table),
		cmocka_unit_test(test_refused_table),
		cmocka_unit_test(test_no_final_newline),
		cmocka_unit_test(test_limit_table),
		cmocka_unit_test(test_pool_shares),
		cmocka_unit_test(test_pool_keeps_der),
		cmocka_unit_test(test_equal_table),
	};

	return cmocka_run_group_tests_name(
	    "chain", tests, parts_make, parts_free);
}
