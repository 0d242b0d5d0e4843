/* SPDX-License-Identifier: MIT */
/*
 * Whether another backend has a zone of ours as well, as 'pdnsutil
 * create-zone' makes it.  PowerDNS (4.7 to 5.1) answers questions from the one
 * that its zone cache has, the last; but transfers and denials of existence,
 * for which it does not go by the cache, from the first.
 */
#include "doctor/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/serial.h"
#include "net/packet.h"

static bool
soa_ask(struct doctor *doctor, const struct doctor_zone *zone,
    ldns_rr_type type, struct packet_soa *ret)
{
	/* Of a transfer the first message is enough, it begins with the SOA. */
	ldns_pkt *packet = doctor_ask(doctor, &zone->dname, type,
	    type == LDNS_RR_TYPE_SOA ? DNSQUERY_UDP : DNSQUERY_TCP, NULL);
	bool is_good = packet != NULL && packet_soa(packet, &zone->dname, ret);

	ldns_pkt_free(packet);
	return is_good;
}

/*
 * What is served may be a little old, from a cache, and what is transferred is
 * not: so it must be neither what is served nor what we have, or older.
 */
static bool
is_other_transfer(struct doctor *doctor, const struct doctor_zone *zone,
    const struct packet_soa *served, struct problem *ret_why)
{
	struct packet_soa sent;
	char *ours;
	bool is_other;

	/* Most servers let few transfer a zone. */
	if (!soa_ask(doctor, zone, LDNS_RR_TYPE_AXFR, &sent))
		return false;
	ours = mem_format(
	    "%s %s", zone->config->nameservers[0], zone->config->hostmaster);
	is_other = (strcmp(sent.names, served->names) != 0 &&
		       strcmp(sent.names, ours) != 0) ||
		   serial_is_after(served->serial, sent.serial);
	if (is_other)
		problem_set(ret_why,
		    "a transfer has the SOA record '%s %u', and answers have "
		    "'%s %u'",
		    sent.names, sent.serial, served->names, served->serial);
	free(ours);
	return is_other;
}

static bool
is_other_denial(struct doctor *doctor, const struct doctor_zone *zone,
    const struct packet_soa *served, struct denial *ret_denial,
    struct problem *ret_why)
{
	ldns_pkt *packet = doctor_ask(
	    doctor, &zone->dname, LDNS_RR_TYPE_HINFO, DNSQUERY_UDP, NULL);
	uint32_t longest = served->ttl > served->minimum ? served->ttl
							 : served->minimum;
	bool is_other = packet != NULL && zone->nameservers.count > 0 &&
			denial_is_foreign(packet, longest, ret_why);

	if (packet != NULL)
		denial_read(packet, ret_denial);
	ldns_pkt_free(packet);
	return is_other;
}

/* Without taking its keys away, which live with it. */
static char *
mend_text(const struct doctor *doctor, const struct doctor_zone *zone)
{
	const char *other = doctor->other_backend;

	if (other != NULL && strcmp(other, "bind") == 0)
		return mem_format("take the zone out of the file that "
				  "bind-config= names, and restart PowerDNS");
	if (other != NULL)
		return mem_format("pdnsutil clear-zone %s, which leaves the "
				  "zone's keys in '%s', and restart PowerDNS",
		    zone->name, other);
	return mem_format("pdnsutil clear-zone %s, or with the bind backend "
			  "take it out of named.conf, and restart PowerDNS",
	    zone->name);
}

void
doctor_twice(struct doctor *doctor, struct doctor_zone *zone)
{
	struct problem why = { "" };
	struct denial denial = { .mode = DENIAL_NONE };
	struct packet_soa served;
	char *mend;

	/* One that is not ours has its SOA record elsewhere. */
	if (zone->config == NULL || !zone->is_served ||
	    !soa_ask(doctor, zone, LDNS_RR_TYPE_SOA, &served))
		return;
	if (!is_other_transfer(doctor, zone, &served, &why) &&
	    !is_other_denial(doctor, zone, &served, &denial, &why))
		return;
	mend = mend_text(doctor, zone);
	/* Narrow, each denial is made up for its name, and none transferred. */
	finding_add(&doctor->findings,
	    denial.mode == DENIAL_NARROW ? FINDING_ZONE_TWICE_NARROW
					 : FINDING_ZONE_TWICE,
	    zone->subject, mend,
	    "another backend of PowerDNS has it as well: %s", why.text);
	free(mend);
}
