/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "stage.h"

#define DEFAULTS "defaults: {retain: 1000, records: [\"3 1 1\"]}\n"
#define SOURCES                                                                \
	"sources: [{type: certbot, path: /a}, {type: files, path: /b}]\n"
#define ZONE(name)                                                             \
	"- {name: " name ", nameservers: [ns.example.com],\n"                  \
	"   hostmaster: hostmaster.example.com}\n"
#define SERVICE(host) "- {host: " host ", ports: [25]}\n"

#define NET  "_25._tcp.mail.example.net."
#define ORG  "_25._tcp.mail.example.org."
#define ORG2 "_25._tcp.mx.example.org."
#define SUB  "_25._tcp.mail.sub.example.org."

static const char two_zones[] = SOURCES DEFAULTS "zones:\n" ZONE("example.net")
    ZONE("example.org") "services:\n" SERVICE("mail.example.net")
	SERVICE("mail.example.org") SERVICE("mx.example.org");

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

static int
stage_end(void **state)
{
	stage_fini(*state);
	return 0;
}

static void
expect(const struct stage *stage, const char *owner, const struct pki *leaf)
{
	char *text = leaf != NULL ? pki_tlsa(leaf, 3, 1, 1) : NULL;

	stage_expect(stage, owner, text != NULL ? text : "nothing", NULL);
	free(text);
}

static void
expect_all(const struct stage *stage)
{
	expect(stage, NET, &net);
	expect(stage, ORG, &org);
	expect(stage, ORG2, &mx);
}

static int32_t
id_of(const struct stage *stage, const char *apex)
{
	return stage_zone(stage, apex)->apex->id;
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
		assert_int_equal(
		    stage_serial(stage, "example.net."), STAGE_NOW);
		assert_int_equal(
		    stage_serial(stage, "example.org."), STAGE_NOW);
		assert_int_equal(id_of(stage, "example.net."), ZONE_ID_FIRST);
		assert_int_equal(
		    id_of(stage, "example.org."), ZONE_ID_FIRST + 1);
	}
}

/* Ids and serials belong to zones, wherever they stand in the file. */
static void
test_reordered(void **state)
{
	static const char yaml[] = SOURCES DEFAULTS
	    "zones:\n" ZONE("example.org")
		ZONE("example.net") "services:\n" SERVICE("mx.example.org")
		    SERVICE("mail.example.org") SERVICE("mail.example.net");
	struct stage *stage = *state;

	stage_reload(stage, yaml);
	stage_publish(stage);
	assert_int_equal(stage->reports, 0);
	expect_all(stage);
	assert_int_equal(id_of(stage, "example.net."), ZONE_ID_FIRST);
	assert_int_equal(id_of(stage, "example.org."), ZONE_ID_FIRST + 1);
	assert_int_equal(stage_serial(stage, "example.net."), STAGE_NOW);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
}

static void
test_zone_added(void **state)
{
	static const char yaml[] = SOURCES DEFAULTS
	    "zones:\n" ZONE("new.example") ZONE("example.net")
		ZONE("example.org") "services:\n" SERVICE("mail.example.net")
		    SERVICE("mail.example.org") SERVICE("mx.example.org");
	struct stage *stage = *state;

	stage_reload(stage, yaml);
	stage_publish(stage);
	expect_all(stage);
	assert_int_equal(id_of(stage, "example.net."), ZONE_ID_FIRST);
	assert_int_equal(id_of(stage, "example.org."), ZONE_ID_FIRST + 1);
	assert_int_equal(id_of(stage, "new.example."), ZONE_ID_FIRST + 2);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
	assert_int_equal(stage_serial(stage, "new.example."), STAGE_NOW + 10);
}

static const char without_net[] = SOURCES DEFAULTS
    "zones:\n" ZONE("example.org") "services:\n" SERVICE("mail.example.org")
	SERVICE("mx.example.org");

static void
test_zone_removed(void **state)
{
	struct stage *stage = *state;

	stage_reload(stage, without_net);
	stage_publish(stage);
	stage_expect(stage, NET, "no zone", NULL);
	expect(stage, ORG, &org);
	assert_int_equal(id_of(stage, "example.org."), ZONE_ID_FIRST + 1);
	assert_int_equal(stage_serial(stage, "example.org."), STAGE_NOW);
}

/* A zone that comes back must not begin below where it was. */
static void
test_zone_removed_and_back(void **state)
{
	struct stage *stage = *state;
	uint32_t serial;

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
	static const char only_net[] = SOURCES DEFAULTS "zones:\n" ZONE(
	    "example.net") "services:\n" SERVICE("mail.example.net");
	static const char another[] = SOURCES DEFAULTS
	    "zones:\n" ZONE("example.net") ZONE(
		"another.example") "services:\n" SERVICE("mail.example.net");
	struct stage *stage = *state;

	stage_reload(stage, only_net);
	stage_publish(stage);
	stage_reload(stage, another);
	stage_publish(stage);
	assert_int_equal(id_of(stage, "example.net."), ZONE_ID_FIRST);
	assert_int_not_equal(id_of(stage, "another.example."), ZONE_ID_FIRST);
	assert_int_not_equal(
	    id_of(stage, "another.example."), ZONE_ID_FIRST + 1);
}

