/* SPDX-License-Identifier: MIT */
#include "reports.h"

#include "html.h"
#include "reports/history.h"
#include "reports/postbox.h"
#include "reports/verdict.h"

/* ---- what failed ---- */

static void
history_add(struct buf *html, const struct scene *scene,
    const struct tlsrpt_fault *fault)
{
	const struct store *store = engine_store(scene->control->engine);
	json_t *lines;

	if (verdict_is_sts(fault) ||
	    store_service_count(store) > REPORTS_SERVICES)
		return;
	lines = history_tell(store, fault, scene->now);
	buf_add_string(html, "<ul>\n");
	for (size_t i = 0; i < json_array_size(lines); i++) {
		buf_add_string(html, "<li>");
		html_text(html, json_string_value(json_array_get(lines, i)));
		buf_add_string(html, "</li>\n");
	}
	buf_add_string(html, "</ul>\n");
	json_decref(lines);
}

static void
fault_add(struct buf *html, const struct scene *scene,
    const struct tlsrpt_fault *fault)
{
	struct findings findings = { 0 };
	const char *host = verdict_host(fault);
	const char *word;

	verdict_add(&findings, fault);
	word = findings_word(&findings);
	buf_add_format(html,
	    "<article class=\"%s\"><h2><span class=\"badge\">%s</span> ", word,
	    word);
	html_text(html, host[0] != '\0' ? host : "a host that is not named");
	buf_add_string(html, " <small>");
	html_format(html, "%s for '%s'", fault->result, fault->organization);
	buf_add_string(html, "</small></h2>\n");
	shell_findings(html, &findings);
	history_add(html, scene, fault);
	buf_add_string(html, "</article>\n");
	findings_fini(&findings);
}

/* ---- who reports ---- */

static void
sender_add(struct buf *html, const struct tlsrpt_sender *sender)
{
	buf_add_string(html, "<tr>");
	html_cell(html, sender->organization[0] != '\0' ? sender->organization
							: "(no name)");
	html_cell(html, tlsrpt_type_word(sender->type));
	html_cell(html, sender->domain);
	buf_add_format(html, "<td>%lld</td><td>%lld</td><td>",
	    (long long)sender->good, (long long)sender->failed);
	html_time(html, sender->from);
	buf_add_string(html, "</td><td>");
	html_time(html, sender->to);
	buf_add_string(html, "</td></tr>\n");
}

static void
senders_add(struct buf *html, const struct tlsrpt_sums *sums)
{
	static const char *const columns[] = { "sender", "policy", "domain",
		"good", "failed", "from", "to", NULL };
	size_t left = sums->senders_left;

	if (sums->sender_count == 0)
		return;
	buf_add_string(html, "<h2>Senders</h2>\n");
	html_table(html, "senders", columns);
	for (size_t i = 0; i < sums->sender_count; i++) {
		if (i < REPORTS_SENDERS)
			sender_add(html, &sums->senders[i]);
		else
			left++;
	}
	html_table_end(html);
	if (left > 0)
		buf_add_format(html,
		    "<p>%zu more, with less failures; 'pdns-tlsa reports' "
		    "lists all.</p>\n",
		    left);
}

/* ---- the page ---- */

static void
summary_add(struct buf *html, const struct scene *scene,
    const struct postbox_view *view)
{
	const struct collection *collection = &view->hearsay->collection;
	const struct tlsrpt_sums *sums = &collection->sums;

	if (view->looked == 0) {
		buf_add_string(html, "<p>They are being read.</p>\n");
		return;
	}
	buf_add_format(html,
	    "<p class=\"sum\"><span class=\"%s\"><span class=\"badge\">%lld "
	    "failed</span>"
	    "</span> <span class=\"ok\"><span class=\"badge\">%lld "
	    "good</span></span></p>\n<p>Sessions, by %zu report%s that "
	    "ended in the last %u days",
	    sums->failed > 0 ? "warning" : "ok", (long long)sums->failed,
	    (long long)sums->good, sums->reports, sums->reports == 1 ? "" : "s",
	    (unsigned)(view->since / 86400));
	if (sums->reports > 0) {
		buf_add_string(html, "; the last one goes to ");
		html_time(html, sums->to);
		buf_add_string(html, " UTC");
	}
	buf_add_string(html, ". Read ");
	html_distance(html, view->looked, scene->now);
	html_format(html,
	    " from '%s'. It is what senders say, and anybody may send one.",
	    view->path);
	buf_add_string(html, "</p>\n");
}

static void
faults_add(
    struct buf *html, struct scene *scene, const struct tlsrpt_sums *sums)
{
	size_t pages = (sums->fault_count + REPORTS_PAGE - 1) / REPORTS_PAGE;
	size_t first;

	if (scene->page > pages)
		scene->page = pages > 0 ? pages : 1;
	first = (scene->page - 1) * REPORTS_PAGE;
	for (size_t i = first;
	     i < sums->fault_count && i < first + REPORTS_PAGE; i++)
		fault_add(html, scene, &sums->faults[i]);
	shell_pages(html, scene, pages);
	if (sums->faults_left > 0)
		buf_add_format(html,
		    "<p>%zu more failures, no worse, are in the sums "
		    "alone.</p>\n",
		    sums->faults_left);
}

static void
view_add(struct buf *html, struct scene *scene, const struct postbox_view *view)
{
	const struct collection *collection = &view->hearsay->collection;
	struct findings findings = { 0 };

	postbox_find_problem(scene->control->postbox, &findings);
	shell_findings(html, &findings);
	findings_fini(&findings);
	summary_add(html, scene, view);
	faults_add(html, scene, &collection->sums);
	if (scene->page == 1) {
		senders_add(html, &collection->sums);
		shell_findings(html, &collection->findings);
	}
}

void
reports_page(struct buf *html, struct scene *scene)
{
	struct postbox_view view;

	shell_begin(html, scene, "What senders saw");
	if (postbox_view(scene->control->postbox, &view))
		view_add(html, scene, &view);
	else
		buf_add_string(html,
		    "<p>Senders mail what they saw of our TLS to the address "
		    "in _smtp._tls.DOMAIN. Say where these reports lie, by "
		    "'reports: {path: PATH}' in pdns-tlsa.yaml, and they are "
		    "shown here.</p>\n");
	shell_end(html, scene);
}
