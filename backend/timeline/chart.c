/* SPDX-License-Identifier: MIT */
#include "timeline/chart.h"

#include <string.h>

enum {
	INDENT = 2,
	WIDE = 72,         /* columns from which labels are whole */
	LABEL_WIDE = 29,   /* "3 1 1 4f2a9c01 backup-issuer " */
	LABEL_NARROW = 16, /* "3 backup-issuer " */
};

/* What stands for what: as UTF-8, of which every console has these, or not. */
static const struct {
	const char *utf8;
	const char *ascii;
	const char *colour;
} looks[] = {
	[TIMELINE_SERVED] = { "\xe2\x96\x88", "#", "\033[34m" },
	[TIMELINE_NEXT] = { "\xe2\x96\x93", "=", "\033[35m" },
	[TIMELINE_OLD] = { "\xe2\x96\x92", "-", "\033[36m" },
	[TIMELINE_KEPT] = { "\xe2\x96\x92", "-", "\033[36m" },
};

static const char hold_utf8[] = "\xe2\x96\x91";
static const char now_utf8[] = "\xe2\x94\x82";
static const char plain[] = "\033[0m";

/* In the order in which words find room. */
static const struct {
	enum timeline_event event;
	const char *glyph;
	const char *colour;
} marks[] = {
	{ TIMELINE_EXPIRY, "x", "\033[31m" },
	{ TIMELINE_EXPECTED, ":", "" },
	{ TIMELINE_RENEWED, ":", "" },
};

enum { MARKS = sizeof(marks) / sizeof(marks[0]) };

struct cell {
	const char *glyph;
	const char *colour; /* "": none */
};

struct chart {
	struct buf *text;
	const struct timeline *timeline;
	const struct terminal *terminal;
	int label;                     /* columns left of the bars */
	int width;                     /* of the bars */
	struct cell cells[CHART_MOST]; /* of the bars, of one line */
};

/* The column of a point in time, from 0 on. */
static int
column_of(const struct chart *chart, int64_t when)
{
	return timeline_at(chart->timeline, when, chart->width - 1);
}

/* ---- words above and below ---- */

/* A line of words, none of which touches another one. */
struct words {
	char line[CHART_MOST + 1];
	int columns;
};

static void
words_begin(const struct chart *chart, struct words *words)
{
	words->columns = INDENT + chart->label + chart->width;
	memset(words->line, ' ', (size_t)words->columns);
	words->line[words->columns] = '\0';
}

/* Put it around a column of the bars, if there is room. */
static void
word_put(const struct chart *chart, struct words *words, int column,
    const char *word)
{
	int len = (int)strlen(word);
	int begin = INDENT + chart->label + column - len / 2;

	if (begin + len > words->columns)
		begin = words->columns - len;
	for (int i = begin - 1; i <= begin + len; i++)
		if (i >= 0 && i < words->columns && words->line[i] != ' ')
			return;
	memcpy(words->line + begin, word, (size_t)len);
}

static void
words_end(const struct chart *chart, struct words *words)
{
	int len = words->columns;

	while (len > 0 && words->line[len - 1] == ' ')
		len--;
	buf_add(chart->text, words->line, (size_t)len);
	buf_add_string(chart->text, "\n");
}

static void
events_add(const struct chart *chart)
{
	const struct timeline *timeline = chart->timeline;
	struct words words;

	words_begin(chart, &words);
	for (size_t m = 0; m < MARKS; m++)
		for (size_t i = 0; i < timeline->mark_count; i++)
			if (timeline->marks[i].event == marks[m].event)
				word_put(chart, &words,
				    column_of(chart, timeline->marks[i].when),
				    timeline_event_text(marks[m].event));
	words_end(chart, &words);
}

static void
axis_add(const struct chart *chart)
{
	/* The ends and now first: where there is little room, these stay. */
	static const int order[] = { 0, TIMELINE_TICKS, TIMELINE_TICK_NOW, 4, 1,
		3, 5 };
	struct words words;

	words_begin(chart, &words);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		char text[TIMELINE_TICK_SIZE];
		int64_t when = timeline_tick(chart->timeline, order[i], text);

		word_put(chart, &words, column_of(chart, when), text);
	}
	words_end(chart, &words);
}

