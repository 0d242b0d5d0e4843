/* SPDX-License-Identifier: MIT */
/* The result of `check`, for monitoring, people and programs. */
#include "check/check.h"

#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "cli/output.h"
#include "timeline/chart.h"

/* What is counted: "ok" and the words of severities that count. */
static const char *const words[] = { "ok", "warning", "unknown", "critical" };

enum { WORDS = sizeof(words) / sizeof(words[0]) };

static size_t
count_of(const struct check *check, const char *word)
{
	size_t count = 0;

	for (size_t i = 0; i < check->service_count; i++)
		count += strcmp(findings_word(&check->services[i].findings),
			     word) == 0;
	return count;
}

/* The findings that are the worst of all, and the first such. */
static const struct findings *
worst_find(const struct check *check)
{
	for (size_t w = WORDS - 1; w > 0; w--) {
		if (strcmp(findings_word(&check->findings), words[w]) == 0)
			break;
		for (size_t i = 0; i < check->service_count; i++)
			if (strcmp(findings_word(&check->services[i].findings),
				words[w]) == 0)
				return &check->services[i].findings;
	}
	return &check->findings;
}

static int64_t
first_expiry(const struct check *check)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < check->service_count; i++)
		if (check->services[i].expires < first)
			first = check->services[i].expires;
	return first;
}

/* A '|' would begin the performance data, a line feed end the summary. */
static void
text_print(const char *text, FILE *stream)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		(void)fputc(c == '|' ? '/' : c < ' ' ? ' ' : c, stream);
	}
}

/* The first finding that made it so. */
static void
cause_print(const struct findings *findings, const char *word, FILE *stream)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (strcmp(severity_word(finding_severity(finding->kind)),
			word) != 0)
			continue;
		(void)fputs("; ", stream);
		text_print(finding->subject, stream);
		(void)fputs(": ", stream);
		text_print(finding->what, stream);
		return;
	}
}

/* As the guidelines for monitoring plugins have it. */
static void
performance_print(const struct check *check, int64_t duration_ms, FILE *stream)
{
	int64_t first = first_expiry(check);

	(void)fprintf(stream, " | services=%zu", check->service_count);
	for (size_t i = 0; i < WORDS; i++)
		(void)fprintf(
		    stream, " %s=%zu", words[i], count_of(check, words[i]));
	if (first != INT64_MAX) {
		(void)fprintf(
		    stream, " expiry=%llds;", (long long)(first - check->now));
		if (check->warning >= 0)
			(void)fprintf(
			    stream, "%lld:", (long long)check->warning);
		(void)fputc(';', stream);
		if (check->critical >= 0)
			(void)fprintf(
			    stream, "%lld:", (long long)check->critical);
	}
	(void)fprintf(stream, " time=%lld.%03llds\n",
	    (long long)(duration_ms / 1000), (long long)(duration_ms % 1000));
}

static void
summary_print(const struct check *check, int64_t duration_ms, FILE *stream)
{
	const struct findings *findings = worst_find(check);
	const char *worst = findings_word(findings);
	const char *separator = ": ";

	(void)fputs("TLSA ", stream);
	for (const char *c = worst; *c != '\0'; c++)
		(void)fputc(*c - 'a' + 'A', stream);
	(void)fprintf(stream, ": %zu service%s", check->service_count,
	    check->service_count == 1 ? "" : "s");
	for (size_t i = WORDS; i > 0; i--) {
		size_t count = count_of(check, words[i - 1]);

		if (count == 0)
			continue;
		(void)fprintf(
		    stream, "%s%zu %s", separator, count, words[i - 1]);
		separator = ", ";
	}
	if (strcmp(worst, "ok") != 0)
		cause_print(findings, worst, stream);
	performance_print(check, duration_ms, stream);
}

/* How many addresses presented something, and how many were tried. */
static size_t
presented_count(const struct check_service *service)
{
	size_t count = 0;

	for (size_t i = 0; i < service->probe_count; i++)
		count += service->probes[i].probe.outcome == PROBE_PRESENTED;
	return count;
}

/* Which address presents what, where that is not one lineage's. */
static void
presented_print(const struct check_service *service, FILE *stream)
{
	const struct lineage *first = NULL;
	bool has_several = false;

	for (size_t i = 0; i < service->probe_count; i++) {
		const struct lineage *lineage = service->probes[i].lineage;

		if (first == NULL)
			first = lineage;
		has_several |= lineage != NULL && lineage != first;
	}
	for (size_t i = 0; has_several && i < service->probe_count; i++) {
		const struct check_probe *probe = &service->probes[i];

		if (probe->lineage != NULL)
			(void)fprintf(stream,
			    "  address '%s', %s: presents lineage '%s'\n",
			    probe->probe.server.address,
			    key_algorithm_text(probe->probe.algorithm),
			    probe->lineage->name);
	}
}

/* For people, of what somebody has to look after. */
static void
service_draw(const struct check *check, const struct check_service *service,
    FILE *stream)
{
	const struct terminal terminal = terminal_of(stream);
	struct timeline timeline;

	if (service->service == NULL || !terminal.is_terminal ||
	    findings_worst(&service->findings) == SEVERITY_NOTE)
		return;
	timeline_init(&timeline, &service->view, check->now);
	chart_print(&timeline, &terminal, stream);
	timeline_fini(&timeline);
}

