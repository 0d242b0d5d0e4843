/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pki.h"
#include "policy/policy.h"

enum { NOW = 1800000000, RETAIN = 1000 };

/*
 * Two lineages: A with leaf a, its issuer i and the root r; B with leaf b by
 * the same issuer, and no root.  C has the leaf of A alone.
 */
static struct pki root, issuer, leaf_a, leaf_b;
static struct ca_pool cas;
static struct tlsa_pool tlsas;
static struct chain *chain_a, *chain_b, *chain_c;

static struct chain *
chain_make(const struct pki *leaf, bool with_issuer, bool with_root)
{
	struct problem problem = { "" };
	struct chain *chain = NULL;
	struct buf text = { 0 };

	pki_add_pem(leaf, &text);
	if (with_issuer)
		pki_add_pem(&issuer, &text);
	if (with_root)
		pki_add_pem(&root, &text);
	if (chain_parse(&cas, text.data, text.len, false, &chain, NULL,
		&problem) != STATUS_OK)
		fail_msg("%s", problem.text);
	buf_fini(&text);
	return chain;
}

static int
world_make(void **state)
{
	(void)state;
	ca_pool_init(&cas);
	tlsa_pool_init(&tlsas);
	pki_make_ca("Root", NULL, &root);
	pki_make_ca("Issuer", &root, &issuer);
	pki_make_leaf("mail.example.org", &issuer, &leaf_a);
	pki_make_leaf("mail.example.org", &issuer, &leaf_b);
	chain_a = chain_make(&leaf_a, true, true);
	chain_b = chain_make(&leaf_b, true, false);
	chain_c = chain_make(&leaf_a, false, false);
	return 0;
}

static int
world_end(void **state)
{
	(void)state;
	chain_unref(chain_a);
	chain_unref(chain_b);
	chain_unref(chain_c);
	ca_pool_fini(&cas);
	tlsa_pool_fini(&tlsas);
	pki_fini(&root);
	pki_fini(&issuer);
	pki_fini(&leaf_a);
	pki_fini(&leaf_b);
	return 0;
}

/* One RDATA by a word: usage, selector, matching type, and whose it is. */
static char *
rdata(const char *word)
{
	const struct pki *pki = word[3] == 'a'   ? &leaf_a
				: word[3] == 'b' ? &leaf_b
				: word[3] == 'i' ? &issuer
						 : &root;

	return pki_tlsa(pki, (unsigned)word[0] - '0', (unsigned)word[1] - '0',
	    (unsigned)word[2] - '0');
}

/* The set must be the words, in their order. */
static void
expect(const struct associations *set, const char *words)
{
	size_t count = 0;

	for (const char *at = words; *at != '\0'; at += 4 + (at[4] == ' ')) {
		char *text = rdata(at);

		assert_in_range(count, 0, set->count - 1);
		assert_string_equal(set->list[count].tlsa->text, text);
		assert_int_equal(set->list[count].provenance,
		    at[3] == 'a' || at[3] == 'b' ? PROVENANCE_LEAF
						 : PROVENANCE_CHAIN);
		free(text);
		count++;
	}
	assert_int_equal(set->count, count);
}

/* Read "311 211" into record types. */
static size_t
types_read(const char *text, struct record_type *types)
{
	size_t count = 0;

	for (; *text != '\0'; text += 3 + (text[3] == ' '))
		types[count++] = (struct record_type){ (uint8_t)(text[0] - '0'),
			(uint8_t)(text[1] - '0'), (uint8_t)(text[2] - '0') };
	return count;
}

/* Lineages with one generation each. */
struct binding {
	struct lineage lineages[3];
	struct generation generations[3];
	const struct lineage *bound[3];
	size_t count;
};

/* Bind the lineages of the letters, in their order. */
static void
bind(struct binding *binding, const char *letters)
{
	*binding = (struct binding){ .count = strlen(letters) };
	for (size_t i = 0; i < binding->count; i++) {
		binding->generations[i] = (struct generation){
			.chain = letters[i] == 'A'   ? chain_a
				 : letters[i] == 'B' ? chain_b
						     : chain_c,
			.since = NOW - 5000,
		};
		binding->lineages[i].generations = &binding->generations[i];
		binding->lineages[i].generation_count = 1;
		binding->bound[i] = &binding->lineages[i];
	}
}

/* Decide by "311 211 ..." */
static void
decide(const struct binding *binding, const char *types, unsigned max,
    uint32_t retain, struct associations *set)
{
	struct record_type list[8];
	struct policy policy = { .records = list,
		.record_count = types_read(types, list),
		.max_records = max,
		.retain = retain };
	const struct policy_input input = { .policy = &policy,
		.lineages = binding->bound,
		.count = binding->count,
		.now = NOW };

	policy_decide(&input, &tlsas, set);
}

