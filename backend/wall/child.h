/* SPDX-License-Identifier: MIT */
#ifndef WALL_CHILD_H
#define WALL_CHILD_H

/*
 * The process that reads files: it is told which, and tells what it finds.  It
 * has no key, no record, and no socket but that to who answers.
 */

/* Read for whoever is at the other end of the socket `fd`, until that ends. */
void child_run(int fd);

#endif
