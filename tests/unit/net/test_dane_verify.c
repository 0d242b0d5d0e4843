/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "net/dane_verify.h"
#include "pki.h"

enum {
	DAY = 86400,
	NOW = 1767225600 + 100 * DAY, /* the CAs are valid from 2026-01-01 */
};

/* Whose certificates are served, and whose records are published. */
enum who {
	NOBODY,
	LEAF,
	MIDDLE,
	ROOT,
	EXPIRED,  /* a leaf of MIDDLE's */
	EARLY,    /* likewise */
	OTHER,    /* a leaf of MIDDLE's for another host */
	STRANGER, /* a leaf of nobody's that is known */
	PEOPLE,
};

struct world {
	struct pki pki[PEOPLE];
};

static void
leaf_make(struct world *world, enum who who, const char *names, int64_t from,
    int64_t until)
{
	const struct pki_wish wish = {
		.names = names, .not_before = from, .not_after = until
	};

	pki_make(&wish, &world->pki[MIDDLE], &world->pki[who]);
}

static int
world_make(void **state)
{
	struct world *world = mem_new(sizeof(*world));

	pki_make_ca("Root", NULL, &world->pki[ROOT]);
	pki_make_ca("Middle", &world->pki[ROOT], &world->pki[MIDDLE]);
	leaf_make(world, LEAF, "DNS:mail.example.com,DNS:*.wild.example",
	    NOW - DAY, NOW + DAY);
	leaf_make(
	    world, EXPIRED, "DNS:mail.example.com", NOW - 2 * DAY, NOW - DAY);
	leaf_make(
	    world, EARLY, "DNS:mail.example.com", NOW + DAY, NOW + 2 * DAY);
	leaf_make(world, OTHER, "DNS:www.example.com", NOW - DAY, NOW + DAY);
	pki_make_ca("Stranger", NULL, &world->pki[STRANGER]);
	*state = world;
	return 0;
}

static int
world_free(void **state)
{
	struct world *world = *state;

	for (int i = LEAF; i < PEOPLE; i++)
		pki_fini(&world->pki[i]);
	free(world);
	return 0;
}

/* "TYPE" of somebody; a wrong digest is of another selector. */
struct record {
	enum who who;
	const char *type; /* "311" */
};

