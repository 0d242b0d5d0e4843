/* SPDX-License-Identifier: MIT */
#include "page/pages.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/address.h"
#include "base/mem.h"
#include "collect.h"
#include "http/reply.h"
#include "lists.h"
#include "reports.h"
#include "services.h"
#include "survey.h"
#include "sweep.h"

enum {
	FRESH = 2000, /* milliseconds that what took a sweep is shown */
	SHARE = 10,   /* and so many times what the sweep took */
};

enum {
	HTTP_OK = 200,
	HTTP_NOT_FOUND = 404,
	HTTP_MISDIRECTED = 421,
	HTTP_UNAVAILABLE = 503,
};

/* What takes a sweep. */
enum kind { KIND_SURVEY, KIND_METRICS, KIND_DOCUMENT, KINDS };

struct result {
	bool is_wanted;
	int64_t until; /* loop_now() when it is too old; 0: there is none */
	struct http_text *text; /* a use; but of the survey */
};

struct pages {
	struct loop *loop;
	const struct control *control;
	void (*ready)(void *arg);
	void *arg;
	struct sweep sweep;
	struct sweep_hooks hooks; /* of the one under way */
	enum kind kind;           /* likewise */
	int64_t begun;            /* likewise; loop_now() */
	struct survey next;       /* that is being made */
	struct collect collect;   /* likewise */
	struct survey survey;
	struct result results[KINDS];
	struct loop_timer forget;
};

/* ---- sweeps ---- */

static void
result_forget(struct pages *pages, enum kind kind)
{
	if (kind == KIND_SURVEY) {
		survey_fini(&pages->survey);
		pages->survey = (struct survey){ .control = NULL };
	}
	http_text_drop(pages->results[kind].text);
	pages->results[kind].text = NULL;
	pages->results[kind].until = 0;
}

/* What nobody wanted again takes no memory. */
static void
forget_due(void *arg)
{
	struct pages *pages = arg;

	for (enum kind kind = 0; kind < KINDS; kind++)
		if (pages->results[kind].until > loop_now())
			loop_timer_set(pages->loop, &pages->forget,
			    pages->results[kind].until);
		else
			result_forget(pages, kind);
}

/* What is not whole is of no use to anybody. */
static void
next_take(struct pages *pages, bool is_whole)
{
	struct result *result = &pages->results[pages->kind];
	struct http_text *text = NULL;

	if (pages->kind != KIND_SURVEY) {
		text = mem_new(sizeof(*text));
		text->users = 1;
		collect_end(&pages->collect, &text->pile);
	}
	if (!is_whole) {
		http_text_drop(text);
		if (pages->kind == KIND_SURVEY)
			survey_fini(&pages->next);
		return;
	}
	result_forget(pages, pages->kind);
	result->text = text;
	if (pages->kind == KIND_SURVEY)
		pages->survey = pages->next;
	result->until = loop_now() + FRESH +
			SHARE * (loop_now() - pages->begun);
}

static void
sweep_start(struct pages *pages, enum kind kind)
{
	pages->kind = kind;
	pages->begun = loop_now();
	if (kind == KIND_SURVEY) {
		pages->next = (struct survey){ .control = pages->control };
		pages->hooks = (struct sweep_hooks){ .service = survey_service,
			.arg = &pages->next };
	} else {
		collect_begin(&pages->collect, pages->control,
		    kind == KIND_METRICS, engine_now(pages->control->engine));
		pages->hooks = (struct sweep_hooks){ collect_lineage,
			collect_service, collect_zone, &pages->collect };
	}
	sweep_begin(&pages->sweep, &pages->hooks);
}

static void
sweep_next(struct pages *pages)
{
	for (enum kind kind = 0; kind < KINDS; kind++)
		if (pages->results[kind].is_wanted &&
		    !sweep_is_under_way(&pages->sweep))
			sweep_start(pages, kind);
}

/* Who waits asks again, and if it is not whole, for another one. */
static void
sweep_done(void *arg, bool is_whole)
{
	struct pages *pages = arg;

	next_take(pages, is_whole);
	pages->results[pages->kind].is_wanted = false;
	loop_timer_set(pages->loop, &pages->forget, loop_now() + FRESH);
	pages->ready(pages->arg);
	sweep_next(pages);
}

/* False: it will be there when the next sweep is over. */
static bool
result_is_there(struct pages *pages, enum kind kind)
{
	struct result *result = &pages->results[kind];

	if (result->until > loop_now())
		return true;
	result->is_wanted = true;
	sweep_next(pages);
	return false;
}

/* ---- what there is to see ---- */

/* A request for one of them. */
struct look {
	struct pages *pages;
	struct scene scene;
	struct http_sight *sight;
};

typedef enum outcome look_fn(struct look *look);

static enum outcome
look_services(struct look *look)
{
	if (!result_is_there(look->pages, KIND_SURVEY))
		return OUTCOME_WAIT;
	services_page(&look->sight->body, &look->scene, &look->pages->survey);
	return OUTCOME_REPLY;
}

static enum outcome
look_lineages(struct look *look)
{
	lists_lineages(&look->sight->body, &look->scene);
	return OUTCOME_REPLY;
}

static enum outcome
look_issuers(struct look *look)
{
	lists_issuers(&look->sight->body, &look->scene);
	return OUTCOME_REPLY;
}

