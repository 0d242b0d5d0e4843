/* SPDX-License-Identifier: MIT */
#ifndef STORE_LINEAGES_H
#define STORE_LINEAGES_H

/*
 * The lineages of the store, and the sources that they lie in: by their names,
 * by the names of their leafs, and which of them have to go on record.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/dname.h"
#include "pki/lineage.h"
#include "sets/index.h"
#include "sets/trie.h"

struct lineages {
	size_t source_count;
	char **source_problems; /* one per source, NULL: none */
	size_t *blind;   /* per source, lineages that never had a generation */
	struct trie all; /* name, NUL, source -> struct lineage */
	struct index by_host;   /* key of a DNS name -> lineages */
	struct index by_parent; /* of a wildcard's parent */
	struct trie changed;    /* as all; for the record, borrowed */
	struct trie teachers;   /* likewise; see learn.h */
	struct trie forgotten;  /* as all; for the record, owned */
	int64_t forget_at; /* when something ends by time alone; 0: never */
};

void lineages_init(struct lineages *lineages, size_t source_count);
void lineages_fini(struct lineages *lineages);

/* Return the lineage, or NULL. */
struct lineage *lineages_find(
    const struct lineages *lineages, unsigned source, const char *name);

/* Return the lineage, made if it is missing. */
struct lineage *lineages_add(
    struct lineages *lineages, unsigned source, const char *name);

/* Take it out and free it; what is on record of it has to go as well. */
void lineages_remove(struct lineages *lineages, struct lineage *lineage);

/* Note that the lineage has to go on record. */
void lineages_note(struct lineages *lineages, struct lineage *lineage);

/* Note that issuer sets may learn from it. */
void lineages_note_teacher(struct lineages *lineages, struct lineage *lineage);

/* Note that something of a lineage ends at `when`, by time alone. */
void lineages_set_forget(struct lineages *lineages, int64_t when);

/* Enter or remove the lineage under each name of its generations' leafs. */
void lineages_enter(struct lineages *lineages, struct lineage *lineage);
void lineages_leave(struct lineages *lineages, struct lineage *lineage);

/*
 * Call `visit` for each DNS name of its generations' leafs; a wildcard's comes
 * without its star.
 */
void lineage_walk_names(const struct lineage *lineage,
    void (*visit)(const struct dname *dname, bool wildcard, void *arg),
    void *arg);

#endif
