/* SPDX-License-Identifier: MIT */
#include "net/peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/serial.h"
#include "net/packet.h"

static bool
is_over(const struct peers *peers)
{
	return deadline_is_over(&peers->deadline);
}

static ldns_pkt *
peer_ask(struct peers *peers, const struct peer *peer, const struct dname *name,
    ldns_rr_type type, struct problem *problem)
{
	const struct deadline deadline = deadline_within(
	    &peers->deadline, PEERS_DIRECT_MS);
	ldns_pkt *packet = NULL;

	peers->questions++;
	if (dnsquery_ask(&peer->server, name, type, DNSQUERY_UDP, &deadline,
		&packet, problem) != STATUS_OK)
		return NULL;
	return packet;
}

static void
peer_zone(struct peers *peers, struct peer *peer, struct findings *findings)
{
	struct problem problem = { "" };
	struct packet_soa soa;
	char *rcode = NULL;
	ldns_pkt *packet = NULL;

	if (!peer->is_silent)
		packet = peer_ask(
		    peers, peer, peers->zone, LDNS_RR_TYPE_SOA, &problem);
	if (packet != NULL) {
		rcode = dnsquery_rcode(packet);
		peer->is_served = ldns_pkt_aa(packet) &&
				  packet_soa(packet, peers->zone, &soa);
		if (peer->is_served)
			peer->serial = soa.serial;
	}
	if (!peer->is_served && findings != NULL)
		finding_add(findings, FINDING_NS_SILENT, peer->subject,
		    "mend that server, or take it out of the NS records",
		    packet == NULL ? "does not answer: %s"
				   : "does not serve the zone: it answers %s",
		    packet == NULL ? problem.text : rcode);
	free(rcode);
	ldns_pkt_free(packet);
}

void
peers_zone(struct peers *peers, struct findings *findings)
{
	for (size_t i = 0; i < peers->count && !is_over(peers); i++)
		peer_zone(peers, &peers->list[i], findings);
}

void
peers_serials(const struct peers *peers, uint32_t serial, const char *whose,
    struct findings *findings)
{
	char *mend = mem_format("see that it may transfer the zone and is "
				"notified: pdns_control notify %s",
	    peers->zone_name);

	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->list[i];

		if (!peer->is_served || peer->serial == serial)
			continue;
		finding_add(findings, FINDING_NS_SERIAL, peer->subject, mend,
		    serial_is_after(serial, peer->serial)
			? "lags behind: its serial is %u, that of %s %u"
			: "is ahead: its serial is %u, that of %s %u",
		    peer->serial, whose, serial);
	}
	free(mend);
}

bool
peers_newest(const struct peers *peers, uint32_t *ret_serial)
{
	bool is_known = false;

	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->list[i];

		if (!peer->is_served ||
		    (is_known && !serial_is_after(peer->serial, *ret_serial)))
			continue;
		*ret_serial = peer->serial;
		is_known = true;
	}
	return is_known;
}

bool
peers_rrset(struct peers *peers, const struct peer *peer,
    const struct dname *owner, struct texts *ret_rrset, struct problem *problem)
{
	ldns_pkt *packet = peer_ask(
	    peers, peer, owner, LDNS_RR_TYPE_TLSA, problem);
	bool is_answer;

	if (packet == NULL)
		return false;
	is_answer = ldns_pkt_aa(packet) ||
		    ldns_pkt_get_rcode(packet) != LDNS_RCODE_NOERROR;
	if (is_answer)
		packet_rdata(packet, owner, LDNS_RR_TYPE_TLSA, ret_rrset);
	else
		problem_set(problem, "is not responsible for the name");
	ldns_pkt_free(packet);
	return is_answer;
}

bool
peers_served(struct peers *peers, struct peer *peer, const struct dname *owner,
    struct texts *ret_rrset, struct findings *findings)
{
	struct problem problem = { "" };
	char *name;

	if (peers_rrset(peers, peer, owner, ret_rrset, &problem))
		return true;
	/* Of who was not asked any more nothing can be said. */
	if (is_over(peers))
		return false;
	peer->is_served = false;
	name = dname_text(owner);
	finding_add(findings, FINDING_NS_SILENT, peer->subject,
	    "look for what drops such questions before that server, as old "
	    "firewalls do, or take it out of the NS records",
	    "answers for the zone, but not for the TLSA RRset at '%s': %s",
	    name, problem.text);
	free(name);
	return false;
}

/*
 * Add what the world knows of its addresses; false if it was not told, which
 * is found elsewhere.
 */
