/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_DATE_H
#define FORMATS_DATE_H

/*
 * Dates as ACME clients and senders of TLS reports write them.  Pure.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stdint.h>

/*
 * Read RFC 3339 s5.6, a little more freely: with a fraction, any offset or none
 * (UTC), a space for the T, or the day alone.  *ret_when, in seconds since
 * 1970, is written only with true.
 */
bool date_read(const char *text, int64_t *ret_when);

#endif
