/* SPDX-License-Identifier: MIT */
/*
 * The store against a model of it that decides on every service anew at each
 * publication, with random lineages, problems, deletions, reloads and time.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "serial.h"
#include "stage.h"

#define ZONE(name)                                                             \
	"- {name: " name ", nameservers: [ns.example.net],\n"                  \
	"   hostmaster: hostmaster.example.net}\n"

static const char yaml[] =
    "sources: [{type: certbot, path: /a}, {type: files, path: /b}]\n"
    "defaults: {retain: 1000, ttl: 60, records: [\"3 1 1\", \"2 1 1\"]}\n"
    "zones:\n" ZONE("example.net") ZONE("example.org")
    "overlay: [example.com]\n"
    "services:\n"
    "- {host: a.example.org, ports: [25], records: [\"3 1 1\"]}\n"
    "- {host: a.example.org, ports: [443], retain: 50}\n"
    "- {host: b.example.org, ports: [25], records: [\"2 1 1\"]}\n"
    "- {host: named.example.org, ports: [25], lineages: [l1, l0]}\n"
    "- {host: x.example.com, ports: [25], max-records: 2, retain: 0}\n"
    "- {host: y.example.info, ports: [25], lineages: [l2]}\n";

enum {
	NAMES = 4, /* l0, l1, ... */
	SOURCES = 2,
	LINEAGES = NAMES * SOURCES, /* number: name * SOURCES + source */
	SERVICES = 6,
	RETAIN_MAX = 1000,
	GENERATIONS = 8, /* as many as there are chains */
	RRS_MAX = 4 * LINEAGES * GENERATIONS,
	STEPS = 5000,
	LOG_SHOWN = 2000, /* octets of the log of a run that failed */
};

/* The services of the configuration above, as the model sees them. */
static const struct {
	const char *owner;
	const char *host;
	const char *named; /* digits of its lineages, or NULL: by host */
	int64_t retain;
	size_t max;
	bool leaf; /* "3 1 1" */
	bool ca;   /* "2 1 1" */
	size_t zone;
} services[SERVICES] = {
	{ "_25._tcp.a.example.org.", "a.example.org", NULL, 1000, 12, true,
	    false, 1 },
	{ "_443._tcp.a.example.org.", "a.example.org", NULL, 50, 12, true,
	    true, 1 },
	{ "_25._tcp.b.example.org.", "b.example.org", NULL, 1000, 12, false,
	    true, 1 },
	{ "_25._tcp.named.example.org.", "named.example.org", "10", 1000, 12,
	    true, true, 1 },
	{ "_25._tcp.x.example.com.", "x.example.com", NULL, 0, 2, true, true,
	    2 },
	{ "_25._tcp.y.example.info.example.net.", "y.example.info", "2", 1000,
	    12, true, true, 0 },
};

static const char *const apexes[] = { "example.net.", "example.org.",
	"example.com." };

/* Every chain that a lineage may have. */
static struct {
	const char *names;
	int issuer;
	bool is_sent; /* the issuer's certificate */
	int day;      /* when it was issued */
	struct pki pki;
	char *leaf;
} certs[] = {
	{ .names = "a.example.org", .issuer = 0, .is_sent = true },
	{ .names = "a.example.org,b.example.org", .issuer = 1, .is_sent = true,
	    .day = 1 },
	{ .names = "b.example.org", .issuer = 0, .is_sent = true, .day = 2 },
	{ .names = "*.example.org", .issuer = 1, .is_sent = true, .day = 2 },
	{ .names = "*.example.com,a.example.org,*.example.org", .issuer = 0,
	    .is_sent = true },
	{ .names = "x.example.com", .issuer = 0, .day = 3 },
	{ .names = "x.example.com,*.example.com", .issuer = 1, .is_sent = true,
	    .day = 1 },
	{ .names = "elsewhere.example,*.a.example.org", .issuer = 0,
	    .is_sent = true, .day = 4 },
};

static struct {
	struct pki pki;
	char *ca;
} issuers[2];

enum kind { KIND_NONE, KIND_UNKNOWN, KIND_KNOWN };

struct rrset {
	enum kind kind;
	size_t count;
	const char *rdata[RRS_MAX]; /* of certs or issuers */
};

