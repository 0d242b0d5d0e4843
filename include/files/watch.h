/* SPDX-License-Identifier: MIT */
#ifndef FILES_WATCH_H
#define FILES_WATCH_H

/*
 * inotify(7): which subjects a change on disk may concern.  A subject is
 * whatever a listener watches paths for; several listeners share one instance,
 * of which a user has few.  Without one nothing is ever told: look again from
 * time to time.  "/a/b" means the entry b of the
 * directory /a, "/a/b/" every entry of /a/b.  A directory that does not exist
 * is waited for in the nearest one above it that does.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "files/file.h"

struct watch;

/* What happened to a path of a subject. */
enum watch_event {
	WATCH_WRITING, /* a file is being written; a WRITTEN will follow */
	WATCH_WRITTEN, /* who wrote a file has closed it */
	WATCH_CAME,    /* an entry came: made, or renamed to this name */
	WATCH_CHANGED, /* an entry went, or has other rights */
	WATCH_MOVED,   /* a directory went, or may be another one now */
	WATCH_LOST,    /* anything may have happened to any subject */
	WATCH_MOUNTED, /* something was mounted or unmounted somewhere */
};

struct watch_subject;

/* Who is told; embed it, it must stay in place. */
struct watch_listener {
	/*
	 * `name` is the entry's where every entry of the directory is watched,
	 * else "": the watched path itself, or what leads to it.  With
	 * WATCH_LOST and WATCH_MOUNTED `subject` is NULL.  It may call
	 * watch_set() and watch_drop() for any subject but must not free one.
	 */
	void (*happened)(struct watch_subject *subject, enum watch_event event,
	    const char *name, void *arg);
	void *arg;
	struct watch_listener *next; /* the module's */
};

/* What the module keeps for a subject; embed it zeroed but for `listener`. */
struct watch_subject {
	const struct watch_listener *listener; /* that listens */
	char *keys;                            /* see files/watch.c */
	size_t len;
};

/*
 * Make a watch.  If the system gives no inotify instance
 * (fs.inotify.max_user_instances) `problem` says so, and it is one that tells
 * nothing.
 */
struct watch *watch_new(struct problem *problem);

/* Make one that tells nothing, for who does not wait. */
struct watch *watch_new_deaf(void);

void watch_free(struct watch *watch);

/*
 * Return the descriptor; readable when watch_read() has something to do; -1:
 * there is none, and nothing will be told.
 */
int watch_fd(const struct watch *watch);

/* Begin to listen, and end it, with no subject left. */
void watch_listen(struct watch *watch, struct watch_listener *listener);
void watch_unlisten(struct watch *watch, struct watch_listener *listener);

/* Tell every listener of mounts, which inotify does not. */
void watch_tell_mounts(const struct watch *watch);

/*
 * Directories may have become others of which nothing was, or will be, told: a
 * mount, or a file system of another machine.  Whoever calls watch_set() for
 * many subjects in a row calls this first.
 */
void watch_again(struct watch *watch);

/*
 * Watch these paths for `subject`, and no others.  To be called again
 * whenever a directory may have become another one.  `subject` must stay in
 * place until watch_drop().
 *
 * Returns STATUS_OK; or, where some cannot be watched though the others are,
 * STATUS_LIMIT (fs.inotify.max_user_watches) or STATUS_IO with `problem`.
 */
enum status watch_set(struct watch *watch, struct watch_subject *subject,
    const struct paths *paths, struct problem *problem);

/* Watch nothing for `subject` any more. */
void watch_drop(struct watch *watch, struct watch_subject *subject);

/*
 * Read what the kernel has queued, once, without blocking, and tell the
 * listener of each subject that an event may concern.
 */
void watch_read(struct watch *watch);

#endif
