/* SPDX-License-Identifier: MIT */
/* Aliases that get another name, and what the name of before still has. */
#include "unit.h"

#include <string.h>

#include "stage.h"

#define WITH_TTL(ttl)                                                          \
	"sources: [{type: certbot, path: /a}]\n"                               \
	"defaults: {retain: 50, ttl: " ttl ", records: [\"3 1 1\"]}\n"         \
	"zones: [{name: tlsa.example, nameservers: [ns.example.com]}]\n"
#define BEGIN WITH_TTL("100")
#define SERVICES                                                               \
	"services:\n"                                                          \
	"- {host: mail.example.org, ports: [25]}\n"                            \
	"- {host: mx.tlsa.example, ports: [25], lineages: [mx]}\n"
#define NEW_SERVICE "- {host: new.example.org, ports: [25], ttl: 7}\n"
#define FLAT        "aliases: flat\n"
#define DEEP        "aliases: deep\n"

#define FLAT_NAME "_25_tcp_mail_example_org.tlsa.example."
#define DEEP_NAME "_25._tcp.mail.example.org.tlsa.example."
#define OWN       "_25._tcp.mx.tlsa.example."
#define ZONE      "tlsa.example."

static struct pki ca, first, second, mx;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	pki_make_leaf("mail.example.org,new.example.org", &ca, &first);
	pki_make_leaf("mail.example.org,new.example.org", &ca, &second);
	pki_make_leaf("mx.tlsa.example", &ca, &mx);
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	pki_fini(&ca);
	pki_fini(&first);
	pki_fini(&second);
	pki_fini(&mx);
	return 0;
}

static void
begin(struct stage *stage, const char *yaml)
{
	stage_init(stage, yaml);
	(void)stage_set(stage, 0, "one", &first, NULL);
	(void)stage_set(stage, 0, "mx", &mx, NULL);
	stage_publish(stage);
	stage->now += 10;
}

static void
reload(struct stage *stage, const char *yaml)
{
	stage_reload(stage, yaml);
	stage_publish(stage);
}

/* Begin anew, with `owner` on record, published long ago. */
static void
upgrade(struct stage *stage, const char *yaml, const char *owner)
{
	stage_init(stage, yaml);
	stage_remember(
	    stage, owner, &first, STAGE_NOW - 5000, STAGE_NOW - 4000);
	store_drop_unclaimed(stage->store);
	(void)stage_set(stage, 0, "one", &first, NULL);
	(void)stage_set(stage, 0, "mx", &mx, NULL);
	stage_publish(stage);
}

/* One of both, and nothing above it when it is flat. */
static void
test_forms(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, BEGIN SERVICES);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, OWN, &mx, NULL);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	stage_expect(
	    &stage, "_tcp.mail.example.org.tlsa.example.", "nothing", NULL);
	assert_true(store_next_wake(stage.store) == -1);
	stage_fini(&stage);

	begin(&stage, BEGIN SERVICES DEEP);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage_expect_leafs(&stage, OWN, &mx, NULL);
	stage_expect(&stage, FLAT_NAME, "nothing", NULL);
	stage_fini(&stage);
}

/* From one to the other and back: both, for a TTL; renewals go to both. */
static void
change(const char *from, const char *to, const char *old, const char *new)
{
	struct stage stage;
	uint32_t serial;

	begin(&stage, from);
	serial = stage_serial(&stage, ZONE);
	reload(&stage, to);
	stage_expect_leafs(&stage, new, &first, NULL);
	stage_expect_leafs(&stage, old, &first, NULL);
	assert_true(stage_serial(&stage, ZONE) > serial);
	assert_true(store_next_wake(stage.store) == stage.now + 100);

	stage.now += 20;
	(void)stage_set(&stage, 0, "one", &second, NULL);
	stage_publish(&stage);
	stage_expect_leafs(&stage, new, &second, &first);
	stage_expect_leafs(&stage, old, &second, &first);
	/* Once more what it says already: the end stays. */
	reload(&stage, to);
	stage_expect_leafs(&stage, old, &second, &first);
	stage.now += 79;
	stage_publish(&stage);
	stage_expect_leafs(&stage, old, &second, NULL);
	stage.now++;
	serial = stage_serial(&stage, ZONE);
	stage_publish(&stage);
	stage_expect_leafs(&stage, new, &second, NULL);
	stage_expect(&stage, old, "nothing", NULL);
	assert_true(stage_serial(&stage, ZONE) > serial);
	assert_true(store_next_wake(stage.store) == -1);

	/* And back. */
	reload(&stage, from);
	stage_expect_leafs(&stage, old, &second, NULL);
	stage_expect_leafs(&stage, new, &second, NULL);
	stage.now += 50;
	/* Before that is over. */
	reload(&stage, to);
	stage_expect_leafs(&stage, old, &second, NULL);
	stage_expect_leafs(&stage, new, &second, NULL);
	stage.now += 100;
	stage_publish(&stage);
	stage_expect(&stage, old, "nothing", NULL);
	stage_expect_leafs(&stage, new, &second, NULL);
	stage_expect_leafs(&stage, OWN, &mx, NULL);
	stage_fini(&stage);
}

