/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage.h"

#define SOURCES                                                                \
	"sources: [{type: certbot, path: /a}, {type: files, path: /b}]\n"
#define DEFAULTS "defaults: {retain: 1000, records: [\"3 1 1\"]}\n"
#define ZONES    "zones:\n"
#define Z_NET    "- {name: example.net, nameservers: [ns.example.com]}\n"
#define Z_ORG    "- {name: example.org, nameservers: [ns.example.com]}\n"
#define Z_NEW    "- {name: new.example, nameservers: [ns.example.com]}\n"
#define SERVICES "services:\n"
#define S_NET    "- {host: mail.example.net, ports: [25]}\n"
#define S_ORG    "- {host: mail.example.org, ports: [25]}\n"
#define S_MX     "- {host: mx.example.org, ports: [25]}\n"
#define S_SUB    "- {host: mail.sub.example.org, ports: [25]}\n"
#define S_ALL    SERVICES S_NET S_ORG S_MX

#define NET  "_25._tcp.mail.example.net."
#define ORG  "_25._tcp.mail.example.org."
#define ORG2 "_25._tcp.mx.example.org."
#define SUB  "_25._tcp.mail.sub.example.org."

static const char two_zones[] = SOURCES DEFAULTS ZONES Z_NET Z_ORG S_ALL;

static struct pki ca, net, net2, org, mx, sub, sub2, wild;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf("mail.example.net", &ca, &net);
	pki_make_leaf("mail.example.net", &ca, &net2);
	pki_make_leaf("mail.example.org", &ca, &org);
	pki_make_leaf("mx.example.org", &ca, &mx);
	pki_make_leaf("mail.sub.example.org", &ca, &sub);
	pki_make_leaf("mail.sub.example.org", &ca, &sub2);
	pki_make_leaf("*.example.org", &ca, &wild);
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	pki_fini(&ca);
	pki_fini(&net);
	pki_fini(&net2);
	pki_fini(&org);
	pki_fini(&mx);
	pki_fini(&sub);
	pki_fini(&sub2);
	pki_fini(&wild);
	return 0;
}

/* Each test begins with the two zones, three lineages, and ten seconds. */
static int
stage_make(void **state)
{
	static struct stage stage;

	stage_init(&stage, two_zones);
	(void)stage_set(&stage, 0, "net", &net, NULL);
	(void)stage_set(&stage, 0, "org", &org, NULL);
	(void)stage_set(&stage, 1, "mx", &mx, NULL);
	stage_publish(&stage);
	stage.now += 10;
	*state = &stage;
	return 0;
}

static void
expect_all(const struct stage *stage)
{
	stage_expect_leafs(stage, NET, &net, NULL);
	stage_expect_leafs(stage, ORG, &org, NULL);
	stage_expect_leafs(stage, ORG2, &mx, NULL);
}

static int32_t
id_of(const struct stage *stage, const char *apex)
{
	return stage_zone(stage, apex)->apex->id;
}

/* Ids are given in the order of the first configuration. */
static void
expect_ids(const struct stage *stage)
{
	assert_int_equal(id_of(stage, "example.net."), ZONE_ID_FIRST);
	assert_int_equal(id_of(stage, "example.org."), ZONE_ID_FIRST + 1);
}

/* Nothing has changed since the first publication. */
static void
expect_first_serials(const struct stage *stage)
{
	assert_int_equal(stage_serial(stage, "example.net."), STAGE_NOW);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
}

static void
test_same_again(void **state)
{
	struct stage *stage = *state;

	for (int i = 0; i < 3; i++) {
		stage_reload(stage, two_zones);
		stage->now += 10;
		stage_publish(stage);
		assert_int_equal(stage->reports, 0);
		expect_all(stage);
		expect_first_serials(stage);
		expect_ids(stage);
	}
}

/* Ids and serials belong to zones, wherever they stand in the file. */
static void
test_reordered(void **state)
{
	static const char yaml[] = SOURCES DEFAULTS ZONES Z_ORG Z_NET SERVICES
	    S_MX S_ORG S_NET;
	struct stage *stage = *state;

	stage_reload(stage, yaml);
	stage_publish(stage);
	assert_int_equal(stage->reports, 0);
	expect_all(stage);
	expect_ids(stage);
	expect_first_serials(stage);
}

