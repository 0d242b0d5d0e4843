/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CACHES_H
#define ENGINE_CACHES_H

/*
 * What PowerDNS has to forget after a change: exactly the names whose answer
 * is another one now, and zones that came or went.  And how long it may go on
 * with what it had where it was not told to.  Threads: one at a time.
 */

#include "answer/snapshot.h"
#include "config/config.h"
#include "pdns/control.h"
#include "policy/association.h"

struct caches {
	struct pdns_control *control; /* owned */
	int64_t ttl;                  /* of all of its caches, seconds */
	bool is_used;                 /* there is a PowerDNS, which asked us */
	struct publication_lag lag;   /* what follows from that */
	struct trie changed;          /* keys of owner names */
	struct trie unknown;          /* keys of zones; see caches_greet() */
};

void caches_init(
    struct caches *caches, struct loop *loop, const struct config *config);
void caches_fini(struct caches *caches);

/*
 * Read from PowerDNS's configuration how long its caches hold, as far as we
 * may read it, and use the control socket that `config` names.
 */
void caches_set_config(struct caches *caches, const struct config *config);

/*
 * The same for who only looks, where one asks the daemon: what was published
 * was told of if there is a control socket.
 */
struct publication_lag caches_lag(const struct config *config);

/* A PowerDNS asks us: from now on it may hold something. */
void caches_note_use(struct caches *caches);

/* The RRset of this owner name changes. */
void caches_note_owner(struct caches *caches, const char *name);

/*
 * The SOA of this zone changed: its secondaries need to know, too.  If the
 * change is the `first` we know of, it was made while we were off: then there
 * is no telling what is cached, and PowerDNS looks for new serials by itself.
 */
void caches_note_zone(
    struct caches *caches, const struct zone *zone, bool first);

/*
 * Now `next` is what is answered, after `last`: purge what was noted, and the
 * empty non-terminals that came or went with it.  If there may be other zones:
 * PowerDNS keeps a list of all, refuses what is not in it, and has to ask for
 * it again.  `last` may be NULL.
 */
void caches_exchange(struct caches *caches, const struct snapshot *last,
    const struct snapshot *next, bool zones);

/*
 * We begin to answer: a PowerDNS that runs already has the list of whoever did
 * so before, and of zones that are others now it may have anything in its
 * caches.
 */
void caches_greet(struct caches *caches);

#endif
