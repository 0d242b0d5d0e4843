/* SPDX-License-Identifier: MIT */
#ifndef PAGE_SWEEP_H
#define PAGE_SWEEP_H

/*
 * Going through all lineages, services and zones a little at a time, between
 * the turns in which PowerDNS is answered.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/item.h"
#include "loop/loop.h"

/* Who goes through them; NULL: these are none of his. */
struct sweep_hooks {
	/* False: there is more of it, and it is called again for that. */
	bool (*lineage)(void *arg, const struct lineage *lineage, int64_t now);
	void (*service)(void *arg, size_t at, int64_t now);
	void (*zone)(void *arg, size_t at);
	void *arg;
};

/*
 * It is over.  `is_whole`: all were seen, and of one edition of the
 * configuration.
 */
typedef void sweep_done_fn(void *arg, bool is_whole);

struct sweep {
	struct loop *loop;
	const struct control *control;
	sweep_done_fn *done;
	void *arg;
	const struct sweep_hooks *hooks; /* NULL: nobody goes */
	struct loop_timer timer;
	uint64_t edition;
	int phase;
	size_t at; /* of the phase: so many are behind */
};

/* End it with sweep_fini(). */
void sweep_init(struct sweep *sweep, struct loop *loop,
    const struct control *control, sweep_done_fn *done, void *arg);

/* Begin, when no other one is under way; `hooks` is borrowed until the end. */
void sweep_begin(struct sweep *sweep, const struct sweep_hooks *hooks);

bool sweep_is_under_way(const struct sweep *sweep);

/* Whoever is under way goes no further, and is told nothing. */
void sweep_fini(struct sweep *sweep);

#endif
