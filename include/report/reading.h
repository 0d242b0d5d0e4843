/* SPDX-License-Identifier: MIT */
#ifndef REPORT_READING_H
#define REPORT_READING_H

/*
 * What the half which reads files has to know: which files, and what was found
 * of each lineage before.  Plain data.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fingerprint.h"
#include "config/config.h"
#include "pki/lineage.h"
#include "sets/trie.h"

/* What is to be read, and how. */
struct reading {
	struct config_source *sources; /* owned, as is all of it */
	size_t source_count;
	struct config_lineage *lineages;
	size_t lineage_count;
	struct trie named; /* lineages that services ask for by name */
	char **closed; /* paths that are none of its business: record, keys */
	size_t closed_count;
	bool keep_all;    /* more than digests of certificates is wanted */
	bool is_thorough; /* the first look is a whole one everywhere */
	uint32_t retain;  /* seconds; what was replaced earlier is no matter */
};

/* What `config` (borrowed) asks to be read; reading_free() it. */
struct reading *reading_new(const struct config *config);

/* Nothing, to be filled by reading_add(). */
struct reading *reading_empty(void);

void reading_free(struct reading *reading);

/* Return true if a service asks for such a lineage. */
bool reading_names(const struct reading *reading, const char *name);

/* What was found of a lineage; zeroed: nothing was ever. */
struct known {
	char *file; /* of its chain, or NULL; owned */
	struct fingerprint print;
	size_t ca_count; /* of its chain */
	bool has_chain;
	bool is_authority; /* see chain_is_authority() */
	bool has_all;      /* more than digests was kept */
	bool has_problem;
	bool is_deleted;
};

/* Set `known` from what is known of `lineage`. */
void known_set(struct known *known, const struct lineage *lineage);

/* Set it from a chain read from `file`, which is good and is there. */
void known_set_chain(struct known *known, const struct chain *chain,
    const char *file, const struct fingerprint *print);

void known_fini(struct known *known);

#endif
