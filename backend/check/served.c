/* SPDX-License-Identifier: MIT */
/* What the servers present, at every address and with every kind of key. */
#include "check/check.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/output.h"

/* Each address is asked with each enum key_algorithm, in their order. */
enum { ALGORITHMS = KEY_OTHER + 1 };

static void
probes_make(struct check_service *service)
{
	size_t count = service->addresses.count;

	if (count > CHECK_ADDRESSES)
		count = CHECK_ADDRESSES;
	service->probes = mem_array(
	    count * ALGORITHMS + 1, sizeof(*service->probes));
	for (size_t i = 0; i < count * ALGORITHMS; i++) {
		struct probe *probe = &service->probes[i].probe;

		if (!dnsserver_parse(service->addresses.list[i / ALGORITHMS],
			&probe->server))
			continue;
		probe->server.port = service->port.number;
		probe->protocol = starttls_of_port(service->port.number);
		probe->name = service->base;
		probe->algorithm = (enum key_algorithm)(i % ALGORITHMS);
	}
	service->probe_count = count * ALGORITHMS;
}

static void
probes_run(struct check *check, struct check_service *service)
{
	struct probe *list = mem_array(service->probe_count + 1, sizeof(*list));

	for (size_t i = 0; i < service->probe_count; i++)
		list[i] = service->probes[i].probe;
	probe_run(list, service->probe_count, &check->deadline);
	for (size_t i = 0; i < service->probe_count; i++)
		service->probes[i].probe = list[i];
	free(list);
}

/* "address '192.0.2.25'", with the kind of key where that may differ. */
static char *
probe_subject(const struct check_probe *probe, bool has_key)
{
	return mem_format("address '%s'%s%s", probe->probe.server.address,
	    has_key ? ", " : "",
	    has_key ? key_algorithm_text(probe->probe.algorithm) : "");
}

/* No kind of key was presented: why not? */
static void
address_fails(struct check_service *service, const struct check_probe *probe)
{
	static const struct {
		enum finding_kind kind;
		const char *what;
		const char *mend;
	} failures[] = {
		[PROBE_UNREACHED] = { FINDING_CONNECT_FAILS,
		    "cannot be connected to",
		    "start the server there, or take the address record out" },
		[PROBE_BROKEN] = { FINDING_PROTOCOL_BROKEN,
		    "does not speak the protocol",
		    "see which program listens there, and its log" },
		[PROBE_NO_STARTTLS] = { FINDING_STARTTLS_MISSING,
		    "has no STARTTLS", "switch TLS on in the server" },
		[PROBE_NO_TLS] = { FINDING_TLS_FAILS,
		    "fails in the TLS handshake", "see the log of the server" },
	};
	char *subject = probe_subject(probe, false);
	enum probe_outcome outcome = probe->probe.outcome;

	if (outcome >= PROBE_UNREACHED && outcome < PROBE_PRESENTED)
		finding_add(&service->findings, failures[outcome].kind, subject,
		    failures[outcome].mend, "%s: %s", failures[outcome].what,
		    probe->probe.reason.text);
	free(subject);
}

/* The probes of one address; one that presented something counts. */
static void
address_check(struct check_service *service, const struct check_probe *probes)
{
	const struct check_probe *worst = &probes[0];

	for (size_t i = 0; i < ALGORITHMS; i++) {
		if (probes[i].probe.outcome == PROBE_PRESENTED)
			return;
		if (probes[i].probe.outcome > worst->probe.outcome)
			worst = &probes[i];
	}
	address_fails(service, worst);
}

static enum finding_kind
mismatch_kind(enum dane_outcome outcome)
{
	switch (outcome) {
	case DANE_NAME:
		return FINDING_SERVED_NAME;
	case DANE_EXPIRED:
		return FINDING_SERVED_EXPIRED;
	default:
		return FINDING_SERVED_MISMATCH;
	}
}

