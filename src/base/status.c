/* SPDX-License-Identifier: MIT */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"

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

/* It is for a person, whatever the names in it are made of. */
__attribute__((format(printf, 3, 0))) static void
text_put(char *room, size_t size, const char *format, va_list args)
{
	char text[PROBLEM_MAX];

	(void)vsnprintf(text, sizeof(text), format, args);
	(void)plain_put(room, size, text, strlen(text));
}

void
problem_set(struct problem *problem, const char *format, ...)
{
	va_list args;

	if (problem == NULL)
		return;
	va_start(args, format);
	text_put(problem->text, sizeof(problem->text), format, args);
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
	text_put(whole.text, sizeof(whole.text), format, args);
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
	text_put(problem->text + used, PROBLEM_MAX - used, format, args);
	va_end(args);
}
