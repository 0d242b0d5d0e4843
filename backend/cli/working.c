/* SPDX-License-Identifier: MIT */
#include "cli/working.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/plain.h"
#include "cli/terminal.h"

enum { AFTER_SECONDS = 1 };

/*
 * The last column stays free: some terminals break the line there.  A line of
 * the log that comes meanwhile begins where this one does.
 */
static void
line_show(const struct working *working)
{
	(void)fprintf(stderr, "\r%.*s\033[K\r",
	    working->columns > 1 ? working->columns - 1 : 0, working->text);
}

static void *
working_thread(void *arg)
{
	struct working *working = arg;
	struct timespec at;
	int failure = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += AFTER_SECONDS;
	(void)pthread_mutex_lock(&working->lock);
	while (!working->is_over && failure == 0)
		failure = pthread_cond_timedwait(
		    &working->over, &working->lock, &at);
	if (!working->is_over) {
		working->is_shown = true;
		line_show(working);
	}
	(void)pthread_mutex_unlock(&working->lock);
	return NULL;
}

void
working_begin(struct working *working)
{
	const struct terminal terminal = terminal_of(stderr);
	pthread_condattr_t attributes;

	*working = (struct working){ .columns = terminal.columns };
	if (!terminal.is_moved)
		return;
	(void)pthread_mutex_init(&working->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&working->over, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	working->is_seen = pthread_create(&working->thread, NULL,
			       working_thread, working) == 0;
}

void
working_on(struct working *working, const char *format, ...)
{
	char text[WORKING_SIZE];
	va_list args;

	if (!working->is_seen)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)pthread_mutex_lock(&working->lock);
	(void)plain_put(
	    working->text, sizeof(working->text), text, strlen(text));
	if (working->is_shown)
		line_show(working);
	(void)pthread_mutex_unlock(&working->lock);
}

void
working_end(struct working *working)
{
	if (!working->is_seen)
		return;
	(void)pthread_mutex_lock(&working->lock);
	working->is_over = true;
	(void)pthread_cond_signal(&working->over);
	(void)pthread_mutex_unlock(&working->lock);
	(void)pthread_join(working->thread, NULL);
	if (working->is_shown)
		(void)fputs("\r\033[K", stderr);
	working->is_seen = false;
	(void)pthread_cond_destroy(&working->over);
	(void)pthread_mutex_destroy(&working->lock);
}
