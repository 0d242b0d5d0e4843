/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage.h"

/* The services of these tests; retain is short, so that it can be waited for.
 */
static const char yaml[] =
    "sources:\n"
    "- {type: certbot, path: /a}\n"
    "- {type: files, path: /b}\n"
    "defaults: {retain: 1000, ttl: 60, records: [\"3 1 1\"]}\n"
    "zones:\n"
    "- {name: tlsa.example.net, nameservers: [ns.example.net],\n"
    "   hostmaster: hostmaster.example.net}\n"
    "- {name: example.org, nameservers: [ns.example.net],\n"
    "   hostmaster: hostmaster.example.net}\n"
    "overlay: [example.com]\n"
    "services:\n"
    "- {host: mail.example.org, ports: [25]}\n"
    "- {host: web.example.org, ports: [443], retain: 50}\n"
    "- {host: named.example.org, ports: [25], lineages: [one, two]}\n"
    "- {host: ca.example.org, ports: [25], records: [\"2 1 1\"]}\n"
    "- {host: mail.example.com, ports: [25]}\n"
    "- {host: mail.example.net, ports: [25]}\n";

#define MAIL  "_25._tcp.mail.example.org."
#define WEB   "_443._tcp.web.example.org."
#define NAMED "_25._tcp.named.example.org."
#define CA    "_25._tcp.ca.example.org."
#define OVER  "_25._tcp.mail.example.com."
#define ALIAS "_25_tcp_mail_example_net.tlsa.example.net."

/* Certificates, each with the RDATA that is expected of it. */
struct item {
	const char *names; /* NULL: a CA */
	struct pki pki;
	char *tlsa;
};

static struct item ca = { .names = NULL };
static struct item mail = { .names = "mail.example.org" };
static struct item mail2 = { .names = "mail.example.org" };
static struct item web = { .names = "web.example.org" };
static struct item wild = { .names = "*.example.org" };
static struct item both = { .names = "*.example.org,mail.example.org" };
static struct item other = { .names = "other.example.org" };
static struct item deep = { .names = "*.mail.example.org,example.org" };
static struct item ca_host = { .names = "ca.example.org" };
static struct item com = { .names = "mail.example.com,mail.example.net" };
static struct item *const items[] = { &ca, &mail, &mail2, &web, &wild, &both,
	&other, &deep, &ca_host, &com };

