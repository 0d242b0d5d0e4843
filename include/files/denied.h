/* SPDX-License-Identifier: MIT */
#ifndef FILES_DENIED_H
#define FILES_DENIED_H

/*
 * Files that are refused though their mode is no reason: a lock of this process
 * is, or of the system.
 * Threads: one; the hook is the process's.
 */

#include <stdbool.h>

/* Tell `denied` of such files from now on; NULL: nobody is told. */
void denied_hook(void (*denied)(const char *path, void *arg), void *arg);

/* Return true if the mode of the file, which was refused, allows to read it. */
bool denied_is_by_lock(const char *path);

/* Tell of the file, which was refused, if that is so; errno is EACCES then. */
void denied_tell(const char *path);

#endif
