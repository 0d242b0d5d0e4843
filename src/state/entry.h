/* SPDX-License-Identifier: MIT */
#ifndef STATE_ENTRY_H
#define STATE_ENTRY_H

/*
 * What state/state.h puts on record, as the JSON objects of the journal, and
 *back:
 *
 *	{"version":1}
 *	{"ca":"DIGEST", certificate...}
 *	{"zone":"NAME","id":,"serial":,"notified":,"content":"DIGEST"}
 *	{"owner":"NAME","ttl":,"list":[["RDATA",SINCE,SEEN],...]}
 *	{"lineage":["SOURCE","NAME"],"file":,"print":[5
 *numbers],"remark":,"deleted":,
 *	    "deployed":"SHA256","list":[{"since":,"replaced":,"leaf":{},"ca":["DIGEST",...]},...]}
 *
 * An owner or a lineage that is gone has, besides its key, only "gone": the
 * time of that.  Optional members that are 0 are left out, members that are
 * not known are ignored.
 * Pure.  Threads: one at a time.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "state/cert.h"
#include "line.h"
#include "state/state.h"

/* Return the object of a thing (new); `now` is for "gone". */
json_t *state_version_encode(void);
json_t *state_zone_encode(const struct state_zone *zone);
json_t *state_owner_encode(const struct state_owner *owner, int64_t now);
json_t *state_lineage_encode(const struct state_lineage *lineage, int64_t now);

/* One line, decoded.  Strings lie in `json`, arrays in `list`. */
struct state_record {
	enum state_kind kind;
	json_t *json;
	void *list;
	int64_t gone; /* when the thing went, or 0 */
	union {
		struct cert *ca;
		struct state_zone zone;
		struct state_owner owner;
		struct state_lineage lineage;
	};
};

/*
 * Decode a line whose checksum is right; of a kind that is not known, only
 * `gone`.  Returns false if it is malformed.  Else end *ret with
 * state_record_fini().
 */
bool state_record_decode(const char *text, size_t len, enum state_kind kind,
    const struct state_cas *cas, struct state_record *ret);

void state_record_fini(struct state_record *record);

/*
 * Read the version number of what may be the first line of a journal, even
 * of a later version, whose checksums may be others; 0 if it has none.
 */
int64_t state_version_decode(const char *text, size_t len);

#endif
