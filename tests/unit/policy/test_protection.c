/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fake.h"
#include "fake_policy.h"
#include "policy/policy.h"
#include "policy/protection.h"

/* What a person is told, word for word. */

enum { NOW = 1000 };

static struct fake_cast cast;
static struct tlsa_pool tlsas;

static int
cast_make(void **state)
{
	(void)state;
	fake_cast_init(&cast);
	tlsa_pool_init(&tlsas);
	return 0;
}

static int
cast_end(void **state)
{
	(void)state;
	fake_cast_fini(&cast);
	tlsa_pool_fini(&tlsas);
	return 0;
}

static const struct row {
	const char *why;
	enum fake_records records;
	const char *lineages[2];
	const char *text;
	unsigned max; /* 0: 12 */
	bool no_issuers;
} rows[] = {
	/* the five of the design */
	{ "a key that is used again", BOTH,
	    { "mail L2<YR1<RootYR@900 conf reuse" },
	    "protected: the key is reused (reuse_key)", 0, false },
	{ "every CA that may issue next", BOTH, { "mail L2<YR1@900 conf" },
	    "protected: any of YR1, YR3, YR2 is published", 0, false },
	{ "a root that is sent along", BOTH, { "mail L2<PX<RootYR@900 conf" },
	    "protected: RootYR is in the served chain", 0, false },
	{ "nothing but the leaf", LEAF, { "mail L2<YR1<RootYR@900 conf" },
	    "at risk: only 3 1 1 is published and the key changes at every "
	    "renewal",
	    0, false },
	{ "an issuer that nobody knows", BOTH, { "mail L2<PX<RootPX@900 conf" },
	    "at risk: issuer not in any issuer set", 0, false },
	/* ways to be protected */
	{ "usage 2 alone", CA, { "mail L2<YR1@900 conf" },
	    "protected: any of YR1, YR3, YR2 is published", 0, false },
	{ "a retired issuer, but the others are there", BOTH,
	    { "mail L2<OLDR<RootYR@900 conf" },
	    "protected: any of YR1, YR3, YR2 is published", 0, false },
	{ "a staged key", LEAF, { "mail L2<YR1@900 nextkey=L3 conf" },
	    "protected: the staged next key is published", 0, false },
	{ "a request for the current key", LEAF,
	    { "mail L2<YR1@900 nextkey=L2 conf" },
	    "protected: the key that comes next is the current one", 0, false },
	{ "a staged generation", LEAF, { "mail L2<YR1@900 next=L3<PX conf" },
	    "protected: the staged next key is published", 0, false },
	{ "a backup CA that is cut is no risk yet", BOTH,
	    { "mail L2<YR1@900 conf" },
	    "protected: any of YR1, YR2 is published", 3, false },
	{ "the root, where nobody knows who issued", BOTH,
	    { "mail L2<PX<RootYR@900 conf" },
	    "protected: RootYR is in the served chain", 0, false },
	{ "issuers come before the root", BOTH,
	    { "mail L2<YR1<RootYR@900 conf" },
	    "protected: any of YR1, YR2 is published", 3, false },
	{ "the algorithm that comes next", BOTH,
	    { "mail L2<YR1<RootYR@900 conf key=ecdsa" },
	    "protected: any of YE1, YE3, YE2 is published", 0, false },
	{ "the provider that comes next", BOTH,
	    { "mail L2<YR1<RootYR@900 conf server=other" },
	    "protected: any of OR1 is published", 0, false },
	{ "every lineage of several", BOTH,
	    { "a L2<YR1@900 conf reuse", "b M1<YE1@900 conf" },
	    "protected: any of YE1, YE3, YE2 is published", 0, false },
	/* and to be at risk */
	{ "nothing covers it", BOTH, { NULL },
	    "at risk: no certificate covers it", 0, false },
	{ "no renewal file: nobody knows", LEAF, { "mail L2<YR1@900" },
	    "at risk: only 3 1 1 is published and the key may change at every "
	    "renewal",
	    0, false },
	{ "several types are named", TWO, { "mail L2<YR1@900 conf" },
	    "at risk: only 3 1 1, 3 1 2 is published and the key changes at "
	    "every renewal",
	    0, false },
	{ "reuse_key that was not kept to", LEAF,
	    { "mail L3<YR1@950 L2<YR1@900-950 conf reuse" },
	    "at risk: only 3 1 1 is published and the last renewal changed the "
	    "key in spite of reuse_key",
	    0, false },
	{ "reuse_key that was kept to", LEAF,
	    { "mail K2<YR1@950 L2<YR1@900-950 conf reuse" },
	    "protected: the key is reused (reuse_key)", 0, false },
	{ "reuse_key, but of another algorithm", LEAF,
	    { "mail L2<YR1@900 conf reuse key=ecdsa" },
	    "at risk: only 3 1 1 is published and the next key is of another "
	    "algorithm",
	    0, false },
	{ "reuse_key does not keep the certificate", WHOLE,
	    { "mail L2<YR1@900 conf reuse" },
	    "at risk: only 3 0 1 is published and the certificate changes at "
	    "every renewal",
	    0, false },
	{ "no CA certificate in the chain", BOTH, { "mail L2@900 conf" },
	    "at risk: the served chain has no CA certificate; serve "
	    "fullchain.pem",
	    0, false },
	{ "no issuer sets", BOTH, { "mail L2<YR1<RootYR@900 conf" },
	    "at risk: issuer not in any issuer set", 0, true },
	{ "an outdated set, whatever the server", BOTH,
	    { "mail L2<PX<RootPX@900 conf server=acme" },
	    "at risk: issuer not in any issuer set", 0, false },
	{ "a server that no set has, whatever the root", BOTH,
	    { "mail L2<YR1<RootYR@900 conf server=unknown" },
	    "at risk: the next certificate comes from "
	    "https://unknown.example/directory, which is in no issuer set; add "
	    "one",
	    0, false },
	{ "whose name is what somebody wrote", BOTH,
	    { "mail L2<YR1@900 conf server=\033[1m" },
	    "at risk: the next certificate comes from "
	    "https://\\x1b[1m.example/directory, which is in no issuer set; "
	    "add "
	    "one",
	    0, false },
	{ "an active CA is cut", BOTH, { "mail L2<YR1@900 conf" },
	    "at risk: max-records leaves out a CA that may issue next (YR2); "
	    "raise it, or drop a type",
	    2, false },
	{ "a root of the provider that is left", BOTH,
	    { "mail L2<YR1<RootYR@900 conf server=other" },
	    "at risk: max-records leaves out a CA that may issue next (OR1); "
	    "raise it, or drop a type",
	    3, false },
	{ "a root of the algorithm that is left", BOTH,
	    { "mail L2<YR1<RootYR@900 conf key=ecdsa" },
	    "at risk: max-records leaves out a CA that may issue next (YE1, "
	    "YE2); raise it, or drop a type",
	    3, false },
	{ "a certificate for tests", BOTH, { "mail S3<YR1@900 conf" },
	    "at risk: the certificate is for tests, self-signed or for another "
	    "host, and is not "
	    "published",
	    0, false },
	{ "a deleted lineage", BOTH,
	    { "mail L2<YR1<RootYR@900 conf reuse deleted=950" },
	    "at risk: the lineage was deleted", 0, false },
	{ "one lineage of several is named", BOTH,
	    { "a L2<YR1@900 conf", "b L3<PX@900 conf" },
	    "at risk: issuer not in any issuer set (lineage 'b')", 0, false },
};

