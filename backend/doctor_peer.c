/* SPDX-License-Identifier: MIT */
/* Whether the other name servers of each zone say the same. */
#include "doctor.h"

#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "mem.h"
#include "packet.h"
#include "serial.h"

/* One address of one name server, for one zone. */
struct peer {
	struct doctor *doctor;
	const struct doctor_zone *zone;
	struct dnsserver server;
	char *subject;
};

static ldns_pkt *
peer_ask(const struct peer *peer, const struct dname *name, ldns_rr_type type,
    struct problem *problem)
{
	ldns_pkt *packet = NULL;

	peer->doctor->questions++;
	if (dnsquery_ask(&peer->server, name, type, DNSQUERY_UDP,
		DOCTOR_DIRECT_MS, &packet, problem) != STATUS_OK)
		return NULL;
	return packet;
}

/* Take the third field of an SOA's RDATA. */
static bool
soa_serial(const struct texts *soa, uint32_t *ret_serial)
{
	const char *field = soa->count > 0 ? strchr(soa->list[0], ' ') : NULL;

	if (field != NULL)
		field = strchr(field + 1, ' ');
	if (field != NULL)
		*ret_serial = (uint32_t)strtoul(field + 1, NULL, 10);
	return field != NULL;
}

static void
check_serial(const struct peer *peer, uint32_t serial)
{
	const struct doctor_zone *zone = peer->zone;
	char *mend = mem_format("see that it may transfer the zone and is "
				"notified: pdns_control notify %s",
	    zone->name);

	if (serial != zone->serial)
		finding_add(&peer->doctor->findings, FINDING_NS_SERIAL,
		    peer->subject, mend,
		    serial_is_after(zone->serial, serial)
			? "lags behind: its serial is %u, that of PowerDNS %u"
			: "is ahead: its serial is %u, that of PowerDNS %u",
		    serial, zone->serial);
	free(mend);
}

/* Does it serve the zone at all?  Then compare the serials. */
static bool
check_zone(const struct peer *peer)
{
	struct problem problem = { "" };
	struct texts soa = { 0 };
	uint32_t serial = 0;
	bool is_served = false;
	char *rcode = NULL;
	ldns_pkt *packet = peer_ask(
	    peer, &peer->zone->dname, LDNS_RR_TYPE_SOA, &problem);

	if (packet != NULL) {
		rcode = dnsquery_rcode(packet);
		packet_rdata(
		    packet, &peer->zone->dname, LDNS_RR_TYPE_SOA, &soa);
		is_served = ldns_pkt_aa(packet) && soa_serial(&soa, &serial);
	}
	if (is_served)
		check_serial(peer, serial);
	else
		finding_add(&peer->doctor->findings, FINDING_NS_SILENT,
		    peer->subject,
		    "mend that server, or take it out of the NS records",
		    packet == NULL ? "does not answer: %s"
				   : "does not serve the zone: it answers %s",
		    packet == NULL ? problem.text : rcode);
	free(rcode);
	texts_fini(&soa);
	ldns_pkt_free(packet);
	return is_served;
}

static void
check_rrset(const struct peer *peer, const struct doctor_service *service)
{
	struct problem problem;
	struct texts served = { 0 };
	struct buf lacks = { 0 };
	ldns_pkt *packet = peer_ask(
	    peer, &service->owner, LDNS_RR_TYPE_TLSA, &problem);

	if (packet == NULL)
		return;
	packet_rdata(packet, &service->owner, LDNS_RR_TYPE_TLSA, &served);
	texts_format(&service->expected, &served, &lacks);
	if (!texts_equal(&service->expected, &served))
		finding_add(&peer->doctor->findings, FINDING_NS_DIFFERS,
		    peer->subject,
		    "let it transfer the zone; an overlay needs pdns-tlsa on "
		    "every name server",
		    "has another TLSA RRset at '%s': of ours it lacks %s",
		    service->owner_name, buf_text(&lacks));
	buf_fini(&lacks);
	texts_fini(&served);
	ldns_pkt_free(packet);
}

static void
peer_check(struct peer *peer)
{
	struct doctor *doctor = peer->doctor;

	if (strcmp(peer->server.address, doctor->server.address) == 0 ||
	    !dnsserver_has_route(&peer->server) || !check_zone(peer))
		return;
	for (size_t i = 0; i < doctor->service_count && !doctor_is_over(doctor);
	     i++)
		if (doctor->services[i].zone == peer->zone &&
		    doctor->services[i].is_right)
			check_rrset(peer, &doctor->services[i]);
}

/*
 * Add what the world knows of its addresses; false if it was not told, which
 * is found elsewhere.
 */
static bool
addresses_find(
    struct doctor *doctor, const struct dname *name, struct texts *addresses)
{
	static const ldns_rr_type types[] = { LDNS_RR_TYPE_A,
		LDNS_RR_TYPE_AAAA };
	bool is_told = true;

	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		struct resolved found;

		doctor_resolve(doctor, doctor->world, name, types[t], &found);
		is_told = is_told && found.what != RESOLVED_FAILED &&
			  found.what != RESOLVED_TIMEOUT;
		for (size_t i = 0; i < found.rdata.count; i++)
			texts_add(addresses, found.rdata.list[i]);
		resolved_fini(&found);
	}
	return is_told;
}

static void
nameserver_check(
    struct doctor *doctor, const struct doctor_zone *zone, const char *host)
{
	struct texts addresses = { 0 };
	struct dname name;
	char *subject = mem_format(
	    "name server '%s' of %s", host, zone->subject);

	if (dname_parse(host, strlen(host), &name) == STATUS_OK &&
	    addresses_find(doctor, &name, &addresses) && addresses.count == 0)
		finding_add(&doctor->findings, FINDING_NS_ADDRESS, subject,
		    "add its address records, or take it out of the NS records",
		    "its address cannot be looked up");
	for (size_t i = 0; i < addresses.count && !doctor_is_over(doctor);
	     i++) {
		struct peer peer = { .doctor = doctor, .zone = zone };

		peer.subject = mem_format("name server '%s' (%s) of %s", host,
		    addresses.list[i], zone->subject);
		if (dnsserver_parse(addresses.list[i], &peer.server))
			peer_check(&peer);
		free(peer.subject);
	}
	free(subject);
	texts_fini(&addresses);
}

void
doctor_peers(struct doctor *doctor)
{
	if (doctor->world == NULL)
		return;
	for (size_t i = 0; i < doctor->zone_count; i++) {
		const struct doctor_zone *zone = &doctor->zones[i];

		for (size_t n = 0;
		     n < zone->nameservers.count && !doctor_is_over(doctor);
		     n++)
			nameserver_check(
			    doctor, zone, zone->nameservers.list[n]);
	}
}
