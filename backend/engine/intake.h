/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_INTAKE_H
#define ENGINE_INTAKE_H

/*
 * From what was found on disk to the store, and to the log: here it is known
 * what of it is new, however often a file is read.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "report/report.h"
#include "sets/trie.h"
#include "store/store.h"

struct intake {
	const struct config *config; /* borrowed, as is the store */
	struct store *store;
	bool is_complete;            /* every lineage has been looked at once */
	struct trie unknown_issuers; /* SHA-256 of keys the log knows of */
};

void intake_init(
    struct intake *intake, const struct config *config, struct store *store);
void intake_fini(struct intake *intake);

/*
 * Put what a look found at `now` (seconds since 1970) into the store; takes out
 * of `report` what it keeps.
 */
void intake_looked(struct intake *intake, struct report *report, int64_t now);

/* A source cannot be read (`problem`), or can again (NULL). */
void intake_source(struct intake *intake, unsigned source, const char *problem);

#endif
