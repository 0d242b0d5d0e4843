/* SPDX-License-Identifier: MIT */
#ifndef STORE_FORMER_H
#define STORE_FORMER_H

/*
 * Aliases that `aliases` of the configuration has given another name.  What a
 * CNAME still leads to is published as well: under the other name, if something
 * is on record or published there, until the last TTL is over; or, as long as
 * the configuration does not say what aliases are called, without end.  And all
 * of them, as long as what is on record cannot be read.
 */

#include <stdbool.h>
#include <stdint.h>

#include "data.h"
#include "sets/trie.h"

/* Owner names that no service claims as its own, to be looked up. */
struct former_index {
	struct store *store;
	bool is_made;
	struct trie names; /* the other name of an alias -> service */
};

void former_index_init(struct former_index *index, struct store *store);
void former_index_fini(struct former_index *index);

/*
 * Return true if the owner name is the other one of an alias; it is published
 * from now on with what the alias has, which begins with `known` (borrowed) if
 * nothing is known of it.
 */
bool former_claim(struct former_index *index, const uint8_t *key, size_t len,
    const struct owner *known);

/*
 * What is on record could not be read, so that each alias was published under
 * its other name as well, and can be now (store_drop_unclaimed()): withdraw
 * those that are not on record.
 */
void former_recall(struct store *store);

/* Forget that the service has another name. */
void former_drop(struct store *store, const struct service *service);

/*
 * Find until when they stay, if that is not known yet, and when they do not any
 * more, mark their services.
 */
void former_settle(struct store *store, int64_t now);

/* Return when that is, or -1. */
int64_t former_wake(const struct store *store);

/* Take over from `old` (store_adopt()) how long they stay. */
void former_adopt(struct store *store, const struct store *old);

#endif
