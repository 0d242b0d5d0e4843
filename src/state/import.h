/* SPDX-License-Identifier: MIT */
#ifndef STATE_IMPORT_H
#define STATE_IMPORT_H

/*
 * What versions before state.db kept: state.jsonl, a journal with one JSON
 * object a line, the last one about a thing counts; and dnssec.json, the keys.
 * Threads: one at a time.
 */

#include "base/status.h"
#include "state/database.h"

/*
 * Put what lies in `directory` into a new file.  Lines of the journal that make
 * no sense are left out; keys that do not are STATUS_MALFORMED.
 */
enum status import_all(
    const char *directory, struct database *made, struct problem *problem);

/* It is in place: what it was made of gets the ending .old. */
void import_done(const char *directory);

#endif
