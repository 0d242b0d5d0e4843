/* SPDX-License-Identifier: MIT */
#ifndef LINEAGE_H
#define LINEAGE_H

/*
 * One certificate's directory as the policy sees it: its name, its last good
 * chain, and what is wrong with it now.  Plain data, no behaviour.
 */

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"

struct lineage {
	char *name;          /* as its store names it */
	unsigned source;     /* index into config->sources */
	struct chain *chain; /* last good generation; NULL: never one */
	char *problem;       /* why the files cannot be used now, or NULL */
	int64_t deleted;     /* when it was deliberately deleted, or 0 */
};

#endif
