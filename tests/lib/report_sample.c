/* SPDX-License-Identifier: MIT */
#include "report_sample.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "state_sample.h"

unsigned
sample_chance(unsigned *seed, unsigned end)
{
	return (unsigned)rand_r(seed) % end;
}

char *
sample_text(unsigned *seed, bool is_needed)
{
	if (!is_needed && sample_chance(seed, 3) == 0)
		return NULL;
	return mem_string(sample_names[sample_chance(seed, SAMPLE_NAMES)]);
}

static int64_t
sample_time(unsigned *seed, int64_t min)
{
	const int64_t times[] = { min, 1, 1700000000, LIMIT_TIME - 1,
		LIMIT_TIME };

	return times[sample_chance(seed, LENGTH(times))];
}

/* Its digests come from a number that few others have. */
static struct cert *
cert_made(unsigned *seed, unsigned number, bool full)
{
	const char *subject = sample_names[number % SAMPLE_NAMES];
	struct cert *cert = sample_cert(
	    subject[0] == '*' ? "a" : subject, number, full);

	if (sample_chance(seed, 4) == 0) {
		cert->not_before = -LIMIT_TIME;
		cert->not_after = LIMIT_TIME;
		cert->key_bits = UINT32_MAX;
	}
	return cert;
}

static struct chain *
chain_made(unsigned *seed)
{
	struct cert *ca[LIMIT_CHAIN - 1];
	unsigned count = sample_chance(seed, LIMIT_CHAIN);
	bool full = sample_chance(seed, 2) == 0;
	struct chain *chain;

	/* A CA's facts follow from its digest, and so they are shared. */
	for (unsigned i = 0; i < count; i++)
		ca[i] = sample_cert("CA", 1000 + sample_chance(seed, 40), full);
	chain = sample_chain(
	    cert_made(seed, sample_chance(seed, 1000), full), ca, count);
	for (unsigned i = 0; i < count; i++)
		cert_unref(ca[i]);
	return chain;
}

static void
chain_add(unsigned *seed, struct report *report)
{
	report->chain = chain_made(seed);
	report->file = sample_text(seed, true);
	report->remark = sample_text(seed, false);
	report->print = (struct fingerprint){ UINT64_MAX, (unsigned)*seed,
		INT64_MAX, -1, INT64_MIN };
	report->past_count = sample_chance(seed, 20) == 0
				 ? LIMIT_GENERATIONS
				 : sample_chance(seed, 4);
	report->past = mem_array(report->past_count, sizeof(*report->past));
	for (size_t i = 0; i < report->past_count; i++)
		report->past[i] = (struct generation){ chain_made(seed),
			sample_time(seed, -LIMIT_TIME), sample_time(seed, 1) };
}

static void
next_add(unsigned *seed, struct report *report)
{
	report->has_next = true;
	report->next_count = sample_chance(seed, LIMIT_NEXT + 1);
	report->next = mem_array(report->next_count, sizeof(*report->next));
	for (size_t i = 0; i < report->next_count; i++) {
		struct next_key *next = &report->next[i];
		struct cert_part *whole;

		if (sample_chance(seed, 2) == 0) {
			next->chain = chain_made(seed);
			next->cert = cert_ref(next->chain->leaf);
			continue;
		}
		next->cert = cert_made(
		    seed, sample_chance(seed, 1000), sample_chance(seed, 2));
		whole = &next->cert->part[CERT_SELECTOR_CERT];
		free(whole->sha512);
		free(whole->der);
		*whole = (struct cert_part){ 0 };
	}
}

struct report
sample_report(unsigned *seed)
{
	struct report report = {
		.source = sample_chance(seed, SAMPLE_SOURCES),
		.verdict = (enum verdict)sample_chance(seed, VERDICTS),
		.is_located = sample_chance(seed, 2),
	};

	report.name = sample_text(seed, true);
	report.problem = sample_text(seed, report.verdict == VERDICT_PROBLEM);
	report.warning = sample_text(seed, false);
	if (sample_chance(seed, 3) > 0)
		chain_add(seed, &report);
	if (sample_chance(seed, 2) == 0)
		next_add(seed, &report);
	report.plan.is_known = sample_chance(seed, 2);
	report.plan.reuse_key = sample_chance(seed, 2);
	report.plan.has_key_type = sample_chance(seed, 2);
	if (report.plan.has_key_type)
		report.plan.key_type = (enum key_algorithm)sample_chance(
		    seed, KEY_OTHER + 1);
	report.plan.server = sample_text(seed, false);
	report.plan.renews = sample_chance(seed, 2);
	return report;
}

