/* SPDX-License-Identifier: MIT */
#ifndef VIA_SHELF_H
#define VIA_SHELF_H

/*
 * A lineage in the store of what other hosts send (source/remote.c), to be
 * written: by its sender alone, one at a time, each file whole or not at all.
 * The store is ours alone to write.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "formats/sent.h"
#include "protocol.h"

struct shelf {
	const char *path; /* of the store; borrowed */
	const char *name; /* of the lineage; borrowed */
	int store_fd;
	int fd;       /* of its directory */
	int lock_fd;  /* that nobody else sends it; -1: not locked */
	bool is_sent; /* it was the sender's before */
};

/*
 * Open the lineage `name` that `sender` sent before.
 *
 * Returns STATUS_OK: end it with shelf_close(); STATUS_ABSENT: nobody sent it
 * yet; STATUS_REFUSED: somebody else did; or STATUS_IO; with `problem`.
 */
enum status shelf_open(const char *path, const char *name, const char *sender,
    struct shelf *ret_shelf, struct problem *problem);

/*
 * Make the lineage for him, and open it.  Returns the same; STATUS_REFUSED also
 * if somebody made it meanwhile; or STATUS_LIMIT if he has as many as he may,
 * or the store has.
 */
enum status shelf_make(const char *path, const char *name, const char *sender,
    struct shelf *ret_shelf, struct problem *problem);

/*
 * From now on this process writes nothing but this lineage, as far as the
 * kernel can see to it.  To be called before any other thread is begun.
 */
void shelf_alone(const struct shelf *shelf);

/*
 * Keep others from sending it until it is closed.  Returns STATUS_OK, or with
 * `problem` STATUS_BUSY or STATUS_IO.
 */
enum status shelf_lock(struct shelf *shelf, struct problem *problem);

/*
 * Put down what was offered, received at `now`.  What is there already is left
 * alone.  Returns STATUS_OK, or STATUS_IO with `problem`: then each file is the
 * old or the new one, and the chain is one of the two, whole.
 */
enum status shelf_put(const struct shelf *shelf,
    const struct via_question *offer, int64_t now, struct problem *problem);

/* Note that servers present it at `now`.  Returns the same. */
enum status shelf_report(
    const struct shelf *shelf, int64_t now, struct problem *problem);

void shelf_close(struct shelf *shelf);

#endif
