/* SPDX-License-Identifier: MIT */
#include "formats/date.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { YEAR_FIRST = 1970, MINUTE = 60, HOUR = 3600 };

/* Read exactly `digits` digits; false, or *text behind them. */
static bool
number_read(const char **text, unsigned digits, int *ret)
{
	int number = 0;

	for (unsigned i = 0; i < digits; i++) {
		char c = (*text)[i];

		if (c < '0' || c > '9')
			return false;
		number = number * 10 + (c - '0');
	}
	*text += digits;
	*ret = number;
	return true;
}

static bool
mark_read(const char **text, const char *marks)
{
	if (**text == '\0' || strchr(marks, **text) == NULL)
		return false;
	(*text)++;
	return true;
}

static bool
day_read(const char **text, struct tm *tm)
{
	if (!number_read(text, 4, &tm->tm_year) || !mark_read(text, "-") ||
	    !number_read(text, 2, &tm->tm_mon) || !mark_read(text, "-") ||
	    !number_read(text, 2, &tm->tm_mday))
		return false;
	if (tm->tm_year < YEAR_FIRST || tm->tm_mon < 1 || tm->tm_mon > 12 ||
	    tm->tm_mday < 1 || tm->tm_mday > 31)
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return true;
}

/* A leap second is one (RFC 3339 s5.7). */
static bool
time_read(const char **text, struct tm *tm)
{
	if (!number_read(text, 2, &tm->tm_hour) || !mark_read(text, ":") ||
	    !number_read(text, 2, &tm->tm_min) || tm->tm_hour > 24 ||
	    tm->tm_min > 59)
		return false;
	if (mark_read(text, ":") &&
	    (!number_read(text, 2, &tm->tm_sec) || tm->tm_sec > 60))
		return false;
	if (mark_read(text, ".,"))
		*text += strspn(*text, "0123456789");
	return true;
}

/* Nothing, Z, or +01:00; *ret_seconds is what is to be taken off. */
static bool
offset_read(const char **text, int64_t *ret_seconds)
{
	int hours, minutes = 0, sign = **text == '-' ? -1 : 1;

	*ret_seconds = 0;
	if (**text == '\0' || mark_read(text, "Zz"))
		return true;
	if (!mark_read(text, "+-") || !number_read(text, 2, &hours))
		return false;
	(void)mark_read(text, ":");
	if (**text != '\0' && !number_read(text, 2, &minutes))
		return false;
	*ret_seconds = sign * ((int64_t)hours * HOUR + minutes * MINUTE);
	return true;
}

bool
date_read(const char *text, int64_t *ret_when)
{
	struct tm tm = { 0 };
	int64_t offset = 0;

	if (!day_read(&text, &tm))
		return false;
	if (*text != '\0' &&
	    (!mark_read(&text, "Tt ") || !time_read(&text, &tm) ||
		!offset_read(&text, &offset) || *text != '\0'))
		return false;
	*ret_when = (int64_t)timegm(&tm) - offset;
	return true;
}
