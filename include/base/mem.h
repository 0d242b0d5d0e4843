/* SPDX-License-Identifier: MIT */
#ifndef BASE_MEM_H
#define BASE_MEM_H

/*
 * Allocation that cannot fail: without memory the process prints one line and
 * exits with status 1, and the service manager starts it again.  Every size
 * that comes from outside is limited before it gets here (limits.h).
 */

#include <stddef.h>

/* Return `size` (>= 1) zeroed bytes; freed by the caller with free(). */
void *mem_new(size_t size);

/* Return zeroed room for `count` members of `size` bytes; free() it. */
void *mem_array(size_t count, size_t size);

/*
 * Return `old` resized to `count` members of `size` bytes; new members are
 * not initialised.  `old` (NULL or from this module) is no longer valid.
 */
void *mem_resize(void *old, size_t count, size_t size);

/* Return a copy of the string `text`; freed by the caller with free(). */
char *mem_string(const char *text);

/* Return a copy of `size` bytes with a NUL behind them; free() it. */
void *mem_copy(const void *data, size_t size);

/* Give free memory back to the system, after work that took much of it. */
void mem_trim(void);

/* Return a formatted string; freed by the caller with free(). */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
