/* SPDX-License-Identifier: MIT */
#ifndef PKI_LINEAGE_H
#define PKI_LINEAGE_H

/*
 * One certificate's directory as the policy sees it: its generations, what
 * comes next, how it will be renewed, and what is wrong with it now.
 * Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fingerprint.h"
#include "pki/chain.h"

/* One generation: the chain, and when it was the current one. */
struct generation {
	struct chain *chain; /* owned reference */
	int64_t since;       /* when it became current; seconds, 1970 */
	int64_t replaced;    /* when another one did; 0: it is current */
};

/* A key that a later generation will have. */
struct next_key {
	struct cert *cert;   /* owned; a bare key has no known DER of a cert */
	struct chain *chain; /* owned; NULL: no certificate yet */
};

/* What the renewal file says; see formats/renewal.h. */
struct renewal_plan {
	bool is_known; /* there is one, and it was read */
	bool reuse_key;
	bool has_key_type;
	enum key_algorithm key_type; /* of the next key */
	char *server;                /* ACME directory, or NULL; owned */
	int64_t renews; /* when the client says it will; 0: it says not */
};

enum {
	DEPLOYED_PLACE = 8, /* octets that stand for a place */
	DEPLOYED_MAX = 8,   /* places of one lineage */
};

/* What servers present that look at a place, whatever is live. */
struct deployed {
	uint8_t place[DEPLOYED_PLACE]; /* all zero: it was not told */
	uint8_t leaf[32];              /* SHA-256 of the leaf */
};

struct lineage {
	char *name;          /* as its store names it */
	unsigned source;     /* index into config->sources */
	bool is_provisional; /* from the record; files not yet looked at */
	struct generation *generations; /* the current one first */
	size_t generation_count;        /* 0: none was ever read */
	struct next_key *next;
	size_t next_count;
	struct renewal_plan plan;
	char *file; /* where the current chain was read, or NULL */
	struct fingerprint print; /* of that file */
	char *problem; /* why the files cannot be used now, or NULL */
	char *remark;  /* what else that file holds, or NULL */
	char *warning; /* what is odd about where it lies, or NULL */
	struct deployed *deployed; /* by `deploy`; that of longest ago first */
	size_t deployed_count;
	int64_t deleted; /* when it was deliberately deleted, or 0 */
};

struct lineage *lineage_new(const char *name, unsigned source);
void lineage_free(struct lineage *lineage);

/* Return the chain of the current generation, borrowed, or NULL. */
struct chain *lineage_current(const struct lineage *lineage);

/* Return the newest chain: staged, or else current; borrowed, or NULL. */
struct chain *lineage_newest(const struct lineage *lineage);

/*
 * `chain` (one reference passes) is current from `now` on, until when all that
 * were open may have been served.  A generation that was current before comes
 * back as itself.  The oldest goes when there are
 * more than LIMIT_GENERATIONS.
 */
void lineage_advance(struct lineage *lineage, struct chain *chain, int64_t now);

/* Add a generation at the end of the list, as the state file has it. */
void lineage_restore(struct lineage *lineage, struct chain *chain,
    int64_t since, int64_t replaced);

/*
 * `chain` (one reference passes) was staged, and may have been served for that
 * reason, but is staged no longer: as if it had been current until `now`.
 * Does nothing if it is a generation already.
 */
void lineage_retire(struct lineage *lineage, struct chain *chain, int64_t now);

/*
 * Drop generations that were replaced `retain` seconds before `now` or
 * earlier, but for those that lineage_is_open() says.  Returns true if any
 * was.
 */
bool lineage_prune(struct lineage *lineage, uint32_t retain, int64_t now);

/*
 * Return true if `generation` was issued after the current one (certificates
 * for tests aside): the lineage went backwards, and nobody knows which of the
 * two is served.
 */
bool lineage_is_newer(
    const struct lineage *lineage, const struct generation *generation);

/*
 * Return true if the generation stays without limit: the current one, the last
 * one before certificates for tests, those that are newer, and those that are
 * deployed.
 */
bool lineage_is_open(
    const struct lineage *lineage, const struct generation *generation);

/*
 * The servers of a place present this leaf from `now` on; what they had until
 * then may have been served until `end`, and begins to be retained, unless
 * those of another place have it.  A place whose leaf has expired, or is
 * unknown, is given up.  Returns false if that is known.
 */
bool lineage_set_deployed(struct lineage *lineage,
    const struct deployed *deployed, int64_t end, int64_t now);

/* The same as it is on record; `list` is copied. */
void lineage_put_deployed(
    struct lineage *lineage, const struct deployed *list, size_t count);

/*
 * It was deleted, and is back at `now`: nobody went over to the current
 * generation meanwhile, so that it was current for that much less.
 */
void lineage_skip_deleted(struct lineage *lineage, int64_t now);

/* Return true if the last renewal changed the key. */
bool lineage_changed_key(const struct lineage *lineage);

/* Return true if a generation before the current one had this key. */
bool lineage_used_key(const struct lineage *lineage, const struct cert *key);

/* Return true if a generation or a staged chain has the leaf. */
bool lineage_has_leaf(const struct lineage *lineage, const uint8_t *leaf);

/* Return true if servers present this generation, as far as was told. */
bool lineage_is_deployed(
    const struct lineage *lineage, const struct generation *generation);

/* Replace the staged keys; ownership of the array passes. */
void lineage_set_next(
    struct lineage *lineage, struct next_key *next, size_t count);

/* Free an array of staged keys. */
void next_keys_free(struct next_key *next, size_t count);

/* Return true if both name the same keys in the same order. */
bool next_keys_equal(const struct next_key *a, size_t a_count,
    const struct next_key *b, size_t b_count);

#endif