struct model {
	struct model_lineage {
		bool exists;
		bool problem;
		size_t count; /* of generations; 0: never read */
		int cert[GENERATIONS]; /* the current one first */
		int64_t replaced[GENERATIONS];
		int64_t deleted;
	} lineages[LINEAGES];
	bool source_problem[SOURCES];
	struct rrset rrsets[SERVICES];
	int64_t forget_at; /* when something may be forgotten; 0: never */
};

struct run {
	struct stage stage;
	struct model model;
	uint32_t random;
	bool clock_may_go_back;
	struct buf log;
};

static bool
names_cover(const char *names, const char *host)
{
	const char *parent = strchr(host, '.');
	size_t len;

	for (; *names != '\0'; names += len + (names[len] == ',')) {
		const char *against = names[0] == '*' ? parent : host;
		size_t skip = names[0] == '*';

		len = strcspn(names, ",");
		if (len - skip == strlen(against) &&
		    memcmp(names + skip, against, len - skip) == 0)
			return true;
	}
	return false;
}

/* Whether a generation that is remembered names the host. */
static bool
model_covers(const struct model_lineage *lineage, const char *host)
{
	for (size_t g = 0; g < lineage->count; g++)
		if (names_cover(certs[lineage->cert[g]].names, host))
			return true;
	return false;
}

/* List the numbers of the bound lineages in their order; return how many. */
static size_t
model_bound(const struct model *model, size_t service, int *bound)
{
	const char *named = services[service].named;
	size_t count = 0;

	for (int i = 0; i < LINEAGES; i++) {
		const struct model_lineage *lineage = &model->lineages[i];

		if (lineage->exists &&
		    (named != NULL
			    ? strchr(named, '0' + i / SOURCES) != NULL
			    : model_covers(lineage, services[service].host)))
			bound[count++] = i;
	}
	return count;
}

/* Room is not asked for what is served now. */
static void
rrset_add(struct rrset *rrset, const char *rdata, size_t max)
{
	for (size_t i = 0; i < rrset->count; i++)
		if (rrset->rdata[i] == rdata)
			return;
	if (rrset->count < max)
		rrset->rdata[rrset->count++] = rdata;
}

static bool
is_over(const struct model *model, size_t service, int lineage, int64_t now)
{
	int64_t deleted = model->lineages[lineage].deleted;

	return deleted != 0 && deleted + services[service].retain <= now;
}

static bool
is_newer(const struct model_lineage *lineage, size_t g)
{
	return certs[lineage->cert[g]].day > certs[lineage->cert[0]].day;
}

static bool
is_retained(
    const struct model_lineage *lineage, size_t g, int64_t retain, int64_t now)
{
	return is_newer(lineage, g) || lineage->replaced[g] + retain > now;
}

/* The four steps, in the order of priority. */
enum step { LEAF, ISSUER, OLD_LEAF, OLD_ISSUER, STEPS_OF_POLICY };

static void
model_step(const struct model_lineage *lineage, size_t service, enum step step,
    int64_t now, struct rrset *rrset)
{
	bool leaf = step == LEAF || step == OLD_LEAF;
	bool old = step == OLD_LEAF || step == OLD_ISSUER;
	bool served = step == LEAF ||
		      (step == ISSUER && !services[service].leaf);

	if (!(leaf ? services[service].leaf : services[service].ca))
		return;
	if (step == OLD_ISSUER && !certs[lineage->cert[0]].is_sent)
		return;
	for (size_t g = old ? 1 : 0; g < (old ? lineage->count : 1); g++) {
		int cert = lineage->cert[g];

		if (old &&
		    !is_retained(lineage, g, services[service].retain, now))
			continue;
		if (leaf || certs[cert].is_sent)
			rrset_add(rrset,
			    leaf ? certs[cert].leaf
				 : issuers[certs[cert].issuer].ca,
			    served ? RRS_MAX : services[service].max);
	}
}

static void
model_decide(const struct model *model, size_t service, int64_t now,
    const int *bound, size_t count, struct rrset *rrset)
{
	for (int step = 0; step < STEPS_OF_POLICY; step++)
		for (size_t b = 0; b < count; b++)
			if (model->lineages[bound[b]].count > 0 &&
			    !is_over(model, service, bound[b], now))
				model_step(&model->lineages[bound[b]], service,
				    (enum step)step, now, rrset);
}

