/* SPDX-License-Identifier: MIT */
/*
 * What the store is told of what name servers were seen to answer, and when
 * PowerDNS was.
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

#define MAIL "_25_tcp_mail_example_org.tlsa.example."
#define MX   "_25_tcp_mx_example_org.tlsa.example."

static struct pki ca, first, second;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf("mail.example.org,mx.example.org", &ca, &first);
	pki_make_leaf("mail.example.org,mx.example.org", &ca, &second);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sight),
		cmocka_unit_test(test_wish),
		cmocka_unit_test(test_remembered),
		cmocka_unit_test(test_lag),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_free);
}
