/* SPDX-License-Identifier: MIT */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
check_resolve(struct check *check, const struct dname *name, ldns_rr_type type,
    struct resolved *ret_resolved)
{
	const struct deadline deadline = deadline_within(
	    &check->deadline, CHECK_ASK_MS);

	resolver_ask(check->resolver, name, type, &deadline, ret_resolved);
}

struct dane_verdict
check_verify(const struct check *check, const struct check_service *service,
    STACK_OF(X509) * chain, const struct texts *rrset, const char *usages)
{
	const struct dane_wish wish = {
		.chain = chain,
		.rrset = rrset,
		.usages = usages,
		.host = service->base,
		.domain = service->domain,
		.is_smtp = starttls_of_port(service->port.number) ==
			       STARTTLS_SMTP &&
			   service->port.transport == TRANSPORT_TCP,
		.now = check->now,
	};
	struct dane_verdict verdict;

	dane_verify(&wish, &verdict);
	return verdict;
}

bool
check_has_usage(const struct texts *rrset, char usage)
{
	for (size_t i = 0; i < rrset->count; i++)
		if (rrset->list[i][0] == usage)
			return true;
	return false;
}

/* Add a service without anything that we know of it. */
static struct check_service *
service_add(struct check *check, const char *host, struct port port)
{
	struct check_service *service;

	check->services = mem_resize(check->services, check->service_count + 1,
	    sizeof(*check->services));
	service = &check->services[check->service_count++];
	*service = (struct check_service){ .port = port,
		.host = mem_string(host),
		.base = mem_string(host),
		.expires = INT64_MAX };
	service->subject = mem_format("service '%s %u/%s'", host, port.number,
	    transport_text(port.transport));
	(void)dname_parse(host, strlen(host), &service->name);
	service->is_online = check->resolver != NULL &&
			     check->service_count <= CHECK_ONLINE;
	return service;
}

void
check_add(struct check *check, size_t at)
{
	const struct service *ours = store_service(check->store, at);
	struct check_service *service = service_add(
	    check, ours->config->host, ours->port);
	const struct owner *owner;

	service->service = ours;
	store_view(check->store, at, check->now, &service->view);
	owner = service->view.owner;
	for (size_t i = 0; owner != NULL && i < owner->count; i++)
		texts_add(&service->expected, owner->rdata[i]->text);
}

/* Add our services of the host, or all; returns how many. */
static size_t
ours_add(struct check *check, const struct dname *host)
{
	size_t before = check->service_count;
	size_t count = store_service_count(check->store);

	for (size_t i = 0; i < count; i++) {
		const char *name = store_service(check->store, i)->config->host;
		struct dname own;

		if (host == NULL ||
		    (dname_parse(name, strlen(name), &own) == STATUS_OK &&
			dname_equal(host, &own)))
			check_add(check, i);
	}
	return check->service_count - before;
}

/* The mail server of a domain: ours, or one that we know nothing of. */
static void
mail_host_add(struct check *check, const char *host)
{
	const struct port port = { .number = 25, .transport = TRANSPORT_TCP };
	size_t before = check->service_count;
	struct dname name;

	if (dname_parse(host, strlen(host), &name) != STATUS_OK)
		return;
	if (ours_add(check, &name) == 0)
		(void)service_add(check, host, port);
	for (size_t i = before; i < check->service_count; i++)
		check->services[i].domain = check->domain;
}

static void
finding_mx(
    struct check *check, enum finding_kind kind, const struct resolved *mx)
{
	char *subject = mem_format("domain '%s'", check->domain);

	finding_add(&check->findings, kind, subject,
	    "look after the zone of the domain: its signatures, its DS record, "
	    "its name servers",
	    "its MX records are: %s%s%s", resolved_text(mx),
	    mx->reason.text[0] != '\0' ? ": " : "", mx->reason.text);
	free(subject);
}

/* An MX of "." says that there is no mail (RFC 7505). */
static void
finding_null(struct check *check)
{
	char *subject = mem_format("domain '%s'", check->domain);

	finding_add(&check->findings, FINDING_MX_NULL, subject,
	    "nothing, if that is meant",
	    "says that it takes no mail (null MX)");
	free(subject);
}

/* "10 mail.example.com.", each. */
static void
mx_add(struct check *check, const struct texts *mx)
{
	for (size_t i = 0; i < mx->count && i < CHECK_MX; i++) {
		const char *host = strchr(mx->list[i], ' ');

		if (host != NULL && strcmp(host + 1, ".") == 0)
			finding_null(check);
		else if (host != NULL)
			mail_host_add(check, host + 1);
	}
}

/* Whose servers take its mail? (RFC 5321 s5.1) */
static void
domain_add(struct check *check, const struct dname *domain)
{
	struct resolved mx;

	check->domain = dname_text(domain);
	check_resolve(check, domain, LDNS_RR_TYPE_MX, &mx);
	switch (mx.what) {
	case RESOLVED_DATA:
		if (!mx.is_secure)
			finding_mx(check, FINDING_MX_INSECURE, &mx);
		mx_add(check, &mx.rdata);
		break;
	case RESOLVED_NODATA:
		mail_host_add(check, check->domain);
		break;
	case RESOLVED_NXDOMAIN:
	case RESOLVED_BOGUS:
		finding_mx(check, FINDING_MX_FAILS, &mx);
		break;
	case RESOLVED_FAILED:
	case RESOLVED_TIMEOUT:
		finding_mx(check, FINDING_MX_UNREACHED, &mx);
		break;
	}
	resolved_fini(&mx);
}

void
check_select(struct check *check, const struct dname *host)
{
	if (ours_add(check, host) == 0 && host != NULL &&
	    check->resolver != NULL)
		domain_add(check, host);
	if (check->resolver != NULL && check->service_count > CHECK_ONLINE)
		finding_add(&check->findings, FINDING_LEFT_OUT, "services",
		    "name a host to look at it",
		    "%d of %zu are looked at online, in the order of the "
		    "configuration",
		    CHECK_ONLINE, check->service_count);
}

void
check_init(struct check *check, const struct config *config,
    const struct store *store, int64_t now)
{
	*check = (struct check){ .config = config,
		.store = store,
		.now = now,
		.warning = -1,
		.critical = -1 };
}

static void
service_fini(struct check_service *service)
{
	if (service->service != NULL)
		service_view_fini(&service->view);
	for (size_t i = 0; i < service->probe_count; i++)
		probe_fini(&service->probes[i].probe);
	free(service->probes);
	free(service->host);
	free(service->base);
	free(service->subject);
	texts_fini(&service->expected);
	texts_fini(&service->found);
	texts_fini(&service->addresses);
	findings_fini(&service->findings);
}

void
check_fini(struct check *check)
{
	for (size_t i = 0; i < check->service_count; i++)
		service_fini(&check->services[i]);
	free(check->services);
	for (size_t i = 0; i < check->report_count; i++)
		free(check->reports[i].domain);
	free(check->reports);
	free(check->domain);
	resolver_free(check->resolver);
	findings_fini(&check->findings);
}
