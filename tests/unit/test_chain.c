/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "limit.h"
#include "mem.h"
#include "pki.h"

/*
 * The characters of a case each stand for one part of a file:
 *  l leaf by I          I intermediate by R    R root
 *  X R's name and key, signed by another root Y, which is not the same as R
 *  Y that other root    s self-signed leaf     S self-signed leaf, CA:TRUE
 *  W leaf by I in names only                   J I's name and another key
 *  u unrelated CA       m leaf with RSA key by I
 *  k private key        t TRUSTED CERTIFICATE  r certificate request
 *  g garbage DER        d DER with an octet behind it
 *  T text               D a line of dashes     n CR before each LF from here on
 */
struct parts {
	struct pki root, other_root, cross, intermediate, imposter;
	struct pki leaf, rsa_leaf, wrong, self, self_ca, unrelated;
};

static struct parts parts;

static int
parts_make(void **state)
{
	const struct pki_wish self_ca = {
		.subject = "self.example.org",
		.names = "DNS:self.example.org",
		.constraints = "CA:TRUE",
	};
	const struct pki_wish rsa_leaf = {
		.names = "DNS:rsa.example.org",
		.key = PKI_RSA,
	};

	(void)state;
	pki_make_ca("Root R", NULL, &parts.root);
	pki_make_ca("Root Y", NULL, &parts.other_root);
	pki_make_cross(&parts.root, &parts.other_root, &parts.cross);
	pki_make_ca("Intermediate", &parts.root, &parts.intermediate);
	pki_make_ca("Intermediate", &parts.root, &parts.imposter);
	pki_make_ca("Unrelated", NULL, &parts.unrelated);
	pki_make_leaf("mail.example.org", &parts.intermediate, &parts.leaf);
	pki_make(&rsa_leaf, &parts.intermediate, &parts.rsa_leaf);
	pki_make_leaf("mail.example.org", &parts.imposter, &parts.wrong);
	pki_make_leaf("self.example.org", NULL, &parts.self);
	pki_make(&self_ca, NULL, &parts.self_ca);
	return 0;
}

static int
parts_free(void **state)
{
	(void)state;
	pki_fini(&parts.root);
	pki_fini(&parts.other_root);
	pki_fini(&parts.cross);
	pki_fini(&parts.intermediate);
	pki_fini(&parts.imposter);
	pki_fini(&parts.unrelated);
	pki_fini(&parts.leaf);
	pki_fini(&parts.rsa_leaf);
	pki_fini(&parts.wrong);
	pki_fini(&parts.self);
	pki_fini(&parts.self_ca);
	return 0;
}

static const struct pki *
part_pki(char part)
{
	switch (part) {
	case 'l':
		return &parts.leaf;
	case 'm':
		return &parts.rsa_leaf;
	case 'W':
		return &parts.wrong;
	case 's':
		return &parts.self;
	case 'S':
		return &parts.self_ca;
	case 'I':
		return &parts.intermediate;
	case 'J':
		return &parts.imposter;
	case 'R':
		return &parts.root;
	case 'X':
		return &parts.cross;
	case 'Y':
		return &parts.other_root;
	case 'u':
		return &parts.unrelated;
	default:
		return NULL;
	}
}

/* Append the leaf with one more octet behind its DER. */
static void
add_overlong(struct buf *text)
{
	unsigned char *der = NULL;
	int len = i2d_X509(parts.leaf.x509, &der);
	struct buf more = { 0 };

	assert_true(len > 0);
	buf_add(&more, der, (size_t)len);
	buf_add(&more, "", 1);
	pki_add_block("CERTIFICATE", more.data, more.len, text);
	OPENSSL_free(der);
	buf_fini(&more);
}

static void
part_add(char part, struct buf *text)
{
	switch (part) {
	case 'k':
		pki_add_key(&parts.leaf, text);
		break;
	case 't':
		pki_add_block("TRUSTED CERTIFICATE", "x", 1, text);
		break;
	case 'r':
		pki_add_block("CERTIFICATE REQUEST", "x", 1, text);
		break;
	case 'g':
		pki_add_block("CERTIFICATE", "no DER at all", 13, text);
		break;
	case 'd':
		add_overlong(text);
		break;
	case 'T':
		buf_add_string(text, "subject=CN = mail\n - a dash -\n\n");
		break;
	case 'D':
		buf_add_string(text, "----------\n");
		break;
	default:
		assert_non_null(part_pki(part));
		pki_add_pem(part_pki(part), text);
	}
}

/* Put a file together as the characters of `plan` say. */
static void
file_make(const char *plan, struct buf *text)
{
	struct buf plain = { 0 };
	bool crlf = false;

	for (; *plan != '\0'; plan++)
		if (*plan == 'n')
			crlf = true;
		else
			part_add(*plan, &plain);
	for (size_t i = 0; i < plain.len; i++) {
		if (crlf && plain.data[i] == '\n')
			buf_add(text, "\r", 1);
		buf_add(text, &plain.data[i], 1);
	}
	buf_fini(&plain);
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
	assert_true(cert_is(chain->leaf, part_pki(plan[0])));
	for (size_t i = 0; i < chain->ca_count; i++)
		assert_true(cert_is(chain->ca[i], part_pki(plan[i + 1])));
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
		file_make(cases[i].file, &text);
		if (parse(&pool, text.data, text.len, &chain, &problem) !=
		    STATUS_OK)
			fail_msg("%s", problem.text);
		assert_chain(chain, cases[i].chain);
		chain_unref(chain);
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
}