/* A lineage of that name is there, whatever its source. */
static bool
model_has(const struct model *model, char digit)
{
	for (int s = 0; s < SOURCES; s++)
		if (model->lineages[(digit - '0') * SOURCES + s].exists)
			return true;
	return false;
}

/* Whether something may be missing that cannot be told. */
static bool
model_incomplete(
    const struct model *model, size_t service, const int *bound, size_t count)
{
	const char *named = services[service].named;
	bool fails = false;
	bool blind = false;

	for (int s = 0; s < SOURCES; s++)
		fails |= model->source_problem[s];
	for (int i = 0; i < LINEAGES; i++)
		blind |= model->lineages[i].exists &&
			 model->lineages[i].count == 0;
	if (named == NULL)
		return count == 0 && (fails || blind);
	for (size_t b = 0; b < count; b++)
		if (model->lineages[bound[b]].count == 0)
			return true;
	for (; *named != '\0'; named++)
		if (fails && !model_has(model, *named))
			return true;
	return false;
}

/* All that can be read was deleted, and retained long enough. */
static bool
model_ended(const struct model *model, size_t service, int64_t now,
    const int *bound, size_t count)
{
	bool any = false;

	for (size_t b = 0; b < count; b++) {
		if (model->lineages[bound[b]].count == 0)
			continue;
		if (!is_over(model, service, bound[b], now))
			return false;
		any = true;
	}
	return any;
}

static void
model_publish_one(struct model *model, size_t service, int64_t now)
{
	struct rrset *was = &model->rrsets[service];
	struct rrset rrset = { 0 };
	int bound[LINEAGES];
	size_t count = model_bound(model, service, bound);
	bool incomplete = model_incomplete(model, service, bound, count);

	model_decide(model, service, now, bound, count, &rrset);
	if (rrset.count > 0 && (was->kind == KIND_KNOWN || !incomplete))
		rrset.kind = KIND_KNOWN;
	else if (was->kind == KIND_KNOWN &&
		 !model_ended(model, service, now, bound, count))
		return;
	else
		rrset = (struct rrset){
			.kind = incomplete ? KIND_UNKNOWN : KIND_NONE
		};
	*was = rrset;
}

static void
lineage_forget(struct model_lineage *lineage, int64_t now)
{
	size_t kept = 1;

	for (size_t g = 1; g < lineage->count; g++) {
		if (!is_retained(lineage, g, RETAIN_MAX, now))
			continue;
		lineage->cert[kept] = lineage->cert[g];
		lineage->replaced[kept++] = lineage->replaced[g];
	}
	if (lineage->count > 0)
		lineage->count = kept;
	if (lineage->deleted != 0 && lineage->deleted + RETAIN_MAX <= now)
		*lineage = (struct model_lineage){ .exists = false };
}

static void
model_set_forget(struct model *model, int64_t when)
{
	if (model->forget_at == 0 || when < model->forget_at)
		model->forget_at = when;
}

/* What is newer than the current generation has no end. */
static void
model_forget(struct model *model, int64_t now)
{
	model->forget_at = 0;
	for (int i = 0; i < LINEAGES; i++) {
		struct model_lineage *lineage = &model->lineages[i];

		lineage_forget(lineage, now);
		if (lineage->exists && lineage->deleted != 0)
			model_set_forget(model, lineage->deleted + RETAIN_MAX);
		for (size_t g = 1; g < lineage->count; g++)
			if (!is_newer(lineage, g))
				model_set_forget(
				    model, lineage->replaced[g] + RETAIN_MAX);
	}
}

static void
model_publish(struct model *model, int64_t now)
{
	for (size_t i = 0; i < SERVICES; i++)
		model_publish_one(model, i, now);
	if (model->forget_at != 0 && model->forget_at <= now)
		model_forget(model, now);
	for (size_t i = 0; i < SERVICES; i++)
		model_publish_one(model, i, now);
}

/* As stage_find() says it; free() it. */
static char *
rrset_text(const struct rrset *rrset)
{
	struct buf text = { 0 };
	char *copy;

	if (rrset->kind != KIND_KNOWN)
		return mem_string(
		    rrset->kind == KIND_NONE ? "nothing" : "unknown");
	for (size_t i = 0; i < rrset->count; i++)
		buf_add_format(
		    &text, "%s%s", i > 0 ? "\n" : "", rrset->rdata[i]);
	copy = mem_string(buf_text(&text));
	buf_fini(&text);
	return copy;
}

