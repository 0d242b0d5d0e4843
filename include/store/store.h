/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * From all lineages to the next snapshot.  The store keeps the generations of
 * each lineage, knows which services a change concerns, and works on those
 * alone.  Pure: files, clock and log are its caller's.
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/snapshot.h"
#include "answer/tlsa.h"
#include "base/texts.h"
#include "config/config.h"
#include "issuers/issuer.h"
#include "pki/chain.h"
#include "pki/lineage.h"
#include "policy/association.h"
#include "policy/protection.h"
#include "sets/timer.h"

struct store;
struct service;

/*
 * Return what a leaf has to name to count for the service, in *room, or NULL:
 * one that the service names itself may be for whatever it likes.
 */
const struct dname *service_host(
    const struct service *service, struct dname *room);

/*
 * Return what the policy decides from for a service, but for its lineages;
 * `room` is for the host and must outlive it.
 */
struct policy_input store_policy_input(const struct store *store,
    const struct service *service, int64_t now, struct dname *room);

/* Have it decide beside what is published at `owner` (borrowed, or NULL). */
void store_set_published(struct policy_input *input, const struct owner *owner);

/* What somebody should look after at a service. */
enum service_concern {
	CONCERN_NONE,
	CONCERN_BARE,      /* no lineage that covers it can be read */
	CONCERN_EMPTY,     /* its certificates give no record */
	CONCERN_UNCOVERED, /* no current certificate names the host */
};

/* A host, a port and a transport, of the configuration or discovered. */
struct service {
	const struct config_service *config; /* borrowed */
	struct port port;
	bool is_alias; /* its owner lies in an own zone as an alias */
	bool is_dirty;
	bool is_bare;       /* nothing covers it */
	bool is_discovered; /* leaves when no leaf names its host */
	bool is_named;      /* a leaf did, since the start */
	bool is_stuck;   /* what is published is older than all that counts */
	uint32_t number; /* no other service has it */
	enum service_concern concern; /* as of the last publication */
	struct timer timer;           /* when its RRset changes by time alone */
};

/*
 * A store for `config`, which must outlive it as must `pool` and `issuers`
 * (may be NULL).  Nothing is known of any lineage yet.
 */
struct store *store_new(const struct config *config, struct tlsa_pool *pool,
    const struct issuers *issuers);

/*
 * Take over from `old`, made for another version of the configuration and
 * published at least once: lineages of sources that both have, zone ids,
 * serials and contents.  To be called before anything else is done with
 * `store`; `old` stays valid.
 */
void store_adopt(struct store *store, const struct store *old);

void store_free(struct store *store);

/* Use other issuer sets from now on; `issuers` must outlive the store. */
void store_set_issuers(struct store *store, const struct issuers *issuers);

/*
 * `chain` (one reference passes), read from `file`, is the current generation
 * of the lineage.  Ends its problem and its deletion.  Returns true if it
 * differs from the one known before.
 */
bool store_set_chain(struct store *store, unsigned source, const char *name,
    struct chain *chain, const char *file, const struct fingerprint *print,
    int64_t now);

/*
 * An earlier generation was found that was current from `since` until
 * `replaced`; a reference of `chain` passes.  For a lineage without a record:
 * the caller adds them after the current one, newest first.
 */
void store_add_past(struct store *store, unsigned source, const char *name,
    struct chain *chain, int64_t since, int64_t replaced);

/* Return the longest `retain` of all services, in seconds. */
uint32_t store_retain_max(const struct store *store);

/*
 * What the renewal file says; `plan` is taken over and emptied.  With it the
 * lineage has been looked at, and is provisional no longer.
 */
void store_set_plan(struct store *store, unsigned source, const char *name,
    struct renewal_plan *plan);

/*
 * The keys that are staged; ownership of the array passes.  A chain that was
 * staged and is no longer is retained like a generation replaced at `now`.
 * Returns true if they differ from those known before.
 */
bool store_set_next(struct store *store, unsigned source, const char *name,
    struct next_key *next, size_t count, int64_t now);

/*
 * Return true if no lineage of the source is known, nor anything that might be
 * one.
 */
bool store_source_is_empty(const struct store *store, unsigned source);

/* Return how many lineages of the source have a chain and were not deleted. */
size_t store_source_count(const struct store *store, unsigned source);

/*
 * Return why it cannot be told what belongs to a service of which nothing is
 * known: the problem, with the file, of a lineage that was never read, or of a
 * source; borrowed, or NULL if all was read.
 */
