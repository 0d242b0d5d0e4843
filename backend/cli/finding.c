/* SPDX-License-Identifier: MIT */
#include "cli/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/plain.h"
#include "cli/output.h"

static const struct {
	const char *word;
	enum severity severity;
	const char *why;
} kinds[] = {
#define X(id, word, severity, why) [id] = { word, SEVERITY_##severity, why },
	FINDING_TABLE(X)
#undef X
};

/* From the worst down, with the colour of each on a terminal. */
static const struct {
	const char *word;
	const char *colour;
	enum severity severity;
	int exit_status;
} severities[] = {
	{ "critical", "\033[1;31m", SEVERITY_CRITICAL, EXIT_CRITICAL },
	{ "unknown", "\033[35m", SEVERITY_UNKNOWN, EXIT_UNKNOWN },
	{ "warning", "\033[33m", SEVERITY_WARNING, EXIT_WARNING },
	{ "note", "", SEVERITY_NOTE, EXIT_OK },
};

enum { SEVERITIES = sizeof(severities) / sizeof(severities[0]) };

const char *
finding_word(enum finding_kind kind)
{
	return kinds[kind].word;
}

enum severity
finding_severity(enum finding_kind kind)
{
	return kinds[kind].severity;
}

const char *
severity_word(enum severity severity)
{
	size_t i = 0;

	while (severities[i].severity != severity)
		i++;
	return severities[i].word;
}

void
findings_fini(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->list[i].subject);
		free(findings->list[i].what);
		free(findings->list[i].mend);
	}
	free(findings->list);
	*findings = (struct findings){ 0 };
}

static bool
is_known(const struct findings *findings, enum finding_kind kind,
    const char *subject)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].kind == kind &&
		    strcmp(findings->list[i].subject, subject) == 0)
			return true;
	return false;
}

void
finding_add(struct findings *findings, enum finding_kind kind,
    const char *subject, const char *mend, const char *what, ...)
{
	char *plain = plain_text(subject, strlen(subject));
	struct problem text;
	va_list args;

	if (is_known(findings, kind, plain)) {
		free(plain);
		return;
	}
	va_start(args, what);
	(void)vsnprintf(text.text, sizeof(text.text), what, args);
	va_end(args);
	findings->list = mem_resize(
	    findings->list, findings->count + 1, sizeof(*findings->list));
	findings->list[findings->count++] = (struct finding){
		.kind = kind,
		.subject = plain,
		.what = plain_text(text.text, strlen(text.text)),
		.mend = plain_text(mend, strlen(mend)),
	};
}

static size_t
count_of(const struct findings *findings, enum severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += finding_severity(findings->list[i].kind) == severity;
	return count;
}

enum severity
findings_worst(const struct findings *findings)
{
	enum severity worst = SEVERITY_NOTE;

	for (size_t i = 0; i < findings->count; i++)
		if (finding_severity(findings->list[i].kind) > worst)
			worst = finding_severity(findings->list[i].kind);
	return worst;
}

const char *
findings_word(const struct findings *findings)
{
	enum severity worst = findings_worst(findings);

	return worst == SEVERITY_NOTE ? "ok" : severity_word(worst);
}

int
findings_word_status(const char *word)
{
	for (size_t s = 0; s < SEVERITIES; s++)
		if (strcmp(severities[s].word, word) == 0)
			return severities[s].exit_status;
	return EXIT_OK;
}

int
findings_exit_status(const struct findings *findings)
{
	return findings_word_status(findings_word(findings));
}

json_t *
finding_json(const struct finding *finding)
{
	return json_pack("{s:s,s:s,s:o,s:o,s:s,s:o}", "severity",
	    severity_word(finding_severity(finding->kind)), "kind",
	    finding_word(finding->kind), "subject",
	    output_json_text(finding->subject), "what",
	    output_json_text(finding->what), "why", kinds[finding->kind].why,
	    "mend", output_json_text(finding->mend));
}

json_t *
findings_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t s = 0; s < SEVERITIES; s++)
		for (size_t i = 0; i < findings->count; i++)
			if (finding_severity(findings->list[i].kind) ==
			    severities[s].severity)
				json_array_append_new(
				    list, finding_json(&findings->list[i]));
	return list;
}

static json_t *
doctor_json(const struct findings *findings, const struct findings_scope *scope)
{
	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:o}", "status",
	    findings_word(findings), "server", scope->server, "zones",
	    (json_int_t)scope->zones, "services", (json_int_t)scope->services,
	    "services_left_out", (json_int_t)scope->services_left_out,
	    "findings", findings_json(findings));
}

static void
finding_line(
    const struct finding *finding, size_t s, const char *indent, FILE *stream)
{
	bool is_coloured = output_is_coloured(stream);

	(void)fprintf(stream, "%s%s%-8s%s  %s: %s; %s; %s\n", indent,
	    is_coloured ? severities[s].colour : "", severities[s].word,
	    is_coloured ? "\033[0m" : "", finding->subject, finding->what,
	    kinds[finding->kind].why, finding->mend);
}

void
findings_lines(
    const struct findings *findings, const char *indent, FILE *stream)
{
	for (size_t s = 0; s < SEVERITIES; s++)
		for (size_t i = 0; i < findings->count; i++)
			if (finding_severity(findings->list[i].kind) ==
			    severities[s].severity)
				finding_line(
				    &findings->list[i], s, indent, stream);
}

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void
summary_line(const struct findings *findings,
    const struct findings_scope *scope, FILE *stream)
{
	(void)fprintf(stream, "%s: ", findings_word(findings));
	for (size_t s = 0; s < SEVERITIES; s++) {
		size_t count = count_of(findings, severities[s].severity);

		if (count > 0)
			(void)fprintf(
			    stream, "%zu %s, ", count, severities[s].word);
	}
	(void)fprintf(stream,
	    "%zu zone%s and %zu service%s at %s, %zu question%s in %lld.%lld "
	    "s\n",
	    scope->zones, plural(scope->zones), scope->services,
	    plural(scope->services), scope->server, scope->questions,
	    plural(scope->questions), (long long)(scope->duration_ms / 1000),
	    (long long)(scope->duration_ms % 1000 / 100));
}

bool
findings_print(const struct findings *findings,
    const struct findings_scope *scope, enum format format, FILE *stream)
{
	if (format == FORMAT_JSON)
		return output_end(stream, doctor_json(findings, scope));
	findings_lines(findings, "", stream);
	summary_line(findings, scope, stream);
	return output_end(stream, NULL);
}
