/* SPDX-License-Identifier: MIT */
#include "store_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/policy.h"
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
    "- {host: x.example.com, ports: [25], retain: 0}\n"
    "- {host: y.example.info, ports: [25], lineages: [l2]}\n";

const char *const model_owners[MODEL_SERVICES] = {
	"_25._tcp.a.example.org.",
	"_443._tcp.a.example.org.",
	"_25._tcp.b.example.org.",
	"_25._tcp.named.example.org.",
	"_25._tcp.x.example.com.",
	"_25_tcp_y_example_info.example.net.",
};

void
model_init(
    struct model *model, const struct config *config, struct tlsa_pool *pool)
{
	*model = (struct model){ .config = config, .pool = pool };
	assert_int_equal(config->service_count, MODEL_SERVICES);
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		model->rrsets[i] = mem_string("nothing");
}

void
model_fini(struct model *model)
{
	for (int i = 0; i < MODEL_LINEAGES; i++)
		lineage_free(model->lineages[i]);
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		free(model->rrsets[i]);
}

static struct lineage *
lineage_copy(const struct lineage *lineage)
{
	struct lineage *copy = lineage_new(lineage->name, lineage->source);

	for (size_t g = 0; g < lineage->generation_count; g++)
		lineage_restore(copy, chain_ref(lineage->generations[g].chain),
		    lineage->generations[g].since,
		    lineage->generations[g].replaced);
	copy->deleted = lineage->deleted;
	return copy;
}

static void
model_copy(const struct model *model, struct model *ret_copy)
{
	*ret_copy = *model;
	for (int i = 0; i < MODEL_LINEAGES; i++)
		if (model->lineages[i] != NULL)
			ret_copy->lineages[i] = lineage_copy(
			    model->lineages[i]);
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		ret_copy->rrsets[i] = mem_string(model->rrsets[i]);
}

/* Whether a generation that is remembered names the host. */
static bool
lineage_covers(const struct lineage *lineage, const char *host)
{
	struct dname dname;

	assert_int_equal(dname_parse(host, strlen(host), &dname), STATUS_OK);
	for (size_t g = 0; g < lineage->generation_count; g++)
		if (cert_covers(lineage->generations[g].chain->leaf, &dname))
			return true;
	return false;
}

static bool
is_named(const struct config_service *service, const char *name)
{
	for (size_t i = 0; i < service->lineage_count; i++)
		if (strcmp(service->lineages[i], name) == 0)
			return true;
	return false;
}

static bool
is_bound(const struct config_service *service, const struct lineage *lineage)
{
	return service->lineages != NULL
		   ? is_named(service, lineage->name)
		   : lineage_covers(lineage, service->host);
}

size_t
model_bound(const struct model *model, size_t service,
    const struct lineage *bound[MODEL_LINEAGES])
{
	size_t count = 0;

	for (int i = 0; i < MODEL_LINEAGES; i++)
		if (model->lineages[i] != NULL &&
		    is_bound(
			&model->config->services[service], model->lineages[i]))
			bound[count++] = model->lineages[i];
	return count;
}

/* What is asked about a service, and what is known of the answer. */
struct question {
	const struct model *model;
	const struct config_service *service;
	int64_t now;
	const struct lineage *readable[MODEL_LINEAGES];
	size_t count;
	bool unreadable; /* some bound lineage was never read */
	bool live;       /* some bound lineage is there, or retained */
};

static void
question_fill(struct question *question, size_t service)
{
	const struct lineage *bound[MODEL_LINEAGES];
	size_t count = model_bound(question->model, service, bound);
	int64_t retain;

	question->service = &question->model->config->services[service];
	retain = question->service->policy.retain;
	for (size_t i = 0; i < count; i++) {
		if (bound[i]->generation_count == 0)
			question->unreadable = true;
		else
			question->readable[question->count++] = bound[i];
		question->live |= bound[i]->deleted == 0 ||
				  bound[i]->deleted + retain > question->now;
	}
}

