/* SPDX-License-Identifier: MIT */
#ifndef STATE_STATE_H
#define STATE_STATE_H

/*
 * What must survive a restart, and what several processes of one state
 * directory must agree on: zone ids and serials, the generations of each
 * lineage, and since when each association has been published.
 *
 * A journal, state.jsonl: a first line with the version, then one JSON object
 * a line, each with a checksum; the last line about a thing counts.  A change
 * is appended by one write(2) under a lock (flock(2) on state.lock), so that a
 * process killed at any point leaves whole lines and at most one cut one at
 * the end, which the next one cuts off.  What has piled up is rewritten aside
 * and renamed over it; lines of kinds that only a later version knows are
 * kept.  That, and fsync(2), happens in a thread of its own: nobody waits for
 * a disk.  Names may hold any octets but NUL.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "files/file.h"
#include "pki/chain.h"

struct state;

enum { STATE_VERSION = 1, STATE_DIGEST = 16 };

/* An own zone.  Strings and arrays are borrowed by who gets or gives them. */
struct state_zone {
	const char *name;
	int32_t id;
	uint32_t serial;
	uint32_t notified;             /* serial last notified; 0: none */
	uint8_t content[STATE_DIGEST]; /* digest of what has this serial */
};

/* The RRset of an owner name, as last published. */
struct state_association {
	const char *rdata; /* "3 1 1 0b9f..." */
	int64_t since;     /* published without a break; seconds, 1970 */
	int64_t seen;      /* at every name server; 0: was not seen */
};
struct state_owner {
	const char *name;
	uint32_t ttl;
	const struct state_association *list;
	size_t count; /* 0: the owner is gone */
};

/* One generation of a lineage; the first of a list is the current one. */
struct state_generation {
	struct chain *chain; /* borrowed */
	int64_t since;       /* when it became current */
	int64_t replaced;    /* when another one did; 0: it is current */
};
struct state_lineage {
	const char *source; /* "certbot:/etc/letsencrypt" */
	const char *name;
	const char *file;         /* where the current chain was read */
	struct fingerprint print; /* of that file */
	const char *remark;       /* what else it holds, or NULL */
	int64_t deleted;          /* when it was deliberately deleted, or 0 */
	uint8_t deployed[32];     /* SHA-256 of the leaf deployed last, or 0 */
	const struct state_generation *list;
	size_t count; /* 0: the lineage is forgotten */
};

/*
 * Told of each thing that is on record, or that another process put there.
 * Any of them may be NULL.  They must not call state_*().
 */
struct state_hooks {
	void (*zone)(const struct state_zone *zone, void *arg);
	void (*owner)(const struct state_owner *owner, void *arg);
	void (*lineage)(const struct state_lineage *lineage, void *arg);
	void *arg;
};

/*
 * Open the state of `directory`, which is made if it is missing (mode 0750),
 * and tell `hooks` all of it: zones, then owners, then lineages, each thing
 * once, as it is last on record.  Certificates come without X.509 objects; CA
 * certificates that several generations share are one object.
 *
 * A journal that is damaged is set aside as state.jsonl.damaged-TIME; what is
 * whole of it is used, and *ret_warning (free(), or NULL) says so.  One that
 * is empty or missing is a beginning.
 *
 * Returns STATUS_OK; or with `problem`, and without a state, STATUS_IO
 * (directory cannot be made, read or written), STATUS_BUSY (somebody holds the
 * lock, and there is no journal to be read without) or STATUS_REFUSED (written
 * by a later version: update, or set it aside by hand).
 */
enum status state_open(const char *directory, const struct state_hooks *hooks,
    struct state **ret_state, char **ret_warning, struct problem *problem);

/* The same for who may not wait: a lock that is taken is STATUS_BUSY at once.
 */
enum status state_open_now(const char *directory,
    const struct state_hooks *hooks, struct state **ret_state,
    char **ret_warning, struct problem *problem);

/*
 * Tell of what is on record in a directory that cannot be written, or locked,
 * as on a file system that is mounted read-only.  Nothing is made or changed.
 * Returns STATUS_OK; or with `problem` STATUS_BUSY if there is nothing to be
 * read, or what state_open() returns.
 */
enum status state_look(const char *directory, const struct state_hooks *hooks,
    struct problem *problem);

/* Return true if there is a journal that state_open() may write to. */
bool state_is_usable(const char *directory);

/* Wait for the last fsync(2), and free it.  NULL is legal. */
void state_close(struct state *state);

/*
 * Return the path of the journal in `directory`, for who watches it: free() it.
 */
char *state_journal_path(const char *directory);

/*
 * Return true if another process has written, or the journal was replaced,
 * since the last commit.
 */
bool state_has_news(const struct state *state);

/*
 * Take the lock and tell `hooks` what others wrote meanwhile: each thing once,
 * if it is not as we last had it, also when the journal was replaced.  What
 * is gone is told with a count of 0 and stays on record for a day; a thing
 * that is merely no longer there (somebody emptied the journal) is not told.
 *
 * Returns STATUS_OK: put what has changed, then call state_commit().
 * STATUS_BUSY: another process, or our own thread that rewrites the journal,
 * holds the lock for the moment; try again some milliseconds later, without
 * being woken.  STATUS_IO with `problem`, and without the lock; also once to
 * report damage that was repaired, or what the thread could not do.
 */
enum status state_begin(struct state *state, struct problem *problem);

/*
 * Between begin and commit: put on record.  Nothing is written yet, and what
 * is on record just so will not be.  Chains are as chain_parse() makes them.
 * Also after a begin that failed: then the commit fails too, and what was put
 * waits for one that does not.
 */
void state_put_zone(struct state *state, const struct state_zone *zone);
void state_put_owner(struct state *state, const struct state_owner *owner);
void state_put_lineage(
    struct state *state, const struct state_lineage *lineage);

/*
 * Append what was put, if anything, and give up the lock.  The journal is
 * rewritten when most of it is outdated.
 *
 * Returns STATUS_OK; or STATUS_IO with `problem` (full disk): what was put is
 * kept and tried again by the next commit, except a thing that the hooks were
 * told of before: another process has put it later.
 */
enum status state_commit(struct state *state, struct problem *problem);

#endif
