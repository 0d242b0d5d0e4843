/* SPDX-License-Identifier: MIT */
/*
 * old_kernel landlock|seccomp|both PROGRAM [ARGUMENT...]: run it as if the
 * kernel did not have that.
 */
#include "old_kernel.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wall/confine.h"

int
main(int argc, char **argv)
{
	unsigned locks = 0;

	if (argc > 2 && strcmp(argv[1], "seccomp") != 0)
		locks |= LOCK_LANDLOCK;
	if (argc > 2 && strcmp(argv[1], "landlock") != 0)
		locks |= LOCK_SECCOMP;
	if (locks != 0 && old_kernel(locks))
		(void)execvp(argv[2], argv + 2);
	perror("old_kernel");
	return 2;
}
