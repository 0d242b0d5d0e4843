/* SPDX-License-Identifier: MIT */
#include "look/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "cli/output.h"
#include "engine/described.h"
#include "look/rivals.h"
#include "timeline/chart.h"

void
show_begin(struct show *show, const struct store *store, int64_t now,
    enum format format, FILE *stream)
{
	*show = (struct show){
		.store = store, .now = now, .format = format, .stream = stream
	};
	show->terminal = terminal_of(stream);
	if (format == FORMAT_JSON)
		show->services = json_array();
}

static const char kept_text[] = "kept: nothing has taken its place";

static const char *
view_state(const struct service_view *view)
{
	if (view->owner == NULL)
		return "nothing";
	return view->owner->is_unknown ? "unknown" : "published";
}

static json_t *
association_json(const struct association *association)
{
	const struct cert *cert = association->cert;
	const struct record_type type = association->tlsa->type;

	return json_pack("{s:i,s:i,s:i,s:s,s:s,s:o,s:o,s:{s:o,s:o,s:s,s:i,"
			 "s:o,s:o}}",
	    "usage", type.usage, "selector", type.selector, "matching_type",
	    type.matching, "data", strrchr(association->tlsa->text, ' ') + 1,
	    "provenance", provenance_word(association->provenance), "lineage",
	    output_json_text(association->lineage->name), "until",
	    output_json_date(association->until), "certificate", "subject",
	    output_json_text(cert->subject), "issuer",
	    output_json_text(cert->issuer), "key_algorithm",
	    key_algorithm_text(cert->key_algorithm), "key_bits",
	    (int)cert->key_bits, "not_before",
	    output_json_date(cert->not_before), "not_after",
	    output_json_date(cert->not_after));
}

static json_t *
chain_json(const struct associations *set, size_t at)
{
	const struct policy_chain *chain = &set->chains[at];
	const struct cert *cert = chain->cert;
	bool is_covered = chain->gap == GAP_NONE;

	return json_pack("{s:s,s:s,s:o,s:o,s:o,s:b,s:s?,s:s?}", "class",
	    chain_class_word(chain->class), "provenance",
	    provenance_word(chain->provenance), "lineage",
	    output_json_text(chain->lineage->name), "certificate",
	    cert != NULL ? output_json_text(cert->subject) : json_null(),
	    "until", output_json_date(chain->until), "covered", is_covered,
	    "by", is_covered ? set->list[chain->by].tlsa->text : NULL, "why",
	    is_covered ? NULL : chain_gap_word(chain->gap));
}

/* "safe", "published 42 s, safe in 7158 s", or why not. */
static void
safety_format(const struct safety *safety, char *text, size_t size)
{
	if (safety->is_safe)
		(void)snprintf(text, size, "safe to serve");
	else if (safety->remaining > 0)
		(void)snprintf(text, size, "safe to serve in %lld s",
		    (long long)safety->remaining);
	else if (safety->is_published)
		(void)snprintf(text, size,
		    "not safe to serve: not seen at every name server; wait "
		    "asks them");
	else
		(void)snprintf(text, size,
		    "not safe to serve: nothing published matches it");
}

static struct safety
view_safety(const struct show *show, const struct service_view *view,
    const struct lineage *lineage)
{
	struct dname host;
	const struct policy_input input = store_policy_input(
	    show->store, view->service, show->now, &host);
	const struct safety_wish wish = { &input, lineage_newest(lineage),
		view->owner, store_pool(show->store),
		input.policy->see == SIGHT_SERVERS };
	struct safety safety;

	safety_judge(&wish, &safety);
	return safety;
}

static json_t *
lineage_json(const struct show *show, const struct service_view *view,
    const struct lineage *lineage)
{
	json_t *safety = json_null();
	struct safety judged;

	if (lineage->generation_count > 0) {
		judged = view_safety(show, view, lineage);
		safety = json_pack("{s:b,s:b,s:b,s:I}", "safe", judged.is_safe,
		    "published", judged.is_published, "seen", judged.is_seen,
		    "remaining", (json_int_t)judged.remaining);
	}
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:b,s:i,s:i,s:o}", "name",
	    output_json_text(lineage->name), "file",
	    output_json_text(lineage->file), "problem",
	    output_json_text(lineage->problem), "remark",
	    output_json_text(lineage->remark), "warning",
	    output_json_text(lineage->warning), "deleted",
	    lineage->deleted != 0, "generations",
	    (int)lineage->generation_count, "staged", (int)lineage->next_count,
	    "newest_generation", safety);
}

/*
 * What is published although the policy would not: nothing has taken the place
 * of a certificate that is gone or names another host.
 */
static bool
is_kept(const struct service_view *view, size_t at)
{
	return associations_find(&view->set, view->owner->rdata[at]) == NULL;
}

