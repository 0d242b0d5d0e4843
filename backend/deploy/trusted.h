/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_TRUSTED_H
#define DEPLOY_TRUSTED_H

/*
 * What root may rely on: directories that nobody else can change, and the
 * rights of whoever can change a file.  Everything is opened component by
 * component and looked at by its descriptor, so that nothing can be exchanged
 * between the look and the use.
 * Threads: one at a time, for rights are those of the process.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/status.h"

/*
 * Open the directory at the absolute `path` for openat() and its like.  Each
 * directory on the way must belong to root, or to who runs this, and none may
 * be writable by others but those that are sticky; the last one not even so.
 * A group is others, whoever is in it: root's umask is another one than that
 * of users (pam_umask(8), "usergroups").  No component may be a symbolic link.
 *
 * Returns STATUS_OK and the descriptor, to be closed; or with `problem`, which
 * names the directory, STATUS_REFUSED or STATUS_IO.
 */
enum status trusted_open(
    const char *path, int *ret_fd, struct problem *problem);

/* Whose rights are enough for a file; {0} to begin with. */
struct rights {
	uid_t uid; /* 0: only root can say what lies there */
	gid_t gid;
};

/*
 * Go the way to `path`, through symbolic links, and add who may say what lies
 * there: the owner of each directory and link.  For any other user than root it
 * adds nothing, for he has no other rights than his own.
 *
 * Others are not the group that a user has to himself: of his name, his first
 * one, with no other member, and no access control list (as the sshd of Debian
 * has it, whose users have such a group and the umask 002).
 *
 * Returns STATUS_OK; STATUS_ABSENT if there is nothing, and as much of the way
 * as there is was added; STATUS_REFUSED if others may write to a directory on
 * the way, or two users besides root own parts of it: then nobody knows whose
 * it is; or STATUS_IO; with `problem`.
 */
enum status rights_add(
    struct rights *rights, const char *path, struct problem *problem);

/* The same for a file that says where others lie: also who writes to it. */
enum status rights_add_file(
    struct rights *rights, const char *path, struct problem *problem);

/*
 * Have these rights and no more, until rights_return().  False, with
 * `problem`, and with those of before, if that is not possible.
 */
bool rights_take(const struct rights *rights, struct problem *problem);

/* Be root again; aborts if that is not possible. */
void rights_return(const struct rights *rights);

#endif
