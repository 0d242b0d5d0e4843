/* SPDX-License-Identifier: MIT */
#ifndef DEPLOY_FILES_H
#define DEPLOY_FILES_H

/*
 * The files of one generation on their way from the store to a server: read
 * with the rights of the lineage's owner, and written by descriptor.
 * Threads: one at a time, for rights are those of the process.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"
#include "config/config.h"
#include "deploy/newest.h"

/* The rights that nobody gets at what is installed: to write, for others. */
enum { DEPLOY_NOT_OTHERS = 0022 };

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
	bool adopts;   /* a directory in the link's place is moved aside */
	const char *instead_of; /* the lineage whose place it may take; NULL */
	int64_t end;            /* loop_now(): until then it waits for others */
	bool reloads;           /* a server is told */
};

struct deploy_files {
	struct buf chain; /* the whole file */
	size_t leaf_len;  /* octets of it that are the leaf */
	struct buf key;
	uid_t owner;
	gid_t group;
	mode_t mode; /* of the key */
};

/*
 * Read chain and key of the generation.
 *
 * Returns STATUS_OK; STATUS_REFUSED if they do not belong together, are another
 * generation by now, or the key is not a file of the lineage's owner; or
 * STATUS_IO; with `problem`.  In any case end it with deploy_files_fini().
 */
enum status deploy_files_read(const struct deploy_wish *wish,
    const struct newest *newest, struct deploy_files *files,
    struct problem *problem);

void deploy_files_fini(struct deploy_files *files);

/* Write them into the empty directory `fd`, synced; false with errno. */
bool deploy_files_write(int fd, const struct deploy_files *files);

/* Return true if the directory has just these, with these rights. */
bool deploy_files_are_there(int fd, const struct deploy_files *files);

/* Remove them from the directory `fd`; what else is there stays. */
void deploy_files_remove(int fd);

#endif
