/* SPDX-License-Identifier: MIT */
#ifndef VIA_TELLER_H
#define VIA_TELLER_H

/*
 * Who says again and again that it is not safe yet, while the one who finds out
 * is busy asking name servers: so each side notices that the other one is gone.
 * A thread of its own writes; SIGPIPE must be ignored.
 * Threads: all of it from the one that began it.
 */

#include <stdbool.h>
#include <stdint.h>

struct teller;

/* Begin to write to `fd` (borrowed), which nobody else does until the end. */
struct teller *teller_new(int fd);

/* This is how it is from now on.  Returns false if nobody listens any more. */
bool teller_set(struct teller *teller, int64_t remaining, const char *text);

/* No line of it is under way any more. */
void teller_free(struct teller *teller);

#endif
