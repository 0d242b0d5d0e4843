/* SPDX-License-Identifier: MIT */
/* What PowerDNS serves at each owner name, and what clients get. */
#include "doctor/doctor.h"

#include <stdlib.h>

#include "base/mem.h"
#include "net/packet.h"

static const char caches[] =
    "wait for the caches of PowerDNS (cache-ttl and query-cache-ttl), or "
    "pdns_control purge the name, and run doctor again";

/* Nothing is published: is that known, and why? */
static void
check_nothing(struct doctor *doctor, const struct doctor_service *service)
{
	const char *concern = service_concern_text(service->service);
	char *mend = mem_format(
	    "pdns-tlsa show %s says more", service->service->config->host);

	if (service->is_unknown)
		finding_add(&doctor->findings, FINDING_SERVICE_UNKNOWN,
		    service->subject, mend,
		    "its certificates could never be read");
	else
		finding_add(&doctor->findings, FINDING_SERVICE_NOTHING,
		    service->subject, mend, "nothing is published: %s",
		    concern != NULL ? concern : "no record is left");
	free(mend);
}

/* No record of ours is there: what is? */
static void
check_hidden(struct doctor *doctor, const struct doctor_service *service,
    const struct texts *served, const char *rcode)
{
	struct texts types = { 0 };
	struct buf list = { 0 };
	ldns_pkt *packet = doctor_ask(
	    doctor, &service->owner, LDNS_RR_TYPE_ANY, DNSQUERY_TCP, NULL);

	if (packet != NULL)
		packet_types(packet, &service->owner, &types);
	ldns_pkt_free(packet);
	if (served->count > 0)
		texts_add(&types, "tlsa");
	texts_format(&types, NULL, &list);
	if (types.count > 0)
		finding_add(&doctor->findings, FINDING_SERVICE_HIDDEN,
		    service->subject,
		    "remove the name's records from the other backend",
		    "at '%s' PowerDNS serves records of another backend, of "
		    "the types %s",
		    service->owner_name, buf_text(&list));
	else
		finding_add(&doctor->findings, FINDING_SERVICE_DENIED,
		    service->subject, caches,
		    "PowerDNS answers %s without a TLSA record at '%s'", rcode,
		    service->owner_name);
	buf_fini(&list);
	texts_fini(&types);
}

static void
check_difference(struct doctor *doctor, struct doctor_service *service,
    const struct texts *served)
{
	struct buf lacks = { 0 };
	struct buf extra = { 0 };

	texts_format(&service->expected, served, &lacks);
	texts_format(served, &service->expected, &extra);
	if (texts_missing(&service->expected, served) > 0)
		finding_add(&doctor->findings, FINDING_SERVICE_DIFFERS,
		    service->subject, caches,
		    "at '%s' PowerDNS does not serve %s", service->owner_name,
		    buf_text(&lacks));
	else if (texts_missing(served, &service->expected) > 0)
		finding_add(&doctor->findings, FINDING_SERVICE_EXTRA,
		    service->subject,
		    "run doctor as a user who can read the state directory",
		    "at '%s' PowerDNS serves besides ours %s",
		    service->owner_name, buf_text(&extra));
	else
		service->is_right = true;
	buf_fini(&lacks);
	buf_fini(&extra);
}

/* Compare what PowerDNS serves with what we publish. */
static void
check_served(struct doctor *doctor, struct doctor_service *service)
{
	struct texts served = { 0 };
	struct problem problem;
	ldns_pkt_rcode rcode;
	char *text;
	ldns_pkt *packet = doctor_ask(
	    doctor, &service->owner, LDNS_RR_TYPE_TLSA, DNSQUERY_UDP, &problem);

	if (packet == NULL) {
		finding_add(&doctor->findings, FINDING_SERVICE_FAILS,
		    service->subject, "see that pdns-tlsa runs, and its log",
		    "PowerDNS gives %s at '%s'", problem.text,
		    service->owner_name);
		return;
	}
	rcode = ldns_pkt_get_rcode(packet);
	text = dnsquery_rcode(packet);
	packet_rdata(packet, &service->owner, LDNS_RR_TYPE_TLSA, &served);
	if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN)
		finding_add(&doctor->findings, FINDING_SERVICE_FAILS,
		    service->subject, "see that pdns-tlsa runs, and its log",
		    "PowerDNS answers %s at '%s'", text, service->owner_name);
	else if (texts_missing(&service->expected, &served) ==
		 service->expected.count)
		check_hidden(doctor, service, &served, text);
	else
		check_difference(doctor, service, &served);
	free(text);
	texts_fini(&served);
	ldns_pkt_free(packet);
}

/* Is the TLSA RRset at `name` secure, as `whose` asks for it? */
static void
check_secure(struct doctor *doctor, const struct doctor_service *service,
    struct resolver *resolver, const struct dname *name, const char *whose)
{
	static const enum finding_kind kinds[] = {
		[RESOLVED_DATA] = FINDING_SERVICE_INSECURE,
		[RESOLVED_NODATA] = FINDING_SERVICE_DENIED,
		[RESOLVED_NXDOMAIN] = FINDING_SERVICE_DENIED,
		[RESOLVED_BOGUS] = FINDING_SERVICE_BOGUS,
		[RESOLVED_FAILED] = FINDING_SERVICE_UNREACHED,
		[RESOLVED_TIMEOUT] = FINDING_SERVICE_UNREACHED,
	};
	struct resolved resolved;
	char *text = dname_text(name);

