/* SPDX-License-Identifier: MIT */
/* Servers that go over to new certificates, and whether clients accept them. */
#include "rollover_data.h"

#include <stdlib.h>

#include "base/buf.h"
#include "policy/rules.h"

static const char *const server_texts[SERVER_KINDS] = {
	[SERVER_AT_ONCE] = "that switches at once",
	[SERVER_WHEN_SAFE] = "that switches when it is safe",
	[SERVER_LATE] = "that switches days late",
};

static void
server_set(struct server *server, struct chain *chain)
{
	struct chain *old = server->chain;

	server->chain = chain != NULL ? chain_ref(chain) : NULL;
	server->deadline = INT64_MAX;
	server->due = 0;
	chain_unref(old);
}

static bool
is_safe(const struct rollover *model, size_t service, const struct chain *chain,
    int64_t *ret_remaining)
{
	const struct policy_input input = {
		.policy = watch_policy(model, service),
		.issuers = store_issuers(model->store),
		.now = rollover_clock(model),
	};
	const struct safety_wish wish = { &input, chain,
		watch_owner(model, service), store_pool(model->store), false };
	struct safety safety;

	safety_judge(&wish, &safety);
	*ret_remaining = safety.remaining;
	return safety.is_safe;
}

/*
 * Return the newest chain that is safe and not what the server has already:
 * the staged one, the current one, those before.  NULL: it stays.
 * `ret_remaining`: seconds until there is another answer; 0: unknown.
 */
static struct chain *
newest_safe(const struct rollover *model, size_t service, unsigned l,
    const struct chain *now, int64_t *ret_remaining)
{
	const struct lineage *lineage = site_lineage(model, l);
	const struct policy_input input = { .policy = watch_policy(
						model, service),
		.issuers = store_issuers(model->store) };
	int64_t remaining;

	*ret_remaining = 0;
	/* Of a lineage that is for tests alone nothing is published. */
	if (lineage == NULL || lineage->deleted != 0 ||
	    policy_generation(&input, lineage) == NULL)
		return NULL;
	for (size_t i = 0; i <= lineage->generation_count; i++) {
		struct chain *chain = i == 0
					  ? lineage_newest(lineage)
					  : lineage->generations[i - 1].chain;

		if (chain == NULL || (now != NULL && chain_equal(chain, now)))
			return NULL;
		if (is_safe(model, service, chain, &remaining))
			return chain;
		if (remaining > 0 &&
		    (*ret_remaining == 0 || remaining < *ret_remaining))
			*ret_remaining = remaining;
	}
	return NULL;
}

static bool
is_newer(const struct generation *a, const struct generation *b)
{
	return b != NULL &&
	       a->chain->leaf->not_before > b->chain->leaf->not_before;
}

/* Until when the daemon publishes the chain; INT64_MAX: without limit. */
static int64_t
chain_end(const struct rollover *model, size_t service, unsigned l,
    const struct chain *chain)
{
	const struct lineage *lineage = site_lineage(model, l);
	const struct policy *policy = watch_policy(model, service);
	const struct policy_input input = { .policy = policy,
		.issuers = store_issuers(model->store) };
	const struct generation *current;
	int64_t end = model->now;

	if (lineage == NULL)
		return end;
	current = policy_generation(&input, lineage);
	for (size_t i = 0; i < lineage->generation_count; i++) {
		const struct generation *generation = &lineage->generations[i];

		if (!chain_equal(generation->chain, chain))
			continue;
		end = generation == current || is_newer(generation, current)
			  ? INT64_MAX
			  : generation->replaced - model->offset +
				(int64_t)policy->retain;
	}
	for (size_t i = 0; i < lineage->next_count; i++)
		if (chain_equal(lineage->next[i].chain, chain))
			end = INT64_MAX;
	if (lineage->deleted != 0 &&
	    lineage->deleted - model->offset + (int64_t)policy->retain < end)
		end = lineage->deleted - model->offset +
		      (int64_t)policy->retain;
	return end;
}

/*
 * What was there without limit until now stays for `retain` from now on,
 * whatever the daemon wrote down.
 */
static void
server_set_deadline(
    struct rollover *model, size_t service, unsigned l, struct server *server)
{
	int64_t end;

	if (server->chain == NULL || model->store == NULL)
		return;
	end = chain_end(model, service, l, server->chain);
	if (end == INT64_MAX)
		server->deadline = INT64_MAX;
	else if (server->deadline == INT64_MAX)
		server->deadline = model->now +
				   (int64_t)watch_policy(model, service)
				       ->retain;
}

/* A server that is told by the daemon. */
static void
server_turn(struct rollover *model, size_t service, unsigned l,
    enum server_kind kind, struct server *server)
{
	struct chain *chain = NULL;
	int64_t remaining;

	server_set_deadline(model, service, l, server);
	if (model->store != NULL)
		chain = newest_safe(
		    model, service, l, server->chain, &remaining);
	if (chain != NULL && kind == SERVER_LATE && server->chain != NULL &&
	    server->due == 0)
		server->due = model->now + 1 +
			      (int64_t)(server->chain->leaf->not_before *
					INT64_C(2654435761) % (9 * DAY));
	if (chain != NULL &&
	    (server->due <= model->now || server->deadline <= model->now)) {
		server_set(server, chain);
		server->deadline = chain_end(model, service, l, chain);
	} else if (server->deadline <= model->now) {
		server_set(server, NULL);
	}
}

