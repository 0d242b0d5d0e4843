/* SPDX-License-Identifier: MIT */
#include "lists.h"

#include "cli/output.h"
#include "control/member.h"
#include "html.h"

/* 0: none. */
static void
cell_time(struct buf *html, int64_t when)
{
	buf_add_string(html, "<td>");
	if (when != 0)
		html_time(html, when);
	buf_add_string(html, "</td>");
}

/* ---- certificates ---- */

static const char *
generation_role(const struct lineage *lineage, size_t at)
{
	if (lineage_is_deployed(lineage, &lineage->generations[at]))
		return at == 0 ? "live and deployed" : "deployed";
	return at == 0 ? "live" : "replaced";
}

static void
generation_add(struct buf *html, const struct lineage *lineage, size_t at)
{
	const struct generation *generation = &lineage->generations[at];
	const struct cert *leaf = generation->chain->leaf;

	buf_add_string(html, "<tr>");
	html_cell(html, generation_role(lineage, at));
	cell_time(html, generation->since);
	cell_time(html, generation->replaced);
	html_cell(html, leaf->issuer);
	buf_add_string(html, "<td>");
	html_format(html, "%s %u", key_algorithm_text(leaf->key_algorithm),
	    leaf->key_bits);
	buf_add_string(html, "</td>");
	cell_time(html, leaf->not_after);
	buf_add_string(html, "</tr>\n");
}

static void
note_add(struct buf *html, const char *class, const char *text)
{
	if (text == NULL)
		return;
	buf_add_format(html, "<p class=\"%s\"><span class=\"badge\">%s</span> ",
	    class, class);
	html_text(html, text);
	buf_add_string(html, "</p>\n");
}

static void
lineage_add(
    struct buf *html, const struct scene *scene, const struct lineage *lineage)
{
	static const char *const columns[] = { "generation", "since",
		"replaced", "issuer", "key", "valid until", NULL };
	const struct config *config = engine_config(scene->control->engine);
	bool is_good = lineage->problem == NULL && lineage->deleted == 0;

	buf_add_format(
	    html, "<article class=\"%s\"><h2>", is_good ? "ok" : "warning");
	html_text(html, lineage->name);
	buf_add_string(html, " <small>");
	html_format(html, "%s %s",
	    source_type_text(config->sources[lineage->source].type),
	    lineage->file != NULL ? lineage->file
				  : config->sources[lineage->source].path);
	buf_add_string(html, "</small></h2>\n");
	note_add(html, "warning", lineage->problem);
	note_add(html, "warning", lineage->deleted != 0 ? "was deleted" : NULL);
	note_add(html, "note", lineage->remark);
	note_add(html, "note", lineage->warning);
	html_table(html, "generations", columns);
	for (size_t i = 0; i < lineage->generation_count; i++)
		generation_add(html, lineage, i);
	html_table_end(html);
	if (lineage->next_count > 0)
		buf_add_format(html, "<p>%zu staged for the next one.</p>\n",
		    lineage->next_count);
	buf_add_string(html, "</article>\n");
}

struct some {
	struct buf *html;
	const struct scene *scene;
	size_t skip;
	size_t left;
};

static bool
lineage_visit(const struct lineage *lineage, void *arg)
{
	struct some *some = arg;

	if (some->skip > 0) {
		some->skip--;
		return true;
	}
	lineage_add(some->html, some->scene, lineage);
	return --some->left > 0;
}

void
lists_lineages(struct buf *html, struct scene *scene)
{
	const struct store *store = engine_store(scene->control->engine);
	size_t count = store_lineage_count(store);
	size_t pages = (count + LISTS_PAGE - 1) / LISTS_PAGE;
	struct some some = { html, scene, 0, LISTS_PAGE };

	if (scene->page > pages)
		scene->page = pages > 0 ? pages : 1;
	some.skip = (scene->page - 1) * LISTS_PAGE;
	shell_begin(html, scene, "Certificates");
	buf_add_format(html, "<p class=\"sum\">%zu lineage%s</p>\n", count,
	    count == 1 ? "" : "s");
	store_walk_lineages(store, lineage_visit, &some);
	shell_pages(html, scene, pages);
	shell_end(html, scene);
}

/* ---- issuers ---- */

static void
issuer_add(struct buf *html, const struct issuer *issuer)
{
	buf_add_string(html, "<tr>");
	html_cell(html, issuer->name);
	html_cell(html, issuer_status_text(issuer->status));
	buf_add_string(html, "<td>");
	html_format(html, "%s %u",
	    key_algorithm_text(issuer->cert->key_algorithm),
	    issuer->cert->key_bits);
	buf_add_string(html, "</td>");
	cell_time(html, issuer->cert->not_after);
	cell_time(html, issuer->seen);
	buf_add_string(html, "</tr>\n");
}

