/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_DEPLOY_H
#define DEPLOY_DEPLOY_H

/*
 * Installing a generation where a server reads it: copied, with its key, into
 * a directory of its own beside the one before, and put in place by exchanging
 * one symbolic link.  The only part of the program that opens private keys; it
 * runs as a command of root's, never in the daemon.
 *
 * Everything there is done by descriptor under a lock (deploy/place.h); the
 * lineage is read with the rights of its owner. What has been done is on record
 * (deploy/record.h) before it is done. Threads: one at a time.
 */

#include <stdbool.h>

#include "base/status.h"
#include "deploy/files.h"
#include "deploy/newest.h"
#include "deploy/place.h"
#include "deploy/record.h"

/* What is being done at one place. */
struct deployment {
	struct deploy_place place;
	const char *lineage; /* its name; borrowed */
	bool has_record;
	struct deploy_record record;
	bool is_due;     /* a server has to be told */
	bool is_resumed; /* a run before was killed while it told one */
};

/*
 * Open the place for the lineage of that name, and read its record.
 *
 * Returns STATUS_OK: end it with deployment_fini(); what deploy_place_open()
 * and deploy_record_read() return; or STATUS_REFUSED if another lineage is
 * deployed there, and not the one that it is to be instead of; with `problem`.
 */
enum status deploy_begin(const struct deploy_wish *wish, const char *lineage,
    struct deployment *ret_deployment, struct problem *problem);

/*
 * Install the generation: fullchain.pem, cert.pem, chain.pem and privkey.pem.
 * All is on disk before the link is exchanged, so that a server finds the old
 * or the new one, whole.  One that is there already is left alone; it is due
 * unless a server is known to have loaded it.
 *
 * Returns STATUS_OK; STATUS_REFUSED if `to` is something else than a link, or
 * what the lineage itself lies in, key and certificate do not belong together,
 * or the key is not its owner's; or STATUS_IO; with `problem`, and the link as
 * it was.
 */
enum status deploy_install(const struct deploy_wish *wish,
    const struct newest *newest, struct deployment *deployment,
    struct problem *problem);

/*
 * A server has loaded what the link leads to; `is_told`: by a reload, and not
 * only as far as nobody had to be told.  False, with `problem`, if that cannot
 * be recorded.
 */
bool deploy_confirm(
    struct deployment *deployment, bool is_told, struct problem *problem);

/*
 * Remove what we made, but for what a server has, what it had before, and what
 * the link leads to.  False, with `problem`, if that cannot be recorded.
 */
bool deploy_clean(struct deployment *deployment, struct problem *problem);

/*
 * Let the link lead to the last generation that a server had loaded (none:
 * nowhere); the server is to be told again.  False, with `problem`, if it
 * fails.
 */
bool deploy_roll_back(struct deployment *deployment, struct problem *problem);

void deployment_fini(struct deployment *deployment);

#endif