static const struct {
	const char *why;
	enum who chain[4];
	struct record records[4];
	const char *host;   /* NULL: the leaf's */
	const char *domain; /* or NULL */
	bool is_other;      /* than SMTP */
	const char *usages;
	enum dane_outcome outcome;
	int usage;
	size_t usable;
} rows[] = {
	{ "3 1 1", { LEAF }, { { LEAF, "311" } }, .usage = 3, .usable = 1 },
	{ "3 0 2", { LEAF }, { { LEAF, "302" } }, .usage = 3, .usable = 1 },
	{ "3 1 1 of another", { LEAF, MIDDLE }, { { OTHER, "311" } },
	    .outcome = DANE_MISMATCH, .usage = -1, .usable = 1 },
	{ "3 1 1: neither name nor date counts", { EXPIRED },
	    { { EXPIRED, "311" } }, .host = "www.example.net.", .usage = 3,
	    .usable = 1 },
	{ "2 1 1 of the issuer", { LEAF, MIDDLE }, { { MIDDLE, "211" } },
	    .usage = 2, .usable = 1 },
	{ "2 1 1 of the root, sent", { LEAF, MIDDLE, ROOT },
	    { { ROOT, "211" } }, .usage = 2, .usable = 1 },
	{ "2 1 1 of the root, not sent", { LEAF, MIDDLE }, { { ROOT, "211" } },
	    .outcome = DANE_MISMATCH, .usage = -1, .usable = 1 },
	{ "2 0 1 of the issuer", { LEAF, MIDDLE }, { { MIDDLE, "201" } },
	    .usage = 2, .usable = 1 },
	{ "2 1 1 of the issuer, not sent", { LEAF }, { { MIDDLE, "211" } },
	    .outcome = DANE_MISMATCH, .usage = -1, .usable = 1 },
	{ "2 1 1 of a stranger", { LEAF, MIDDLE }, { { STRANGER, "211" } },
	    .outcome = DANE_MISMATCH, .usage = -1, .usable = 1 },
	{ "2 1 1, one of several", { LEAF, MIDDLE },
	    { { STRANGER, "211" }, { MIDDLE, "211" } }, .usage = 2,
	    .usable = 2 },
	{ "2 1 1 under another name", { OTHER, MIDDLE }, { { MIDDLE, "211" } },
	    .outcome = DANE_NAME, .usage = -1, .usable = 1 },
	{ "2 1 1 under the domain's name", { OTHER, MIDDLE },
	    { { MIDDLE, "211" } }, .domain = "www.example.com.", .usage = 2,
	    .usable = 1 },
	{ "2 1 1 under a wildcard", { LEAF, MIDDLE }, { { MIDDLE, "211" } },
	    .host = "a.wild.example.", .usage = 2, .usable = 1 },
	{ "2 1 1, a wildcard is one label", { LEAF, MIDDLE },
	    { { MIDDLE, "211" } }, .host = "a.b.wild.example.",
	    .outcome = DANE_NAME, .usage = -1, .usable = 1 },
	{ "2 1 1 after expiry", { EXPIRED, MIDDLE }, { { MIDDLE, "211" } },
	    .outcome = DANE_EXPIRED, .usage = -1, .usable = 1 },
	{ "2 1 1 before its time", { EARLY, MIDDLE }, { { MIDDLE, "211" } },
	    .outcome = DANE_EARLY, .usage = -1, .usable = 1 },
	{ "both, after expiry", { EXPIRED, MIDDLE },
	    { { MIDDLE, "211" }, { EXPIRED, "311" } }, .usage = 3,
	    .usable = 2 },
	{ "both, of usage 2 alone", { EXPIRED, MIDDLE },
	    { { MIDDLE, "211" }, { EXPIRED, "311" } }, .usages = "2",
	    .outcome = DANE_EXPIRED, .usage = -1, .usable = 1 },
	{ "both, of usage 3 alone", { LEAF, MIDDLE },
	    { { MIDDLE, "211" }, { OTHER, "311" } }, .usages = "3",
	    .outcome = DANE_MISMATCH, .usage = -1, .usable = 1 },
	/* RFC 7671 s9: the strongest digest alone counts. */
	{ "digest agility: SHA-512 of another", { LEAF },
	    { { LEAF, "311" }, { OTHER, "312" } }, .outcome = DANE_MISMATCH,
	    .usage = -1, .usable = 2 },
	{ "digest agility: SHA-512 of both", { LEAF },
	    { { LEAF, "311" }, { OTHER, "312" }, { LEAF, "312" } }, .usage = 3,
	    .usable = 3 },
	{ "digest agility: of another usage", { LEAF, MIDDLE },
	    { { LEAF, "311" }, { MIDDLE, "212" } }, .usage = 3, .usable = 2 },
	/* RFC 7672 s3.1.3 */
	{ "usage 1 in SMTP", { LEAF, MIDDLE }, { { LEAF, "111" } },
	    .outcome = DANE_UNUSABLE, .usage = -1 },
	{ "usage 0 in SMTP", { LEAF, MIDDLE }, { { MIDDLE, "011" } },
	    .outcome = DANE_UNUSABLE, .usage = -1 },
	{ "usage 1 elsewhere: no browser knows the CA", { LEAF, MIDDLE },
	    { { LEAF, "111" } }, .is_other = true, .outcome = DANE_OTHER,
	    .usage = -1, .usable = 1 },
	{ "no record", { LEAF, MIDDLE }, { { NOBODY, NULL } },
	    .outcome = DANE_UNUSABLE, .usage = -1 },
};

