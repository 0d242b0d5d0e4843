/* SPDX-License-Identifier: MIT */
#include "policy/learn.h"

static size_t
set_number(const struct issuers *issuers, const struct issuer_set *set)
{
	size_t at = 0;

	while (issuers->sets[at] != set)
		at++;
	return at;
}

static const struct issuer *
find(const struct issuers *issuers, const struct cert *ca,
    const struct issuer_set **ret_set)
{
	return issuers_find(
	    issuers, ca->part[CERT_SELECTOR_SPKI].sha256, ret_set);
}

/*
 * The one set that the chain's CAs are of; NULL: none, or several.  *ret_root
 * is the place of the first that it calls a root.
 */
static const struct issuer_set *
one_set(
    const struct issuers *issuers, const struct chain *chain, size_t *ret_root)
{
	const struct issuer_set *one = NULL;

	*ret_root = SIZE_MAX;
	for (size_t i = 1; i < chain->ca_count; i++) {
		const struct issuer_set *set = NULL;
		const struct issuer *issuer = find(issuers, chain->ca[i], &set);

		if (issuer == NULL)
			continue;
		if (one != NULL && set != one)
			return NULL;
		one = set;
		if (issuer->status == ISSUER_ROOT && *ret_root == SIZE_MAX)
			*ret_root = i;
	}
	return *ret_root != SIZE_MAX ? one : NULL;
}

/* Whether the lineage's ACME server may be the set's; true if nobody knows. */
static bool
is_provider(const struct issuers *issuers, const struct issuer_set *set,
    const struct lineage *lineage)
{
	const char *server = lineage->plan.server;

	return server == NULL || set->server_count == 0 ||
	       issuers_find_server(issuers, server) == set;
}

static bool
is_valid(const struct chain *chain, size_t root, int64_t now)
{
	if (chain->leaf->is_staging || chain->leaf->not_after <= now)
		return false;
	for (size_t i = 0; i <= root; i++)
		if (!chain->ca[i]->is_ca || chain->ca[i]->not_after <= now)
			return false;
	return true;
}

size_t
learn_set(const struct issuers *issuers, const struct lineage *lineage,
    const struct chain *chain, int64_t now)
{
	const struct issuer_set *set;
	size_t root;

	if (issuers == NULL || chain->ca_count < 2 ||
	    find(issuers, chain->ca[0], NULL) != NULL)
		return SIZE_MAX;
	set = one_set(issuers, chain, &root);
	if (set == NULL || set->is_staging ||
	    !is_provider(issuers, set, lineage) || !is_valid(chain, root, now))
		return SIZE_MAX;
	return set_number(issuers, set);
}
