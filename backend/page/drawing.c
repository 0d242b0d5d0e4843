/* SPDX-License-Identifier: MIT */
#include "drawing.h"

#include <string.h>

#include "cli/output.h"
#include "html.h"

enum {
	DAY = 86400,
	WIDTH = 720, /* of the drawing, in units of its own */
	LEFT = 150,  /* room for what a bar is */
	RIGHT = 10,
	TOP = 18,  /* room for the words of marks */
	ROW = 20,  /* from bar to bar */
	BAR = 12,  /* high */
	AXIS = 22, /* room for dates */
	TICKS = 6,
	TICK_NOW = 2, /* see range_find() */
	WORD = 20,    /* half of the longest word of a mark */
	LEAST = 2,    /* so wide is what would be too narrow to be seen */
};

/* What time is where. */
struct drawing {
	struct buf *html;
	const struct service_view *view;
	int64_t now;
	int64_t from; /* the left end */
	int64_t to;   /* the right end */
	unsigned rows;
};

/* ---- time ---- */

/* The life of the leaf that lives for the shortest time counts. */
static void
range_find(struct drawing *drawing)
{
	const struct service_view *view = drawing->view;
	int64_t life = 0;

	for (size_t i = 0; i < view->readable; i++) {
		const struct cert *leaf = lineage_current(view->lineages[i])
					      ->leaf;
		int64_t own = leaf->not_after - leaf->not_before;

		if (own > 0 && (life == 0 || own < life))
			life = own;
	}
	if (life == 0 || life > 400 * (int64_t)DAY)
		life = 90 * (int64_t)DAY;
	/* A third of it is past. */
	drawing->from = drawing->now - life / 2;
	drawing->to = drawing->now + life;
}

static int
at(const struct drawing *drawing, int64_t when)
{
	int64_t span = drawing->to - drawing->from;

	if (when < drawing->from)
		when = drawing->from;
	if (when > drawing->to)
		when = drawing->to;
	return LEFT + (int)((when - drawing->from) *
			    (int64_t)(WIDTH - LEFT - RIGHT) / span);
}

static bool
is_within(const struct drawing *drawing, int64_t when)
{
	return when >= drawing->from && when <= drawing->to;
}

static int
bottom(const struct drawing *drawing)
{
	return TOP + (int)drawing->rows * ROW;
}

/* ---- bars ---- */

static void
rect_add(const struct drawing *drawing, const char *class, int64_t from,
    int64_t to, int y)
{
	int x = at(drawing, from);
	int width = at(drawing, to) - x;

	buf_add_format(drawing->html,
	    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
	    "height=\"%d\"/>",
	    class, x, y, width > LEAST ? width : LEAST, BAR);
}

static void
label_add(
    const struct drawing *drawing, int y, const char *text, const char *rdata)
{
	buf_add_format(drawing->html, "<text class=\"label\" x=\"0\" y=\"%d\">",
	    y + BAR - 2);
	html_format(drawing->html, "%.14s %s", rdata, text);
	buf_add_string(drawing->html, "</text>");
}

static const char *
bar_class(const struct association *association)
{
	if (association == NULL)
		return "bar kept";
	switch (association->provenance) {
	case PROVENANCE_LEAF:
	case PROVENANCE_CHAIN:
		return "bar served";
	case PROVENANCE_OLD_LEAF:
	case PROVENANCE_OLD_ISSUER:
		return "bar old";
	default:
		return "bar next";
	}
}

static void
bar_add(struct drawing *drawing, size_t number)
{
	const struct owner *owner = drawing->view->owner;
	const struct tlsa *tlsa = owner->rdata[number];
	const struct association *association = associations_find(
	    &drawing->view->set, tlsa);
	int64_t hold = drawing->view->service->config->policy.propagation;
	int64_t since = owner->times[number].since;
	int64_t until = association != NULL ? association->until : INT64_MAX;
	int y = TOP + (int)drawing->rows * ROW;

	label_add(drawing, y,
	    association != NULL ? provenance_word(association->provenance)
				: "kept",
	    tlsa->text);
	rect_add(drawing, bar_class(association), since, until, y);
	rect_add(drawing, "hold", since, since + hold, y);
	drawing->rows++;
}

