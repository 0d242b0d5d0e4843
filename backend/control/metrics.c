/* SPDX-License-Identifier: MIT */
#include "control/metrics.h"

#include <assert.h>
#include <string.h>

#include "cli/output.h"
#include "control/member.h"
#include "tlsrpt/tally.h"

/* How the value of a metric is found in an item. */
enum value {
	VALUE_NUMBER,
	VALUE_OPTION,  /* a number; left out if there is none */
	VALUE_TRUTH,   /* 1 or 0 */
	VALUE_PRESENT, /* 1 if there is a text */
	VALUE_DATE,    /* seconds since 1970; left out if there is none */
	VALUE_LABEL,   /* the text itself, beside a 1 */
};

struct metric {
	const char *list;   /* of the status */
	const char *member; /* of an item */
	enum value value;
	const char *name;
	const char *type;
	const char *help;
};

static const struct metric rows[] = {
	{ "self", "version", VALUE_LABEL, "build_info", "gauge",
	    "The version." },
	{ "self", "ready", VALUE_TRUTH, "ready", "gauge",
	    "Whether all certificates were read once." },
	{ "self", "started", VALUE_DATE, "start_time_seconds", "gauge",
	    "When the daemon started." },
	{ "configuration", "problem", VALUE_PRESENT, "config_problem", "gauge",
	    "Whether the configuration file is wrong, and an earlier one "
	    "used." },
	{ "counters", "requests", VALUE_NUMBER, "requests_total", "counter",
	    "Requests of PowerDNS." },
	{ "counters", "refused", VALUE_NUMBER, "requests_refused_total",
	    "counter", "Requests that made no sense." },
	{ "counters", "failed", VALUE_NUMBER, "requests_failed_total",
	    "counter", "Requests answered by cannot tell." },
	{ "counters", "publications", VALUE_NUMBER, "publications_total",
	    "counter", "Snapshots of answers made." },
	{ "counters", "rrset_changes", VALUE_NUMBER, "rrset_changes_total",
	    "counter", "TLSA RRsets that changed." },
	{ "counters", "reloads", VALUE_NUMBER, "reloads_total", "counter",
	    "Reloads of the configuration that were good." },
	{ "sources", "problem", VALUE_PRESENT, "source_problem", "gauge",
	    "Whether a source cannot be read." },
	{ "lineages", "problem", VALUE_PRESENT, "lineage_problem", "gauge",
	    "Whether the files of a lineage cannot be used." },
	{ "lineages", "deleted", VALUE_TRUTH, "lineage_deleted", "gauge",
	    "Whether a lineage was deleted and is retained." },
	{ "lineages", "not_after", VALUE_DATE,
	    "lineage_not_after_timestamp_seconds", "gauge",
	    "When the current leaf expires." },
	{ "lineages", "safe", VALUE_TRUTH, "lineage_safe", "gauge",
	    "Whether the newest generation is safe to serve." },
	{ "lineages", "remaining", VALUE_NUMBER,
	    "lineage_safe_remaining_seconds", "gauge",
	    "Time until the newest generation is safe to serve." },
	{ "services", "records", VALUE_NUMBER, "service_records", "gauge",
	    "TLSA records published." },
	{ "services", "cut", VALUE_NUMBER, "service_records_cut", "gauge",
	    "TLSA records left out by max-records." },
	{ "services", "protected", VALUE_TRUTH, "service_protected", "gauge",
	    "Whether the next renewal cannot break it." },
	{ "services", "concern", VALUE_PRESENT, "service_concern", "gauge",
	    "Whether somebody should look after it." },
	{ "zones", "serial", VALUE_NUMBER, "zone_serial", "gauge",
	    "SOA serial." },
	{ "zones", "notified", VALUE_NUMBER, "zone_notified_serial", "gauge",
	    "Serial that secondaries were notified of." },
	{ "zones", "asked", VALUE_DATE, "zone_servers_asked_timestamp_seconds",
	    "gauge", "When the name servers were asked last." },
	{ "zones", "behind", VALUE_OPTION, "zone_servers_behind", "gauge",
	    "Name servers that did not serve the newest serial then." },
	{ "mailbox", "problem", VALUE_PRESENT, "reports_problem", "gauge",
	    "Whether TLS reports cannot be read." },
	{ "reports", "reports", VALUE_NUMBER, "reports", "gauge",
	    "TLS reports of the time that is looked back." },
	{ "reports", "unread", VALUE_NUMBER, "reports_unread", "gauge",
	    "Mails and files that should be TLS reports and cannot be "
	    "read." },
	{ "reports", "to", VALUE_DATE, "reports_last_timestamp_seconds",
	    "gauge", "End of the time that the last TLS report is of." },
	{ "good", "good", VALUE_NUMBER, "reports_sessions_good", "gauge",
	    "Sessions that senders reported as good, of that time." },
	{ "failed", "sessions", VALUE_NUMBER, "reports_sessions_failed",
	    "gauge", "Sessions that senders reported as failed, likewise." },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
static_assert((int)ROWS <= (int)METRICS_MAX, "a buffer each");

/* Append a label with its value escaped, behind "{" or another one. */
static void
label_add(struct buf *text, char before, const char *name, const char *value)
{
	buf_add(text, &before, 1);
	buf_add_format(text, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			buf_add_string(text, "\\n");
		else if (*value == '"' || *value == '\\')
			buf_add_format(text, "\\%c", *value);
		else
			buf_add(text, value, 1);
	}
	buf_add_string(text, "\"");
}

/* Which one it is of its list. */
static void
labels_add(struct buf *text, const char *list, const json_t *item)
{
	char port[32];

	if (strcmp(list, "services") == 0) {
		(void)snprintf(port, sizeof(port), "%lld/%s",
		    number_of(item, "port"), text_of(item, "transport"));
		label_add(text, '{', "host", text_of(item, "host"));
		label_add(text, ',', "port", port);
	} else if (strcmp(list, "lineages") == 0) {
		label_add(text, '{', "lineage", text_of(item, "name"));
		label_add(text, ',', "source", text_of(item, "source"));
	} else if (strcmp(list, "sources") == 0) {
		label_add(text, '{', "source", text_of(item, "path"));
	} else if (strcmp(list, "zones") == 0) {
		label_add(text, '{', "zone", text_of(item, "name"));
	} else if (strcmp(list, "good") == 0) {
		label_add(text, '{', "policy", text_of(item, "policy"));
	} else if (strcmp(list, "failed") == 0) {
		label_add(text, '{', "policy", text_of(item, "policy"));
		label_add(text, ',', "result", text_of(item, "result"));
	} else {
		return;
	}
	buf_add_string(text, "}");
}

static long long
value_of(const struct metric *row, const json_t *item)
{
	switch (row->value) {
	case VALUE_TRUTH:
		return is_true(item, row->member);
	case VALUE_PRESENT:
		return text_of(item, row->member)[0] != '\0';
	case VALUE_DATE:
		return output_date_read(text_of(item, row->member));
	case VALUE_LABEL:
		return 1;
	case VALUE_NUMBER:
	case VALUE_OPTION:
		break;
	}
	return number_of(item, row->member);
}

static void
sample_add(struct buf *text, const struct metric *row, const json_t *item)
{
	long long value = value_of(row, item);

	if ((row->value == VALUE_DATE && value < 0) ||
	    (row->value == VALUE_OPTION &&
		!json_is_integer(json_object_get(item, row->member))))
		return;
	buf_add_format(text, "pdns_tlsa_%s", row->name);
	if (row->value == VALUE_LABEL) {
		label_add(text, '{', row->member, text_of(item, row->member));
		buf_add_string(text, "}");
	}
	labels_add(text, row->list, item);
	buf_add_format(text, " %lld\n", value);
}

void
metrics_add(struct metrics *metrics, const char *list, const json_t *item)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].list, list) == 0)
			sample_add(
			    pile_tail(&metrics->samples[i]), &rows[i], item);
}

