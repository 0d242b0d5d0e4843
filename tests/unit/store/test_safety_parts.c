/* SPDX-License-Identifier: MIT */
/*
 * The safety of a lineage, judged for a part of its services at a time, is what
 * it is when all are judged at once.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "stage.h"

enum { SERVICES = 61, MOST = SERVICES + 2 };

static struct pki ca, first, second;

/* The wildcard names all of them, and some are named once more. */
static int
certs_make(void **state)
{
	static const char names[] = "*.example.org,m0.example.org,"
				    "m7.example.org,m7.example.org,"
				    "m60.example.org";

	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf(names, &ca, &first);
	pki_make_leaf(names, &ca, &second);
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	pki_fini(&ca);
	pki_fini(&first);
	pki_fini(&second);
	return 0;
}

/* Each is to be waited for as long as its number says; some without end. */
static void
begin(struct stage *stage)
{
	struct buf yaml = { 0 };

	buf_add_string(&yaml,
	    "sources: [{type: certbot, path: /a}]\n"
	    "defaults: {retain: 1000, records: [\"3 1 1\"]}\n"
	    "zones: [{name: tlsa.example, nameservers: [ns.example.com]}]\n"
	    "services:\n");
	for (int i = 0; i < SERVICES; i++)
		buf_add_format(&yaml,
		    "- {host: m%d.example.org, propagation: "
		    "{hold: %d, see: %s}}\n",
		    i, 1 + (i * 37) % SERVICES,
		    i % 20 == 19 ? "servers" : "nothing");
	stage_init(stage, buf_text(&yaml));
	buf_fini(&yaml);
	(void)stage_set(stage, 0, "one", &first, &ca);
	stage_publish(stage);
	stage->now += 5000;
	(void)stage_set(stage, 0, "one", &second, &ca);
	stage_publish(stage);
}

static void
judge(const struct stage *stage, uint32_t from, size_t most,
    struct lineage_safety *ret)
{
	const struct safety_scope scope = { stage->now, NULL, from, most };

	store_lineage_safety(
	    stage->store, store_lineage(stage->store, 0, "one"), &scope, ret);
}

static void
expect_equal(const struct safety *is, const struct safety *wanted)
{
	assert_int_equal(is->is_safe, wanted->is_safe);
	assert_int_equal(is->is_published, wanted->is_published);
	assert_int_equal(is->remaining, wanted->remaining);
}

/* Go through it in parts of `most`, and compare with the whole of it. */
static void
expect_parts(const struct stage *stage, size_t most)
{
	struct lineage_safety whole;
	struct lineage_safety part;
	struct safety worst = { true, true, true, 0 };
	uint32_t from = 0;
	size_t count = 0;

	judge(stage, 0, 0, &whole);
	assert_int_equal(whole.next, 0);
	do {
		judge(stage, from, most, &part);
		assert_in_range(part.count, 1, most);
		assert_true(part.next == 0 || part.next > from);
		for (size_t i = 0; i < part.count; i++, count++)
			assert_ptr_equal(
			    part.list[i].service, whole.list[count].service);
		if (safety_is_worse(&part.worst, &worst))
			worst = part.worst;
		from = part.next;
		lineage_safety_fini(&part);
	} while (from != 0);
	assert_int_equal(count, SERVICES);
	assert_int_equal(count, whole.count);
	expect_equal(&worst, &whole.worst);
	lineage_safety_fini(&whole);
}

static void
test_parts(void **state)
{
	struct stage *stage = *state;
	struct lineage_safety whole;

	begin(stage);
	for (int turn = 0; turn < SERVICES; turn += 6) {
		for (size_t most = 1; most <= MOST; most++)
			expect_parts(stage, most);
		stage->now += 6;
	}
	/* Those that have to be seen are not, and nobody knows how long. */
	judge(stage, 0, 0, &whole);
	assert_false(whole.worst.is_safe);
	assert_int_equal(whole.worst.remaining, 0);
	lineage_safety_fini(&whole);
}

/* Behind the last one there is nothing, and nothing is safe. */
static void
test_behind(void **state)
{
	struct stage *stage = *state;
	struct lineage_safety none;

	begin(stage);
	judge(stage, UINT32_MAX, 1, &none);
	assert_int_equal(none.count, 0);
	assert_int_equal(none.next, 0);
	assert_true(none.worst.is_safe);
	lineage_safety_fini(&none);
}

static int
stage_room(void **state)
{
	static struct stage stage;

	*state = &stage;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_parts, stage_room, stage_end),
		cmocka_unit_test_setup_teardown(
		    test_behind, stage_room, stage_end),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_free);
}
