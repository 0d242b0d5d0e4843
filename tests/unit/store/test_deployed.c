/* SPDX-License-Identifier: MIT */
/*
 * How long a replaced leaf stays: what `deploy` installed, and a record that is
 * found late.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "stage.h"

enum { TTL = 600, RETAIN = 10 };

static const char retaining[] =
    "sources: [{type: certbot, path: /a}]\n"
    "defaults: {ttl: 600, retain: 10, propagation: 0, records: [\"3 1 1\"]}\n"
    "zones: [{name: tlsa.example, nameservers: [ns.example.com]}]\n"
    "services: [{host: mail.example.org}]\n";

#define MAIL "_25_tcp_mail_example_org.tlsa.example."

static struct pki ca, first, second;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf_at("mail.example.org", STAGE_NOW - 100, &ca, &first);
	pki_make_leaf_at("mail.example.org", STAGE_NOW - 100, &ca, &second);
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
begin(struct stage *stage)
{
	stage_init(stage, retaining);
	(void)stage_set(stage, 0, "one", &first, &ca);
	stage_publish(stage);
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
	begin(&stage);
	renew(&stage);
	leaves_after(&stage, &first, RETAIN);
	stage_fini(&stage);
}

/* As long as it is deployed, and then `kept` seconds. */
static void
expect_kept(bool is_unsure, int64_t kept)
{
	struct stage stage;

	begin(&stage);
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
	begin(&stage);
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
	begin(&stage);
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
	begin(&stage);
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
	begin(&stage);
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
		begin(&stage);
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
