/* SPDX-License-Identifier: MIT */
/* When the store cannot tell what is right, and when it can again. */
#include "unit.h"

#include <stdlib.h>

#include "stage.h"

static const char yaml[] =
    "sources:\n"
    "- {type: certbot, path: /a}\n"
    "- {type: files, path: /b}\n"
    "defaults: {retain: 1000, ttl: 60, records: [\"3 1 1\"]}\n"
    "zones: [{name: example.org, nameservers: [ns.example.net]}]\n"
    "overlay: [example.com]\n"
    "services:\n"
    "- {host: mail.example.org, ports: [25]}\n"
    "- {host: web.example.org, ports: [443], retain: 50}\n"
    "- {host: named.example.org, ports: [25], lineages: [one, two]}\n"
    "- {host: mail.example.com, ports: [25]}\n"
    "- {host: full.example.org, ports: [443], records: [\"3 1 0\"]}\n";

#define MAIL  "_25._tcp.mail.example.org."
#define WEB   "_443._tcp.web.example.org."
#define NAMED "_25._tcp.named.example.org."
#define OVER  "_25._tcp.mail.example.com."
#define FULL  "_443._tcp.full.example.org."

/* Leafs, each with the RDATA that is expected of it. */
struct item {
	const char *names;
	struct pki pki;
	char *tlsa;
};

static struct pki ca;
static struct item mail = { .names = "mail.example.org" };
static struct item mail2 = { .names = "mail.example.org" };
static struct item web = { .names = "web.example.org" };
static struct item other = { .names = "other.example.org" };
static struct item other2 = { .names = "other.example.org" };
static struct item full = { .names = "full.example.org" };
static struct item *const items[] = { &mail, &mail2, &web, &other, &other2,
	&full };

static int
items_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	for (size_t i = 0; i < LENGTH(items); i++) {
		pki_make_leaf(items[i]->names, &ca, &items[i]->pki);
		items[i]->tlsa = pki_tlsa(&items[i]->pki, 3, 1, 1);
	}
	return 0;
}

static int
items_free(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(items); i++) {
		pki_fini(&items[i]->pki);
		free(items[i]->tlsa);
	}
	pki_fini(&ca);
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

static bool
set(struct stage *stage, unsigned source, const char *name,
    const struct item *item)
{
	return stage_set(stage, source, name, &item->pki, &ca);
}

static bool
set_problem(struct stage *stage, unsigned source, const char *name)
{
	return store_set_problem(stage->store, source, name, "is broken");
}

static bool
set_deleted(struct stage *stage, unsigned source, const char *name)
{
	return store_set_deleted(stage->store, source, name, stage->now);
}

/* A lineage that never could be read may be the one for any bare host. */
static void
test_unknown_lineage(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "web", &web);
	assert_true(set_problem(stage, 0, "x"));
	stage_publish(stage);
	stage_expect(stage, MAIL, "unknown", NULL);
	stage_expect(stage, OVER, "unknown", NULL);
	stage_expect(stage, WEB, web.tlsa, NULL);
	stage_expect(stage, NAMED, "nothing", NULL);
	assert_true(set_problem(stage, 0, "one"));
	stage_publish(stage);
	stage_expect(stage, NAMED, "unknown", NULL);
	(void)set(stage, 0, "x", &mail);
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
	stage_expect(stage, OVER, "unknown", NULL);
	(void)set(stage, 0, "one", &other);
	stage_publish(stage);
	stage_expect(stage, NAMED, other.tlsa, NULL);
	stage_expect(stage, OVER, "nothing", NULL);
	/* What was known does not become unknown. */
	(void)set_problem(stage, 0, "one");
	(void)set_problem(stage, 0, "y");
	(void)set_problem(stage, 1, "two");
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
	stage_expect(stage, NAMED, other.tlsa, NULL);
	stage_expect(stage, OVER, "unknown", NULL);
}

/* One of two that are called was never read: half an RRset would be wrong. */
static void
test_unknown_half(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "one", &mail);
	(void)set_problem(stage, 0, "two");
	stage_publish(stage);
	stage_expect(stage, NAMED, "unknown", NULL);
	assert_true(set_deleted(stage, 0, "two"));
	assert_null(store_lineage(stage->store, 0, "two"));
	stage_publish(stage);
	stage_expect(stage, NAMED, mail.tlsa, NULL);
}

/* The source is good again, and the second one does not exist: that is all. */
static void
test_half_is_all(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "one", &mail);
	(void)store_set_source_problem(stage->store, 1, "cannot be read");
	stage_publish(stage);
	stage_expect(stage, NAMED, "unknown", NULL);
	(void)store_set_source_problem(stage->store, 1, NULL);
	stage_publish(stage);
	stage_expect(stage, NAMED, mail.tlsa, NULL);
}