/* Each kind of record must match by itself (RFC 7671 s8). */
static void
usages_check(const struct check *check, struct check_service *service,
    STACK_OF(X509) * chain, const char *subject)
{
	static const char *const usages[] = { "2", "3" };

	for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
		struct dane_verdict verdict;

		if (!check_has_usage(&service->found, usages[i][0]))
			continue;
		verdict = check_verify(
		    check, service, chain, &service->found, usages[i]);
		if (verdict.outcome != DANE_OK)
			finding_add(&service->findings, FINDING_SERVED_PARTLY,
			    subject,
			    "publish it, or have the server present what is "
			    "published",
			    "no record of usage %s matches: %s", usages[i],
			    dane_text(verdict.outcome));
	}
}

/* Against the RRset that clients get. */
static void
match_check(const struct check *check, struct check_service *service,
    struct check_probe *probe, const char *subject)
{
	struct dane_verdict verdict = check_verify(
	    check, service, probe->probe.chain, &service->found, NULL);

	probe->is_judged = true;
	probe->outcome = verdict.outcome;
	probe->usage = verdict.usage;
	if (verdict.outcome == DANE_OK)
		usages_check(check, service, probe->probe.chain, subject);
	else
		finding_add(&service->findings, mismatch_kind(verdict.outcome),
		    subject,
		    "reload the server, or see pdns-tlsa show for what is "
		    "published and why",
		    "what it presents is refused: %s (%s)",
		    dane_text(verdict.outcome), verdict.reason);
}

/* Against what we publish, if clients get something else now. */
static void
ours_check(const struct check *check, struct check_service *service,
    const struct check_probe *probe, const char *subject)
{
	struct dane_verdict verdict = check_verify(
	    check, service, probe->probe.chain, &service->expected, NULL);

	if (verdict.outcome != DANE_OK)
		finding_add(&service->findings, FINDING_SERVED_UNPUBLISHED,
		    subject,
		    "have the server present the certificate on disk, whole "
		    "chain included",
		    "what it presents does not match what we publish: %s (%s)",
		    dane_text(verdict.outcome), verdict.reason);
}

enum leaf_age {
	LEAF_FOREIGN,
	LEAF_STALE,
	LEAF_GOOD,
};

static enum leaf_age
leaf_age(const struct lineage *lineage, const uint8_t *leaf)
{
	for (size_t i = 0; i < lineage->generation_count; i++) {
		const struct generation *generation = &lineage->generations[i];

		if (memcmp(generation->chain->leaf->part[CERT_SELECTOR_CERT]
			       .sha256,
			leaf, 32) == 0)
			return i == 0 ||
				       lineage_is_deployed(lineage, generation)
				   ? LEAF_GOOD
				   : LEAF_STALE;
	}
	return lineage_has_leaf(lineage, leaf) ? LEAF_GOOD : LEAF_FOREIGN;
}

/* Is it a leaf of the store, and which? */
static void
leaf_check(struct check_service *service, struct check_probe *probe,
    const char *subject)
{
	enum leaf_age best = LEAF_FOREIGN;

	for (size_t i = 0; i < service->view.readable; i++) {
		enum leaf_age age = leaf_age(
		    service->view.lineages[i], probe->leaf);

		if (age > best) {
			best = age;
			probe->lineage = service->view.lineages[i];
		}
	}
	probe->is_stale = best == LEAF_STALE;
	if (best == LEAF_STALE)
		finding_add(&service->findings, FINDING_STALE_LEAF, subject,
		    "reload the server: a process still has the old files",
		    "presents an old leaf of the lineage '%s'",
		    probe->lineage->name);
	else if (best == LEAF_FOREIGN)
		finding_add(&service->findings, FINDING_LEAF_UNKNOWN, subject,
		    "have the server read the store, or list its lineage",
		    "presents a leaf that is in no lineage of the service");
}

static void
dates_check(const struct check *check, struct check_service *service,
    const struct check_probe *probe, const char *subject)
{
	const X509 *leaf = sk_X509_value(probe->probe.chain, 0);
	const ASN1_TIME *end = X509_get0_notAfter(leaf);

	if (ASN1_TIME_cmp_time_t(end, (time_t)check->now) == -1)
		finding_add(&service->findings, FINDING_SERVED_EXPIRED, subject,
		    "renew it, and reload the server",
		    "the certificate that it presents has expired");
}

