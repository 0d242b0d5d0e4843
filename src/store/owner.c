/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include <string.h>

#include "config/discover.h"

static bool
is_found(const struct subject *subject, const char *name)
{
	for (size_t i = 0; i < subject->count; i++)
		if (strcmp(subject->lineages[i]->name, name) == 0)
			return true;
	return false;
}

bool
subject_is_bound(const struct subject *subject)
{
	int64_t retain = subject->service->config->policy.retain;

	for (size_t i = 0; i < subject->count; i++)
		if (subject->lineages[i]->deleted == 0 ||
		    subject->lineages[i]->deleted + retain > subject->now)
			return true;
	return false;
}

bool
subject_has_ended(const struct subject *subject)
{
	return subject->readable > 0 && !subject_is_bound(subject);
}

/*
 * Some source that may speak for the host cannot be read, or has a lineage that
 * never could be.
 */
static bool
is_blind(const struct subject *subject, bool with_lineages)
{
	const struct store *store = subject->store;
	const char *host = subject->service->config->host;

	for (size_t i = 0; i < store->config->source_count; i++)
		if ((store->lineages.source_problems[i] != NULL ||
			(with_lineages && store->lineages.blind[i] > 0)) &&
		    discover_allows(&store->config->sources[i], host))
			return true;
	return false;
}

bool
subject_is_incomplete(const struct subject *subject)
{
	const struct config_service *config = subject->service->config;

	if (subject->set.failed > 0 && subject->set.count == 0)
		return true;
	if (config->lineages == NULL)
		return !subject_is_bound(subject) && is_blind(subject, true);
	if (subject->readable < subject->count)
		return true;
	for (size_t i = 0; i < config->lineage_count; i++)
		if (!is_found(subject, config->lineages[i]) &&
		    is_blind(subject, false))
			return true;
	return false;
}

/* Since when `tlsa` is published, and seen: on record, or from now on. */
static struct rr_times
times_of(const struct subject *subject, const struct tlsa *tlsa)
{
	const struct owner *owners[] = { subject->before, subject->known };

	for (size_t o = 0; o < 2; o++)
		for (size_t i = 0; owners[o] != NULL && i < owners[o]->count;
		     i++)
			if (owners[o]->rdata[i] == tlsa)
				return owners[o]->times[i];
	return (struct rr_times){ .since = rr_time(subject->now) };
}

static bool
owner_has(const struct owner *owner, const struct tlsa *tlsa)
{
	for (size_t i = 0; i < owner->count; i++)
		if (owner->rdata[i] == tlsa)
			return true;
	return false;
}

/* Types of which the policy publishes nothing must not come back alone. */
static bool
set_has_type(const struct associations *set, struct record_type type)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct record_type other = set->list[i].tlsa->type;

		if (other.usage == type.usage &&
		    other.selector == type.selector &&
		    other.matching == type.matching)
			return true;
	}
	return false;
}

static void
owner_add(const struct subject *subject, struct owner *owner, struct tlsa *tlsa)
{
	owner->times[owner->count] = times_of(subject, tlsa);
	owner->rdata[owner->count++] = tlsa_ref(tlsa);
}

/*
 * Some lineage was not looked at since the start, or not whole, and staged
 * keys are not on record: what was published may be one of them.
 */
static bool
is_unsure(const struct subject *subject)
{
	int64_t retain = subject->service->config->policy.retain;

	for (size_t i = 0; i < subject->readable; i++) {
		const struct lineage *lineage = subject->lineages[i];

		if (lineage->is_provisional &&
		    (lineage->deleted == 0 ||
			lineage->deleted + retain > subject->now))
			return true;
	}
	return false;
}

static bool
is_same_set(const struct owner *owner, const struct owner *last)
{
	if (last == NULL || last->count != owner->count)
		return false;
	for (size_t i = 0; i < owner->count; i++)
		if (!owner_has(last, owner->rdata[i]))
			return false;
	return true;
}

/*
 * In the order of the policy; but an RRset is a set, and a staged key that
 * went live is no reason for a new serial, so one that is the same keeps the
 * order that it had.
 */
static struct owner *
owner_of(const struct subject *subject)
{
	const struct associations *set = &subject->set;
	const struct owner *last = subject->before != NULL ? subject->before
							   : subject->known;
	size_t last_count = last != NULL ? last->count : 0;
	struct owner *owner = owner_new(
	    subject->service->config->policy.ttl, set->count + last_count);
	bool is_same;

	owner->count = 0;
	owner_follow(owner, last, subject->now);
	for (size_t i = 0; i < set->count; i++)
		owner_add(subject, owner, set->list[i].tlsa);
	for (size_t i = 0; i < last_count && is_unsure(subject); i++)
		if (!owner_has(owner, last->rdata[i]) &&
		    set_has_type(set, last->rdata[i]->type))
			owner_add(subject, owner, last->rdata[i]);
	is_same = is_same_set(owner, last);
	/* The same references, each once. */
	for (size_t i = 0; is_same && i < last_count; i++) {
		owner->rdata[i] = last->rdata[i];
		owner->times[i] = last->times[i];
	}
	owner_seal(owner, &subject->dname);
	return owner;
}

static struct owner *
owner_unknown(const struct subject *subject)
{
	struct owner *owner = owner_new(
	    subject->service->config->policy.ttl, 0);

	owner->is_unknown = true;
	owner_seal(owner, &subject->dname);
	return owner;
}

/*
 * Nothing was looked at since the start: neither files nor what comes next.
 * What was published then is the best answer, and what the files say can only
 * add to it.
 */
static bool
is_provisional(const struct subject *subject)
{
	for (size_t i = 0; i < subject->readable; i++)
		if (!subject->lineages[i]->is_provisional)
			return false;
	return subject->readable > 0;
}

bool
subject_choose(const struct subject *subject, struct owner **ret_owner)
{
	bool ended = subject_has_ended(subject);
	bool incomplete = subject_is_incomplete(subject);
	bool has_known = subject->known != NULL && subject->known->count > 0;

	*ret_owner = NULL;
	if (has_known && !ended && is_provisional(subject))
		*ret_owner = owner_copy(subject->known);
	else if (subject->set.count > 0 &&
		 (!incomplete || subject->before != NULL || has_known))
		*ret_owner = owner_of(subject);
	else if (subject->before != NULL && !ended)
		return false;
	else if (has_known && !ended)
		*ret_owner = owner_copy(subject->known);
	else if (incomplete)
		*ret_owner = owner_unknown(subject);
	return true;
}