static bool
addresses_find(struct peers *peers, struct resolver *world,
    const struct dname *name, struct texts *addresses)
{
	static const ldns_rr_type types[] = { LDNS_RR_TYPE_A,
		LDNS_RR_TYPE_AAAA };
	bool is_told = true;

	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		const struct deadline deadline = deadline_within(
		    &peers->deadline, PEERS_ASK_MS);
		struct resolved found;

		peers->questions++;
		resolver_ask(world, name, types[t], &deadline, &found);
		is_told = is_told && found.what != RESOLVED_FAILED &&
			  found.what != RESOLVED_TIMEOUT;
		for (size_t i = 0; i < found.rdata.count; i++)
			texts_add(addresses, found.rdata.list[i]);
		resolved_fini(&found);
	}
	return is_told;
}

static void
peer_add(struct peers *peers, const char *host, const char *address)
{
	struct peer peer = { 0 };

	if (!dnsserver_parse(address, &peer.server) ||
	    !dnsserver_has_route(&peer.server))
		return;
	peer.host = mem_string(host);
	peer.subject = mem_format("name server '%s' (%s) of zone '%s'", host,
	    address, peers->zone_name);
	peers->list = mem_resize(
	    peers->list, peers->count + 1, sizeof(*peers->list));
	peers->list[peers->count++] = peer;
}

static void
host_find(struct peers *peers, struct resolver *world, const char *host,
    struct findings *findings)
{
	struct texts addresses = { 0 };
	struct dname name;
	char *subject;

	if (dname_parse(host, strlen(host), &name) != STATUS_OK)
		return;
	if (addresses_find(peers, world, &name, &addresses) &&
	    addresses.count == 0 && findings != NULL) {
		subject = mem_format(
		    "name server '%s' of zone '%s'", host, peers->zone_name);
		finding_add(findings, FINDING_NS_ADDRESS, subject,
		    "add its address records, or take it out of the NS records",
		    "its address cannot be looked up");
		free(subject);
	}
	for (size_t i = 0; i < addresses.count; i++)
		peer_add(peers, host, addresses.list[i]);
	texts_fini(&addresses);
}

void
peers_find(struct peers *peers, struct resolver *world,
    const struct texts *hosts, struct findings *findings)
{
	for (size_t i = 0; i < hosts->count && !is_over(peers); i++)
		host_find(peers, world, hosts->list[i], findings);
}

static void
peer_fini(struct peer *peer)
{
	free(peer->host);
	free(peer->subject);
}

void
peers_leave_out(struct peers *peers, const char *address)
{
	size_t left = 0;

	for (size_t i = 0; i < peers->count; i++)
		if (strcmp(peers->list[i].server.address, address) == 0)
			peer_fini(&peers->list[i]);
		else
			peers->list[left++] = peers->list[i];
	peers->count = left;
}

void
peers_fini(struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++)
		peer_fini(&peers->list[i]);
	free(peers->list);
	peers->list = NULL;
	peers->count = 0;
}

/* Is `at` an apex?  Whatever it is, *ret_found says more. */
static bool
is_apex(
    struct resolver *world, const struct dname *at, struct resolved *ret_found)
{
	const struct deadline deadline = deadline_in(PEERS_ASK_MS);

	resolver_ask(world, at, LDNS_RR_TYPE_NS, &deadline, ret_found);
	return ret_found->what == RESOLVED_DATA &&
	       dname_equal(&ret_found->canonical, at);
}

bool
peers_apex(struct resolver *world, const struct dname *name,
    struct dname *ret_apex, struct texts *ret_hosts, struct problem *problem)
{
	struct dname at = *name;

	for (;;) {
		struct resolved found;
		bool is_found = is_apex(world, &at, &found);
		/* One name may fail where the zone itself is well. */
		bool is_end = at.len == 0 || found.what == RESOLVED_BOGUS ||
			      found.what == RESOLVED_TIMEOUT;

		for (size_t i = 0; is_found && i < found.rdata.count; i++)
			texts_add(ret_hosts, found.rdata.list[i]);
		if (!is_found && is_end)
			problem_set(problem, "%s%s%s", resolved_text(&found),
			    found.reason.text[0] != '\0' ? ": " : "",
			    found.reason.text);
		resolved_fini(&found);
		if (is_found)
			*ret_apex = at;
		if (is_found || is_end)
			return is_found;
		at.len = (uint16_t)dname_parent_len(at.key, at.len);
	}
}
