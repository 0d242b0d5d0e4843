/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "config/value.h"
#include "type.h"

size_t
type_read_number(const char *text, uint64_t *ret_number)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 18 || (text[0] == '0' && len > 1))
		return 0;
	*ret_number = strtoull(text, NULL, 10);
	return len;
}

/* Return the seconds of a unit, 0 if there is no such unit. */
static uint64_t
unit_seconds(const char *unit)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = {
		{ "", 1 },
		{ "s", 1 },
		{ "m", 60 },
		{ "h", 3600 },
		{ "d", 86400 },
		{ "w", 604800 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].unit) == 0)
			return units[i].seconds;
	}
	return 0;
}

bool
value_seconds(const char *text, uint32_t min, uint32_t max,
    uint32_t *ret_seconds, struct problem *problem)
{
	uint64_t number = 0;
	size_t len = type_read_number(text, &number);
	uint64_t unit = len > 0 ? unit_seconds(text + len) : 0;

	if (unit == 0)
		return type_refuse(problem, text,
		    "is not a duration; write seconds, or a whole number with "
		    "s, m, h, d or w, such as 1h");
	if (number > max / unit || number * unit < min)
		return type_refuse(problem, text,
		    "is out of range; it must be %u to %u seconds",
		    (unsigned)min, (unsigned)max);
	*ret_seconds = (uint32_t)(number * unit);
	return true;
}

static bool
read_ttl(const char *text, void *member, struct problem *problem)
{
	return value_seconds(text, 1, LIMIT_TTL, member, problem);
}

static bool
read_span(const char *text, void *member, struct problem *problem)
{
	return value_seconds(text, 0, SPAN_MAX, member, problem);
}

static bool
read_timeout(const char *text, void *member, struct problem *problem)
{
	return value_seconds(text, 1, LIMIT_TIMEOUT, member, problem);
}

static bool
read_window(const char *text, void *member, struct problem *problem)
{
	return value_seconds(text, 86400, SPAN_MAX, member, problem);
}

static bool
write_number(const void *member, struct buf *text)
{
	const unsigned *number = member;

	buf_add_number(text, *number);
	return true;
}

/* The largest unit that leaves a whole number. */
static bool
write_span(const void *member, struct buf *text)
{
	const uint32_t *seconds = member;
	unsigned number = *seconds;

	if (number == 0 || number % 60 != 0)
		buf_add_format(text, "%u", number);
	else if (number % 3600 != 0)
		buf_add_format(text, "%um", number / 60);
	else if (number % 86400 != 0)
		buf_add_format(text, "%uh", number / 3600);
	else
		buf_add_format(text, "%ud", number / 86400);
	return true;
}

static bool
read_records(const char *text, void *member, struct problem *problem)
{
	unsigned *count = member;
	uint64_t number;
	size_t len = type_read_number(text, &number);

	if (len == 0 || text[len] != '\0' || number < 1 ||
	    number > LIMIT_RECORDS)
		return type_refuse(problem, text,
		    "is not a whole number in 1..%d", LIMIT_RECORDS);
	*count = (unsigned)number;
	return true;
}

static bool
read_mode(const char *text, void *member, struct problem *problem)
{
	size_t len = strlen(text);
	unsigned long mode = ULONG_MAX;
	unsigned *permissions = member;

	if ((len == 3 || len == 4) && strspn(text, "01234567") == len)
		mode = strtoul(text, NULL, 8);
	if (mode > 0777)
		return type_refuse(problem, text,
		    "is not a mode; write octal digits up to 0777, such as "
		    "0660");
	*permissions = (unsigned)mode;
	return true;
}

static bool
write_mode(const void *member, struct buf *text)
{
	const unsigned *mode = member;

	buf_add_format(text, "%04o", *mode);
	return true;
}

TYPE(type_ttl, uint32_t, read_ttl, write_number);
TYPE(type_span, uint32_t, read_span, write_span);
TYPE(type_timeout, uint32_t, read_timeout, write_span);
TYPE(type_window, uint32_t, read_window, write_span);
TYPE(type_records, unsigned, read_records, write_number);
TYPE(type_mode, unsigned, read_mode, write_mode);