/* Each result that there may be, so that no series comes and goes. */
static void
failed_add(struct metrics *metrics, const json_t *sessions)
{
	const json_t *failed = json_object_get(sessions, "failed");

	for (unsigned i = 0; i < TLSRPT_RESULTS; i++) {
		const char *result = tlsrpt_result_word(i);
		json_t *item = json_pack("{s:s,s:s,s:I}", "policy",
		    text_of(sessions, "policy"), "result", result, "sessions",
		    (json_int_t)number_of(failed, result));

		metrics_add(metrics, "failed", item);
		json_decref(item);
	}
}

/* Nothing is known before the first look. */
static void
reports_add(struct metrics *metrics, const json_t *reports)
{
	const json_t *sessions = json_object_get(reports, "sessions");

	if (!json_is_object(reports))
		return;
	metrics_add(metrics, "mailbox", reports);
	if (text_of(reports, "read")[0] == '\0')
		return;
	metrics_add(metrics, "reports", reports);
	for (size_t i = 0; i < json_array_size(sessions); i++) {
		const json_t *item = json_array_get(sessions, i);

		metrics_add(metrics, "good", item);
		failed_add(metrics, item);
	}
}

void
metrics_begin(struct metrics *metrics, const json_t *status)
{
	const json_t *sources = json_object_get(status, "sources");

	*metrics = (struct metrics){ .samples = { { .blocks = NULL } } };
	metrics_add(metrics, "self", status);
	metrics_add(
	    metrics, "configuration", json_object_get(status, "configuration"));
	metrics_add(metrics, "counters", json_object_get(status, "counters"));
	for (size_t i = 0; i < json_array_size(sources); i++)
		metrics_add(metrics, "sources", json_array_get(sources, i));
	reports_add(metrics, json_object_get(status, "reports"));
}

/* All samples of a metric stand together, whatever came first. */
void
metrics_end(struct metrics *metrics, struct pile *text)
{
	for (size_t i = 0; i < ROWS; i++) {
		buf_add_format(pile_tail(text),
		    "# HELP pdns_tlsa_%s %s\n"
		    "# TYPE pdns_tlsa_%s %s\n",
		    rows[i].name, rows[i].help, rows[i].name, rows[i].type);
		pile_move(text, &metrics->samples[i]);
	}
}
