/* SPDX-License-Identifier: MIT */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/*
 * What can happen to an operation, and the detail that goes with a failure.
 * Pure.  Threads: any, nothing is shared.
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* One row per outcome: enumerator, text.  Adding a row is the only edit. */
#define STATUS_TABLE(X)                                                        \
	X(STATUS_OK, "success")                                                \
	X(STATUS_ABSENT, "does not exist")                                     \
	X(STATUS_IO, "cannot be read")                                         \
	X(STATUS_MALFORMED, "is not well formed")                              \
	X(STATUS_LIMIT, "exceeds a limit")                                     \
	X(STATUS_REFUSED, "is refused")                                        \
	X(STATUS_BUSY, "is in use")                                            \
	X(STATUS_FOREIGN, "is something else")

enum status {
#define X(id, text) id,
	STATUS_TABLE(X)
#undef X
};

/* Return a static, never NULL, description of `status`. */
const char *status_text(enum status status);

enum { PROBLEM_MAX = 512 };

/*
 * Detail of a failure for a person: names the object and the remedy.
 * Filled on failure only; text is always NUL-terminated, cut at PROBLEM_MAX.
 */
struct problem {
	char text[PROBLEM_MAX];
};

/* Replace the text.  `problem` may be NULL: then nothing happens. */
void problem_set(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Set "what: " and what errno says; returns STATUS_IO.  Inline: who analyses a
 * caller sees that it never is STATUS_OK.
 */
static inline enum status
problem_errno(struct problem *problem, const char *what)
{
	problem_set(problem, "%s: %s", what, strerror(errno));
	return STATUS_IO;
}

/* Append the text, behind "; " if there is one.  `problem` may be NULL. */
void problem_join(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Put "text: " in front on the way up.  `problem` may be NULL. */
void problem_prefix(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
