/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "issuers/load.h"
#include "pki.h"
#include "policy/policy.h"

/*
 * Chains shaped as Let's Encrypt's of 2026, with the real names and keys of
 * our own, and the set of issuers that goes with them: what is published is
 * exactly what the policy says, and fits a UDP answer.
 */

enum { NOW = 1790000000, RETAIN = 604800, DAY = 86400 };

/* Octets of a UDP answer that go everywhere (DNS flag day 2020). */
enum { UDP_MAX = 1232 };

/* One family of CAs: RSA, or ECDSA. */
struct family {
	const char *letter;
	enum pki_key key; /* of the leafs */
	struct pki issuers[3];
	struct pki root;
	struct pki leafs[2];
	struct pki cross[2]; /* what the server sends above the issuer */
	size_t cross_count;
	struct chain *chains[2]; /* of each leaf, by the first issuer */
};

static struct pki x1, x2;
static struct family rsa = { .letter = "R", .key = PKI_RSA };
static struct family ecdsa = { .letter = "E", .key = PKI_ECDSA };
static struct issuers *issuers;
static struct ca_pool cas;
static struct tlsa_pool tlsas;

static void
ca_make(const char *name, const char *type, const struct pki *issuer,
    struct pki *ret)
{
	EVP_PKEY *key = type[0] == 'R' ? EVP_RSA_gen(2048)
				       : EVP_EC_gen("P-384");
	const struct pki_wish wish = {
		.subject = name,
		.constraints = "critical,CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
		.reuse = key,
	};

	pki_make(&wish, issuer, ret);
	EVP_PKEY_free(key);
}

static struct chain *
chain_make(const struct family *family, const struct pki *leaf)
{
	struct problem problem = { "" };
	struct chain *chain = NULL;
	struct buf text = { 0 };

	pki_add_pem(leaf, &text);
	pki_add_pem(&family->issuers[0], &text);
	for (size_t i = 0; i < family->cross_count; i++)
		pki_add_pem(&family->cross[i], &text);
	if (chain_parse(&cas, text.data, text.len, false, &chain, NULL,
		&problem) != STATUS_OK)
		fail_msg("%s", problem.text);
	buf_fini(&text);
	return chain;
}

static void
family_make(struct family *family)
{
	char *name = mem_format("Root Y%s", family->letter);

	ca_make(name, family->letter, NULL, &family->root);
	free(name);
	for (size_t i = 0; i < LENGTH(family->issuers); i++) {
		name = mem_format("Y%s%zu", family->letter, i + 1);
		ca_make(
		    name, family->letter, &family->root, &family->issuers[i]);
		free(name);
	}
	for (size_t i = 0; i < LENGTH(family->leafs); i++) {
		EVP_PKEY *key = family->key == PKI_RSA ? EVP_RSA_gen(2048)
						       : EVP_EC_gen("P-256");
		const struct pki_wish wish = { .subject = "mx.example.com",
			.names = "DNS:mx.example.com",
			.not_before = NOW - (2 - (int64_t)i) * DAY,
			.reuse = key };

		pki_make(&wish, &family->issuers[0], &family->leafs[i]);
		EVP_PKEY_free(key);
	}
}

static void
set_add(struct issuer_set *set, const struct pki *pki, const char *name,
    enum issuer_status status)
{
	struct problem problem = { "" };
	struct cert *cert = NULL;

	if (cert_new(pki->x509, false, &cert, &problem) != STATUS_OK)
		fail_msg("%s", problem.text);
	issuer_set_add(set, mem_string(name), status, cert);
}

static void
set_add_family(struct issuer_set *set, const struct family *family)
{
	for (size_t i = 0; i < LENGTH(family->issuers); i++) {
		char *name = mem_format("Y%s%zu", family->letter, i + 1);

		set_add(set, &family->issuers[i], name,
		    i < 2 ? ISSUER_ACTIVE : ISSUER_BACKUP);
		free(name);
	}
	set_add(set, &family->root, family->letter, ISSUER_ROOT);
}

static int
world_make(void **state)
{
	struct issuer_set *set = issuer_set_new("letsencrypt", "test");

	(void)state;
	ca_pool_init(&cas);
	tlsa_pool_init(&tlsas);
	ca_make("ISRG Root X1", "R", NULL, &x1);
	ca_make("ISRG Root X2", "E", NULL, &x2);
	family_make(&rsa);
	family_make(&ecdsa);
	/* YR1 <- Root YR by X1; YE1 <- Root YE by X2 <- Root X2 by X1 */
	pki_make_cross(&rsa.root, &x1, &rsa.cross[0]);
	rsa.cross_count = 1;
	pki_make_cross(&ecdsa.root, &x2, &ecdsa.cross[0]);
	pki_make_cross(&x2, &x1, &ecdsa.cross[1]);
	ecdsa.cross_count = 2;
	for (size_t i = 0; i < 2; i++) {
		rsa.chains[i] = chain_make(&rsa, &rsa.leafs[i]);
		ecdsa.chains[i] = chain_make(&ecdsa, &ecdsa.leafs[i]);
	}
	set_add_family(set, &ecdsa);
	set_add_family(set, &rsa);
	set_add(set, &x1, "ISRG Root X1", ISSUER_ROOT);
	set_add(set, &x2, "ISRG Root X2", ISSUER_ROOT);
	issuers = issuers_new();
	issuers_add(issuers, set);
	return 0;
}

