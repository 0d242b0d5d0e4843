/* SPDX-License-Identifier: MIT */
#ifndef STATE_INDEX_H
#define STATE_INDEX_H

/*
 * Where in a journal the last line about each thing is, and what has changed
 * there since somebody looked.  The lines themselves stay in the file.
 * Threads: one at a time for each index.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "state/cert.h"
#include "entry.h"
#include "line.h"
#include "pki/chain.h"
#include "sets/trie.h"

/* A line that waits for the next commit. */
struct state_pending {
	struct buf line;
	uint64_t sum;
	struct chain **chains; /* whose CA certificates it refers to */
	size_t chain_count;
};

/* One thing. */
struct state_entry {
	enum state_kind kind;
	uint32_t len;   /* of its line with the newline; 0: not on record */
	unsigned round; /* the reading of the journal that saw it last */
	bool is_changed;
	bool is_wanted; /* for who walks over the index */
	uint64_t offset;
	uint64_t sum;
	struct cert *ca; /* decoded when asked for first, or NULL */
	struct state_pending *pending; /* or NULL */
};

struct state_index {
	struct trie entries; /* key, as it is in the line -> state_entry */
	int fd;              /* the journal, borrowed; -1: none */
	uint64_t end;        /* behind the last whole line that was read */
	uint64_t live;       /* octets that count of those before */
	bool has_version;
	size_t damaged; /* lines */
	unsigned round;
	struct state_entry **changed;
	size_t changed_count;
	struct buf window; /* what was read last, for decoding */
	uint64_t window_at;
};

void state_index_init(struct state_index *index, int fd);
void state_index_fini(struct state_index *index);

/*
 * Go on with another file, from its start.  What is in it as it was is not a
 * change; what is not in it is no longer on record.
 */
void state_index_restart(struct state_index *index, int fd);

/*
 * Read the whole lines behind `end`.  What they are about is added to
 * `changed`, each thing once.  Lines that are not right are counted in
 * `damaged`, as are octets that are no line of a journal without any.
 *
 * Returns STATUS_OK; STATUS_REFUSED if a later version wrote the journal; or
 * STATUS_IO with `problem`.
 */
enum status state_index_read(
    struct state_index *index, struct problem *problem);

/* Forget that the things in `changed` have changed. */
void state_index_settle(struct state_index *index);

/* Return the entry at a key, made if it is missing. */
struct state_entry *state_index_entry(
    struct state_index *index, const char *key, size_t len);

/* The line of `entry` is now the one at `offset`. */
void state_index_place(struct state_index *index, struct state_entry *entry,
    uint64_t offset, size_t len, uint64_t sum);

/* `entry` is no longer on record. */
void state_index_remove(struct state_index *index, struct state_entry *entry);

/*
 * Decode the line of an entry that is on record.  Returns STATUS_OK: end
 * *ret with state_record_fini(); STATUS_MALFORMED; or STATUS_IO with
 * `problem`.
 */
enum status state_index_decode(struct state_index *index,
    const struct state_entry *entry, struct state_record *ret,
    struct problem *problem);

/*
 * Return the entry of a CA certificate (hexadecimal digest), which need not
 * be on record, or NULL.
 */
struct state_entry *state_index_ca(
    const struct state_index *index, const char *digest);

/* Return the certificate of such an entry, borrowed; NULL if none is. */
struct cert *state_index_cert(
    struct state_index *index, struct state_entry *entry);

void state_pending_free(struct state_pending *pending);

#endif