static int
items_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca.pki);
	ca.tlsa = pki_tlsa(&ca.pki, 2, 1, 1);
	for (size_t i = 1; i < LENGTH(items); i++) {
		pki_make_leaf(items[i]->names, &ca.pki, &items[i]->pki);
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

/* Make `item`, issued by the CA, the current generation of a lineage. */
static bool
set(struct stage *stage, unsigned source, const char *name,
    const struct item *item)
{
	return stage_set(stage, source, name, &item->pki, &ca.pki);
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

static void
test_no_lineages(void **state)
{
	struct stage *stage = *state;

	stage_publish(stage);
	assert_int_equal(stage->reports, 0);
	stage_expect(stage, MAIL, "nothing", NULL);
	stage_expect(stage, NAMED, "nothing", NULL);
	stage_expect(stage, OVER, "nothing", NULL);
	stage_expect(stage, "example.org.", "apex", NULL);
	stage_expect(stage, "mail.example.net.", "no zone", NULL);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
	assert_true(store_next_wake(stage->store) == -1);
}

static void
test_binding_table(void **state)
{
	static const struct {
		const char *why;
		const char *name;
		const struct item *item;
		const char *owner;
		bool bound;
	} cases[] = {
		{ "its name", "x", &mail, MAIL, true },
		{ "a wildcard", "x", &wild, MAIL, true },
		{ "both", "x", &both, MAIL, true },
		{ "in an overlay", "x", &com, OVER, true },
		{ "by an alias", "x", &com, ALIAS, true },
		{ "called by its name", "one", &other, NAMED, true },
		{ "the second of those called", "two", &other, NAMED, true },
		{ "another name", "x", &other, MAIL, false },
		{ "a wildcard below, and the parent", "x", &deep, MAIL, false },
		{ "of the host's name, which is not that of the lineage",
		    "mail.example.org", &other, MAIL, false },
		{ "a wildcard that covers, but others are called", "x", &wild,
		    NAMED, false },
		{ "a name that begins like the one called", "one1", &wild,
		    NAMED, false },
		{ "the beginning of the one called", "on", &wild, NAMED,
		    false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct stage stage;

		print_message("# %s\n", cases[i].why);
		stage_init(&stage, yaml);
		(void)set(&stage, 1, cases[i].name, cases[i].item);
		stage_publish(&stage);
		stage_expect(&stage, cases[i].owner,
		    cases[i].bound ? cases[i].item->tlsa : "nothing", NULL);
		stage_fini(&stage);
	}
}

/* Two lineages for a host, also of one name: by name, then by source. */
static void
test_two_lineages(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 1, "z", &mail);
	(void)set(stage, 1, "a", &wild);
	stage_publish(stage);
	stage_expect(stage, MAIL, wild.tlsa, mail.tlsa, NULL);
	assert_false(set(stage, 1, "z", &mail));
	assert_true(set(stage, 0, "a", &mail2));
	/* Out of the way: deleted, and long ago. */
	(void)store_set_deleted(stage->store, 1, "z", stage->now - 1000);
	stage_publish(stage);
	stage_expect(stage, MAIL, mail2.tlsa, wild.tlsa, NULL);
	stage_expect(stage, NAMED, "nothing", NULL);
	(void)set(stage, 0, "two", &mail);
	(void)set(stage, 1, "one", &web);
	stage_publish(stage);
	stage_expect(stage, NAMED, web.tlsa, mail.tlsa, NULL);
}

/* Two lineages that hold the same certificate give one RR. */
static void
test_same_certificate_twice(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "a", &mail);
	(void)set(stage, 1, "b", &mail);
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
	(void)set_deleted(stage, 0, "a");
	stage->now += 1000;
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
}

static void
test_failing_keeps_chain(void **state)
{
	struct stage *stage = *state;
	const struct lineage *lineage;

	assert_true(set(stage, 0, "a", &mail));
	stage_publish(stage);
	assert_true(set_problem(stage, 0, "a"));
	assert_false(set_problem(stage, 0, "a"));
	lineage = store_lineage(stage->store, 0, "a");
	assert_string_equal(lineage->problem, "is broken");
	stage->now += 100000;
	stage_publish(stage);
	assert_int_equal(stage->reports, 0);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
	/* The same generation again: whole, and nothing new. */
	assert_false(set(stage, 0, "a", &mail));
	assert_null(store_lineage(stage->store, 0, "a")->problem);
	(void)set_problem(stage, 0, "a");
	assert_true(set(stage, 0, "a", &mail2));
	assert_null(store_lineage(stage->store, 0, "a")->problem);
	stage_publish(stage);
	assert_int_equal(stage->reports, 1);
	stage_expect(stage, MAIL, mail2.tlsa, mail.tlsa, NULL);
}

/* Retained to the second, by each service as long as it says. */
static void
test_deleted_leaves(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "a", &wild);
	stage_publish(stage);
	stage->now += 5;
	assert_true(set_deleted(stage, 0, "a"));
	stage->now += 7;
	assert_false(set_deleted(stage, 0, "a"));
	assert_false(set_deleted(stage, 0, "b"));
	stage_publish(stage);
	assert_int_equal(stage->reports, 0);
	assert_true(store_next_wake(stage->store) == STAGE_NOW + 5 + 50);
	stage->now = STAGE_NOW + 5 + 49;
	stage_publish(stage);
	stage_expect(stage, WEB, wild.tlsa, NULL);
	stage->now++;
	stage_publish(stage);
	assert_string_equal(buf_text(&stage->report), WEB "\n");
	stage_expect(stage, WEB, "nothing", NULL);
	stage_expect(stage, MAIL, wild.tlsa, NULL);
	assert_int_equal(stage_serial(stage, "example.org."), stage->now);
	assert_true(store_next_wake(stage->store) == STAGE_NOW + 1005);
	stage->now = STAGE_NOW + 5 + 999;
	stage_publish(stage);
	stage_expect(stage, MAIL, wild.tlsa, NULL);
	assert_non_null(store_lineage(stage->store, 0, "a"));
	stage->now++;
	stage_publish(stage);
	stage_expect(stage, MAIL, "nothing", NULL);
	assert_null(store_lineage(stage->store, 0, "a"));
	assert_true(store_next_wake(stage->store) == -1);
}

