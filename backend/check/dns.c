/* SPDX-License-Identifier: MIT */
/* What clients get from the DNS, and whether every name server says it. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/peers.h"

/* Look both kinds of address up; *ret_resolved is the better of the two. */
static void
addresses_find(struct check *check, struct check_service *service,
    struct resolved *ret_resolved)
{
	struct resolved v6;

	check_resolve(check, &service->name, LDNS_RR_TYPE_A, ret_resolved);
	for (size_t i = 0; i < ret_resolved->rdata.count; i++)
		texts_add(&service->addresses, ret_resolved->rdata.list[i]);
	check_resolve(check, &service->name, LDNS_RR_TYPE_AAAA, &v6);
	for (size_t i = 0; i < v6.rdata.count; i++)
		texts_add(&service->addresses, v6.rdata.list[i]);
	if (ret_resolved->what != RESOLVED_DATA && v6.what == RESOLVED_DATA) {
		struct resolved other = *ret_resolved;

		*ret_resolved = v6;
		v6 = other;
	}
	resolved_fini(&v6);
}

static void
finding_address(struct check_service *service, const struct resolved *addresses)
{
	bool is_unknown = addresses->what == RESOLVED_TIMEOUT ||
			  addresses->what == RESOLVED_FAILED;

	finding_add(&service->findings,
	    is_unknown ? FINDING_TLSA_UNREACHED : FINDING_HOST_ADDRESS,
	    service->subject,
	    "look after the host's address records and their zone",
	    "the address of '%s' cannot be looked up: %s%s%s", service->host,
	    resolved_text(addresses),
	    addresses->reason.text[0] != '\0' ? ": " : "",
	    addresses->reason.text);
}

/* The owner name at `host`; false if it gets too long. */
static bool
owner_name(const struct check_service *service, const struct dname *host,
    struct dname *ret_owner)
{
	char *text = dname_text(host);
	char *owner = mem_format("_%u._%s.%s", service->port.number,
	    transport_text(service->port.transport),
	    strcmp(text, ".") != 0 ? text : "");
	bool is_good = dname_parse(owner, strlen(owner), ret_owner) ==
		       STATUS_OK;

	free(owner);
	free(text);
	return is_good;
}

/*
 * First at the name that CNAMEs lead to, if they are validated, then at the
 * host's own (RFC 7671 s7); what was found at is the base domain.
 */
static bool
tlsa_find(struct check *check, struct check_service *service,
    const struct resolved *addresses, struct resolved *ret_tlsa)
{
	if (addresses->what == RESOLVED_DATA && addresses->is_secure &&
	    !dname_equal(&addresses->canonical, &service->name) &&
	    owner_name(service, &addresses->canonical, &service->asked)) {
		check_resolve(
		    check, &service->asked, LDNS_RR_TYPE_TLSA, ret_tlsa);
		if (ret_tlsa->what == RESOLVED_DATA && ret_tlsa->is_secure) {
			free(service->base);
			service->base = dname_text(&addresses->canonical);
			return true;
		}
		resolved_fini(ret_tlsa);
	}
	if (!owner_name(service, &service->name, &service->asked))
		return false;
	check_resolve(check, &service->asked, LDNS_RR_TYPE_TLSA, ret_tlsa);
	return true;
}

/* Nobody answers: only here, or not even above? */
static bool
is_apex_told(struct check *check, const struct check_service *service)
{
	struct texts hosts = { 0 };
	struct dname apex;
	bool is_told = peers_apex(
	    check->resolver, &service->asked, &apex, &hosts, NULL);

	texts_fini(&hosts);
	return is_told;
}

static void
finding_tlsa(struct check *check, struct check_service *service,
    const struct resolved *tlsa)
{
	static const char denied[] =
	    "see pdns-tlsa doctor; the host may lack its CNAME";
	static const struct {
		enum finding_kind kind;
		const char *mend;
	} rows[] = {
		[RESOLVED_DATA] = { FINDING_TLSA_INSECURE,
		    "sign the zone, and put its DS record into the zone "
		    "above" },
		[RESOLVED_NODATA] = { FINDING_TLSA_DENIED, denied },
		[RESOLVED_NXDOMAIN] = { FINDING_TLSA_DENIED, denied },
		[RESOLVED_BOGUS] = { FINDING_TLSA_BOGUS,
		    "see pdns-tlsa doctor; a DS record may be wrong, or a "
		    "signature old" },
		[RESOLVED_FAILED] = { FINDING_TLSA_FAILS,
		    "see pdns-tlsa doctor, and that its daemon runs" },
		[RESOLVED_TIMEOUT] = { FINDING_TLSA_UNREACHED,
		    "let this machine ask the Internet's name servers" },
	};
	bool fails = tlsa->what == RESOLVED_FAILED &&
		     is_apex_told(check, service);
	enum resolved_what what = tlsa->what == RESOLVED_FAILED && !fails
				      ? RESOLVED_TIMEOUT
				      : tlsa->what;
	char *asked = dname_text(&service->asked);

	finding_add(&service->findings, rows[what].kind, service->subject,
	    rows[what].mend, "the TLSA RRset at '%s' is: %s%s%s", asked,
	    fails ? "SERVFAIL" : resolved_text(tlsa),
	    tlsa->reason.text[0] != '\0' ? ": " : "", tlsa->reason.text);
	free(asked);
}