/*
 * A server that reads certbot's links.  It begins when that is safe, and the
 * issuers of its lineage are in every cache.
 */
static void
server_turn_at_once(
    struct rollover *model, size_t service, unsigned l, struct server *server)
{
	struct disk *disk = &model->disks[l];
	int64_t remaining;

	if (disk->live == NULL || disk->is_broken)
		return;
	if (server->chain != NULL) {
		if (!chain_equal(server->chain, disk->live))
			server_set(server, disk->live);
		return;
	}
	if (model->store != NULL && disk->seen != 0 &&
	    disk->seen + TTL < model->now &&
	    is_safe(model, service, disk->live, &remaining))
		server_set(server, disk->live);
}

/* What was published, and what is presented, by the first octets. */
static void
version_write(
    const struct version *version, const struct chain *chain, struct buf *text)
{
	for (size_t i = 0; i < version->count; i++) {
		buf_add_format(text, "\n\t%u %u %u ", version->rr[i].type.usage,
		    version->rr[i].type.selector, version->rr[i].type.matching);
		buf_add_hex(text, version->rr[i].data, 4);
	}
	buf_add_string(text, "\n\tfor the leaf ");
	buf_add_hex(text, chain->leaf->part[CERT_SELECTOR_SPKI].sha256, 4);
	for (size_t i = 0; i < chain->ca_count; i++) {
		buf_add_string(text, " by ");
		buf_add_hex(
		    text, chain->ca[i]->part[CERT_SELECTOR_SPKI].sha256, 4);
	}
}

static void
server_check(struct rollover *model, size_t service, unsigned l,
    enum server_kind kind, const struct server *server)
{
	const struct witness *witness = &model->witnesses[service];
	struct buf text = { 0 };

	for (size_t i = 0; server->chain != NULL && i < witness->count; i++) {
		const struct version *version = &witness->versions[i];

		if (version->to <= model->now - TTL ||
		    (kind == SERVER_LATE && version->is_cut) ||
		    (kind == SERVER_AT_ONCE &&
			(version->is_cut || version->is_short)) ||
		    watch_accepts(version, server->chain))
			continue;
		version_write(version, server->chain, &text);
		rollover_fail(model,
		    "(%c) %s: a server of l%u %s is refused by who has what "
		    "was published from %lld s on, and that is%s",
		    "bae"[kind], watch_owner_names[service], l,
		    server_texts[kind],
		    (long long)(version->from - ROLLOVER_EPOCH),
		    buf_text(&text));
		buf_fini(&text);
	}
}

void
watch_turn(struct rollover *model)
{
	for (size_t s = 0; s < SERVICES; s++) {
		for (unsigned l = 0; l < ROLLOVER_LINEAGES; l++) {
			struct server *servers = model->witnesses[s].servers[l];

			if (!watch_is_bound(s, l))
				continue;
			if (model->sequence->is_stock && watch_has_cas(s))
				server_turn_at_once(
				    model, s, l, &servers[SERVER_AT_ONCE]);
			for (int k = SERVER_WHEN_SAFE; k < SERVER_KINDS; k++)
				server_turn(model, s, l, (enum server_kind)k,
				    &servers[k]);
			for (int k = 0; k < SERVER_KINDS; k++)
				server_check(model, s, l, (enum server_kind)k,
				    &servers[k]);
		}
	}
}

static int64_t
sooner(int64_t when, int64_t now, int64_t next)
{
	return when > now && when < next ? when : next;
}

int64_t
watch_next(const struct rollover *model, int64_t until)
{
	int64_t next = until;

	for (size_t s = 0; s < SERVICES; s++) {
		for (unsigned l = 0; l < ROLLOVER_LINEAGES; l++) {
			const struct server *servers = model->witnesses[s]
							   .servers[l];

			for (int k = SERVER_WHEN_SAFE; k < SERVER_KINDS; k++) {
				int64_t left = 0;

				next = sooner(servers[k].due, model->now, next);
				for (int64_t early = 0; early < 2; early++)
					next = sooner(
					    servers[k].deadline - early,
					    model->now, next);
				if (model->store != NULL &&
				    watch_is_bound(s, l))
					(void)newest_safe(model, s, l,
					    servers[k].chain, &left);
				next = sooner(
				    model->now + left, model->now, next);
			}
		}
	}
	return next;
}

void
watch_reset(struct rollover *model)
{
	for (size_t s = 0; s < SERVICES; s++)
		for (unsigned l = 0; l < ROLLOVER_LINEAGES; l++)
			for (int k = 0; k < SERVER_KINDS; k++)
				server_set(
				    &model->witnesses[s].servers[l][k], NULL);
}

void
watch_forget(struct rollover *model, const struct chain *chain)
{
	for (size_t s = 0; s < SERVICES; s++)
		for (unsigned l = 0; l < ROLLOVER_LINEAGES; l++)
			for (int k = SERVER_WHEN_SAFE; k < SERVER_KINDS; k++) {
				struct server *server = &model->witnesses[s]
							     .servers[l][k];

				if (server->chain == chain)
					server_set(server, NULL);
			}
}

void
watch_deleted(struct rollover *model, unsigned lineage)
{
	for (size_t s = 0; s < SERVICES; s++)
		server_set(
		    &model->witnesses[s].servers[lineage][SERVER_AT_ONCE],
		    NULL);
}

void
watch_fini(struct rollover *model)
{
	watch_reset(model);
	for (size_t s = 0; s < SERVICES; s++)
		free(model->witnesses[s].versions);
}
