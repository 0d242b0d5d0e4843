/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/output.h"

#define CHECK  "pdns-tlsa check --online "
#define POLICY "/.well-known/mta-sts.txt"

/* What there is of RFC 8460 s4.3; anything else is as the last one. */
static const struct {
	const char *result;
	const char *mend;
	const char *behind;     /* the name, which follows that */
	enum finding_kind kind; /* under a policy of another type */
	bool of_domain;         /* whose name it is; or else the host's */
} rows[] = {
	{ "tlsa-invalid", CHECK, "", FINDING_REPORT_DANE, false },
	{ "dnssec-invalid", "pdns-tlsa doctor, and " CHECK, "",
	    FINDING_REPORT_DANE, false },
	{ "dane-required", CHECK, ": is there a TLSA record that validates",
	    FINDING_REPORT_DANE, false },
	{ "starttls-not-supported",
	    "see that STARTTLS is offered to everybody: " CHECK, "",
	    FINDING_REPORT_TLS, false },
	{ "certificate-expired", "was the server reloaded? " CHECK, "",
	    FINDING_REPORT_TLS, false },
	{ "certificate-host-mismatch",
	    "see which names the certificate has: " CHECK, "",
	    FINDING_REPORT_TLS, false },
	{ "sts-policy-fetch-error", "fetch https://mta-sts.", POLICY,
	    FINDING_REPORT_STS, true },
	{ "sts-policy-invalid", "read https://mta-sts.", POLICY,
	    FINDING_REPORT_STS, true },
	{ "sts-webpki-invalid",
	    "see which certificate there is at https://mta-sts.", POLICY,
	    FINDING_REPORT_STS, true },
	{ "validation-failure", "see what the server presents: " CHECK, "",
	    FINDING_REPORT_TLS, false },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static size_t
row_of(const char *result)
{
	size_t row = 0;

	while (row + 1 < ROWS && strcmp(rows[row].result, result) != 0)
		row++;
	return row;
}

bool
verdict_is_sts(const struct tlsrpt_fault *fault)
{
	return rows[row_of(fault->result)].kind == FINDING_REPORT_STS;
}

enum finding_kind
verdict_kind(const struct tlsrpt_fault *fault)
{
	size_t row = row_of(fault->result);

	if (rows[row].kind != FINDING_REPORT_TLS)
		return rows[row].kind;
	switch (fault->type) {
	case TLSRPT_TLSA:
		return FINDING_REPORT_DANE;
	case TLSRPT_STS:
		return FINDING_REPORT_STS;
	default:
		return FINDING_REPORT_TLS;
	}
}

/* A command is pasted: it has a name in it, or a word that stands for one. */
static const char *
name_or(const char *name, const char *word)
{
	size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_");

	return name[0] != '\0' && name[0] != '-' && name[plain] == '\0' ? name
									: word;
}

/* Postfix gives the name of the mail server for the domain of a DANE policy. */
const char *
verdict_host(const struct tlsrpt_fault *fault)
{
	return fault->mx[0] != '\0' ? fault->mx : fault->domain;
}

static char *
mend_of(const struct tlsrpt_fault *fault)
{
	size_t row = row_of(fault->result);

	return mem_format("%s%s%s", rows[row].mend,
	    rows[row].of_domain ? name_or(fault->domain, "DOMAIN")
				: name_or(verdict_host(fault), "HOST"),
	    rows[row].behind);
}

/* Whose failure it is; free() it. */
static char *
subject_of(const struct tlsrpt_fault *fault)
{
	const char *host = verdict_host(fault);

	return mem_format("%s: %s for '%s'",
	    host[0] != '\0' ? host : "a host that is not named", fault->result,
	    fault->organization);
}

/* What failed; `when` goes behind it. */
static void
add(struct findings *findings, const struct tlsrpt_fault *fault,
    const char *subject, const char *when)
{
	char *mend = mend_of(fault);

	finding_add(findings, verdict_kind(fault), subject, mend,
	    "%lld session%s failed%s under policy '%s' of '%s'%s%s",
	    (long long)fault->sessions, fault->sessions == 1 ? "" : "s", when,
	    tlsrpt_type_word(fault->type), fault->domain,
	    fault->reason[0] != '\0' ? ", reason " : "", fault->reason);
	free(mend);
}

void
verdict_add(struct findings *findings, const struct tlsrpt_fault *fault)
{
	char from[OUTPUT_DATE_SIZE], to[OUTPUT_DATE_SIZE];
	char *whose = subject_of(fault);
	char *subject;

	output_date(fault->from, from, sizeof(from));
	output_date(fault->to, to, sizeof(to));
	subject = mem_format("%s, %s to %s", whose, from, to);
	add(findings, fault, subject, "");
	free(subject);
	free(whose);
}

void
verdict_add_standing(
    struct findings *findings, const struct tlsrpt_fault *fault)
{
	char from[OUTPUT_DATE_SIZE], to[OUTPUT_DATE_SIZE];
	char *subject = subject_of(fault);
	char *when;

	output_date(fault->from, from, sizeof(from));
	output_date(fault->to, to, sizeof(to));
	when = mem_format(" from %s to %s", from, to);
	add(findings, fault, subject, when);
	free(when);
	free(subject);
}
