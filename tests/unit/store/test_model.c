/* SPDX-License-Identifier: MIT */
/*
 * The store against its model (tests/lib/store_model.h), with random lineages,
 * problems, deletions, reloads and time.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/serial.h"
#include "stage.h"
#include "store_model.h"

enum {
	STEPS = 2000,
	LOG_SHOWN = 2000, /* octets of the log of a run that failed */
};

/* Zones with a serial of ours, and whose services are whose. */
static const char *const apexes[] = { "example.net.", "example.org." };

struct run {
	struct stage stage;
	struct config *config; /* the model's */
	struct tlsa_pool pool; /* likewise */
	struct chain *chains[MODEL_CERTS];
	struct model model;
	uint32_t random;
	bool clock_may_go_back;
	struct buf log;
};

/* Note an RRset in short: the leafs by their numbers. */
static void
log_rrset(struct run *run, const char *what, const char *text)
{
	buf_add_format(&run->log, "%s:", what);
	for (const char *line = text; line != NULL;
	     line = strchr(line, '\n'), line += line != NULL)
		for (size_t i = 0; i <= MODEL_CERTS; i++)
			if (i == MODEL_CERTS)
				buf_add_format(&run->log, " %.8s", line);
			else if (strncmp(line, model_certs[i].leaf,
				     strlen(model_certs[i].leaf)) == 0) {
				buf_add_format(&run->log, " leaf %zu", i);
				break;
			}
	buf_add_string(&run->log, "\n");
}

/* Show the end of the log, and fail. */
static void
run_fail(struct run *run, const char *what, size_t service)
{
	size_t skip = run->log.len > LOG_SHOWN ? run->log.len - LOG_SHOWN : 0;
	char *rest = NULL;

	/* The library prints no long text at once. */
	(void)buf_text(&run->log);
	for (char *line = strtok_r(run->log.data + skip, "\n", &rest);
	     line != NULL; line = strtok_r(NULL, "\n", &rest))
		print_error("# %s\n", line);
	fail_msg("%s: %s", model_owners[service], what);
}

/* A number from 0 to `below` - 1. */
static uint32_t
run_random(struct run *run, uint32_t below)
{
	run->random = run->random * 1664525 + 1013904223;
	return (run->random >> 12) % below;
}

/* What a live lineage serves now is in the RRset, whatever the room. */
static void
check_served(struct run *run, size_t service, const char *found)
{
	const struct config_service *config = &run->config->services[service];
	const struct policy *policy = &config->policy;
	const struct lineage *bound[MODEL_LINEAGES];
	size_t count = model_bound(&run->model, service, bound);
	struct dname host;

	if (policy->records[0].usage != 3 || strcmp(found, "unknown") == 0)
		return;
	assert_int_equal(
	    dname_parse(config->host, strlen(config->host), &host), STATUS_OK);
	for (size_t b = 0; b < count; b++) {
		const struct chain *chain = lineage_current(bound[b]);
		struct tlsa *tlsa = NULL;

		if (chain == NULL || bound[b]->deleted != 0 ||
		    (config->lineages == NULL &&
			!cert_covers(chain->leaf, &host)))
			continue;
		(void)tlsa_associate(
		    &run->pool, chain->leaf, policy->records[0], &tlsa);
		if (strstr(found, tlsa->text) == NULL)
			run_fail(run, "a served leaf is missing", service);
		tlsa_unref(tlsa);
	}
}

static void
check_wake(struct run *run)
{
	int64_t wake = store_next_wake(run->stage.store);
	int64_t next = model_next(&run->model, run->stage.now);

	if (wake != -1 && wake <= run->stage.now)
		run_fail(run, "wakes in the past", 0);
	if (next != -1 && (wake == -1 || wake > next))
		run_fail(run, "wakes too late", 0);
}

/* No serial moves but for a change, nor stays, nor goes back. */
static void
check_serials(struct run *run, const uint32_t *last, const bool *changed)
{
	for (size_t z = 0; z < LENGTH(apexes); z++) {
		uint32_t serial = stage_serial(&run->stage, apexes[z]);

		if (serial != last[z] && !serial_is_after(serial, last[z]))
			run_fail(run, "serial went back", 0);
		if (serial != last[z] && run->stage.reports == 0)
			run_fail(run, "serial moved", 0);
		if (serial == last[z] && changed[z])
			run_fail(run, "serial did not move", 0);
	}
}

/* Publish, and compare all that readers see with what they must. */
static void
publish(struct run *run)
{
	uint32_t last[LENGTH(apexes)];
	bool changed[LENGTH(apexes)] = { false };
	char *before[MODEL_SERVICES];

	for (size_t z = 0; z < LENGTH(apexes); z++)
		last[z] = stage_serial(&run->stage, apexes[z]);
	for (size_t s = 0; s < MODEL_SERVICES; s++)
		before[s] = model_find(&run->stage, s);
	stage_publish(&run->stage);
	model_publish(&run->model, run->stage.now);
	for (size_t s = 0; s < MODEL_SERVICES; s++) {
		char *found = model_find(&run->stage, s);

		check_served(run, s, found);
		if (!run->clock_may_go_back &&
		    strcmp(found, run->model.rrsets[s]) != 0) {
			log_rrset(run, "found", found);
			log_rrset(run, "expected", run->model.rrsets[s]);
			run_fail(run, "differs", s);
		}
		for (size_t z = 0; z < LENGTH(apexes); z++)
			changed[z] |= strstr(model_owners[s], apexes[z]) !=
					  NULL &&
				      strcmp(before[s], found) != 0;
		free(before[s]);
		free(found);
	}
	check_serials(run, last, changed);
	if (!run->clock_may_go_back && run_random(run, 4) == 0)
		check_wake(run);
}