static void
family_end(struct family *family)
{
	for (size_t i = 0; i < LENGTH(family->issuers); i++)
		pki_fini(&family->issuers[i]);
	for (size_t i = 0; i < LENGTH(family->leafs); i++) {
		pki_fini(&family->leafs[i]);
		chain_unref(family->chains[i]);
	}
	for (size_t i = 0; i < family->cross_count; i++)
		pki_fini(&family->cross[i]);
	pki_fini(&family->root);
}

static int
world_end(void **state)
{
	(void)state;
	family_end(&rsa);
	family_end(&ecdsa);
	pki_fini(&x1);
	pki_fini(&x2);
	issuers_unref(issuers);
	ca_pool_fini(&cas);
	tlsa_pool_fini(&tlsas);
	return 0;
}

static void
wire_add(struct buf *wire, unsigned number, size_t octets)
{
	while (octets-- > 0) {
		char octet = (char)(octets < sizeof(number)
					? number >> 8 * octets
					: 0);

		buf_add(wire, &octet, 1);
	}
}

static void
wire_add_name(struct buf *wire, const char *name)
{
	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		wire_add(wire, (unsigned)len, 1);
		buf_add(wire, name, len);
		name += len + (name[len] == '.');
	}
	wire_add(wire, 0, 1);
}

/* The owner is the question's name; type, class, TTL, length (RFC 1035 s4). */
static void
wire_add_rr(struct buf *wire, unsigned type, size_t len)
{
	wire_add(wire, 0xc00c, 2);
	wire_add(wire, type, 2);
	wire_add(wire, 1, 2);
	wire_add(wire, 3600, 4);
	wire_add(wire, (unsigned)len, 2);
}

static void
wire_add_tlsa(struct buf *wire, const char *text)
{
	size_t len = strlen(text + 6) / 2;

	wire_add_rr(wire, 52, 3 + len);
	for (int i = 0; i < 3; i++)
		wire_add(wire, (unsigned)(text[2 * i] - '0'), 1);
	for (size_t i = 0; i < len; i++) {
		const char pair[] = { text[6 + 2 * i], text[7 + 2 * i], '\0' };

		wire_add(wire, (unsigned)strtoul(pair, NULL, 16), 1);
	}
}

/* Return the octets of a signed answer with this RRset. */
static size_t
response_size(const struct associations *set)
{
	static const char zeros[64];
	struct buf wire = { 0 };
	size_t size;

	wire_add(&wire, 0, 12); /* header */
	wire_add_name(&wire, "_25._tcp.mx.example.com");
	wire_add(&wire, 52, 2);
	wire_add(&wire, 1, 2);
	for (size_t i = 0; i < set->count; i++)
		wire_add_tlsa(&wire, set->list[i].tlsa->text);
	/* RRSIG (RFC 4034 s3.1): ECDSA P-256 gives 64 octets (RFC 6605). */
	wire_add_rr(&wire, 46, 18 + strlen("example.com") + 2 + sizeof(zeros));
	buf_add(&wire, zeros, 18);
	wire_add_name(&wire, "example.com");
	buf_add(&wire, zeros, sizeof(zeros));
	/* OPT: root, type, size, flags, no option (RFC 6891 s6.1.2) */
	buf_add(&wire, zeros, 11);
	size = wire.len;
	buf_fini(&wire);
	return size;
}

/* Decide for a lineage with these generations, the current one first. */
static void
decide(const struct family *family, size_t generations,
    struct associations *ret_set)
{
	static struct record_type types[] = { { 3, 1, 1 }, { 2, 1, 1 } };
	static const struct policy policy = { .records = types,
		.record_count = 2,
		.max_records = 12,
		.propagation = 7200,
		.retain = RETAIN };
	struct lineage *lineage = lineage_new("mail", 0);
	const struct policy_input input = { .policy = &policy,
		.lineages = (const struct lineage *const *)&lineage,
		.count = 1,
		.issuers = issuers,
		.now = NOW };

	for (size_t i = 2 - generations; i < 2; i++)
		lineage_advance(lineage, chain_ref(family->chains[i]),
		    NOW - (2 - (int64_t)i) * DAY);
	policy_decide(&input, &tlsas, ret_set);
	/* What borrows the lineage is not looked at. */
	lineage_free(lineage);
}

struct expected {
	unsigned usage;
	const struct pki *pki;
};

