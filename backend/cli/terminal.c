/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of who does not say how large it is. */
enum { COLUMNS_USUAL = 80, ROWS_USUAL = 24 };

/* The locale of the process stays as it is: what we read is not in it. */
static bool
is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is_it;

	if (locale == (locale_t)0)
		return false;
	is_it = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return is_it;
}

struct terminal
terminal_of(FILE *stream)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");
	struct terminal terminal = { .columns = COLUMNS_USUAL,
		.rows = ROWS_USUAL };
	struct winsize size;

	terminal.is_terminal = isatty(fileno(stream)) == 1;
	if (!terminal.is_terminal)
		return terminal;
	terminal.is_moved = term != NULL && term[0] != '\0' &&
			    strcmp(term, "dumb") != 0;
	terminal.is_coloured = terminal.is_moved &&
			       (no_color == NULL || no_color[0] == '\0');
	terminal.is_utf8 = is_utf8();
	if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
		terminal.columns = size.ws_col;
		terminal.rows = size.ws_row > 0 ? size.ws_row : ROWS_USUAL;
	}
	return terminal;
}
