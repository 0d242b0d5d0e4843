/* SPDX-License-Identifier: MIT */
#ifndef TAP_H
#define TAP_H

/* The Test Anything Protocol on standard output, for tools of tests. */

#include <stdbool.h>
#include <stdnoreturn.h>

/* One check; returns `good`. */
bool tap_ok(bool good, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A line for the reader. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The set-up failed, nothing was tested: ends the process. */
noreturn void tap_bail(const char *reason);

/* The plan; returns the exit status. */
int tap_end(void);

#endif
