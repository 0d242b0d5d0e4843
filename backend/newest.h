/* SPDX-License-Identifier: MIT */
#ifndef NEWEST_H
#define NEWEST_H

/*
 * The newest generation of a lineage as it is on disk, for commands that have
 * to know whether the daemon knows of it yet.  Threads: one at a time.
 */

#include "chain.h"
#include "config.h"
#include "source.h"
#include "status.h"

enum { NEWEST_LEAF_TEXT = 65 };

struct newest {
	unsigned source;             /* index into config->sources */
	char *name;                  /* of the lineage */
	char *named;                 /* its chain, as its store names it */
	char *file;                  /* the same, where links lead */
	char *issuers;               /* where its CA certificates are, if not
					there; or NULL */
	struct chain *chain;         /* one reference */
	char leaf[NEWEST_LEAF_TEXT]; /* SHA-256 of the leaf, hexadecimal */
};

/*
 * Find it.  `lineage` is its name, or the path of its directory, as certbot
 * gives to hooks.
 *
 * Returns STATUS_OK: end it with newest_fini(); STATUS_ABSENT if no source has
 * it; STATUS_REFUSED if several have; or what reading it returned; with
 * `problem`.
 */
enum status newest_find(const struct config *config, const char *lineage,
    struct newest *ret_newest, struct problem *problem);

void newest_fini(struct newest *newest);

#endif