	doctor_resolve(doctor, resolver, name, LDNS_RR_TYPE_TLSA, &resolved);
	if (resolved.what != RESOLVED_DATA || !resolved.is_secure)
		finding_add(&doctor->findings, kinds[resolved.what],
		    service->subject,
		    "every zone on the way must be signed and have its DS "
		    "record; see the findings about zones",
		    "at '%s' %s is told: %s%s%s", text, whose,
		    resolved_text(&resolved),
		    resolved.reason.text[0] != '\0' ? ": " : "",
		    resolved.reason.text);
	free(text);
	resolved_fini(&resolved);
}

static void
finding_alias(struct doctor *doctor, const struct doctor_service *service,
    enum finding_kind kind, const char *what)
{
	char *mend = mem_format("put into the zone of the host: %s CNAME %s",
	    service->asked_name, service->owner_name);

	finding_add(
	    &doctor->findings, kind, service->subject, mend, "%s", what);
	free(mend);
}

/* Judge the RDATA of the CNAME; returns true if it leads to us. */
static bool
alias_judge(struct doctor *doctor, const struct doctor_service *service,
    const struct texts *target, bool has_tlsa)
{
	char *what = NULL;

	if (target->count == 1 && texts_has(target, service->owner_name))
		return true;
	if (target->count == 1 && service->former_name != NULL &&
	    texts_has(target, service->former_name)) {
		finding_alias(doctor, service, FINDING_ALIAS_FORMER,
		    "its CNAME leads to the name that its alias had before");
		return true;
	}
	if (target->count > 0)
		what = mem_format("'%s' is a CNAME to '%s'",
		    service->asked_name, target->list[0]);
	else if (has_tlsa)
		what = mem_format(
		    "'%s' has TLSA records of its own", service->asked_name);
	if (what != NULL)
		finding_alias(doctor, service, FINDING_ALIAS_ELSEWHERE, what);
	else
		finding_alias(doctor, service, FINDING_ALIAS_MISSING,
		    "the CNAME of its owner name is missing");
	free(what);
	return false;
}

/* Where the world cannot be asked, PowerDNS may serve the host's zone. */
static bool
check_alias_direct(struct doctor *doctor, const struct doctor_service *service,
    const char *reason)
{
	struct texts target = { 0 };
	ldns_pkt *packet = doctor_ask(
	    doctor, &service->asked, LDNS_RR_TYPE_CNAME, DNSQUERY_UDP, NULL);
	bool is_good = false;

	if (packet != NULL && ldns_pkt_aa(packet)) {
		packet_rdata(
		    packet, &service->asked, LDNS_RR_TYPE_CNAME, &target);
		is_good = alias_judge(doctor, service, &target, false);
	} else {
		finding_add(&doctor->findings, FINDING_SERVICE_UNREACHED,
		    service->subject,
		    "let this machine ask the Internet's name servers",
		    "its CNAME cannot be looked up: %s", reason);
	}
	texts_fini(&target);
	ldns_pkt_free(packet);
	return is_good;
}

/* Is the CNAME there, and does it lead to our name? */
static bool
check_alias(struct doctor *doctor, const struct doctor_service *service)
{
	struct resolved cname;
	struct resolved tlsa = { 0 };
	bool is_good = false;

	if (doctor->world == NULL)
		return check_alias_direct(doctor, service, "no trust anchor");
	doctor_resolve(
	    doctor, doctor->world, &service->asked, LDNS_RR_TYPE_CNAME, &cname);
	switch (cname.what) {
	case RESOLVED_NODATA:
		doctor_resolve(doctor, doctor->world, &service->asked,
		    LDNS_RR_TYPE_TLSA, &tlsa);
		/* fall through */
	case RESOLVED_DATA:
	case RESOLVED_NXDOMAIN:
		is_good = alias_judge(
		    doctor, service, &cname.rdata, tlsa.rdata.count > 0);
		break;
	case RESOLVED_BOGUS:
		/* To be named with the TLSA RRset, which is worth no more. */
		is_good = true;
		break;
	case RESOLVED_FAILED:
	case RESOLVED_TIMEOUT:
		is_good = check_alias_direct(
		    doctor, service, cname.reason.text);
		break;
	}
	resolved_fini(&cname);
	resolved_fini(&tlsa);
	return is_good;
}

void
doctor_rrset(struct doctor *doctor, struct doctor_service *service)
{
	bool is_linked = true;

	if (service->service->is_alias)
		is_linked = check_alias(doctor, service);
	if (service->expected.count == 0 || service->is_unknown) {
		check_nothing(doctor, service);
		return;
	}
	if (!service->zone->is_served)
		return;
	check_served(doctor, service);
	if (!service->zone->is_secure || !service->is_right)
		return;
	check_secure(doctor, service, doctor->local, &service->owner,
	    "who asks this PowerDNS");
	if (is_linked && service->zone->is_delegated)
		check_secure(doctor, service, doctor->world, &service->asked,
		    "who asks on the Internet");
}
