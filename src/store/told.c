/* SPDX-License-Identifier: MIT */
#include "store/told.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/plain.h"
#include "bind.h"
#include "discover.h"
#include "learn.h"

/* A lineage that says nothing may be what a bare service needs. */
static void
count_blind(struct store *store, unsigned source, int change)
{
	store->lineages.blind[source] += change > 0 ? 1 : (size_t)-1;
	services_mark_bare(&store->services);
}

/* It is there, in whatever state. */
static void
undelete(struct store *store, struct lineage *lineage)
{
	if (lineage->deleted == 0)
		return;
	lineage->deleted = 0;
	store_mark_lineage(store, lineage);
	lineages_note(&store->lineages, lineage);
}

/* The same certificates, but with more kept of them, after a reload. */
static bool
is_refined(const struct chain *old, const struct chain *new)
{
	return old->leaf->part[0].der == NULL && new->leaf->part[0].der != NULL;
}

bool
store_set_chain(struct store *store, unsigned source, const char *name,
    struct chain *chain, const char *file, const struct fingerprint *print,
    int64_t now)
{
	struct lineage *lineage = lineages_add(&store->lineages, source, name);
	const struct chain *old = lineage_current(lineage);
	bool blind = old == NULL && lineage->problem != NULL;

	free(lineage->problem);
	lineage->problem = NULL;
	lineage_skip_deleted(lineage, now);
	undelete(store, lineage);
	if (lineage->file == NULL || strcmp(lineage->file, file) != 0 ||
	    !fingerprint_equal(&lineage->print, print))
		lineages_note(&store->lineages, lineage);
	free(lineage->file);
	lineage->file = mem_string(file);
	lineage->print = *print;
	if (old != NULL && chain_equal(old, chain)) {
		if (is_refined(old, chain)) {
			chain_unref(lineage->generations[0].chain);
			lineage->generations[0].chain = chain;
			store_mark_lineage(store, lineage);
		} else {
			chain_unref(chain);
		}
		return false;
	}
	store_mark_lineage(store, lineage);
	lineages_leave(&store->lineages, lineage);
	lineage_advance(lineage, chain, now);
	store_note_teacher(store, lineage);
	store_enter_lineage(store, lineage);
	store_mark_lineage(store, lineage);
	lineages_note(&store->lineages, lineage);
	if (lineage->generation_count > 1)
		lineages_set_forget(
		    &store->lineages, now + store->services.retain_max);
	if (blind)
		count_blind(store, source, -1);
	return true;
}

void
store_add_past(struct store *store, unsigned source, const char *name,
    struct chain *chain, int64_t since, int64_t replaced)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);

	if (lineage == NULL || lineage->generation_count == 0) {
		chain_unref(chain);
		return;
	}
	for (size_t i = 0; i < lineage->generation_count; i++) {
		if (chain_equal(lineage->generations[i].chain, chain)) {
			chain_unref(chain);
			return;
		}
	}
	lineages_leave(&store->lineages, lineage);
	lineage_restore(lineage, chain, since, replaced);
	lineages_set_forget(
	    &store->lineages, replaced + (int64_t)store->services.retain_max);
	store_enter_lineage(store, lineage);
	store_mark_lineage(store, lineage);
	lineages_note(&store->lineages, lineage);
}

static bool
plan_equal(const struct renewal_plan *a, const struct renewal_plan *b)
{
	return a->is_known == b->is_known && a->reuse_key == b->reuse_key &&
	       a->has_key_type == b->has_key_type &&
	       a->key_type == b->key_type && a->renews == b->renews &&
	       (a->server == NULL) == (b->server == NULL) &&
	       (a->server == NULL || strcmp(a->server, b->server) == 0);
}

void
store_set_plan(struct store *store, unsigned source, const char *name,
    struct renewal_plan *plan)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);

	if (lineage != NULL && lineage->is_provisional) {
		lineage->is_provisional = false;
		store_mark_lineage(store, lineage);
	}
	if (lineage != NULL && !plan_equal(&lineage->plan, plan)) {
		free(lineage->plan.server);
		lineage->plan = *plan;
		plan->server = NULL;
		store_mark_lineage(store, lineage);
	}
	free(plan->server);
	*plan = (struct renewal_plan){ 0 };
}

static bool
has_next(const struct next_key *next, size_t count, const struct chain *chain)
{
	for (size_t i = 0; i < count; i++)
		if (next[i].chain != NULL && chain_equal(next[i].chain, chain))
			return true;
	return false;
}

/* As is_refined(); of a bare key no certificate is known. */
static bool
next_is_refined(
    const struct next_key *old, const struct next_key *new, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (old[i].cert->part[CERT_SELECTOR_SPKI].der == NULL &&
		    new[i].cert->part[CERT_SELECTOR_SPKI].der != NULL)
			return true;
	return false;
}

