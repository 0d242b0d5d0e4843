/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_REPORTS_H
#define CONTROL_REPORTS_H

/* What the daemon says of TLS reports, in numbers, and of locks. */

#include <jansson.h>

#include "reports/postbox.h"

/* Return "reports" of JSON OF STATUS in pdns-tlsa(8), new; null: none. */
json_t *reports_json(const struct postbox *postbox);

/* Return the names of locks (see wall/confine.h) as an array, new. */
json_t *locks_json(unsigned locks);

#endif
