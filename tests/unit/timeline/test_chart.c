/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "timeline/chart.h"

enum { DAY = 86400 };

/* 2026-11-23, at noon; days count from here. */
#define NOW ((int64_t)1795435200)

static int64_t
day(int number)
{
	return NOW + (int64_t)number * DAY;
}

/* A renewal two days ago, and what may come. */
static void
sample(struct timeline *timeline)
{
	static const struct {
		const char *rdata;
		const char *why;
		enum timeline_class class;
		int since, hold, until; /* days; 999: open */
	} bars[] = {
		{ "3 1 1 0123456789ab", "leaf", TIMELINE_SERVED, -2, 5, 999 },
		{ "2 1 1 ef0123456789", "chain", TIMELINE_SERVED, -60, -53,
		    999 },
		{ "3 1 1 89abcdef0123", "old-leaf", TIMELINE_OLD, -60, -53,
		    12 },
		{ "2 1 1 456789abcdef", "backup-issuer", TIMELINE_NEXT, -20,
		    -13, 999 },
		{ "2 0 1 cdef01234567", "kept", TIMELINE_KEPT, -44, -44, -44 },
	};

	*timeline = (struct timeline){
		.now = NOW, .from = day(-45), .to = day(90)
	};
	for (size_t i = 0; i < LENGTH(bars); i++) {
		const struct timeline_bar times = { .class = bars[i].class,
			.since = day(bars[i].since),
			.hold = day(bars[i].hold),
			.until = bars[i].until != 999 ? day(bars[i].until)
						      : INT64_MAX };

		timeline_add_bar(timeline, bars[i].rdata, bars[i].why, &times);
	}
	timeline_add_mark(timeline, TIMELINE_RENEWED, day(-2));
	timeline_add_mark(timeline, TIMELINE_EXPECTED, day(58));
	timeline_add_mark(timeline, TIMELINE_EXPIRY, day(88));
	timeline_add_mark(timeline, TIMELINE_EXPIRY, day(89));
	timeline_add_mark(timeline, TIMELINE_RENEWED, day(-46)); /* beyond */
}

/* Shades and a line in letters, for the table: Served, Next, Old, Hold, noW. */
static char *
lettered(const char *text)
{
	static const struct {
		const char *glyph;
		char letter;
	} glyphs[] = {
		{ "\xe2\x96\x88", 'S' },
		{ "\xe2\x96\x93", 'N' },
		{ "\xe2\x96\x92", 'O' },
		{ "\xe2\x96\x91", 'H' },
		{ "\xe2\x94\x82", 'W' },
	};
	char *copy = mem_string(text);
	char *to = copy;

	while (*text != '\0') {
		size_t i = 0;

		while (i < LENGTH(glyphs) &&
		       strncmp(text, glyphs[i].glyph, 3) != 0)
			i++;
		*to++ = i < LENGTH(glyphs) ? glyphs[i].letter : *text;
		text += i < LENGTH(glyphs) ? 3 : 1;
	}
	*to = '\0';
	return copy;
}

