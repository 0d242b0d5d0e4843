/* SPDX-License-Identifier: MIT */
/* Services that nobody listed, from the first leaf to the last. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage.h"

#define SOURCES "sources: [{type: certbot, path: /a}]\n"
#define DEFAULTS                                                               \
	"defaults: {retain: 1000, records: [\"3 1 1\"], ports: [25, 465]}\n"
#define ZONES                                                                  \
	"zones:\n"                                                             \
	"- {name: tlsa.example, nameservers: [ns.example.com]}\n"              \
	"- {name: example.org, nameservers: [ns.example.com]}\n"
#define LISTED                                                                 \
	"services: [{host: mail.example.org, ports: [465], records: "          \
	"[\"2 1 1\"], retain: 50}]\n"
#define DISCOVER "discover: {hosts: [\"mail.*\", \"mx?.example.net\"]}\n"

static const char base[] = SOURCES DEFAULTS ZONES LISTED DISCOVER;

static const char deep[] = SOURCES DEFAULTS ZONES LISTED DISCOVER
    "aliases: deep\n";

#define MAIL  "_25._tcp.mail.example.org."
#define MAILS "_465._tcp.mail.example.org."
#define MX    "_25_tcp_mx1_example_net.tlsa.example."

static struct pki ca, first, second, without;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf("MAIL.Example.ORG,mx1.example.net,www.example.org,"
		      "*.mail.example.org",
	    &ca, &first);
	pki_make_leaf("mail.example.org,mx1.example.net", &ca, &second);
	pki_make_leaf("mail.example.org", &ca, &without);
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	pki_fini(&ca);
	pki_fini(&first);
	pki_fini(&second);
	pki_fini(&without);
	return 0;
}

static int
stage_make(void **state)
{
	static struct stage stage;

	stage_init(&stage, base);
	(void)stage_set(&stage, 0, "one", &first, &ca);
	stage_publish(&stage);
	stage.now += 10;
	*state = &stage;
	return 0;
}

static void
expect_ca(const struct stage *stage, const char *owner)
{
	char *text = pki_tlsa(&ca, 2, 1, 1);

	stage_expect(stage, owner, text, NULL);
	free(text);
}

static void
test_begins(void **state)
{
	struct stage *stage = *state;

	stage_expect_leafs(stage, MAIL, &first, NULL);
	stage_expect_leafs(stage, MX, &first, NULL);
	stage_expect_leafs(
	    stage, "_465_tcp_mx1_example_net.tlsa.example.", &first, NULL);
	stage_expect_leafs(stage, "_25._tcp.www.example.org.", NULL, NULL);
	/* What is listed keeps what it is listed with. */
	expect_ca(stage, MAILS);
	assert_int_equal(store_service_count(stage->store), 4);
	assert_false(store_service(stage->store, 0)->is_discovered);
	assert_true(store_service(stage->store, 3)->is_discovered);
}

static void
test_renewal(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "one", &second, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &second, &first);
	stage->now += 1000;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &second, NULL);
}

/* A name that a renewal leaves out is retained, and leaves with an alarm. */
static void
test_name_leaves(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "one", &without, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	assert_int_equal(
	    store_service(stage->store, 3)->concern, CONCERN_UNCOVERED);
	stage->now += 999;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	stage->now += 1;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, NULL, NULL);
	assert_non_null(strstr(buf_text(&stage->report), MX));
	stage_expect_leafs(stage, MAIL, &without, NULL);
	assert_int_equal(store_service_count(stage->store), 2);
	/* And is found again. */
	(void)stage_set(stage, 0, "one", &second, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &second, NULL);
}

static void
note_gone(const char *name, void *arg)
{
	struct buf *gone = arg;

	buf_add_format(gone, "%s\n", name);
}

static void
test_deletion(void **state)
{
	struct stage *stage = *state;
	struct buf gone = { 0 };

	(void)store_set_deleted(stage->store, 0, "one", stage->now);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	stage->now += 1000;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, NULL, NULL);
	stage_expect_leafs(stage, MAIL, NULL, NULL);
	assert_int_equal(store_service_count(stage->store), 1);
	store_walk_gone(stage->store, note_gone, &gone);
	assert_non_null(strstr(buf_text(&gone), MX));
	buf_fini(&gone);
	assert_true(store_next_wake(stage->store) == -1);
}

