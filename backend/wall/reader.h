/* SPDX-License-Identifier: MIT */
#ifndef WALL_READER_H
#define WALL_READER_H

/*
 * Who reads files for us: another process, begun again when it dies, or the
 * scanner itself for who only looks once.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "files/watch.h"
#include "loop/loop.h"
#include "pki/ca_pool.h"
#include "report/reading.h"
#include "scan/hooks.h"
#include "warden.h"

struct reader;

struct reader_hooks {
	struct scan_hooks scan; /* `looking` and `idle` are not called */
	/* Tell the reader what is known: reader_set_memory() and so on. */
	void (*tell)(void *arg);
	int64_t patience; /* milliseconds of silence, after which it is dead */
};

/*
 * Make one for `reading`; all arguments are borrowed and must outlive it.
 * Without a `warden` this process reads, by `watch` and with `cas`, which
 * otherwise are not used.
 */
struct reader *reader_new(struct loop *loop, struct warden *warden,
    struct watch *watch, struct ca_pool *cas, const struct reading *reading,
    const struct reader_hooks *hooks);

void reader_free(struct reader *reader);

/* Have it told what is known, and let it begin. */
void reader_start(struct reader *reader);

/* See scan/scan.h. */
void reader_know(struct reader *reader, unsigned source, const char *name,
    struct known *known);
void reader_know_problem(struct reader *reader, unsigned source);
void reader_set_memory(struct reader *reader, bool has_memory);

/* Return the number of the process that reads, or 0 if there is none now. */
pid_t reader_pid(const struct reader *reader);

/* Return the locks that hold it, as it says: see wall/confine.h. */
unsigned reader_locks(const struct reader *reader);

#endif
