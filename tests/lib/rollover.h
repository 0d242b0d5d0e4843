/* SPDX-License-Identifier: MIT */
#ifndef ROLLOVER_H
#define ROLLOVER_H

/*
 * A mail site over months, in memory: lineages that certbot renews, the store
 * with its real state directory, servers that switch to a new certificate at
 * once, when it is safe, or days later, and every resolver that may have
 * cached an RRset.  Runs one sequence of events and says what went wrong.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROLLOVER_LINEAGES = 3, ROLLOVER_EVENTS = 60, ROLLOVER_FAILURE = 1024 };

#define ROLLOVER_EVENT_TABLE(X)                                                \
	X(ROLLOVER_WAIT, "wait")           /* `seconds` pass */                \
	X(ROLLOVER_RENEW, "renew")         /* or issue for the first time */   \
	X(ROLLOVER_ROLL_BACK, "roll back") /* to an older generation */        \
	X(ROLLOVER_TEST, "test")       /* a staging certificate goes live */   \
	X(ROLLOVER_STAGE, "stage")     /* a generation is left in archive/ */  \
	X(ROLLOVER_GO_LIVE, "go live") /* the staged one */                    \
	X(ROLLOVER_UNSTAGE, "unstage") /* it is given up */                    \
	X(ROLLOVER_DELETE, "delete")                                           \
	X(ROLLOVER_BREAK, "break") /* the files cannot be read */              \
	X(ROLLOVER_MEND, "mend")                                               \
	X(ROLLOVER_PLAN, "plan")       /* the next key's algorithm */          \
	X(ROLLOVER_ISSUERS, "issuers") /* other issuer sets */                 \
	X(ROLLOVER_STOP, "stop")       /* the daemon */                        \
	X(ROLLOVER_START, "start")                                             \
	X(ROLLOVER_STEP, "step")   /* the clock is set within a start */       \
	X(ROLLOVER_CLOCK, "clock") /* is set by `seconds` */                   \
	X(ROLLOVER_BOOT, "boot")   /* of a machine without a daemon; the same */

enum rollover_kind {
#define X(id, text) id,
	ROLLOVER_EVENT_TABLE(X)
#undef X
	    ROLLOVER_KINDS,
};

struct rollover_event {
	enum rollover_kind kind;
	unsigned lineage;
	uint32_t number; /* of its own, at random; never 0 */
	int64_t seconds;
};

struct rollover_sequence {
	/*
	 * certbot as everybody has it: the default records, a new key at each
	 * renewal, by an issuer of the set.
	 */
	bool is_stock;
	bool has_restarts; /* else there is no state directory */
	unsigned records;  /* which of the lists of records */
	unsigned max_records;
	unsigned hold; /* seconds */
	unsigned retain;
	unsigned other_retain; /* of the second service */
	struct rollover_event events[ROLLOVER_EVENTS];
	size_t count;
};

/* Return the word of `kind`. */
const char *rollover_kind_text(enum rollover_kind kind);

/*
 * Run the sequence with a state directory at `path`, which need not exist.
 * Returns true; or false with `failure` (ROLLOVER_FAILURE octets) filled.
 */
bool rollover_run(
    const struct rollover_sequence *sequence, const char *path, char *failure);

#endif