/* A lineage that another one's leaf is in as well keeps the host. */
static void
test_two_lineages(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "two", &second, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, &second);
	(void)store_set_deleted(stage->store, 0, "one", stage->now);
	stage->now += 1000;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &second, NULL);
	assert_int_equal(store_service_count(stage->store), 4);
}

/* A broken file is no reason to leave. */
static void
test_problem(void **state)
{
	struct stage *stage = *state;

	(void)store_set_problem(stage->store, 0, "one", "is broken");
	stage->now += 100000;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
}

/* What is on record comes back before any file was looked at. */
static void
test_restart(void **state)
{
	struct stage *stage = *state;
	struct fingerprint print = { 0 };
	struct generation generation = {
		.chain = stage_chain(stage, &first, &ca), .since = STAGE_NOW
	};
	struct store *last = stage->store;
	const struct owner *owner;
	struct dname dname;

	stage->store = store_new(stage->config, &stage->tlsas, NULL);
	store_free(last);
	stage_remember(stage, MX, &first, STAGE_NOW, 0);
	store_remember_lineage(stage->store, 0, "one", "file", &print, 0,
	    &generation, 1, stage->now);
	store_drop_unclaimed(stage->store);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	assert_int_equal(dname_parse(MX, strlen(MX), &dname), STATUS_OK);
	owner = zone_get(stage_zone(stage, "tlsa.example."), &dname);
	assert_int_equal(owner->times[0].since, STAGE_NOW);
}

static void
test_reload_same(void **state)
{
	struct stage *stage = *state;
	uint32_t serial = stage_serial(stage, "tlsa.example.");

	stage_reload(stage, base);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	assert_int_equal(stage->reports, 0);
	assert_int_equal(stage_serial(stage, "tlsa.example."), serial);
}

static void
test_reload_other(void **state)
{
	struct stage *stage = *state;

	stage_reload(stage,
	    SOURCES DEFAULTS ZONES LISTED "discover: {hosts: [\"www.*\"]}\n");
	stage_publish(stage);
	stage_expect_leafs(stage, MX, NULL, NULL);
	stage_expect_leafs(stage, MAIL, NULL, NULL);
	stage_expect_leafs(stage, "_25._tcp.www.example.org.", &first, NULL);
	stage_reload(stage, SOURCES DEFAULTS ZONES LISTED);
	stage_publish(stage);
	stage_expect_leafs(stage, "_25._tcp.www.example.org.", NULL, NULL);
	expect_ca(stage, MAILS);
}

/* What is published again in the same turn does not go off the record. */
static void
test_reload_source(void **state)
{
	struct stage *stage = *state;
	struct buf gone = { 0 };

	stage_reload(stage,
	    "sources: [{type: certbot, path: /b}]\n" DEFAULTS ZONES LISTED
		DISCOVER);
	(void)stage_set(stage, 0, "one", &first, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	store_walk_gone(stage->store, note_gone, &gone);
	assert_int_equal(gone.len, 0);
	buf_fini(&gone);
}

static int64_t
since_of(const struct stage *stage, const char *name, const char *zone)
{
	const struct owner *owner;
	struct dname dname;

	assert_int_equal(dname_parse(name, strlen(name), &dname), STATUS_OK);
	owner = zone_get(stage_zone(stage, zone), &dname);
	assert_non_null(owner);
	return owner->times[0].since;
}

/* A source that is not where it was is no reason to leave, nor to be young. */
static void
test_reload_lost(void **state)
{
	struct stage *stage = *state;

	stage_reload(stage,
	    "sources: [{type: certbot, path: /b}]\n" DEFAULTS ZONES LISTED
		DISCOVER);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	stage->now += 100000;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	assert_int_equal(store_service_count(stage->store), 4);
	(void)stage_set(stage, 0, "one", &first, &ca);
	stage_publish(stage);
	assert_int_equal(since_of(stage, MX, "tlsa.example."), STAGE_NOW);
	(void)store_set_deleted(stage->store, 0, "one", stage->now);
	stage->now += 1000;
	stage_publish(stage);
	stage_expect_leafs(stage, MX, NULL, NULL);
}

/* Begin anew, with nothing on record but that owner name. */
static void
restart_with(struct stage *stage, const char *yaml, const char *owner)
{
	stage_fini(stage);
	stage_init(stage, yaml);
	stage->now += 10;
	stage_remember(stage, owner, &first, STAGE_NOW, 0);
	store_drop_unclaimed(stage->store);
}

/* A record that lost its lineage keeps the RRset all the same. */
static void
test_restart_lost(void **state)
{
	struct stage *stage = *state;

	restart_with(stage, base, MX);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &first, NULL);
	(void)stage_set(stage, 0, "one", &second, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MX, &second, NULL);
}

