/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "stage.h"
#include "unit.h"

const char model_yaml[] =
    "sources: [{type: certbot, path: /a}, {type: files, path: /b}]\n"
    "defaults: {retain: 1000, ttl: 60, records: [\"3 1 1\", \"2 1 1\"]}\n"
    "zones:\n"
    "- {name: example.net, nameservers: [ns.example.net]}\n"
    "- {name: example.org, nameservers: [ns.example.net]}\n"
    "overlay: [example.com]\n"
    "services:\n"
    "- {host: a.example.org, ports: [25], records: [\"3 1 1\"]}\n"
    "- {host: a.example.org, ports: [443], retain: 50}\n"
    "- {host: b.example.org, ports: [25], records: [\"2 1 1\"]}\n"
    "- {host: named.example.org, ports: [25], lineages: [l1, l0]}\n"
    "- {host: x.example.com, ports: [25], max-records: 2, retain: 0}\n"
    "- {host: y.example.info, ports: [25], lineages: [l2]}\n";

const struct model_service model_services[MODEL_SERVICES] = {
	{ "_25._tcp.a.example.org.", "a.example.org", NULL, 1000, 12, true,
	    false, 1 },
	{ "_443._tcp.a.example.org.", "a.example.org", NULL, 50, 12, true, true,
	    1 },
	{ "_25._tcp.b.example.org.", "b.example.org", NULL, 1000, 12, false,
	    true, 1 },
	{ "_25._tcp.named.example.org.", "named.example.org", "10", 1000, 12,
	    true, true, 1 },
	{ "_25._tcp.x.example.com.", "x.example.com", NULL, 0, 2, true, true,
	    2 },
	{ "_25._tcp.y.example.info.example.net.", "y.example.info", "2", 1000,
	    12, true, true, 0 },
};

const char *const model_apexes[] = { "example.net.", "example.org.",
	"example.com." };

struct model_cert model_certs[] = {
	{ .names = "a.example.org", .issuer = 0, .is_sent = true },
	{ .names = "a.example.org,b.example.org",
	    .issuer = 1,
	    .is_sent = true,
	    .day = 1 },
	{ .names = "b.example.org", .issuer = 0, .is_sent = true, .day = 2 },
	{ .names = "*.example.org", .issuer = 1, .is_sent = true, .day = 2 },
	{ .names = "*.example.com,a.example.org,*.example.org",
	    .issuer = 0,
	    .is_sent = true },
	{ .names = "x.example.com", .issuer = 0, .day = 3 },
	{ .names = "x.example.com,*.example.com",
	    .issuer = 1,
	    .is_sent = true,
	    .day = 1 },
	{ .names = "elsewhere.example,*.a.example.org",
	    .issuer = 0,
	    .is_sent = true,
	    .day = 4 },
};

struct model_issuer model_issuers[MODEL_ISSUERS];

void
model_certs_make(void)
{
	for (size_t i = 0; i < MODEL_ISSUERS; i++) {
		pki_make_ca(
		    i > 0 ? "CA 1" : "CA 0", NULL, &model_issuers[i].pki);
		model_issuers[i].ca = pki_tlsa(&model_issuers[i].pki, 2, 1, 1);
	}
	for (size_t i = 0; i < MODEL_CERTS; i++) {
		pki_make_leaf_at(model_certs[i].names,
		    STAGE_NOW + model_certs[i].day * 86400,
		    &model_issuers[model_certs[i].issuer].pki,
		    &model_certs[i].pki);
		model_certs[i].leaf = pki_tlsa(&model_certs[i].pki, 3, 1, 1);
	}
}

void
model_certs_free(void)
{
	for (size_t i = 0; i < MODEL_ISSUERS; i++) {
		pki_fini(&model_issuers[i].pki);
		free(model_issuers[i].ca);
	}
	for (size_t i = 0; i < MODEL_CERTS; i++) {
		pki_fini(&model_certs[i].pki);
		free(model_certs[i].leaf);
	}
}

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
		if (names_cover(model_certs[lineage->cert[g]].names, host))
			return true;
	return false;
}

size_t
model_bound(const struct model *model, size_t service, int *bound)
{
	const char *named = model_services[service].named;
	size_t count = 0;

	for (int i = 0; i < MODEL_LINEAGES; i++) {
		const struct model_lineage *lineage = &model->lineages[i];

		if (lineage->exists &&
		    (named != NULL
			    ? strchr(named, '0' + i / MODEL_SOURCES) != NULL
			    : model_covers(
				  lineage, model_services[service].host)))
			bound[count++] = i;
	}
	return count;
}

/* Room is not asked for what is served now. */
static void
rrset_add(struct model_rrset *rrset, const char *rdata, size_t max)
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

	return deleted != 0 && deleted + model_services[service].retain <= now;
}

