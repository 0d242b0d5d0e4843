/* SPDX-License-Identifier: MIT */
#ifndef REPORT_CODEC_H
#define REPORT_CODEC_H

/*
 * Reports, and what is to be read, as JSON objects.  Who decodes believes
 * nothing: whatever another process sent becomes a whole value or none.
 * Pure.  Threads: one at a time.
 */

#include <jansson.h>
#include <stdbool.h>

#include "report/reading.h"
#include "report/report.h"
#include "sets/intern.h"

/* Return what a look found as an object (new). */
json_t *report_encode(const struct report *report);

/*
 * Read such an object, which is changed by that; its source is below
 * `source_count`.  CA certificates are shared through `cas`: see codec_cas().
 * Returns true and *ret_report, ended by report_fini().
 */
bool report_decode(json_t *object, unsigned source_count, struct intern *cas,
    struct report *ret_report);

/* Begin a table of CA certificates for report_decode(); intern_fini() it. */
void codec_cas(struct intern *cas);

/*
 * What is to be read, piece by piece, for there may be many: `put` gets each
 * (new), of the kind that it is.
 */
enum piece {
	PIECE_SOURCE,
	PIECE_LINEAGE,
	PIECE_NAMED,
	PIECE_WAY, /* the last one: how to read */
	PIECES,
};
void reading_encode(const struct reading *reading,
    void (*put)(enum piece piece, json_t *object, void *arg), void *arg);

/* Add one piece; false, with `reading` as it was, if it is no such piece. */
bool reading_add(struct reading *reading, enum piece piece, json_t *object);

/* Return what was found of a lineage before as an object (new). */
json_t *known_encode(
    unsigned source, const char *name, const struct known *known);

/*
 * Read such an object; *ret_name lives as long as it does.  Returns true and
 * *ret_known, ended by known_fini().
 */
bool known_decode(json_t *object, unsigned source_count, unsigned *ret_source,
    const char **ret_name, struct known *ret_known);

#endif
