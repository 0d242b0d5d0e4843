/* SPDX-License-Identifier: MIT */
/* What every RRset must be, and what DANE clients do with it. */
#include "rollover_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dns/serial.h"
#include "fake.h"
#include "policy/rules.h"

const char *const watch_owner_names[SERVICES] = {
	"_25_tcp_mail_example_com.tlsa.example.net.",
	"_443_tcp_www_example_com.tlsa.example.net.",
	"_25_tcp_mx_example_com.tlsa.example.net.",
};

bool
watch_is_bound(size_t service, unsigned lineage)
{
	return service == 0 || (service == 2) == (lineage == 1);
}

bool
watch_has_cas(size_t service)
{
	return service != 1;
}

const struct policy *
watch_policy(const struct rollover *model, size_t service)
{
	return &model->config->services[service].policy;
}

/* What the daemon answers for the service, or NULL. */
const struct owner *
watch_owner(const struct rollover *model, size_t service)
{
	struct dname dname;
	const struct zone *zone;

	if (model->snapshot == NULL ||
	    dname_parse(watch_owner_names[service],
		strlen(watch_owner_names[service]), &dname) != STATUS_OK)
		return NULL;
	zone = snapshot_zone_of(model->snapshot, &dname);
	return zone_get(zone, &dname);
}

/* ---- what DANE clients do (RFC 6698 s2.1, RFC 7671 s9) ---- */

static unsigned
strongest(const struct version *version, unsigned usage, unsigned selector)
{
	unsigned found = 0;

	for (size_t i = 0; i < version->count; i++) {
		const struct record_type type = version->rr[i].type;

		if (type.usage == usage && type.selector == selector &&
		    type.matching > found)
			found = type.matching;
	}
	return found;
}

bool
watch_matches(const struct version *version, size_t at, const struct cert *cert)
{
	return memcmp(version->rr[at].data,
		   cert->part[version->rr[at].type.selector].sha256,
		   sizeof(version->rr[at].data)) == 0;
}

static bool
matches_rr(const struct version *version, size_t at, const struct chain *chain)
{
	if (version->rr[at].type.usage == 3)
		return watch_matches(version, at, chain->leaf);
	for (size_t i = 0; i < chain->ca_count; i++)
		if (watch_matches(version, at, chain->ca[i]))
			return true;
	return false;
}

/* Without an RRset there is no DANE, and nothing to go wrong. */
bool
watch_accepts(const struct version *version, const struct chain *chain)
{
	for (size_t i = 0; i < version->count; i++) {
		const struct record_type type = version->rr[i].type;

		if (type.matching ==
			strongest(version, type.usage, type.selector) &&
		    matches_rr(version, i, chain))
			return true;
	}
	return version->count == 0;
}

/* ---- what every RRset must be ---- */

static bool
has_type(const struct policy *policy, struct record_type type)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (memcmp(&policy->records[i], &type, sizeof(type)) == 0)
			return true;
	return false;
}

static size_t
count_data(const struct version *version, size_t at)
{
	size_t count = 0;

	for (size_t i = 0; i < version->count; i++)
		count += version->rr[i].type.usage ==
			     version->rr[at].type.usage &&
			 version->rr[i].type.selector ==
			     version->rr[at].type.selector &&
			 memcmp(version->rr[i].data, version->rr[at].data,
			     sizeof(version->rr[i].data)) == 0;
	return count;
}

/* Each matching type that is configured, for all or for none. */
static void
check_agility(
    struct rollover *model, size_t service, const struct version *version)
{
	const struct policy *policy = watch_policy(model, service);

	for (size_t i = 0; i < version->count; i++) {
		struct record_type type = version->rr[i].type;
		size_t wanted = 0;

		for (type.matching = 0; type.matching <= 2; type.matching++)
			wanted += has_type(policy, type);
		if (count_data(version, i) != wanted)
			rollover_fail(model,
			    "(f) %s: matching types of one key are parted",
			    watch_owner_names[service]);
	}
}

static bool
is_matched_type(
    const struct version *version, size_t at, const struct chain *chain)
{
	const struct record_type type = version->rr[at].type;

	for (size_t i = 0; i < version->count; i++)
		if (memcmp(&version->rr[i].type, &type, sizeof(type)) == 0 &&
		    matches_rr(version, i, chain))
			return true;
	return false;
}

