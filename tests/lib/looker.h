/* SPDX-License-Identifier: MIT */
#ifndef LOOKER_H
#define LOOKER_H

/*
 * Three subjects, called a, b and c, that watch names in a temporary tree,
 * and what they are told of it.  A failure inside fails the test that runs.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"
#include "files/watch.h"
#include "tree.h"

enum { LOOKER_SUBJECTS = 3 };

struct looker {
	struct tree tree;
	struct watch *watch;
	struct watch_listener listener;
	struct watch_subject subjects[LOOKER_SUBJECTS];
	const char *again[LOOKER_SUBJECTS]; /* to be set again when told */
	bool drops;                         /* whoever is told drops all */
	struct buf told; /* "a:changed b:moved=name " and so on */
};

void looker_init(struct looker *looker);
void looker_fini(struct looker *looker);

/* Let subject `who` watch the names, separated by spaces. */
enum status looker_set(struct looker *looker, char who, const char *names);

/* Read all there is into `told`; what repeats at once is told once. */
void looker_read(struct looker *looker);

/* Read all there is; it must be just that. */
void looker_expect(struct looker *looker, const char *told);

/* It must be something; how often it is told does not matter. */
void looker_expect_any(struct looker *looker);

/* Return how many watches the kernel keeps (proc(5), fdinfo). */
size_t looker_watches(const struct looker *looker);

#endif