static void
presented_check(const struct check *check, struct check_service *service,
    struct check_probe *probe)
{
	char *subject = probe_subject(probe, true);

	dane_digest(sk_X509_value(probe->probe.chain, 0), probe->leaf);
	if (service->is_secure)
		match_check(check, service, probe, subject);
	if (service->expected.count > 0) {
		leaf_check(service, probe, subject);
		if (!texts_equal(&service->expected, &service->found))
			ours_check(check, service, probe, subject);
	}
	dates_check(check, service, probe, subject);
	if (!dane_has_issuer(probe->probe.chain) &&
	    (check_has_usage(&service->found, '2') ||
		check_has_usage(&service->expected, '2')))
		finding_add(&service->findings, FINDING_CHAIN_INCOMPLETE,
		    subject, "serve fullchain.pem, and not cert.pem",
		    "the certificate of the leaf's issuer is missing in what "
		    "it presents");
	free(subject);
}

/*
 * Several hosts behind one name, each with a certificate of its own: both are
 * what is to be served now.
 */
static bool
is_neighbour(const struct check_probe *one, const struct check_probe *other)
{
	return one->lineage != NULL && other->lineage != NULL &&
	       one->lineage != other->lineage && !one->is_stale &&
	       !other->is_stale;
}

/* One before it, of the same kind of key, with another leaf; or NULL. */
static const struct check_probe *
differing_find(const struct check_service *service, size_t first, size_t at)
{
	const struct check_probe *probe = &service->probes[at];

	for (size_t i = first; i < at; i += ALGORITHMS) {
		const struct check_probe *other = &service->probes[i];

		if (other->probe.outcome == PROBE_PRESENTED &&
		    memcmp(other->leaf, probe->leaf, sizeof(probe->leaf)) !=
			0 &&
		    !is_neighbour(other, probe))
			return other;
	}
	return NULL;
}

/* Do all addresses present the same leaf, for one kind of key? */
static void
addresses_compare(struct check_service *service, size_t first)
{
	for (size_t i = first; i < service->probe_count; i += ALGORITHMS) {
		const struct probe *probe = &service->probes[i].probe;
		const struct check_probe *other = NULL;

		if (probe->outcome == PROBE_PRESENTED)
			other = differing_find(service, first, i);
		if (other != NULL)
			finding_add(&service->findings,
			    FINDING_ADDRESSES_DIFFER, service->subject,
			    "reload the server that was forgotten, or give "
			    "both the same certificate",
			    "'%s' presents another certificate than '%s'",
			    probe->server.address, other->probe.server.address);
	}
}

static bool
is_presented(const struct check_service *service)
{
	for (size_t i = 0; i < service->probe_count; i++)
		if (service->probes[i].probe.outcome > PROBE_UNREACHED)
			return true;
	return false;
}

void
check_served(struct check *check, struct check_service *service)
{
	if (service->service != NULL && check->resolver != NULL &&
	    service->port.transport != TRANSPORT_TCP)
		finding_add(&service->findings, FINDING_NOT_PROBED,
		    service->subject, "look at it by other means",
		    "servers on %s are not connected to",
		    transport_text(service->port.transport));
	if (!service->is_online || service->addresses.count == 0 ||
	    service->port.transport != TRANSPORT_TCP)
		return;
	probes_make(service);
	probes_run(check, service);
	for (size_t i = 0; i < service->probe_count; i++)
		if (service->probes[i].probe.outcome == PROBE_PRESENTED)
			presented_check(check, service, &service->probes[i]);
	for (size_t i = 0; i < service->probe_count; i += ALGORITHMS)
		address_check(service, &service->probes[i]);
	for (size_t a = 0; a < ALGORITHMS; a++)
		addresses_compare(service, a);
	if (!is_presented(service) && !deadline_is_over(&check->deadline))
		finding_add(&service->findings, FINDING_CONNECT_NONE,
		    service->subject,
		    "start the server, or let this machine connect to it",
		    "no address can be connected to");
}