const char *store_blindness(const struct store *store);

/* Return true if a service names such a lineage in the configuration. */
bool store_names_lineage(const struct store *store, const char *name);

/*
 * What else the file of the chain holds, or what is odd about where it lies;
 * NULL: nothing.  Both return true if it is worth a line in the log: there is
 * something that was not there.
 */
bool store_set_remark(
    struct store *store, unsigned source, const char *name, const char *remark);
bool store_set_warning(struct store *store, unsigned source, const char *name,
    const char *warning);

/*
 * The lineage exists, but cannot be read or used: `problem` says why.  Its
 * generations stay.  Returns true if it had no problem before.
 */
bool store_set_problem(struct store *store, unsigned source, const char *name,
    const char *problem);

/*
 * The lineage was deliberately deleted at `now`; it leaves the RRsets when
 * they have retained it long enough.  Returns false if it is not known or
 * known to be deleted.
 */
bool store_set_deleted(
    struct store *store, unsigned source, const char *name, int64_t now);

/*
 * Servers present the leaf with this SHA-256 from `now` on; see pki/lineage.h.
 * If `is_unsure`, some may have been told before: then what they had is served
 * for a TTL more.  Returns false if the lineage is not known, or that is known.
 */
bool store_set_deployed(struct store *store, unsigned source, const char *name,
    const uint8_t *leaf, bool is_unsure, int64_t now);

/*
 * The whole source cannot be read (`problem`), or can again (NULL).  Returns
 * true if that is new.
 */
bool store_set_source_problem(
    struct store *store, unsigned source, const char *problem);

/* Return the problem of the source, borrowed, or NULL. */
const char *store_source_problem(const struct store *store, unsigned source);

/* Return the lineage, borrowed, or NULL. */
const struct lineage *store_lineage(
    const struct store *store, unsigned source, const char *name);

/* Call `visit` for each lineage, in order of names, until it returns false. */
void store_walk_lineages(const struct store *store,
    bool (*visit)(const struct lineage *lineage, void *arg), void *arg);

/*
 * The same for those that changed since the last call, including those that
 * were forgotten (generation_count is 0).
 */
void store_walk_changed(struct store *store,
    void (*visit)(const struct lineage *lineage, void *arg), void *arg);

/* ---- what a state directory remembers; see store/memory.c ---- */

/*
 * The zone had this id, serial and content, by our own record or another
 * process's.  A serial that another one gave to our content becomes ours.
 */
void store_remember_zone(struct store *store, const char *name, int32_t id,
    uint32_t serial, const struct content *content);

/* One RR of an RRset as it was on record; times in seconds since 1970. */
struct remembered_rr {
	const char *rdata; /* presentation form */
	int64_t since;     /* published without a break */
	int64_t seen;      /* at every name server; 0: was not seen */
};

/* The owner name had this RRset. */
void store_remember_owner(struct store *store, const char *name, uint32_t ttl,
    const struct remembered_rr *list, size_t count, int64_t now);

/* It had one, but another process withdrew it. */
void store_forget_owner(struct store *store, const char *name);

/*
 * The lineage had these generations, the current one first; a reference of
 * each chain passes.  Does nothing for one that is known already.
 */
void store_remember_lineage(struct store *store, unsigned source,
    const char *name, const char *file, const struct fingerprint *print,
    int64_t deleted, const struct generation *generations, size_t count,
    int64_t now);

/*
 * The same for a record that is found late, when the files were looked at:
 * generations that are not known are added as past ones.  A lineage that is not
 * there was deleted, by now at the latest, unless its source cannot be read.
 */
void store_remember_late(struct store *store, unsigned source, const char *name,
    const char *file, const struct fingerprint *print, int64_t deleted,
    const struct generation *generations, size_t count, int64_t now);

/* All of it has to go on record. */
void store_note_all(struct store *store);

/* Which of its leafs was deployed last; to be called after that. */
void store_remember_deployed(struct store *store, unsigned source,
    const char *name, const uint8_t *leaf);

/*
 * The clock was set by `delta` seconds: move every time on record along, so
 * that what has been published or retained for an hour still has.
 */
void store_shift_times(struct store *store, int64_t delta);

/*
 * Every name server of its zone was seen to answer these RRs of the owner name
 * (RDATA in presentation form) at `now`; what it has no more is passed over.
 * Returns false if nothing is published there.
 */
bool store_set_seen(struct store *store, const char *name,
    const char *const *texts, size_t count, int64_t now);

