/* SPDX-License-Identifier: MIT */
/*
 * What the store is told: what name servers were seen to answer, what `deploy`
 * installed, and a record that is found late.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "stage.h"

#define WORLD(propagation)                                                     \
	"sources: [{type: certbot, path: /a}]\n"                               \
	"defaults: {retain: 1000, records: [\"3 1 1\"], "                      \
	"propagation: " propagation "}\n"                                      \
	"zones: [{name: tlsa.example, nameservers: [ns.example.com]}]\n"       \
	"services:\n"                                                          \
	"- {host: mail.example.org}\n"                                         \
	"- {host: mx.example.org, propagation: {see: nothing}}\n"

static const char by_sight[] = WORLD("{hold: 100, see: servers}");
static const char by_clock[] = WORLD("100");

enum { TTL = 600, RETAIN = 10 };

static const char retaining[] =
    "sources: [{type: certbot, path: /a}]\n"
    "defaults: {ttl: 600, retain: 10, propagation: 0, records: [\"3 1 1\"]}\n"
    "zones: [{name: tlsa.example, nameservers: [ns.example.com]}]\n"
    "services: [{host: mail.example.org}]\n";

#define MAIL "_25_tcp_mail_example_org.tlsa.example."
#define MX   "_25_tcp_mx_example_org.tlsa.example."

static struct pki ca, first, second;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf_at(
	    "mail.example.org,mx.example.org", STAGE_NOW - 100, &ca, &first);
	pki_make_leaf_at(
	    "mail.example.org,mx.example.org", STAGE_NOW - 100, &ca, &second);
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

/* The stage with the first leaf published. */
static void
begin(struct stage *stage, const char *yaml)
{
	stage_init(stage, yaml);
	(void)stage_set(stage, 0, "one", &first, &ca);
	stage_publish(stage);
}

/* `see`: an owner name that is judged by sight, or NULL. */
static struct safety
worst(const struct stage *stage, const char *see)
{
	struct lineage_safety all;
	struct safety safety;
	struct texts texts = { 0 };
	const struct safety_scope scope = { stage->now, &texts, 0, 0 };

	if (see != NULL)
		texts_add(&texts, see);
	store_lineage_safety(
	    stage->store, store_lineage(stage->store, 0, "one"), &scope, &all);
	safety = all.worst;
	assert_int_equal(all.count, 2);
	lineage_safety_fini(&all);
	texts_fini(&texts);
	return safety;
}

static bool
see(struct stage *stage, const char *owner, const struct pki *leaf)
{
	char *text = pki_tlsa(leaf, 3, 1, 1);
	const char *const texts[] = { "3 1 1 00", text };
	bool is_known = store_set_seen(
	    stage->store, owner, texts, 2, stage->now);

	free(text);
	return is_known;
}

/* Put the seen times, by owner name, into a text. */
static void
timed_visit(const char *name, const struct owner *owner, void *arg)
{
	struct buf *text = arg;

	buf_add_string(text, name);
	for (size_t i = 0; i < owner->count; i++)
		buf_add_format(text, " %lld",
		    owner->times[i].seen == 0
			? -1LL
			: (long long)owner->times[i].seen - STAGE_NOW);
	buf_add_string(text, "\n");
}

static void
expect_timed(struct stage *stage, const char *expected)
{
	struct buf text = { 0 };

	store_walk_timed(stage->store, timed_visit, &text);
	assert_string_equal(buf_text(&text), expected);
	buf_fini(&text);
}

static void
test_sight(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, by_sight);
	stage.now += 1000;
	assert_true(worst(&stage, NULL).is_published);
	assert_false(worst(&stage, NULL).is_seen);
	assert_false(worst(&stage, NULL).is_safe);
	assert_int_equal(worst(&stage, NULL).remaining, 0);
	assert_false(see(&stage, "_25._tcp.other.example.", &first));
	assert_false(see(&stage, "no name..", &first));
	assert_true(see(&stage, MAIL, &second)); /* which is not there */
	expect_timed(&stage, "");
	assert_true(see(&stage, MAIL, &first));
	expect_timed(&stage, MAIL " 1000\n");
	expect_timed(&stage, "");
	assert_int_equal(worst(&stage, NULL).remaining, 100);
	stage.now += 99;
	assert_true(see(&stage, MAIL, &first)); /* again is no news */
	expect_timed(&stage, "");
	assert_int_equal(worst(&stage, NULL).remaining, 1);
	stage.now++;
	assert_true(worst(&stage, NULL).is_safe);
	/* a renewal begins again, the old key does not */
	(void)stage_set(&stage, 0, "one", &second, &ca);
	stage_publish(&stage);
	assert_false(worst(&stage, NULL).is_seen);
	assert_false(worst(&stage, NULL).is_safe);
	(void)stage_set(&stage, 0, "one", &first, &ca);
	stage_publish(&stage);
	assert_true(worst(&stage, NULL).is_safe);
	stage_fini(&stage);
}