static void
set_add(
    struct buf *html, const struct scene *scene, const struct issuer_set *set)
{
	static const char *const columns[] = { "CA", "status", "key",
		"valid until", "learned", NULL };
	struct problem concern;
	bool has_concern = issuer_set_concern(set, scene->now, &concern);

	buf_add_format(
	    html, "<article class=\"%s\"><h2>", has_concern ? "warning" : "ok");
	html_text(html, set->provider);
	buf_add_string(html, " <small>");
	html_text(html, set->name);
	if (set->is_staging)
		buf_add_string(html, ", for tests only");
	if (set->date != 0) {
		buf_add_string(html, ", as of ");
		html_time(html, set->date);
	}
	buf_add_string(html, "</small></h2>\n");
	note_add(html, "warning", has_concern ? concern.text : NULL);
	html_table(html, "CAs", columns);
	for (size_t i = 0; i < set->count; i++)
		issuer_add(html, &set->list[i]);
	html_table_end(html);
	buf_add_string(html, "</article>\n");
}

void
lists_issuers(struct buf *html, struct scene *scene)
{
	const struct issuers *issuers = store_issuers(
	    engine_store(scene->control->engine));
	size_t count = issuers != NULL ? issuers->count : 0;

	shell_begin(html, scene, "Issuers");
	buf_add_format(html, "<p class=\"sum\">%zu issuer set%s</p>\n", count,
	    count == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++)
		set_add(html, scene, issuers->sets[i]);
	shell_end(html, scene);
}

/* ---- zones ---- */

/* What each name server served when somebody asked it. */
static void
cell_servers(struct buf *html, const json_t *zone)
{
	const json_t *servers = json_object_get(zone, "servers");
	long long asked = output_date_read(text_of(zone, "asked"));

	if (asked < 0) {
		buf_add_string(html, "not asked yet");
		return;
	}
	html_time(html, asked);
	for (size_t i = 0; i < json_array_size(servers); i++) {
		const json_t *server = json_array_get(servers, i);
		const json_t *serial = json_object_get(server, "serial");

		buf_add_string(html, "<br>");
		html_format(html, "%s (%s): %s", text_of(server, "name"),
		    text_of(server, "address"), text_of(server, "state"));
		if (json_is_integer(serial))
			buf_add_format(
			    html, ", %lld", number_of(server, "serial"));
	}
}

static void
zone_add(struct buf *html, const json_t *zone)
{
	long long serial = number_of(zone, "serial");
	long long notified = number_of(zone, "notified");

	buf_add_string(html, "<tr>");
	html_cell(html, text_of(zone, "name"));
	buf_add_format(html, "<td>%lld</td><td>", serial);
	if (notified == 0)
		buf_add_string(html, "never");
	else
		buf_add_format(html, "%lld%s", notified,
		    notified != serial ? " (behind)" : "");
	buf_add_format(
	    html, "</td><td>%lld</td><td>", number_of(zone, "names"));
	cell_servers(html, zone);
	buf_add_string(html, "</td></tr>\n");
}

void
lists_zones(struct buf *html, struct scene *scene)
{
	static const char *const columns[] = { "zone", "serial",
		"secondaries were told of", "names", "name servers served",
		NULL };
	size_t count = engine_config(scene->control->engine)->zone_count;

	shell_begin(html, scene, "Zones");
	buf_add_format(html, "<p class=\"sum\">%zu zone%s of our own</p>\n",
	    count, count == 1 ? "" : "s");
	html_table(html, "zones", columns);
	for (size_t i = 0; i < count; i++) {
		json_t *zone = item_zone(scene->control, i);

		if (zone != NULL)
			zone_add(html, zone);
		json_decref(zone);
	}
	html_table_end(html);
	buf_add_string(html,
	    "<p class=\"soft\">Who answers asks nobody: name servers are asked "
	    "by <code>pdns-tlsa deploy</code> where a zone has several, and by "
	    "<code>pdns-tlsa wait</code> with <code>--servers</code> or "
	    "<code>propagation: {see: servers}</code>, and what they saw last "
	    "is shown here until a restart. <code>pdns-tlsa doctor</code> and "
	    "<code>pdns-tlsa check --online</code> ask them at any "
	    "time.</p>\n");
	shell_end(html, scene);
}
