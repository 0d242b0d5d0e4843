/* SPDX-License-Identifier: MIT */
/*
 * The store against its model (tests/lib/model.h), with random lineages,
 * problems, deletions, reloads and time.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "serial.h"
#include "stage.h"

enum {
	STEPS = 5000,
	LOG_SHOWN = 2000, /* octets of the log of a run that failed */
};

struct run {
	struct stage stage;
	struct model model;
	uint32_t random;
	bool clock_may_go_back;
	struct buf log;
};

/* Note an RRset in short: the certificates by their numbers in model_certs[].
 */
static void
log_rrset(struct run *run, const char *what, const char *text)
{
	buf_add_format(&run->log, "%s:", what);
	for (size_t i = 0; i < MODEL_CERTS; i++)
		if (strstr(text, model_certs[i].leaf) != NULL)
			buf_add_format(&run->log, " leaf %zu", i);
	for (size_t i = 0; i < MODEL_ISSUERS; i++)
		if (strstr(text, model_issuers[i].ca) != NULL)
			buf_add_format(&run->log, " CA %zu", i);
	buf_add_format(&run->log, " %.7s\n", text);
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
	fail_msg("%s: %s", model_services[service].owner, what);
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
	int bound[MODEL_LINEAGES];
	size_t count = model_bound(&run->model, service, bound);

	for (size_t b = 0; b < count; b++) {
		const struct model_lineage *lineage = &run->model
							   .lineages[bound[b]];

		if (lineage->count > 0 && lineage->deleted == 0 &&
		    model_services[service].leaf &&
		    strcmp(found, "unknown") != 0 &&
		    strstr(found, model_certs[lineage->cert[0]].leaf) == NULL)
			run_fail(run, "a served leaf is missing", service);
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

/* Publish, and compare all that readers see with what they must. */
static void
publish(struct run *run)
{
	struct stage *stage = &run->stage;
	bool first = stage->snapshot == NULL;
	uint32_t serial[MODEL_APEXES] = { 0 };
	bool changed[MODEL_APEXES] = { false };
	char *before[MODEL_SERVICES] = { NULL };

	for (size_t z = 0; !first && z < MODEL_APEXES; z++)
		serial[z] = stage_serial(stage, model_apexes[z]);
	for (size_t s = 0; !first && s < MODEL_SERVICES; s++)
		before[s] = stage_find(stage, model_services[s].owner);
	stage_publish(stage);
	model_publish(&run->model, stage->now);
	for (size_t s = 0; s < MODEL_SERVICES; s++) {
		char *found = stage_find(stage, model_services[s].owner);
		char *expected = model_text(&run->model.rrsets[s]);

		check_served(run, s, found);
		if (!run->clock_may_go_back && strcmp(found, expected) != 0) {
			log_rrset(run, "found", found);
			log_rrset(run, "expected", expected);
			run_fail(run, "differs", s);
		}
		if (before[s] != NULL && strcmp(before[s], found) != 0)
			changed[model_services[s].apex] = true;
		free(before[s]);
		free(expected);
		free(found);
	}
	for (size_t z = 0; z < MODEL_APEXES; z++) {
		uint32_t now = stage_serial(stage, model_apexes[z]);

		if (!first && now != serial[z] &&
		    (stage->reports == 0 || !serial_is_after(now, serial[z])))
			run_fail(run, "serial moved", 0);
		/* The third is an overlay: its serial is another's. */
		if (z < 2 && changed[z] && now == serial[z])
			run_fail(run, "serial did not move", 0);
	}
	if (!run->clock_may_go_back)
		check_wake(run);
}

/* Apply the same thing to the store and the model. */
static void
step_chain(struct run *run, int lineage, const char *name)
{
	int number = (int)run_random(run, MODEL_CERTS);
	const struct model_cert *cert = &model_certs[number];
	bool is_new = model_set_chain(
	    &run->model, lineage, number, run->stage.now);

	buf_add_format(&run->log, "chain %s/%d %d\n", name,
	    lineage % MODEL_SOURCES, number);
	assert_int_equal(
	    stage_set(&run->stage, (unsigned)lineage % MODEL_SOURCES, name,
		&cert->pki,
		cert->is_sent ? &model_issuers[cert->issuer].pki : NULL),
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
run_seed(uint32_t seed, bool clock_may_go_back)
{
	struct run run = { .random = seed,
		.clock_may_go_back = clock_may_go_back };

	stage_init(&run.stage, model_yaml);
	buf_add_format(&run.log, "seed %u\n", seed);
	publish(&run);
	for (int i = 0; i < STEPS; i++)
		step(&run);
	stage_fini(&run.stage);
	buf_fini(&run.log);
}

static void
test_model(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 3; seed++)
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
