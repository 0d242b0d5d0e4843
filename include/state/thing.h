/* SPDX-License-Identifier: MIT */
#ifndef STATE_THING_H
#define STATE_THING_H

/* What is put on record, and told.  Plain data. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fingerprint.h"
#include "pki/chain.h"
#include "pki/lineage.h"

enum { STATE_DIGEST = 16 };

/* An own zone.  Strings and arrays are borrowed by who gets or gives them. */
struct state_zone {
	const char *name;
	int32_t id;
	uint32_t serial;
	uint32_t notified;             /* serial last notified; 0: none */
	uint8_t content[STATE_DIGEST]; /* digest of what has this serial */
};

/* The RRset of an owner name, as last published. */
struct state_association {
	const char *rdata; /* "3 1 1 0b9f..." */
	int64_t since;     /* published without a break; seconds, 1970 */
	int64_t seen;      /* at every name server; 0: was not seen */
};
struct state_owner {
	const char *name;
	uint32_t ttl;
	const struct state_association *list;
	size_t count;        /* 0: the owner is gone */
	uint32_t ttl_before; /* a longer one, 0: none, ... */
	int64_t lowered;     /* ... until then */
};

/* One generation of a lineage; the first of a list is the current one. */
struct state_generation {
	struct chain *chain; /* borrowed */
	int64_t since;       /* when it became current */
	int64_t replaced;    /* when another one did; 0: it is current */
};
struct state_lineage {
	const char *source; /* "certbot:/etc/letsencrypt" */
	const char *name;
	const char *file;         /* where the current chain was read */
	struct fingerprint print; /* of that file */
	const char *remark;       /* what else it holds, or NULL */
	int64_t deleted;          /* when it was deliberately deleted, or 0 */
	const struct deployed *deployed; /* what servers present */
	size_t deployed_count;
	const struct state_generation *list;
	size_t count; /* 0: the lineage is forgotten */
};

/* A finding that began, and whether somebody was told; alarm/alarms.h. */
struct state_alarm {
	const char *name;
	const char *facts; /* JSON; NULL: it is forgotten */
	int64_t since;     /* when it began */
	int64_t ended;     /* when it ended, or 0 */
	bool is_told;      /* that it began */
};

/*
 * Told of each thing that is on record, or that another process put there.
 * Any of them may be NULL.  They must not call state_*().
 */
struct state_hooks {
	void (*zone)(const struct state_zone *zone, void *arg);
	void (*owner)(const struct state_owner *owner, void *arg);
	void (*lineage)(const struct state_lineage *lineage, void *arg);
	void (*alarm)(const struct state_alarm *alarm, void *arg);
	void *arg;
};

#endif
