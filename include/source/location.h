/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_LOCATION_H
#define SOURCE_LOCATION_H

/*
 * Where a lineage lies, as its store has it.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "files/file.h"
#include "pki/lineage.h"

struct location {
	char *file;    /* the chain, by the path its store gives */
	char *issuers; /* the CA certificates, where `file` may hold
			  the leaf alone; or NULL */
	char *target;  /* where symbolic links lead in the end */
	struct paths
	    watched;       /* a change of them may concern it (files/watch.h) */
	struct paths next; /* what stages keys, or may, in order */
	struct paths past; /* earlier generations, newest first */
	struct renewal_plan plan; /* what the renewal file says */
	char *told_by;     /* the file that said that it lies there, or NULL:
			      its place in the store does */
	char *warning;     /* something odd that did not hinder, or NULL */
	bool is_candidate; /* no lineage at all if the file is absent */
};

void location_fini(struct location *location);

#endif
