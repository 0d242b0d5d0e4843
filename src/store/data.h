/* SPDX-License-Identifier: MIT */
#ifndef STORE_DATA_H
#define STORE_DATA_H

/*
 * The inside of the store, shared by store/store.c (what is known),
 * store/memory.c (what was known before), store/publish.c (what follows) and
 * store/adopt.c, and by nobody else.
 */

#include "sets/index.h"
#include "store/store.h"

/* What is on record of a zone, published or not. */
struct known_zone {
	int32_t id;
	uint32_t serial;
	struct content content; /* what has this serial */
};

struct store {
	const struct config *config;
	struct tlsa_pool *pool;
	const struct issuers *issuers; /* borrowed, or `learned` */
	struct issuers *learned; /* with what chains told; owned, or NULL */
	bool is_taught;          /* some chain may tell more */

	struct trie lineages;          /* name, NUL, source -> struct lineage */
	struct index lineages_by_host; /* key of a DNS name -> lineages */
	struct index lineages_by_parent; /* of a wildcard's parent */
	struct trie changed;   /* as lineages; for the record, borrowed */
	struct trie forgotten; /* as lineages; for the record, owned */
	size_t *blind; /* per source, lineages that never had a generation */
	char **source_problems; /* one per source, NULL: none */
	uint32_t retain_max;    /* longest of all services, seconds */
	int64_t forget_at;      /* when store_forget() is due; 0: never */

	struct service *services; /* of the configuration */
	size_t service_count;
	struct service **discovered;
	size_t discovered_count;
	struct trie claimed; /* owner name -> service; if any is discovered */
	uint32_t next_number;
	struct index services_by_host; /* those without `lineages` */
	struct index services_by_parent;
	struct index services_by_lineage; /* lineage name -> services */
	struct trie services_bare;        /* service number -> service */
	struct service **dirty;
	size_t dirty_count;
	size_t dirty_size;    /* room in it */
	struct timers timers; /* services, seconds since 1970 */

	struct trie zones;        /* as published; apex -> struct zone */
	struct trie edits;        /* zones that are being changed */
	struct trie known_zones;  /* apex -> struct known_zone */
	struct trie known_owners; /* name -> struct owner, not yet published */
	struct trie gone;         /* name -> its text, to go off record */
	bool is_shifted;          /* what is on record has other times */
	struct trie timed;        /* name: so has this; values mean nothing */
	const struct publication_lag *lag; /* borrowed; NULL: none */
};

/*
 * What is published at `dname` was so before, as `owner` has it, or was seen:
 * the earlier times count.
 */
void store_merge_times(
    struct store *store, const struct dname *dname, const struct owner *owner);

/* Return `seconds` since 1970 as a time of struct rr_times. */
uint32_t store_time(int64_t seconds);

/*
 * Find the owner name of a service of which config and port are set, and
 * whether it is an alias.  Returns false if no zone has room for it.
 */
bool store_settle_owner(const struct store *store, struct service *service,
    struct dname *ret_owner);

/* Count it in from now on; its owner is settled. */
void store_begin_service(struct store *store, struct service *service);

/* The opposite; nothing may be published for it any more. */
void store_end_service(struct store *store, struct service *service);

/* Call `visit` for each service, listed or discovered. */
void store_each_service(struct store *store,
    void (*visit)(struct store *store, struct service *service, void *arg),
    void *arg);

/* Put each service under its owner name into a trie that it begins. */
void store_index_services(struct store *store, struct trie *services);

/* ---- services that nobody listed; see store/discover.c ---- */

/* Begin services for a DNS name of a leaf, if such are wanted and missing. */
void store_discover(struct store *store, const char *name);

/*
 * Begin the service that had this owner name, if such are still wanted: what
 * was published stays, whatever became of the files.
 */
void store_discover_again(struct store *store, const uint8_t *key, size_t len);

/*
 * Return true if a leaf named the host of a discovered service, and none does
 * any more.
 */
bool store_is_deserted(
    const struct store *store, const struct service *service);

/* Take out a discovered service that publishes nothing, and free it. */
void store_desert(struct store *store, struct service *service);

/* Free all of them. */
void store_free_discovered(struct store *store);

/* ---- the rest of store/store.c, and others ---- */

/* Note that the RRset of `service` has to be decided again. */
void store_mark(struct store *store, struct service *service);

/* Note it for every service. */
void store_mark_all(struct store *store);

/* The lineage has a chain that issuer sets may learn from. */
void store_note_teacher(struct store *store, const struct lineage *lineage);

/* Have them learn, once something was noted. */
void store_learn(
    struct store *store, int64_t now, const struct store_report *report);

/* Note it for each service of the list. */
void store_mark_list(struct store *store, const struct index_list *list);

/* Note it for each service that would take any lineage it could get. */
void store_mark_bare(struct store *store);

/* Note whether the service is such a one. */
void store_set_bare(struct store *store, struct service *service, bool bare);

/* Note it for the services for which the lineage counts, or counted. */
void store_mark_lineage(struct store *store, const struct lineage *lineage);

/*
 * Call `visit` with each list of services for which the lineage counts, or
 * counted; a service may be in several.
 */
void store_walk_services(const struct store *store,
    const struct lineage *lineage,
    void (*visit)(const struct index_list *list, void *arg), void *arg);

/* Enter or remove the lineage under each name of its generations' leafs. */
void store_index_lineage(
    struct store *store, struct lineage *lineage, bool enter);

/*
 * Append the key of a lineage: those of one name lie side by side, in the
 * order of their sources.
 */
void store_lineage_key(unsigned source, const char *name, struct buf *key);

/* Find a lineage, and make it if it is missing and `add` is true. */
struct lineage *store_find_lineage(
    struct store *store, unsigned source, const char *name, bool add);

/* Note that the lineage has to go on record. */
void store_note_lineage(struct store *store, struct lineage *lineage);

/*
 * Drop generations and deleted lineages that nobody retains any more; set
 * forget_at to the next time.
 */
void store_forget(struct store *store, int64_t now);

/* Note that something of the lineage ends by time alone. */
void store_set_forget(struct store *store, int64_t when);

/*
 * Collect the lineages bound to `service`, those with a generation first and
 * ordered by name; the array is owned by the caller.
 */
const struct lineage **store_bound(const struct store *store,
    const struct service *service, size_t *ret_count, size_t *ret_readable);

/* The version of the zone that is being built: an edit, else the published. */
const struct zone *store_zone(
    const struct store *store, const struct dname *dname);

/* The same for changing; it is copied at its first change. */
struct zone *store_edit_zone(struct store *store, const struct zone *zone);

/* Return what is on record of the zone, made if it is missing. */
struct known_zone *store_known_zone(
    struct store *store, const struct dname *apex);

/* Give each own zone without an id the next one that was never given. */
void store_settle_ids(struct store *store);

/* Note that nothing is published at an owner name any more. */
void store_note_gone(struct store *store, const uint8_t *key, size_t len);

/* Parse the service's owner name. */
void store_owner_dname(const struct store *store, const struct service *service,
    struct dname *ret_dname);

#endif