static void
test_zone_added(void **state)
{
	static const char yaml[] = SOURCES DEFAULTS ZONES Z_NEW Z_NET Z_ORG
	    S_ALL;
	struct stage *stage = *state;

	stage_reload(stage, yaml);
	stage_publish(stage);
	expect_all(stage);
	expect_ids(stage);
	assert_int_equal(id_of(stage, "new.example."), ZONE_ID_FIRST + 2);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
	assert_int_equal(stage_serial(stage, "new.example."), STAGE_NOW + 10);
}

static const char without_net[] = SOURCES DEFAULTS ZONES Z_ORG SERVICES S_ORG
    S_MX;

static void
test_zone_removed(void **state)
{
	struct stage *stage = *state;

	stage_reload(stage, without_net);
	stage_publish(stage);
	stage_expect(stage, NET, "no zone", NULL);
	stage_expect_leafs(stage, ORG, &org, NULL);
	assert_int_equal(id_of(stage, "example.org."), ZONE_ID_FIRST + 1);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
}

/* A zone that comes back must not begin below where it was. */
static void
test_zone_removed_and_back(void **state)
{
	static const char forgetful[] = SOURCES
	    "defaults: {retain: 0, records: [\"3 1 1\"]}\n" ZONES Z_NET Z_ORG
		S_ALL;
	struct stage *stage = *state;
	uint32_t serial;

	stage_reload(stage, forgetful);
	stage_publish(stage);
	/* Several changes within a second are ahead of the clock. */
	for (int i = 0; i < 30; i++) {
		(void)stage_set(stage, 0, "net", i % 2 ? &net : &net2, NULL);
		stage_publish(stage);
	}
	serial = stage_serial(stage, "example.net.");
	assert_true(serial > (uint32_t)stage->now);
	stage_reload(stage, without_net);
	stage->now++;
	stage_publish(stage);
	stage_reload(stage, two_zones);
	stage->now++;
	stage_publish(stage);
	assert_true(stage_serial(stage, "example.net.") >= serial);
}

/* Not even a later zone gets the id of one that is gone. */
static void
test_id_not_reused(void **state)
{
	static const char only_net[] = SOURCES DEFAULTS ZONES Z_NET SERVICES
	    S_NET;
	static const char another[] = SOURCES DEFAULTS ZONES Z_NET Z_NEW
	    SERVICES S_NET;
	struct stage *stage = *state;

	stage_reload(stage, only_net);
	stage_publish(stage);
	stage_reload(stage, another);
	stage_publish(stage);
	assert_int_equal(id_of(stage, "example.net."), ZONE_ID_FIRST);
	assert_int_not_equal(id_of(stage, "new.example."), ZONE_ID_FIRST);
	assert_int_not_equal(id_of(stage, "new.example."), ZONE_ID_FIRST + 1);
}

/* A service that leaves the configuration leaves at once. */
static void
test_service_removed(void **state)
{
	static const char yaml[] = SOURCES DEFAULTS ZONES Z_NET Z_ORG SERVICES
	    S_NET S_ORG;
	struct stage *stage = *state;

	stage_reload(stage, yaml);
	stage_publish(stage);
	stage_expect_leafs(stage, ORG, &org, NULL);
	stage_expect_leafs(stage, ORG2, NULL, NULL);
	assert_int_equal(stage_zone(stage, "example.org.")->owners.count, 1);
	assert_int_equal(stage_serial(stage, "example.org."), stage->now);
	assert_int_equal(stage_serial(stage, "example.net."), STAGE_NOW);
}

