/* SPDX-License-Identifier: MIT */
#include "files/denied.h"

#include <errno.h>
#include <unistd.h>

/* Who is locked in is so as a whole process; all that opens files comes here.
 */
static struct {
	void (*denied)(const char *path, void *arg);
	void *arg;
} hook;

void
denied_hook(void (*denied)(const char *path, void *arg), void *arg)
{
	hook.denied = denied;
	hook.arg = arg;
}

bool
denied_is_by_lock(const char *path)
{
	return eaccess(path, R_OK) == 0;
}

void
denied_tell(const char *path)
{
	if (hook.denied != NULL && denied_is_by_lock(path))
		hook.denied(path, hook.arg);
	errno = EACCES;
}
