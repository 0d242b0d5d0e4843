/* SPDX-License-Identifier: MIT */
#include "base/glob.h"

#include <ctype.h>

static bool
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * A star first stands for nothing; at each failure the last one takes one
 * character more.  An earlier star never has to be tried again, for whatever
 * it gave up the last one can take.
 */
bool
glob_match(const char *pattern, const char *text, size_t len)
{
	const char *star = NULL;
	size_t star_at = 0;
	size_t at = 0;

	while (at < len) {
		if (*pattern == '*') {
			star = ++pattern;
			star_at = at;
		} else if (*pattern != '\0' &&
			   (*pattern == '?' || same(*pattern, text[at]))) {
			pattern++;
			at++;
		} else if (star != NULL) {
			pattern = star;
			at = ++star_at;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