static STACK_OF(X509) *
    chain_make(const struct world *world, const enum who *chain)
{
	STACK_OF(X509) *stack = sk_X509_new_null();

	for (size_t i = 0; chain[i] != NOBODY; i++)
		assert_true(sk_X509_push(stack, world->pki[chain[i]].x509) > 0);
	return stack;
}

static void
rrset_make(const struct world *world, const struct record *records,
    struct texts *rrset)
{
	for (size_t i = 0; records[i].type != NULL; i++) {
		char *text = pki_tlsa(&world->pki[records[i].who],
		    (unsigned)(records[i].type[0] - '0'),
		    (unsigned)(records[i].type[1] - '0'),
		    (unsigned)(records[i].type[2] - '0'));

		texts_add(rrset, text);
		free(text);
	}
}

static void
test_verify(void **state)
{
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct texts rrset = { 0 };
		struct dane_verdict verdict;
		struct dane_wish wish = {
			.chain = chain_make(*state, rows[i].chain),
			.rrset = &rrset,
			.usages = rows[i].usages,
			.host = rows[i].host != NULL ? rows[i].host
						     : "mail.example.com.",
			.domain = rows[i].domain,
			.is_smtp = !rows[i].is_other,
			.now = NOW,
		};

		print_message("# %s\n", rows[i].why);
		rrset_make(*state, rows[i].records, &rrset);
		dane_verify(&wish, &verdict);
		assert_string_equal(
		    dane_word(verdict.outcome), dane_word(rows[i].outcome));
		assert_int_equal(verdict.usage, rows[i].usage);
		assert_int_equal(verdict.usable, rows[i].usable);
		assert_non_null(verdict.reason);
		sk_X509_free(wish.chain);
		texts_fini(&rrset);
	}
}

/* What cannot be used is left out, and what is left counts. */
static void
test_malformed(void **state)
{
	static const char *const bad[] = { "", "3", "3 1", "3 1 1", "3 1 1 ",
		"3 1 1 ab", "3 1 1 abc", "3 1 1 zz", "9 1 1 abab", "3 9 1 abab",
		"3 1 9 abab", "x y z abab", "-3 1 1 ab" };
	struct world *world = *state;
	const enum who chain[] = { LEAF, NOBODY };
	struct texts rrset = { 0 };
	struct dane_verdict verdict;
	struct dane_wish wish = { .chain = chain_make(world, chain),
		.rrset = &rrset,
		.host = "mail.example.com.",
		.is_smtp = true,
		.now = NOW };
	char *good = pki_tlsa(&world->pki[LEAF], 3, 1, 1);

	for (size_t i = 0; i < LENGTH(bad); i++)
		texts_add(&rrset, bad[i]);
	dane_verify(&wish, &verdict);
	assert_int_equal(verdict.outcome, DANE_UNUSABLE);
	texts_add(&rrset, good);
	dane_verify(&wish, &verdict);
	assert_int_equal(verdict.outcome, DANE_OK);
	assert_int_equal(verdict.usable, 1);
	free(good);
	texts_fini(&rrset);
	sk_X509_free(wish.chain);
}

static void
test_chain(void **state)
{
	struct world *world = *state;
	struct buf text = { 0 };
	STACK_OF(X509) * chain;

	assert_null(dane_chain("", 0));
	assert_null(dane_chain("garbage", 7));
	pki_add_pem(&world->pki[LEAF], &text);
	chain = dane_chain(text.data, text.len);
	assert_int_equal(sk_X509_num(chain), 1);
	assert_false(dane_has_issuer(chain));
	sk_X509_pop_free(chain, X509_free);
	for (int i = 0; i < 2 * LIMIT_CHAIN; i++)
		pki_add_pem(&world->pki[MIDDLE], &text);
	chain = dane_chain(text.data, text.len);
	assert_int_equal(sk_X509_num(chain), LIMIT_CHAIN);
	assert_true(dane_has_issuer(chain));
	sk_X509_pop_free(chain, X509_free);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_chain),
	};
	return cmocka_run_group_tests_name(
	    "dane_verify", tests, world_make, world_free);
}