static int
text_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort the lines of `text`: an RRset has no order. */
static void
lines_sort(char *text)
{
	char *copy = mem_string(text);
	char *lines[64];
	char *rest = NULL;
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		assert_in_range(count, 0, LENGTH(lines) - 1);
		lines[count++] = line;
	}
	qsort(lines, count, sizeof(lines[0]), text_order);
	for (size_t i = 0; i < count; i++) {
		text = stpcpy(text, lines[i]);
		*text = i + 1 < count ? '\n' : '\0';
		text++;
	}
	free(copy);
}

char *
model_find(const struct stage *stage, size_t service)
{
	char *text = stage_find(stage, model_owners[service]);

	lines_sort(text);
	return text;
}

/* Return the RRset that the policy decides on, or "". */
static char *
question_decide(const struct question *question)
{
	const struct config_service *service = question->service;
	struct dname host; /* that a leaf names, or else is named for */
	const struct policy_input input = { .policy = &service->policy,
		.lineages = question->readable,
		.count = question->count,
		.now = question->now,
		.host = service->lineages == NULL ? &host : NULL };
	struct associations set;
	struct buf text = { 0 };
	char *copy;

	(void)dname_parse(service->host, strlen(service->host), &host);
	policy_decide(&input, question->model->pool, &set);
	for (size_t i = 0; i < set.count; i++)
		buf_add_format(&text, "%s\n", set.list[i].tlsa->text);
	associations_fini(&set);
	copy = mem_string(buf_text(&text));
	buf_fini(&text);
	lines_sort(copy);
	return copy;
}

/* A lineage of that name is known, whatever its source. */
static bool
model_has(const struct model *model, const char *name)
{
	for (int i = 0; i < MODEL_LINEAGES; i++)
		if (model->lineages[i] != NULL &&
		    strcmp(model->lineages[i]->name, name) == 0)
			return true;
	return false;
}

/* Whether something may belong to the RRset that cannot be told. */
static bool
question_is_open(const struct question *question)
{
	const struct model *model = question->model;
	const struct config_service *service = question->service;
	bool fails = false;
	bool blind = false;

	for (int s = 0; s < MODEL_SOURCES; s++)
		fails |= model->source_problem[s];
	for (int i = 0; i < MODEL_LINEAGES; i++)
		blind |= model->lineages[i] != NULL &&
			 model->lineages[i]->generation_count == 0;
	if (service->lineages == NULL)
		return !question->live && (fails || blind);
	for (size_t i = 0; fails && i < service->lineage_count; i++)
		if (!model_has(model, service->lineages[i]))
			return true;
	return question->unreadable;
}

static bool
is_published(const struct model *model, size_t service)
{
	return model->rrsets[service][0] == '2' ||
	       model->rrsets[service][0] == '3';
}

static void
model_publish_one(struct model *model, size_t service, int64_t now)
{
	struct question question = { .model = model, .now = now };
	bool known = is_published(model, service);
	char *text;
	bool open;

	question_fill(&question, service);
	text = question_decide(&question);
	open = question_is_open(&question);
	model->is_stuck[service] = known && text[0] == '\0' &&
				   (question.count == 0 || question.live);
	if (text[0] != '\0' && (known || !open)) {
		free(model->rrsets[service]);
		model->rrsets[service] = text;
		return;
	}
	free(text);
	if (model->is_stuck[service])
		return;
	free(model->rrsets[service]);
	model->rrsets[service] = mem_string(open ? "unknown" : "nothing");
}

static void
model_set_forget(struct model *model, int64_t when)
{
	if (model->forget_at == 0 || when < model->forget_at)
		model->forget_at = when;
}

static bool
is_needed(const struct model *model, const struct lineage *lineage)
{
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		if (model->is_stuck[i] &&
		    is_bound(&model->config->services[i], lineage))
			return true;
	return false;
}

/* What is newer than the current generation has no end. */
static void
model_forget(struct model *model, int64_t now)
{
	model->forget_at = 0;
	for (int i = 0; i < MODEL_LINEAGES; i++) {
		struct lineage *lineage = model->lineages[i];

		if (lineage == NULL)
			continue;
		if (lineage->deleted != 0 &&
		    lineage->deleted + MODEL_RETAIN_MAX > now) {
			model_set_forget(
			    model, lineage->deleted + MODEL_RETAIN_MAX);
		} else if (lineage->deleted != 0 && is_needed(model, lineage)) {
			model_set_forget(model, now + 3600);
		} else if (lineage->deleted != 0) {
			lineage_free(lineage);
			model->lineages[i] = NULL;
			continue;
		}
		(void)lineage_prune(lineage, MODEL_RETAIN_MAX, now);
		for (size_t g = 1; g < lineage->generation_count; g++)
			if (!lineage_is_newer(
				lineage, &lineage->generations[g]))
				model_set_forget(
				    model, lineage->generations[g].replaced +
					       MODEL_RETAIN_MAX);
	}
}

