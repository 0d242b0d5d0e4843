/* SPDX-License-Identifier: MIT */
/* Whether the other name servers of each zone say the same. */
#include "doctor/doctor.h"

#include "net/peers.h"

static void
check_rrset(struct doctor *doctor, struct peers *peers, struct peer *peer,
    const struct doctor_service *service)
{
	struct texts served = { 0 };
	struct buf lacks = { 0 };

	if (!peers_served(
		peers, peer, &service->owner, &served, &doctor->findings))
		return;
	texts_format(&service->expected, &served, &lacks);
	if (!texts_equal(&service->expected, &served))
		finding_add(&doctor->findings, FINDING_NS_DIFFERS,
		    peer->subject,
		    "let it transfer the zone; an overlay needs pdns-tlsa on "
		    "every name server",
		    "has another TLSA RRset at '%s': of ours it lacks %s",
		    service->owner_name, buf_text(&lacks));
	buf_fini(&lacks);
	texts_fini(&served);
}

void
doctor_peers(struct doctor *doctor, struct doctor_zone *zone)
{
	struct peers peers = { .zone = &zone->dname,
		.zone_name = zone->name,
		.deadline = doctor->deadline };

	if (doctor->world == NULL)
		return;
	peers_find(
	    &peers, doctor->world, &zone->nameservers, &doctor->findings);
	/* The PowerDNS in question is no peer of itself. */
	peers_leave_out(&peers, doctor->server.address);
	/* A single one is the PowerDNS in question, by another address. */
	peers_zone(
	    &peers, zone->nameservers.count > 1 ? &doctor->findings : NULL);
	peers_serials(&peers, zone->serial, "PowerDNS", &doctor->findings);
	for (size_t p = 0; p < peers.count; p++)
		for (size_t i = 0;
		     i < doctor->service_count && peers.list[p].is_served &&
		     !doctor_is_over(doctor);
		     i++)
			if (doctor->services[i].zone == zone &&
			    doctor->services[i].is_right)
				check_rrset(doctor, &peers, &peers.list[p],
				    &doctor->services[i]);
	doctor->questions += peers.questions;
	peers_fini(&peers);
}
