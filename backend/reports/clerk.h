/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_CLERK_H
#define REPORTS_CLERK_H

/*
 * The process that reads mail, for one look: it is told where it lies, reads
 * all of it once, tells what senders saw, and then that something is there that
 * it has not read.  For that another one is made; so what one mail does to it,
 * or to GMime, is over with the next look.
 */

#include "wall/warden.h"

/* Read for whoever is at the other end of the socket `fd`, until that ends. */
void clerk_run(int fd);

/* Do what a process of this ward does: read mail, or files. */
ward_fn clerk_ward_run;

#endif
