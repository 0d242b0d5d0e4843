/* SPDX-License-Identifier: MIT */
#include "decision.h"

#include <stdlib.h>

#include "limit.h"
#include "mem.h"

/* All associations of one certificate: published together or not at all. */
struct unit {
	struct association why; /* without tlsa */
	bool is_leaf;
	bool is_served; /* never cut */
	struct tlsa *list[LIMIT_RECORDS];
	size_t count;
};

static struct association *
set_find(const struct associations *set, const struct tlsa *tlsa)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->list[i].tlsa == tlsa)
			return &set->list[i];
	return NULL;
}

/* Take the reference to `tlsa`. */
static void
set_add(
    struct associations *set, const struct association *why, struct tlsa *tlsa)
{
	set->list = mem_resize(set->list, set->count + 1, sizeof(*set->list));
	set->list[set->count] = *why;
	set->list[set->count++].tlsa = tlsa;
}

/*
 * Whether a chain that is served has an association of this type: "past or
 * future records must never be the only ones" of a type (RFC 7671 s8).
 */
static bool
set_has_type(const struct associations *set, struct record_type type)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct association *other = &set->list[i];

		if (other->provenance <= PROVENANCE_CHAIN &&
		    other->tlsa->type.usage == type.usage &&
		    other->tlsa->type.selector == type.selector &&
		    other->tlsa->type.matching == type.matching)
			return true;
	}
	return false;
}

/*
 * Build the associations of the unit.  A client uses only the strongest digest
 * that it knows of a usage and selector, so that one that lacks is worse than
 * none at all (RFC 7671 s9): what cannot be built for this certificate, though
 * the certificate is known, is withheld from all.
 */
static void
unit_build(struct decision *decision, struct unit *unit)
{
	const struct policy *policy = decision->input->policy;

	for (size_t i = 0; i < policy->record_count; i++) {
		const struct record_type type = policy->records[i];

		if (usage_names_leaf(type.usage) != unit->is_leaf ||
		    decision
			->withheld[type.usage][type.selector][type.matching] ||
		    (unit->why.provenance > PROVENANCE_CHAIN &&
			!set_has_type(decision->set, type)))
			continue;
		if (tlsa_associate(decision->pool, unit->why.cert, type,
			&unit->list[unit->count]) == STATUS_OK) {
			unit->count++;
			continue;
		}
		decision->set->failed++;
		if (!unit->why.cert->part[type.selector].is_known)
			continue;
		decision
		    ->withheld[type.usage][type.selector][type.matching] = true;
		decision->withheld_count++;
	}
}

static void
unit_publish(struct decision *decision, struct unit *unit)
{
	struct associations *set = decision->set;
	struct associations *to = set;
	size_t more = 0;

	for (size_t i = 0; i < unit->count; i++)
		more += set_find(set, unit->list[i]) == NULL;
	if (!unit->is_served &&
	    set->count + more > decision->input->policy->max_records)
		to = &decision->left;
	for (size_t i = 0; i < unit->count; i++) {
		struct association *there = set_find(set, unit->list[i]);

		if (there != NULL && there->until < unit->why.until)
			there->until = unit->why.until;
		if (there != NULL || set_find(to, unit->list[i]) != NULL)
			tlsa_unref(unit->list[i]);
		else
			set_add(to, &unit->why, unit->list[i]);
	}
}

void
decision_add(struct decision *decision, bool is_leaf, bool is_served,
    const struct association *why)
{
	struct unit unit = {
		.why = *why, .is_leaf = is_leaf, .is_served = is_served
	};

	if (why->until <= decision->input->now)
		return;
	unit_build(decision, &unit);
	unit_publish(decision, &unit);
}

void
decision_reset(struct decision *decision)
{
	associations_fini(decision->set);
	associations_fini(&decision->left);
}

/* What is left out at one place may have come in at another. */
void
decision_end(struct decision *decision)
{
	struct associations *set = decision->set;

	for (size_t i = 0; i < decision->left.count; i++)
		set->cut += set_find(set, decision->left.list[i].tlsa) == NULL;
	set->failed += decision->withheld_count;
	associations_fini(&decision->left);
}