/* Compare what there is with what we publish. */
static void
difference_check(struct check_service *service)
{
	struct buf lacks = { 0 };
	struct buf extra = { 0 };

	texts_format(&service->expected, &service->found, &lacks);
	texts_format(&service->found, &service->expected, &extra);
	/* What it has besides is most often a copy that is a little old. */
	if (texts_missing(&service->expected, &service->found) > 0)
		finding_add(&service->findings, FINDING_TLSA_DIFFERS,
		    service->subject,
		    "wait for the TTL after a change; see pdns-tlsa doctor",
		    "of ours the DNS lacks %s, and it has besides %s",
		    buf_text(&lacks), buf_text(&extra));
	buf_fini(&lacks);
	buf_fini(&extra);
}

/* Which CA is it, of those that we know?  NULL: none. */
static const struct issuer *
issuer_find(const struct issuers *issuers, const char *record)
{
	static const char type[] = "2 1 1 ";
	struct buf hex = { 0 };
	const struct issuer *found = NULL;

	for (size_t s = 0; issuers != NULL && s < issuers->count; s++)
		for (size_t i = 0; i < issuers->sets[s]->count; i++) {
			const struct issuer *issuer = &issuers->sets[s]
							   ->list[i];

			buf_clear(&hex);
			buf_add_hex(&hex,
			    issuer->cert->part[CERT_SELECTOR_SPKI].sha256, 32);
			if (strcmp(record + sizeof(type) - 1, buf_text(&hex)) ==
			    0)
				found = issuer;
		}
	buf_fini(&hex);
	return strncmp(record, type, sizeof(type) - 1) == 0 ? found : NULL;
}

/* Does every record of usage 2 stand for a CA that issues no more? */
static void
issuers_check(const struct check *check, struct check_service *service)
{
	const struct issuers *issuers = store_issuers(check->store);
	const char *name = NULL;

	for (size_t i = 0; i < service->found.count; i++) {
		const struct issuer *issuer;

		if (service->found.list[i][0] != '2')
			continue;
		issuer = issuer_find(issuers, service->found.list[i]);
		if (issuer == NULL || issuer->status != ISSUER_RETIRED)
			return;
		name = issuer->name;
	}
	if (name != NULL)
		finding_add(&service->findings, FINDING_ISSUERS_RETIRED,
		    service->subject,
		    "publish the CAs that issue now; see pdns-tlsa issuers",
		    "all records of usage 2 are of retired CAs, as '%s'", name);
}

static void
rrset_check(struct check *check, struct check_service *service)
{
	difference_check(service);
	issuers_check(check, service);
	if (service->found.count > CHECK_RECORDS)
		finding_add(&service->findings, FINDING_RECORDS_MANY,
		    service->subject, "lower 'max-records', or drop a type",
		    "%zu records are published", service->found.count);
}

/* The host in an MX record is to have addresses itself. */
static void
alias_check(struct check_service *service, const struct dname *canonical)
{
	char *target = dname_text(canonical);

	if (!dname_equal(canonical, &service->name) &&
	    strcmp(service->domain, service->host) != 0)
		finding_add(&service->findings, FINDING_MX_ALIAS,
		    service->subject, "name the target in the MX record",
		    "the mail server '%s' of '%s' is an alias of '%s'",
		    service->host, service->domain, target);
	free(target);
}