/* Who asks may want it where the configuration does not. */
static void
test_wish(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, by_clock);
	stage.now += 100;
	assert_true(worst(&stage, NULL).is_safe);
	assert_false(worst(&stage, MX).is_safe);
	assert_true(see(&stage, MX, &first));
	assert_int_equal(worst(&stage, MX).remaining, 100);
	assert_true(worst(&stage, NULL).is_safe);
	stage_fini(&stage);
}

/* What is on record of MAIL, which has one RR. */
static void
remember_visit(const char *name, const struct owner *owner, void *arg)
{
	struct rr_times *times = arg;

	if (strcmp(name, MAIL) != 0)
		return;
	assert_int_equal(owner->count, 1);
	*times = owner->times[0];
}

/* Over a restart, a reload, and with the clock. */
static void
test_remembered(void **state)
{
	struct stage stage;
	struct generation generation;
	struct fingerprint print = { 0 };
	struct rr_times times = { 0 };
	struct remembered_rr rr;
	char *text = pki_tlsa(&first, 3, 1, 1);

	(void)state;
	begin(&stage, by_sight);
	stage.now += 10;
	assert_true(see(&stage, MAIL, &first));
	stage_reload(&stage, by_sight);
	stage_publish(&stage);
	assert_int_equal(worst(&stage, NULL).remaining, 100);
	store_shift_times(stage.store, 5000);
	stage.now += 5040;
	assert_int_equal(worst(&stage, NULL).remaining, 60);
	store_walk_timed(stage.store, remember_visit, &times);
	assert_int_equal(times.since, STAGE_NOW + 5000);
	assert_int_equal(times.seen, STAGE_NOW + 5010);
	stage_fini(&stage);

	stage_init(&stage, by_sight);
	stage.now += 5050;
	generation = (struct generation){
		.chain = stage_chain(&stage, &first, &ca), .since = stage.now
	};
	rr = (struct remembered_rr){ text, times.since, times.seen };
	store_remember_owner(
	    stage.store, MAIL, 3600, &(struct lowered){ 0 }, &rr, 1, stage.now);
	rr.seen = 0;
	store_remember_owner(
	    stage.store, MX, 3600, &(struct lowered){ 0 }, &rr, 1, stage.now);
	store_remember_lineage(stage.store, 0, "one", "file", &print, 0,
	    &generation, 1, stage.now);
	stage_publish(&stage);
	assert_int_equal(worst(&stage, NULL).remaining, 60);
	free(text);
	stage_fini(&stage);
}

/* PowerDNS may go on with what it had, unless it was told. */
static void
test_lag(void **state)
{
	struct publication_lag lag = { 0, INT64_MAX };
	struct stage stage;

	(void)state;
	begin(&stage, by_clock);
	store_set_lag(stage.store, &lag);
	stage.now += 90;
	assert_int_equal(worst(&stage, NULL).remaining, 10);
	lag.seconds = 80;
	assert_int_equal(worst(&stage, NULL).remaining, 90);
	lag.until = STAGE_NOW - 1;
	assert_int_equal(worst(&stage, NULL).remaining, 10);
	stage_fini(&stage);
}

static bool
has(const struct stage *stage, const struct pki *leaf)
{
	char *rrset = stage_find(stage, MAIL);
	char *text = pki_tlsa(leaf, 3, 1, 1);
	bool is_there = strstr(rrset, text) != NULL;

	free(text);
	free(rrset);
	return is_there;
}

static void
later(struct stage *stage, int64_t seconds)
{
	stage->now += seconds;
	stage_publish(stage);
}

/* It is there for so long, and no longer. */
static void
leaves_after(struct stage *stage, const struct pki *leaf, int64_t seconds)
{
	later(stage, seconds - 1);
	assert_true(has(stage, leaf));
	later(stage, 1);
	assert_false(has(stage, leaf));
}

/* Servers present it now, as far as `deploy` knows. */
static void
deployed_at(
    struct stage *stage, uint8_t place, const struct pki *leaf, bool is_unsure)
{
	struct chain *chain = stage_chain(stage, leaf, &ca);
	struct deployed deployed = { .place = { place } };

	memcpy(deployed.leaf, chain->leaf->part[CERT_SELECTOR_CERT].sha256,
	    sizeof(deployed.leaf));
	assert_true(store_set_deployed(
	    stage->store, 0, "one", &deployed, is_unsure, stage->now));
	chain_unref(chain);
	stage_publish(stage);
}

/* Who deploys says nothing of the place. */
static void
deployed(struct stage *stage, const struct pki *leaf, bool is_unsure)
{
	deployed_at(stage, 0, leaf, is_unsure);
}

static void
renew(struct stage *stage)
{
	(void)stage_set(stage, 0, "one", &second, &ca);
	stage_publish(stage);
}

static void
test_at_once(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, retaining);
	renew(&stage);
	leaves_after(&stage, &first, RETAIN);
	stage_fini(&stage);
}

