/* SPDX-License-Identifier: MIT */
#ifndef PAGE_DRAWING_H
#define PAGE_DRAWING_H

/*
 * An RRset over time, as SVG: a bar for each association from its first
 * publication to its end, with the hold time shaded in which nothing may be
 * served by it alone; renewals that were and that will be; and now.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdint.h>

#include "base/buf.h"
#include "store/store.h"

/*
 * Append the drawing of what is published for a service as of `now` (seconds
 * since 1970), if anything is.
 */
void drawing_add(
    struct buf *html, const struct service_view *view, int64_t now);

#endif
