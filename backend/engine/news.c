/* SPDX-License-Identifier: MIT */
#include "news.h"

#include <stdlib.h>

#include "state/state.h"

enum { AGAIN = 1000 }; /* milliseconds between looks, without inotify */

static void
look_due(void *arg)
{
	struct news *news = arg;

	if (watch_fd(news->watch) < 0)
		loop_timer_set(news->loop, &news->timer, loop_now() + AGAIN);
	news->look(news->arg);
}

static void
disturbed(struct watch_subject *subject, enum watch_event event,
    const char *name, void *arg)
{
	struct news *news = arg;

	(void)subject;
	(void)event;
	(void)name;
	loop_timer_set(news->loop, &news->timer, loop_now());
}

void
news_begin(struct news *news, struct loop *loop, struct watch *watch,
    const char *directory, void (*look)(void *arg), void *arg)
{
	struct paths paths = { 0 };
	struct problem problem;

	*news = (struct news){ .loop = loop,
		.watch = watch,
		.listener = { disturbed, news, NULL },
		.timer = { .due = look_due, .arg = news },
		.look = look,
		.arg = arg };
	news->subject.listener = &news->listener;
	watch_listen(watch, &news->listener);
	state_watch(directory, &paths);
	(void)watch_set(watch, &news->subject, &paths, &problem);
	paths_fini(&paths);
	/* What came between the first reading and the watch. */
	loop_timer_set(loop, &news->timer, loop_now());
}

void
news_end(struct news *news)
{
	if (news->watch == NULL)
		return;
	loop_timer_clear(news->loop, &news->timer);
	watch_drop(news->watch, &news->subject);
	watch_unlisten(news->watch, &news->listener);
}
