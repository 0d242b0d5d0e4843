/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage.h"

#define ZONES                                                                  \
	"sources: [{type: certbot, path: /a}]\n"                               \
	"zones:\n"                                                             \
	"- {name: example.net, nameservers: [ns.example.net],\n"               \
	"   hostmaster: hostmaster.example.net}\n"                             \
	"- {name: example.org, nameservers: [ns.example.net],\n"               \
	"   hostmaster: hostmaster.example.net}\n"

static const char yaml[] = ZONES
    "defaults: {retain: 1000, ttl: 60, records: [\"3 1 1\", \"2 1 1\"]}\n"
    "services:\n"
    "- {host: a.example.org, ports: [25]}\n"
    "- {host: b.example.org, ports: [25]}\n"
    "- {host: c.example.org, ports: [25]}\n"
    "- {host: x.example.net, ports: [25, 443]}\n"
    "- {host: ca.example.org, ports: [25], records: [\"2 1 1\"]}\n";

#define A      "_25._tcp.a.example.org."
#define B      "_25._tcp.b.example.org."
#define C      "_25._tcp.c.example.org."
#define CA     "_25._tcp.ca.example.org."
#define NET25  "_25._tcp.x.example.net."
#define NET443 "_443._tcp.x.example.net."

static struct pki root, ca, a1, a2, ab, x1, cahost, cahost2, none;
static struct pki many[10]; /* leafs of a.example.org */

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Root", NULL, &root);
	pki_make_ca("CA", &root, &ca);
	pki_make_leaf("a.example.org", &ca, &a1);
	pki_make_leaf("a.example.org", &ca, &a2);
	pki_make_leaf("a.example.org,b.example.org", &ca, &ab);
	pki_make_leaf("x.example.net", &ca, &x1);
	pki_make_leaf("ca.example.org", &ca, &cahost);
	pki_make_leaf("ca.example.org", &root, &cahost2);
	pki_make_leaf("none.example.org", &ca, &none);
	for (size_t i = 0; i < LENGTH(many); i++)
		pki_make_leaf("a.example.org", &ca, &many[i]);
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	pki_fini(&root);
	pki_fini(&ca);
	pki_fini(&a1);
	pki_fini(&a2);
	pki_fini(&ab);
	pki_fini(&x1);
	pki_fini(&cahost);
	pki_fini(&cahost2);
	pki_fini(&none);
	for (size_t i = 0; i < LENGTH(many); i++)
		pki_fini(&many[i]);
	return 0;
}

static int
stage_make(void **state)
{
	static struct stage stage;

	stage_init(&stage, yaml);
	*state = &stage;
	return 0;
}

/* The RRset must be the leaf's "3 1 1" and the CA's "2 1 1". */
static void
expect_pair(const struct stage *stage, const char *owner,
    const struct pki *leaf, const struct pki *issuer)
{
	char *first = pki_tlsa(leaf, 3, 1, 1);
	char *second = pki_tlsa(issuer, 2, 1, 1);

	stage_expect(stage, owner, first, second, NULL);
	free(first);
	free(second);
}

static void
expect_one(const struct stage *stage, const char *owner, const struct pki *pki,
    unsigned usage)
{
	char *only = pki_tlsa(pki, usage, 1, 1);

	stage_expect(stage, owner, only, NULL);
	free(only);
}

