/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include <stdio.h>
#include <string.h>

#include "cli/finding.h"
#include "engine/described.h"
#include "loop/log.h"

static bool
has_tlsa(const struct owner *owner, const struct tlsa *tlsa)
{
	for (size_t i = 0; owner != NULL && i < owner->count; i++)
		if (owner->rdata[i] == tlsa)
			return true;
	return false;
}

static void
log_withdrawn(const struct store_change *change)
{
	bool is_removed = change->after == NULL;
	const struct event event = { .kind = EVENT_WITHDRAWN,
		.field = { [EVENT_OWNER] = change->owner,
		    [EVENT_CODE] = is_removed ? "removed" : "unknown" } };

	log_event(LOG_LEVEL_WARNING, &event, "rrset '%s': %s", change->owner,
	    is_removed ? "removed"
		       : "what belongs there cannot be read; lookups fail "
			 "until it can");
}

void
engine_log_change(const struct store_change *change, bool is_first)
{
	size_t added = 0;
	size_t removed = 0;
	const struct event event = { .kind = EVENT_PUBLISHED,
		.field = { [EVENT_OWNER] = change->owner } };
	struct buf gaps = { 0 };

	if (chains_describe_gaps(change->set, &gaps) > 0)
		log_line(LOG_LEVEL_WARNING,
		    "rrset '%s': max-records has no room to cover %s",
		    change->owner, buf_text(&gaps));
	buf_fini(&gaps);
	if (change->after == NULL || change->after->is_unknown)
		log_withdrawn(change);
	/* The first snapshot is summed up in one line. */
	if (is_first || change->after == NULL || change->after->is_unknown)
		return;
	for (size_t i = 0; i < change->after->count; i++)
		added += !has_tlsa(change->before, change->after->rdata[i]);
	for (size_t i = 0; change->before != NULL && i < change->before->count;
	     i++)
		removed += !has_tlsa(change->after, change->before->rdata[i]);
	log_event(LOG_LEVEL_NOTICE, &event,
	    "rrset '%s': %u TLSA records, %zu added, %zu removed",
	    change->owner, change->after->count, added, removed);
}

/* A typo, most often; or a renewal with other names. */
void
engine_log_learned(const struct issuer_set *set, const struct lineage *lineage,
    const struct cert *issuer, void *arg)
{
	(void)arg;
	log_line(LOG_LEVEL_WARNING,
	    "issuer set '%s' does not have '%s', which issued lineage '%s' and "
	    "is signed by a root of the set: from now on it counts as one of "
	    "it; see pdns-tlsa issuers",
	    set->name, issuer->subject, lineage->name);
}

void
engine_log_concern(const struct service *service)
{
	const char *text = service_concern_text(service);
	bool is_uncovered = service->concern == CONCERN_UNCOVERED;
	char port[16];
	const struct event event = {
		.kind = text != NULL ? EVENT_SERVICE_BAD : EVENT_SERVICE_GOOD,
		.field = { [EVENT_HOST] = service->config->host,
		    [EVENT_PORT] = port,
		    [EVENT_CODE] = text == NULL
				       ? NULL
				       : finding_word(
					     is_uncovered
						 ? FINDING_HOST_UNCOVERED
						 : FINDING_SERVICE_NOTHING) },
	};

	(void)snprintf(port, sizeof(port), "%u/%s", service->port.number,
	    transport_text(service->port.transport));
	log_event(text != NULL ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE, &event,
	    "service '%s' %u/%s: %s", service->config->host,
	    service->port.number, transport_text(service->port.transport),
	    text != NULL ? text : "has what it needs again");
}

void
engine_log_concerns(const struct store *store)
{
	for (size_t i = 0; i < store_service_count(store); i++)
		if (store_service(store, i)->concern != CONCERN_NONE)
			engine_log_concern(store_service(store, i));
}

static bool
same_texts(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
	for (size_t i = 0; a_count == b_count && i < a_count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return a_count == b_count;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Some things are opened once, at the start. */
void
engine_log_restart(const struct config *old, const struct config *new)
{
	const struct {
		const char *key;
		bool is_same;
	} keys[] = {
		{ "listen", same_text(old->listen, new->listen) },
		{ "listen-mode", old->listen_mode == new->listen_mode },
		{ "listen-group",
		    same_text(old->listen_group, new->listen_group) },
		{ "http: listen",
		    same_text(old->http_listen, new->http_listen) },
		{ "http: allow",
		    same_texts(old->http_allow, old->http_allow_count,
			new->http_allow, new->http_allow_count) },
		{ "http: viewers",
		    same_texts(old->http_viewers, old->http_viewer_count,
			new->http_viewers, new->http_viewer_count) },
		{ "alarm: command",
		    same_texts(old->alarm_command, old->alarm_command_count,
			new->alarm_command, new->alarm_command_count) },
		{ "state-directory",
		    same_text(old->state_directory, new->state_directory) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!keys[i].is_same)
			log_line(LOG_LEVEL_WARNING,
			    "configuration: '%s' changed; that takes a restart",
			    keys[i].key);
}

static bool
count_visit(const struct lineage *lineage, void *arg)
{
	size_t *count = arg;

	*count += lineage->generation_count > 0;
	return true;
}

void
engine_log_ready(const struct store *store, const struct config *config)
{
	const struct event event = { .kind = EVENT_READY };
	size_t lineages = 0;

	store_walk_lineages(store, count_visit, &lineages);
	log_event(LOG_LEVEL_NOTICE, &event,
	    "ready: %zu lineages, %zu services, %zu zones", lineages,
	    store_service_count(store), config->zone_count);
}

/* Who runs the daemon has CNAMEs to change. */
void
engine_log_formers(const struct store *store, int64_t now)
{
	int64_t until;
	size_t count = store_former_count(store, &until);

	if (count == 0)
		return;
	if (until < 0)
		log_line(LOG_LEVEL_WARNING,
		    "%zu aliases are answered under the names that they had "
		    "before as well, until the configuration has 'aliases: "
		    "flat' or 'aliases: deep'; pdns-tlsa setup prints the "
		    "CNAMEs to be changed before that",
		    count);
	else
		log_line(LOG_LEVEL_WARNING,
		    "%zu aliases are answered under the names that they had "
		    "before as well, for %lld seconds; pdns-tlsa setup prints "
		    "the CNAMEs to be changed",
		    count, (long long)(until > now ? until - now : 0));
}

void
engine_log_hashed(struct trie *told, const struct zone *zone)
{
	const struct zone_apex *apex = zone->apex;

	if (trie_get(told, &apex->id, sizeof(apex->id)) != NULL)
		return;
	trie_set(told, &apex->id, sizeof(apex->id), told);
	log_line(LOG_LEVEL_WARNING,
	    "zone '%s': asked by what looks like an NSEC3 hash; if PowerDNS "
	    "serves the zone with NSEC3, its denials are bogus until the zone "
	    "has 'nsec3' in the configuration",
	    apex->name);
}