static enum outcome
look_zones(struct look *look)
{
	lists_zones(&look->sight->body, &look->scene);
	return OUTCOME_REPLY;
}

static enum outcome
look_reports(struct look *look)
{
	reports_page(&look->sight->body, &look->scene);
	return OUTCOME_REPLY;
}

static enum outcome
look_collected(struct look *look, enum kind kind)
{
	if (!result_is_there(look->pages, kind))
		return OUTCOME_WAIT;
	look->sight->text = look->pages->results[kind].text;
	return OUTCOME_REPLY;
}

static enum outcome
look_metrics(struct look *look)
{
	return look_collected(look, KIND_METRICS);
}

static enum outcome
look_document(struct look *look)
{
	return look_collected(look, KIND_DOCUMENT);
}

static enum outcome
look_health(struct look *look)
{
	bool is_ready = engine_is_ready(look->pages->control->engine);

	look->sight->status = is_ready ? HTTP_OK : HTTP_UNAVAILABLE;
	buf_add_string(&look->sight->body,
	    is_ready ? "ok\n" : "not all certificates were read yet\n");
	return OUTCOME_REPLY;
}

static enum outcome
look_style(struct look *look)
{
	buf_add_string(&look->sight->body, shell_style);
	return OUTCOME_REPLY;
}

/* Browsers ask for it by themselves; it is no question of PowerDNS's. */
static enum outcome
look_icon(struct look *look)
{
	look->sight->status = HTTP_NOT_FOUND;
	return OUTCOME_REPLY;
}

static const char html[] = "text/html; charset=utf-8";
static const char plain[] = "text/plain; charset=utf-8";

static const struct {
	const char *path;
	const char *type;
	bool is_private; /* of stores and files; see is_ours() */
	look_fn *look;
} sights[] = {
	{ "/", html, true, look_services },
	{ "/lineages", html, true, look_lineages },
	{ "/issuers", html, true, look_issuers },
	{ "/zones", html, true, look_zones },
	{ "/reports", html, true, look_reports },
	{ "/status.json", "application/json", true, look_document },
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8", false,
	    look_metrics },
	{ "/healthz", plain, false, look_health },
	{ "/style.css", "text/css; charset=utf-8", false, look_style },
	{ "/favicon.ico", plain, false, look_icon },
};

/*
 * A stranger's page may have a name of his lead to us (DNS rebinding): to the
 * browser that is his own, and he may read it.  So what is private is shown
 * under an address, "localhost", and the name of this machine alone.
 */
static bool
is_ours(const char *host)
{
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1
				    : strcspn(host, ":");
	char name[256] = "";
	struct network address;
	char machine[256] = "";

	if (host[0] == '\0')
		return true;
	if (len >= sizeof(name) || len > strlen(host))
		return false;
	memcpy(name, host, len);
	if (host[0] == '[')
		(void)memmove(name, name + 1, len);
	name[strcspn(name, "]")] = '\0';
	(void)gethostname(machine, sizeof(machine) - 1);
	return strcasecmp(name, "localhost") == 0 ||
	       (machine[0] != '\0' && strcasecmp(name, machine) == 0) ||
	       network_parse(name, &address);
}

static enum outcome
refuse_name(struct http_sight *sight)
{
	sight->status = HTTP_MISDIRECTED;
	sight->type = plain;
	buf_add_string(&sight->body,
	    "This page is shown by the address of the machine, as "
	    "\"localhost\", or by the machine's own name alone: a page of "
	    "somebody else's could read it by another one.\n");
	return OUTCOME_REPLY;
}

/* From 1; what is no number is the first. */
static size_t
page_number(const char *text)
{
	unsigned long number = text != NULL ? strtoul(text, NULL, 10) : 1;

	return number >= 1 && number < UINT32_MAX ? number : 1;
}

enum outcome
pages_look(
    void *arg, const struct http_wish *wish, struct http_sight *ret_sight)
{
	struct pages *pages = arg;
	struct look look = { .pages = pages,
		.scene = { pages->control, engine_now(pages->control->engine),
		    wish->path, page_number(wish->page) },
		.sight = ret_sight };

	for (size_t i = 0; i < sizeof(sights) / sizeof(sights[0]); i++) {
		if (strcmp(sights[i].path, wish->path) != 0)
			continue;
		if (sights[i].is_private && !is_ours(wish->host))
			return refuse_name(ret_sight);
		ret_sight->status = HTTP_OK;
		ret_sight->type = sights[i].type;
		return sights[i].look(&look);
	}
	return OUTCOME_MALFORMED;
}

struct pages *
pages_new(struct loop *loop, const struct control *control,
    void (*ready)(void *arg), void *arg)
{
	struct pages *pages = mem_new(sizeof(*pages));

	pages->loop = loop;
	pages->control = control;
	pages->ready = ready;
	pages->arg = arg;
	pages->forget = (struct loop_timer){ .due = forget_due, .arg = pages };
	sweep_init(&pages->sweep, loop, control, sweep_done, pages);
	return pages;
}

void
pages_free(struct pages *pages)
{
	if (pages == NULL)
		return;
	if (sweep_is_under_way(&pages->sweep))
		next_take(pages, false);
	sweep_fini(&pages->sweep);
	loop_timer_clear(pages->loop, &pages->forget);
	for (enum kind kind = 0; kind < KINDS; kind++)
		result_forget(pages, kind);
	free(pages);
}
