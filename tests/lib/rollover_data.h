/* SPDX-License-Identifier: MIT */
#ifndef ROLLOVER_DATA_H
#define ROLLOVER_DATA_H

/*
 * The inside of the model, shared by rollover.c (what happens), rollover_site.c
 * (the daemon and its files), rollover_watch.c (what must hold of RRsets) and
 * rollover_server.c (servers and their clients), and by nobody else.
 */

#include "engine/record.h"
#include "remote/notified.h"
#include "rollover.h"
#include "store/store.h"

enum { TTL = 3600, DAY = 86400, ARCHIVE = 64, RECORDS = 64, SERVICES = 3 };

/* Of the CAs; the next one is the same for ECDSA. */
enum { ROLLOVER_CAS = 16, ROLLOVER_SEEN = 9 };

/* When the model begins, seconds since 1970. */
#define ROLLOVER_EPOCH INT64_C(1700000000)

/* The files of a lineage. */
struct disk {
	struct chain *archive[ARCHIVE]; /* every generation; owned */
	size_t count;
	struct chain *live;   /* borrowed from archive; NULL: no lineage */
	struct chain *staged; /* likewise */
	struct chain *stopped_with; /* staged when the daemon stopped; owned */
	bool is_broken;
	int64_t seen; /* when the daemon first read it; 0: not yet */
	bool has_key_type;
	enum key_algorithm key_type; /* of the next key */
	int64_t key_type_seen;       /* by the daemon; 0: not yet */
	int64_t changed;             /* the fingerprint of live */
	int64_t deleted_seen;        /* by the daemon; 0: never */
};

/* One RRset that was published from `from` to `to`; both true times. */
struct version {
	int64_t from;
	int64_t to;    /* INT64_MAX: still is */
	bool is_cut;   /* no room for what is, or was served */
	bool is_short; /* nor for what may come next */
	size_t count;
	struct {
		struct record_type type;
		uint8_t data[32]; /* the first octets, as fake.h makes them */
	} rr[RECORDS];
};

/* How a server goes over to a new certificate. */
enum server_kind {
	SERVER_AT_ONCE,
	SERVER_WHEN_SAFE,
	SERVER_LATE,
	SERVER_KINDS,
};

struct server {
	struct chain *chain; /* what it presents; NULL: it is off; owned */
	int64_t deadline;    /* when its chain leaves; true time */
	int64_t due;         /* SERVER_LATE: when it will go over; 0: not */
};

/* All that looks at one service. */
struct witness {
	struct version *versions; /* the oldest first */
	size_t count;
	/* Since when each CA has been in its RRset, true time; 0: is not. */
	int64_t ca_since[ROLLOVER_CAS];
	bool was_published;
	bool was_cut; /* of the last one; see struct version */
	bool was_short;
	struct server servers[ROLLOVER_LINEAGES][SERVER_KINDS];
};

struct rollover {
	const struct rollover_sequence *sequence;
	char *failure;
	bool has_failed;

	int64_t now;    /* true time, seconds since 1970 */
	int64_t offset; /* of the machine's clock */

	struct cert *cas[ROLLOVER_CAS];
	struct issuers *issuers[2]; /* before and after the new generation */
	size_t issuers_now;
	int64_t issuers_seen; /* when the daemon published the second */
	struct disk disks[ROLLOVER_LINEAGES];

	struct config *config;
	struct tlsa_pool tlsas;
	struct store *store; /* NULL: the daemon is stopped */
	int64_t stopped;     /* when; true time */
	bool is_booted;      /* since then */
	struct clock clock;
	int64_t step; /* of the clock, in the next start; seconds */
	struct record record;
	struct notified notified;
	struct alarms alarms;
	struct snapshot *snapshot;

	struct witness witnesses[SERVICES];
	uint32_t serial;  /* last seen */
	uint64_t content; /* what had it */
	bool has_serial;
};

/* Say what is wrong; the first one counts. */
void rollover_fail(struct rollover *model, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The machine's clock. */
int64_t rollover_clock(const struct rollover *model);

/* ---- rollover_issue.c ---- */

/* Make the CAs, and the issuer sets. */
void issue_init(struct rollover *model);
void issue_fini(struct rollover *model);

/* Make the next generation, by what `number` says. */
struct chain *issue_chain(
    struct rollover *model, unsigned lineage, uint32_t number, bool is_test);

/* ---- rollover_site.c ---- */

/* Make the configuration, its directory, and the CAs. */
void site_init(struct rollover *model, const char *path);
void site_fini(struct rollover *model);

/* The daemon: start, stop, look at one lineage, publish. */
void site_start(struct rollover *model, uint32_t number);
void site_stop(struct rollover *model);
void site_boot(struct rollover *model);
void site_look(struct rollover *model, unsigned lineage);
void site_publish(struct rollover *model);

/* What the clock was set by, as clock_check() of backend/engine/engine.c. */
void site_check_clock(struct rollover *model);

/* The lineage as the daemon knows it, or NULL. */
const struct lineage *site_lineage(
    const struct rollover *model, unsigned lineage);

/* ---- rollover_watch.c ---- */

/* Something was published: compare with what was before. */
void watch_published(struct rollover *model);

/* The daemon stopped: nobody fetches anything any more. */
void watch_stopped(struct rollover *model);

/* Return true if every cache has the CA, who has the service's RRset. */
bool watch_knows(const struct rollover *model, size_t service, size_t ca);

/* Has it records of CAs?  With stock certbot a server of it may not wait. */
bool watch_has_cas(size_t service);

/* Is the service's RRset made of this lineage too? */
bool watch_is_bound(size_t service, unsigned lineage);

/* The owner name, the policy, and what the daemon answers (or NULL). */
extern const char *const watch_owner_names[SERVICES];
const struct policy *watch_policy(const struct rollover *model, size_t service);
const struct owner *watch_owner(const struct rollover *model, size_t service);

/* Whether the RR at `at` has the certificate's data. */
bool watch_matches(
    const struct version *version, size_t at, const struct cert *cert);

/* What CAs are in the RRset now; and what has to be, once one was learned. */
void watch_cas(
    struct rollover *model, size_t service, const struct version *version);
void watch_learned(
    struct rollover *model, size_t service, const struct version *version);

/* Whether a DANE client with this RRset accepts the chain. */
bool watch_accepts(const struct version *version, const struct chain *chain);

/* ---- rollover_server.c ---- */

/* Let every server do what it does now, and check what clients see. */
void watch_turn(struct rollover *model);

/* Return the next true time, up to `until`, at which a server may move. */
int64_t watch_next(const struct rollover *model, int64_t until);

/* Nobody can tell the times: all servers start again. */
void watch_reset(struct rollover *model);

/* Servers that present the chain are switched off. */
void watch_forget(struct rollover *model, const struct chain *chain);

/* The lineage is gone from disk. */
void watch_deleted(struct rollover *model, unsigned lineage);

void watch_fini(struct rollover *model);

#endif