static bool
has_usage(const struct policy *policy, unsigned usage)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (policy->records[i].usage == usage)
			return true;
	return false;
}

/*
 * Each type that there is must match a chain that is served now; if those give
 * nothing at all, what was published before is better.
 */
static void
check_types(
    struct rollover *model, size_t service, const struct version *version)
{
	const struct policy *policy = watch_policy(model, service);
	const struct policy_input input = { .policy = policy,
		.issuers = store_issuers(model->store) };

	for (size_t i = 0; i < version->count; i++) {
		bool is_matched = false;
		bool is_known = false;

		for (unsigned l = 0; l < ROLLOVER_LINEAGES; l++) {
			const struct lineage *lineage = site_lineage(model, l);
			const struct generation *current =
			    lineage != NULL && watch_is_bound(service, l)
				? policy_generation(&input, lineage)
				: NULL;

			if (current == NULL ||
			    (lineage->deleted != 0 &&
				lineage->deleted + (int64_t)policy->retain <=
				    rollover_clock(model)))
				continue;
			is_known |= current->chain->ca_count > 0 ||
				    has_usage(policy, 3);
			is_matched |= is_matched_type(
			    version, i, current->chain);
		}
		if (is_known && !is_matched)
			rollover_fail(model,
			    "(f) %s: no record of type %u %u %u matches",
			    watch_owner_names[service],
			    version->rr[i].type.usage,
			    version->rr[i].type.selector,
			    version->rr[i].type.matching);
	}
}

/* ---- what is published ---- */

static int
rr_order(const void *left, const void *right)
{
	const struct version *none = NULL;

	return memcmp(left, right, sizeof(none->rr[0]));
}

/* Read an RRset; in an order of our own, for it is a set. */
static void
version_read(const struct owner *owner, struct version *version)
{
	version->count = owner != NULL ? owner->count : 0;
	if (version->count > RECORDS)
		abort();
	for (size_t i = 0; i < version->count; i++) {
		const char *text = owner->rdata[i]->text + 6;

		version->rr[i].type = owner->rdata[i]->type;
		for (size_t k = 0; k < sizeof(version->rr[i].data); k++) {
			const char pair[] = { text[2 * k], text[2 * k + 1],
				'\0' };

			version->rr[i].data[k] = (uint8_t)strtoul(
			    pair, NULL, 16);
		}
	}
	qsort(version->rr, version->count, sizeof(version->rr[0]), rr_order);
}

/* Forget what no cache has any more. */
static void
versions_prune(const struct rollover *model, struct witness *witness)
{
	size_t gone = 0;

	while (gone < witness->count &&
	       witness->versions[gone].to <= model->now - TTL)
		gone++;
	if (gone == 0)
		return;
	witness->count -= gone;
	memmove(witness->versions, witness->versions + gone,
	    witness->count * sizeof(*witness->versions));
}

static void
versions_add(struct rollover *model, size_t service, struct version *version)
{
	struct witness *witness = &model->witnesses[service];
	struct version *last = witness->count > 0
				   ? &witness->versions[witness->count - 1]
				   : NULL;

	if (last != NULL && last->count == version->count &&
	    memcmp(last->rr, version->rr,
		version->count * sizeof(version->rr[0])) == 0) {
		/* After a restart it is what it was. */
		version->is_cut |= last->is_cut;
		last->is_cut = version->is_cut;
		version->is_short |= last->is_short;
		last->is_short = version->is_short;
		if (last->to == INT64_MAX)
			return;
	}
	if (last != NULL && last->to == INT64_MAX)
		last->to = model->now;
	witness->versions = mem_resize(
	    witness->versions, witness->count + 1, sizeof(*witness->versions));
	witness->versions[witness->count++] = *version;
}

/*
 * Every lineage of the service was deleted and retained long enough; or, if
 * `seen`, was at least never read.
 */
static bool
may_be_empty(const struct rollover *model, size_t service, bool seen)
{
	int64_t retain = watch_policy(model, service)->retain;

	for (unsigned i = 0; i < ROLLOVER_LINEAGES; i++) {
		const struct disk *disk = &model->disks[i];

		if (!watch_is_bound(service, i))
			continue;
		if ((disk->live != NULL && (!seen || disk->seen != 0)) ||
		    (disk->deleted_seen != 0 &&
			disk->deleted_seen + retain > model->now))
			return false;
	}
	return true;
}