static void
test_change(void **state)
{
	(void)state;
	change(BEGIN SERVICES DEEP, BEGIN SERVICES FLAT, DEEP_NAME, FLAT_NAME);
	change(BEGIN SERVICES FLAT, BEGIN SERVICES DEEP, FLAT_NAME, DEEP_NAME);
}

/* Caches have what they got before, for as long as that said. */
static void
test_shorter_ttl(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, BEGIN SERVICES DEEP);
	reload(&stage, WITH_TTL("10") SERVICES FLAT);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	assert_true(store_next_wake(stage.store) == stage.now + 100);
	stage.now += 99;
	stage_publish(&stage);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage.now++;
	stage_publish(&stage);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	stage_fini(&stage);
}

/* As over a restart: nothing is given up while it is not said. */
static void
test_unsaid(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, BEGIN SERVICES DEEP);
	reload(&stage, BEGIN SERVICES);
	stage.now += 1000000;
	stage_publish(&stage);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	reload(&stage, BEGIN SERVICES FLAT);
	stage.now += 99;
	stage_publish(&stage);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	/* Said too early, and taken back. */
	reload(&stage, BEGIN SERVICES);
	stage.now += 1000000;
	stage_publish(&stage);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage_fini(&stage);
}

/* What was published before has been so under the new name, but unseen. */
static void
expect_times(const struct stage *stage)
{
	struct dname dname;
	const struct owner *owner;

	assert_int_equal(
	    dname_parse(FLAT_NAME, strlen(FLAT_NAME), &dname), STATUS_OK);
	owner = zone_get(stage_zone(stage, ZONE), &dname);
	assert_non_null(owner);
	assert_int_equal(owner->times[0].since, STAGE_NOW - 5000);
	assert_int_equal(owner->times[0].seen, 0);
}

/* A record of the first versions: what is deep stays until it is said. */
static void
test_upgrade(void **state)
{
	struct stage stage;

	(void)state;
	upgrade(&stage, BEGIN SERVICES NEW_SERVICE, DEEP_NAME);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	expect_times(&stage);
	/* What was never deep is not. */
	stage_expect_leafs(
	    &stage, "_25_tcp_new_example_org.tlsa.example.", &first, NULL);
	stage_expect(
	    &stage, "_25._tcp.new.example.org.tlsa.example.", "nothing", NULL);
	assert_true(store_next_wake(stage.store) == -1);
	stage.now += 1000000;
	reload(&stage, BEGIN SERVICES);
	(void)stage_set(&stage, 0, "one", &second, NULL);
	stage_publish(&stage);
	stage_expect_leafs(&stage, DEEP_NAME, &second, &first);
	reload(&stage, BEGIN SERVICES FLAT);
	stage_expect_leafs(&stage, DEEP_NAME, &second, &first);
	stage.now += 100;
	stage_publish(&stage);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	stage_expect_leafs(&stage, FLAT_NAME, &second, NULL);
	stage_fini(&stage);
}

/* And where it is said from the beginning, a TTL after the start. */
static void
test_upgrade_said(void **state)
{
	struct stage stage;

	(void)state;
	upgrade(&stage, BEGIN SERVICES FLAT, DEEP_NAME);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	assert_true(store_next_wake(stage.store) == stage.now + 100);
	store_shift_times(stage.store, 1000);
	stage.now += 1000;
	stage_publish(&stage);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage.now += 100;
	stage_publish(&stage);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	stage_fini(&stage);

	upgrade(&stage, BEGIN SERVICES DEEP, DEEP_NAME);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage_expect(&stage, FLAT_NAME, "nothing", NULL);
	assert_true(store_next_wake(stage.store) == -1);
	stage_fini(&stage);
}

/* Nothing can be read yet: what is on record is answered at both. */
static void
test_unread(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, BEGIN SERVICES);
	stage_remember(&stage, DEEP_NAME, &first, STAGE_NOW - 5000, 0);
	store_drop_unclaimed(stage.store);
	(void)store_set_source_problem(stage.store, 0, "is not there");
	stage_publish(&stage);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage_fini(&stage);
}