void
model_publish(struct model *model, int64_t now)
{
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		model_publish_one(model, i, now);
	if (model->forget_at == 0 || model->forget_at > now)
		return;
	model_forget(model, now);
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		model_publish_one(model, i, now);
}

/* Times at which something of a lineage may end. */
enum { ENDS = MODEL_LINEAGES * (MODEL_CERTS + 1) * 4 };

struct ends {
	int64_t list[ENDS];
	size_t count;
	int64_t now;
};

static void
ends_add(struct ends *ends, int64_t from)
{
	/* Each retain of the configuration, and its hold time. */
	static const int64_t spans[] = { 0, 50, 120, MODEL_RETAIN_MAX };

	for (size_t i = 0; i < LENGTH(spans); i++)
		if (from != 0 && from + spans[i] > ends->now) {
			assert_in_range(ends->count, 0, ENDS - 1);
			ends->list[ends->count++] = from + spans[i];
		}
}

static int
earlier(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static bool
changes_at(const struct model *model, int64_t when)
{
	struct model later;
	bool changes = false;

	model_copy(model, &later);
	model_publish(&later, when);
	for (size_t i = 0; i < MODEL_SERVICES; i++)
		changes |= strcmp(later.rrsets[i], model->rrsets[i]) != 0;
	model_fini(&later);
	return changes;
}

int64_t
model_next(const struct model *model, int64_t now)
{
	struct ends ends = { .now = now };

	for (int i = 0; i < MODEL_LINEAGES; i++) {
		const struct lineage *lineage = model->lineages[i];

		if (lineage == NULL)
			continue;
		ends_add(&ends, lineage->deleted);
		for (size_t g = 0; g < lineage->generation_count; g++)
			ends_add(&ends, g > 0 ? lineage->generations[g].replaced
					      : lineage->generations[g].since);
	}
	qsort(ends.list, ends.count, sizeof(ends.list[0]), earlier);
	for (size_t i = 0; i < ends.count; i++)
		if ((i == 0 || ends.list[i] != ends.list[i - 1]) &&
		    changes_at(model, ends.list[i]))
			return ends.list[i];
	return -1;
}

static struct lineage *
model_lineage(struct model *model, int number)
{
	char name[] = "l?";

	name[1] = (char)('0' + number / MODEL_SOURCES);
	if (model->lineages[number] == NULL)
		model->lineages[number] = lineage_new(
		    name, (unsigned)number % MODEL_SOURCES);
	return model->lineages[number];
}

bool
model_set_chain(
    struct model *model, int lineage, struct chain *chain, int64_t now)
{
	struct lineage *one = model_lineage(model, lineage);
	const struct chain *old = lineage_current(one);

	free(one->problem);
	one->problem = NULL;
	one->deleted = 0;
	if (old != NULL && chain_equal(old, chain)) {
		chain_unref(chain);
		return false;
	}
	lineage_advance(one, chain, now);
	if (one->generation_count > 1)
		model_set_forget(model, now + MODEL_RETAIN_MAX);
	return true;
}

bool
model_set_problem(struct model *model, int lineage)
{
	struct lineage *one = model_lineage(model, lineage);
	bool had = one->problem != NULL;

	if (!had)
		one->problem = mem_string("is broken");
	one->deleted = 0;
	return !had;
}

bool
model_set_deleted(struct model *model, int lineage, int64_t now)
{
	struct lineage *one = model->lineages[lineage];

	if (one == NULL || one->deleted != 0)
		return false;
	free(one->problem);
	one->problem = NULL;
	if (one->generation_count > 0) {
		one->deleted = now;
		model_set_forget(model, now + MODEL_RETAIN_MAX);
	} else {
		lineage_free(one);
		model->lineages[lineage] = NULL;
	}
	return true;
}
