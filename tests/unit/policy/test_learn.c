/* SPDX-License-Identifier: MIT */
/*
 * policy/learn.h: which chains teach an issuer set something, and which
 * nothing; and when the store asks.
 */
#include "unit.h"

#include <string.h>

#include "base/mem.h"
#include "fake.h"
#include "policy/learn.h"
#include "stage.h"

enum { NOW = 1000 };

static struct fake_cast cast;

static const struct {
	const char *why;
	const char *lineage;
	const char *set; /* NULL: none learns */
} rows[] = {
	{ "signed by a root of the set", "mail L2<PX<RootYR@900", "acme" },
	{ "by one that it signed", "mail L2<PX<YR1<RootYR@900", "acme" },
	{ "by one in between that nobody knows", "mail L2<PX<RootPX<RootYR@900",
	    "acme" },
	{ "and the server is the set's",
	    "mail L2<PX<RootYR@900 conf server=acme", "acme" },
	{ "the server is another provider's",
	    "mail L2<PX<RootYR@900 conf server=other", NULL },
	{ "it is known", "mail L2<YR1<RootYR@900", NULL },
	{ "nobody knows the root", "mail L2<PX<RootPX@900", NULL },
	{ "the root was not sent, so that nothing is proven", "mail L2<PX@900",
	    NULL },
	{ "no CA at all", "mail L2@900", NULL },
	{ "a CA that issues leafs is no root", "mail L2<PX<YR1@900", NULL },
	{ "it crosses over to another set", "mail L2<PX<RootYR<OR1@900", NULL },
	{ "it comes from another set", "mail L2<PX<OR1<RootYR@900", NULL },
	{ "the leaf is for tests", "mail S3<PX<RootYR@900", NULL },
};

static const char *
learned(const struct lineage *lineage, int64_t now)
{
	size_t at = learn_set(
	    cast.issuers, lineage, lineage_current(lineage), now);

	return at == SIZE_MAX ? NULL : cast.issuers->sets[at]->name;
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct lineage *lineage = fake_cast_lineage(
		    &cast, rows[i].lineage);
		const char *set = learned(lineage, NOW);

		print_message("# %s\n", rows[i].why);
		if (rows[i].set == NULL)
			assert_null(set);
		else
			assert_string_equal(set, rows[i].set);
		lineage_free(lineage);
	}
}

/* Nothing below the root may have expired; what is above does not count. */
static void
test_expired(void **state)
{
	struct lineage *lineage = fake_cast_lineage(
	    &cast, "mail L2<PX<RootYR<RootPX@900");
	struct cert *certs[] = { fake_cast_cert(&cast, "L2"),
		fake_cast_cert(&cast, "PX"), fake_cast_cert(&cast, "RootYR"),
		fake_cast_cert(&cast, "RootPX") };

	(void)state;
	for (size_t i = 0; i < LENGTH(certs); i++) {
		int64_t before = certs[i]->not_after;

		certs[i]->not_after = NOW;
		assert_non_null(learned(lineage, NOW - 1));
		assert_int_equal(learned(lineage, NOW) != NULL, i == 3);
		certs[i]->not_after = before;
	}
	lineage_free(lineage);
}

/* The sets with one more CA; the old ones are as they were. */
static void
test_with_seen(void **state)
{
	struct cert *ca = fake_cast_cert(&cast, "PX");
	const struct issuer_set *old = cast.issuers->sets[0];
	const size_t count = old->count;
	struct issuers *more = issuers_with_seen(cast.issuers, 0, ca, NOW - 7);
	const struct issuer_set *set = NULL;
	const struct issuer *issuer = issuers_find(
	    more, ca->part[CERT_SELECTOR_SPKI].sha256, &set);

	(void)state;
	assert_int_equal(old->count, count);
	assert_non_null(issuer);
	assert_ptr_equal(set, more->sets[0]);
	assert_int_equal(set->count, count + 1);
	assert_string_equal(set->name, old->name);
	assert_int_equal(issuer->status, ISSUER_SEEN);
	assert_int_equal(issuer->seen, NOW - 7);
	assert_true(issuer_may_issue(set, issuer, KEY_RSA, NOW));
	assert_false(issuer_may_issue(set, issuer, KEY_ECDSA, NOW));
	issuers_unref(more);
}

/* A chain that was staged and is given up is a generation, and teaches. */
static void
test_staged(void **state)
{
	static const struct fingerprint print = { .inode = 1 };
	struct cert *ca = fake_cast_cert(&cast, "PX");
	struct next_key *next = mem_array(1, sizeof(*next));
	struct stage stage;

	(void)state;
	stage_init(&stage,
	    "sources: [{type: certbot, path: /a}]\n"
	    "zones: [{name: tlsa.example, nameservers: [ns.example.com]}]\n"
	    "services: [{host: mail.example.com}]\n");
	stage.now = NOW;
	store_set_issuers(stage.store, cast.issuers);
	(void)store_set_chain(stage.store, 0, "mail",
	    fake_cast_chain(&cast, "L2<YR1"), "file", &print, NOW);
	next->chain = fake_cast_chain(&cast, "L3<PX<RootYR");
	next->cert = cert_ref(next->chain->leaf);
	(void)store_set_next(stage.store, 0, "mail", next, 1, NOW);
	stage_publish(&stage);
	(void)store_set_next(stage.store, 0, "mail", NULL, 0, NOW);
	stage_publish(&stage);
	assert_non_null(issuers_find(store_issuers(stage.store),
	    ca->part[CERT_SELECTOR_SPKI].sha256, NULL));
	stage_fini(&stage);
}

static int
cast_make(void **state)
{
	(void)state;
	fake_cast_init(&cast);
	return 0;
}

static int
cast_end(void **state)
{
	(void)state;
	fake_cast_fini(&cast);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_with_seen),
		cmocka_unit_test(test_staged),
	};

	return cmocka_run_group_tests(tests, cast_make, cast_end);
}
