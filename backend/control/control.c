/* SPDX-License-Identifier: MIT */
#include "control/control.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "cli/output.h"
#include "config/value.h"
#include "control/member.h"
#include "control/parts.h"
#include "remote/request.h"

enum { SHA256_LEN = 32 };

/* One question, answered with a new JSON value; NULL: it makes no sense. */
struct question {
	struct control *control;
	const struct request *request;
	const struct store *store;
	const struct config *config;
	int64_t now;
};

/* A page of a list that is walked from its beginning. */
struct page {
	const struct question *question;
	json_t *list;
	int64_t from;
	int64_t at; /* how many were seen */
	/* Lineages: for the services of the first, and less for each. */
	struct safety_scope scope;
	bool is_full;
};

/* Whose services are judged: those that are left, or all at once. */
static struct safety_scope
scope_of(const struct question *question)
{
	const struct request *request = question->request;
	bool is_part = request_number(request, "parts", 0) != 0;
	int64_t from = request_number(request, "service", 0);

	return (struct safety_scope){ .now = question->now,
		.from = from > 0 && from <= UINT32_MAX ? (uint32_t)from : 0,
		.most = is_part ? PARTS_SERVICES : 0 };
}

static bool
page_wants(struct page *page)
{
	int64_t at = page->at++;

	return at >= page->from && at < page->from + CONTROL_PAGE &&
	       !page->is_full;
}

static void
page_begin(const struct question *question, struct page *page)
{
	*page = (struct page){ .question = question,
		.list = json_array(),
		.from = request_number(question->request, "from", 0),
		.scope = scope_of(question) };
}

static json_t *
page_end(const struct page *page)
{
	const struct engine_counters *counters = engine_counters(
	    page->question->control->engine);

	return json_pack("{s:I,s:I,s:I,s:o}", "edition",
	    (json_int_t)counters->reloads, "total", (json_int_t)page->at,
	    "from", (json_int_t)page->from, "list", page->list);
}

static bool
lineage_visit(const struct lineage *lineage, void *arg)
{
	struct page *page = arg;
	size_t judged;
	json_t *item;

	if (!page_wants(page))
		return true;
	item = item_lineage(page->question->control, lineage, &page->scope);
	judged = (size_t)number_of(item, "services");
	page->is_full = json_object_get(item, "next") != NULL ||
			(page->scope.most > 0 && judged >= page->scope.most);
	if (page->scope.most > 0 && !page->is_full)
		page->scope.most -= judged;
	page->scope.from = 0;
	(void)json_array_append_new(page->list, item);
	return true;
}

static json_t *
answer_lineages(const struct question *question)
{
	struct page page;

	page_begin(question, &page);
	store_walk_lineages(question->store, lineage_visit, &page);
	return page_end(&page);
}

static json_t *
answer_services(const struct question *question)
{
	struct page page;

	page_begin(question, &page);
	for (size_t i = 0; i < store_service_count(question->store); i++)
		if (page_wants(&page))
			(void)json_array_append_new(page.list,
			    item_service(question->control, i, question->now));
	return page_end(&page);
}

/* Of the services of one host, named as in the list of them. */
static json_t *
answer_timelines(const struct question *question)
{
	const char *host = request_string(question->request, "host");
	json_t *list;

	if (host == NULL)
		return NULL;
	list = json_array();
	for (size_t i = 0; i < store_service_count(question->store) &&
			   json_array_size(list) < CONTROL_PAGE;
	     i++)
		if (strcmp(store_service(question->store, i)->config->host,
			host) == 0)
			(void)json_array_append_new(list,
			    item_timeline(question->control, i, question->now));
	return list;
}

static json_t *
answer_zones(const struct question *question)
{
	const struct config *config = question->config;
	struct page page;

	page_begin(question, &page);
	for (size_t i = 0; i < config->zone_count; i++) {
		json_t *zone = page_wants(&page)
				   ? item_zone(question->control, i)
				   : NULL;

		if (zone != NULL)
			(void)json_array_append_new(page.list, zone);
	}
	return page_end(&page);
}