static void
check(const struct family *family, size_t generations,
    const struct expected *expected, size_t count)
{
	struct associations set;
	size_t size;

	decide(family, generations, &set);
	assert_int_equal(set.count, count);
	assert_int_equal(set.cut + set.failed + set.refused, 0);
	for (size_t i = 0; i < count; i++) {
		char *text = pki_tlsa(expected[i].pki, expected[i].usage, 1, 1);

		assert_string_equal(set.list[i].tlsa->text, text);
		free(text);
	}
	size = response_size(&set);
	assert_int_equal(size, 159 + 47 * count);
	assert_true(size < UDP_MAX);
	associations_fini(&set);
}

static void
test_rsa(void **state)
{
	const struct expected fresh[] = { { 3, &rsa.leafs[1] },
		{ 2, &rsa.issuers[0] }, { 2, &rsa.cross[0] },
		{ 2, &rsa.issuers[1] }, { 2, &rsa.issuers[2] } };
	const struct expected renewed[] = { { 3, &rsa.leafs[1] },
		{ 2, &rsa.issuers[0] }, { 2, &rsa.cross[0] },
		{ 3, &rsa.leafs[0] }, { 2, &rsa.issuers[1] },
		{ 2, &rsa.issuers[2] } };

	(void)state;
	check(&rsa, 1, fresh, LENGTH(fresh));
	check(&rsa, 2, renewed, LENGTH(renewed));
}

static void
test_ecdsa(void **state)
{
	const struct expected fresh[] = { { 3, &ecdsa.leafs[1] },
		{ 2, &ecdsa.issuers[0] }, { 2, &ecdsa.cross[0] },
		{ 2, &ecdsa.cross[1] }, { 2, &ecdsa.issuers[1] },
		{ 2, &ecdsa.issuers[2] } };
	const struct expected renewed[] = { { 3, &ecdsa.leafs[1] },
		{ 2, &ecdsa.issuers[0] }, { 2, &ecdsa.cross[0] },
		{ 2, &ecdsa.cross[1] }, { 3, &ecdsa.leafs[0] },
		{ 2, &ecdsa.issuers[1] }, { 2, &ecdsa.issuers[2] } };

	(void)state;
	check(&ecdsa, 1, fresh, LENGTH(fresh));
	check(&ecdsa, 2, renewed, LENGTH(renewed));
}

/* The cross-sign has the digest of the root's key, not of its certificate. */
static void
test_cross_sign(void **state)
{
	char *root = pki_tlsa(&rsa.root, 2, 1, 1);
	char *cross = pki_tlsa(&rsa.cross[0], 2, 1, 1);

	(void)state;
	assert_string_equal(root, cross);
	free(root);
	free(cross);
}

static void
warn(void *arg, const char *text)
{
	(void)arg;
	fail_msg("%s", text);
}

/* As https://letsencrypt.org/certificates/ had it in August 2026. */
static void
test_shipped(void **state)
{
	static const struct {
		const char *name;
		const char *digest;
		enum issuer_status status;
	} facts[] = {
		{ "YR1",
		    "2e8307068b6db620e4a39d068b5dee5d6ef5788cbb2c0b6d23ead84fcc"
		    "17178c",
		    ISSUER_ACTIVE },
		{ "YR2",
		    "9d637b3d27a9e570d07607b9ccadb80a70915c7af72afce12841b1b1da"
		    "825fd1",
		    ISSUER_ACTIVE },
		{ "YR3",
		    "51aaa87d984b559ac69e929f888a022d832e089ff4dba0a412b5101bca"
		    "4bc799",
		    ISSUER_BACKUP },
		{ "YE1",
		    "6ebcefb4210b088654a38b03fea3d7d1c711b4fb1ddc363a45f9b1a4e5"
		    "3da01e",
		    ISSUER_ACTIVE },
		{ "YE2",
		    "b3fb5d00e994cddf2cc9a4eea9f806bc5727e83cc0e4299bf956f2d524"
		    "fe5376",
		    ISSUER_ACTIVE },
		{ "YE3",
		    "a698a20824be04e47a1a33c4fa488731be92011f23a31e900e2ca26c9c"
		    "2acfce",
		    ISSUER_BACKUP },
	};
	struct issuers *shipped = issuers_load(NULL, 0, NULL, warn, NULL);
	const struct issuer_set *set = issuers_find_server(
	    shipped, "https://acme-v02.api.letsencrypt.org/directory");

	(void)state;
	assert_non_null(set);
	assert_string_equal(set->name, "letsencrypt");
	for (size_t i = 0; i < LENGTH(facts); i++) {
		const struct issuer *issuer = NULL;
		struct tlsa *tlsa = NULL;

		for (size_t k = 0; k < set->count; k++)
			if (strcmp(set->list[k].name, facts[i].name) == 0)
				issuer = &set->list[k];
		assert_non_null(issuer);
		assert_int_equal(issuer->status, facts[i].status);
		assert_int_equal(tlsa_associate(&tlsas, issuer->cert,
				     (struct record_type){ 2, 1, 1 }, &tlsa),
		    STATUS_OK);
		assert_string_equal(tlsa->text + 6, facts[i].digest);
		tlsa_unref(tlsa);
	}
	issuers_unref(shipped);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rsa),
		cmocka_unit_test(test_ecdsa),
		cmocka_unit_test(test_cross_sign),
		cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
