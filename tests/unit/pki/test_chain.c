/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "pem_file.h"
#include "pki.h"
#include "pki/chain.h"

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
parse_remark(struct ca_pool *pool, const char *text, size_t len,
    struct chain **ret_chain, struct problem *remark, struct problem *problem)
{
	static struct chain untouched;
	struct chain *chain = &untouched;
	enum status status;

	ERR_clear_error();
	*problem = (struct problem){ "" };
	status = chain_parse(pool, text, len, false, &chain, remark, problem);
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(chain == &untouched, status != STATUS_OK);
	assert_int_equal(problem->text[0] == '\0', status == STATUS_OK);
	if (status == STATUS_OK)
		*ret_chain = chain;
	return status;
}

static enum status
parse(struct ca_pool *pool, const char *text, size_t len,
    struct chain **ret_chain, struct problem *problem)
{
	return parse_remark(pool, text, len, ret_chain, NULL, problem);
}

static const struct {
	const char *why;
	const char *file;
	const char *chain;
	const char *remark; /* what it must contain; NULL: there is none */
} accepted_cases[] = {
	{ "a leaf alone", "l", "l", NULL },
	{ "self-signed leaf", "s", "s", NULL },
	{ "self-signed leaf that says CA:TRUE, as openssl req makes", "S", "S",
	    NULL },
	{ "as ACME clients write it", "lI", "lI", NULL },
	{ "an RSA leaf below an ECDSA CA", "mI", "mI", NULL },
	{ "with the root", "lIR", "lIR", NULL },
	{ "CAs in the wrong order", "lRI", "lIR", NULL },
	{ "a cross-signed root at the end", "lIX", "lIX", NULL },
	{ "and who signed it", "lIXY", "lIXY", NULL },
	{ "three CAs shuffled", "lYIX", "lIXY", NULL },
	{ "three CAs backwards", "lYXI", "lIXY", NULL },
	{ "text in front, between and behind", "TlTIT", "lI", NULL },
	{ "CR LF", "nlI", "lI", NULL },
	{ "a byte order mark", "BlI", "lI", NULL },
	{ "rulers of dashes", "DlDID", "lI", NULL },
	/* A client stops at the root itself, whatever comes behind it. */
	{ "the root itself, then cross-signed", "lIRXY", "lIR",
	    "block 4, 'Root R', is not on the path" },
	{ "cross-signed, then the root itself", "lIXR", "lIX",
	    "block 4, 'Root R', is not on the path" },
	{ "a CA twice", "lII", "lI", "block 3 is 'Intermediate' again" },
	{ "CAs twice, shuffled", "lRIRI", "lIR", "block 4 is 'Root R' again" },
	{ "right names, wrong signature", "WI", "W", "none of them issued" },
	{ "right names, wrong signature, further up", "lIJ", "lI", "block 3" },
	{ "a leaf of another CA of the same name", "lJ", "l",
	    "which 'Intermediate' did" },
	{ "a CA, then the leaf: so would a server present it", "IlR", "IR",
	    "block 2, 'mail.example.org', is no CA" },
	{ "the CAs of a leaf, without it", "IR", "IR", NULL },
	{ "a self-signed CA and what it signed", "RI", "R", "block 2" },
	{ "leaf last", "RIl", "R", "block 3, 'mail.example.org', is no CA" },
	{ "unrelated CA", "lu", "l", "block 2, 'Unrelated'" },
	{ "unrelated CA at the end", "lIRu", "lIR", "block 4, 'Unrelated'" },
	{ "unrelated CA first", "luIR", "lIR", "block 2, 'Unrelated'" },
	{ "the link in the middle is missing", "lR", "l", "block 2, 'Root R'" },
	{ "two leafs", "lm", "l", "is no CA certificate" },
	{ "the leaf twice", "llI", "lI", "block 2, 'mail.example.org'" },
	{ "a self-signed leaf with a CA", "sI", "s", "none of them issued" },
	{ "trust settings of openssl, behind the leaf", "lt", "l", "TRUSTED" },
	{ "a request", "lrI", "lI", "block 2 is 'CERTIFICATE REQUEST'" },
	{ "and in front", "rlI", "lI", "block 1 is 'CERTIFICATE REQUEST'" },
	{ "an octet too many in a CA", "lIe", "lI", "again" },
};

static void
test_accepted_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(accepted_cases); i++) {
		const char *says = accepted_cases[i].remark;
		struct problem problem;
		struct problem remark = { "" };
		struct ca_pool pool;
		struct chain *chain = NULL;
		struct buf text = { 0 };

		print_message("# %s\n", accepted_cases[i].why);
		ca_pool_init(&pool);
		pem_file_add(accepted_cases[i].file, &text);
		if (parse_remark(&pool, text.data, text.len, &chain, &remark,
			&problem) != STATUS_OK)
			fail_msg("%s", problem.text);
		assert_chain(chain, accepted_cases[i].chain);
		if (says == NULL)
			assert_string_equal(remark.text, "");
		else if (strstr(remark.text, says) == NULL)
			fail_msg("'%s' lacks '%s'", remark.text, says);
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
	{ "text only", "T", STATUS_FOREIGN, "no certificate" },
	{ "a private key alone", "k", STATUS_FOREIGN, "no certificate" },
	{ "a private key first", "klI", STATUS_REFUSED, "private key" },
	{ "a private key between", "lkI", STATUS_REFUSED, "certificate 2" },
	{ "a private key last", "lIk", STATUS_REFUSED, "certificate 3" },
	{ "a private key behind rubbish", "lITk", STATUS_REFUSED,
	    "private key" },
	{ "trust settings that are none", "t", STATUS_MALFORMED,
	    "certificate 1" },
	{ "a request alone", "r", STATUS_FOREIGN, "CERTIFICATE REQUEST" },
	{ "garbage for a leaf", "g", STATUS_MALFORMED, "certificate 1" },
	{ "garbage for a CA", "lgI", STATUS_MALFORMED, "certificate 2" },
	{ "an octet too many", "d", STATUS_MALFORMED, "certificate 1" },
	{ "a certificate with a header", "hI", STATUS_MALFORMED, "header" },
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
	pem_file_add("WIg", &text);
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
	assert_int_equal(chain_parse(&pool, text.data, text.len, false, &lean,
			     NULL, &problem),
	    STATUS_OK);
	assert_int_equal(chain_parse(&pool, text.data, text.len, true, &full,
			     NULL, &problem),
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