/* Of all lineages of one name, in whatever source. */
struct by_name {
	const struct question *question;
	const char *name;
	const char *source; /* only of the one at this path; NULL: of any */
	const struct deployed *deployed; /* or NULL */
	json_t *list;                    /* safety; else NULL */
	struct texts see; /* safety: owner names that are judged by sight */
	bool is_unsure;   /* deployed: see store_set_deployed() */
	bool is_known;
};

static json_t *
service_safety_json(const struct service_safety *one)
{
	const struct config_service *config = one->service->config;
	const struct port *port = &one->service->port;
	json_t *object = json_pack("{s:s,s:i,s:s,s:s,s:s?,s:s?,s:I}", "host",
	    config->host, "port", port->number, "transport",
	    transport_text(port->transport), "owner", one->owner_name, "former",
	    one->former_name, "see", value_sight_text(config->policy.see),
	    "hold", (json_int_t)config->policy.propagation);

	parts_put(object, &one->safety);
	return object;
}

/* Those first that were not seen: a page of them is enough to go on. */
static void
services_put(json_t *list, const struct lineage_safety *safety, bool seen)
{
	for (size_t i = 0; i < safety->count; i++)
		if (safety->list[i].safety.is_seen == seen &&
		    json_array_size(list) < PARTS_SHOWN)
			(void)json_array_append_new(
			    list, service_safety_json(&safety->list[i]));
}

static json_t *
safety_json(const struct by_name *by, const struct lineage *lineage)
{
	const struct question *question = by->question;
	const struct engine_counters *counters = engine_counters(
	    question->control->engine);
	const struct chain *newest = lineage_newest(lineage);
	struct safety_scope scope = scope_of(question);
	struct lineage_safety safety;
	struct buf leaf = { 0 };
	json_t *list = json_array();
	json_t *json;

	scope.by_sight = &by->see;
	store_lineage_safety(question->store, lineage, &scope, &safety);
	services_put(list, &safety, false);
	services_put(list, &safety, true);
	buf_add_hex(
	    &leaf, newest->leaf->part[CERT_SELECTOR_CERT].sha256, SHA256_LEN);
	json = json_pack("{s:I,s:o,s:o,s:b,s:s,s:o,s:o*}", "edition",
	    (json_int_t)counters->reloads, "source",
	    output_json_text(question->config->sources[lineage->source].path),
	    "problem", output_json_text(lineage->problem), "deleted",
	    lineage->deleted != 0, "leaf", buf_text(&leaf), "services", list,
	    "next", safety.next > 0 ? json_integer(safety.next) : NULL);
	parts_put(json, &safety.worst);
	lineage_safety_fini(&safety);
	buf_fini(&leaf);
	return json;
}

static bool
is_of_source(const struct by_name *by, const struct lineage *lineage)
{
	const struct config *config = by->question->config;

	return by->source == NULL ||
	       strcmp(config->sources[lineage->source].path, by->source) == 0;
}

static bool
by_name_visit(const struct lineage *lineage, void *arg)
{
	struct by_name *by = arg;

	if (strcmp(lineage->name, by->name) != 0 ||
	    lineage->generation_count == 0 || !is_of_source(by, lineage))
		return true;
	if (by->list != NULL)
		(void)json_array_append_new(by->list, safety_json(by, lineage));
	if (by->deployed != NULL)
		by->is_known |= lineage_has_leaf(lineage, by->deployed->leaf) &&
				engine_deployed(by->question->control->engine,
				    lineage->source, lineage->name,
				    by->deployed, by->is_unsure);
	return true;
}

static json_t *
answer_safety(const struct question *question)
{
	struct by_name by = { .question = question,
		.name = request_string(question->request, "lineage"),
		.source = request_string(question->request, "source") };
	const json_t *see = request_json(question->request, "see");
	const char *owner;

	if (by.name == NULL)
		return NULL;
	for (size_t i = 0; i < json_array_size(see); i++) {
		owner = json_string_value(json_array_get(see, i));
		if (owner != NULL)
			texts_add(&by.see, owner);
	}
	by.list = json_array();
	store_walk_lineages(question->store, by_name_visit, &by);
	texts_fini(&by.see);
	return by.list;
}

