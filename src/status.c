/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
status_text(enum status status)
{
	switch (status) {
#define X(id, text)                                                            \
	case id:                                                               \
		return text;
		STATUS_TABLE(X)
#undef X
	}
	return "unknown status";
}

void
problem_set(struct problem *problem, const char *format, ...)
{
	va_list args;

	if (problem == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
}

void
problem_prefix(struct problem *problem, const char *format, ...)
{
	struct problem whole = { "" };
	va_list args;
	size_t used;

	if (problem == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(whole.text, sizeof(whole.text), format, args);
	va_end(args);
	/* Cut at the end, so that the object stays named. */
	used = strlen(whole.text);
	for (const char *c = ": "; *c != '\0' && used < PROBLEM_MAX - 1; c++)
		whole.text[used++] = *c;
	(void)memccpy(
	    whole.text + used, problem->text, '\0', PROBLEM_MAX - used);
	whole.text[PROBLEM_MAX - 1] = '\0';
	*problem = whole;
}

void
problem_join(struct problem *problem, const char *format, ...)
{
	va_list args;
	size_t used;

	if (problem == NULL)
		return;
	used = strlen(problem->text);
	for (const char *c = used > 0 ? "; " : "";
	     *c != '\0' && used < PROBLEM_MAX - 1; c++)
		problem->text[used++] = *c;
	va_start(args, format);
	(void)vsnprintf(problem->text + used, PROBLEM_MAX - used, format, args);
	va_end(args);
}