static const struct {
	const char *why;
	const char *types;
	const char *lineages;
	unsigned max;
	const char *set;
	size_t cut;
} decide_cases[] = {
	{ "the defaults", "311 211", "A", 12, "311a 211i 211r", 0 },
	{ "leafs before CAs, whatever the order configured", "211 311", "A", 12,
	    "311a 211i 211r", 0 },
	{ "all leafs before all CAs", "311 211", "AB", 12,
	    "311a 311b 211i 211r", 0 },
	{ "in the order of the lineages", "311 211", "BA", 12,
	    "311b 311a 211i 211r", 0 },
	{ "types in the order configured", "311 301", "A", 12, "311a 301a", 0 },
	{ "and each lineage in full before the next", "311 301", "AB", 12,
	    "311a 301a 311b 301b", 0 },
	{ "usage 3 is the leaf only", "311", "A", 12, "311a", 0 },
	{ "usage 1 too", "111", "A", 12, "111a", 0 },
	{ "usage 2 is each CA sent, the issuing one first", "211", "A", 12,
	    "211i 211r", 0 },
	{ "usage 0 too", "001", "A", 12, "001i 001r", 0 },
	{ "a root that is not sent is not published", "211", "B", 12, "211i",
	    0 },
	{ "all usages", "011 111 211 311", "B", 12, "111b 311b 011i 211i", 0 },
	{ "the same certificate in two lineages", "311 211", "AC", 12,
	    "311a 211i 211r", 0 },
	{ "the same lineage twice", "311 211", "AA", 12, "311a 211i 211r", 0 },
	{ "as many as allowed", "311 211", "A", 3, "311a 211i 211r", 0 },
	{ "the last ones are cut", "311 211", "AB", 3, "311a 311b 211i", 1 },
	{ "but no leaf that is served", "311 211", "AB", 1, "311a 311b", 2 },
	{ "nor the issuer, where there is no usage 3", "211", "A", 1, "211i",
	    1 },
	{ "a duplicate takes no room, nor is it cut", "311 211", "ACB", 4,
	    "311a 311b 211i 211r", 0 },
	{ "nothing is bound", "311 211", "", 12, "", 0 },
	{ "usage 2 without a CA", "211", "C", 12, "", 0 },
	{ "usage 0 without a CA", "001", "C", 12, "", 0 },
};

static void
test_decide_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(decide_cases); i++) {
		struct associations set;
		struct binding binding;

		print_message("# %s\n", decide_cases[i].why);
		bind(&binding, decide_cases[i].lineages);
		decide(&binding, decide_cases[i].types, decide_cases[i].max,
		    RETAIN, &set);
		expect(&set, decide_cases[i].set);
		assert_int_equal(set.cut, decide_cases[i].cut);
		assert_int_equal(set.failed, 0);
		for (size_t k = 0; k < set.count; k++)
			assert_true(set.list[k].until == INT64_MAX);
		associations_fini(&set);
		assert_int_equal(set.count, 0);
	}
}

/* A lineage that was deleted counts as before, until the very second. */
static void
test_deleted_table(void **state)
{
	static const struct {
		const char *why;
		int64_t deleted_a; /* 0: not */
		int64_t deleted_b;
		uint32_t retain;
		const char *set;
	} cases[] = {
		{ "neither", 0, 0, RETAIN, "311a 311b 211i 211r" },
		{ "just now", NOW, 0, RETAIN, "311a 311b 211i 211r" },
		{ "a second left", NOW - RETAIN + 1, 0, RETAIN,
		    "311a 311b 211i 211r" },
		{ "over", NOW - RETAIN, 0, RETAIN, "311b 211i" },
		{ "long over", 1, 0, RETAIN, "311b 211i" },
		{ "the other: its CA is sent by the first too", 0, NOW - RETAIN,
		    RETAIN, "311a 211i 211r" },
		{ "both over", NOW - RETAIN, NOW - RETAIN, RETAIN, "" },
		{ "not retained at all", NOW, 0, 0, "311b 211i" },
		{ "the clock went back", NOW + 5000, 0, RETAIN,
		    "311a 311b 211i 211r" },
		{ "retained for ever and a day", NOW - INT64_C(4000000000), 0,
		    UINT32_MAX, "311a 311b 211i 211r" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct associations set;
		struct binding binding;

		print_message("# %s\n", cases[i].why);
		bind(&binding, "AB");
		binding.lineages[0].deleted = cases[i].deleted_a;
		binding.lineages[1].deleted = cases[i].deleted_b;
		decide(&binding, "311 211", 12, cases[i].retain, &set);
		expect(&set, cases[i].set);
		associations_fini(&set);
	}
}

/* Who asks why is told whose certificate it is, and until when. */
static void
test_provenance(void **state)
{
	struct associations set;
	struct binding binding;

	(void)state;
	bind(&binding, "AB");
	binding.lineages[0].deleted = NOW - 1;
	decide(&binding, "311 211", 12, RETAIN, &set);
	assert_ptr_equal(set.list[0].lineage, &binding.lineages[0]);
	assert_ptr_equal(set.list[0].cert, chain_a->leaf);
	assert_true(set.list[0].until == NOW - 1 + RETAIN);
	assert_ptr_equal(set.list[1].lineage, &binding.lineages[1]);
	assert_true(set.list[1].until == INT64_MAX);
	assert_ptr_equal(set.list[2].cert, chain_a->ca[0]);
	print_message("# the CA is that of a lineage which stays, too\n");
	assert_true(set.list[2].until == INT64_MAX);
	associations_fini(&set);
}

/*
 * The files were read for SHA-256 alone: other matching types have to wait,
 * for everything, and what can be built is published.
 */
static void
test_failed(void **state)
{
	struct associations set;
	struct binding binding;

	(void)state;
	bind(&binding, "A");
	decide(&binding, "310 311 301 200", 12, RETAIN, &set);
	expect(&set, "311a 301a");
	assert_int_equal(set.failed, 2);
	assert_int_equal(set.cut, 0);
	associations_fini(&set);
}

static void
test_words(void **state)
{
	(void)state;
	for (int i = 0; i < PROVENANCES; i++) {
		enum provenance provenance = (enum provenance)i;

		assert_string_not_equal(provenance_word(provenance), "");
		assert_string_not_equal(provenance_text(provenance), "");
	}
	assert_string_equal(provenance_word(PROVENANCE_LEAF), "leaf");
	assert_string_equal(provenance_word(PROVENANCE_CHAIN), "chain");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide_table),
		cmocka_unit_test(test_deleted_table),
		cmocka_unit_test(test_provenance),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name(
	    "policy", tests, world_make, world_end);
}
