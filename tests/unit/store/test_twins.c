/* SPDX-License-Identifier: MIT */
/*
 * Two stores, one story: whatever happens, a host that a leaf names is served
 * like one that is listed, and one that none names is not.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage.h"

#define TWIN_ZONES                                                             \
	"sources: [{type: certbot, path: /a}]\n"                               \
	"defaults: {retain: 1000, records: [\"3 1 1\"]}\n"                     \
	"zones: [{name: example.org, nameservers: [ns.example.com]}]\n"

static const char twin_listed[] = TWIN_ZONES
    "services: [{host: a.example.org}, {host: b.example.org},\n"
    "  {host: c.example.org}]\n";
static const char twin_discovered[] = TWIN_ZONES
    "discover: {hosts: [\"?.example.org\"]}\n";
static const char *const twin_hosts[] = { "a.example.org", "b.example.org",
	"c.example.org" };
static const char *const twin_names[] = { "a.example.org", "b.example.org",
	"a.example.org,b.example.org", "c.example.org,*.example.org",
	"*.example.org", "a.example.org,c.example.org" };
static const char *const twin_lineages[] = { "l0", "l1", "l2" };

enum { TWIN_STEPS = 3000 };

static struct pki ca;

struct twins {
	struct stage listed;
	struct stage discovered;
	struct pki pki[LENGTH(twin_names)];
	uint32_t random;
};

static uint32_t
twin_draw(struct twins *twins, uint32_t below)
{
	twins->random = twins->random * 1664525 + 1013904223;
	return (twins->random >> 12) % below;
}

static void
twin_step(struct twins *twins, struct stage *stage, uint32_t what,
    const char *name, uint32_t number)
{
	const struct lineage *lineage = store_lineage(stage->store, 0, name);

	if (what < 4)
		(void)stage_set(stage, 0, name,
		    &twins->pki[number % LENGTH(twin_names)], &ca);
	else if (what == 4)
		(void)store_set_deleted(stage->store, 0, name, stage->now);
	else if (what == 5 && lineage != NULL)
		(void)store_set_problem(stage->store, 0, name, "is broken");
	else if (what == 6)
		stage_reload(stage,
		    stage == &twins->listed ? twin_listed : twin_discovered);
	else
		stage->now += number % 400;
	stage_publish(stage);
}

struct naming {
	const char *host;
	bool is_named;
};

static bool
naming_visit(const struct lineage *lineage, void *arg)
{
	struct naming *naming = arg;

	for (size_t g = 0; g < lineage->generation_count; g++) {
		const struct cert *leaf = lineage->generations[g].chain->leaf;

		for (size_t i = 0; i < leaf->name_count; i++)
			naming->is_named |= strcmp(leaf->names[i],
						naming->host) == 0;
	}
	return true;
}

static void
twin_expect(const struct twins *twins, const char *host)
{
	struct naming naming = { .host = host };
	char *owner = mem_format("_25._tcp.%s.", host);
	char *found = stage_find(&twins->discovered, owner);
	char *wanted = stage_find(&twins->listed, owner);

	store_walk_lineages(twins->listed.store, naming_visit, &naming);
	assert_string_equal(found, naming.is_named ? wanted : "nothing");
	free(owner);
	free(found);
	free(wanted);
}

static void
test_twins(void **state)
{
	static struct twins twins = { .random = 1 };

	(void)state;
	pki_make_ca("Example CA", NULL, &ca);
	for (size_t i = 0; i < LENGTH(twin_names); i++)
		pki_make_leaf(twin_names[i], &ca, &twins.pki[i]);
	stage_init(&twins.listed, twin_listed);
	stage_init(&twins.discovered, twin_discovered);
	stage_publish(&twins.listed);
	stage_publish(&twins.discovered);
	for (int step = 0; step < TWIN_STEPS; step++) {
		uint32_t what = twin_draw(&twins, 12);
		const char *name =
		    twin_lineages[twin_draw(&twins, LENGTH(twin_lineages))];
		uint32_t number = twin_draw(&twins, 65536);

		twin_step(&twins, &twins.listed, what, name, number);
		twin_step(&twins, &twins.discovered, what, name, number);
		for (size_t i = 0; i < LENGTH(twin_hosts); i++)
			twin_expect(&twins, twin_hosts[i]);
	}
	stage_fini(&twins.listed);
	stage_fini(&twins.discovered);
	for (size_t i = 0; i < LENGTH(twin_names); i++)
		pki_fini(&twins.pki[i]);
	pki_fini(&ca);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
