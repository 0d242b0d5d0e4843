/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "mem.h"
#include "protection.h"

/* What a person is told, word for word, and when a generation may be served. */

enum { NOW = 1000, HOLD = 200 };

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

static struct record_type leaf_type[] = { { 3, 1, 1 } };
static struct record_type ca_type[] = { { 2, 1, 1 } };
static struct record_type both_types[] = { { 3, 1, 1 }, { 2, 1, 1 } };
static struct record_type whole_type[] = { { 3, 0, 1 } };
static struct record_type two_types[] = { { 3, 1, 1 }, { 3, 1, 2 } };

enum records { BOTH, LEAF, CA, WHOLE, TWO };

static struct policy
policy_of(enum records records)
{
	static const struct {
		struct record_type *types;
		size_t count;
	} lists[] = {
		[BOTH] = { both_types, LENGTH(both_types) },
		[LEAF] = { leaf_type, LENGTH(leaf_type) },
		[CA] = { ca_type, LENGTH(ca_type) },
		[WHOLE] = { whole_type, LENGTH(whole_type) },
		[TWO] = { two_types, LENGTH(two_types) },
	};

	return (struct policy){ .ttl = 100,
		.records = lists[records].types,
		.record_count = lists[records].count,
		.max_records = 12,
		.propagation = HOLD,
		.retain = 500 };
}

static const struct row {
	const char *why;
	enum records records;
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
		struct policy policy = policy_of(row->records);
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
	struct policy policy = policy_of(BOTH);
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

static struct rr_times
times_of(const char *text)
{
	char *end;
	struct rr_times times = { .since = (uint32_t)strtoul(text, &end, 10) };

	if (*end == '/')
		times.seen = (uint32_t)strtoul(end + 1, NULL, 10);
	return times;
}

/* What is published, as words "L2@700 YR1@650/720": since when, and when it was
 * seen. */
static struct owner *
owner_of(const char *words, const struct policy *policy)
{
	char *copy = mem_string(words);
	char *rest = NULL;
	struct dname dname;
	struct owner *owner;

	assert_int_equal(dname_parse("_25._tcp.a.", 11, &dname), STATUS_OK);
	owner = owner_new(100, 16);
	owner->count = 0;
	for (char *word = strtok_r(copy, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		char *at = strchr(word, '@');
		struct cert *cert;

		*at = '\0';
		cert = fake_cast_cert(&cast, word);
		for (size_t i = 0; i < policy->record_count; i++) {
			if (usage_names_leaf(policy->records[i].usage) ==
			    cert->is_ca)
				continue;
			assert_int_equal(
			    tlsa_associate(&tlsas, cert, policy->records[i],
				&owner->rdata[owner->count]),
			    STATUS_OK);
			owner->times[owner->count++] = times_of(at + 1);
		}
	}
	free(copy);
	owner_seal(owner, &dname);
	return owner;
}

static const struct {
	const char *why;
	enum records records;
	const char *chain;
	const char *owner; /* NULL: nothing is published */
	bool is_safe;
	bool is_published;
	int64_t remaining;
} safeties[] = {
	{ "nothing is published", BOTH, "L2<YR1", NULL, false, false, 0 },
	{ "nothing that matches", BOTH, "L2<YR1", "L1@1 YR2@1", false, false,
	    0 },
	{ "just now", BOTH, "L2<PX", "L2@1000 YR1@1", false, true, HOLD },
	{ "a second too early", BOTH, "L2<PX", "L2@801 YR1@1", false, true, 1 },
	{ "at the second", BOTH, "L2<PX", "L2@800 YR1@1", true, true, 0 },
	{ "long ago", BOTH, "L2<PX", "L2@1", true, true, 0 },
	{ "from a clock that was ahead", BOTH, "L2<PX", "L2@1500", false, true,
	    HOLD },
	{ "by the issuing CA", BOTH, "L2<YR1<RootYR", "L1@1 YR1@700", true,
	    true, 0 },
	{ "by any CA of the chain", BOTH, "L2<PX<RootYR", "RootYR@700 L2@900",
	    true, true, 0 },
	{ "the longest of several counts", BOTH, "L2<YR1<RootYR",
	    "L2@990 YR1@850 RootYR@900", false, true, 50 },
	{ "by the key that is used again", BOTH, "K2<PX", "L2@100", true, true,
	    0 },
	{ "a CA in the RRset is no help for a chain without it", BOTH, "L2",
	    "YR1@1 L2@900", false, true, 100 },
	{ "only what is configured counts", LEAF, "L2<YR1", "L2@900", false,
	    true, 100 },
	{ "never a certificate for tests, whoever has its key", BOTH, "S3<PX",
	    "S3@100 PX@100", false, false, 0 },
	{ "usage 2 alone", CA, "L2<YR1", "YR1@800", true, true, 0 },
};

/* With both records: what was seen, and what PowerDNS may answer late. */
static const struct {
	const char *why;
	const char *chain;
	const char *owner;
	bool by_sight;
	struct publication_lag lag;
	bool is_safe;
	bool is_published;
	int64_t remaining;
} sights[] = {
	{ "caches of PowerDNS", "L2<PX", "L2@800", false, { 100, INT64_MAX },
	    false, true, 100 },
	{ "which are over", "L2<PX", "L2@700", false, { 100, INT64_MAX }, true,
	    true, 0 },
	{ "or were purged", "L2<PX", "L2@800", false, { 100, 799 }, true, true,
	    0 },
	{ "or were not, when it was published", "L2<PX", "L2@800", false,
	    { 100, 800 }, false, true, 100 },
	{ "seen nowhere yet", "L2<PX", "L2@1", true, { 0, 0 }, false, true, 0 },
	{ "seen long after it was published", "L2<PX", "L2@1/900", true,
	    { 0, 0 }, false, true, 100 },
	{ "seen long ago", "L2<PX", "L2@1/800", true, { 0, 0 }, true, true, 0 },
	{ "seen or not, where nobody looks", "L2<PX", "L2@1/900", false,
	    { 0, 0 }, true, true, 0 },
	{ "what is seen came through the caches", "L2<PX", "L2@700/800", true,
	    { 100, INT64_MAX }, true, true, 0 },
	{ "the CA was seen, the leaf was not", "L2<YR1<RootYR",
	    "L2@990 YR1@1/700", true, { 0, 0 }, true, true, 0 },
	{ "seen by a clock that was ahead", "L2<PX", "L2@1/1500", true,
	    { 0, 0 }, false, true, HOLD },
	{ "seen, and does not match", "L2<PX", "L1@1/1", true, { 0, 0 }, false,
	    false, 0 },
};

/* Judge `words` against what is published; NOW is the time. */
static struct safety
judged(const struct policy_input *input, const char *words,
    const char *published, bool by_sight)
{
	struct chain *chain = fake_cast_chain(&cast, words);
	struct owner *owner = published != NULL
				  ? owner_of(published, input->policy)
				  : NULL;
	const struct safety_wish wish = { input, chain, owner, &tlsas,
		by_sight };
	struct safety safety;

	safety_judge(&wish, &safety);
	owner_free(owner);
	chain_unref(chain);
	return safety;
}

static bool
is_as_expected(const char *why, const struct safety *safety, bool is_safe,
    bool is_published, int64_t remaining)
{
	if (safety->is_safe == is_safe &&
	    safety->is_published == is_published &&
	    safety->remaining == remaining)
		return true;
	print_error("%s: %d %d %lld\n", why, safety->is_safe,
	    safety->is_published, (long long)safety->remaining);
	return false;
}

static void
test_safety(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(safeties); i++) {
		const struct policy policy = policy_of(safeties[i].records);
		const struct policy_input input = { .policy = &policy,
			.now = NOW };
		const struct safety safety = judged(
		    &input, safeties[i].chain, safeties[i].owner, false);

		bad += !is_as_expected(safeties[i].why, &safety,
		    safeties[i].is_safe, safeties[i].is_published,
		    safeties[i].remaining);
	}
	assert_int_equal(bad, 0);
}

static void
test_sights(void **state)
{
	const struct policy policy = policy_of(BOTH);
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(sights); i++) {
		const struct policy_input input = {
			.policy = &policy, .now = NOW, .lag = sights[i].lag
		};
		const struct safety safety = judged(&input, sights[i].chain,
		    sights[i].owner, sights[i].by_sight);

		bad += !is_as_expected(sights[i].why, &safety,
		    sights[i].is_safe, sights[i].is_published,
		    sights[i].remaining);
	}
	assert_int_equal(bad, 0);
}

