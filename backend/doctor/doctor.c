/* SPDX-License-Identifier: MIT */
#include "doctor/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/origin.h"

static void
zone_init(struct doctor_zone *zone, const char *name,
    const struct config_zone *config)
{
	*zone = (struct doctor_zone){ .name = name, .config = config };
	(void)dname_parse(name, strlen(name), &zone->dname);
	zone->subject = mem_format("zone '%s'", name);
}

/* Return the zone that an owner name lies in: the one with the longest name. */
static struct doctor_zone *
zone_of(struct doctor *doctor, const struct dname *owner)
{
	struct doctor_zone *best = NULL;

	for (size_t i = 0; i < doctor->zone_count; i++) {
		struct doctor_zone *zone = &doctor->zones[i];

		if (dname_is_within(owner, &zone->dname) &&
		    (best == NULL || zone->dname.len > best->dname.len))
			best = zone;
	}
	return best;
}

static void
service_init(
    struct doctor *doctor, struct doctor_service *entry, size_t at, int64_t now)
{
	struct service_view view;
	const struct service *service;

	store_view(doctor->store, at, now, &view);
	service = view.service;
	*entry = (struct doctor_service){ .service = service };
	entry->owner_name = mem_string(view.owner_name);
	entry->former_name = view.former_name;
	view.former_name = NULL;
	entry->asked_name = mem_format("_%u._%s.%s", service->port.number,
	    transport_text(service->port.transport), service->config->host);
	entry->subject = mem_format("service '%s %u/%s'", service->config->host,
	    service->port.number, transport_text(service->port.transport));
	(void)dname_parse(
	    entry->owner_name, strlen(entry->owner_name), &entry->owner);
	(void)dname_parse(
	    entry->asked_name, strlen(entry->asked_name), &entry->asked);
	entry->zone = zone_of(doctor, &entry->owner);
	if (view.owner != NULL) {
		entry->is_unknown = view.owner->is_unknown;
		for (size_t i = 0; i < view.owner->count; i++)
			texts_add(&entry->expected, view.owner->rdata[i]->text);
	}
	service_view_fini(&view);
}

void
doctor_init(struct doctor *doctor, int64_t now)
{
	const struct config *config = doctor->config;
	size_t count = store_service_count(doctor->store);
	size_t at = 0;

	doctor->zone_count = config->zone_count + config->overlay_count;
	doctor->zones = mem_array(doctor->zone_count, sizeof(*doctor->zones));
	for (size_t i = 0; i < config->zone_count; i++)
		zone_init(&doctor->zones[at++], config->zones[i].name,
		    &config->zones[i]);
	for (size_t i = 0; i < config->overlay_count; i++)
		zone_init(&doctor->zones[at++], config->overlay_names[i], NULL);
	doctor->service_count = count < DOCTOR_SERVICES ? count
							: DOCTOR_SERVICES;
	doctor->services = mem_array(
	    doctor->service_count + 1, sizeof(*doctor->services));
	for (size_t i = 0; i < doctor->service_count; i++)
		service_init(doctor, &doctor->services[i], i, now);
	if (count > doctor->service_count)
		finding_add(&doctor->findings, FINDING_LEFT_OUT, "services",
		    "nothing needs to be done",
		    "%zu of %zu are looked at, in the order of the "
		    "configuration",
		    doctor->service_count, count);
}

static void
resolvers_free(struct doctor *doctor)
{
	resolver_free(doctor->world);
	resolver_free(doctor->local);
	resolver_free(doctor->denier);
	doctor->world = NULL;
	doctor->local = NULL;
	doctor->denier = NULL;
}

void
doctor_resolvers(struct doctor *doctor, const struct resolver_origin *origin)
{
	struct resolver_options options = { .origin = *origin,
		.config = doctor->config };

	doctor->world = origin_resolver(&options, &doctor->findings);
	options.server = &doctor->server;
	doctor->local = origin_resolver(&options, &doctor->findings);
	options.is_aggressive = true;
	doctor->denier = origin_resolver(&options, &doctor->findings);
	if (doctor->local == NULL || doctor->denier == NULL)
		resolvers_free(doctor);
}

void
doctor_fini(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->zone_count; i++) {
		free(doctor->zones[i].subject);
		texts_fini(&doctor->zones[i].nameservers);
	}
	for (size_t i = 0; i < doctor->service_count; i++) {
		free(doctor->services[i].owner_name);
		free(doctor->services[i].former_name);
		free(doctor->services[i].asked_name);
		free(doctor->services[i].subject);
		texts_fini(&doctor->services[i].expected);
	}
	free(doctor->zones);
	free(doctor->services);
	free(doctor->other_backend);
	resolvers_free(doctor);
	findings_fini(&doctor->findings);
}

bool
doctor_is_over(const struct doctor *doctor)
{
	return doctor->is_silent || deadline_is_over(&doctor->deadline);
}

ldns_pkt *
doctor_ask(struct doctor *doctor, const struct dname *name, ldns_rr_type type,
    enum dnsquery_transport transport, struct problem *problem)
{
	const struct deadline deadline = deadline_within(
	    &doctor->deadline, DOCTOR_DIRECT_MS);
	ldns_pkt *packet = NULL;

	doctor->questions++;
	if (dnsquery_ask(&doctor->server, name, type, transport, &deadline,
		&packet, problem) != STATUS_OK)
		return NULL;
	return packet;
}

void
doctor_resolve(struct doctor *doctor, struct resolver *resolver,
    const struct dname *name, ldns_rr_type type, struct resolved *ret_resolved)
{
	const struct deadline deadline = deadline_within(
	    &doctor->deadline, DOCTOR_ASK_MS);

	doctor->questions++;
	resolver_ask(resolver, name, type, &deadline, ret_resolved);
}

struct dname
doctor_parent(const struct dname *name)
{
	struct dname parent = *name;

	parent.len = (uint16_t)dname_parent_len(name->key, name->len);
	return parent;
}

bool
doctor_sibling(const struct dname *name, size_t labels, const char *label,
    struct dname *ret_name)
{
	struct dname parent = *name;
	struct buf text = { 0 };
	bool is_good;

	while (dname_labels(parent.key, parent.len) > labels)
		parent = doctor_parent(&parent);
	buf_add_string(&text, label);
	if (parent.len > 0)
		buf_add_string(&text, ".");
	dname_format(parent.key, parent.len, &text);
	is_good = dname_parse(buf_text(&text), text.len, ret_name) == STATUS_OK;
	buf_fini(&text);
	return is_good;
}
