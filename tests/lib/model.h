/* SPDX-License-Identifier: MIT */
#ifndef MODEL_H
#define MODEL_H

/*
 * What a store must publish, worked out without any of its cleverness: each
 * service is decided on anew at each publication, from a few lineages,
 * certificates and services that are all of this world.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pki.h"

enum {
	MODEL_NAMES = 4, /* of lineages: l0, l1, ... */
	MODEL_SOURCES = 2,
	MODEL_LINEAGES = MODEL_NAMES * MODEL_SOURCES,
	MODEL_SERVICES = 6,
	MODEL_APEXES = 3, /* the last one is an overlay's */
	MODEL_CERTS = 8,
	MODEL_ISSUERS = 2,
	MODEL_RETAIN_MAX = 1000,
	MODEL_RRS = MODEL_CERTS + MODEL_ISSUERS,
};

/* The configuration, and its services as the model sees them. */
extern const char model_yaml[];
extern const char *const model_apexes[MODEL_APEXES];

struct model_service {
	const char *owner;
	const char *host;
	const char *named; /* digits of its lineages, or NULL: by host */
	int64_t retain;
	size_t max;
	bool leaf;   /* "3 1 1" */
	bool ca;     /* "2 1 1" */
	size_t apex; /* index into model_apexes */
};
extern const struct model_service model_services[MODEL_SERVICES];

/* Every chain that a lineage may have. */
struct model_cert {
	const char *names;
	int issuer;
	bool is_sent; /* the issuer's certificate */
	int day;      /* when it was issued */
	struct pki pki;
	char *leaf; /* "3 1 1 ..." */
};
extern struct model_cert model_certs[MODEL_CERTS];

struct model_issuer {
	struct pki pki;
	char *ca; /* "2 1 1 ..." */
};
extern struct model_issuer model_issuers[MODEL_ISSUERS];

/* Make the certificates, and free them. */
void model_certs_make(void);
void model_certs_free(void);

enum model_kind { MODEL_NOTHING, MODEL_UNKNOWN, MODEL_KNOWN };

struct model_rrset {
	enum model_kind kind;
	size_t count;
	const char *rdata[MODEL_RRS]; /* of certificates or issuers */
};

/* A lineage is known by its number: name * MODEL_SOURCES + source. */
struct model_lineage {
	bool exists;
	bool problem;
	size_t count;          /* of generations; 0: never read */
	int cert[MODEL_CERTS]; /* the current one first */
	int64_t replaced[MODEL_CERTS];
	int64_t deleted; /* 0: not */
};

/* Zeroed, nothing is known of any lineage. */
struct model {
	struct model_lineage lineages[MODEL_LINEAGES];
	bool source_problem[MODEL_SOURCES];
	struct model_rrset rrsets[MODEL_SERVICES];
	int64_t forget_at; /* when something may be forgotten; 0: never */
};

/* What happens to a lineage; each returns what the store's function must. */
bool model_set_chain(struct model *model, int lineage, int cert, int64_t now);
bool model_set_problem(struct model *model, int lineage);
bool model_set_deleted(struct model *model, int lineage, int64_t now);

/* Decide on all services. */
void model_publish(struct model *model, int64_t now);

/* Return when the model changes by time alone, or -1. */
int64_t model_next(const struct model *model, int64_t now);

/* List the lineages bound to a service in their order; return how many. */
size_t model_bound(const struct model *model, size_t service, int *bound);

/* Return an RRset as stage_find() says it; free() it. */
char *model_text(const struct model_rrset *rrset);

#endif
