/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage.h"

/*
 * What somebody should look after at a service, told once when it begins and
 * when it ends; and what time alone takes out of an RRset that is full.
 */

#define OWNER "_25._tcp.mail.example.org."

enum { RETAIN = 100000, HOLD = 600 };

static const char yaml[] =
    "sources: [{type: files, path: /nowhere}]\n"
    "zones: [{name: example.org, nameservers: [ns.example.org]}]\n"
    "defaults: {ttl: 300, records: [\"3 1 1\"], max-records: 1,\n"
    "  propagation: 600, retain: 100000}\n"
    "services: [{host: mail.example.org}]\n";

static struct pki ca, first, second, third, stranger;

static int
world_make(void **state)
{
	(void)state;
	pki_make_ca("CA", NULL, &ca);
	pki_make_leaf("mail.example.org", &ca, &first);
	pki_make_leaf("mail.example.org", &ca, &second);
	pki_make_leaf("mail.example.org", &ca, &third);
	pki_make_leaf("www.example.org", &ca, &stranger);
	return 0;
}

static int
world_end(void **state)
{
	(void)state;
	pki_fini(&ca);
	pki_fini(&first);
	pki_fini(&second);
	pki_fini(&third);
	pki_fini(&stranger);
	return 0;
}

static int
begin(void **state)
{
	struct stage *stage = mem_new(sizeof(*stage));

	stage_init(stage, yaml);
	*state = stage;
	return 0;
}

static int
end(void **state)
{
	stage_fini(*state);
	free(*state);
	return 0;
}

static void
see_concern(const struct service *service, void *arg)
{
	struct buf *told = arg;
	const char *text = service_concern_text(service);

	buf_add_format(told, "%s\n", text != NULL ? text : "none");
}

/* Publish; what is told of concerns must be this. */
static void
expect_told(struct stage *stage, const char *expected)
{
	struct buf told = { 0 };
	const struct store_report report = { .concern = see_concern,
		.arg = &told };

	snapshot_unref(stage->snapshot);
	stage->snapshot = store_publish(stage->store, stage->now, &report);
	assert_string_equal(buf_text(&told), expected);
	buf_fini(&told);
}

static void
test_concerns(void **state)
{
	struct stage *stage = *state;
	char *kept = pki_tlsa(&second, 3, 1, 1);

	expect_told(stage, "no lineage covers the host\n");
	expect_told(stage, "");
	(void)stage_set(stage, 0, "mail", &first, &ca);
	expect_told(stage, "none\n");
	stage->now += HOLD;
	(void)stage_set(stage, 0, "mail", &second, &ca);
	expect_told(stage, "");
	/* A renewal without the name: what was there stays until retained. */
	stage->now += HOLD;
	(void)stage_set(stage, 0, "mail", &stranger, &ca);
	expect_told(stage, "no current certificate names the host\n");
	expect_told(stage, "");
	/* When the last generation that names it is forgotten, all stays. */
	stage->now += RETAIN;
	expect_told(stage, "no lineage covers the host\n");
	stage_expect(stage, OWNER, kept, NULL);
	(void)stage_set(stage, 0, "mail", &third, &ca);
	expect_told(stage, "none\n");
	(void)store_set_deleted(stage->store, 0, "mail", stage->now);
	expect_told(stage, "no current certificate names the host\n");
	stage->now += RETAIN;
	expect_told(stage, "no lineage covers the host\n");
	stage_expect(stage, OWNER, "nothing", NULL);
	free(kept);
}

/*
 * What was replaced is above max-records, and kept for who waits until the
 * new one is safe: no longer, and nobody has to change a file for it.
 */
static void
test_full(void **state)
{
	struct stage *stage = *state;
	char *old = pki_tlsa(&first, 3, 1, 1);
	char *new = pki_tlsa(&second, 3, 1, 1);

	(void)stage_set(stage, 0, "mail", &first, &ca);
	stage_publish(stage);
	stage->now += HOLD;
	(void)stage_set(stage, 0, "mail", &second, &ca);
	stage_publish(stage);
	stage_expect(stage, OWNER, new, old, NULL);
	assert_int_equal(store_next_wake(stage->store), stage->now + HOLD);
	stage->now += HOLD - 1;
	assert_false(store_is_pending(stage->store, stage->now));
	stage->now++;
	assert_true(store_is_pending(stage->store, stage->now));
	stage_publish(stage);
	stage_expect(stage, OWNER, new, NULL);
	/* Nothing is above it any more. */
	assert_int_equal(
	    store_next_wake(stage->store), stage->now - HOLD + RETAIN);
	free(old);
	free(new);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_concerns, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
