/* SPDX-License-Identifier: MIT */
/* When a generation may be served. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fake.h"
#include "fake_policy.h"
#include "policy/protection.h"
#include "policy/rules.h"

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
	enum fake_records records;
	const char *chain;
	const char *owner; /* NULL: nothing is published */
	bool is_safe;
	bool is_published;
	int64_t remaining;
} safeties[] = {
	{ "nothing is published", BOTH, "L2<YR1", NULL, false, false, 0 },
	{ "nothing that matches", BOTH, "L2<YR1", "L1@1 YR2@1", false, false,
	    0 },
	{ "just now", BOTH, "L2<PX", "L2@1000 YR1@1", false, true, FAKE_HOLD },
	{ "a second too early", BOTH, "L2<PX", "L2@801 YR1@1", false, true, 1 },
	{ "at the second", BOTH, "L2<PX", "L2@800 YR1@1", true, true, 0 },
	{ "long ago", BOTH, "L2<PX", "L2@1", true, true, 0 },
	{ "from a clock that was ahead", BOTH, "L2<PX", "L2@1500", false, true,
	    FAKE_HOLD },
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
	    { 0, 0 }, false, true, FAKE_HOLD },
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
		const struct policy policy = fake_policy(safeties[i].records);
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
	const struct policy policy = fake_policy(BOTH);
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
	const struct policy policy = fake_policy(BOTH);
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

/*
 * Who goes by a CA compares the name: it is none of a chain that does not name
 * the host, nor of one that is over.
 */
static void
test_ca_alone(void **state)
{
	static const struct {
		const char *why;
		enum fake_records records;
		const char *host;
		int64_t now;
		bool is_safe;
	} rows[] = {
		{ "it names the host", BOTH, "mail.example.com", NOW, true },
		{ "it names another one", BOTH, "mx.example.com", NOW, false },
		{ "and nothing better is configured", CA, "mx.example.com", NOW,
		    true },
		{ "it is over", BOTH, "mail.example.com", INT64_C(1) << 40,
		    false },
	};
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct policy policy = fake_policy(rows[i].records);
		struct dname host;
		const struct policy_input input = {
			.policy = &policy, .now = rows[i].now, .base = &host
		};
		struct safety safety;

		assert_int_equal(
		    dname_parse(rows[i].host, strlen(rows[i].host), &host),
		    STATUS_OK);
		safety = judged(&input, "L2<YR1<RootYR", "YR1@1", false);
		bad += !is_as_expected(
		    rows[i].why, &safety, rows[i].is_safe, rows[i].is_safe, 0);
	}
	assert_int_equal(bad, 0);
}

/* A TTL of a day was made a short one, and the renewal came then. */
static void
test_lowered(void **state)
{
	const struct policy policy = fake_policy(BOTH);
	struct chain *chain = fake_cast_chain(&cast, "L2<YR1");
	struct owner *owner = owner_of("L2@800", &policy);
	const struct policy_input input = { .policy = &policy, .now = NOW };
	struct safety_wish wish = { &input, chain, owner, &tlsas, false };
	struct safety safety;

	(void)state;
	safety_judge(&wish, &safety);
	assert_true(safety.is_safe);
	owner->lowered = (struct lowered){ 86400, 700 };
	safety_judge(&wish, &safety);
	assert_false(safety.is_safe);
	assert_true(safety.is_published);
	assert_int_equal(safety.remaining, 700 + 86400 - NOW);
	owner_free(owner);
	chain_unref(chain);
}

static void
test_hold_of_zero(void **state)
{
	struct policy policy = fake_policy(BOTH);
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
		cmocka_unit_test(test_safety),
		cmocka_unit_test(test_sights),
		cmocka_unit_test(test_safety_unknown),
		cmocka_unit_test(test_ca_alone),
		cmocka_unit_test(test_lowered),
		cmocka_unit_test(test_hold_of_zero),
	};

	return cmocka_run_group_tests(tests, cast_make, cast_end);
}
