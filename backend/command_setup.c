/* SPDX-License-Identifier: MIT */
#include "command.h"

int
command_setup(const struct options *options)
{
	(void)options;
	return EXIT_FAILED;
}
