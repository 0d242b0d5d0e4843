/* SPDX-License-Identifier: MIT */
#ifndef STORE_MODEL_H
#define STORE_MODEL_H

/*
 * What a store must publish, worked out without any of its cleverness: the
 * policy is asked about every service at every publication, and lineages are
 * bound by looking at all of them.  All is of one small world: a few
 * lineages, certificates and services.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/tlsa.h"
#include "config/config.h"
#include "pki.h"
#include "pki/lineage.h"
#include "stage.h"

enum {
	MODEL_NAMES = 4, /* of lineages: l0, l1, ... */
	MODEL_SOURCES = 2,
	MODEL_LINEAGES = MODEL_NAMES * MODEL_SOURCES,
	MODEL_SERVICES = 6, /* each with one port */
	MODEL_CERTS = 8,
	MODEL_ISSUERS = 2,
	MODEL_RETAIN_MAX = 1000,
};

/* The configuration, and the owner names of its services. */
extern const char model_yaml[];
extern const char *const model_owners[MODEL_SERVICES];

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
extern struct pki model_issuers[MODEL_ISSUERS];

/* Make the certificates, and free them. */
void model_certs_make(void);
void model_certs_free(void);

/* A lineage is known by its number: name * MODEL_SOURCES + source. */
struct model {
	const struct config *config;              /* of model_yaml; borrowed */
	struct tlsa_pool *pool;                   /* borrowed */
	struct lineage *lineages[MODEL_LINEAGES]; /* NULL: not known */
	bool source_problem[MODEL_SOURCES];
	char *rrsets[MODEL_SERVICES];  /* as model_find() says it */
	bool is_stuck[MODEL_SERVICES]; /* older than all that counts */
	int64_t forget_at; /* when something may be forgotten; 0: never */
};

void model_init(
    struct model *model, const struct config *config, struct tlsa_pool *pool);
void model_fini(struct model *model);

/*
 * What happens to a lineage; each returns what the store's function must.
 * The reference to `chain` passes.
 */
bool model_set_chain(
    struct model *model, int lineage, struct chain *chain, int64_t now);
bool model_set_problem(struct model *model, int lineage);
bool model_set_deleted(struct model *model, int lineage, int64_t now);

/* Return what readers find for a service, RDATA sorted; free() it. */
char *model_find(const struct stage *stage, size_t service);

/* Decide on all services. */
void model_publish(struct model *model, int64_t now);

/* Return when the model changes by time alone, or -1. */
int64_t model_next(const struct model *model, int64_t now);

/* List the lineages bound to a service in their order; return how many. */
size_t model_bound(const struct model *model, size_t service,
    const struct lineage *bound[MODEL_LINEAGES]);

#endif
