/* SPDX-License-Identifier: MIT */
#include "cli/frame.h"

#include <stdbool.h>
#include <string.h>

/* To the upper left; the rest of a line, and of the screen, is empty. */
static const char home[] = "\033[H";
static const char line_rest[] = "\033[K\n";
static const char screen_rest[] = "\033[J";
static const char plain[] = "\033[0m";

static size_t
line_len(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end != NULL ? (size_t)(end - text) : len;
}

/* How long the colour is that begins here, "ESC [ ... m"; 0: none does. */
static size_t
colour_len(const char *text, size_t len)
{
	const char *end = len > 0 && text[0] == '\033' ? memchr(text, 'm', len)
						       : NULL;

	return end != NULL ? (size_t)(end - text) + 1 : 0;
}

static bool
is_begin(char octet)
{
	return ((unsigned char)octet & 0xc0) != 0x80;
}

/* As much of the line as there are columns for; colours take none. */
static void
line_add(struct buf *frame, const char *text, size_t len, int columns)
{
	bool is_coloured = false;
	size_t at = 0;

	while (at < len) {
		size_t colour = colour_len(text + at, len - at);

		is_coloured |= colour > 0;
		if (colour == 0 && is_begin(text[at]) && columns-- == 0)
			break;
		buf_add(frame, text + at, colour > 0 ? colour : 1);
		at += colour > 0 ? colour : 1;
	}
	buf_add_format(frame, "%s%s", is_coloured ? plain : "", line_rest);
}

static size_t
lines_count(const char *text, size_t len)
{
	size_t count = len > 0 && text[len - 1] != '\n';

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	return count;
}

void
frame_add(struct buf *frame, const char *text, size_t len,
    const struct terminal *terminal)
{
	size_t count = lines_count(text, len);
	/* The cursor stands in the last one. */
	size_t room = terminal->rows > 2 ? (size_t)terminal->rows - 1 : 1;
	size_t shown = count > room ? room - 1 : count;

	buf_add_string(frame, home);
	for (size_t i = 0; i < shown; i++) {
		size_t line = line_len(text, len);

		line_add(frame, text, line, terminal->columns);
		text += line + 1;
		len -= line < len ? line + 1 : len;
	}
	if (shown < count)
		buf_add_format(frame,
		    "... and %zu lines that have no room\033[K\n",
		    count - shown);
	buf_add_string(frame, screen_rest);
}