/* Only the services that a change concerns are marked, and reported. */
static void
test_affected_only(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_dirty(stage), 6);
	stage_publish(stage);
	assert_int_equal(stage_dirty(stage), 0);
	(void)stage_set(stage, 0, "a", &a1, &ca);
	(void)stage_set(stage, 0, "x", &x1, &ca);
	(void)stage_set(stage, 0, "none", &none, &ca);
	assert_int_equal(stage_dirty(stage), 3);
	stage_publish(stage);
	assert_string_equal(
	    buf_text(&stage->report), A "\n" NET25 "\n" NET443 "\n");
	/* The renewed leaf has a name more: both old and new names count. */
	(void)stage_set(stage, 0, "a", &ab, &ca);
	assert_int_equal(stage_dirty(stage), 2);
	stage_publish(stage);
	assert_string_equal(buf_text(&stage->report), A "\n" B "\n");
	(void)stage_set(stage, 0, "a", &ab, &ca);
	(void)store_set_problem(stage->store, 0, "a", "is broken");
	assert_int_equal(stage_dirty(stage), 0);
	(void)stage_set(stage, 0, "none", &a2, &ca);
	assert_int_equal(stage_dirty(stage), 1);
	stage_publish(stage);
	assert_string_equal(buf_text(&stage->report), A "\n");
	(void)store_set_deleted(stage->store, 0, "none", stage->now);
	assert_int_equal(stage_dirty(stage), 1);
	stage_publish(stage);
	assert_int_equal(stage->reports, 0);
}

/* What was reported before and after is what readers saw and see. */
struct seen {
	size_t count;
	size_t before;
	size_t after;
	uint32_t serial;
	size_t zones;
};

static void
see_owner(const struct store_change *change, void *arg)
{
	struct seen *seen = arg;

	seen->count++;
	seen->before = change->before != NULL ? change->before->count : 0;
	seen->after = change->after != NULL ? change->after->count : 0;
	assert_string_equal(change->owner, A);
	assert_int_equal(change->set->count, seen->after);
}

static void
see_zone(const struct zone *zone, void *arg)
{
	struct seen *seen = arg;

	seen->zones++;
	seen->serial = zone->serial;
}

static void
publish_seen(struct stage *stage, int64_t now, struct seen *seen)
{
	const struct store_report report = {
		.owner = see_owner, .zone = see_zone, .arg = seen
	};

	*seen = (struct seen){ 0 };
	assert_true(store_is_pending(stage->store, now));
	snapshot_unref(store_publish(stage->store, now, &report));
	assert_false(store_is_pending(stage->store, now));
}

static void
test_report(void **state)
{
	struct stage *stage = *state;
	struct seen seen;

	publish_seen(stage, STAGE_NOW, &seen);
	assert_int_equal(seen.count, 0);
	assert_int_equal(seen.zones, 2);
	(void)stage_set(stage, 0, "a", &a1, NULL);
	publish_seen(stage, STAGE_NOW + 1, &seen);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.before, 0);
	assert_int_equal(seen.after, 1);
	assert_int_equal(seen.zones, 1);
	assert_int_equal(seen.serial, STAGE_NOW + 1);
	(void)stage_set(stage, 0, "a", &a1, &ca);
	publish_seen(stage, STAGE_NOW + 2, &seen);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.before, 1);
	assert_int_equal(seen.after, 2);
	assert_int_equal(seen.serial, STAGE_NOW + 2);
	(void)store_set_deleted(stage->store, 0, "a", STAGE_NOW + 2);
	publish_seen(stage, STAGE_NOW + 1002, &seen);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.before, 2);
	assert_int_equal(seen.after, 0);
}

/* The serial follows content and clock, and never goes back. */
static void
test_serial(void **state)
{
	static const struct {
		const char *why;
		int64_t now;
		int leaf; /* of many[]; -1: nothing new */
		uint32_t org;
		uint32_t net;
	} steps[] = {
		{ "the first", 100, 0, 100, 100 },
		{ "nothing new", 200, -1, 100, 100 },
		{ "the same again", 210, 0, 100, 100 },
		{ "a renewal moves its zone", 220, 1, 220, 100 },
		{ "in the same second", 220, 2, 221, 100 },
		{ "and once more", 220, 3, 222, 100 },
		{ "before that serial's second", 221, 4, 223, 100 },
		{ "the clock went back", 50, 5, 224, 100 },
		{ "and nothing new", 40, -1, 224, 100 },
		{ "and forward", 1000, 6, 1000, 100 },
	};
	struct stage *stage = *state;

	for (size_t i = 0; i < LENGTH(steps); i++) {
		print_message("# %s\n", steps[i].why);
		stage->now = STAGE_NOW + steps[i].now;
		if (steps[i].leaf >= 0)
			(void)stage_set(
			    stage, 0, "a", &many[steps[i].leaf], &ca);
		stage_publish(stage);
		assert_int_equal(stage_serial(stage, "example.org."),
		    STAGE_NOW + steps[i].org);
		assert_int_equal(stage_serial(stage, "example.net."),
		    STAGE_NOW + steps[i].net);
	}
}

