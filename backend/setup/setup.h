/* SPDX-License-Identifier: MIT */
#ifndef SETUP_SETUP_H
#define SETUP_SETUP_H

/*
 * All that `setup` prints.  Threads: one at a time.
 */

#include "setup/composition.h"

/*
 * Print all of it to standard output.  Returns false if something is missing
 * for it, which is printed or logged.
 */
bool setup_print(const struct setup *setup);

#endif
