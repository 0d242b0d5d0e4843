/* SPDX-License-Identifier: MIT */
#ifndef KEYRING_KEYRING_H
#define KEYRING_KEYRING_H

/*
 * DNSSEC keys and metadata of the zones whose `dnssec` is `self`, and TSIG
 * keys, as PowerDNS hands them to a backend and asks them back.  Keys are
 * private: our own copies are cleared before they are freed.  Pure.  Threads:
 * one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "dns/dname.h"
#include "dns/nsec3.h"
#include "sets/trie.h"

enum { KEYRING_DIGEST = 32 };

/* A key pair of a zone (DNSKEY, RFC 4034 s2). */
struct keyring_key {
	uint32_t id; /* >= 1, never given twice in a zone */
	uint16_t flags;
	bool is_active;    /* signs */
	bool is_published; /* is in the DNSKEY RRset */
	char *content;     /* owned; "Private-key-format: v1.2\nAlg..." */
};

/* One kind of metadata, as in pdnsutil set-meta. */
struct keyring_metadata {
	char *kind;    /* owned */
	char **values; /* owned */
	size_t count;
};

struct keyring_zone {
	char *name; /* owned; presentation form, final dot */
	uint32_t next_id;
	struct keyring_key *keys;
	size_t key_count;
	struct keyring_metadata *metadata;
	size_t metadata_count;
};

/* A shared secret for transfers and notifications (TSIG, RFC 8945). */
struct keyring_tsig {
	char *name;      /* owned; presentation form, final dot */
	char *algorithm; /* owned; likewise: "hmac-sha256." */
	char *secret;    /* owned; base64 */
};

struct keyring {
	struct trie zones; /* key of the apex -> struct keyring_zone */
	struct trie tsigs; /* key of the name -> struct keyring_tsig */
};

void keyring_init(struct keyring *keyring);
void keyring_fini(struct keyring *keyring);

/* Return the zone, borrowed; NULL if it is missing and `add` is false. */
struct keyring_zone *keyring_zone(
    struct keyring *keyring, const struct dname *apex, bool add);
const struct keyring_zone *keyring_find(
    const struct keyring *keyring, const struct dname *apex);

/*
 * Add a key; `content` is copied.  Returns its id, or 0 beyond LIMIT_KEYS or
 * LIMIT_KEY.
 */
uint32_t keyring_add_key(struct keyring_zone *zone, uint16_t flags,
    bool is_active, bool is_published, const char *content);

/* Return the key, borrowed, or NULL. */
struct keyring_key *keyring_key(struct keyring_zone *zone, int64_t id);

/* Returns false if there is none of this id. */
bool keyring_remove_key(struct keyring_zone *zone, int64_t id);

/*
 * Replace what there is of `kind`; everything is copied, and no values remove
 * it.  Returns false beyond LIMIT_METADATA and LIMIT_METADATA_VALUE.
 */
bool keyring_set_metadata(struct keyring_zone *zone, const char *kind,
    const char *const *values, size_t count);

/* Return the metadata of that kind, borrowed, or NULL. */
const struct keyring_metadata *keyring_metadata(
    const struct keyring_zone *zone, const char *kind);

/*
 * Add a TSIG key, or replace the one of that name; everything is copied.
 * Returns false for an algorithm that is no name, a secret that is not base64,
 * and beyond LIMIT_TSIG and LIMIT_TSIG_SECRET.
 */
bool keyring_set_tsig(struct keyring *keyring, const struct dname *name,
    const char *algorithm, const char *secret);

/* Return the TSIG key, borrowed, or NULL. */
const struct keyring_tsig *keyring_tsig(
    const struct keyring *keyring, const struct dname *name);

/* Returns false if there is none of this name. */
bool keyring_remove_tsig(struct keyring *keyring, const struct dname *name);

/*
 * Read how the zone denies existence out of NSEC3PARAM and NSEC3NARROW.
 * Returns false if it is by NSEC.
 */
bool keyring_nsec3(const struct keyring_zone *zone, struct nsec3 *ret_nsec3);

/* Return the zone as JSON; it has private keys: clear it, and free() it. */
char *keyring_format(const struct keyring_zone *zone);

/*
 * Add the zone of that JSON; false if it makes no sense, is there already, or
 * has more than there may be: then the keyring is of no use.
 */
bool keyring_parse(struct keyring *keyring, const char *name, const char *text);

/*
 * Digest that JSON (SHA-256, KEYRING_DIGEST octets): the zone's serial moves
 * with it, so that it must be what earlier versions make of it.
 */
void keyring_digest(const struct keyring_zone *zone, uint8_t *ret_digest);

#endif