/* Note an RRset in short: the certificates by their numbers in certs[]. */
static void
log_rrset(struct run *run, const char *what, const char *text)
{
	buf_add_format(&run->log, "%s:", what);
	for (size_t i = 0; i < LENGTH(certs); i++)
		if (strstr(text, certs[i].leaf) != NULL)
			buf_add_format(&run->log, " leaf %zu", i);
	for (size_t i = 0; i < LENGTH(issuers); i++)
		if (strstr(text, issuers[i].ca) != NULL)
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
	fail_msg("%s: %s", services[service].owner, what);
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
	int bound[LINEAGES];
	size_t count = model_bound(&run->model, service, bound);

	for (size_t b = 0; b < count; b++) {
		const struct model_lineage *lineage = &run->model
							   .lineages[bound[b]];

		if (lineage->count > 0 && lineage->deleted == 0 &&
		    services[service].leaf && strcmp(found, "unknown") != 0 &&
		    strstr(found, certs[lineage->cert[0]].leaf) == NULL)
			run_fail(run, "a served leaf is missing", service);
	}
}

/* Note `end` if the model changes then, and not before `*next`. */
static void
next_note(const struct model *model, int64_t now, int64_t end, int64_t *next)
{
	struct model later = *model;

	if (end <= now || (*next >= 0 && end >= *next))
		return;
	model_publish(&later, end);
	if (memcmp(later.rrsets, model->rrsets, sizeof(later.rrsets)) != 0)
		*next = end;
}

