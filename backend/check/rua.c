/* SPDX-License-Identifier: MIT */
/* Do mail domains ask to be told when senders refuse their servers? */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/peers.h"

enum { SMTP = 25 };

static bool
is_known(const struct check *check, const char *domain)
{
	for (size_t i = 0; i < check->report_count; i++)
		if (strcmp(check->reports[i].domain, domain) == 0)
			return true;
	return false;
}

static void
finding_several(struct check *check, const char *subject)
{
	finding_add(&check->findings, FINDING_TLSRPT_SEVERAL, subject,
	    "leave one TXT record there, with all addresses in its 'rua'",
	    "has several records at _smtp._tls");
}

static void
finding_malformed(
    struct check *check, const char *subject, const struct problem *problem)
{
	finding_add(&check->findings, FINDING_TLSRPT_MALFORMED, subject,
	    "write it as RFC 8460 section 3 has it: v=TLSRPTv1; "
	    "rua=mailto:ADDRESS",
	    "its record at _smtp._tls is malformed: %s", problem->text);
}

/* Look it up; what is not told, or cannot be validated, is not judged. */
static enum rua
report_find(
    struct check *check, const struct dname *asked, struct problem *problem)
{
	struct resolved found;
	enum rua rua = RUA_UNKNOWN;

	check_resolve(check, asked, LDNS_RR_TYPE_TXT, &found);
	if (found.what == RESOLVED_DATA)
		rua = rua_judge(&found.rdata, problem);
	else if (found.what == RESOLVED_NODATA ||
		 found.what == RESOLVED_NXDOMAIN)
		rua = RUA_MISSING;
	resolved_fini(&found);
	return rua;
}

static void
report_add(struct check *check, const char *domain)
{
	char *name = mem_format("_smtp._tls.%s", domain);
	char *subject = mem_format("domain '%s'", domain);
	struct problem problem = { "" };
	struct check_report report = { .domain = mem_string(domain) };
	struct dname asked;

	if (dname_parse(name, strlen(name), &asked) == STATUS_OK)
		report.rua = report_find(check, &asked, &problem);
	if (report.rua == RUA_SEVERAL)
		finding_several(check, subject);
	if (report.rua == RUA_MALFORMED)
		finding_malformed(check, subject, &problem);
	check->reports = mem_resize(
	    check->reports, check->report_count + 1, sizeof(*check->reports));
	check->reports[check->report_count++] = report;
	free(subject);
	free(name);
}

/*
 * Reports are sent to who is the domain of the recipient (RFC 8460 s3).  Where
 * we were not asked about one, the zone of the host stands for it: that is one
 * that has its mail there, or who runs the server.  NULL: cannot be told.
 */
static char *
domain_of(struct check *check, const struct check_service *service)
{
	struct texts hosts = { 0 };
	struct dname apex;
	bool is_told;

	if (service->domain != NULL)
		return mem_string(service->domain);
	is_told = peers_apex(
	    check->resolver, &service->name, &apex, &hosts, NULL);
	texts_fini(&hosts);
	return is_told ? dname_text(&apex) : NULL;
}

void
check_reports(struct check *check, struct check_service *service)
{
	char *domain;

	if (!service->is_online || service->port.number != SMTP ||
	    service->port.transport != TRANSPORT_TCP)
		return;
	domain = domain_of(check, service);
	if (domain != NULL && !is_known(check, domain))
		report_add(check, domain);
	free(domain);
}
