/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_NOTIFIED_H
#define REMOTE_NOTIFIED_H

/*
 * The serials of which PowerDNS has told the secondaries (NOTIFY, RFC 1996),
 * by zone id.
 */

#include <stdbool.h>
#include <stdint.h>

#include "sets/trie.h"

struct notified {
	struct trie serials; /* zone id -> serial */
	bool is_changed;     /* and not yet on record */
};

void notified_init(struct notified *notified);
void notified_fini(struct notified *notified);

void notified_set(struct notified *notified, int32_t id, uint32_t serial);

/* Return the serial last notified, 0 if none was. */
uint32_t notified_get(const struct notified *notified, int32_t id);

#endif