static void
test_refused_table(void **state)
{
	static const struct {
		const char *why;
		const char *file;
		enum status status;
		const char *says; /* what the problem must contain */
	} cases[] = {
		{ "nothing", "", STATUS_MALFORMED, "no certificate" },
		{ "text only", "T", STATUS_MALFORMED, "no certificate" },
		{ "right names, wrong signature", "WI", STATUS_MALFORMED,
		    "0 of 1" },
		{ "right names, wrong signature, further up", "lIJ",
		    STATUS_MALFORMED, "1 of 2" },
		{ "a leaf of another CA of the same name", "lJ",
		    STATUS_MALFORMED, "0 of 1" },
		{ "CA first", "IlR", STATUS_MALFORMED, "certificate" },
		{ "CA first, then its issuer", "IR", STATUS_MALFORMED,
		    "certificate 1" },
		{ "a self-signed CA and what it signed", "RI", STATUS_MALFORMED,
		    "certificate 1" },
		{ "leaf last", "RIl", STATUS_MALFORMED, "certificate 3" },
		{ "unrelated CA", "lu", STATUS_MALFORMED, "0 of 1" },
		{ "unrelated CA at the end", "lIRu", STATUS_MALFORMED,
		    "2 of 3" },
		{ "unrelated CA first", "luIR", STATUS_MALFORMED, "2 of 3" },
		{ "the link in the middle is missing", "lR", STATUS_MALFORMED,
		    "0 of 1" },
		{ "two leafs", "lm", STATUS_MALFORMED, "certificate 2" },
		{ "the leaf twice", "llI", STATUS_MALFORMED, "certificate 2" },
		{ "a self-signed leaf with a CA", "sI", STATUS_MALFORMED,
		    "0 of 1" },
		{ "a private key", "k", STATUS_REFUSED, "private key" },
		{ "a private key first", "klI", STATUS_REFUSED, "private key" },
		{ "a private key between", "lkI", STATUS_REFUSED,
		    "certificate 2" },
		{ "a private key last", "lIk", STATUS_REFUSED,
		    "certificate 3" },
		{ "a private key behind rubbish", "lITk", STATUS_REFUSED,
		    "private key" },
		{ "trust settings of openssl", "t", STATUS_REFUSED, "TRUSTED" },
		{ "and behind a leaf", "lt", STATUS_REFUSED, "certificate 2" },
		{ "a request", "r", STATUS_REFUSED, "REQUEST" },
		{ "garbage for a leaf", "g", STATUS_MALFORMED,
		    "certificate 1" },
		{ "garbage for a CA", "lgI", STATUS_MALFORMED,
		    "certificate 2" },
		{ "an octet too many", "d", STATUS_MALFORMED, "certificate 1" },
		{ "a line of dashes may be a cut block", "lDI",
		    STATUS_MALFORMED, "cut" },
		{ "the CAs of a leaf, without it", "I", STATUS_MALFORMED,
		    "certificate 1" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem;
		struct ca_pool pool;
		struct chain *chain = NULL;
		struct buf text = { 0 };

		print_message("# %s\n", cases[i].why);
		ca_pool_init(&pool);
		file_make(cases[i].file, &text);
		assert_int_equal(
		    parse(&pool, buf_text(&text), text.len, &chain, &problem),
		    cases[i].status);
		if (strstr(problem.text, cases[i].says) == NULL)
			fail_msg(
			    "'%s' lacks '%s'", problem.text, cases[i].says);
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
}

/* Count the blocks if the last line is the end of one, else return 0. */
static size_t
whole_blocks(const char *text, size_t len)
{
	static const char end[] = "-----END CERTIFICATE-----";
	size_t size = sizeof(end) - 1;
	size_t count = 0;

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len < size || memcmp(text + len - size, end, size) != 0)
		return 0;
	for (size_t i = 0; i + size <= len; i++)
		count += memcmp(text + i, end, size) == 0;
	return count;
}

/*
 * A file that is being written may be seen cut at any octet.  Each cut but
 * those right behind a block is noticed, and those give a shorter chain, for
 * nothing in the file tells more.
 */
static void
test_cut_anywhere(void **state)
{
	static const char *const files[] = { "lIR", "nlI" };

	(void)state;
	for (size_t f = 0; f < LENGTH(files); f++) {
		struct buf text = { 0 };
		struct ca_pool pool;

		ca_pool_init(&pool);
		file_make(files[f], &text);
		for (size_t len = 0; len < text.len; len++) {
			size_t blocks = whole_blocks(text.data, len);
			struct problem problem;
			struct chain *chain = NULL;
			enum status status = parse(
			    &pool, text.data, len, &chain, &problem);

			if ((status == STATUS_OK) != (blocks > 0))
				fail_msg("cut at %zu: %s", len, problem.text);
			if (chain != NULL)
				assert_int_equal(chain->ca_count + 1, blocks);
			chain_unref(chain);
		}
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
}

/*
 * An octet of the leaf that changed on the way.  (Nothing in the file vouches
 * for its last certificate.)
 */
static void
test_leaf_flipped_anywhere(void **state)
{
	struct buf text = { 0 };
	struct ca_pool pool;
	size_t leaf;

	(void)state;
	ca_pool_init(&pool);
	file_make("l", &text);
	leaf = text.len - 1;
	file_make("I", &text);
	for (size_t i = 0; i < leaf; i++) {
		struct problem problem;
		struct chain *chain = NULL;
		char was = text.data[i];

		text.data[i] = was == 'A' ? 'B' : 'A';
		if (parse(&pool, text.data, text.len, &chain, &problem) ==
		    STATUS_OK) {
			/* Bits that only fill up base64 mean nothing. */
			assert_chain(chain, "lI");
			chain_unref(chain);
		}
		text.data[i] = was;
	}
	ca_pool_fini(&pool);
	buf_fini(&text);
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
	file_make("lI", &text);
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
	file_make("lIR", &text);
	assert_int_equal(
	    parse(&pool, text.data, text.len, &first, &problem), STATUS_OK);
	buf_clear(&text);
	file_make("WI", &text);
	assert_int_equal(parse(&pool, text.data, text.len, &none, &problem),
	    STATUS_MALFORMED);
	buf_clear(&text);
	file_make("mRI", &text);
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
	file_make("lI", &text);
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
		file_make(cases[i].a, &text);
		(void)parse(&pools[0], text.data, text.len, &a, &problem);
		buf_clear(&text);
		file_make(cases[i].b, &text);
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

/* What must not be found in memory that libcrypto gives back; 0: no watch. */
static const unsigned char *secret;
static size_t secret_len;
static size_t secrets_freed;

static void
secret_look(const void *memory)
{
	/* Reading what was never written is the point of it. */
	if (secret_len > 0 && memory != NULL &&
	    memmem(memory, malloc_usable_size((void *)(uintptr_t)memory),
		secret, secret_len) != NULL)
		secrets_freed++;
}

static void *
crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return calloc(1, size > 0 ? size : 1);
}

static void
crypto_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	secret_look(memory);
	free(memory);
}

static void *
crypto_realloc(void *memory, size_t size, const char *file, int line)
{
	void *more = crypto_malloc(size, file, line);
	size_t had = memory != NULL ? malloc_usable_size(memory) : 0;

	if (had > 0)
		memcpy(more, memory, had < size ? had : size);
	crypto_free(memory, file, line);
	return more;
}

/* A key that lies in the file by mistake is not left about in memory. */
static void
test_key_is_wiped(void **state)
{
	static const char *const files[] = { "k", "lk", "lIk", "lkI" };
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(parts.leaf.key, &der);

	(void)state;
	assert_true(len > 48);
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct problem problem;
		struct ca_pool pool;
		struct chain *chain = NULL;
		struct buf text = { 0 };

		print_message("# %s\n", files[i]);
		ca_pool_init(&pool);
		file_make(files[i], &text);
		/* An EC key's DER holds the 32 octets of the key here. */
		secret = der + 7;
		secret_len = 32;
		assert_int_equal(
		    parse(&pool, text.data, text.len, &chain, &problem),
		    STATUS_REFUSED);
		secret_len = 0;
		assert_int_equal(secrets_freed, 0);
		ca_pool_fini(&pool);
		buf_fini(&text);
	}
	OPENSSL_clear_free(der, (size_t)len);
}

/* Prove that the watch above would notice. */
static void
test_key_watch_works(void **state)
{
	unsigned char *copy;

	(void)state;
	secret = (const unsigned char *)"it would be noticed";
	secret_len = 19;
	copy = OPENSSL_memdup(secret, secret_len);
	OPENSSL_free(copy);
	secret_len = 0;
	assert_int_equal(secrets_freed, 1);
	secrets_freed = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_table),
		cmocka_unit_test(test_refused_table),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_leaf_flipped_anywhere),
		cmocka_unit_test(test_no_final_newline),
		cmocka_unit_test(test_limit_table),
		cmocka_unit_test(test_pool_shares),
		cmocka_unit_test(test_pool_keeps_der),
		cmocka_unit_test(test_equal_table),
		cmocka_unit_test(test_key_watch_works),
		cmocka_unit_test(test_key_is_wiped),
	};

	/* Before libcrypto allocates anything. */
	if (CRYPTO_set_mem_functions(
		crypto_malloc, crypto_realloc, crypto_free) != 1)
		return 1;
	return cmocka_run_group_tests_name(
	    "chain", tests, parts_make, parts_free);
}