/* Change and back between two publications is no change. */
static void
test_serial_there_and_back(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "a", &a1, &ca);
	stage_publish(stage);
	(void)store_set_deleted(stage->store, 0, "a", stage->now);
	(void)stage_set(stage, 0, "a", &a1, &ca);
	(void)store_set_problem(stage->store, 0, "a", "is broken");
	(void)store_set_deleted(stage->store, 0, "a", stage->now);
	(void)store_set_problem(stage->store, 0, "a", "is broken");
	stage->now += 10;
	stage_publish(stage);
	assert_int_equal(stage->reports, 0);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
}

/* A chain that lost what the RRset was made of does not empty it. */
static void
test_never_empty(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "ca", &cahost, &ca);
	stage_publish(stage);
	expect_one(stage, CA, &ca, 2);
	print_message("# the CA certificate is missing\n");
	(void)stage_set(stage, 0, "ca", &cahost, NULL);
	stage_publish(stage);
	expect_one(stage, CA, &ca, 2);
	stage->now += 100000;
	stage_publish(stage);
	expect_one(stage, CA, &ca, 2);
	print_message("# the host is missing\n");
	(void)stage_set(stage, 0, "ca", &none, &ca);
	stage->now += 100000;
	stage_publish(stage);
	expect_one(stage, CA, &ca, 2);
	print_message("# the next good one is taken\n");
	(void)stage_set(stage, 0, "ca", &cahost2, &root);
	stage_publish(stage);
	stage->now += 100000;
	stage_publish(stage);
	expect_one(stage, CA, &root, 2);
}

/*
 * A renewed leaf without the host's name belongs to others: it may be a wrong
 * file for a moment.  What was there before stays.
 */
static void
test_host_left_leaf(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "a", &a1, &ca);
	stage_publish(stage);
	(void)stage_set(stage, 0, "a", &none, &ca);
	stage_publish(stage);
	expect_pair(stage, A, &a1, &ca);
	stage->now += 100000;
	stage_publish(stage);
	expect_pair(stage, A, &a1, &ca);
}

/* What was kept for want of a better leaves with its lineage all the same. */
static void
test_kept_is_deleted(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "ca", &cahost, &ca);
	stage_publish(stage);
	(void)stage_set(stage, 0, "ca", &cahost, NULL);
	stage_publish(stage);
	expect_one(stage, CA, &ca, 2);
	(void)store_set_deleted(stage->store, 0, "ca", stage->now);
	stage_publish(stage);
	stage->now += 999;
	stage_publish(stage);
	expect_one(stage, CA, &ca, 2);
	stage->now++;
	stage_publish(stage);
	stage_expect(stage, CA, "nothing", NULL);
}

/* Readers keep what they hold, whatever is published next. */
static void
test_snapshot_is_frozen(void **state)
{
	struct stage *stage = *state;
	struct stage past = { .now = 0 };

	(void)stage_set(stage, 0, "a", &a1, &ca);
	stage_publish(stage);
	past.snapshot = snapshot_ref(stage->snapshot);
	(void)stage_set(stage, 0, "a", &a2, &ca);
	(void)stage_set(stage, 0, "x", &x1, &ca);
	stage->now += 10;
	stage_publish(stage);
	stage->now += 1000;
	stage_publish(stage);
	expect_pair(stage, A, &a2, &ca);
	expect_pair(&past, A, &a1, &ca);
	stage_expect(&past, NET25, "nothing", NULL);
	assert_int_equal(stage_serial(&past, "example.org."), STAGE_NOW);
	/* What did not change is shared. */
	assert_ptr_equal(stage_zone(&past, "example.net.")->apex,
	    stage_zone(stage, "example.net.")->apex);
	snapshot_unref(past.snapshot);
}

