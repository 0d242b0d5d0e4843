/* SPDX-License-Identifier: MIT */
#ifndef SCAN_LOAD_H
#define SCAN_LOAD_H

/*
 * Reading the files of one lineage into a report.  When that is to be done,
 * others know: what is too fresh is left to them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "pki/ca_pool.h"
#include "report/reading.h"
#include "report/report.h"
#include "source/location.h"

/* What lineages are loaded with. */
struct loader {
	const struct reading *reading; /* borrowed, as is the next one */
	struct ca_pool *pool;
	bool has_memory;  /* what is on record is known, as far as there is */
	bool is_complete; /* the first look is: what is fresh can wait */
};

/*
 * Return for how many milliseconds a file with this fingerprint may still be
 * written to, for all that its age says, or 0; `is_sudden`: nobody has waited
 * since the last event.
 */
int64_t load_fresh_for(const struct fingerprint *print, bool is_sudden);

/*
 * Read the chain of a lineage, of which `known` was found before, and what
 * belongs to it, into `report`, which has its name.  STATUS_BUSY: it may grow
 * yet, load it again in *ret_again milliseconds; otherwise as file_read() and
 * chain_parse(), with `problem`.
 */
enum status load_chain(const struct loader *loader, const struct known *known,
    const struct location *location, struct report *report, int64_t *ret_again,
    struct problem *problem);

/*
 * Read the staged keys into `report`, if all of them can be told; what cannot
 * be read becomes a warning of the lineage.  Returns in how many milliseconds
 * to look again, as one is too fresh to be judged, or 0.
 */
int64_t load_next(const struct loader *loader, const struct location *location,
    struct report *report);

#endif
