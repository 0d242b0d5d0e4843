/* SPDX-License-Identifier: MIT */
#include "services.h"

#include <string.h>

#include "drawing.h"
#include "glance.h"
#include "html.h"

/* ---- one service ---- */

static void
record_add(struct buf *html, const struct service_view *view, size_t at)
{
	const struct tlsa *tlsa = view->owner->rdata[at];
	const struct association *association = associations_find(
	    &view->set, tlsa);

	buf_add_string(html, "<tr><td><code>");
	html_text(html, tlsa->text);
	buf_add_string(html, "</code></td><td>");
	if (association != NULL) {
		html_format(html, "%s, lineage '%s'",
		    provenance_text(association->provenance),
		    association->lineage->name);
	} else {
		buf_add_string(html, "kept: nothing has taken its place");
	}
	buf_add_string(html, "</td><td>");
	html_time(html, view->owner->times[at].since);
	buf_add_string(html, "</td><td>");
	if (association != NULL && association->until != INT64_MAX)
		html_time(html, association->until);
	else
		buf_add_string(html, "open");
	buf_add_string(html, "</td></tr>\n");
}

static void
records_add(struct buf *html, const struct service_view *view)
{
	size_t count = view->owner != NULL ? view->owner->count : 0;

	buf_add_format(html, "<details><summary>%zu record%s at ", count,
	    count == 1 ? "" : "s");
	html_format(html, "%s, TTL %u", view->owner_name,
	    view->service->config->policy.ttl);
	buf_add_string(html, "</summary>\n");
	if (view->former_name != NULL) {
		buf_add_string(html, "<p class=\"soft\">");
		html_format(html, "And at %s, as before.", view->former_name);
		buf_add_string(html, "</p>\n");
	}
	if (count > 0) {
		html_scroll(html, "table", "records");
		buf_add_string(html,
		    "<table><thead><tr><th scope=\"col\">TLSA</th><th "
		    "scope=\"col\">why</th><th scope=\"col\">since</th><th "
		    "scope=\"col\">until</th></tr></thead><tbody>\n");
	}
	for (size_t i = 0; i < count; i++)
		record_add(html, view, i);
	if (count > 0)
		buf_add_string(html, "</tbody></table></div>\n");
	buf_add_string(html, "</details>\n");
}

/* When the certificates of it were renewed, and will be. */
static void
lineages_add(struct buf *html, const struct service_view *view, int64_t now)
{
	for (size_t i = 0; i < view->readable; i++) {
		const struct lineage *lineage = view->lineages[i];
		const struct cert *leaf = lineage_current(lineage)->leaf;

		buf_add_string(html, "<p class=\"soft\">");
		html_format(html, "Certificate '%s' by '%s', here ",
		    lineage->name, leaf->issuer);
		html_distance(html, lineage->generations[0].since, now);
		buf_add_string(html, ", valid until ");
		html_time(html, leaf->not_after);
		buf_add_string(html, " (");
		html_distance(html, leaf->not_after, now);
		buf_add_string(html, ").</p>\n");
	}
}

static void
service_add(struct buf *html, const struct scene *scene, size_t at)
{
	const struct check_service *found;
	struct check check;
	const char *word;

	glance_service(&check, scene->control, at, scene->now);
	found = &check.services[0];
	word = findings_word(&found->findings);
	buf_add_format(html,
	    "<article class=\"%s\" aria-labelledby=\"s%zu\"><h2 id=\"s%zu\">"
	    "<span class=\"badge\">%s</span> ",
	    word, at, at, word);
	html_text(html, found->view.service->config->host);
	buf_add_format(html, " <small>%u/%s</small></h2>\n",
	    (unsigned)found->port.number,
	    transport_text(found->port.transport));
	shell_findings(html, &found->findings);
	if (strcmp(word, "ok") == 0) {
		buf_add_string(html, "<p class=\"verdict\">");
		html_text(html, found->view.protection.text);
		buf_add_string(html, "</p>\n");
	}
	lineages_add(html, &found->view, scene->now);
	drawing_add(html, &found->view, scene->now);
	records_add(html, &found->view);
	buf_add_string(html, "</article>\n");
	check_fini(&check);
}

/* ---- all of them ---- */

static void
summary_add(struct buf *html, const struct survey *survey)
{
	static const struct {
		enum severity severity;
		const char *class;
		const char *text;
	} rows[] = {
		{ SEVERITY_CRITICAL, "critical", "critical" },
		{ SEVERITY_UNKNOWN, "unknown", "unknown" },
		{ SEVERITY_WARNING, "warning", "to look after" },
		{ SEVERITY_NOTE, "ok", "fine" },
	};

	buf_add_string(html, "<p class=\"sum\">");
	if (survey->total == 0)
		buf_add_string(html,
		    "There are no services: list hosts in 'services' of "
		    "pdns-tlsa.yaml, or use 'discover'.");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (survey->count[rows[i].severity] > 0)
			buf_add_format(html,
			    "<span class=\"%s\"><span class=\"badge\">%zu "
			    "%s</span></span> ",
			    rows[i].class, survey->count[rows[i].severity],
			    rows[i].text);
	buf_add_string(html, "</p>\n");
}

static void
legend_add(struct buf *html)
{
	buf_add_string(html,
	    "<details><summary>How to read the drawings</summary><p>A bar is "
	    "a TLSA record, from its first publication to its end: "
	    "<strong>blue</strong> matches what is served, "
	    "<strong>violet</strong> what may come next, "
	    "<strong>grey</strong> what was served before and may still be. "
	    "The pale begin of a bar is the time until all caches have it; "
	    "nothing is to be served by it alone before. Dashed lines are "
	    "renewals, as they were and as they are expected: when the ACME "
	    "client has written that it will, and else when a third of the "
	    "life of the certificate is left.</p></details>\n");
}

void
services_page(
    struct buf *html, struct scene *scene, const struct survey *survey)
{
	size_t pages = (survey->total + SERVICES_PAGE - 1) / SERVICES_PAGE;
	size_t count = store_service_count(
	    engine_store(scene->control->engine));
	char title[64];

	if (scene->page > pages)
		scene->page = pages > 0 ? pages : 1;
	(void)snprintf(title, sizeof(title), "%zu critical, %zu to look after",
	    survey->count[SEVERITY_CRITICAL],
	    survey->count[SEVERITY_WARNING] + survey->count[SEVERITY_UNKNOWN]);
	shell_begin(html, scene, title);
	summary_add(html, survey);
	if (survey->total > 0)
		legend_add(html);
	for (size_t i = 0; i < SERVICES_PAGE; i++) {
		size_t at = survey_at(
		    survey, (scene->page - 1) * SERVICES_PAGE + i);

		/* One that was discovered may have gone meanwhile. */
		if (at < count)
			service_add(html, scene, at);
	}
	shell_pages(html, scene, pages);
	shell_end(html, scene);
}