static void
check_presence(
    struct rollover *model, size_t service, const struct owner *owner)
{
	struct witness *witness = &model->witnesses[service];
	bool is_there = owner != NULL && owner->count > 0 && !owner->is_unknown;

	if (witness->was_published && !is_there &&
	    !may_be_empty(model, service, true))
		rollover_fail(model, "(c) %s: %s", watch_owner_names[service],
		    owner != NULL ? "cannot be told" : "is empty");
	if (is_there && may_be_empty(model, service, false))
		rollover_fail(model, "%s: nothing of it exists any more",
		    watch_owner_names[service]);
	witness->was_published = is_there;
}

static uint64_t
content_of(const struct rollover *model)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t s = 0; s < SERVICES; s++) {
		struct version version = { 0 };
		const uint8_t *octets = (const uint8_t *)version.rr;
		const struct owner *owner = watch_owner(model, s);

		/* "Cannot tell" is something else than nothing. */
		unsigned is_unknown = owner != NULL && owner->is_unknown
					  ? RECORDS + 1
					  : 0;

		version_read(owner, &version);
		for (size_t i = 0; i < version.count * sizeof(version.rr[0]);
		     i++)
			hash = (hash ^ octets[i]) * UINT64_C(1099511628211);
		hash = (hash ^ (version.count + is_unknown)) *
		       UINT64_C(1099511628211);
	}
	return hash;
}

static void
check_serial(struct rollover *model)
{
	static const char apex[] = "tlsa.example.net.";
	uint64_t content = content_of(model);
	const struct zone *zone;
	struct dname dname;

	if (dname_parse(apex, strlen(apex), &dname) != STATUS_OK)
		abort();
	zone = snapshot_zone(model->snapshot, &dname);
	if (!model->has_serial)
		model->has_serial = true;
	else if (content == model->content && zone->serial != model->serial)
		rollover_fail(model, "(d) serial moved, content did not");
	else if (content != model->content &&
		 !serial_is_after(zone->serial, model->serial))
		rollover_fail(
		    model, "(d) content changed, serial did not advance");
	model->serial = zone->serial;
	model->content = content;
}

/*
 * What the policy has no room for, whether or not that changed the RRset.
 * After a start it is what it was, until all lineages were looked at.
 */
static void
room_note(struct rollover *model, size_t service, struct version *version)
{
	struct witness *witness = &model->witnesses[service];
	bool is_provisional = false;
	struct service_view view;

	store_view(model->store, service, rollover_clock(model), &view);
	version->is_cut = associations_without_room(&view.set, CHAIN_SERVED) +
			      associations_without_room(
				  &view.set, CHAIN_RETAINED) >
			  0;
	version->is_short = associations_without_room(&view.set, CHAIN_NEXT) >
			    0;
	for (size_t i = 0; i < view.readable; i++)
		is_provisional |= view.lineages[i]->is_provisional;
	if (is_provisional) {
		version->is_cut |= witness->was_cut;
		version->is_short |= witness->was_short;
	}
	witness->was_cut = version->is_cut;
	witness->was_short = version->is_short;
	service_view_fini(&view);
}

void
watch_published(struct rollover *model)
{
	for (size_t s = 0; s < SERVICES; s++) {
		const struct owner *owner = watch_owner(model, s);
		struct version version = {
			.from = model->now,
			.to = INT64_MAX,
		};

		check_presence(model, s, owner);
		if (owner != NULL && owner->is_unknown)
			owner = NULL;
		version_read(owner, &version);
		room_note(model, s, &version);
		check_agility(model, s, &version);
		check_types(model, s, &version);
		if (model->sequence->is_stock &&
		    model->sequence->max_records == RECORDS && version.is_cut)
			rollover_fail(model, "a stock set was cut");
		if (model->sequence->is_stock && !version.is_cut &&
		    !version.is_short)
			watch_learned(model, s, &version);
		watch_cas(model, s, &version);
		versions_prune(model, &model->witnesses[s]);
		versions_add(model, s, &version);
	}
	check_serial(model);
}

void
watch_stopped(struct rollover *model)
{
	for (size_t s = 0; s < SERVICES; s++) {
		struct witness *witness = &model->witnesses[s];

		if (witness->count > 0)
			witness->versions[witness->count - 1].to = model->now;
	}
}