/* The second one that is called may lie in the source that cannot be read. */
static void
test_unknown_half_in_source(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "one", &mail);
	(void)store_set_source_problem(stage->store, 1, "cannot be read");
	stage_publish(stage);
	stage_expect(stage, NAMED, "unknown", NULL);
	(void)set(stage, 1, "two", &mail2);
	(void)store_set_source_problem(stage->store, 1, NULL);
	stage_publish(stage);
	stage_expect(stage, NAMED, mail.tlsa, mail2.tlsa, NULL);
}

static void
test_unknown_source(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "a", &mail);
	assert_true(store_set_source_problem(stage->store, 1, "no access"));
	assert_false(store_set_source_problem(stage->store, 1, "no disk"));
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
	stage_expect(stage, WEB, "unknown", NULL);
	stage_expect(stage, NAMED, "unknown", NULL);
	assert_true(store_set_source_problem(stage->store, 1, NULL));
	assert_false(store_set_source_problem(stage->store, 1, NULL));
	stage_publish(stage);
	stage_expect(stage, WEB, "nothing", NULL);
	stage_expect(stage, NAMED, "nothing", NULL);
}

/* For those that call their lineages only the source counts, whatever else. */
static void
test_unknown_source_beside_lineage(void **state)
{
	struct stage *stage = *state;

	(void)set_problem(stage, 0, "x");
	stage_publish(stage);
	stage_expect(stage, NAMED, "nothing", NULL);
	(void)store_set_source_problem(stage->store, 1, "no access");
	stage_publish(stage);
	stage_expect(stage, NAMED, "unknown", NULL);
	(void)store_set_source_problem(stage->store, 1, NULL);
	stage_publish(stage);
	stage_expect(stage, NAMED, "nothing", NULL);
	stage_expect(stage, MAIL, "unknown", NULL);
}

/* What belongs to an RRset that cannot be told yet is nothing to readers. */
static void
test_serial_stays(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "one", &other2);
	(void)set_problem(stage, 0, "two");
	stage_publish(stage);
	stage_expect(stage, NAMED, "unknown", NULL);
	(void)set(stage, 0, "one", &other);
	stage->now++;
	stage_publish(stage);
	stage_expect(stage, NAMED, "unknown", NULL);
	assert_int_equal(stage->reports, 0);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
}

/*
 * A lineage that a service retained long enough does not count for it any
 * more, though another service retains it longer.
 */
static void
test_over_is_not_bound(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "web", &web);
	stage_publish(stage);
	(void)set_problem(stage, 0, "x");
	(void)set_deleted(stage, 0, "web");
	for (int64_t after = 50; after <= 1000; after += 475) {
		stage->now = STAGE_NOW + after;
		stage_publish(stage);
		stage_expect(stage, WEB, "unknown", NULL);
	}
}

/* And what cannot be read may turn up in between. */
static void
test_over_then_unreadable(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "web", &web);
	stage_publish(stage);
	(void)set_deleted(stage, 0, "web");
	stage->now += 50;
	stage_publish(stage);
	stage_expect(stage, WEB, "nothing", NULL);
	(void)set_problem(stage, 0, "x");
	stage_publish(stage);
	stage_expect(stage, WEB, "unknown", NULL);
}

/* What cannot be told stays so over a reload, until it can. */
static void
test_reloaded(void **state)
{
	struct stage *stage = *state;

	(void)set_problem(stage, 0, "x");
	stage_publish(stage);
	stage_expect(stage, MAIL, "unknown", NULL);
	stage_reload(stage, yaml);
	stage_publish(stage);
	stage_expect(stage, MAIL, "unknown", NULL);
	assert_true(set_deleted(stage, 0, "x"));
	stage_publish(stage);
	stage_expect(stage, MAIL, "nothing", NULL);
}

/* An association that cannot be built is nothing that we know to be absent. */
static void
test_without_der(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "full", &full);
	stage_publish(stage);
	stage_expect(stage, FULL, "unknown", NULL);
}

/* The same certificate, now with its DER, must come to use. */
static void
test_der_arrives(void **state)
{
	struct stage *stage = *state;
	char *expected = pki_tlsa(&full.pki, 3, 1, 0);

	(void)set(stage, 0, "full", &full);
	stage_publish(stage);
	stage->keep_all = true;
	(void)set(stage, 0, "full", &full);
	stage_publish(stage);
	stage_expect(stage, FULL, expected, NULL);
	free(expected);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_make, stage_end)
	const struct CMUnitTest tests[] = {
		TEST(test_unknown_lineage),
		TEST(test_unknown_half),
		TEST(test_half_is_all),
		TEST(test_unknown_half_in_source),
		TEST(test_unknown_source),
		TEST(test_unknown_source_beside_lineage),
		TEST(test_serial_stays),
		TEST(test_over_is_not_bound),
		TEST(test_over_then_unreadable),
		TEST(test_reloaded),
		TEST(test_without_der),
		TEST(test_der_arrives),
	};

	return cmocka_run_group_tests_name(
	    "store_unknown", tests, items_make, items_free);
}