static void
same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

static void
same_part(const struct cert_part *a, const struct cert_part *b)
{
	assert_int_equal(a->is_known, b->is_known);
	assert_memory_equal(a->sha256, b->sha256, sizeof(a->sha256));
	assert_int_equal(a->sha512 == NULL, b->sha512 == NULL);
	if (a->sha512 != NULL)
		assert_memory_equal(a->sha512, b->sha512, 64);
	assert_int_equal(a->der == NULL, b->der == NULL);
	assert_int_equal(a->der_len, b->der_len);
	if (a->der != NULL)
		assert_memory_equal(a->der, b->der, a->der_len);
}

void
sample_same_cert(const struct cert *a, const struct cert *b)
{
	for (size_t i = 0; i < CERT_SELECTORS; i++)
		same_part(&a->part[i], &b->part[i]);
	assert_int_equal(a->is_ca, b->is_ca);
	assert_int_equal(a->is_self_issued, b->is_self_issued);
	assert_int_equal(a->is_staging, b->is_staging);
	assert_int_equal(a->key_algorithm, b->key_algorithm);
	assert_int_equal(a->key_bits, b->key_bits);
	assert_true(a->not_before == b->not_before);
	assert_true(a->not_after == b->not_after);
	assert_string_equal(a->subject, b->subject);
	assert_string_equal(a->issuer, b->issuer);
	assert_int_equal(a->name_count, b->name_count);
	for (size_t i = 0; i < a->name_count; i++)
		assert_string_equal(a->names[i], b->names[i]);
}

void
sample_same_chain(const struct chain *a, const struct chain *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a == NULL)
		return;
	assert_true(chain_equal(a, b));
	assert_int_equal(chain_is_authority(a), chain_is_authority(b));
	sample_same_cert(a->leaf, b->leaf);
	for (size_t i = 0; i < a->ca_count; i++)
		sample_same_cert(a->ca[i], b->ca[i]);
}

static void
same_plan(const struct renewal_plan *a, const struct renewal_plan *b)
{
	assert_int_equal(a->is_known, b->is_known);
	assert_int_equal(a->reuse_key, b->reuse_key);
	assert_int_equal(a->has_key_type, b->has_key_type);
	assert_int_equal(a->key_type, b->key_type);
	same_text(a->server, b->server);
	assert_true(a->renews == b->renews);
}

static void
same_next(const struct report *a, const struct report *b)
{
	assert_int_equal(a->has_next, b->has_next);
	assert_true(
	    next_keys_equal(a->next, a->next_count, b->next, b->next_count));
	for (size_t i = 0; i < a->next_count; i++) {
		sample_same_cert(a->next[i].cert, b->next[i].cert);
		sample_same_chain(a->next[i].chain, b->next[i].chain);
		if (b->next[i].chain != NULL)
			assert_ptr_equal(
			    b->next[i].chain->leaf, b->next[i].cert);
	}
}

void
sample_same_report(const struct report *a, const struct report *b)
{
	assert_int_equal(a->source, b->source);
	assert_int_equal(a->verdict, b->verdict);
	same_text(a->name, b->name);
	same_text(a->problem, b->problem);
	same_text(a->file, b->file);
	same_text(a->remark, b->remark);
	same_text(a->warning, b->warning);
	assert_true(fingerprint_equal(&a->print, &b->print));
	assert_int_equal(a->is_located, b->is_located);
	sample_same_chain(a->chain, b->chain);
	assert_int_equal(a->past_count, b->past_count);
	for (size_t i = 0; i < a->past_count; i++) {
		assert_true(a->past[i].since == b->past[i].since);
		assert_true(a->past[i].replaced == b->past[i].replaced);
		sample_same_chain(a->past[i].chain, b->past[i].chain);
	}
	same_next(a, b);
	same_plan(&a->plan, &b->plan);
}