/* A service that leaves the configuration leaves at once. */
static void
test_service_removed(void **state)
{
	static const char yaml[] = SOURCES DEFAULTS
	    "zones:\n" ZONE("example.net")
		ZONE("example.org") "services:\n" SERVICE("mail.example.net")
		    SERVICE("mail.example.org");
	struct stage *stage = *state;

	stage_reload(stage, yaml);
	stage_publish(stage);
	expect(stage, ORG, &org);
	expect(stage, ORG2, NULL);
	assert_int_equal(stage_zone(stage, "example.org.")->owners.count, 1);
	assert_int_equal(stage_serial(stage, "example.org."), stage->now);
	assert_int_equal(stage_serial(stage, "example.net."), STAGE_NOW);
}

/* What readers see of SOA and NS moves the serial as well. */
static void
test_apex_changed_table(void **state)
{
#define NET_ZONE "zones:\n" ZONE("example.net")
#define SERVICES                                                               \
	"services:\n" SERVICE("mail.example.net") SERVICE("mail.example.org")  \
	    SERVICE("mx.example.org")
	static const struct {
		const char *why;
		const char *yaml;
		bool changed;
	} cases[] = {
		{ "nothing",
		    SOURCES DEFAULTS NET_ZONE ZONE("EXAMPLE.org") SERVICES,
		    false },
		{ "who has the keys",
		    SOURCES DEFAULTS NET_ZONE
		    "- {name: example.org, nameservers: [ns.example.com],\n"
		    "   hostmaster: hostmaster.example.com,\n"
		    "   dnssec: none}\n" SERVICES,
		    false },
		{ "hostmaster",
		    SOURCES DEFAULTS NET_ZONE
		    "- {name: example.org, nameservers: [ns.example.com],\n"
		    "   hostmaster: other.example.com}\n" SERVICES,
		    true },
		{ "a name server more",
		    SOURCES DEFAULTS NET_ZONE
		    "- {name: example.org,\n"
		    "   nameservers: [ns.example.com, ns2.example.com],\n"
		    "   hostmaster: hostmaster.example.com}\n" SERVICES,
		    true },
		{ "another name server",
		    SOURCES DEFAULTS NET_ZONE
		    "- {name: example.org, nameservers: [ns2.example.com],\n"
		    "   hostmaster: hostmaster.example.com}\n" SERVICES,
		    true },
		{ "the TTL of all",
		    SOURCES
		    "defaults: {ttl: 77, records: [\"3 1 1\"]}\n" NET_ZONE ZONE(
			"example.org") SERVICES,
		    true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct stage stage;

		print_message("# %s\n", cases[i].why);
		stage_init(&stage, two_zones);
		(void)stage_set(&stage, 0, "org", &org, NULL);
		stage_publish(&stage);
		stage.now += 10;
		stage_reload(&stage, cases[i].yaml);
		stage_publish(&stage);
		expect(&stage, ORG, &org);
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
	    "          {type: certbot, path: /a}]\n" DEFAULTS
	    "zones:\n" ZONE("example.net")
		ZONE("example.org") "services:\n" SERVICE("mail.example.net")
		    SERVICE("mail.example.org") SERVICE("mx.example.org");
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
	expect(stage, ORG2, NULL);
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
	    "defaults: {ttl: 60, records: [\"3 1 2\", \"3 1 1\"]}\n"
	    "zones:\n" ZONE("example.net")
		ZONE("example.org") "services:\n" SERVICE(
		    "mail.example.net") "- {host: mail.example.org, ports: "
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
	    "overlay: [example.org]\n"
	    "zones:\n" ZONE("example.net") "services:\n" SERVICE(
		"mail.example.net") SERVICE("mail.example.org")
		SERVICE("mx.example.org");
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
#define SUBS                                                                   \
	"services:\n" SERVICE("mail.example.org")                              \
	    SERVICE("mail.sub.example.org")
	static const char joined[] = SOURCES DEFAULTS
	    "zones:\n" ZONE("example.org") SUBS;
	static const char split[] = SOURCES DEFAULTS
	    "overlay: [sub.example.org]\n"
	    "zones:\n" ZONE("example.org") SUBS;
	struct stage stage;

	(void)state;
	stage_init(&stage, joined);
	(void)stage_set(&stage, 0, "org", &org, NULL);
	(void)stage_set(&stage, 0, "sub", &sub, NULL);
	stage_publish(&stage);
	expect(&stage, SUB, &sub);
	stage_reload(&stage, split);
	stage.now += 10;
	stage_publish(&stage);
	expect(&stage, SUB, &sub);
	assert_int_equal(
	    stage_zone(&stage, "sub.example.org.")->owners.count, 1);
	/* Below the cut nothing may be left in the parent, also in AXFR. */
	assert_int_equal(stage_zone(&stage, "example.org.")->owners.count, 1);
	(void)stage_set(&stage, 0, "sub", &sub2, NULL);
	stage.now += 1000;
	stage_publish(&stage);
	stage_reload(&stage, joined);
	stage_publish(&stage);
	expect(&stage, SUB, &sub2);
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

/* What cannot be told stays so until it can. */
static void
test_unknown_stays(void **state)
{
	struct stage *stage = *state;

	(void)store_set_problem(stage->store, 0, "x", "is broken");
	(void)store_set_deleted(stage->store, 0, "org", stage->now);
	stage->now += 1000;
	stage_publish(stage);
	stage_expect(stage, ORG, "unknown", NULL);
	stage_reload(stage, two_zones);
	stage_publish(stage);
	stage_expect(stage, ORG, "unknown", NULL);
	(void)store_set_deleted(stage->store, 0, "x", stage->now);
	stage_publish(stage);
	stage_expect(stage, ORG, "nothing", NULL);
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
		TEST(test_unknown_stays),
	};

	return cmocka_run_group_tests_name(
	    "store_adopt", tests, certs_make, certs_free);
}
