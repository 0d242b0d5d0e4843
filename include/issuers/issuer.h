/* SPDX-License-Identifier: MIT */
#ifndef ISSUERS_ISSUER_H
#define ISSUERS_ISSUER_H

/*
 * Issuer sets: the CAs of one ACME provider, any of which may issue the next
 * certificate.  A set comes from a text table, as we ship one for each known
 * provider, or from a PEM file of CA certificates; see ISSUER SETS in
 * pdns-tlsa(8).  Constant once they are read.  Pure.  Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/texts.h"
#include "pki/cert.h"

/* One row per status: enumerator, word of the table and of all output. */
#define ISSUER_STATUS_TABLE(X)                                                 \
	X(ISSUER_ACTIVE, "active")   /* certificates are issued from it */     \
	X(ISSUER_BACKUP, "backup")   /* may be used at any time */             \
	X(ISSUER_RETIRED, "retired") /* was used; certificates may live on */  \
	X(ISSUER_ROOT, "root")       /* issues CAs only */                     \
	X(ISSUER_SEEN, "seen")       /* issues, though the set is silent */

enum issuer_status {
#define X(id, text) id,
	ISSUER_STATUS_TABLE(X)
#undef X
	    ISSUER_STATUSES,
};

/* Return the word of `status`. */
const char *issuer_status_text(enum issuer_status status);

/*
 * One CA, which is one key: several certificates of it (cross-signs) are one
 * issuer with the latest not_after.
 *
 * `cert` has subject, is_ca, key_algorithm, key_bits, not_after and the two
 * digests of the SPKI; what else it knows, only a PEM file could tell.
 */
struct issuer {
	char *name; /* owned; the CN, as a rule */
	enum issuer_status status;
	int64_t seen; /* since when, seconds since 1970; 0: the set has it */
	struct cert *cert; /* owned reference */
};

struct issuer_set {
	unsigned refs;
	char *name;     /* of the file, without its ending */
	char *provider; /* as people call it */
	char *file;     /* where it was read, for messages */
	char *source;   /* where the provider says so, or NULL */
	int64_t date;   /* when that was so, seconds since 1970; 0: unknown */
	char **servers; /* ACME directory URLs */
	size_t server_count;
	bool is_staging; /* for tests only; never to be published unasked */
	struct issuer *list;
	size_t count; /* >= 1 */
};

/* All sets: tables first, then PEM files, each by the name of the file. */
struct issuers {
	unsigned refs;
	struct issuer_set **sets; /* owned references */
	size_t count;
	struct texts faults; /* files and directories that could not be read */
};

/*
 * Read `len` octets of a table.  `name` becomes the set's name; `file` its
 * file, which messages begin with.  All texts are copied.
 *
 * Returns STATUS_OK and one reference in *ret_set (drop it with
 * issuer_set_unref()); or STATUS_MALFORMED, or STATUS_LIMIT beyond
 * LIMIT_ISSUER_FILE or LIMIT_ISSUERS, with a `problem` that reads
 * "FILE:LINE: what is wrong; remedy".
 */
enum status issuer_set_parse(const char *name, const char *file,
    const char *text, size_t len, struct issuer_set **ret_set,
    struct problem *problem);

/*
 * The same for PEM certificates: every one must be a CA's and is active.
 * Besides, STATUS_REFUSED for a private key or another kind of block.
 * `problem` reads "FILE: certificate NUMBER: what is wrong".
 */
enum status issuer_set_parse_pem(const char *name, const char *file,
    const char *text, size_t len, struct issuer_set **ret_set,
    struct problem *problem);

/* A set of nobody, with one reference; for the parsers to fill. */
struct issuer_set *issuer_set_new(const char *name, const char *file);

/*
 * Add a CA to a set that nobody else has seen; name and the reference to
 * `cert` pass.
 */
void issuer_set_add(struct issuer_set *set, char *name,
    enum issuer_status status, struct cert *cert);

struct issuer_set *issuer_set_ref(struct issuer_set *set);
void issuer_set_unref(struct issuer_set *set);

/*
 * Return the CA of `set` whose SubjectPublicKeyInfo has this SHA-256 (32
 * octets), borrowed, or NULL.
 */
const struct issuer *issuer_set_find(
    const struct issuer_set *set, const uint8_t *spki_sha256);

/*
 * Return these sets with one more CA, which is not part of any: it issues
 * for the set at `at` since `seen`.  One reference.
 */
struct issuers *issuers_with_seen(
    const struct issuers *issuers, size_t at, struct cert *ca, int64_t seen);

/*
 * Return true if `issuer` of `set`, active, backup or seen, may issue a leaf
 * with a key of `algorithm` at `now`: where the set has issuers with keys of
 * that algorithm, only they do; else any.
 */
bool issuer_may_issue(const struct issuer_set *set, const struct issuer *issuer,
    enum key_algorithm algorithm, int64_t now);

/*
 * Say whether somebody should look after the set at `now`: it has no active
 * or backup CA, the last of them expires within 274 days, or the table is
 * older than a year.  Then `problem` says so with the remedy.  A staging set
 * is no concern.
 */
bool issuer_set_concern(
    const struct issuer_set *set, int64_t now, struct problem *problem);

/* Sets without a member; one reference. */
struct issuers *issuers_new(void);

/* Put a set (one reference passes) where it belongs in the order. */
void issuers_add(struct issuers *issuers, struct issuer_set *set);

struct issuers *issuers_ref(struct issuers *issuers);
void issuers_unref(struct issuers *issuers);

/*
 * Find the first set with a CA of this key, as issuer_set_find().  Returns
 * the CA and writes *ret_set (may be NULL), both borrowed, or returns NULL.
 */
const struct issuer *issuers_find(const struct issuers *issuers,
    const uint8_t *spki_sha256, const struct issuer_set **ret_set);

/* Return the first set that has this ACME directory URL, borrowed, or NULL. */
const struct issuer_set *issuers_find_server(
    const struct issuers *issuers, const char *url);

#endif