static json_t *
answer_seen(const struct question *question)
{
	const char *owner = request_string(question->request, "owner");
	const json_t *list = request_json(question->request, "list");
	const char *texts[LIMIT_RECORDS];
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(list) && i < LIMIT_RECORDS;
	     i++) {
		texts[count] = json_string_value(json_array_get(list, i));
		count += texts[count] != NULL;
	}
	return owner != NULL
		   ? json_boolean(engine_seen(
			 question->control->engine, owner, texts, count))
		   : NULL;
}

/* The look of one who asked all name servers of a zone. */
static json_t *
answer_servers(const struct question *question)
{
	const char *zone = request_string(question->request, "zone");
	const json_t *list = request_json(question->request, "list");
	struct servers *servers;
	struct dname apex;

	if (zone == NULL || dname_parse(zone, strlen(zone), &apex) != STATUS_OK)
		return NULL;
	servers = mem_new(sizeof(*servers));
	*servers = (struct servers){ .when = 0 };
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const json_t *serial = json_object_get(one, "serial");

		if (!servers_add(servers, text_of(one, "name"),
			text_of(one, "address"), json_is_integer(serial),
			(uint32_t)json_integer_value(serial)))
			break;
	}
	return json_boolean(
	    engine_set_servers(question->control->engine, &apex, servers));
}

static bool
hex_read(const char *text, uint8_t *ret)
{
	for (size_t i = 0; i < SHA256_LEN; i++) {
		char pair[3] = { text[2 * i], '\0', '\0' };
		char *end;

		if (pair[0] == '\0')
			return false;
		pair[1] = text[2 * i + 1];
		ret[i] = (uint8_t)strtoul(pair, &end, 16);
		if (end != pair + 2 || pair[0] == '-' || pair[0] == '+')
			return false;
	}
	return text[2 * SHA256_LEN] == '\0';
}

/* Beginning of its SHA-256; without one it is as if it was not told. */
static void
place_digest(const char *place, uint8_t ret[DEPLOYED_PLACE])
{
	uint8_t digest[SHA256_LEN];

	if (EVP_Digest(
		place, strlen(place), digest, NULL, EVP_sha256(), NULL) == 1)
		memcpy(ret, digest, DEPLOYED_PLACE);
}

static json_t *
answer_deployed(const struct question *question)
{
	const char *leaf = request_string(question->request, "leaf");
	const char *place = request_string(question->request, "place");
	struct deployed deployed = { .place = { 0 } };
	struct by_name by = { .question = question,
		.name = request_string(question->request, "lineage"),
		.source = request_string(question->request, "source"),
		.deployed = &deployed };

	if (by.name == NULL || leaf == NULL || !hex_read(leaf, deployed.leaf))
		return NULL;
	if (place != NULL)
		place_digest(place, deployed.place);
	by.is_unsure = request_number(question->request, "unsure", 0) != 0;
	store_walk_lineages(question->store, by_name_visit, &by);
	return json_boolean(by.is_known);
}

static json_t *
answer_status(const struct question *question)
{
	return item_status(question->control, question->now);
}

static const struct {
	const char *name;
	json_t *(*answer)(const struct question *question);
} questions[] = {
	{ "status", answer_status },
	{ "lineages", answer_lineages },
	{ "services", answer_services },
	{ "zones", answer_zones },
	{ "timelines", answer_timelines },
	{ "safety", answer_safety },
	{ "deployed", answer_deployed },
	{ "seen", answer_seen },
	{ "servers", answer_servers },
};

enum outcome
control_answer(void *arg, const char *line, size_t len, struct buf *reply,
    struct problem *problem)
{
	struct control *control = arg;
	struct request request;
	struct question question = { .control = control,
		.request = &request,
		.store = engine_store(control->engine),
		.config = engine_config(control->engine),
		.now = engine_now(control->engine) };
	json_t *root = json_object();
	json_t *result = NULL;
	char *text;

	if (request_parse(line, len, &request, problem) != STATUS_OK) {
		json_decref(root);
		return OUTCOME_MALFORMED;
	}
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (strcmp(questions[i].name, request.method) == 0)
			result = questions[i].answer(&question);
	(void)json_object_set_new(
	    root, "result", result != NULL ? result : json_null());
	text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (text == NULL)
		abort();
	buf_add_string(reply, text);
	buf_add_string(reply, "\n");
	free(text);
	json_decref(root);
	request_fini(&request);
	return OUTCOME_REPLY;
}
