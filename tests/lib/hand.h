/* SPDX-License-Identifier: MIT */
#ifndef HAND_H
#define HAND_H

/*
 * Who changes a store, one system call after the other, with a call of the
 * test's between any two.  A call that fails ends the test.  Paths that are
 * passed are freed.
 */

struct hand {
	const char *store; /* absolute */
	/* Called after each system call that changes something. */
	void (*step)(void *arg, const char *what);
	void *arg;
};

/* Return a path in the store. */
char *hand_path(const struct hand *hand, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void hand_mkdir(const struct hand *hand, char *path);
void hand_rmdir(const struct hand *hand, char *path);
void hand_unlink(const struct hand *hand, char *path);

/* Some of what is deleted may never have been there. */
void hand_unlink_any(const struct hand *hand, char *path);

void hand_symlink(const struct hand *hand, char *target, char *path);
void hand_link(const struct hand *hand, char *from, char *to);
void hand_rename(const struct hand *hand, char *from, char *to);

/*
 * Open with O_CREAT and `flags`, write and close.  The write is several calls,
 * cut where a reader would be fooled: inside a certificate, and behind the
 * leaf.
 */
void hand_write(
    const struct hand *hand, char *path, int flags, const char *text);

/* A directory above all of it, which may be there; no step. */
void hand_make_any(const struct hand *hand, const char *name);

#endif