/* A record that cannot be read may have had any of them. */
static void
test_blind(void **state)
{
	static const char yaml[] = BEGIN SERVICES
	    "- {host: mx, ports: [25], lineages: [one]}\n"
	    "discover: {hosts: [\"new.*\"]}\n";
	struct stage stage;

	(void)state;
	stage_init(&stage, yaml);
	store_lose_memory(stage.store, true);
	store_drop_unclaimed(stage.store);
	(void)stage_set(&stage, 0, "one", &first, NULL);
	(void)stage_set(&stage, 0, "mx", &mx, NULL);
	stage_publish(&stage);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage_expect_leafs(
	    &stage, "_25._tcp.new.example.org.tlsa.example.", &first, NULL);
	/* The deep alias of a host is another one's own name. */
	stage_expect_leafs(&stage, OWN, &mx, NULL);
	(void)stage_set(&stage, 0, "one", &second, NULL);
	stage_publish(&stage);
	stage_expect_leafs(&stage, DEEP_NAME, &second, &first);
	stage_expect_leafs(&stage, OWN, &mx, NULL);

	store_lose_memory(stage.store, false);
	stage_remember(&stage, DEEP_NAME, &first, STAGE_NOW - 5000, 0);
	store_drop_unclaimed(stage.store);
	stage_publish(&stage);
	stage_expect_leafs(&stage, FLAT_NAME, &second, &first);
	stage_expect_leafs(&stage, DEEP_NAME, &second, &first);
	stage_expect(
	    &stage, "_25._tcp.new.example.org.tlsa.example.", "nothing", NULL);
	stage_expect_leafs(
	    &stage, "_25_tcp_new_example_org.tlsa.example.", &second, &first);
	stage_expect_leafs(&stage, OWN, &mx, NULL);
	assert_true(store_next_wake(stage.store) > stage.now);
	stage_fini(&stage);

	/* Where it is said there is nothing to guess. */
	stage_init(&stage, BEGIN SERVICES FLAT);
	store_lose_memory(stage.store, true);
	store_drop_unclaimed(stage.store);
	(void)stage_set(&stage, 0, "one", &first, NULL);
	stage_publish(&stage);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	stage_fini(&stage);
}

/* A service that leaves takes both with it, and so does one that ends. */
static void
test_leaves(void **state)
{
	struct stage stage;

	(void)state;
	upgrade(&stage, BEGIN SERVICES, DEEP_NAME);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	reload(&stage, BEGIN "services:\n" NEW_SERVICE);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	stage_expect(&stage, FLAT_NAME, "nothing", NULL);
	stage_fini(&stage);

	upgrade(&stage, BEGIN SERVICES, DEEP_NAME);
	(void)store_set_deleted(stage.store, 0, "one", stage.now);
	stage.now += 1000;
	stage_publish(&stage);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	stage_expect(&stage, FLAT_NAME, "nothing", NULL);
	stage_fini(&stage);
}

/* Those that nobody listed. */
static void
test_discovered(void **state)
{
	static const char yaml[] = BEGIN "discover: {hosts: [\"mail.*\"]}\n";
	struct stage stage;

	(void)state;
	upgrade(&stage, yaml, DEEP_NAME);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	assert_int_equal(store_service_count(stage.store), 1);
	(void)store_set_deleted(stage.store, 0, "one", stage.now);
	stage.now += 1000;
	stage_publish(&stage);
	stage_expect(&stage, FLAT_NAME, "nothing", NULL);
	stage_expect(&stage, DEEP_NAME, "nothing", NULL);
	assert_int_equal(store_service_count(stage.store), 0);
	stage_fini(&stage);

	/* Of the name alone, before any leaf was read. */
	stage_init(&stage, yaml);
	stage_remember(&stage, DEEP_NAME, &first, STAGE_NOW, 0);
	store_drop_unclaimed(stage.store);
	stage_publish(&stage);
	assert_int_equal(store_service_count(stage.store), 1);
	stage_expect_leafs(&stage, FLAT_NAME, &first, NULL);
	stage_expect_leafs(&stage, DEEP_NAME, &first, NULL);
	stage_fini(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_shorter_ttl),
		cmocka_unit_test(test_unsaid),
		cmocka_unit_test(test_upgrade),
		cmocka_unit_test(test_upgrade_said),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_leaves),
		cmocka_unit_test(test_discovered),
	};

	return cmocka_run_group_tests_name(
	    "tests", tests, certs_make, certs_free);
}
