/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include <string.h>

#include "base/installed.h"
#include "control/member.h"
#include "html.h"

/* Colours have a contrast of 4.5 and more (WCAG 2.2, 1.4.3), in both schemes.
 */
const char shell_style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#57606a;"
    "--line:#d0d7de;--critical:#b3261e;--warning:#7a4b00;--unknown:#6f3fa8;"
    "--ok:#1a6b33;--bar:#2f6fb2;--next:#8a5fbf;--old:#6b7681}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;"
    "--soft:#9aa5b1;--line:#30363d;--critical:#ff8a80;--warning:#e3b341;"
    "--unknown:#c8a5f5;--ok:#5fd07f;--bar:#5aa2e6;--next:#b392e8;"
    "--old:#8b949e}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:64rem;padding:0 1rem 2rem;color:var(--ink);"
    "background:var(--paper);font:1rem/1.5 system-ui,sans-serif}\n"
    "a{color:inherit}\n"
    "header{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 1.5rem;"
    "border-bottom:1px solid var(--line)}\n"
    "h1{font-size:1.25rem;margin:.75rem 0}\n"
    "h2{font-size:1.1rem;margin:0;overflow-wrap:anywhere}\n"
    "nav a{display:inline-block;padding:.4rem .6rem}\n"
    "nav a[aria-current]{font-weight:700}\n"
    ".sum{font-size:1.15rem}\n"
    ".critical{--mark:var(--critical)}.warning{--mark:var(--warning)}"
    ".unknown{--mark:var(--unknown)}.ok,.note{--mark:var(--ok)}\n"
    ".badge{color:var(--mark);border:1px solid;border-radius:.3rem;"
    "padding:0 .4rem;font-weight:700}\n"
    "article,.banner{border:1px solid var(--line);"
    "border-left:.4rem solid var(--mark);border-radius:.3rem;"
    "padding:.6rem .9rem;margin:1rem 0}\n"
    "p,ul{margin:.4rem 0}\n"
    "li,td,summary,.verdict{overflow-wrap:anywhere}\n"
    ".todo{font-weight:600}\n"
    "small,.soft,footer{color:var(--soft)}\n"
    ".drawing{overflow-x:auto;margin:.6rem 0}\n"
    "svg{width:100%;min-width:40rem;height:auto;display:block}\n"
    "svg text{fill:var(--ink);font:11px system-ui,sans-serif}\n"
    "svg .tick,svg .mark{fill:var(--soft)}\n"
    ".bar{fill:var(--bar)}.bar.next{fill:var(--next)}"
    ".bar.old,.bar.kept{fill:var(--old)}\n"
    ".hold{fill:var(--paper);opacity:.45}\n"
    "line{stroke:var(--soft);stroke-width:1}line.now{stroke:var(--ink);"
    "stroke-width:2}line.expected,line.renewed{stroke-dasharray:4 3}"
    "line.expiry{stroke:var(--critical)}\n"
    ".table{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;"
    "border-bottom:1px solid var(--line)}\n"
    "code{font-size:.85em}\n"
    "summary{cursor:pointer;padding:.2rem 0}\n"
    "footer{border-top:1px solid var(--line);margin-top:2rem;"
    "font-size:.9rem}\n";

static const struct {
	const char *path;
	const char *name;
} links[] = {
	{ "/", "Services" },
	{ "/lineages", "Certificates" },
	{ "/issuers", "Issuers" },
	{ "/zones", "Zones" },
	{ "/reports", "Reports" },
};

static void
links_add(struct buf *html, const struct scene *scene)
{
	buf_add_string(html, "<nav aria-label=\"Pages\">");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		buf_add_format(html, "<a href=\"%s\"%s>%s</a>", links[i].path,
		    strcmp(links[i].path, scene->path) == 0
			? " aria-current=\"page\""
			: "",
		    links[i].name);
	buf_add_string(html, "</nav>");
}

static void
banner_add(
    struct buf *html, const char *class, const char *word, const char *text)
{
	buf_add_format(html,
	    "<p class=\"banner %s\" role=\"status\"><span class=\"badge\">%s"
	    "</span> ",
	    class, word);
	html_text(html, text);
	buf_add_string(html, "</p>\n");
}

/* What concerns everything. */
static void
banners_add(struct buf *html, const struct scene *scene)
{
	const struct engine *engine = scene->control->engine;
	const struct config *config = engine_config(engine);

	if (!engine_is_ready(engine))
		banner_add(html, "warning", "starting",
		    "Not all certificates were read yet.");
	if (config->fault != NULL) {
		banner_add(html, "warning", "configuration", config->fault);
		banner_add(html, "warning", "configuration",
		    "The last one that was right is used; mend the file, try "
		    "it with 'pdns-tlsa config check', and reload.");
	}
	for (unsigned i = 0; i < config->source_count; i++) {
		const char *problem = store_source_problem(
		    engine_store(engine), i);

		if (problem != NULL)
			banner_add(html, "critical", "source", problem);
	}
}

void
shell_begin(struct buf *html, const struct scene *scene, const char *title)
{
	buf_add_string(html,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n<title>");
	html_text(html, title);
	buf_add_string(html, " - pdns-tlsa</title>\n"
			     "<link rel=\"stylesheet\" href=\"/style.css\">\n"
			     "</head>\n<body>\n<header><h1>pdns-tlsa</h1>");
	links_add(html, scene);
	buf_add_string(html, "</header>\n<main>\n");
	banners_add(html, scene);
}

void
shell_findings(struct buf *html, const struct findings *findings)
{
	json_t *list = findings_json(findings);
	const json_t *finding;
	size_t i;

	if (json_array_size(list) > 0)
		buf_add_string(html, "<ul>\n");
	json_array_foreach(list, i, finding)
	{
		buf_add_format(html,
		    "<li class=\"%s\"><span class=\"badge\">%s</span> ",
		    text_of(finding, "severity"), text_of(finding, "severity"));
		html_format(html, "%s: %s; %s.", text_of(finding, "subject"),
		    text_of(finding, "what"), text_of(finding, "why"));
		buf_add_string(html, " <span class=\"todo\">To do: ");
		html_format(html, "%s.", text_of(finding, "mend"));
		buf_add_string(html, "</span></li>\n");
	}
	if (json_array_size(list) > 0)
		buf_add_string(html, "</ul>\n");
	json_decref(list);
}

static void
page_link(struct buf *html, const struct scene *scene, size_t page,
    const char *rel, const char *text)
{
	buf_add_format(html, "<a rel=\"%s\" href=\"%s?page=%zu\">%s</a>", rel,
	    scene->path, page, text);
}

void
shell_pages(struct buf *html, const struct scene *scene, size_t count)
{
	if (count < 2)
		return;
	buf_add_string(html, "<nav aria-label=\"More\">");
	if (scene->page > 1)
		page_link(html, scene, scene->page - 1, "prev", "before");
	buf_add_format(html, " page %zu of %zu ", scene->page, count);
	if (scene->page < count)
		page_link(html, scene, scene->page + 1, "next", "next");
	buf_add_string(html, "</nav>\n");
}

void
shell_end(struct buf *html, const struct scene *scene)
{
	buf_add_string(html, "</main>\n<footer><p>As of ");
	html_time(html, scene->now);
	buf_add_string(html, " UTC; pdns-tlsa ");
	html_text(html, installed_version);
	buf_add_string(html,
	    ". For programs: <a href=\"/status.json\">status.json</a>, "
	    "<a href=\"/metrics\">metrics</a>.</p></footer>\n"
	    "</body>\n</html>\n");
}
