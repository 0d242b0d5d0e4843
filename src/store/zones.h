/* SPDX-License-Identifier: MIT */
#ifndef STORE_ZONES_H
#define STORE_ZONES_H

/*
 * The zones of the store: what is published in them, what is about to be, and
 * what is on record of them and of their owner names.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/zone.h"
#include "config/config.h"
#include "dns/dname.h"
#include "sets/trie.h"

/* What is on record of a zone, published or not. */
struct known_zone {
	int32_t id;
	uint32_t serial;
	struct content content; /* what has this serial */
};

struct zones {
	const struct config *config; /* borrowed */
	struct trie published;       /* apex -> struct zone */
	struct trie edits;           /* those that are being changed */
	struct trie known;           /* apex -> struct known_zone */
	struct trie known_owners;    /* name -> struct owner, not published */
	struct trie gone;            /* name -> its text, to go off record */
	bool is_shifted;             /* what is on record has other times */
	struct trie timed; /* name: so has this; values mean nothing */
};

/* Those of the configuration, all to be published. */
void zones_init(struct zones *zones, const struct config *config);
void zones_fini(struct zones *zones);

/*
 * Return the version of the zone around `dname` that is being built: an edit,
 * else the published; NULL: it lies in none.
 */
const struct zone *zones_find(
    const struct zones *zones, const struct dname *dname);

/*
 * Return the RRset at an owner name, or NULL.  Of what is published only the
 * times may change, for they are no part of what a snapshot answers.
 */
struct owner *zones_find_owner(
    const struct zones *zones, const struct dname *dname);

/* Return `zone` for changing; it is copied at its first change. */
struct zone *zones_edit(struct zones *zones, const struct zone *zone);

/* Return what is on record of the zone, made if it is missing. */
struct known_zone *zones_known(struct zones *zones, const struct dname *apex);

/* Give each own zone without an id the next one that was never given. */
void zones_settle_ids(struct zones *zones);

/*
 * Publish the edits, own zones with the serials that their contents get at
 * `now`; `told` (may be NULL) hears of each own zone.
 */
void zones_publish(struct zones *zones, int64_t now,
    void (*told)(const struct zone *zone, void *arg), void *arg);

/* Note that nothing is published at an owner name any more. */
void zones_note_gone(struct zones *zones, const uint8_t *key, size_t len);

#endif
