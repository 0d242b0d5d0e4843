/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_NEWEST_H
#define DEPLOY_NEWEST_H

/*
 * The newest generation of a lineage as it is on disk, for commands that have
 * to know whether the daemon knows of it yet.  Threads: one at a time.
 */

#include "base/status.h"
#include "config/config.h"
#include "deploy/trusted.h"
#include "pki/chain.h"
#include "source/source.h"

enum { NEWEST_LEAF_TEXT = 65 };

struct newest {
	unsigned source;             /* index into config->sources */
	char *name;                  /* of the lineage */
	struct paths ways;           /* that led to it; the last is its chain,
					as its store names it */
	char *told_by;               /* the file that told of them, or NULL */
	struct rights rights;        /* with which it was read */
	char *file;                  /* the chain, where links lead */
	char *issuers;               /* where its CA certificates are, if not
					there; or NULL */
	struct chain *chain;         /* one reference */
	struct location location;    /* as its store has it: what is live, what
					is staged, how it will be renewed */
	char leaf[NEWEST_LEAF_TEXT]; /* SHA-256 of the leaf, hexadecimal */
};

/*
 * Find it.  `lineage` is its name, or the path of its directory, as certbot
 * gives to hooks.  `as_owner`: with no more rights than those of whoever may
 * say what lies there (newest_rights()), where root looks; else with those that
 * we have.
 *
 * Returns STATUS_OK: end it with newest_fini(); STATUS_ABSENT if no source has
 * it; STATUS_REFUSED if several have, or nobody knows whose it is; or what
 * reading it returned; with `problem`.
 */
enum status newest_find(const struct config *config, const char *lineage,
    bool as_owner, struct newest *ret_newest, struct problem *problem);

/*
 * Say whose rights are enough for its `key`, too, and for it as it lies now:
 * never more than it was read with.  Returns what rights_add() does.
 */
enum status newest_rights(const struct newest *newest, const char *key,
    struct rights *ret_rights, struct problem *problem);

void newest_fini(struct newest *newest);

#endif
