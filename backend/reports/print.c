/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/plain.h"
#include "cli/output.h"
#include "history.h"
#include "verdict.h"

/* One run of the command. */
struct report_view {
	const struct collection *collection;
	const struct store *store; /* or NULL */
	int64_t now;
	struct findings *verdicts; /* of each fault, the one finding */
};

/* ---- the worst of all ---- */

static const struct findings *
worst_find(const struct report_view *view)
{
	const struct findings *worst = &view->collection->findings;

	for (size_t i = 0; i < view->collection->sums.fault_count; i++)
		if (findings_worst(&view->verdicts[i]) > findings_worst(worst))
			worst = &view->verdicts[i];
	return worst;
}

static json_t *
history_of(const struct report_view *view, size_t at)
{
	const struct tlsrpt_fault *fault = &view->collection->sums.faults[at];

	return view->store != NULL && !verdict_is_sts(fault)
		   ? history_tell(view->store, fault, view->now)
		   : json_null();
}

/* ---- for people and monitoring ---- */

/* A '|' would begin the performance data (of plugins for monitoring). */
static void
text_print(const char *text, FILE *stream)
{
	for (; *text != '\0'; text++)
		(void)fputc(*text == '|' ? '/' : *text, stream);
}

static void
summary_print(const struct report_view *view, FILE *stream)
{
	const struct tlsrpt_sums *sums = &view->collection->sums;
	const struct findings *worst = worst_find(view);
	const char *word = findings_word(worst);

	(void)fputs("TLSRPT ", stream);
	for (const char *c = word; *c != '\0'; c++)
		(void)fputc(*c - 'a' + 'A', stream);
	(void)fprintf(stream,
	    ": %zu report%s: %lld session%s good, %lld failed", sums->reports,
	    sums->reports == 1 ? "" : "s", (long long)sums->good,
	    sums->good == 1 ? "" : "s", (long long)sums->failed);
	for (size_t i = 0; strcmp(word, "ok") != 0 && i < worst->count; i++) {
		const struct finding *finding = &worst->list[i];

		if (finding_severity(finding->kind) != findings_worst(worst))
			continue;
		(void)fputs("; ", stream);
		text_print(finding->subject, stream);
		(void)fputs(": ", stream);
		text_print(finding->what, stream);
		break;
	}
	(void)fprintf(stream,
	    " | reports=%zu good=%lld failed=%lld unread=%zu\n", sums->reports,
	    (long long)sums->good, (long long)sums->failed,
	    view->collection->unread);
}

static void
sender_print(const struct tlsrpt_sender *sender, FILE *stream)
{
	char from[OUTPUT_DATE_SIZE], to[OUTPUT_DATE_SIZE];
	struct plain name = plain_of(sender->organization);
	struct plain domain = plain_of(sender->domain);

	output_date(sender->from, from, sizeof(from));
	output_date(sender->to, to, sizeof(to));
	(void)fprintf(stream, "%-24s  %-15s  %-24s  %8lld  %8lld  %s  %s\n",
	    name.text[0] != '\0' ? name.text : "(no name)",
	    tlsrpt_type_word(sender->type),
	    domain.text[0] != '\0' ? domain.text : "-", (long long)sender->good,
	    (long long)sender->failed, from, to);
}

static void
fault_print(const struct report_view *view, size_t at, FILE *stream)
{
	json_t *history = history_of(view, at);

	findings_lines(&view->verdicts[at], "", stream);
	for (size_t i = 0; i < json_array_size(history); i++)
		(void)fprintf(stream, "          %s\n",
		    json_string_value(json_array_get(history, i)));
	json_decref(history);
}

