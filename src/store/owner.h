/* SPDX-License-Identifier: MIT */
#ifndef STORE_OWNER_H
#define STORE_OWNER_H

/*
 * Which RRset a service gets, from what the policy decides and from what was
 * published before.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data.h"

/* One service under decision. */
struct subject {
	struct store *store;
	struct service *service;
	int64_t now;
	const struct lineage **lineages;
	size_t count;
	size_t readable;
	struct associations set;
	struct dname dname;         /* of the owner */
	const struct owner *before; /* published; NULL: nothing, or unknown */
	const struct owner *known;  /* on record from before; NULL: nothing */
};

/* Return true if a lineage still counts: it is there, or retained. */
bool subject_is_bound(const struct subject *subject);

/* Return true if every bound lineage was deleted, and retained long enough. */
bool subject_has_ended(const struct subject *subject);

/*
 * Return true if something may belong to the RRset that we know nothing of: a
 * lineage that is named but could never be read, or may lie in a store that
 * cannot; or, where nothing at all is known, any such lineage or store.
 */
bool subject_is_incomplete(const struct subject *subject);

/*
 * Find what is to be published; *ret_owner (NULL: nothing) is owned by the
 * caller.  Returns false if what is published stays.
 *
 * Known lineages never lose their generations, so what was known is in the
 * set, and the set is published.  If it is empty all the same (no lineage fits
 * any more, or a chain came without CA certificates), what was published
 * stays, also over a restart: only a deliberate deletion ends it.
 */
bool subject_choose(const struct subject *subject, struct owner **ret_owner);

#endif