static size_t
kept_count(const struct service_view *view)
{
	return view->owner != NULL ? view->owner->count : 0;
}

static void
service_json(struct show *show, const struct service_view *view)
{
	const struct service *service = view->service;
	json_t *associations = json_array();
	json_t *kept = json_array();
	json_t *lineages = json_array();
	json_t *chains = json_array();

	for (size_t i = 0; i < view->set.chain_count; i++)
		json_array_append_new(chains, chain_json(&view->set, i));
	for (size_t i = 0; i < view->set.count; i++)
		json_array_append_new(
		    associations, association_json(&view->set.list[i]));
	for (size_t i = 0; i < kept_count(view); i++)
		if (is_kept(view, i))
			json_array_append_new(
			    kept, json_string(view->owner->rdata[i]->text));
	for (size_t i = 0; i < view->lineage_count; i++)
		json_array_append_new(
		    lineages, lineage_json(show, view, view->lineages[i]));
	json_array_append_new(show->services,
	    json_pack(
		"{s:s,s:i,s:s,s:s,s:b,s:s?,s:s,s:I,s:s,s:{s:b,s:s},s:o,s:o,"
		"s:o,s:o,s:I,s:s?}",
		"host", service->config->host, "port", service->port.number,
		"transport", transport_text(service->port.transport), "owner",
		view->owner_name, "alias", service->is_alias, "former",
		view->former_name, "zone", view->zone->apex->name, "ttl",
		(json_int_t)service->config->policy.ttl, "state",
		view_state(view), "protection", "protected",
		view->protection.is_protected, "verdict", view->protection.text,
		"associations", associations, "chains", chains, "kept", kept,
		"lineages", lineages, "cut", (json_int_t)view->set.cut,
		"concern", service_concern_text(service)));
}

static void
service_zone(const struct show *show, const struct service_view *view)
{
	const struct service *service = view->service;

	if (view->set.count == 0 && kept_count(view) == 0)
		(void)fprintf(show->stream, "; %s: %s\n", view->owner_name,
		    view_state(view));
	for (size_t i = 0; i < view->set.count; i++) {
		const struct association *association = &view->set.list[i];

		(void)fprintf(show->stream,
		    "%s\t%u\tIN\tTLSA\t%s ; %s, lineage '%s'\n",
		    view->owner_name, service->config->policy.ttl,
		    association->tlsa->text,
		    provenance_text(association->provenance),
		    plain_of(association->lineage->name).text);
	}
	for (size_t i = 0; i < kept_count(view); i++)
		if (is_kept(view, i))
			(void)fprintf(show->stream,
			    "%s\t%u\tIN\tTLSA\t%s ; %s\n", view->owner_name,
			    view->owner->ttl, view->owner->rdata[i]->text,
			    kept_text);
}

static void
association_line(const struct show *show, const struct association *association)
{
	const struct cert *cert = association->cert;
	char not_after[OUTPUT_DATE_SIZE];
	char until[OUTPUT_DATE_SIZE];

	(void)fprintf(show->stream, "  %s  %s, lineage '%s': '%s', %s %u",
	    association->tlsa->text, provenance_text(association->provenance),
	    plain_of(association->lineage->name).text, cert->subject,
	    key_algorithm_text(cert->key_algorithm), cert->key_bits);
	/* A bare key has no date. */
	if (cert->not_after != 0) {
		output_date(cert->not_after, not_after, sizeof(not_after));
		(void)fprintf(show->stream, ", valid until %s", not_after);
	}
	if (association->until != INT64_MAX) {
		output_date(association->until, until, sizeof(until));
		(void)fprintf(show->stream, "; published until %s", until);
	}
	(void)fputc('\n', show->stream);
}

/* A chain that somebody may meet, and what covers it. */
static void
chain_line(const struct show *show, const struct associations *set, size_t at,
    const char *red, const char *plain)
{
	const struct policy_chain *chain = &set->chains[at];
	struct buf text = { 0 };

	chain_describe(chain, &text);
	if (chain->gap == GAP_NONE)
		(void)fprintf(show->stream, "  %s: covered by %.22s...\n",
		    buf_text(&text), set->list[chain->by].tlsa->text);
	else
		(void)fprintf(show->stream, "  %s%s: not covered: %s%s\n", red,
		    buf_text(&text), chain_gap_text(chain->gap), plain);
	buf_fini(&text);
}

/* One of several that name the host. */
static void
lineage_rival(const struct show *show, const struct service_view *view,
    const struct lineage *lineage, const char *name)
{
	const struct lineage *next = rivals_successor(view, lineage, show->now);
	char *writers = rivals_writers(lineage->file);

	(void)fprintf(show->stream,
	    "  lineage '%s': competes for the host; may be written by %s\n",
	    name, writers);
	if (next != NULL)
		(void)fprintf(show->stream,
		    "  lineage '%s': seems to be abandoned for '%s'; see "
		    "pdns-tlsa check\n",
		    name, plain_of(next->name).text);
	free(writers);
}