static void
test_chart(void **state)
{
	static const struct {
		struct terminal terminal;
		const char *expected;
	} rows[] = {
		{ { .is_terminal = true, .is_utf8 = true, .columns = 80 },
		    "                                          renewed         "
		    "     renewal   expiry\n"
		    "  3 1 1 01234567 leaf                        "
		    ":WHHSSSSSSSSSSSSSSSSS:SSSSSSSSSSx>\n"
		    "  2 1 1 ef012345 chain         "
		    "<SSSSSSSSSSSSS:WSSSSSSSSSSSSSSSSSSS:SSSSSSSSSSx>\n"
		    "  3 1 1 89abcdef old-leaf      <OOOOOOOOOOOOO:WOOOO       "
		    "        :          x\n"
		    "  2 1 1 456789ab backup-issuer         "
		    "HHHHNN:WNNNNNNNNNNNNNNNNNNN:NNNNNNNNNNx>\n"
		    "  2 0 1 cdef0123 kept          H             :W           "
		    "        :          x\n"
		    "                             10-09  11-01    now    12-16 "
		    "  01-07   01-30 02-21\n" },
		{ { .is_terminal = true, .columns = 80 },
		    "                                          renewed         "
		    "     renewal   expiry\n"
		    "  3 1 1 01234567 leaf                        "
		    ":|..#################:##########x>\n"
		    "  2 1 1 ef012345 chain         "
		    "<#############:|###################:##########x>\n"
		    "  3 1 1 89abcdef old-leaf      <-------------:|----       "
		    "        :          x\n"
		    "  2 1 1 456789ab backup-issuer         "
		    "....==:|===================:==========x>\n"
		    "  2 0 1 cdef0123 kept          .             :|           "
		    "        :          x\n"
		    "                             10-09  11-01    now    12-16 "
		    "  01-07   01-30 02-21\n" },
		{ { .is_terminal = true, .columns = 40 },
		    "                     renewed     expiry\n"
		    "  3 leaf                |.#######:###x>\n"
		    "  2 chain         <#####|########:###x>\n"
		    "  3 old-leaf      <-----|--      :   x\n"
		    "  2 backup-issuer    ..=|========:===x>\n"
		    "  2 kept          .     |        :   x\n"
		    "                10-09  now        02-21\n" },
		/* where nothing is drawn */
		{ { .is_terminal = true, .columns = 39 }, "" },
		{ { .is_terminal = true, .columns = 0 }, "" },
		{ { .columns = 80 }, "" },
	};
	struct timeline timeline;

	(void)state;
	sample(&timeline);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct buf text = { 0 };
		char *letters;

		chart_add(&text, &timeline, &rows[i].terminal);
		letters = lettered(buf_text(&text));
		assert_string_equal(letters, rows[i].expected);
		free(letters);
		buf_fini(&text);
	}
	timeline_fini(&timeline);
}

/* The widest line, in columns; octets of colours and of UTF-8 are none. */
static int
columns_of(const char *text)
{
	int most = 0;
	int columns = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\033')
			text = strchr(text, 'm');
		else if (*text == '\n')
			columns = 0;
		else if (((unsigned char)*text & 0xc0) != 0x80)
			columns++;
		most = columns > most ? columns : most;
	}
	return most;
}

/* A colour lasts as long as it has to, and ends with the line. */
static void
test_colours(void **state)
{
	static const struct timeline_bar times = {
		.class = TIMELINE_NEXT, .since = 200, .hold = 200, .until = 300
	};
	const struct terminal terminal = {
		.is_terminal = true, .is_coloured = true, .columns = 40
	};
	struct timeline timeline = { .now = 100, .from = 0, .to = 300 };
	struct buf text = { 0 };

	(void)state;
	timeline_add_bar(&timeline, "3 1 1 ab", "next", &times);
	timeline_add_mark(&timeline, TIMELINE_EXPIRY, 250);
	chart_add(&text, &timeline, &terminal);
	assert_non_null(strstr(buf_text(&text),
	    "  3 next                \033[1m|\033[0m      \033[35m.==\033[0m"
	    "\033[31mx\033[0m\033[35m====\033[0m\n"));
	buf_fini(&text);
	timeline_fini(&timeline);
}

/* With whatever width and looks it is the same drawing, and fits. */
static void
test_widths(void **state)
{
	struct timeline timeline;

	(void)state;
	sample(&timeline);
	for (int columns = CHART_LEAST; columns < 300; columns++)
		for (int looks = 0; looks < 4; looks++) {
			const struct terminal terminal = { .is_terminal = true,
				.is_utf8 = looks % 2 != 0,
				.is_coloured = looks / 2 != 0,
				.columns = columns };
			struct buf text = { 0 };

			chart_add(&text, &timeline, &terminal);
			assert_in_range(columns_of(buf_text(&text)),
			    CHART_LEAST - 8,
			    columns < CHART_MOST ? columns - 1
						 : CHART_MOST - 1);
			assert_int_equal(
			    strchr(buf_text(&text), '\033') != NULL,
			    terminal.is_coloured);
			buf_fini(&text);
		}
	timeline_fini(&timeline);
}

static void
test_nothing(void **state)
{
	const struct timeline timeline = { .now = 5, .from = 0, .to = 9 };
	const struct terminal terminal = { .is_terminal = true, .columns = 80 };
	struct buf text = { 0 };

	(void)state;
	chart_add(&text, &timeline, &terminal);
	assert_string_equal(buf_text(&text), "");
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chart),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests_name("chart", tests, NULL, NULL);
}