/* The CNAME leads to where an alias was before, and is still. */
static void
former_check(struct check *check, struct check_service *service)
{
	const struct service *ours = service->service;
	char *former = ours != NULL ? store_former_name(check->store, ours)
				    : NULL;
	char *found = dname_text(&service->owner);
	char *owner = NULL;
	char *asked;
	char *mend;

	if (former != NULL && strcmp(former, found) == 0) {
		owner = store_owner_name(check->store, ours);
		asked = dname_text(&service->asked);
		mend = mem_format(
		    "put into the zone of the host: %s CNAME %s", asked, owner);
		finding_add(&service->findings, FINDING_ALIAS_FORMER,
		    service->subject, mend,
		    "its CNAME leads to '%s', the name that its alias had "
		    "before",
		    former);
		free(mend);
		free(asked);
	}
	free(owner);
	free(found);
	free(former);
}

void
check_tlsa(struct check *check, struct check_service *service)
{
	struct resolved addresses;
	struct resolved tlsa = { 0 };

	if (!service->is_online)
		return;
	addresses_find(check, service, &addresses);
	if (service->addresses.count == 0)
		finding_address(service, &addresses);
	if (service->domain != NULL && addresses.what == RESOLVED_DATA)
		alias_check(service, &addresses.canonical);
	if (tlsa_find(check, service, &addresses, &tlsa)) {
		service->dns = resolved_text(&tlsa);
		service->owner = tlsa.canonical;
		former_check(check, service);
		service->is_secure = tlsa.what == RESOLVED_DATA &&
				     tlsa.is_secure;
		if (!service->is_secure)
			finding_tlsa(check, service, &tlsa);
		else if (addresses.what == RESOLVED_DATA &&
			 !addresses.is_secure)
			finding_add(&service->findings, FINDING_TLSA_INSECURE,
			    service->subject,
			    "sign the zone of the host, and put its DS record "
			    "into the zone above",
			    "the addresses of the host are insecure");
		service->found = tlsa.rdata;
		tlsa.rdata = (struct texts){ 0 };
		if (tlsa.what == RESOLVED_DATA)
			rrset_check(check, service);
	}
	resolved_fini(&tlsa);
	resolved_fini(&addresses);
}

/* Ask one server for the RRset. */
static void
nameserver_check(struct check_service *service, struct peers *peers,
    struct peer *peer, const struct texts *expected, const char *whose)
{
	struct texts served = { 0 };
	struct buf lacks = { 0 };

	if (!peers_served(
		peers, peer, &service->owner, &served, &service->findings))
		return;
	texts_format(expected, &served, &lacks);
	if (texts_missing(expected, &served) > 0)
		finding_add(&service->findings, FINDING_NS_DIFFERS,
		    peer->subject,
		    "let it transfer the zone; an overlay needs pdns-tlsa on "
		    "every name server",
		    "has another TLSA RRset than %s: it lacks %s", whose,
		    buf_text(&lacks));
	buf_fini(&lacks);
	texts_fini(&served);
}

static void
peers_check(struct check *check, struct check_service *service,
    struct peers *peers, const struct texts *hosts)
{
	bool is_ours = service->expected.count > 0;
	uint32_t newest;

	peers_find(peers, check->resolver, hosts, &service->findings);
	peers_zone(peers, &service->findings);
	if (peers_newest(peers, &newest))
		peers_serials(peers, newest, "the newest", &service->findings);
	for (size_t i = 0;
	     i < peers->count && !deadline_is_over(&check->deadline); i++)
		if (peers->list[i].is_served)
			nameserver_check(service, peers, &peers->list[i],
			    is_ours ? &service->expected : &service->found,
			    is_ours ? "ours" : "the one looked up");
}

void
check_nameservers(struct check *check, struct check_service *service)
{
	struct texts hosts = { 0 };
	struct problem problem;
	struct dname apex;
	struct peers peers = { .zone = &apex, .deadline = check->deadline };
	char *name;

	/* Nothing is known of the zone, or it is named already. */
	if (!service->is_online || service->dns == NULL ||
	    strcmp(service->dns, "no answer") == 0 ||
	    strcmp(service->dns, "bogus") == 0)
		return;
	/* Without its CNAME, the alias is not what clients are led to. */
	if (service->service != NULL && service->service->is_alias &&
	    dname_equal(&service->owner, &service->asked))
		return;
	if (!peers_apex(
		check->resolver, &service->owner, &apex, &hosts, &problem)) {
		finding_add(&service->findings, FINDING_ZONE_UNREACHED,
		    service->subject,
		    "let this machine ask the Internet's name servers",
		    "its zone cannot be found: %s", problem.text);
		return;
	}
	name = dname_text(&apex);
	peers.zone_name = name;
	peers_check(check, service, &peers, &hosts);
	peers_fini(&peers);
	texts_fini(&hosts);
	free(name);
}
