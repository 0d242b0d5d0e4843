/* SPDX-License-Identifier: MIT */
/* Whether each zone is there, ours, delegated and signed. */
#include "doctor/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/packet.h"

static void
check_soa(
    struct doctor *doctor, const struct doctor_zone *zone, const char *served)
{
	char *ours;

	if (zone->config == NULL)
		return;
	ours = mem_format(
	    "%s %s", zone->config->nameservers[0], zone->config->hostmaster);
	if (strcmp(served, ours) != 0)
		finding_add(&doctor->findings, FINDING_ZONE_SOA, zone->subject,
		    "remove the zone's own SOA record from the other backend; "
		    "wait for caches after a change of ours",
		    "PowerDNS serves the SOA '%s', ours is '%s'", served, ours);
	free(ours);
}

static void
check_ns(struct doctor *doctor, struct doctor_zone *zone)
{
	struct texts ours = { 0 };
	struct buf served = { 0 };
	ldns_pkt *packet = doctor_ask(
	    doctor, &zone->dname, LDNS_RR_TYPE_NS, DNSQUERY_UDP, NULL);

	if (packet == NULL)
		return;
	packet_rdata(packet, &zone->dname, LDNS_RR_TYPE_NS, &zone->nameservers);
	ldns_pkt_free(packet);
	if (zone->config == NULL)
		return;
	for (size_t i = 0; i < zone->config->nameserver_count; i++)
		texts_add(&ours, zone->config->nameservers[i]);
	texts_format(&zone->nameservers, NULL, &served);
	if (!texts_equal(&ours, &zone->nameservers))
		finding_add(&doctor->findings, FINDING_ZONE_NS, zone->subject,
		    "remove the zone's own NS records from the other backend, "
		    "or change 'nameservers'",
		    "PowerDNS serves the NS records %s", buf_text(&served));
	buf_fini(&served);
	texts_fini(&ours);
}

/* Does PowerDNS serve the zone, and from where? */
static void
check_served(struct doctor *doctor, struct doctor_zone *zone)
{
	struct packet_soa soa = { .serial = 0 };
	struct problem problem;
	char *rcode = NULL;
	ldns_pkt *packet = doctor_ask(
	    doctor, &zone->dname, LDNS_RR_TYPE_SOA, DNSQUERY_UDP, &problem);

	if (packet != NULL) {
		rcode = dnsquery_rcode(packet);
		zone->is_served = ldns_pkt_aa(packet) &&
				  packet_soa(packet, &zone->dname, &soa);
		ldns_pkt_free(packet);
	}
	if (zone->is_served) {
		zone->serial = soa.serial;
		check_soa(doctor, zone, soa.names);
		check_ns(doctor, zone);
	} else {
		finding_add(&doctor->findings, FINDING_ZONE_REFUSED,
		    zone->subject,
		    zone->config != NULL
			? "see that pdns-tlsa runs and launch= has 'remote', "
			  "then pdns_control rediscover"
			: "create the zone there, or take it out of 'overlay'",
		    "PowerDNS does not serve it: the answer is %s",
		    rcode != NULL ? rcode : problem.text);
	}
	free(rcode);
}

static bool
is_unsigned_by_choice(const struct doctor_zone *zone)
{
	return zone->config != NULL && zone->config->dnssec == ZONE_DNSSEC_NONE;
}

static void
check_signed(struct doctor *doctor, struct doctor_zone *zone)
{
	char *mend = mem_format("pdnsutil secure-zone %s", zone->name);
	ldns_pkt *packet = doctor_ask(
	    doctor, &zone->dname, LDNS_RR_TYPE_DNSKEY, DNSQUERY_UDP, NULL);

	zone->is_signed = packet != NULL &&
			  packet_has(packet, LDNS_RR_TYPE_DNSKEY);
	ldns_pkt_free(packet);
	if (is_unsigned_by_choice(zone))
		finding_add(&doctor->findings, FINDING_ZONE_NONE, zone->subject,
		    "set 'dnssec: powerdns' or 'dnssec: self'",
		    "'dnssec: none' is configured");
	else if (!zone->is_signed)
		finding_add(&doctor->findings, FINDING_ZONE_UNSIGNED,
		    zone->subject, mend,
		    "is not signed: there is no DNSKEY record");
	free(mend);
}

static void
finding_no_ds(struct doctor *doctor, const struct doctor_zone *zone)
{
	char *mend = mem_format("put NS and DS records into the zone above; "
				"pdnsutil export-zone-ds %s prints the DS",
	    zone->name);

	finding_add(&doctor->findings, FINDING_ZONE_NO_DS, zone->subject, mend,
	    "is delegated without a DS record");
	free(mend);
}

static void
finding_undelegated(struct doctor *doctor, const struct doctor_zone *zone)
{
	finding_add(&doctor->findings, FINDING_ZONE_UNDELEGATED, zone->subject,
	    "add the NS and DS records that 'pdns-tlsa setup' prints to the "
	    "zone above",
	    "is not delegated: the zone above denies it");
}

