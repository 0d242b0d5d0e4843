/* SPDX-License-Identifier: MIT */
#ifndef WALL_CHILD_H
#define WALL_CHILD_H

/*
 * The process that reads files: it is told which, and tells what it finds.  It
 * has no key, no record, and no socket but that to who answers.
 */

#include "wall/focus.h"

/*
 * Read for whoever is at the other end of the socket `fd`, until that ends;
 * `focus` (borrowed) says which file.
 */
void child_run(int fd, struct focus *focus);

#endif
