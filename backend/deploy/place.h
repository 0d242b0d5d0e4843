/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_PLACE_H
#define DEPLOY_PLACE_H

/*
 * The place of `deploy`: a symbolic link in a directory that is root's alone
 * (deploy/trusted.h), by descriptor, and under a lock.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct deploy_place {
	const char *to; /* the link: an absolute path; borrowed */
	char *name;     /* of the link in its directory */
	int fd;         /* of that directory */
	int lock_fd;
};

/*
 * Open it, and wait for the lock until `end` (loop_now()); what an adoption
 * that was killed left is put where it belongs.
 *
 * Returns STATUS_OK: end it with deploy_place_close(); STATUS_REFUSED if
 * somebody else could change what lies there; STATUS_BUSY if another deploy
 * has it still; or STATUS_IO; with `problem`.
 */
enum status deploy_place_open(const char *to, int64_t end,
    struct deploy_place *ret_place, struct problem *problem);

void deploy_place_close(struct deploy_place *place);

/*
 * Say where the link leads: *ret_target, free() it; NULL if there is none yet.
 * A directory that is adopted counts as what it will be called.
 *
 * Returns STATUS_OK; STATUS_REFUSED if it is something else than a link, or a
 * directory that is not adopted, or was before; or STATUS_IO; with `problem`.
 */
enum status deploy_place_read(const struct deploy_place *place, bool adopts,
    char **ret_target, struct problem *problem);

/*
 * Let the link lead to `target`, in one step; a directory in its place is moved
 * aside.  Returns STATUS_OK, or STATUS_IO with `problem`, and it as it was.
 */
enum status deploy_place_put(const struct deploy_place *place,
    const char *target, struct problem *problem);

/* Is the directory `name` what the link leads to, however that is written? */
bool deploy_place_leads_to(const struct deploy_place *place, const char *name);

#endif