/* What an owner name stands for is a guess, until a leaf tells. */
static void
test_restart_guess(void **state)
{
	static const char name[] = "_25._tcp.mail.tlsa.example.";
	struct stage *stage = *state;
	struct pki inner;

	restart_with(
	    stage, SOURCES DEFAULTS ZONES "discover: {hosts: [\"*\"]}\n", name);
	pki_make_leaf("mail.tlsa.example", &ca, &inner);
	(void)stage_set(stage, 0, "one", &inner, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, name, &inner, NULL);
	assert_int_equal(store_service_count(stage->store), 2);
	assert_string_equal(
	    store_service(stage->store, 0)->config->host, "mail.tlsa.example.");
	pki_fini(&inner);
}

/* Another process withdrew it: it is not on record any more, nor old. */
static void
test_forgotten(void **state)
{
	struct stage *stage = *state;

	restart_with(stage, base, MX);
	store_forget_owner(stage->store, MX);
	stage->now += 500;
	(void)stage_set(stage, 0, "one", &first, &ca);
	stage_publish(stage);
	assert_int_equal(since_of(stage, MX, "tlsa.example."), STAGE_NOW + 510);
}

/* Without an own zone, hosts outside the overlays have nowhere to be. */
static void
test_overlay(void **state)
{
	struct stage *stage = *state;

	stage_reload(stage, SOURCES DEFAULTS
	    "overlay: [example.org]\ndiscover: {hosts: ['*']}\n");
	stage_publish(stage);
	stage_expect_leafs(stage, MAIL, &first, NULL);
	stage_expect(stage, MX, "no zone", NULL);
	assert_int_equal(store_service_count(stage->store), 4);
}

/* A deep alias that is some host's own name is given once. */
static void
test_clash(void **state)
{
	struct stage *stage = *state;
	struct pki clash;

	pki_make_leaf(
	    "mail.a.example,mail.a.example.tlsa.example", &ca, &clash);
	stage_reload(stage, deep);
	(void)stage_set(stage, 0, "clash", &clash, &ca);
	stage_publish(stage);
	stage_expect_leafs(
	    stage, "_25._tcp.mail.a.example.tlsa.example.", &clash, NULL);
	assert_int_equal(store_service_count(stage->store), 6);
	/* Flat ones are nobody else's; both stay as long as the deep one. */
	stage_reload(stage, base);
	stage_publish(stage);
	stage_expect_leafs(
	    stage, "_25._tcp.mail.a.example.tlsa.example.", &clash, NULL);
	stage_expect_leafs(
	    stage, "_25_tcp_mail_a_example.tlsa.example.", &clash, NULL);
	assert_int_equal(store_service_count(stage->store), 8);
	(void)store_set_deleted(stage->store, 0, "clash", stage->now);
	stage->now += 1000;
	stage_publish(stage);
	assert_int_equal(store_service_count(stage->store), 4);
	pki_fini(&clash);
}

/* A host whose deep alias would be too long is passed over. */
static void
test_too_long(void **state)
{
	struct stage *stage = *state;
	char *name = mem_format("mail.%.60s.%.60s.%.60s.%.50s",
	    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff",
	    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff",
	    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff",
	    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee");
	struct pki pki;

	pki_make_leaf(name, &ca, &pki);
	stage_reload(stage, deep);
	(void)stage_set(stage, 0, "long", &pki, &ca);
	stage_publish(stage);
	assert_int_equal(store_service_count(stage->store), 4);
	/* As one label each name has its place. */
	stage_reload(stage, base);
	stage_publish(stage);
	assert_int_equal(store_service_count(stage->store), 6);
	pki_fini(&pki);
	free(name);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, stage_make, stage_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begins),
		TEST(test_renewal),
		TEST(test_name_leaves),
		TEST(test_deletion),
		TEST(test_two_lineages),
		TEST(test_problem),
		TEST(test_restart),
		TEST(test_reload_same),
		TEST(test_reload_other),
		TEST(test_reload_source),
		TEST(test_reload_lost),
		TEST(test_restart_lost),
		TEST(test_restart_guess),
		TEST(test_forgotten),
		TEST(test_overlay),
		TEST(test_clash),
		TEST(test_too_long),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_free);
}
