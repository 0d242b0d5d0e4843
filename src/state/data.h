/* SPDX-License-Identifier: MIT */
#ifndef STATE_DATA_H
#define STATE_DATA_H

/*
 * What struct state consists of.  Private to state/state.c (open, begin) and
 * state/commit.c (put, commit).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index.h"
#include "state/directory.h"
#include "state/state.h"
#include "sync.h"

/* Below this size a journal is never rewritten because of what it holds. */
enum { STATE_REWRITE_SLACK = 64 * 1024 };

/* So many octets of lines do not wait for the commit. */
enum { STATE_PENDING_MAX = 1024 * 1024 };

struct state {
	struct state_directory directory;
	struct state_index index; /* index.fd is owned here */
	struct state_sync *sync;
	struct state_hooks hooks;
	bool is_begun;
	uint64_t begun_at;   /* the end of the journal then */
	bool is_first;       /* nobody knows of anything yet */
	uint64_t no_rewrite; /* while the journal is shorter: one failed */
	struct state_entry **pending; /* in the order in which they were put */
	size_t pending_count;
	size_t pending_octets;
	bool is_failing; /* writing ahead failed: the commit will tell */
};

#endif