/*
 * How much later than published PowerDNS may begin to answer it, now and in
 * future; `lag` must outlive the store.
 */
void store_set_lag(struct store *store, const struct publication_lag *lag);

/*
 * Call `visit` with each RRset whose times have changed without it since the
 * last call: by a sighting, or all of them with the clock, for those on record
 * would make it look older after a restart.
 */
void store_walk_timed(struct store *store,
    void (*visit)(const char *name, const struct owner *owner, void *arg),
    void *arg);

/*
 * Owner names on record that no service claims are gone: to be called when
 * everything on record was remembered.
 */
void store_drop_unclaimed(struct store *store);

/*
 * Call `visit` with each owner name that is gone since the last call: nothing
 * is published there any more, because its service left the configuration.
 */
void store_walk_gone(
    struct store *store, void (*visit)(const char *name, void *arg), void *arg);

/*
 * What PowerDNS keeps with us of the own zone `apex`: how it denies existence
 * (NULL: by NSEC, or narrow) and the digest of all of it, for which the serial
 * moves, so that secondaries fetch what is signed anew.  Does nothing for a
 * zone that is not ours.
 */
void store_set_dnssec(struct store *store, const struct dname *apex,
    const struct nsec3 *nsec3, const struct content *content);

/* ---- publishing ---- */

/* What publishing changed at one service; owners may be NULL: no RRset. */
struct store_change {
	const struct service *service;
	const char *owner; /* its owner name */
	const struct owner *before;
	const struct owner *after;
	const struct associations *set; /* what the policy decided */
};

/* Told what publishing does; each may be NULL. */
struct store_report {
	/* Before an RRset is exchanged. */
	void (*owner)(const struct store_change *change, void *arg);
	/* After a zone got its new serial. */
	void (*zone)(const struct zone *zone, void *arg);
	/* When its concern is another one than before. */
	void (*concern)(const struct service *service, void *arg);
	/* When `set`, the last that it is in, learned of an issuer. */
	void (*learned)(const struct issuer_set *set,
	    const struct lineage *lineage, const struct cert *issuer,
	    void *arg);
	void *arg;
};

/* Return true if something is to be published, or time has come for it. */
bool store_is_pending(const struct store *store, int64_t now);

/*
 * Work on every service that something changed for, or whose time has come,
 * and freeze the result.  Returns one reference.
 */
struct snapshot *store_publish(
    struct store *store, int64_t now, const struct store_report *report);

/* Return when time alone changes something, in seconds since 1970, or -1. */
int64_t store_next_wake(const struct store *store);

/* ---- looking ---- */

/*
 * The services, those of the configuration in its order, then those that were
 * discovered; publishing may change their number.
 */
size_t store_service_count(const struct store *store);
const struct service *store_service(const struct store *store, size_t at);

/* Return the owner name of its RRset, with final dot; free() it. */
char *store_owner_name(
    const struct store *store, const struct service *service);

/* Return the service's concern in words, or NULL. */
const char *service_concern_text(const struct service *service);

/* All about one service, for people: end it with service_view_fini(). */
struct service_view {
	const struct service *service;
	char *owner_name;
	const struct zone *zone;   /* of the store's working version */
	const struct owner *owner; /* what is published, or NULL */
	struct associations set;   /* what the policy says, and why */
	struct protection protection;
	const struct lineage **lineages; /* bound, readable or not */
	size_t lineage_count;
	size_t readable; /* the first so many have a generation */
};

void store_view(const struct store *store, size_t at, int64_t now,
    struct service_view *ret_view);
void service_view_fini(struct service_view *view);

/* Is it safe to serve the newest chain of a lineage, for one service? */
struct service_safety {
	const struct service *service;
	char *owner_name; /* owned, with final dot */
	struct safety safety;
};

/* And for all services that it counts for: with none of them it is. */
struct lineage_safety {
	struct safety worst;
	struct service_safety *list; /* owned */
	size_t count;
};

/*
 * Judge the lineage, which has a chain: by sight where the configuration wants
 * it so, and at the owner names of `by_sight` (with final dot; may be NULL).
 * End *ret_safety with lineage_safety_fini().
 */
void store_lineage_safety(const struct store *store,
    const struct lineage *lineage, const struct texts *by_sight, int64_t now,
    struct lineage_safety *ret_safety);
void lineage_safety_fini(struct lineage_safety *safety);

/* What the store was made with. */
const struct issuers *store_issuers(const struct store *store);
struct tlsa_pool *store_pool(const struct store *store);

#endif
