/* SPDX-License-Identifier: MIT */
#ifndef PDNS_BIND_ZONES_H
#define PDNS_BIND_ZONES_H

/*
 * Whether a configuration of BIND, as PowerDNS's bind backend reads it
 * (bind-config=), names any zone.
 * Threads: any, nothing is shared.
 */

#include "files/file.h"

/*
 * Look at the file at `path` and at those that it includes; "" has none.  One
 * that cannot be read, but for an include that does not exist, is "cannot
 * tell".
 */
enum presence bind_zones(const char *path);

#endif
