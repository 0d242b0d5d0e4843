/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "plain.h"

enum { LINE_MAX_OCTETS = 2048 };

/* The only mutable variables of file scope in the program. */
static enum log_level shown = LOG_LEVEL_INFO;
static struct {
	struct log_recent list[LOG_RECENT];
	unsigned count; /* of all that ever were */
} recent;

void
log_set_level(enum log_level level)
{
	shown = level;
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

void
log_line(enum log_level level, const char *format, ...)
{
	char text[LINE_MAX_OCTETS];
	char line[LINE_MAX_OCTETS];
	size_t used = 0;
	va_list args;

	if (!log_shows(level))
		return;
	if (getenv("JOURNAL_STREAM") != NULL)
		used = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	else
		used = (size_t)snprintf(line, sizeof(line), "pdns-tlsa: %s",
		    level <= LOG_LEVEL_ERROR     ? "error: "
		    : level == LOG_LEVEL_WARNING ? "warning: "
						 : "");
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* What peers sent must not write lines of its own. */
	(void)plain_put(
	    line + used, sizeof(line) - used - 1, text, strlen(text));
	if (level <= LOG_LEVEL_WARNING)
		keep(level, line + used);
	used = strlen(line);
	line[used++] = '\n';
	/* One write, so that lines of several processes do not mix. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
}
