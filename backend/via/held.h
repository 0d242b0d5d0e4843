/* SPDX-License-Identifier: MIT */
#ifndef VIA_HELD_H
#define VIA_HELD_H

/*
 * What a lineage in the store is held against before it is replaced: two hosts
 * that send under one name are one sender to all else.
 * Threads: one at a time.
 */

#include <stdint.h>

#include "base/status.h"
#include "pki/cert.h"
#include "shelf.h"

/*
 * Can `leaf` be the next one of the lineage, which `sender` sent before?
 * Returns STATUS_OK, also if there is none that can be read, or it is expired
 * at `now`; or STATUS_REFUSED with `problem`: the two name no host in common,
 * and so are two hosts'.
 */
enum status held_check(const struct shelf *shelf, const char *sender,
    const struct cert *leaf, int64_t now, struct problem *problem);

#endif
