/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

/*
 * A place where lineages lie.  Each kind of store is a table of functions in
 * a file of its own; none keeps state, so that each look is a fresh one.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "base/status.h"
#include "config/config.h"
#include "files/file.h"
#include "pki/lineage.h"

/* Where one lineage's chain lies now. */
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

/*
 * Return `file` with the beginning `from` of its last component replaced by
 * `to`, as fullchain7.pem and privkey7.pem are a pair; NULL if it begins
 * otherwise; free() it.
 */
char *source_sibling(const char *file, const char *from, const char *to);

extern const struct source_ops source_certbot;
extern const struct source_ops source_files;
extern const struct source_ops source_dehydrated;
extern const struct source_ops source_lego;
extern const struct source_ops source_uacme;
extern const struct source_ops source_acmesh;
extern const struct source_ops source_caddy;
extern const struct source_ops source_mod_md;
extern const struct source_ops source_acmetool;

/* Return what to do about a source in which nothing was found; static. */
const char *source_empty_mend(const struct config_source *source);

/* Return the functions for a type of store. */
const struct source_ops *source_ops(enum source_type type);

/*
 * Call `found` for each entry of a directory that is not hidden, up to `limit`;
 * the entry's full path comes with it.
 *
 * Returns STATUS_OK, or with `problem` STATUS_ABSENT, STATUS_IO, or
 * STATUS_LIMIT if there are more.
 */
enum status source_list(const char *directory, size_t limit,
    void (*found)(const char *name, const char *path, void *arg), void *arg,
    struct problem *problem);

/*
 * Which lineage an entry of a directory stands for: its name, or NULL; free()
 * it.
 */
typedef char *source_name_of(const char *entry, const char *path);

/* Call `found` for each lineage in a directory; returns what source_list()
 * does. */
enum status source_find(const char *directory, source_name_of *name_of,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem);

/* A source_name_of: each directory is a lineage. */
char *source_name_directory(const char *entry, const char *path);

/* Return NAME of the entry NAME`suffix`, or NULL: hidden or other; free() it.
 */
char *source_stem(const char *entry, const char *suffix);

/*
 * Say whether somebody removed all of `parts` from `directory`.  What is
 * missing may be about to be written again, and a directory in which nothing
 * else is left is what a file system leaves that is no longer mounted.
 *
 * Returns STATUS_ABSENT if they were removed, STATUS_OK if not, or STATUS_IO
 * with `problem`.
 */
enum status source_removed(
    const char *directory, const struct paths *parts, struct problem *problem);

/*
 * Locate DIRECTORY/NAME/FILE, for a store in which each lineage has a
 * directory, which is a candidate, and deleted when it was removed.
 * Returns what a source's locate() does.
 */
enum status source_locate_in(const char *directory, const char *name,
    const char *file, struct location *ret_location, struct problem *problem);

/*
 * Some clients keep the next private key beside the certificate.  That is
 * never opened: a hook puts its public half there (pdns-tlsa(8)).
 */
void source_add_public(struct location *location, const char *directory);

/*
 * Add the generations PREFIX<N>.pem that lie beside the chain.  Where it is one
 * of them itself, those of a lower N are past, and the newest above is staged,
 * if all of `others`, as PREFIX is and with a NULL behind them, are there for
 * it too.  `others` is NULL where all of them are past.
 */
void source_add_generations(
    struct location *location, const char *prefix, const char *const *others);

/*
 * Return the directory with the role, for a store that keeps its lineages in
 * the directory `below` of it, or in itself if that is NULL; NULL if none has
 * it; free() it.
 */
char *source_directory(
    const char *path, const char *below, enum source_role role);

#endif