/* As long as it is deployed, and then `kept` seconds. */
static void
expect_kept(bool is_unsure, int64_t kept)
{
	struct stage stage;

	begin(&stage, retaining);
	deployed(&stage, &first, false);
	renew(&stage);
	later(&stage, 100 * TTL);
	assert_true(has(&stage, &first));
	deployed(&stage, &second, is_unsure);
	leaves_after(&stage, &first, kept);
	assert_true(has(&stage, &second));
	stage_fini(&stage);
}

static void
test_deployed(void **state)
{
	(void)state;
	expect_kept(false, RETAIN);
}

/* A run was killed: nobody knows which server was told of what, and when. */
static void
test_unsure(void **state)
{
	(void)state;
	expect_kept(true, TTL + RETAIN);
}

/* Two servers, and one of them is told nothing for long. */
static void
test_two_places(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, retaining);
	deployed_at(&stage, 1, &first, false);
	deployed_at(&stage, 2, &first, false);
	renew(&stage);
	deployed_at(&stage, 1, &second, false);
	later(&stage, 100 * TTL);
	assert_true(has(&stage, &first));
	assert_true(has(&stage, &second));
	deployed_at(&stage, 2, &second, false);
	leaves_after(&stage, &first, RETAIN);
	stage_fini(&stage);
}

/* One whose certificate is over is no place any more. */
static void
test_place_over(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, retaining);
	deployed_at(&stage, 1, &first, false);
	renew(&stage);
	later(&stage, 366 * 86400);
	assert_true(has(&stage, &first));
	deployed_at(&stage, 2, &second, false);
	leaves_after(&stage, &first, RETAIN);
	stage_fini(&stage);
}

/* That of longest ago is given up. */
static void
test_many_places(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, retaining);
	deployed_at(&stage, 1, &first, false);
	renew(&stage);
	for (uint8_t place = 2; place <= DEPLOYED_MAX; place++)
		deployed_at(&stage, place, &second, false);
	later(&stage, 100 * TTL);
	assert_true(has(&stage, &first));
	deployed_at(&stage, DEPLOYED_MAX + 1, &second, false);
	leaves_after(&stage, &first, RETAIN);
	stage_fini(&stage);
}

/* What an earlier version has on record is of the first place that is told. */
static void
test_place_untold(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, retaining);
	deployed(&stage, &first, false);
	renew(&stage);
	deployed_at(&stage, 1, &second, false);
	later(&stage, RETAIN);
	assert_false(has(&stage, &first));
	stage_fini(&stage);
}

/* Put on record, and find it when all files were looked at. */
static void
find_late(struct stage *stage, const struct pki *leaf, int64_t replaced,
    int64_t deleted)
{
	const struct generation generation = { .chain = stage_chain(
						   stage, leaf, &ca),
		.since = stage->now - 5,
		.replaced = replaced };
	const struct fingerprint print = { 0 };

	store_remember_late(stage->store, 0, "one", "file", &print, deleted,
	    &generation, 1, stage->now);
	stage_publish(stage);
}

/* What was current by the record was until now; what it retained still is. */
static void
test_late(void **state)
{
	struct stage stage;

	(void)state;
	for (int replaced = 0; replaced < 2; replaced++) {
		begin(&stage, retaining);
		find_late(&stage, &second, replaced * (stage.now - 1), 0);
		assert_true(has(&stage, &first));
		assert_true(has(&stage, &second));
		later(&stage, RETAIN - replaced - 1);
		assert_true(has(&stage, &second));
		later(&stage, 1);
		assert_false(has(&stage, &second));
		assert_true(has(&stage, &first));
		stage_fini(&stage);
	}
}

/* A lineage that is not there any more is retained, since then or since now. */
static void
test_late_deleted(void **state)
{
	struct stage stage;

	(void)state;
	for (int deleted = 0; deleted < 2; deleted++) {
		stage_init(&stage, retaining);
		stage_publish(&stage);
		find_late(&stage, &first, 0, deleted * (stage.now - 1));
		assert_true(has(&stage, &first));
		leaves_after(&stage, &first, RETAIN - deleted);
		stage_fini(&stage);
	}
}

/* But who cannot be looked at was not deleted. */
static void
test_late_lost(void **state)
{
	struct stage stage;

	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		stage_init(&stage, retaining);
		if (whole)
			(void)store_set_source_problem(
			    stage.store, 0, "is away");
		else
			(void)store_set_problem(
			    stage.store, 0, "one", "is broken");
		stage_publish(&stage);
		find_late(&stage, &first, 0, 0);
		assert_true(has(&stage, &first));
		later(&stage, 100 * RETAIN);
		assert_true(has(&stage, &first));
		stage_fini(&stage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sight),
		cmocka_unit_test(test_wish),
		cmocka_unit_test(test_remembered),
		cmocka_unit_test(test_lag),
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_deployed),
		cmocka_unit_test(test_two_places),
		cmocka_unit_test(test_place_over),
		cmocka_unit_test(test_many_places),
		cmocka_unit_test(test_place_untold),
		cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_late_deleted),
		cmocka_unit_test(test_late_lost),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_free);
}