/* Apply the same thing to the store and the model. */
static void
step_chain(struct run *run, int lineage, const char *name)
{
	int number = (int)run_random(run, MODEL_CERTS);
	const struct model_cert *cert = &model_certs[number];
	bool is_new = model_set_chain(&run->model, lineage,
	    chain_ref(run->chains[number]), run->stage.now);

	buf_add_format(&run->log, "chain %s/%d %d\n", name,
	    lineage % MODEL_SOURCES, number);
	assert_int_equal(
	    stage_set(&run->stage, (unsigned)lineage % MODEL_SOURCES, name,
		&cert->pki,
		cert->is_sent ? &model_issuers[cert->issuer] : NULL),
	    is_new);
}

static void
step_problem(struct run *run, int lineage, const char *name)
{
	bool is_new = model_set_problem(&run->model, lineage);

	buf_add_format(
	    &run->log, "problem %s/%d\n", name, lineage % MODEL_SOURCES);
	assert_int_equal(
	    store_set_problem(run->stage.store,
		(unsigned)lineage % MODEL_SOURCES, name, "is broken"),
	    is_new);
}

static void
step_deleted(struct run *run, int lineage, const char *name)
{
	bool is_new = model_set_deleted(&run->model, lineage, run->stage.now);

	buf_add_format(
	    &run->log, "deleted %s/%d\n", name, lineage % MODEL_SOURCES);
	assert_int_equal(
	    store_set_deleted(run->stage.store,
		(unsigned)lineage % MODEL_SOURCES, name, run->stage.now),
	    is_new);
}

static void
step_source(struct run *run)
{
	unsigned source = run_random(run, MODEL_SOURCES);
	bool problem = run_random(run, 3) == 0;

	buf_add_format(
	    &run->log, "source %u %s\n", source, problem ? "fails" : "is good");
	(void)store_set_source_problem(
	    run->stage.store, source, problem ? "no access" : NULL);
	run->model.source_problem[source] = problem;
}

/* Let time pass: a little, much, or to the very second of a change. */
static void
step_clock(struct run *run)
{
	static const int64_t spans[] = { 0, 1, 7, 49, 50, 300, 999, 1000 };
	int64_t next = model_next(&run->model, run->stage.now);

	if (run->clock_may_go_back && run_random(run, 4) == 0)
		run->stage.now -= run_random(run, 3000);
	else if (next > run->stage.now && run_random(run, 3) == 0)
		run->stage.now = next - run_random(run, 2);
	else
		run->stage.now += spans[run_random(run, LENGTH(spans))];
	buf_add_format(
	    &run->log, "clock %lld\n", (long long)(run->stage.now - STAGE_NOW));
}

static void
step(struct run *run)
{
	uint32_t what = run_random(run, 100);
	int lineage = (int)run_random(run, MODEL_LINEAGES);
	char name[] = "l?";

	name[1] = (char)('0' + lineage / MODEL_SOURCES);
	if (what < 25) {
		step_chain(run, lineage, name);
	} else if (what < 35) {
		step_problem(run, lineage, name);
	} else if (what < 50) {
		step_deleted(run, lineage, name);
	} else if (what < 54) {
		step_source(run);
	} else if (what < 58) {
		buf_add_string(&run->log, "reload\n");
		publish(run);
		stage_reload(&run->stage, model_yaml);
	} else if (what < 78) {
		step_clock(run);
	} else {
		buf_add_string(&run->log, "publish\n");
		publish(run);
	}
}

static void
run_init(struct run *run, uint32_t seed, bool clock_may_go_back)
{
	struct problem problem;

	*run = (struct run){ .random = seed,
		.clock_may_go_back = clock_may_go_back };
	stage_init(&run->stage, model_yaml);
	stage_publish(&run->stage);
	assert_int_equal(config_parse("model", model_yaml, strlen(model_yaml),
			     &run->config, &problem),
	    STATUS_OK);
	tlsa_pool_init(&run->pool);
	model_init(&run->model, run->config, &run->pool);
	for (size_t i = 0; i < MODEL_CERTS; i++)
		run->chains[i] = stage_chain(&run->stage, &model_certs[i].pki,
		    model_certs[i].is_sent
			? &model_issuers[model_certs[i].issuer]
			: NULL);
	buf_add_format(&run->log, "seed %u\n", seed);
}

static void
run_fini(struct run *run)
{
	for (size_t i = 0; i < MODEL_CERTS; i++)
		chain_unref(run->chains[i]);
	model_fini(&run->model);
	tlsa_pool_fini(&run->pool);
	config_free(run->config);
	stage_fini(&run->stage);
	buf_fini(&run->log);
}

static void
run_seed(uint32_t seed, bool clock_may_go_back)
{
	struct run run;

	run_init(&run, seed, clock_may_go_back);
	for (int i = 0; i < STEPS; i++)
		step(&run);
	run_fini(&run);
}

static void
test_model(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 4; seed++)
		run_seed(seed, false);
}

/* Whatever the clock does, nothing live is missing, no serial goes back. */
static void
test_clock_goes_back(void **state)
{
	(void)state;
	for (uint32_t seed = 101; seed <= 102; seed++)
		run_seed(seed, true);
}

static int
certs_make(void **state)
{
	(void)state;
	model_certs_make();
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	model_certs_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_clock_goes_back),
	};

	return cmocka_run_group_tests_name(
	    "store_model", tests, certs_make, certs_free);
}