static bool
is_newer(const struct model_lineage *lineage, size_t g)
{
	return model_certs[lineage->cert[g]].day >
	       model_certs[lineage->cert[0]].day;
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
    int64_t now, struct model_rrset *rrset)
{
	bool leaf = step == LEAF || step == OLD_LEAF;
	bool old = step == OLD_LEAF || step == OLD_ISSUER;
	bool served = step == LEAF ||
		      (step == ISSUER && !model_services[service].leaf);

	if (!(leaf ? model_services[service].leaf : model_services[service].ca))
		return;
	if (step == OLD_ISSUER && !model_certs[lineage->cert[0]].is_sent)
		return;
	for (size_t g = old ? 1 : 0; g < (old ? lineage->count : 1); g++) {
		int cert = lineage->cert[g];

		if (old && !is_retained(
			       lineage, g, model_services[service].retain, now))
			continue;
		if (leaf || model_certs[cert].is_sent)
			rrset_add(rrset,
			    leaf ? model_certs[cert].leaf
				 : model_issuers[model_certs[cert].issuer].ca,
			    served ? MODEL_RRS : model_services[service].max);
	}
}

static void
model_decide(const struct model *model, size_t service, int64_t now,
    const int *bound, size_t count, struct model_rrset *rrset)
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
	for (int s = 0; s < MODEL_SOURCES; s++)
		if (model->lineages[(digit - '0') * MODEL_SOURCES + s].exists)
			return true;
	return false;
}

/* Whether something may be missing that cannot be told. */
static bool
model_incomplete(
    const struct model *model, size_t service, const int *bound, size_t count)
{
	const char *named = model_services[service].named;
	bool fails = false;
	bool blind = false;

	for (int s = 0; s < MODEL_SOURCES; s++)
		fails |= model->source_problem[s];
	for (int i = 0; i < MODEL_LINEAGES; i++)
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
	struct model_rrset *was = &model->rrsets[service];
	struct model_rrset rrset = { 0 };
	int bound[MODEL_LINEAGES];
	size_t count = model_bound(model, service, bound);
	bool incomplete = model_incomplete(model, service, bound, count);

	model_decide(model, service, now, bound, count, &rrset);
	if (rrset.count > 0 && (was->kind == MODEL_KNOWN || !incomplete))
		rrset.kind = MODEL_KNOWN;
	else if (was->kind == MODEL_KNOWN &&
		 !model_ended(model, service, now, bound, count))
		return;
	else
		rrset = (struct model_rrset){
			.kind = incomplete ? MODEL_UNKNOWN : MODEL_NOTHING
		};
	*was = rrset;
}

static void
lineage_forget(struct model_lineage *lineage, int64_t now)
{
	size_t kept = 1;

	for (size_t g = 1; g < lineage->count; g++) {
		if (!is_retained(lineage, g, MODEL_RETAIN_MAX, now))
			continue;
		lineage->cert[kept] = lineage->cert[g];
		lineage->replaced[kept++] = lineage->replaced[g];
	}
	if (lineage->count > 0)
		lineage->count = kept;
	if (lineage->deleted != 0 && lineage->deleted + MODEL_RETAIN_MAX <= now)
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
	for (int i = 0; i < MODEL_LINEAGES; i++) {
		struct model_lineage *lineage = &model->lineages[i];

		lineage_forget(lineage, now);
		if (lineage->exists && lineage->deleted != 0)
			model_set_forget(
			    model, lineage->deleted + MODEL_RETAIN_MAX);
		for (size_t g = 1; g < lineage->count; g++)
			if (!is_newer(lineage, g))
				model_set_forget(model,
				    lineage->replaced[g] + MODEL_RETAIN_MAX);
	}
}

void
model_publish(struct model *model, int64_t now)
{
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		model_publish_one(model, i, now);
	if (model->forget_at != 0 && model->forget_at <= now)
		model_forget(model, now);
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		model_publish_one(model, i, now);
}

char *
model_text(const struct model_rrset *rrset)
{
	struct buf text = { 0 };
	char *copy;

	if (rrset->kind != MODEL_KNOWN)
		return mem_string(
		    rrset->kind == MODEL_NOTHING ? "nothing" : "unknown");
	for (size_t i = 0; i < rrset->count; i++)
		buf_add_format(
		    &text, "%s%s", i > 0 ? "\n" : "", rrset->rdata[i]);
	copy = mem_string(buf_text(&text));
	buf_fini(&text);
	return copy;
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

int64_t
model_next(const struct model *model, int64_t now)
{
	static const int64_t retains[] = { 0, 50, MODEL_RETAIN_MAX };
	int64_t next = -1;

	for (int i = 0; i < MODEL_LINEAGES; i++) {
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

/* The chain becomes current; one that was before comes back as itself. */
static bool
generation_advance(struct model_lineage *lineage, int cert, int64_t now)
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

bool
model_set_chain(struct model *model, int lineage, int cert, int64_t now)
{
	struct model_lineage *one = &model->lineages[lineage];

	one->exists = true;
	one->problem = false;
	one->deleted = 0;
	if (!generation_advance(one, cert, now))
		return false;
	if (one->count > 1)
		model_set_forget(model, now + MODEL_RETAIN_MAX);
	return true;
}

bool
model_set_problem(struct model *model, int lineage)
{
	struct model_lineage *one = &model->lineages[lineage];
	bool had = one->exists && one->problem;

	one->exists = true;
	one->problem = true;
	one->deleted = 0;
	return !had;
}

bool
model_set_deleted(struct model *model, int lineage, int64_t now)
{
	struct model_lineage *one = &model->lineages[lineage];

	if (!one->exists || one->deleted != 0)
		return false;
	one->problem = false;
	one->deleted = now;
	if (one->count == 0)
		*one = (struct model_lineage){ .exists = false };
	else
		model_set_forget(model, now + MODEL_RETAIN_MAX);
	return true;
}
