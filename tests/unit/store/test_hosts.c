/* SPDX-License-Identifier: MIT */
/*
 * For which hosts a certificate counts: those that it names, or of which the
 * service names the lineage, as far as its source may speak for them.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "stage.h"

#define MAIL  "_25._tcp.mail.example.org."
#define WEB   "_25._tcp.web.example.org."
#define NAMED "_25._tcp.named.example.org."

enum { STRANGERS, OURS };

static const char yaml[] =
    "sources:\n"
    "- {type: files, path: /strangers, hosts: [\"w*.Example.org\", x]}\n"
    "- {type: files, path: /ours}\n"
    "zones: [{name: example.org, nameservers: [ns.example.org]}]\n"
    "defaults: {records: [\"3 1 1\"], retain: 1000, propagation: 10}\n"
    "discover: {hosts: [\"*.example.org\"]}\n"
    "services:\n"
    "- {host: mail.example.org}\n"
    "- {host: web.example.org}\n"
    "- {host: named.example.org, lineages: [any]}\n"
    "- {host: ca.example.org, records: [\"2 1 1\"]}\n";

static struct pki ca, mail, both, web, cahost;

static int
certs_make(void **state)
{
	(void)state;
	pki_make_ca("CA", NULL, &ca);
	pki_make_leaf("mail.example.org", &ca, &mail);
	pki_make_leaf("mail.example.org,web.example.org,found.example.org,"
		      "wfound.example.org",
	    &ca, &both);
	pki_make_leaf("web.example.org", &ca, &web);
	pki_make_leaf("ca.example.org", &ca, &cahost);
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	pki_fini(&ca);
	pki_fini(&mail);
	pki_fini(&both);
	pki_fini(&web);
	pki_fini(&cahost);
	return 0;
}

static int
begin(void **state)
{
	static struct stage stage;

	stage_init(&stage, yaml);
	/* The certificates are valid, and so what a CA covers counts. */
	stage.now -= INT64_C(30) * 86400;
	*state = &stage;
	return 0;
}

/* A file of another host lies there for a moment: no RRset but its own. */
static void
test_wrong_file(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, OURS, "mail", &mail, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MAIL, &mail, NULL);
	stage_expect_leafs(stage, WEB, NULL, NULL);
	(void)stage_set(stage, OURS, "mail", &web, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MAIL, &mail, NULL);
	stage_expect_leafs(stage, WEB, &web, NULL);
	(void)stage_set(stage, OURS, "mail", &mail, &ca);
	stage->now += 2000;
	stage_publish(stage);
	stage_expect_leafs(stage, MAIL, &mail, NULL);
}

/* Who names a lineage may have it serve anything. */
static void
test_named(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, OURS, "any", &mail, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, NAMED, &mail, NULL);
	stage_expect_leafs(stage, MAIL, &mail, NULL);
}

/* A store that others may write, with whatever names in it. */
static void
test_limited_source(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, STRANGERS, "mail", &both, &ca);
	(void)stage_set(stage, STRANGERS, "any", &both, &ca);
	stage_publish(stage);
	stage_expect_leafs(stage, MAIL, NULL, NULL);
	stage_expect_leafs(stage, WEB, &both, NULL);
	stage_expect_leafs(stage, NAMED, NULL, NULL);
	stage_expect_leafs(stage, "_25._tcp.found.example.org.", NULL, NULL);
	stage_expect_leafs(stage, "_25._tcp.wfound.example.org.", &both, NULL);
}

static bool
is_safe(const struct stage *stage, const char *name)
{
	const struct safety_scope scope = { .now = stage->now };
	struct lineage_safety safety;
	bool is_safe;

	store_lineage_safety(stage->store,
	    store_lineage(stage->store, OURS, name), &scope, &safety);
	is_safe = safety.worst.is_safe;
	lineage_safety_fini(&safety);
	return is_safe;
}

/*
 * Who waits for a renewal that lost the name of a host keeps what matches its
 * records; unless the host is somebody else's by now.
 */
static void
test_lost_name_is_not_safe(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, OURS, "mail", &mail, &ca);
	stage_publish(stage);
	stage->now += 100;
	stage_publish(stage);
	assert_true(is_safe(stage, "mail"));
	(void)stage_set(stage, OURS, "mail", &web, &ca);
	stage_publish(stage);
	stage->now += 100;
	stage_publish(stage);
	assert_false(is_safe(stage, "mail"));
	(void)stage_set(stage, OURS, "other", &both, &ca);
	stage_publish(stage);
	assert_true(is_safe(stage, "mail"));
}

/* A CA that is published does not help: its clients look at the name. */
static void
test_lost_name_below_ca(void **state)
{
	struct stage *stage = *state;

	(void)stage_set(stage, OURS, "ca", &cahost, &ca);
	stage_publish(stage);
	stage->now += 100;
	stage_publish(stage);
	assert_true(is_safe(stage, "ca"));
	(void)stage_set(stage, OURS, "ca", &web, &ca);
	stage_publish(stage);
	stage->now += 100;
	stage_publish(stage);
	assert_false(is_safe(stage, "ca"));
}

/* The same of a generation that is not live yet. */
static void
test_lost_name_is_staged(void **state)
{
	struct stage *stage = *state;
	struct next_key *next = mem_new(sizeof(*next));

	next->chain = stage_chain(stage, &web, &ca);
	next->cert = cert_ref(next->chain->leaf);
	(void)stage_set(stage, OURS, "mail", &mail, &ca);
	(void)store_set_next(stage->store, OURS, "mail", next, 1, stage->now);
	stage_publish(stage);
	stage->now += 100;
	stage_publish(stage);
	assert_false(is_safe(stage, "mail"));
}

/* What cannot be read there leaves other hosts alone. */
static void
test_limited_problem(void **state)
{
	struct stage *stage = *state;

	(void)store_set_problem(stage->store, STRANGERS, "mail", "broken");
	stage_publish(stage);
	stage_expect_leafs(stage, MAIL, NULL, NULL);
	stage_expect(stage, WEB, "unknown", NULL);
	(void)store_set_deleted(stage->store, STRANGERS, "mail", stage->now);
	(void)store_set_source_problem(stage->store, STRANGERS, "gone");
	stage_publish(stage);
	stage_expect_leafs(stage, MAIL, NULL, NULL);
	stage_expect(stage, WEB, "unknown", NULL);
	(void)store_set_source_problem(stage->store, STRANGERS, NULL);
	stage_publish(stage);
	stage_expect_leafs(stage, WEB, NULL, NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, stage_end)
	const struct CMUnitTest tests[] = {
		TEST(test_wrong_file),
		TEST(test_named),
		TEST(test_limited_source),
		TEST(test_limited_problem),
		TEST(test_lost_name_is_not_safe),
		TEST(test_lost_name_below_ca),
		TEST(test_lost_name_is_staged),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_free);
}