static bool
visit(const struct lineage *lineage, void *arg)
{
	struct buf *text = arg;

	buf_add_format(text, "%s/%u ", lineage->name, lineage->source);
	return strcmp(lineage->name, "c") != 0;
}

static void
test_walk_and_view(void **state)
{
	struct stage *stage = *state;
	struct service_view view;
	struct buf text = { 0 };

	(void)stage_set(stage, 0, "c", &none, &ca);
	(void)stage_set(stage, 0, "b", &ab, &ca);
	(void)stage_set(stage, 0, "a", &a1, &ca);
	(void)store_set_problem(stage->store, 0, "d", "is broken");
	stage_publish(stage);
	store_walk_lineages(stage->store, visit, &text);
	assert_string_equal(buf_text(&text), "a/0 b/0 c/0 ");
	buf_fini(&text);
	store_view(stage->store, 0, stage->now, &view);
	assert_string_equal(view.owner_name, A);
	assert_int_equal(view.readable, 2);
	assert_int_equal(view.lineage_count, 2);
	assert_string_equal(view.lineages[0]->name, "a");
	assert_int_equal(view.set.count, 3);
	assert_int_equal(view.owner->count, 3);
	assert_string_equal(view.zone->apex->name, "example.org.");
	assert_ptr_equal(view.set.list[1].lineage, view.lineages[1]);
	service_view_fini(&view);
	store_view(stage->store, 2, stage->now, &view);
	assert_true(view.owner->is_unknown);
	assert_int_equal(view.lineage_count, 0);
	assert_int_equal(view.set.count, 0);
	service_view_fini(&view);
}

static void
see_recorded(const struct store_change *change, void *arg)
{
	bool *is_recorded = arg;

	assert_string_equal(change->owner, A);
	*is_recorded = change->is_recorded;
}

/* What a start finds on record, as it publishes it, goes there no second time.
 */
static void
test_recorded(void **state)
{
	static const struct {
		const char *why;
		int64_t since;
		int64_t shift;
		bool is_read; /* and says more than it did */
		bool is_recorded;
	} cases[] = {
		{ "as it was", STAGE_NOW - 10, 0, false, true },
		{ "put right", STAGE_NOW + 10, 0, false, false },
		{ "the clock was set", STAGE_NOW - 10, 5, false, false },
		{ "more than it was", STAGE_NOW - 10, 0, true, false },
	};
	static const struct fingerprint print = { .inode = 1 };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		bool is_recorded = !cases[i].is_recorded;
		const struct store_report report = { .owner = see_recorded,
			.arg = &is_recorded };
		struct stage stage;
		struct generation generation = { NULL, STAGE_NOW - 10, 0 };

		print_message("# %s\n", cases[i].why);
		stage_init(&stage, yaml);
		stage_remember(&stage, A, &a1, cases[i].since, 0);
		if (cases[i].is_read) {
			(void)stage_set(&stage, 0, "a", &a1, &ca);
		} else {
			generation.chain = stage_chain(&stage, &a1, &ca);
			store_remember_lineage(stage.store, 0, "a", "file",
			    &print, 0, &generation, 1, stage.now);
		}
		if (cases[i].shift != 0)
			store_shift_times(stage.store, cases[i].shift);
		snapshot_unref(store_publish(stage.store, STAGE_NOW, &report));
		assert_int_equal(is_recorded, cases[i].is_recorded);
		stage_fini(&stage);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_make, stage_end)
	const struct CMUnitTest tests[] = {
		TEST(test_affected_only),
		TEST(test_report),
		cmocka_unit_test(test_recorded),
		TEST(test_serial),
		TEST(test_serial_there_and_back),
		TEST(test_never_empty),
		TEST(test_host_left_leaf),
		TEST(test_kept_is_deleted),
		TEST(test_snapshot_is_frozen),
		TEST(test_walk_and_view),
	};

	return cmocka_run_group_tests_name(
	    "store_publish", tests, certs_make, certs_free);
}