static void
service_print(const struct check_service *service, FILE *stream)
{
	const struct texts *rrset = service->service != NULL
					? &service->expected
					: &service->found;
	char date[OUTPUT_DATE_SIZE];

	(void)fprintf(stream, "%-8s  %s %u/%s: %zu record%s",
	    findings_word(&service->findings), service->host,
	    service->port.number, transport_text(service->port.transport),
	    rrset->count, rrset->count == 1 ? "" : "s");
	if (service->expires != INT64_MAX) {
		output_date(service->expires, date, sizeof(date));
		(void)fprintf(stream, ", valid until %s", date);
	}
	if (service->dns != NULL)
		(void)fprintf(stream, ", in the DNS: %s", service->dns);
	if (service->probe_count > 0)
		(void)fprintf(stream, ", presented %zu times at %zu addresses",
		    presented_count(service), service->addresses.count);
	(void)fputc('\n', stream);
	presented_print(service, stream);
	findings_lines(&service->findings, "  ", stream);
}

/* The record that would do, "NAME TTL IN TXT ...", for a domain with dot. */
static void
report_format(const char *domain, struct buf *line)
{
	buf_add_format(line,
	    "_smtp._tls.%s 3600 IN TXT \"v=TLSRPTv1; "
	    "rua=mailto:tls-reports@%.*s\"",
	    domain, (int)strlen(domain) - 1, domain);
}

/* Who runs a mail server does not hear of it else that it is refused. */
static void
report_print(const struct check_report *report, FILE *stream)
{
	struct buf line = { 0 };

	if (report->rua != RUA_MISSING)
		return;
	report_format(report->domain, &line);
	(void)fprintf(stream,
	    "note      domain '%s': has no record at _smtp._tls; senders that "
	    "refuse a server by DANE report to nobody (RFC 8460); publish one "
	    "there, and in each domain that has its mail here, with an address "
	    "that is read:\n%s\n",
	    report->domain, buf_text(&line));
	buf_fini(&line);
}

static json_t *
report_json(const struct check_report *report)
{
	struct buf line = { 0 };
	json_t *json;

	report_format(report->domain, &line);
	json = json_pack("{s:s,s:s,s:s?}", "domain", report->domain, "state",
	    rua_word(report->rua), "publish",
	    report->rua == RUA_MISSING ? buf_text(&line) : NULL);
	buf_fini(&line);
	return json;
}

static json_t *
asn1_date_json(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1
		   ? output_json_date((int64_t)timegm(&tm))
		   : json_null();
}

static json_t *
presented_json(const struct check_probe *probe)
{
	const X509 *leaf = sk_X509_value(probe->probe.chain, 0);
	struct buf digest = { 0 };
	json_t *json;

	buf_add_hex(&digest, probe->leaf, sizeof(probe->leaf));
	json = json_pack("{s:s,s:s,s:s,s:s,s:s?,s:o,s:i,s:s?,s:o}", "address",
	    probe->probe.server.address, "key_algorithm",
	    key_algorithm_text(probe->probe.algorithm), "tls",
	    probe->probe.version, "leaf", buf_text(&digest), "lineage",
	    probe->lineage != NULL ? probe->lineage->name : NULL, "not_after",
	    asn1_date_json(X509_get0_notAfter(leaf)), "certificates",
	    sk_X509_num(probe->probe.chain), "verdict",
	    probe->is_judged ? dane_word(probe->outcome) : NULL, "usage",
	    probe->is_judged && probe->usage >= 0 ? json_integer(probe->usage)
						  : json_null());
	buf_fini(&digest);
	return json;
}

static json_t *
service_json(const struct check_service *service)
{
	json_t *presented = json_array();

	for (size_t i = 0; i < service->probe_count; i++)
		if (service->probes[i].probe.outcome == PROBE_PRESENTED)
			json_array_append_new(
			    presented, presented_json(&service->probes[i]));
	return json_pack("{s:s,s:i,s:s,s:s?,s:s,s:o,s:o,s:s?,s:o,s:s,s:o,s:o,"
			 "s:o}",
	    "host", service->host, "port", service->port.number, "transport",
	    transport_text(service->port.transport), "domain", service->domain,
	    "status", findings_word(&service->findings), "expires",
	    output_json_date(service->expires), "published",
	    output_json_texts(&service->expected), "dns", service->dns,
	    "records", output_json_texts(&service->found), "base",
	    service->base, "addresses", output_json_texts(&service->addresses),
	    "presented", presented, "findings",
	    findings_json(&service->findings));
}

static json_t *
check_json(const struct check *check, const char *worst)
{
	json_t *services = json_array();
	json_t *reports = json_array();

	for (size_t i = 0; i < check->service_count; i++)
		json_array_append_new(
		    services, service_json(&check->services[i]));
	for (size_t i = 0; i < check->report_count; i++)
		json_array_append_new(reports, report_json(&check->reports[i]));
	return json_pack("{s:s,s:b,s:o,s:o,s:o,s:o,s:o}", "status", worst,
	    "online", check->is_online, "now", output_json_date(check->now),
	    "expires", output_json_date(first_expiry(check)), "services",
	    services, "tls_reports", reports, "findings",
	    findings_json(&check->findings));
}

int
check_print(const struct check *check, enum format format, int64_t duration_ms,
    FILE *stream)
{
	const char *worst = findings_word(worst_find(check));
	json_t *root = NULL;

	if (format == FORMAT_JSON) {
		root = check_json(check, worst);
	} else {
		summary_print(check, duration_ms, stream);
		for (size_t i = 0; i < check->service_count; i++) {
			service_print(&check->services[i], stream);
			service_draw(check, &check->services[i], stream);
		}
		findings_lines(&check->findings, "", stream);
		for (size_t i = 0; i < check->report_count; i++)
			report_print(&check->reports[i], stream);
	}
	return output_end(stream, root) ? findings_word_status(worst)
					: EXIT_UNKNOWN;
}
