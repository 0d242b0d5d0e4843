/* SPDX-License-Identifier: MIT */
#ifndef JUDGE_H
#define JUDGE_H

/*
 * Who asks the daemon without end, on several connections, and judges each
 * answer by what may be right at that time.  Who changes the store says first
 * what may be there from now on, and what must be; an answer is judged by what
 * held when it was asked for, or when it came.
 *
 * Threads: those of the judge, and the one that owns it; what both use is
 * atomic.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "client.h"

enum {
	JUDGE_LINES = 16,
	JUDGE_THREADS = 4,
};

/*
 * A host that is asked for.  Sets of its records are numbers, with bit i for
 * lines[i].
 */
struct subject {
	char *owner;
	char *lines[JUDGE_LINES]; /* contents; NULL: none */
	atomic_uint may;          /* what was ever to be found on the disk */
	/* Two sets, of which one is in each answer; see need_of(). */
	atomic_uint_least64_t need;
	/* What stays once it was answered, as the configuration retains it. */
	uint32_t lasting;
	/*
	 * What a defect that is known may leave out at present: counted, and
	 * no promise is broken.  See KNOWN in torture_store.c.
	 */
	atomic_uint known;
	_Atomic(const char *) fault; /* at present, or NULL */
};

/* Either all of `a` or all of `b` has to be there. */
static inline uint64_t
need_of(uint32_t a, uint32_t b)
{
	return (uint64_t)a << 32 | b;
}

struct judge {
	struct subject *subjects;
	size_t count;
	const char *socket;
	/*
	 * One more when a process is about to be ended, and when its successor
	 * listens: odd in between.  A connection may fail once then.
	 */
	atomic_uint ends;
	_Atomic(const char *) fault; /* of the machine at present, or NULL */
	atomic_bool over;
	pthread_t threads[JUDGE_THREADS];
	pthread_mutex_t mutex; /* for what is printed */
	const char *told;      /* what was printed last: is it the same? */
	unsigned notes;
	atomic_ulong answers;
	atomic_ulong wrong;  /* has what never was */
	atomic_ulong shrunk; /* lacks what somebody may rely on */
	atomic_ulong known;  /* shrunk by a defect that is known */
	atomic_ulong empty;
	atomic_ulong failed;  /* and nobody ended the process */
	atomic_ulong excused; /* failed when it was ended */
	atomic_ulong stalled; /* nothing came for as long as a client waits */
};

void judge_begin(struct judge *judge);
void judge_end(struct judge *judge);

/* Return true if no promise was broken. */
bool judge_is_content(const struct judge *judge);

/*
 * Ask for one host and judge the answer.  Returns true with the records that
 * it has, or false where there is none; then the connection is closed.
 */
bool judge_ask(struct judge *judge, struct client *client, unsigned since,
    struct subject *subject, uint32_t *ret_set);

#endif
