/* SPDX-License-Identifier: MIT */
/* Which CAs an RRset has, and which it has to have since the set learned. */
#include "rollover_data.h"

bool
watch_knows(const struct rollover *model, size_t service, size_t ca)
{
	int64_t since = model->witnesses[service].ca_since[ca];

	return since != 0 && since + TTL < model->now;
}

static bool
version_has_ca(const struct version *version, const struct cert *ca)
{
	for (size_t i = 0; i < version->count; i++)
		if (version->rr[i].type.usage == 2 &&
		    watch_matches(version, i, ca))
			return true;
	return false;
}

void
watch_cas(struct rollover *model, size_t service, const struct version *version)
{
	int64_t *since = model->witnesses[service].ca_since;

	for (size_t i = 0; i < ROLLOVER_CAS && model->cas[i] != NULL; i++) {
		if (!version_has_ca(version, model->cas[i]))
			since[i] = 0;
		else if (since[i] == 0)
			since[i] = model->now;
	}
}

/* Whether the set is to know a CA by a chain that the daemon has read. */
static bool
was_taught(const struct rollover *model, size_t ca)
{
	for (unsigned l = 0; l < ROLLOVER_LINEAGES; l++) {
		const struct lineage *lineage = site_lineage(model, l);
		const struct chain *chain = lineage != NULL
						? lineage_current(lineage)
						: NULL;

		/* its root is the other one */
		if (chain != NULL && chain->ca_count == 2 &&
		    cert_same_key(chain->ca[0], model->cas[ca]))
			return true;
	}
	return false;
}

/* Whether the lineage's next certificate may be by an issuer of `algorithm`. */
static bool
may_come(const struct rollover *model, unsigned l, enum key_algorithm algorithm)
{
	const struct lineage *lineage = site_lineage(model, l);
	const struct chain *chain = lineage != NULL ? lineage_current(lineage)
						    : NULL;

	/* Until it was looked at, what was published last is the answer. */
	return chain != NULL && !lineage->is_provisional &&
	       lineage->deleted == 0 && chain->ca_count > 0 &&
	       !chain->leaf->is_staging &&
	       issuers_find(store_issuers(model->store),
		   chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256,
		   NULL) != NULL &&
	       (lineage->plan.has_key_type
		       ? lineage->plan.key_type
		       : chain->leaf->key_algorithm) == algorithm;
}

/* What one lineage taught the set, all have that may be next. */
void
watch_learned(
    struct rollover *model, size_t service, const struct version *version)
{
	for (size_t ca = ROLLOVER_SEEN; ca < ROLLOVER_SEEN + 2; ca++) {
		const struct cert *cert = model->cas[ca];
		bool may_be_next = false;

		for (unsigned l = 0; l < ROLLOVER_LINEAGES; l++)
			may_be_next |= watch_is_bound(service, l) &&
				       may_come(model, l, cert->key_algorithm);
		if (may_be_next && watch_has_cas(service) &&
		    was_taught(model, ca) && !version_has_ca(version, cert))
			rollover_fail(model,
			    "(g) %s: a CA that was learned is missing",
			    watch_owner_names[service]);
	}
}
