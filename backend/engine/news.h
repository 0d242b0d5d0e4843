/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_NEWS_H
#define ENGINE_NEWS_H

/*
 * When to look whether other processes of the state directory have put
 * something on record: when its file changes, or, without inotify, every
 * second.
 */

#include "files/watch.h"
#include "loop/loop.h"

struct news {
	struct loop *loop;
	struct watch *watch;
	struct watch_listener listener;
	struct watch_subject subject;
	struct loop_timer timer;
	void (*look)(void *arg);
	void *arg;
};

/* Begin, for the record in `directory`: `look` is called soon, and again. */
void news_begin(struct news *news, struct loop *loop, struct watch *watch,
    const char *directory, void (*look)(void *arg), void *arg);

/* End it; legal for zeros. */
void news_end(struct news *news);

#endif
