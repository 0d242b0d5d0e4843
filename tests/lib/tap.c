/* SPDX-License-Identifier: MIT */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned count;
static unsigned failed;

bool
tap_ok(bool good, const char *format, ...)
{
	va_list args;

	failed += !good;
	(void)printf("%s %u - ", good ? "ok" : "not ok", ++count);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
	(void)fflush(stdout);
	return good;
}

void
tap_note(const char *format, ...)
{
	va_list args;

	(void)fputs("# ", stdout);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
	(void)fflush(stdout);
}

noreturn void
tap_bail(const char *reason)
{
	(void)printf("Bail out! %s\n", reason);
	exit(EXIT_FAILURE);
}

int
tap_end(void)
{
	(void)printf("1..%u\n", count);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
