/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "control_bench.h"
#include "engine/caches.h"
#include "world.h"

/* What PowerDNS has to forget when one snapshot takes another's place. */

/* With names above the owner names. */
static const char yaml[] =
    "aliases: deep\n"
    "sources: [{type: files, path: /nowhere}]\n"
    "zones: [{name: tlsa.example.net, nameservers: [ns1.example.net]}]\n"
    "services:\n"
    "  - {host: mail.example.com, lineages: [a], retain: 0}\n"
    "  - {host: mail.example.com, ports: [465], lineages: [b], retain: 0}\n";

/* As the daemon has them, with PowerDNS's configuration in `conf`. */
static void
bench_caches(struct bench *bench, const char *conf, struct caches *ret)
{
	struct config config = {
		.powerdns_control = bench->path,
		.powerdns_config = tree_path(&bench->tree, conf),
	};

	caches_init(ret, &bench->loop, &config);
	free(config.powerdns_config);
}

/* Exactly what has another answer: the RRset, and names that came or went. */
static void
test_names(void **state)
{
	struct bench *bench = *state;
	struct snapshot *last;
	struct caches caches;
	struct world world;

	world_init(&world, yaml);
	bench_caches(bench, "nowhere", &caches);
	world_publish(&world, 1000);
	last = snapshot_ref(world.snapshot);
	world_renew(&world, "a", world_mail_pem, 1001);
	world_publish(&world, 1001);
	caches_note_owner(
	    &caches, "_25._tcp.mail.example.com.tlsa.example.net.");
	caches_exchange(&caches, last, world.snapshot, false);
	bench_expect(bench,
	    "PURGE _25._tcp.mail.example.com.tlsa.example.net "
	    "_tcp.mail.example.com.tlsa.example.net com.tlsa.example.net "
	    "example.com.tlsa.example.net mail.example.com.tlsa.example.net\n",
	    "0\n");
	snapshot_unref(last);
	last = snapshot_ref(world.snapshot);
	world_renew(&world, "b", world_mail_pem, 1002);
	world_publish(&world, 1002);
	caches_note_owner(
	    &caches, "_465._tcp.mail.example.com.tlsa.example.net.");
	caches_exchange(&caches, last, world.snapshot, false);
	bench_expect(bench,
	    "PURGE _465._tcp.mail.example.com.tlsa.example.net\n", "0\n");
	caches_exchange(&caches, last, world.snapshot, false);
	bench_expect_quiet(bench);
	snapshot_unref(last);
	caches_fini(&caches);
	world_fini(&world);
}

static const char more_yaml[] =
    "sources: [{type: files, path: /nowhere}]\n"
    "zones:\n"
    "  - {name: second.example.org, nameservers: [ns1.example.net]}\n"
    "overlay: [tlsa.example.net]\n"
    "services: [{host: mail.example.com, lineages: [a]}]\n";

static const struct zone *
zone_named(const struct world *world, const char *name)
{
	struct dname apex;

	assert_int_equal(dname_parse(name, strlen(name), &apex), STATUS_OK);
	return snapshot_zone(world->snapshot, &apex);
}

/* Zones that came, and those that went, even if the name has a new use. */
static void
test_zones(void **state)
{
	struct bench *bench = *state;
	struct snapshot *last;
	struct caches caches;
	struct world world;

	world_init(&world, yaml);
	world_publish(&world, 1000);
	last = snapshot_ref(world.snapshot);
	world_fini(&world);
	world_init(&world, more_yaml);
	world_publish(&world, 1001);
	bench_caches(bench, "nowhere", &caches);
	caches_exchange(&caches, NULL, world.snapshot, true);
	bench_expect_quiet(bench);
	caches_greet(&caches);
	bench_expect(bench, "REDISCOVER\n", "Ok");
	bench_expect_quiet(bench);
	caches_note_zone(
	    &caches, zone_named(&world, "second.example.org."), true);
	bench_expect_quiet(bench);
	caches_greet(&caches);
	bench_expect(bench, "REDISCOVER\n", "Ok");
	bench_expect(bench, "PURGE second.example.org$\n", "0\n");
	bench_expect_quiet(bench);
	caches_note_zone(
	    &caches, zone_named(&world, "second.example.org."), false);
	bench_expect(bench, "PURGE second.example.org\n", "0\n");
	bench_expect(bench, "NOTIFY second.example.org\n", "Added to queue\n");
	bench_expect_quiet(bench);
	caches_exchange(&caches, world.snapshot, world.snapshot, true);
	caches_exchange(&caches, last, world.snapshot, false);
	bench_expect_quiet(bench);
	caches_exchange(&caches, last, world.snapshot, true);
	bench_expect(bench, "REDISCOVER\n", "Ok");
	bench_expect(
	    bench, "PURGE second.example.org$ tlsa.example.net$\n", "0\n");
	bench_expect_quiet(bench);
	snapshot_unref(last);
	caches_fini(&caches);
	world_fini(&world);
}

/* How long PowerDNS may go on with what it had. */
static void
test_lag(void **state)
{
	struct bench *bench = *state;
	struct caches caches;
	struct config none = { .powerdns_config = mem_string("/nowhere") };

	tree_write(&bench->tree, "pdns.conf",
	    "cache-ttl=7\nnegquery-cache-ttl=none\nquery-cache-ttl=0\n");
	bench_caches(bench, "nowhere", &caches);
	assert_int_equal(caches.lag.seconds, 0);
	caches_note_use(&caches);
	assert_int_equal(caches.lag.seconds, 100);
	assert_true(caches.lag.until < time(NULL));
	caches_set_config(&caches, &none);
	assert_int_equal(caches.lag.until, INT64_MAX);
	caches_fini(&caches);
	bench_caches(bench, "pdns.conf", &caches);
	caches_note_use(&caches);
	assert_int_equal(caches.lag.seconds, 67);
	/* Nobody hears it. */
	(void)close(bench->listen_fd);
	pdns_control_purge(caches.control, "a.example.net");
	while (bench_logged(bench, "are not purged") == 0)
		loop_turn(&bench->loop, 100);
	assert_true(caches.lag.until >= time(NULL) - 60);
	caches_fini(&caches);
	free(none.powerdns_config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_names, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_zones, control_bench_begin, control_bench_end),
		cmocka_unit_test_setup_teardown(
		    test_lag, control_bench_begin, control_bench_end),
	};

	return cmocka_run_group_tests_name("caches", tests, NULL, NULL);
}
