/* SPDX-License-Identifier: MIT */
#include "loop/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/plain.h"
#include "loop/journal.h"

enum {
	LINE_MAX_OCTETS = 2048,
	OBJECTS = 256, /* places for what has had lines lately */
};

/* How many lines an object has had since `since`. */
struct budget {
	uint64_t object;
	int64_t since; /* seconds of CLOCK_MONOTONIC */
	unsigned lines;
};

/* The only mutable variables of file scope in the program. */
static struct budget budgets[OBJECTS];
static enum log_level shown = LOG_LEVEL_INFO;
static struct {
	void (*take)(enum log_level level, const char *text, void *arg);
	void *arg;
} sink; /* of lines; NULL: standard error */
static struct {
	const char *path;   /* NULL: there is none */
	int fd;             /* 0: not made yet */
	unsigned long lost; /* lines that no line has told of yet */
} journal;
static struct {
	struct log_recent list[LOG_RECENT];
	unsigned count; /* of all that ever were */
} recent;

void
log_set_level(enum log_level level)
{
	shown = level;
}

void
log_set_sink(
    void (*take)(enum log_level level, const char *text, void *arg), void *arg)
{
	sink.take = take;
	sink.arg = arg;
}

void
log_to_journal(const char *path)
{
	if (journal_is_stderr(getenv("JOURNAL_STREAM")))
		journal.path = path;
}

bool
log_shows(enum log_level level)
{
	return level <= shown;
}

const struct log_recent *
log_recent(unsigned at)
{
	return at < recent.count && at < LOG_RECENT
		   ? &recent.list[(recent.count - 1 - at) % LOG_RECENT]
		   : NULL;
}

static void
keep(enum log_level level, const char *text)
{
	struct log_recent *entry = &recent.list[recent.count++ % LOG_RECENT];

	entry->when = (int64_t)time(NULL);
	entry->level = level;
	(void)snprintf(entry->text, sizeof(entry->text), "%s", text);
}

static int64_t
seconds_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec;
}

/* What the line is about: FNV-1a up to the first colon. */
static uint64_t
object_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text != '\0' && *text != ':'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

/*
 * Return how many lines the object has with this one.  Its place may have been
 * another one's, which then begins anew: that costs some lines more.
 */
static unsigned
budget_take(const char *text, unsigned *ret_left_out)
{
	uint64_t object = object_of(text);
	struct budget *budget = &budgets[object % OBJECTS];
	int64_t now = seconds_now();

	*ret_left_out = 0;
	if (budget->object != object || now - budget->since >= LOG_SPAN) {
		if (budget->object == object && budget->lines > LOG_BURST)
			*ret_left_out = budget->lines - LOG_BURST;
		*budget = (struct budget){ object, now, 0 };
	}
	return ++budget->lines;
}

/* Standard error is a socket then; who answers does not wait for it. */
static bool
journal_take(enum log_level level, const char *text, const struct event *event,
    const char *line, size_t len)
{
	/* With the first line: a process that writes none has no socket. */
	if (journal.fd <= 0)
		journal.fd = journal_open();
	return journal_send(
		   journal.fd, journal.path, (int)level, text, event) ||
	       send(STDERR_FILENO, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void
journal_write(enum log_level level, const char *text, const struct event *event,
    const char *line, size_t len)
{
	char told[64];

	if (!journal_take(level, text, event, line, len)) {
		journal.lost++;
	} else if (journal.lost > 0) {
		(void)snprintf(told, sizeof(told),
		    "log: the journal did not take %lu lines", journal.lost);
		if (journal_send(journal.fd, journal.path, LOG_LEVEL_WARNING,
			told, NULL))
			journal.lost = 0;
	}
}

/* Make a line of the text, and write it. */
static void
line_write(enum log_level level, const char *text, const struct event *event)
{
	char line[LINE_MAX_OCTETS];
	size_t used;

	if (getenv("JOURNAL_STREAM") != NULL)
		used = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	else
		used = (size_t)snprintf(line, sizeof(line), "pdns-tlsa: %s",
		    level <= LOG_LEVEL_ERROR     ? "error: "
		    : level == LOG_LEVEL_WARNING ? "warning: "
						 : "");
	/* What peers sent must not write lines of its own. */
	(void)plain_put(
	    line + used, sizeof(line) - used - 1, text, strlen(text));
	if (level <= LOG_LEVEL_WARNING)
		keep(level, line + used);
	used = strlen(line);
	line[used++] = '\n';
	if (journal.path != NULL) {
		journal_write(level, text, event, line, used);
		return;
	}
	/* One write, so that lines of several processes do not mix. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
}

__attribute__((format(printf, 3, 0))) static void
text_write(enum log_level level, const struct event *event, const char *format,
    va_list args)
{
	char text[LINE_MAX_OCTETS];
	unsigned left_out = 0;
	unsigned count;
	size_t len;

	(void)vsnprintf(text, sizeof(text), format, args);
	len = strlen(text);
	count = level == LOG_LEVEL_DEBUG ? 0 : budget_take(text, &left_out);
	if (left_out > 0)
		(void)snprintf(text + len, sizeof(text) - len,
		    " (%u lines like this before were left out)", left_out);
	else if (count == LOG_BURST)
		(void)snprintf(text + len, sizeof(text) - len,
		    " (what more comes like this in a minute is left out)");
	if (count > LOG_BURST)
		return;
	if (sink.take != NULL)
		sink.take(level, text, sink.arg);
	else
		line_write(level, text, event);
}

void
log_event(
    enum log_level level, const struct event *event, const char *format, ...)
{
	va_list args;

	if (!log_shows(level))
		return;
	va_start(args, format);
	text_write(level, event, format, args);
	va_end(args);
}

void
log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!log_shows(level))
		return;
	va_start(args, format);
	text_write(level, NULL, format, args);
	va_end(args);
}