/* ---- marks ---- */

static void
mark_add(const struct drawing *drawing, const char *class, int64_t when,
    const char *text)
{
	int x = at(drawing, when);

	if (!is_within(drawing, when))
		return;
	buf_add_format(drawing->html,
	    "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
	    class, x, TOP - 4, x, bottom(drawing));
	buf_add_format(drawing->html,
	    "<text class=\"mark\" x=\"%d\" y=\"%d\" "
	    "text-anchor=\"%s\">%s</text>",
	    x, TOP - 7, x > WIDTH - RIGHT - WORD ? "end" : "middle", text);
}

/* ACME clients renew when a third of the life is left. */
static int64_t
renewal_expected(const struct cert *leaf)
{
	return leaf->not_after - (leaf->not_after - leaf->not_before) / 3;
}

static void
lineage_marks(const struct drawing *drawing, const struct lineage *lineage)
{
	const struct cert *leaf = lineage_current(lineage)->leaf;
	int64_t next = renewal_expected(leaf);

	/* The last one is what was there when we first looked. */
	for (size_t i = 0; i + 1 < lineage->generation_count; i++)
		mark_add(drawing, "renewed", lineage->generations[i].since,
		    "renewed");
	if (next > drawing->now)
		mark_add(drawing, "expected", next, "renewal");
	mark_add(drawing, "expiry", leaf->not_after, "expiry");
}

static void
axis_add(const struct drawing *drawing)
{
	enum { MONTH_DAY = 5 }; /* 2026- 11-29 */
	int64_t span = drawing->to - drawing->from;

	for (int i = 0; i <= TICKS; i++) {
		int64_t when = drawing->from + span * i / TICKS;
		char date[OUTPUT_DATE_SIZE];

		output_date(when, date, sizeof(date));
		if (i == TICK_NOW)
			(void)snprintf(
			    date + MONTH_DAY, sizeof(date) - MONTH_DAY, "now");
		buf_add_format(drawing->html,
		    "<text class=\"tick\" x=\"%d\" y=\"%d\" "
		    "text-anchor=\"%s\">%.*s</text>",
		    at(drawing, when), bottom(drawing) + AXIS - 8,
		    i == 0       ? "start"
		    : i == TICKS ? "end"
				 : "middle",
		    MONTH_DAY, date + MONTH_DAY);
	}
	buf_add_format(drawing->html,
	    "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
	    LEFT, bottom(drawing), WIDTH - RIGHT, bottom(drawing));
}

/* All that is seen is in the table below as well. */
static void
head_add(const struct drawing *drawing, unsigned rows)
{
	const struct service *service = drawing->view->service;

	buf_add_format(drawing->html,
	    "<div class=\"drawing\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-label=\"",
	    WIDTH, TOP + (int)rows * ROW + AXIS);
	html_format(drawing->html,
	    "%u records of %s over time, which the table below lists", rows,
	    service->config->host);
	buf_add_string(drawing->html, "\">");
}

void
drawing_add(struct buf *html, const struct service_view *view, int64_t now)
{
	const struct owner *owner = view->owner;
	struct drawing drawing = { .html = html, .view = view, .now = now };

	if (owner == NULL || owner->is_unknown || owner->count == 0)
		return;
	range_find(&drawing);
	head_add(&drawing, owner->count);
	for (size_t i = 0; i < owner->count; i++)
		bar_add(&drawing, i);
	for (size_t i = 0; i < view->readable; i++)
		lineage_marks(&drawing, view->lineages[i]);
	mark_add(&drawing, "now", now, "");
	axis_add(&drawing);
	buf_add_string(html, "</svg></div>\n");
}