/* ---- bars ---- */

static void
cells_fill(struct chart *chart, int64_t from, int64_t to, const char *glyph,
    const char *colour)
{
	/* What is too short to be seen is seen all the same. */
	for (int i = column_of(chart, from); i <= column_of(chart, to); i++)
		chart->cells[i] = (struct cell){ glyph, colour };
}

static void
cell_mark(
    struct chart *chart, int64_t when, const char *glyph, const char *colour)
{
	cells_fill(chart, when, when, glyph, colour);
}

static void
bar_draw(struct chart *chart, const struct timeline_bar *bar)
{
	const struct timeline *timeline = chart->timeline;
	bool is_utf8 = chart->terminal->is_utf8;
	const char *colour = looks[bar->class].colour;

	for (int i = 0; i < chart->width; i++)
		chart->cells[i] = (struct cell){ " ", "" };
	cells_fill(chart, bar->since, bar->until,
	    is_utf8 ? looks[bar->class].utf8 : looks[bar->class].ascii, colour);
	if (bar->hold > timeline->from && bar->since < timeline->to)
		cells_fill(chart, bar->since, bar->hold,
		    is_utf8 ? hold_utf8 : ".", colour);
	for (size_t m = MARKS; m > 0; m--)
		for (size_t i = 0; i < timeline->mark_count; i++)
			if (timeline->marks[i].event == marks[m - 1].event)
				cell_mark(chart, timeline->marks[i].when,
				    marks[m - 1].glyph, marks[m - 1].colour);
	cell_mark(chart, timeline->now, is_utf8 ? now_utf8 : "|", "\033[1m");
	if (bar->since < timeline->from)
		chart->cells[0] = (struct cell){ "<", colour };
	if (bar->until > timeline->to)
		chart->cells[chart->width - 1] = (struct cell){ ">", colour };
}

/* "3 1 1 4f2a9c01 leaf", or "3 leaf". */
static void
label_add(const struct chart *chart, const struct timeline_bar *bar)
{
	bool is_whole = chart->label == LABEL_WIDE;

	buf_add_format(chart->text, "%*s%-*.*s %-*.*s ", INDENT, "",
	    is_whole ? 14 : 1, is_whole ? 14 : 1, bar->rdata, 13, 13, bar->why);
}

static void
cells_add(const struct chart *chart)
{
	const char *colour = "";
	int count = chart->width;

	while (count > 0 && chart->cells[count - 1].glyph[0] == ' ')
		count--;
	for (int i = 0; i < count; i++) {
		const struct cell *cell = &chart->cells[i];

		if (chart->terminal->is_coloured &&
		    strcmp(cell->colour, colour) != 0) {
			buf_add_format(chart->text, "%s%s",
			    colour[0] != '\0' ? plain : "", cell->colour);
			colour = cell->colour;
		}
		buf_add_string(chart->text, cell->glyph);
	}
	buf_add_format(chart->text, "%s\n", colour[0] != '\0' ? plain : "");
}

void
chart_add(struct buf *text, const struct timeline *timeline,
    const struct terminal *terminal)
{
	int columns = terminal->columns < CHART_MOST ? terminal->columns
						     : CHART_MOST;
	struct chart chart = { .text = text,
		.timeline = timeline,
		.terminal = terminal,
		.label = columns >= WIDE ? LABEL_WIDE : LABEL_NARROW };

	if (!terminal->is_terminal || columns < CHART_LEAST ||
	    timeline->bar_count == 0)
		return;
	/* The last column stays free: some terminals break the line there. */
	chart.width = columns - INDENT - chart.label - 1;
	events_add(&chart);
	for (size_t i = 0; i < timeline->bar_count; i++) {
		label_add(&chart, &timeline->bars[i]);
		bar_draw(&chart, &timeline->bars[i]);
		cells_add(&chart);
	}
	axis_add(&chart);
}

void
chart_print(const struct timeline *timeline, const struct terminal *terminal,
    FILE *stream)
{
	struct buf text = { 0 };

	chart_add(&text, timeline, terminal);
	(void)fputs(buf_text(&text), stream);
	buf_fini(&text);
}
