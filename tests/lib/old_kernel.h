/* SPDX-License-Identifier: MIT */
#ifndef OLD_KERNEL_H
#define OLD_KERNEL_H

/*
 * A kernel that lacks something, for this process and what it makes: the
 * system calls for it do not exist.  Includes wall/confine.h's LOCK_ bits.
 */

#include <stdbool.h>

/* Take the locks whose bits are set away; false: that is not possible. */
bool old_kernel(unsigned locks);

#endif