/* A lineage that is there again is there as if nothing had been. */
static void
test_recreated_table(void **state)
{
	static const struct {
		const char *why;
		const struct item *item; /* NULL: it cannot be read */
		const struct item *after;
	} cases[] = {
		{ "the same certificate", &mail, &mail },
		{ "another certificate", &mail2, &mail2 },
		{ "cannot be read", NULL, &mail },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct stage stage;

		print_message("# %s\n", cases[i].why);
		stage_init(&stage, yaml);
		(void)set(&stage, 0, "a", &mail);
		stage_publish(&stage);
		(void)set_deleted(&stage, 0, "a");
		stage_publish(&stage);
		stage.now += 999;
		if (cases[i].item != NULL)
			(void)set(&stage, 0, "a", cases[i].item);
		else
			(void)set_problem(&stage, 0, "a");
		stage_publish(&stage);
		for (int step = 0; step < 3; step++) {
			stage.now += 1000;
			stage_publish(&stage);
			stage_expect(&stage, MAIL, cases[i].after->tlsa, NULL);
		}
		assert_true(store_next_wake(stage.store) == -1);
		/* A second deletion counts from its own time. */
		(void)set_deleted(&stage, 0, "a");
		stage.now += 999;
		stage_publish(&stage);
		stage_expect(&stage, MAIL, cases[i].after->tlsa, NULL);
		stage.now++;
		stage_publish(&stage);
		stage_expect(&stage, MAIL, "nothing", NULL);
		stage_fini(&stage);
	}
}

/* After it has gone, the same lineage begins anew. */
static void
test_created_after_end(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "a", &mail);
	stage_publish(stage);
	(void)set_deleted(stage, 0, "a");
	stage->now += 1000;
	stage_publish(stage);
	stage_expect(stage, MAIL, "nothing", NULL);
	assert_true(set(stage, 0, "a", &mail));
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
}

static void
test_one_of_two_deleted(void **state)
{
	struct stage *stage = *state;

	(void)set(stage, 0, "a", &mail);
	(void)set(stage, 1, "b", &mail2);
	stage_publish(stage);
	(void)set_deleted(stage, 0, "a");
	stage->now += 999;
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, mail2.tlsa, NULL);
	stage->now++;
	stage_publish(stage);
	stage_expect(stage, MAIL, mail2.tlsa, NULL);
	(void)set_problem(stage, 1, "b");
	stage->now += 100000;
	stage_publish(stage);
	stage_expect(stage, MAIL, mail2.tlsa, NULL);
}

/* Many that end at the same second all go at that second. */
static void
test_many_deleted(void **state)
{
	enum { MANY = 300 };
	struct stage *stage = *state;
	char name[16];

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "l%d", i);
		(void)set(stage, 0, name, i % 2 ? &mail : &web);
		(void)set_deleted(stage, 0, name);
	}
	stage_publish(stage);
	stage_expect(stage, MAIL, mail.tlsa, NULL);
	stage->now += 1000;
	stage_publish(stage);
	stage_expect(stage, MAIL, "nothing", NULL);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "l%d", i);
		assert_null(store_lineage(stage->store, 0, name));
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_make, stage_end)
	const struct CMUnitTest tests[] = {
		TEST(test_no_lineages),
		cmocka_unit_test(test_binding_table),
		TEST(test_two_lineages),
		TEST(test_same_certificate_twice),
		TEST(test_failing_keeps_chain),
		TEST(test_deleted_leaves),
		cmocka_unit_test(test_recreated_table),
		TEST(test_created_after_end),
		TEST(test_one_of_two_deleted),
		TEST(test_many_deleted),
	};

	return cmocka_run_group_tests_name(
	    "store", tests, items_make, items_free);
}
