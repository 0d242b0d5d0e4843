/* SPDX-License-Identifier: MIT */
#include "scan/issuers.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "files/watch.h"
#include "issuers/load.h"
#include "loop/log.h"

enum {
	SETTLE = 200,  /* milliseconds of quiet before files are read */
	AGAIN = 60000, /* between two looks, without inotify */
};

struct issuer_watch {
	struct loop *loop;
	const struct config *config;
	struct issuers *sets;
	struct watch *watch;
	struct watch_listener listener;
	struct watch_subject subject;
	struct loop_timer timer;
	void (*changed)(void *arg);
	void *arg;
};

static void
warn(void *arg, const char *text)
{
	(void)arg;
	log_line(LOG_LEVEL_WARNING, "issuers: %s", text);
}

static void
directories_watch(struct issuer_watch *watch)
{
	struct paths paths = { 0 };
	struct problem problem;

	for (size_t i = 0; i < watch->config->issuer_count; i++) {
		char *inside = mem_format("%s/", watch->config->issuers[i]);

		paths_add(&paths, inside);
		free(inside);
	}
	(void)watch_set(watch->watch, &watch->subject, &paths, &problem);
	paths_fini(&paths);
}

/* What `old` has stays in the place of what cannot be read now. */
static void
sets_load(struct issuer_watch *watch, const struct issuers *old)
{
	struct problem problem;

	directories_watch(watch);
	if (watch_fd(watch->watch) < 0)
		loop_timer_set(watch->loop, &watch->timer, loop_now() + AGAIN);
	watch->sets = issuers_load((const char *const *)watch->config->issuers,
	    watch->config->issuer_count, old, warn, NULL);
	for (size_t i = 0; i < watch->sets->count; i++)
		if (issuer_set_concern(
			watch->sets->sets[i], (int64_t)time(NULL), &problem))
			log_line(
			    LOG_LEVEL_WARNING, "issuers: %s", problem.text);
}

static void
timer_due(void *arg)
{
	struct issuer_watch *watch = arg;

	/* The old sets are in use until the owner has heard. */
	struct issuers *old = watch->sets;

	sets_load(watch, old);
	watch->changed(watch->arg);
	issuers_unref(old);
}

static void
disturbed(struct watch_subject *subject, enum watch_event event,
    const char *name, void *arg)
{
	struct issuer_watch *watch = arg;

	(void)subject;
	(void)name;
	/* They would be read, and complained of, with each container. */
	if (event == WATCH_MOUNTED)
		return;
	loop_timer_set(watch->loop, &watch->timer, loop_now() + SETTLE);
}

struct issuer_watch *
issuer_watch_new(struct loop *loop, struct watch *inotify,
    const struct config *config, const struct issuers *old,
    void (*changed)(void *arg), void *arg)
{
	struct issuer_watch *watch = mem_new(sizeof(*watch));

	watch->loop = loop;
	watch->config = config;
	watch->watch = inotify;
	watch->changed = changed;
	watch->arg = arg;
	watch->listener = (struct watch_listener){ disturbed, watch, NULL };
	watch->subject.listener = &watch->listener;
	watch_listen(inotify, &watch->listener);
	watch->timer.due = timer_due;
	watch->timer.arg = watch;
	sets_load(watch, old);
	return watch;
}

void
issuer_watch_free(struct issuer_watch *watch)
{
	if (watch == NULL)
		return;
	loop_timer_clear(watch->loop, &watch->timer);
	watch_drop(watch->watch, &watch->subject);
	watch_unlisten(watch->watch, &watch->listener);
	issuers_unref(watch->sets);
	free(watch);
}

const struct issuers *
issuer_watch_sets(const struct issuer_watch *watch)
{
	return watch->sets;
}