static void
finding_unreached(struct doctor *doctor, const struct doctor_zone *zone,
    const char *type, const struct resolved *resolved)
{
	finding_add(&doctor->findings, FINDING_ZONE_UNREACHED, zone->subject,
	    "let this machine ask the Internet's name servers, and see that "
	    "those of the zone and above it answer",
	    "its %s record cannot be looked up: %s", type,
	    resolved->reason.text);
}

/* There is no DS record: is there a delegation at all? */
static void
check_delegated(struct doctor *doctor, const struct doctor_zone *zone)
{
	struct resolved ns;

	doctor_resolve(
	    doctor, doctor->world, &zone->dname, LDNS_RR_TYPE_NS, &ns);
	if (ns.what == RESOLVED_NODATA || ns.what == RESOLVED_NXDOMAIN)
		finding_undelegated(doctor, zone);
	else if (!is_unsigned_by_choice(zone))
		finding_no_ds(doctor, zone);
	resolved_fini(&ns);
}

/*
 * What the zone above says about it, to everybody.  A zone above that is
 * asked for NS itself answers so where there is no delegation.
 */
static bool
check_ds(struct doctor *doctor, struct doctor_zone *zone)
{
	struct resolved ds;
	bool is_good = false;

	doctor_resolve(
	    doctor, doctor->world, &zone->dname, LDNS_RR_TYPE_DS, &ds);
	switch (ds.what) {
	case RESOLVED_DATA:
		is_good = ds.is_secure;
		if (is_good)
			break;
		finding_add(&doctor->findings, FINDING_ZONE_PARENT,
		    zone->subject,
		    "sign the zones above it, or use a zone below a signed one",
		    "a zone above it is not signed, or has no DS record");
		break;
	case RESOLVED_NXDOMAIN:
		finding_undelegated(doctor, zone);
		break;
	case RESOLVED_NODATA:
		check_delegated(doctor, zone);
		break;
	case RESOLVED_BOGUS:
		finding_add(&doctor->findings, FINDING_ZONE_BOGUS,
		    zone->subject, "mend the zone above it",
		    "its DS record does not validate: %s", ds.reason.text);
		break;
	case RESOLVED_FAILED:
	case RESOLVED_TIMEOUT:
		/* Perhaps the trust anchor is the zone's own. */
		is_good = true;
		break;
	}
	resolved_fini(&ds);
	return is_good;
}

/* From the DS down, with what the PowerDNS in question serves. */
static void
check_local(struct doctor *doctor, struct doctor_zone *zone)
{
	struct resolved soa;
	char *mend = mem_format(
	    "compare the DS record above with pdnsutil "
	    "export-zone-ds %s, then pdnsutil check-zone %s",
	    zone->name, zone->name);

	doctor_resolve(
	    doctor, doctor->local, &zone->dname, LDNS_RR_TYPE_SOA, &soa);
	zone->is_secure = soa.what == RESOLVED_DATA && soa.is_secure;
	if (soa.what == RESOLVED_FAILED || soa.what == RESOLVED_TIMEOUT)
		finding_unreached(doctor, zone, "SOA", &soa);
	else if (soa.what == RESOLVED_BOGUS)
		finding_add(&doctor->findings, FINDING_ZONE_BOGUS,
		    zone->subject, mend,
		    "does not validate from the DS record down: %s",
		    soa.reason.text);
	else if (!zone->is_secure)
		finding_add(&doctor->findings, FINDING_ZONE_PARENT,
		    zone->subject, mend,
		    "the answers of PowerDNS for it are %s",
		    resolved_text(&soa));
	free(mend);
	resolved_fini(&soa);
}

/* The same as everybody sees it, whichever name server answers. */
static void
check_world(struct doctor *doctor, struct doctor_zone *zone)
{
	struct resolved soa;

	doctor_resolve(
	    doctor, doctor->world, &zone->dname, LDNS_RR_TYPE_SOA, &soa);
	zone->is_delegated = soa.what == RESOLVED_DATA && soa.is_secure;
	if (soa.what == RESOLVED_FAILED || soa.what == RESOLVED_TIMEOUT)
		finding_unreached(doctor, zone, "SOA", &soa);
	else if (soa.what == RESOLVED_BOGUS)
		finding_add(&doctor->findings, FINDING_ZONE_BOGUS,
		    zone->subject,
		    "see what the other name servers of the zone serve",
		    "does not validate at its name servers: %s",
		    soa.reason.text);
	else if (!zone->is_delegated)
		finding_undelegated(doctor, zone);
	resolved_fini(&soa);
}

void
doctor_apex(struct doctor *doctor, struct doctor_zone *zone)
{
	check_served(doctor, zone);
	if (!zone->is_served)
		return;
	check_signed(doctor, zone);
	if (doctor->world == NULL || !check_ds(doctor, zone) ||
	    !zone->is_signed)
		return;
	check_local(doctor, zone);
	if (zone->is_secure)
		check_world(doctor, zone);
}
