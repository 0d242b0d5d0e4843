/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_KIND_H
#define SOURCE_KIND_H

/*
 * What each kind of store has to know of itself: a table of functions in a file
 * of its own.  None keeps state, so that each look is a fresh one.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "base/status.h"
#include "config/config.h"
#include "source/location.h"

/* A directory of the store itself, and what entries in it mean. */
enum source_role {
	ROLE_ROOT,     /* the store's top: an entry is a part of it */
	ROLE_LINEAGES, /* an entry is a lineage */
	ROLE_RENEWAL,  /* an entry is the renewal file of a lineage */
	ROLES,
};

struct source_ops {
	/*
	 * Call `found` with the name of each lineage.
	 *
	 * Returns STATUS_OK; STATUS_ABSENT if the store does not exist (yet);
	 * or STATUS_IO or STATUS_LIMIT with `problem`.
	 */
	enum status (*discover)(const struct config_source *source,
	    void (*found)(const char *name, void *arg), void *arg,
	    struct problem *problem);

	/*
	 * Say where lineage `name` lies; `last` is the chain's path when
	 * it was there, or NULL.
	 *
	 * Returns STATUS_OK and *ret_location, ended with location_fini();
	 * STATUS_ABSENT if it was deliberately deleted: the store is intact
	 * and knows nothing of it any more; or STATUS_IO or STATUS_LIMIT with
	 * `problem`.
	 */
	enum status (*locate)(const struct config_source *source,
	    const char *name, const char *last, struct location *ret_location,
	    struct problem *problem);

	/*
	 * Return the directory of the store that has the role, or NULL if
	 * none has; free() it.
	 */
	char *(*directory)(
	    const struct config_source *source, enum source_role role);

	/*
	 * Add what else is to be watched to find lineages, as ROLE_LINEAGES
	 * is; NULL: nothing.
	 */
	void (*more)(const struct config_source *source, struct paths *paths);

	/*
	 * Say which lineage an entry `name` in the directory with `role`
	 * belongs to: returns the lineage's name, free() it, or NULL if it
	 * concerns none.  *ret_discover tells that the store as a whole has to
	 * be looked at again.
	 */
	char *(*lineage_of)(const struct config_source *source,
	    enum source_role role, const char *name, bool *ret_discover);

	/*
	 * Return the path of the private key that belongs to the chain at
	 * `file`, live or staged, of the lineage `name`; free() it; NULL if
	 * nobody knows.  For `deploy`: the daemon opens no key.
	 */
	char *(*key_of)(const struct config_source *source, const char *name,
	    const char *file);
};

#endif