static void
lineage_lines(const struct show *show, const struct service_view *view,
    const struct lineage *lineage, const char *red, const char *plain)
{
	const struct plain name = plain_of(lineage->name);
	char text[128];
	struct safety safety;

	if (lineage->generation_count > 0) {
		safety = view_safety(show, view, lineage);
		safety_format(&safety, text, sizeof(text));
		(void)fprintf(show->stream,
		    "  lineage '%s': newest generation is %s; read from %s\n",
		    name.text, text, plain_of(lineage->file).text);
	}
	if (lineage->problem != NULL)
		(void)fprintf(show->stream, "  %slineage '%s': %s%s\n", red,
		    name.text, lineage->problem, plain);
	if (lineage->remark != NULL)
		(void)fprintf(show->stream, "  lineage '%s': %s\n", name.text,
		    lineage->remark);
	if (lineage->warning != NULL)
		(void)fprintf(show->stream, "  lineage '%s': %s\n", name.text,
		    lineage->warning);
	if (rivals_count(view) > 1 && rivals_has(view, lineage))
		lineage_rival(show, view, lineage, name.text);
	if (lineage->deleted != 0)
		(void)fprintf(show->stream, "  %slineage '%s': was deleted%s\n",
		    red, name.text, plain);
}

/* The same over time, on a terminal. */
static void
service_draw(const struct show *show, const struct service_view *view)
{
	struct timeline timeline;

	timeline_init(&timeline, view, show->now);
	chart_print(&timeline, &show->terminal, show->stream);
	timeline_fini(&timeline);
}

static void
service_table(const struct show *show, const struct service_view *view)
{
	const struct service *service = view->service;
	const char *concern = service_concern_text(service);
	bool is_coloured = show->terminal.is_coloured;
	const char *bold = is_coloured ? "\033[1m" : "";
	const char *red = is_coloured ? "\033[31m" : "";
	const char *green = is_coloured ? "\033[32m" : "";
	const char *plain = is_coloured ? "\033[0m" : "";

	if (show->count > 0)
		(void)fputc('\n', show->stream);
	(void)fprintf(show->stream, "%s%s %u/%s%s  %s at %s  TTL %u\n", bold,
	    service->config->host, service->port.number,
	    transport_text(service->port.transport), plain,
	    service->is_alias ? "alias" : "served", view->owner_name,
	    service->config->policy.ttl);
	if (view->former_name != NULL)
		(void)fprintf(show->stream, "  and at %s, as before\n",
		    view->former_name);
	if (concern != NULL)
		(void)fprintf(show->stream, "  %s%s%s%s\n", red,
		    view->owner == NULL ? "nothing is published: " : "",
		    concern, plain);
	if (view->owner != NULL && view->owner->is_unknown) {
		const char *why = store_blindness(show->store, view);

		(void)fprintf(show->stream,
		    "  %scannot tell what belongs here; lookups fail%s%s%s\n",
		    red, why != NULL ? ": " : "", why != NULL ? why : "",
		    plain);
	}
	for (size_t i = 0; i < view->set.count; i++)
		association_line(show, &view->set.list[i]);
	if (view->set.count > service->config->policy.max_records)
		(void)fprintf(show->stream,
		    "  %zu are more than max-records (%u), which leaves out "
		    "nothing that is served by itself\n",
		    view->set.count, service->config->policy.max_records);
	for (size_t i = 0; i < kept_count(view); i++)
		if (is_kept(view, i))
			(void)fprintf(show->stream, "  %s  %s\n",
			    view->owner->rdata[i]->text, kept_text);
	for (size_t i = 0; i < view->set.chain_count; i++)
		chain_line(show, &view->set, i, red, plain);
	(void)fprintf(show->stream, "  %s%s%s\n",
	    view->protection.is_protected ? green : red, view->protection.text,
	    plain);
	for (size_t i = 0; i < view->lineage_count; i++)
		lineage_lines(show, view, view->lineages[i], red, plain);
	service_draw(show, view);
}

void
show_service(struct show *show, const struct service_view *view)
{
	switch (show->format) {
	case FORMAT_JSON:
		service_json(show, view);
		break;
	case FORMAT_ZONE:
		service_zone(show, view);
		break;
	case FORMAT_TABLE:
	case FORMAT_PROMETHEUS: /* of other commands */
		service_table(show, view);
		break;
	}
	show->count++;
}

bool
show_end(struct show *show)
{
	json_t *root = NULL;

	if (show->format == FORMAT_JSON)
		root = json_pack("{s:o}", "services", show->services);
	return output_end(show->stream, root);
}
