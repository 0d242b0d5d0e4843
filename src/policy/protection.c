/* SPDX-License-Identifier: MIT */
#include "policy/protection.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/plain.h"
#include "policy/rules.h"

/* One lineage of the service under judgement. */
struct judgement {
	const struct policy_input *input;
	const struct associations *set;
	const struct lineage *lineage;
	const struct generation *current;
};

/* Whether the RRset has an association by usage `usage` of this key. */
static bool
is_published(
    const struct judgement *judgement, const struct cert *cert, bool leaf)
{
	const struct associations *set = judgement->set;

	for (size_t i = 0; i < set->count; i++)
		if (usage_names_leaf(set->list[i].tlsa->type.usage) == leaf &&
		    cert_same_key(set->list[i].cert, cert))
			return true;
	return false;
}

/* A request, say, that is handed in again and again tells of its key. */
static bool
judge_same(const struct judgement *judgement, struct protection *ret)
{
	const struct renewal_plan *plan = &judgement->lineage->plan;

	if (!policy_keeps_key(
		judgement->input, judgement->lineage, judgement->current))
		return false;
	(void)snprintf(ret->text, sizeof(ret->text), "protected: %s",
	    plan->is_known && plan->reuse_key
		? "the key is reused (reuse_key)"
		: "the key that comes next is the current one");
	return true;
}

/* A staged one: by its own association, or by that of its CA. */
static bool
judge_next(const struct judgement *judgement, struct protection *ret)
{
	const struct associations *set = judgement->set;

	for (size_t i = 0; i < set->chain_count; i++) {
		const struct policy_chain *chain = &set->chains[i];

		if (chain->lineage != judgement->lineage ||
		    chain->provenance != PROVENANCE_NEXT ||
		    chain->gap != GAP_NONE ||
		    cert_same_key(
			chain->cert, judgement->current->chain->leaf) ||
		    lineage_used_key(chain->lineage, chain->cert))
			continue;
		(void)snprintf(ret->text, sizeof(ret->text),
		    usage_names_leaf(set->list[chain->by].tlsa->type.usage)
			? "protected: the staged next key is published"
			: "protected: the CA of the staged next certificate "
			  "is published");
		return true;
	}
	return false;
}

/* Append "YR1, YR2, YR3" of the next issuers; false if one is missing. */
static bool
issuers_list(const struct judgement *judgement, const struct issuer_set *set,
    enum key_algorithm algorithm, struct buf *names)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct issuer *issuer = &set->list[i];

		if (!issuer_may_issue(
			set, issuer, algorithm, judgement->input->now))
			continue;
		if (!is_published(judgement, issuer->cert, false)) {
			if (issuer->status == ISSUER_ACTIVE)
				return false;
			continue;
		}
		buf_add_format(
		    names, "%s%s", names->len > 0 ? ", " : "", issuer->name);
	}
	return names->len > 0;
}

/*
 * The set that the next certificate comes from: its server's, else the one of
 * the CA that issued the current one.  NULL if that CA is in none, for then
 * the sets may be outdated, or if that set is of other servers.
 */
static const struct issuer_set *
next_set(const struct judgement *judgement)
{
	const struct issuers *issuers = judgement->input->issuers;
	const struct chain *chain = judgement->current->chain;
	const char *server = judgement->lineage->plan.server;
	const struct issuer_set *by_server;
	const struct issuer_set *set = NULL;

	if (issuers == NULL || chain->ca_count == 0 ||
	    issuers_find(issuers, chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256,
		&set) == NULL)
		return NULL;
	if (server == NULL)
		return set;
	by_server = issuers_find_server(issuers, server);
	return by_server != NULL || set->server_count > 0 ? by_server : set;
}

/* It leaves the CA of today for one that nobody knows anything of. */
static bool
is_leaving(const struct judgement *judgement)
{
	const struct issuers *issuers = judgement->input->issuers;
	const struct chain *chain = judgement->current->chain;

	return next_set(judgement) == NULL && issuers != NULL &&
	       chain->ca_count > 0 &&
	       issuers_find(issuers,
		   chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256, NULL) != NULL;
}

static bool
judge_set(const struct judgement *judgement, struct protection *ret)
{
	const struct renewal_plan *plan = &judgement->lineage->plan;
	enum key_algorithm algorithm = judgement->current->chain->leaf
					   ->key_algorithm;
	const struct issuer_set *set = next_set(judgement);
	struct buf names = { 0 };
	bool complete;

	if (set == NULL || !policy_has_ca_records(judgement->input->policy) ||
	    !policy_counts_ca(judgement->input, judgement->current->chain))
		return false;
	if (plan->has_key_type)
		algorithm = plan->key_type;
	complete = issuers_list(judgement, set, algorithm, &names);
	if (complete)
		(void)snprintf(ret->text, sizeof(ret->text),
		    "protected: any of %s is published", buf_text(&names));
	buf_fini(&names);
	return complete;
}