/* What cannot be told is not published, whatever it was. */
static void
test_safety_unknown(void **state)
{
	const struct policy policy = policy_of(BOTH);
	struct chain *chain = fake_cast_chain(&cast, "L2<YR1");
	struct owner *owner = owner_of("L2@1", &policy);
	const struct policy_input input = { .policy = &policy, .now = NOW };
	const struct safety_wish wish = { &input, chain, owner, &tlsas, false };
	struct safety safety;

	(void)state;
	owner->is_unknown = true;
	safety_judge(&wish, &safety);
	assert_false(safety.is_safe);
	assert_false(safety.is_published);
	assert_int_equal(safety.remaining, 0);
	owner_free(owner);
	chain_unref(chain);
}

static void
test_hold_of_zero(void **state)
{
	struct policy policy = policy_of(BOTH);
	struct chain *chain = fake_cast_chain(&cast, "L2<YR1");
	struct owner *owner = owner_of("L2@1000", &policy);
	struct owner *other = owner_of("L1@1", &policy);
	const struct policy_input input = {
		.policy = &policy, .now = NOW, .lag = { 100, INT64_MAX }
	};
	struct safety_wish wish = { &input, chain, owner, &tlsas, false };
	struct safety safety;

	(void)state;
	policy.propagation = 0;
	safety_judge(&wish, &safety);
	assert_true(safety.is_safe);
	wish.owner = other;
	safety_judge(&wish, &safety);
	assert_false(safety.is_safe);
	owner_free(owner);
	owner_free(other);
	chain_unref(chain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_safety),
		cmocka_unit_test(test_sights),
		cmocka_unit_test(test_safety_unknown),
		cmocka_unit_test(test_hold_of_zero),
	};

	return cmocka_run_group_tests(tests, cast_make, cast_end);
}
