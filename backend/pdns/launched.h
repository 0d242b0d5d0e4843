/* SPDX-License-Identifier: MIT */
#ifndef PDNS_LAUNCHED_H
#define PDNS_LAUNCHED_H

/*
 * The backends that launch= of pdns.conf names, in order.  Pure.
 * Threads: one at a time.
 */

#include "pdns/conf.h"

struct launched {
	char **list;        /* "TYPE" or "TYPE:INSTANCE", owned */
	const char **files; /* which added it; owned, but not the paths */
	size_t count;
	size_t first_remote; /* count: none */
};

/* Read it; `conf` must outlive *ret. */
void launched_read(const struct pdns_conf *conf, struct launched *ret);

void launched_fini(struct launched *launched);

/* Is it the backend of this type, or an instance of it? */
bool launched_is(const char *backend, const char *type);

/*
 * Return the setting of one backend: those of the instance "remote:a" are
 * called remote-a-...
 */
const char *launched_get(const struct pdns_conf *conf, const char *backend,
    const char *setting, const char *fallback);

/* Return the index of the first that is there already, or `count`. */
size_t launched_twice(const struct launched *launched);

#endif
