/* SPDX-License-Identifier: MIT */
#ifndef FILES_FILE_H
#define FILES_FILE_H

/*
 * Reading files that others write, carefully: regular files only, limited in
 * size, never blocking, and never a private key.
 * Threads: any, nothing is shared but files/denied.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fingerprint.h"
#include "base/status.h"

/*
 * Append the content of the file at `path` to `text`.  A private key by its
 * name (see file_is_key()) is not opened; one that is opened by another name is
 * not read: by the name that the descriptor has, and by the first line of a PEM
 * block (RFC 7468), which ends the reading.
 *
 * Returns STATUS_OK; STATUS_ABSENT if it does not exist; STATUS_IO if it
 * cannot be read, or changed meanwhile; STATUS_LIMIT if it is longer than
 * `limit` octets; STATUS_REFUSED if it is a private key by its name, or holds
 * one beside certificates, or is no regular file; STATUS_FOREIGN if it is a
 * private key and nothing else, by what is seen.  Nothing of one stays in
 * memory. ret_print may be NULL.
 */
enum status file_read(const char *path, size_t limit, struct buf *text,
    struct fingerprint *ret_print, struct problem *problem);

/*
 * Open the file at `path`, through links, for reading without waiting.  It is
 * looked at before: a device may act on being opened alone (a watchdog starts),
 * and who waits at a pipe goes on.
 *
 * Returns STATUS_OK, the descriptor, and what fstat(2) said; or with `problem`
 * STATUS_ABSENT or STATUS_IO, both with errno, or STATUS_REFUSED if it is no
 * regular file.
 */
enum status file_open(const char *path, int *ret_fd, struct stat *ret_stat,
    struct problem *problem);

/* Write all of it; false with errno. */
bool file_write(int fd, const char *data, size_t len);

/* Take the fingerprint of what `path` leads to; false if nothing. */
bool file_fingerprint(const char *path, struct fingerprint *ret_print);

/*
 * Return true if the last component of `path` is a name that ACME clients and
 * people give to private keys: privkey*, *.key, *.key.next, key.pem, *-key.pem,
 * *_key.pem, *.key.pem.
 */
bool file_is_key(const char *path);

/* What lstat(2) tells: "cannot tell" is not "absent". */
enum presence {
	PRESENCE_NO, /* ENOENT, ENOTDIR */
	PRESENCE_YES,
	PRESENCE_UNKNOWN, /* forbidden, stale handle, I/O error */
};

/*
 * Say whether anything is at `path`, not following a link there; with
 * PRESENCE_UNKNOWN `problem` says why.
 */
enum presence path_presence(const char *path, struct problem *problem);

/* The same for a directory, which a link may lead to. */
enum presence path_presence_directory(
    const char *path, struct problem *problem);

/* Return true if it is known to be a directory, or a link to one. */
bool path_is_directory(const char *path);

/* Return true if both lead to one file or directory. */
bool path_is_same(const char *a, const char *b);

/* Return true if `path` is below `directory`, as the two are written. */
bool path_is_below(const char *path, const char *directory);

/* A list of strings that it owns. */
struct paths {
	char **list;
	size_t count;
};

/* Add a copy of `path` unless it is there. */
void paths_add(struct paths *paths, const char *path);
void paths_fini(struct paths *paths);

/* Sort those from `from` on, octet by octet. */
void paths_sort(struct paths *paths, size_t from);

/* Return the directory part of an absolute path; free() it. */
char *path_directory(const char *path);

/*
 * Follow every symbolic link on the way that the absolute `path` goes, and add
 * to `steps` whatever may make it lead elsewhere: `path` itself, then each
 * component of that way, as an entry of its directory; but for those that are
 * `base` or above it, which somebody else watches (NULL: none are).
 * *ret_target is where it ends, whether or not anything is there; free() it.
 *
 * Returns STATUS_OK, or STATUS_LIMIT for a loop.
 */
enum status path_follow(const char *path, const char *base, struct paths *steps,
    char **ret_target, struct problem *problem);

#endif
