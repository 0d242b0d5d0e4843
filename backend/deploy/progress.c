/* SPDX-License-Identifier: MIT */
#include "deploy/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "cli/terminal.h"
#include "loop/log.h"

void
progress_begin(struct progress *progress, const char *lineage)
{
	*progress = (struct progress){ .lineage = lineage,
		.is_terminal = terminal_of(stderr).is_moved };
}

/* Not each second that is left, but whom to wake up. */
static void
progress_log(struct progress *progress, const char *state)
{
	struct plain reason = plain_of(state);

	if (strcmp(reason.text, progress->told) == 0)
		return;
	log_line(LOG_LEVEL_NOTICE, "lineage '%s': %s", progress->lineage,
	    reason.text);
	memcpy(progress->told, reason.text, sizeof(reason.text));
}

void
progress_show(struct progress *progress, int64_t remaining, const char *state,
    bool is_news)
{
	if (!progress->is_terminal) {
		if (remaining == 0 && is_news)
			progress_log(progress, state);
		return;
	}
	if (remaining > 0)
		(void)fprintf(stderr,
		    "\r%s: safe to serve in %lld:%02lld:%02lld \033[K",
		    progress->lineage, (long long)remaining / 3600,
		    (long long)remaining / 60 % 60, (long long)remaining % 60);
	else
		(void)fprintf(stderr, "\r%s: %s \033[K", progress->lineage,
		    plain_of(state).text);
}

void
progress_end(const struct progress *progress)
{
	if (progress->is_terminal)
		(void)fputs("\r\033[K", stderr);
}
