/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_H
#define DEPLOY_H

/*
 * Installing a generation where a server reads it: copied, with its key, into
 * a directory of its own beside the one before, and put in place by exchanging
 * one symbolic link.  The only part of the program that opens private keys; it
 * runs as a command of root's, never in the daemon.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "newest.h"
#include "status.h"

/* What is wanted. */
struct deploy_wish {
	const struct config *config;
	const char *to; /* the link: an absolute path */
	bool has_owner; /* else as the key's */
	uid_t owner;
	bool has_group; /* else as the key's */
	gid_t group;
	bool has_mode; /* else as the key's */
	mode_t mode;   /* of the key; certificates can be read besides */
};

/* What was done, to undo it or to clean up behind it. */
struct deployment {
	char *to;
	char *directory; /* of the new generation */
	char *before;    /* where the link led, or NULL */
	bool is_new;     /* the link was exchanged */
};

/*
 * Install the generation: fullchain.pem, cert.pem, chain.pem and privkey.pem.
 * All is on disk before the link is exchanged, so that a server finds the old
 * or the new one, whole.  One that is there already is left alone.
 *
 * Returns STATUS_OK: end it with deployment_fini(); STATUS_REFUSED if `to` is
 * something else than a link, or key and certificate do not belong together;
 * or STATUS_IO; with `problem`, and the link as it was.
 */
enum status deploy_install(const struct deploy_wish *wish,
    const struct newest *newest, struct deployment *ret_deployment,
    struct problem *problem);

/* Let the link lead where it led before; false, with `problem`, if it fails. */
bool deploy_roll_back(
    const struct deployment *deployment, struct problem *problem);

/* Remove generations other than the new one and the one before. */
void deploy_clean(const struct deployment *deployment);

void deployment_fini(struct deployment *deployment);

#endif