/* Return when the model changes by time alone, or -1. */
static int64_t
model_next(const struct model *model, int64_t now)
{
	static const int64_t retains[] = { 0, 50, RETAIN_MAX };
	int64_t next = -1;

	for (int i = 0; i < LINEAGES; i++) {
		const struct model_lineage *lineage = &model->lineages[i];

		for (size_t r = 0; r < LENGTH(retains); r++) {
			if (lineage->exists && lineage->deleted != 0)
				next_note(model, now,
				    lineage->deleted + retains[r], &next);
			for (size_t g = 1; g < lineage->count; g++)
				next_note(model, now,
				    lineage->replaced[g] + retains[r], &next);
		}
	}
	return next;
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
	uint32_t serial[LENGTH(apexes)] = { 0 };
	bool changed[LENGTH(apexes)] = { false };
	char *before[SERVICES] = { NULL };

	for (size_t z = 0; !first && z < LENGTH(apexes); z++)
		serial[z] = stage_serial(stage, apexes[z]);
	for (size_t s = 0; !first && s < SERVICES; s++)
		before[s] = stage_find(stage, services[s].owner);
	stage_publish(stage);
	model_publish(&run->model, stage->now);
	for (size_t s = 0; s < SERVICES; s++) {
		char *found = stage_find(stage, services[s].owner);
		char *expected = rrset_text(&run->model.rrsets[s]);

		check_served(run, s, found);
		if (!run->clock_may_go_back && strcmp(found, expected) != 0) {
			log_rrset(run, "found", found);
			log_rrset(run, "expected", expected);
			run_fail(run, "differs", s);
		}
		if (before[s] != NULL && strcmp(before[s], found) != 0)
			changed[services[s].zone] = true;
		free(before[s]);
		free(expected);
		free(found);
	}
	for (size_t z = 0; z < LENGTH(apexes); z++) {
		uint32_t now = stage_serial(stage, apexes[z]);

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

/* The chain becomes current; one that was before comes back as itself. */
static bool
lineage_advance_model(struct model_lineage *lineage, int cert, int64_t now)
{
	size_t at = 0;

	while (at < lineage->count && lineage->cert[at] != cert)
		at++;
	if (at == 0 && lineage->count > 0)
		return false;
	if (at == lineage->count)
		lineage->count++;
	if (lineage->count > 1 && lineage->replaced[0] == 0)
		lineage->replaced[0] = now;
	memmove(&lineage->cert[1], &lineage->cert[0],
	    at * sizeof(lineage->cert[0]));
	memmove(&lineage->replaced[1], &lineage->replaced[0],
	    at * sizeof(lineage->replaced[0]));
	lineage->cert[0] = cert;
	lineage->replaced[0] = 0;
	return true;
}

static void
step_chain(struct run *run, int lineage, const char *name)
{
	int cert = (int)run_random(run, LENGTH(certs));
	struct model_lineage *model = &run->model.lineages[lineage];

	buf_add_format(&run->log, "chain %s/%d %d\n", name, lineage % SOURCES,
	    cert);
	(void)stage_set(&run->stage, (unsigned)lineage % SOURCES, name,
	    &certs[cert].pki,
	    certs[cert].is_sent ? &issuers[certs[cert].issuer].pki : NULL);
	model->exists = true;
	model->problem = false;
	model->deleted = 0;
	if (lineage_advance_model(model, cert, run->stage.now) &&
	    model->count > 1)
		model_set_forget(&run->model, run->stage.now + RETAIN_MAX);
}

static void
step_problem(struct run *run, int lineage, const char *name)
{
	bool had = run->model.lineages[lineage].exists &&
		   run->model.lineages[lineage].problem;

	buf_add_format(
	    &run->log, "problem %s/%d\n", name, lineage % SOURCES);
	assert_int_equal(store_set_problem(run->stage.store,
			     (unsigned)lineage % SOURCES, name, "is broken"),
	    !had);
	run->model.lineages[lineage].exists = true;
	run->model.lineages[lineage].problem = true;
	run->model.lineages[lineage].deleted = 0;
}

static void
step_deleted(struct run *run, int lineage, const char *name)
{
	bool known = run->model.lineages[lineage].exists &&
		     run->model.lineages[lineage].deleted == 0;

	buf_add_format(
	    &run->log, "deleted %s/%d\n", name, lineage % SOURCES);
	assert_int_equal(
	    store_set_deleted(run->stage.store, (unsigned)lineage % SOURCES,
		name, run->stage.now),
	    known);
	if (!known)
		return;
	run->model.lineages[lineage].problem = false;
	run->model.lineages[lineage].deleted = run->stage.now;
	if (run->model.lineages[lineage].count == 0)
		run->model.lineages[lineage] = (struct model_lineage){
			.exists = false
		};
	else
		model_set_forget(&run->model, run->stage.now + RETAIN_MAX);
}

static void
step_source(struct run *run)
{
	unsigned source = run_random(run, SOURCES);
	bool problem = run_random(run, 3) == 0;

	buf_add_format(&run->log, "source %u %s\n", source,
	    problem ? "fails" : "is good");
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
	buf_add_format(&run->log, "clock %lld\n",
	    (long long)(run->stage.now - STAGE_NOW));
}

static void
step(struct run *run)
{
	uint32_t what = run_random(run, 100);
	int lineage = (int)run_random(run, LINEAGES);
	char name[] = "l?";

	name[1] = (char)('0' + lineage / SOURCES);
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
		stage_reload(&run->stage, yaml);
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

	stage_init(&run.stage, yaml);
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
	for (uint32_t seed = 1; seed <= 5; seed++)
		run_seed(seed, false);
}

/* Whatever the clock does, nothing live is missing, no serial goes back. */
static void
test_clock_goes_back(void **state)
{
	(void)state;
	for (uint32_t seed = 101; seed <= 103; seed++)
		run_seed(seed, true);
}

static int
certs_make(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(issuers); i++) {
		pki_make_ca(i > 0 ? "CA 1" : "CA 0", NULL, &issuers[i].pki);
		issuers[i].ca = pki_tlsa(&issuers[i].pki, 2, 1, 1);
	}
	for (size_t i = 0; i < LENGTH(certs); i++) {
		pki_make_leaf_at(certs[i].names,
		    STAGE_NOW + certs[i].day * 86400,
		    &issuers[certs[i].issuer].pki, &certs[i].pki);
		certs[i].leaf = pki_tlsa(&certs[i].pki, 3, 1, 1);
	}
	return 0;
}

static int
certs_free(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(issuers); i++) {
		pki_fini(&issuers[i].pki);
		free(issuers[i].ca);
	}
	for (size_t i = 0; i < LENGTH(certs); i++) {
		pki_fini(&certs[i].pki);
		free(certs[i].leaf);
	}
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
