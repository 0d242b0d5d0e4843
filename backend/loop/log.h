/* SPDX-License-Identifier: MIT */
#ifndef LOOP_LOG_H
#define LOOP_LOG_H

/*
 * Lines for operators on standard error; under systemd with the priority in
 * front that sd-daemon(3) defines, or to the journal with fields, if that is
 * what standard error is.  Object first, lower case, names quoted.
 */

#include <stdbool.h>
#include <stdint.h>

#include "loop/event.h"

/* Priorities of syslog(3). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Show messages up to `level`; LOG_LEVEL_INFO before the first call. */
void log_set_level(enum log_level level);

/* Return true if a message of that level would be shown. */
bool log_shows(enum log_level level);

enum { LOG_RECENT = 16, LOG_RECENT_TEXT = 256 };

/* A warning or an error, kept to be looked at. */
struct log_recent {
	int64_t when; /* seconds since 1970 */
	enum log_level level;
	char text[LOG_RECENT_TEXT]; /* cut */
};

/*
 * Return one of the last LOG_RECENT warnings and errors, 0 being the last, or
 * NULL; valid until the next line.
 */
const struct log_recent *log_recent(unsigned at);

/*
 * Lines about one object, which is what stands before the first colon, are
 * limited, for others may cause as many as they like: LOG_BURST in LOG_SPAN
 * seconds, debugging aside.  The last of them says so, and the first that comes
 * after that how many were left out.
 */
enum { LOG_BURST = 60, LOG_SPAN = 60 };

/*
 * Hand lines to `sink` from now on instead of writing them, for a process that
 * another one speaks for.
 */
void log_set_sink(
    void (*sink)(enum log_level level, const char *text, void *arg), void *arg);

/*
 * Send lines to the journal that listens at `path` (borrowed) from now on, if
 * standard error is one: $JOURNAL_STREAM says so.  What it does not take at
 * once goes to standard error as before, without waiting; what that does not
 * take either is lost, which is said as soon as a line gets through.
 */
void log_to_journal(const char *path);

/* The same as log_line(), for a line that programs may wait for. */
void log_event(enum log_level level, const struct event *event,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
