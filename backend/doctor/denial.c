/* SPDX-License-Identifier: MIT */
/* How each zone denies existence, and what an overlay makes of it. */
#include "doctor/doctor.h"

#include <stdlib.h>

#include "base/mem.h"

/* A label that nobody has. */
static const char nobody[] = "pdns-tlsa-doctor-0a1b2c";

/* Let what a negative answer shows weigh in. */
static void
denial_look(struct doctor *doctor, struct doctor_zone *zone,
    const struct dname *name, ldns_rr_type type)
{
	struct denial denial;
	ldns_pkt *packet = doctor_ask(doctor, name, type, DNSQUERY_UDP, NULL);

	if (packet == NULL)
		return;
	denial_read(packet, &denial);
	if (denial.mode > zone->denial.mode)
		zone->denial = denial;
	ldns_pkt_free(packet);
}

static void
denial_look_param(struct doctor *doctor, struct doctor_zone *zone)
{
	ldns_pkt *packet = doctor_ask(
	    doctor, &zone->dname, LDNS_RR_TYPE_NSEC3PARAM, DNSQUERY_UDP, NULL);

	if (packet != NULL)
		denial_read_param(packet, &zone->denial);
	ldns_pkt_free(packet);
}

/* "ZONE 'PARAMETERS' narrow", as pdnsutil set-nsec3 wants it; free() it. */
static char *
set_nsec3(const struct doctor_zone *zone, const struct nsec3 *nsec3)
{
	struct buf text = { 0 };
	struct nsec3 wide = *nsec3;
	char *command;

	wide.is_narrow = false;
	nsec3_format(&wide, &text);
	command = mem_format("pdnsutil set-nsec3 %s '%s'%s", zone->name,
	    buf_text(&text), nsec3->is_narrow ? " narrow" : "");
	buf_fini(&text);
	return command;
}

static void
check_overlay(struct doctor *doctor, const struct doctor_zone *zone)
{
	const struct nsec3 narrow = { .is_narrow = true };
	struct buf served = { 0 };
	char *mend = set_nsec3(zone, &narrow);

	denial_format(&zone->denial, &served);
	switch (zone->denial.mode) {
	case DENIAL_NSEC:
		finding_add(&doctor->findings, FINDING_OVERLAY_NSEC,
		    zone->subject, mend, "overlay on a zone signed with NSEC");
		break;
	case DENIAL_NSEC3:
		finding_add(&doctor->findings, FINDING_OVERLAY_NSEC3,
		    zone->subject, mend,
		    "overlay on a zone signed with %s, "
		    "which is not narrow",
		    buf_text(&served));
		break;
	case DENIAL_NARROW:
		break;
	case DENIAL_NONE:
		finding_add(&doctor->findings, FINDING_OVERLAY_UNCLEAR,
		    zone->subject, mend,
		    "its negative answers have neither NSEC nor NSEC3 records");
		break;
	}
	free(mend);
	buf_fini(&served);
}

/* With keys of our own we know the parameters, whatever they are. */
static void
check_own(struct doctor *doctor, const struct doctor_zone *zone)
{
	const struct nsec3 *configured = zone->config->nsec3;
	struct buf served = { 0 };
	struct buf ours = { 0 };
	char *command;
	char *mend;

	if (zone->config->dnssec != ZONE_DNSSEC_POWERDNS ||
	    denial_agrees(&zone->denial, configured))
		return;
	denial_format(&zone->denial, &served);
	if (configured != NULL) {
		nsec3_format(configured, &ours);
		command = set_nsec3(zone, configured);
	} else {
		buf_add_string(&ours, "not set, that is NSEC");
		command = mem_format("pdnsutil unset-nsec3 %s", zone->name);
	}
	mend = mem_format("%s, or change 'nsec3' to what is served", command);
	finding_add(&doctor->findings, FINDING_NSEC3_DIFFERS, zone->subject,
	    mend, "PowerDNS denies with %s, 'nsec3' of our configuration is %s",
	    buf_text(&served), buf_text(&ours));
	free(mend);
	free(command);
	buf_fini(&ours);
	buf_fini(&served);
}

/* Has the name records of any type?  ANY is whole over TCP. */
static bool
has_records(struct doctor *doctor, const struct dname *name)
{
	ldns_pkt *packet = doctor_ask(
	    doctor, name, LDNS_RR_TYPE_ANY, DNSQUERY_TCP, NULL);
	bool has = packet != NULL && ldns_pkt_ancount(packet) > 0;

	ldns_pkt_free(packet);
	return has;
}

void
doctor_denial(struct doctor *doctor, struct doctor_zone *zone)
{
	struct dname name;

	if (!zone->is_signed)
		return;
	denial_look(doctor, zone, &zone->dname, LDNS_RR_TYPE_HINFO);
	if (doctor_sibling(&zone->dname, SIZE_MAX, nobody, &name))
		denial_look(doctor, zone, &name, LDNS_RR_TYPE_A);
	denial_look_param(doctor, zone);
	if (zone->config == NULL)
		check_overlay(doctor, zone);
	else
		check_own(doctor, zone);
}

/*
 * The owner name makes each name between it and the apex exist.  One without
 * records, where a name that nobody made gets some, had them by a wildcard.
 */
void
doctor_wildcard(struct doctor *doctor, struct doctor_service *service)
{
	const struct doctor_zone *zone = service->zone;
	struct dname name = service->owner;
	struct dname sibling;

	if (zone->config != NULL || !zone->is_served)
		return;
	while (name.len > zone->dname.len) {
		size_t labels = dname_labels(name.key, name.len);
		struct dname parent = doctor_parent(&name);
		bool is_host = name.len <= service->owner.len &&
			       labels + 2 <= dname_labels(service->owner.key,
						 service->owner.len);

		if (is_host && !has_records(doctor, &name) &&
		    doctor_sibling(&name, labels - 1, nobody, &sibling) &&
		    has_records(doctor, &sibling)) {
			char *text = dname_text(&name);

			finding_add(&doctor->findings, FINDING_OVERLAY_WILDCARD,
			    service->subject,
			    "give the name records of its own, or serve it as "
			    "an alias in an own zone",
			    "'%s' exists only through a wildcard", text);
			free(text);
		}
		name = parent;
	}
}
