/* SPDX-License-Identifier: MIT */
#ifndef ISSUERS_ROW_H
#define ISSUERS_ROW_H

/*
 * One row of a table of issuers, and what it shares with the lines above the
 * rows, and with the marks in a PEM file.  Pure.
 * Threads: any, nothing is shared.
 */

#include <stdint.h>

#include "base/status.h"
#include "issuers/issuer.h"

/*
 * Read the seven fields of `line`, which is cut up, and add the CA to `set`.
 * Returns STATUS_OK; STATUS_MALFORMED; STATUS_LIMIT if it has LIMIT_ISSUERS.
 */
enum status issuer_row_read(
    struct issuer_set *set, char *line, struct problem *problem);

/* Read a word of ISSUER_STATUS_TABLE, or STATUS_MALFORMED. */
enum status issuer_status_read(
    const char *text, enum issuer_status *ret_status, struct problem *problem);

/* Add the URL of an ACME directory, or STATUS_MALFORMED. */
enum status issuer_server_read(
    struct issuer_set *set, const char *value, struct problem *problem);

/* Read "2026-11-23T12:00:00Z" as seconds since 1970, or STATUS_MALFORMED. */
enum status issuer_time_read(const char *text, int64_t *ret_time);

/*
 * Say "'text' what" in `problem`, without the text if it is long.  Always
 * STATUS_MALFORMED, for the caller to return.
 */
enum status issuer_blame(
    struct problem *problem, const char *text, const char *what);

#endif
