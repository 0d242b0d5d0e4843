/* SPDX-License-Identifier: MIT */
#include "drawing.h"

#include "html.h"
#include "timeline/timeline.h"

enum {
	WIDTH = 720, /* of the drawing, in units of its own */
	LEFT = 165,  /* room for what a bar is */
	RIGHT = 10,
	TOP = 18,  /* room for the words of marks */
	ROW = 20,  /* from bar to bar */
	BAR = 12,  /* high */
	AXIS = 22, /* room for dates */
	WORD = 20, /* half of the longest word of a mark */
	LEAST = 2, /* so wide is what would be too narrow to be seen */
};

struct drawing {
	struct buf *html;
	const struct timeline *timeline;
};

static int
at(const struct drawing *drawing, int64_t when)
{
	return LEFT +
	       timeline_at(drawing->timeline, when, WIDTH - LEFT - RIGHT);
}

static int
bottom(const struct drawing *drawing)
{
	return TOP + (int)drawing->timeline->bar_count * ROW;
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
bar_add(const struct drawing *drawing, size_t number)
{
	const struct timeline_bar *bar = &drawing->timeline->bars[number];
	int y = TOP + (int)number * ROW;
	char class[32];

	buf_add_format(drawing->html, "<text class=\"label\" x=\"0\" y=\"%d\">",
	    y + BAR - 2);
	html_format(drawing->html, "%.14s %s", bar->rdata, bar->why);
	buf_add_string(drawing->html, "</text>");
	(void)snprintf(
	    class, sizeof(class), "bar %s", timeline_class_word(bar->class));
	rect_add(drawing, class, bar->since, bar->until, y);
	rect_add(drawing, "hold", bar->since, bar->hold, y);
}

/* ---- marks ---- */

static void
mark_add(const struct drawing *drawing, const char *class, int64_t when,
    const char *text)
{
	int x = at(drawing, when);

	buf_add_format(drawing->html,
	    "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
	    class, x, TOP - 4, x, bottom(drawing));
	buf_add_format(drawing->html,
	    "<text class=\"mark\" x=\"%d\" y=\"%d\" "
	    "text-anchor=\"%s\">%s</text>",
	    x, TOP - 7, x > WIDTH - RIGHT - WORD ? "end" : "middle", text);
}

static void
axis_add(const struct drawing *drawing)
{
	for (int i = 0; i <= TIMELINE_TICKS; i++) {
		char text[TIMELINE_TICK_SIZE];
		int64_t when = timeline_tick(drawing->timeline, i, text);

		buf_add_format(drawing->html,
		    "<text class=\"tick\" x=\"%d\" y=\"%d\" "
		    "text-anchor=\"%s\">%s</text>",
		    at(drawing, when), bottom(drawing) + AXIS - 8,
		    i == 0                ? "start"
		    : i == TIMELINE_TICKS ? "end"
					  : "middle",
		    text);
	}
	buf_add_format(drawing->html,
	    "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
	    LEFT, bottom(drawing), WIDTH - RIGHT, bottom(drawing));
}

/* All that is seen is in the table below as well. */
static void
head_add(const struct drawing *drawing, const char *host)
{
	html_scroll(drawing->html, "drawing", "records over time");
	buf_add_format(drawing->html,
	    "<svg viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-label=\"",
	    WIDTH, bottom(drawing) + AXIS);
	html_format(drawing->html,
	    "%zu records of %s over time, which the table below lists",
	    drawing->timeline->bar_count, host);
	buf_add_string(drawing->html, "\">");
}

static void
timeline_draw(const struct drawing *drawing, const char *host)
{
	const struct timeline *timeline = drawing->timeline;

	head_add(drawing, host);
	for (size_t i = 0; i < timeline->bar_count; i++)
		bar_add(drawing, i);
	for (size_t i = 0; i < timeline->mark_count; i++)
		mark_add(drawing, timeline_event_word(timeline->marks[i].event),
		    timeline->marks[i].when,
		    timeline_event_text(timeline->marks[i].event));
	mark_add(drawing, "now", timeline->now, "");
	axis_add(drawing);
	buf_add_string(drawing->html, "</svg></div>\n");
}

void
drawing_add(struct buf *html, const struct service_view *view, int64_t now)
{
	struct timeline timeline;
	const struct drawing drawing = { html, &timeline };

	timeline_init(&timeline, view, now);
	if (timeline.bar_count > 0)
		timeline_draw(&drawing, view->service->config->host);
	timeline_fini(&timeline);
}
