/* SPDX-License-Identifier: MIT */
#ifndef WALL_RECEIVER_H
#define WALL_RECEIVER_H

/*
 * Who takes the certificates of other hosts (via/receive.h) is locked in before
 * it hears the first word of them, for good.  A lock that the kernel does not
 * have is missing, and the log says so: nothing else changes.
 * Threads: to be called before any other is begun.
 */

#include <stddef.h>
#include <stdint.h>

#include "files/file.h"

/* What is left to it. */
struct receiver {
	const char *store;         /* it reads and writes what is below */
	const struct paths *reads; /* and reads what is, or is below, these */
	uint16_t port; /* it may connect to, by TCP, beside that of DNS */
};

/*
 * Lock this process in: it makes, changes and reads nothing else, no file that
 * is larger than one that is sent can be, and runs no program; sockets of the
 * machine, and asking name servers, stay.  Returns the locks that hold (LOCK_
 * bits of wall/confine.h).
 */
unsigned receiver_confine(const struct receiver *receiver);

/*
 * From now on it writes only below `directory`, and to the file `lock`, two
 * descriptors: what else was left to it can only be read.
 */
void receiver_narrow(int directory, int lock);

#endif