/* Who was told that a staged chain is safe may serve it by now. */
static void
next_retire(struct store *store, struct lineage *lineage,
    const struct next_key *next, size_t count, int64_t now)
{
	lineages_leave(&store->lineages, lineage);
	for (size_t i = 0; i < lineage->next_count; i++) {
		struct chain *chain = lineage->next[i].chain;

		if (chain != NULL && !has_next(next, count, chain))
			lineage_retire(lineage, chain_ref(chain), now);
	}
	store_enter_lineage(store, lineage);
	/* It is a generation now, and generations teach. */
	store_note_teacher(store, lineage);
	if (lineage->generation_count > 1)
		lineages_set_forget(
		    &store->lineages, now + store->services.retain_max);
	lineages_note(&store->lineages, lineage);
}

bool
store_set_next(struct store *store, unsigned source, const char *name,
    struct next_key *next, size_t count, int64_t now)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);
	bool same;

	if (lineage == NULL) {
		next_keys_free(next, count);
		return false;
	}
	same = next_keys_equal(lineage->next, lineage->next_count, next, count);
	if (same && !next_is_refined(lineage->next, next, count)) {
		next_keys_free(next, count);
		return false;
	}
	if (!same)
		next_retire(store, lineage, next, count, now);
	lineage_set_next(lineage, next, count);
	store_mark_lineage(store, lineage);
	return !same;
}

bool
store_set_problem(
    struct store *store, unsigned source, const char *name, const char *problem)
{
	struct lineage *lineage = lineages_add(&store->lineages, source, name);
	bool is_new = lineage->problem == NULL;

	undelete(store, lineage);
	free(lineage->problem);
	lineage->problem = mem_string(problem);
	if (is_new && lineage->generation_count == 0) {
		store_mark_lineage(store, lineage);
		count_blind(store, source, 1);
	}
	return is_new;
}

/* Exchange a text; returns true if there is one that was not there. */
static bool
text_set(char **text, const char *next)
{
	bool same = *text != NULL && next != NULL && strcmp(*text, next) == 0;

	if (same)
		return false;
	free(*text);
	*text = next != NULL ? mem_string(next) : NULL;
	return next != NULL;
}

bool
store_set_remark(
    struct store *store, unsigned source, const char *name, const char *remark)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);

	return lineage != NULL && text_set(&lineage->remark, remark);
}

bool
store_set_warning(
    struct store *store, unsigned source, const char *name, const char *warning)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);
	char *plain = warning != NULL ? plain_text(warning, strlen(warning))
				      : NULL;
	bool is_new = lineage != NULL && text_set(&lineage->warning, plain);

	free(plain);
	return is_new;
}

bool
store_set_deleted(
    struct store *store, unsigned source, const char *name, int64_t now)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);

	if (lineage == NULL || lineage->deleted != 0)
		return false;
	if (lineage->generation_count == 0) {
		if (lineage->problem != NULL)
			count_blind(store, source, -1);
		store_remove_lineage(store, lineage);
		return true;
	}
	next_retire(store, lineage, NULL, 0, now);
	lineage_set_next(lineage, NULL, 0);
	lineage->deleted = now;
	lineages_set_forget(&store->lineages, now + store->services.retain_max);
	free(lineage->problem);
	lineage->problem = NULL;
	store_mark_lineage(store, lineage);
	lineages_note(&store->lineages, lineage);
	return true;
}

static void
ttl_visit(const struct index_list *list, void *arg)
{
	int64_t *ttl = arg;

	for (size_t i = 0; i < list->count; i++) {
		const struct service *service = list->items[i];

		if (*ttl < (int64_t)service->config->policy.ttl)
			*ttl = (int64_t)service->config->policy.ttl;
	}
}

/* The longest of the services that it counts for. */
static int64_t
ttl_of(const struct store *store, const struct lineage *lineage)
{
	int64_t ttl = 0;

	if (lineage != NULL)
		store_walk_services(store, lineage, ttl_visit, &ttl);
	return ttl;
}

bool
store_set_deployed(struct store *store, unsigned source, const char *name,
    const struct deployed *deployed, bool is_unsure, int64_t now)
{
	struct lineage *lineage = lineages_find(&store->lineages, source, name);
	int64_t end = is_unsure ? now + ttl_of(store, lineage) : now;

	if (lineage == NULL ||
	    !lineage_set_deployed(lineage, deployed, end, now))
		return false;
	lineages_set_forget(&store->lineages, end + store->services.retain_max);
	store_mark_lineage(store, lineage);
	lineages_note(&store->lineages, lineage);
	return true;
}

bool
store_set_source_problem(
    struct store *store, unsigned source, const char *problem)
{
	char **slot = &store->lineages.source_problems[source];
	bool was = *slot != NULL;

	free(*slot);
	*slot = problem != NULL ? mem_string(problem) : NULL;
	/* So may the source. */
	if (was != (problem != NULL))
		services_mark_bare(&store->services);
	return was != (problem != NULL);
}