/* What readers see of SOA and NS moves the serial as well. */
static void
test_apex_changed_table(void **state)
{
	static const struct {
		const char *why;
		const char *defaults;
		const char *zone;
		bool changed;
	} cases[] = {
		{ "nothing", DEFAULTS,
		    "{name: Example.ORG, nameservers: [NS.example.com]}",
		    false },
		{ "who has the keys", DEFAULTS,
		    "{name: example.org, nameservers: [ns.example.com],"
		    " dnssec: none}",
		    false },
		{ "hostmaster", DEFAULTS,
		    "{name: example.org, nameservers: [ns.example.com],"
		    " hostmaster: other.example.com}",
		    true },
		{ "a name server more", DEFAULTS,
		    "{name: example.org,"
		    " nameservers: [ns.example.com, ns2.example.com]}",
		    true },
		{ "another name server", DEFAULTS,
		    "{name: example.org, nameservers: [ns2.example.com]}",
		    true },
		{ "the TTL of all",
		    "defaults: {ttl: 77, records: [\"3 1 1\"]}\n",
		    "{name: example.org, nameservers: [ns.example.com]}",
		    true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct stage stage;
		char *yaml = mem_format(SOURCES "%s" ZONES Z_NET "- %s\n" S_ALL,
		    cases[i].defaults, cases[i].zone);

		print_message("# %s\n", cases[i].why);
		stage_init(&stage, two_zones);
		(void)stage_set(&stage, 0, "org", &org, NULL);
		stage_publish(&stage);
		stage.now += 10;
		stage_reload(&stage, yaml);
		free(yaml);
		stage_publish(&stage);
		stage_expect_leafs(&stage, ORG, &org, NULL);
		assert_int_equal(stage_serial(&stage, "example.org."),
		    cases[i].changed ? STAGE_NOW + 10 : STAGE_NOW);
		assert_int_equal(
		    id_of(&stage, "example.org."), ZONE_ID_FIRST + 1);
		stage_fini(&stage);
	}
}

/* Lineages follow their source, by its type and path. */
static void
test_sources_reordered(void **state)
{
	static const char yaml[] =
	    "sources: [{type: files, path: /x}, {type: files, path: /b},\n"
	    "          {type: certbot, path: /a}]\n" DEFAULTS ZONES Z_NET Z_ORG
		S_ALL;
	struct stage *stage = *state;

	(void)store_set_problem(stage->store, 0, "org", "is broken");
	(void)store_set_deleted(stage->store, 1, "mx", stage->now);
	(void)store_set_source_problem(stage->store, 1, "no access");
	stage_publish(stage);
	stage_reload(stage, yaml);
	assert_string_equal(
	    store_lineage(stage->store, 2, "org")->problem, "is broken");
	assert_non_null(store_lineage(stage->store, 2, "net"));
	assert_true(
	    store_lineage(stage->store, 1, "mx")->deleted == STAGE_NOW + 10);
	assert_null(store_lineage(stage->store, 0, "net"));
	assert_false(store_set_source_problem(stage->store, 1, "no access"));
	assert_false(store_set_source_problem(stage->store, 0, NULL));
	stage->now += 999;
	stage_publish(stage);
	expect_all(stage);
	(void)store_set_source_problem(stage->store, 1, NULL);
	stage->now++;
	stage_publish(stage);
	stage_expect_leafs(stage, ORG2, NULL, NULL);
}

/* A source that left the configuration deleted nothing. */
static void
test_source_removed_table(void **state)
{
	static const struct {
		const char *why;
		const char *sources;
	} cases[] = {
		{ "gone", "sources: [{type: files, path: /b}]\n" },
		{ "another path", "sources: [{type: certbot, path: /c},"
				  " {type: files, path: /b}]\n" },
		{ "another type", "sources: [{type: files, path: /a},"
				  " {type: files, path: /b}]\n" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct stage stage;
		char *yaml = mem_format(
		    "%s%s", cases[i].sources, two_zones + sizeof(SOURCES) - 1);

		print_message("# %s\n", cases[i].why);
		stage_init(&stage, two_zones);
		(void)stage_set(&stage, 0, "net", &net, NULL);
		(void)stage_set(&stage, 0, "org", &org, NULL);
		(void)stage_set(&stage, 1, "mx", &mx, NULL);
		stage_publish(&stage);
		stage_reload(&stage, yaml);
		stage.now += 100000;
		stage_publish(&stage);
		expect_all(&stage);
		assert_int_equal(
		    stage_serial(&stage, "example.org."), STAGE_NOW);
		assert_null(store_lineage(stage.store, 0, "net"));
		stage_fini(&stage);
		free(yaml);
	}
}

/* A service that changed its ways is published by the new ones. */
static void
test_service_changed(void **state)
{
	static const char yaml[] = SOURCES
	    "defaults: {ttl: 60, records: [\"3 1 2\", \"3 1 1\"]}\n" ZONES Z_NET
		Z_ORG SERVICES S_NET "- {host: mail.example.org, ports: "
	    "[25], lineages: [mx]}\n";
	struct stage *stage = *state;
	char *wide = pki_tlsa(&mx, 3, 1, 2);
	char *usual = pki_tlsa(&mx, 3, 1, 1);

	stage_reload(stage, yaml);
	/* Only now more than SHA2-256 is kept of it. */
	stage->keep_all = true;
	(void)stage_set(stage, 1, "mx", &mx, NULL);
	stage_publish(stage);
	stage_expect(stage, ORG, wide, usual, NULL);
	assert_int_equal(stage_serial(stage, "example.org."), stage->now);
	free(wide);
	free(usual);
}

/* Own zones and overlays of one name are different things. */
static void
test_kind_changed(void **state)
{
	static const char yaml[] = SOURCES DEFAULTS
	    "overlay: [example.org]\n" ZONES Z_NET S_ALL;
	struct stage *stage = *state;

	stage_reload(stage, yaml);
	stage_publish(stage);
	expect_all(stage);
	stage_expect(stage, "example.org.", "nothing", NULL);
	stage_reload(stage, two_zones);
	stage_publish(stage);
	expect_all(stage);
	stage_expect(stage, "example.org.", "apex", NULL);
	assert_int_not_equal(id_of(stage, "example.org."), ZONE_ID_FIRST);
}

/* A zone cut out of another one takes its names along, and gives them back. */
static void
test_zone_split_and_joined(void **state)
{
	static const char joined[] = SOURCES DEFAULTS ZONES Z_ORG SERVICES S_ORG
	    S_SUB;
	static const char split[] = SOURCES DEFAULTS
	    "overlay: [sub.example.org]\n" ZONES Z_ORG SERVICES S_ORG S_SUB;
	struct stage stage;

	(void)state;
	stage_init(&stage, joined);
	(void)stage_set(&stage, 0, "org", &org, NULL);
	(void)stage_set(&stage, 0, "sub", &sub, NULL);
	stage_publish(&stage);
	stage_expect_leafs(&stage, SUB, &sub, NULL);
	stage_reload(&stage, split);
	stage.now += 10;
	stage_publish(&stage);
	stage_expect_leafs(&stage, SUB, &sub, NULL);
	assert_int_equal(
	    stage_zone(&stage, "sub.example.org.")->owners.count, 1);
	/* Below the cut nothing may be left in the parent, also in AXFR. */
	assert_int_equal(stage_zone(&stage, "example.org.")->owners.count, 1);
	(void)stage_set(&stage, 0, "sub", &sub2, NULL);
	stage.now += 1000;
	stage_publish(&stage);
	stage_reload(&stage, joined);
	stage_publish(&stage);
	stage_expect_leafs(&stage, SUB, &sub2, NULL);
	stage_fini(&stage);
}

/* Lineages that were not published yet are taken over all the same. */
static void
test_unpublished(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, 0, "org", &wild, NULL);
	(void)store_set_problem(stage->store, 0, "org", "is broken");
	stage_reload(stage, two_zones);
	assert_string_equal(
	    store_lineage(stage->store, 0, "org")->problem, "is broken");
	stage_publish(stage);
	assert_int_equal(stage->reports, 2);
	assert_int_equal(id_of(stage, "example.org."), ZONE_ID_FIRST + 1);
	assert_int_equal(stage_serial(stage, "example.org."), stage->now);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_make, stage_end)
	const struct CMUnitTest tests[] = {
		TEST(test_same_again),
		TEST(test_reordered),
		TEST(test_zone_added),
		TEST(test_zone_removed),
		TEST(test_zone_removed_and_back),
		TEST(test_id_not_reused),
		TEST(test_service_removed),
		cmocka_unit_test(test_apex_changed_table),
		TEST(test_sources_reordered),
		cmocka_unit_test(test_source_removed_table),
		TEST(test_service_changed),
		TEST(test_kind_changed),
		cmocka_unit_test(test_zone_split_and_joined),
		TEST(test_unpublished),
	};

	return cmocka_run_group_tests_name(
	    "store_adopt", tests, certs_make, certs_free);
}