static void
table_print(const struct report_view *view, FILE *stream)
{
	const struct tlsrpt_sums *sums = &view->collection->sums;

	summary_print(view, stream);
	if (sums->sender_count > 0)
		(void)fprintf(stream,
		    "%-24s  %-15s  %-24s  %8s  %8s  %-20s  "
		    "%s\n",
		    "SENDER", "POLICY", "DOMAIN", "GOOD", "FAILED", "FROM",
		    "TO");
	for (size_t i = 0; i < sums->sender_count; i++)
		sender_print(&sums->senders[i], stream);
	for (size_t i = 0; i < sums->fault_count; i++)
		fault_print(view, i, stream);
	findings_lines(&view->collection->findings, "", stream);
}

/* ---- for programs ---- */

static json_t *
sender_json(const struct tlsrpt_sender *sender)
{
	return json_pack("{s:o,s:s,s:o,s:I,s:I,s:o,s:o}", "organization",
	    output_json_text(sender->organization), "policy",
	    tlsrpt_type_word(sender->type), "domain",
	    output_json_text(sender->domain), "good", (json_int_t)sender->good,
	    "failed", (json_int_t)sender->failed, "from",
	    output_json_date(sender->from), "to", output_json_date(sender->to));
}

static json_t *
fault_json(const struct report_view *view, size_t at)
{
	const struct tlsrpt_fault *fault = &view->collection->sums.faults[at];

	return json_pack("{s:o,s:o,s:o,s:s,s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o}",
	    "host", output_json_text(fault->mx), "result",
	    output_json_text(fault->result), "organization",
	    output_json_text(fault->organization), "policy",
	    tlsrpt_type_word(fault->type), "domain",
	    output_json_text(fault->domain), "reason",
	    output_json_text(fault->reason), "sessions",
	    (json_int_t)fault->sessions, "from", output_json_date(fault->from),
	    "to", output_json_date(fault->to), "seen",
	    output_json_texts(&fault->seen), "history", history_of(view, at),
	    "findings", findings_json(&view->verdicts[at]));
}

static json_t *
view_json(const struct report_view *view)
{
	const struct collection *collection = view->collection;
	const struct tlsrpt_sums *sums = &collection->sums;
	json_t *senders = json_array();
	json_t *failures = json_array();

	for (size_t i = 0; i < sums->sender_count; i++)
		json_array_append_new(senders, sender_json(&sums->senders[i]));
	for (size_t i = 0; i < sums->fault_count; i++)
		json_array_append_new(failures, fault_json(view, i));
	return json_pack(
	    "{s:s,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o}",
	    "status", findings_word(worst_find(view)), "now",
	    output_json_date(view->now), "reports", (json_int_t)sums->reports,
	    "duplicates", (json_int_t)sums->duplicates, "older",
	    (json_int_t)collection->old, "mails_without",
	    (json_int_t)collection->others, "unread",
	    (json_int_t)collection->unread, "good", (json_int_t)sums->good,
	    "failed", (json_int_t)sums->failed, "from",
	    sums->reports > 0 ? output_json_date(sums->from) : json_null(),
	    "to", sums->reports > 0 ? output_json_date(sums->to) : json_null(),
	    "senders", senders, "failures", failures, "findings",
	    findings_json(&collection->findings));
}

int
reports_print(const struct collection *collection, const struct store *store,
    int64_t now, enum format format, FILE *stream)
{
	size_t count = collection->sums.fault_count;
	struct report_view view = { .collection = collection,
		.store = store,
		.now = now,
		.verdicts = mem_array(count + 1, sizeof(*view.verdicts)) };
	json_t *root = NULL;
	int status;

	for (size_t i = 0; i < count; i++)
		verdict_add(&view.verdicts[i], &collection->sums.faults[i]);
	status = findings_exit_status(worst_find(&view));
	if (format == FORMAT_JSON)
		root = view_json(&view);
	else
		table_print(&view, stream);
	for (size_t i = 0; i < count; i++)
		findings_fini(&view.verdicts[i]);
	free(view.verdicts);
	return output_end(stream, root) ? status : EXIT_UNKNOWN;
}