static void
test_verdicts(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct row *row = &rows[i];
		struct policy policy = fake_policy(row->records);
		struct lineage *lineages[2];
		struct policy_input input = { .policy = &policy,
			.lineages = (const struct lineage *const *)lineages,
			.issuers = row->no_issuers ? NULL : cast.issuers,
			.now = NOW };
		struct associations set;
		struct protection protection;

		policy.max_records = row->max != 0 ? row->max : 12;
		for (; input.count < 2 && row->lineages[input.count] != NULL;
		     input.count++)
			lineages[input.count] = fake_cast_lineage(
			    &cast, row->lineages[input.count]);
		policy_decide(&input, &tlsas, &set);
		protection_judge(&input, &set, &protection);
		if (strcmp(protection.text, row->text) != 0 ||
		    protection.is_protected !=
			(strncmp(row->text, "protected:", 10) == 0)) {
			print_error("%s: \"%s\" instead of \"%s\"\n", row->why,
			    protection.text, row->text);
			bad++;
		}
		associations_fini(&set);
		for (size_t k = 0; k < input.count; k++)
			lineage_free(lineages[k]);
	}
	assert_int_equal(bad, 0);
}

/* A verdict is cut, not overrun. */
static void
test_long_names(void **state)
{
	char name[400];
	struct issuer_set *set = issuer_set_new("long", "long");
	struct issuers *issuers = issuers_new();
	struct policy policy = fake_policy(BOTH);
	struct lineage *lineage = fake_cast_lineage(
	    &cast, "mail L2<PX<RootPX@900 conf");
	const struct policy_input input = { .policy = &policy,
		.lineages = (const struct lineage *const *)&lineage,
		.count = 1,
		.issuers = issuers,
		.now = NOW };
	struct associations associations;
	struct protection protection;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	issuer_set_add(set, mem_string(name), ISSUER_ACTIVE,
	    cert_ref(fake_cast_cert(&cast, "PX")));
	issuer_set_add(set, mem_string(name), ISSUER_ACTIVE,
	    cert_ref(fake_cast_cert(&cast, "RootPX")));
	issuers_add(issuers, set);
	policy_decide(&input, &tlsas, &associations);
	protection_judge(&input, &associations, &protection);
	assert_true(protection.is_protected);
	assert_int_equal(strlen(protection.text), VERDICT_MAX - 1);
	associations_fini(&associations);
	lineage_free(lineage);
	issuers_unref(issuers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, cast_make, cast_end);
}
