/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

/* What an engine is made of.  Private to engine.c and asked.c. */

#include "caches.h"
#include "edition.h"
#include "engine/counters.h"
#include "engine/servers.h"
#include "keys.h"
#include "loop/clock.h"
#include "news.h"
#include "record.h"
#include "scan/disk.h"

struct engine {
	struct loop *loop;
	struct tlsa_pool tlsas;
	struct ca_pool cas;
	struct reader_hooks reader_hooks;
	struct edition_hooks hooks;
	struct edition edition;
	struct snapshot *snapshot; /* NULL: not ready */
	struct notified notified;
	struct alarms alarms;
	struct record record;
	struct engine_counters counters;
	struct keys keys;
	struct caches caches;
	struct trie servers; /* ids of zones -> struct servers */
	bool is_observer;    /* has no keys, and purges no caches */
	struct trie hashed;  /* ids of zones told of; see engine_log_hashed() */
	struct disk disk;
	struct news news;
	struct loop_timer publish; /* soon, or when time changes something */
	struct loop_timer reload;
	int64_t busy_since; /* loop_now() when the record was busy, or 0 */
	struct clock clock;
	bool reload_wanted; /* while a scan is under way */
	void (*ready)(void *arg);
	void *arg;
	void (*reloaded)(void *arg); /* NULL: nobody is told */
	void *reloaded_arg;
};

#endif
