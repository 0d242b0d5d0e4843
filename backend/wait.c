/* SPDX-License-Identifier: MIT */
#include "wait.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control_client.h"
#include "loop.h"

enum {
	POLL = 500,        /* milliseconds between two looks */
	PATIENCE = 300000, /* milliseconds for a daemon to come back */
};

struct wait {
	const struct config *config;
	const char *lineage;
	bool is_terminal;
	struct control_client *client; /* NULL: lost it */
	int64_t heard;                 /* when the daemon last answered */
	struct newest newest;
	const char *state; /* why not yet */
	int64_t remaining; /* seconds until safe; 0: nobody knows */
	char reason[256];
};

static void
progress_print(const struct wait *wait)
{
	if (!wait->is_terminal)
		return;
	if (wait->remaining > 0)
		(void)fprintf(stderr,
		    "\r%s: safe to serve in %lld:%02lld:%02lld \033[K",
		    wait->lineage, (long long)wait->remaining / 3600,
		    (long long)wait->remaining / 60 % 60,
		    (long long)wait->remaining % 60);
	else
		(void)fprintf(
		    stderr, "\r%s: %s \033[K", wait->lineage, wait->state);
}

static void
progress_end(const struct wait *wait)
{
	if (wait->is_terminal)
		(void)fputs("\r\033[K", stderr);
}

/* What the daemon says of the lineage in the source where we found it. */
static json_t *
answer_find(const struct wait *wait, const json_t *list)
{
	const char *path = wait->config->sources[wait->newest.source].path;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		const char *source = json_string_value(
		    json_object_get(item, "source"));

		if (source != NULL && strcmp(source, path) == 0)
			return item;
	}
	return NULL;
}

static bool
answer_judge(struct wait *wait, const json_t *answer)
{
	const char *leaf = json_string_value(json_object_get(answer, "leaf"));
	const char *problem = json_string_value(
	    json_object_get(answer, "problem"));

	wait->remaining = 0;
	if (problem != NULL) {
		(void)snprintf(wait->reason, sizeof(wait->reason),
		    "the daemon cannot use it: %s", problem);
		wait->state = wait->reason;
		return false;
	}
	/* certbot runs its hook before the daemon has looked. */
	if (leaf == NULL || strcmp(leaf, wait->newest.leaf) != 0) {
		wait->state = "the daemon has not read it yet";
		return false;
	}
	if (json_is_true(json_object_get(answer, "safe")))
		return true;
	wait->state = "nothing that is published matches it";
	if (json_is_true(json_object_get(answer, "published")))
		wait->remaining = json_integer_value(
		    json_object_get(answer, "remaining"));
	return false;
}

/* An answer of the daemon; NULL: there is none. */
static json_t *
ask(struct wait *wait, struct problem *problem)
{
	json_t *list;

	if (wait->client == NULL && control_client_new(wait->config->control,
					&wait->client, problem) != STATUS_OK)
		return NULL;
	list = control_ask(wait->client, "safety",
	    json_pack("{s:s}", "lineage", wait->newest.name), problem);
	if (list != NULL) {
		wait->heard = loop_now();
	} else {
		control_client_free(wait->client);
		wait->client = NULL;
	}
	return list;
}

/* Look once: STATUS_OK if it is safe, STATUS_BUSY if it is not yet.  A daemon
 * that was there may be away for a restart: a hold is longer than that. */
static enum status
wait_look(struct wait *wait, struct problem *problem)
{
	enum status status;
	json_t *list;
	bool is_safe;

	newest_fini(&wait->newest);
	status = newest_find(
	    wait->config, wait->lineage, &wait->newest, problem);
	if (status != STATUS_OK)
		return status;
	list = ask(wait, problem);
	if (list == NULL &&
	    (wait->heard == 0 || loop_now() > wait->heard + PATIENCE))
		return STATUS_IO;
	if (list == NULL) {
		wait->state = "the daemon does not answer any more";
		wait->remaining = 0;
		return STATUS_BUSY;
	}
	is_safe = answer_judge(wait, answer_find(wait, list));
	json_decref(list);
	return is_safe ? STATUS_OK : STATUS_BUSY;
}

enum status
wait_until_safe(const struct config *config, const char *lineage,
    int64_t timeout, struct newest *ret_newest, struct problem *problem)
{
	const struct timespec pause = { .tv_nsec = POLL * 1000000L };
	struct wait wait = { .config = config,
		.lineage = lineage,
		.is_terminal = isatty(STDERR_FILENO) };
	int64_t end = timeout < 0 ? INT64_MAX : loop_now() + timeout * 1000;
	enum status status;

	while ((status = wait_look(&wait, problem)) == STATUS_BUSY &&
	       loop_now() < end) {
		progress_print(&wait);
		(void)nanosleep(&pause, NULL);
	}
	progress_end(&wait);
	control_client_free(wait.client);
	if (status == STATUS_OK) {
		*ret_newest = wait.newest;
		return status;
	}
	if (status == STATUS_BUSY && wait.remaining > 0)
		problem_set(problem,
		    "lineage '%.200s': not yet safe to serve, in %lld s",
		    lineage, (long long)wait.remaining);
	else if (status == STATUS_BUSY)
		problem_set(problem,
		    "lineage '%.200s': not yet safe to serve: %s", lineage,
		    wait.state);
	newest_fini(&wait.newest);
	return status;
}