/*
 * A CA above the issuing one that its provider calls a root stays longer; but
 * another provider has others, and another algorithm may.
 */
static bool
judge_root(const struct judgement *judgement, struct protection *ret)
{
	const struct issuers *issuers = judgement->input->issuers;
	const struct chain *chain = judgement->current->chain;
	const struct renewal_plan *plan = &judgement->lineage->plan;
	const struct issuer_set *set = next_set(judgement);

	if (issuers == NULL || is_leaving(judgement) ||
	    !policy_counts_ca(judgement->input, chain) ||
	    (plan->has_key_type &&
		plan->key_type != chain->leaf->key_algorithm))
		return false;
	for (size_t i = 1; i < chain->ca_count; i++) {
		const uint8_t
		    *key = chain->ca[i]->part[CERT_SELECTOR_SPKI].sha256;
		const struct issuer *issuer = set != NULL
						  ? issuer_set_find(set, key)
						  : issuers_find(
							issuers, key, NULL);

		if (issuer == NULL || issuer->status != ISSUER_ROOT ||
		    !is_published(judgement, chain->ca[i], false))
			continue;
		(void)snprintf(ret->text, sizeof(ret->text),
		    "protected: %s is in the served chain", issuer->name);
		return true;
	}
	return false;
}

/* Why the next leaf will not match what is published of this one. */
static const char *
change_text(const struct judgement *judgement)
{
	const struct renewal_plan *plan = &judgement->lineage->plan;

	if (!policy_has_key_records(judgement->input->policy))
		return "the certificate changes at every renewal";
	if (!plan->is_known)
		return "the key may change at every renewal";
	if (!plan->reuse_key)
		return "the key changes at every renewal";
	if (lineage_changed_key(judgement->lineage))
		return "the last renewal changed the key in spite of reuse_key";
	return "the next key is of another algorithm";
}

static void
risk_only_leaf(const struct judgement *judgement, char *text, size_t size)
{
	const struct policy *policy = judgement->input->policy;
	struct buf records = { 0 };

	for (size_t i = 0; i < policy->record_count; i++)
		buf_add_format(&records, "%s%u %u %u", i > 0 ? ", " : "",
		    policy->records[i].usage, policy->records[i].selector,
		    policy->records[i].matching);
	(void)snprintf(text, size, "only %s is published and %s",
	    buf_text(&records), change_text(judgement));
	buf_fini(&records);
}

/* The next chains that the room does not reach for, and what to do. */
static void
risk_room(const struct judgement *judgement, char *text, size_t size)
{
	const struct associations *set = judgement->set;
	struct buf names = { 0 };

	for (size_t i = 0; i < set->chain_count; i++) {
		const struct policy_chain *chain = &set->chains[i];

		if (chain->lineage == judgement->lineage &&
		    chain->gap == GAP_ROOM &&
		    chain->provenance == PROVENANCE_ACTIVE)
			buf_add_format(&names, "%s%.40s",
			    names.len > 0 ? ", " : "", chain->cert->subject);
	}
	(void)snprintf(text, size,
	    "max-records leaves out a CA that may issue next (%s); raise it, "
	    "or drop a type",
	    buf_text(&names));
	buf_fini(&names);
}

static void
judge_risk(const struct judgement *judgement, struct protection *ret)
{
	const struct chain *chain = judgement->current->chain;
	char text[VERDICT_MAX / 2];

	if (judgement->lineage->deleted != 0)
		(void)snprintf(text, sizeof(text), "the lineage was deleted");
	else if (!policy_has_ca_records(judgement->input->policy))
		risk_only_leaf(judgement, text, sizeof(text));
	else if (chain->ca_count == 0)
		(void)snprintf(text, sizeof(text),
		    "the served chain has no CA certificate; serve "
		    "fullchain.pem");
	else if (!policy_counts_ca(judgement->input, chain))
		(void)snprintf(text, sizeof(text),
		    "the certificate does not name the host, so that no CA "
		    "covers it, and %s",
		    change_text(judgement));
	else if (is_leaving(judgement))
		(void)snprintf(text, sizeof(text),
		    "the next certificate comes from %.100s, which is in no "
		    "issuer set; add one",
		    plain_of(judgement->lineage->plan.server).text);
	else if (next_set(judgement) == NULL)
		(void)snprintf(
		    text, sizeof(text), "issuer not in any issuer set");
	else
		risk_room(judgement, text, sizeof(text));
	(void)snprintf(ret->text, sizeof(ret->text), "at risk: %s%s%.100s%s",
	    text, judgement->input->count > 1 ? " (lineage '" : "",
	    judgement->input->count > 1 ? judgement->lineage->name : "",
	    judgement->input->count > 1 ? "')" : "");
}

