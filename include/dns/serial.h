/* SPDX-License-Identifier: MIT */
#ifndef DNS_SERIAL_H
#define DNS_SERIAL_H

/*
 * SOA serial numbers (RFC 1982).  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stdint.h>

/* Return true if `a` comes after `b` (RFC 1982 s3.2). */
bool serial_is_after(uint32_t a, uint32_t b);

/*
 * Return the serial for a change at `now` (seconds since 1970): the time
 * itself, for a person can read it, or one more than `last` where the time
 * would not advance it.
 */
uint32_t serial_next(uint32_t last, int64_t now);

#endif