static void
judge_lineage(const struct judgement *judgement, struct protection *ret)
{
	static bool (*const ways[])(const struct judgement *judgement,
	    struct protection *ret) = { judge_same, judge_next, judge_set,
		judge_root };

	if (judgement->current == NULL) {
		(void)snprintf(ret->text, sizeof(ret->text),
		    "at risk: the certificate is for tests, self-signed or for "
		    "another host, and is not published");
		return;
	}
	for (size_t i = 0; judgement->lineage->deleted == 0 &&
			   i < sizeof(ways) / sizeof(ways[0]);
	     i++) {
		ret->is_protected = ways[i](judgement, ret);
		if (ret->is_protected)
			return;
	}
	judge_risk(judgement, ret);
}

void
protection_judge(const struct policy_input *input,
    const struct associations *set, struct protection *ret)
{
	*ret = (struct protection){ .is_protected = false,
		.text = "at risk: no certificate covers it" };
	for (size_t i = 0; i < input->count; i++) {
		const struct judgement judgement = {
			.input = input,
			.set = set,
			.lineage = input->lineages[i],
			.current = policy_generation(input, input->lineages[i]),
		};

		*ret = (struct protection){ 0 };
		judge_lineage(&judgement, ret);
		if (!ret->is_protected)
			return;
	}
}

/*
 * When what was published at `since` is safe, if nobody looks.  Who wants no
 * hold time at all does not wait for caches.
 */
static int64_t
unseen_safe_at(const struct policy_input *input, int64_t since)
{
	const struct publication_lag *lag = &input->lag;
	int64_t hold = (int64_t)input->policy->propagation;

	return since + hold +
	       (hold > 0 && since <= lag->until ? lag->seconds : 0);
}

/* When one association is safe, and what was seen of it. */
static void
association_judge(const struct safety_wish *wish, const struct tlsa *tlsa,
    struct safety *safety, int64_t *first)
{
	const struct policy_input *input = wish->input;
	const struct rr_times *times = NULL;
	int64_t since;
	int64_t safe_at;

	for (size_t i = 0; i < wish->owner->count; i++)
		if (wish->owner->rdata[i] == tlsa)
			times = &wish->owner->times[i];
	if (times == NULL)
		return;
	safety->is_published = true;
	safety->is_seen |= times->seen != 0;
	if (wish->by_sight && times->seen == 0)
		return;
	since = wish->by_sight ? times->seen : times->since;
	/* what comes from a clock that was ahead begins now */
	if (since > input->now)
		since = input->now;
	safe_at = wish->by_sight ? since + (int64_t)input->policy->propagation
				 : unseen_safe_at(input, since);
	/* Who wants no hold time at all waits for no cache. */
	if (input->policy->propagation > 0)
		safe_at = since + lowered_hold(&wish->owner->lowered, since,
				      safe_at - since);
	if (safe_at < *first)
		*first = safe_at;
}

static void
cert_judge(const struct safety_wish *wish, const struct cert *cert, bool leaf,
    struct safety *safety, int64_t *first)
{
	const struct policy *policy = wish->input->policy;

	for (size_t i = 0; i < policy->record_count; i++) {
		struct tlsa *tlsa;

		if (usage_names_leaf(policy->records[i].usage) != leaf ||
		    tlsa_associate(wish->pool, cert, policy->records[i],
			&tlsa) != STATUS_OK)
			continue;
		association_judge(wish, tlsa, safety, first);
		tlsa_unref(tlsa);
	}
}

void
safety_judge(const struct safety_wish *wish, struct safety *ret)
{
	const struct chain *chain = wish->chain;
	int64_t first = INT64_MAX;
	int64_t now = wish->input->now;
	size_t ca_count;

	*ret = (struct safety){ 0 };
	if (wish->owner == NULL || wish->owner->is_unknown ||
	    !policy_accepts(wish->input, chain))
		return;
	cert_judge(wish, chain->leaf, true, ret, &first);
	ca_count = policy_ca_ways(wish->input, chain);
	for (size_t i = 0; i < ca_count; i++)
		cert_judge(wish, chain->ca[i], false, ret, &first);
	ret->is_safe = first <= now;
	if (!ret->is_safe && first != INT64_MAX)
		ret->remaining = first - now;
}

/* Nobody knows how long those take of which there is no end in sight. */
bool
safety_is_worse(const struct safety *a, const struct safety *b)
{
	if (a->is_published != b->is_published)
		return b->is_published;
	if (a->is_safe || b->is_safe)
		return b->is_safe && !a->is_safe;
	return b->remaining != 0 &&
	       (a->remaining == 0 || a->remaining > b->remaining);
}
