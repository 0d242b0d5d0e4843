/* SPDX-License-Identifier: MIT */
#include "control/status.h"

#include <stdint.h>
#include <string.h>

#include "cli/output.h"

/* Members of the daemon's JSON; what is missing is empty. */

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static long long
number_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static bool
is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

/* Call `print` for each item of a list. */
static void
each(const json_t *status, const char *name,
    void (*print)(const json_t *item, FILE *stream), FILE *stream)
{
	const json_t *list = json_object_get(status, name);

	for (size_t i = 0; i < json_array_size(list); i++)
		print(json_array_get(list, i), stream);
}

/* ---- for people ---- */

/* What matters most of a lineage. */
static const char *
lineage_state(const json_t *lineage)
{
	if (is_true(lineage, "deleted"))
		return "deleted";
	if (text_of(lineage, "problem")[0] != '\0')
		return "problem";
	if (text_of(lineage, "not_after")[0] == '\0')
		return "unread";
	return is_true(lineage, "safe") ? "safe" : "waiting";
}

static void
print_lineage(const json_t *lineage, FILE *stream)
{
	(void)fprintf(stream, "%-32s %-8s %9lld %-20s %s\n",
	    text_of(lineage, "name"), lineage_state(lineage),
	    number_of(lineage, "remaining"), text_of(lineage, "not_after"),
	    text_of(lineage, "issuer"));
	if (text_of(lineage, "problem")[0] != '\0')
		(void)fprintf(stream, "  %s\n", text_of(lineage, "problem"));
}

static void
print_service(const json_t *service, FILE *stream)
{
	(void)fprintf(stream, "%-32s %4lld/%-4s %7lld %-20s %s\n",
	    text_of(service, "host"), number_of(service, "port"),
	    text_of(service, "transport"), number_of(service, "records"),
	    text_of(service, "next_change"), text_of(service, "verdict"));
	if (text_of(service, "concern")[0] != '\0')
		(void)fprintf(stream, "  %s\n", text_of(service, "concern"));
}

static void
print_zone(const json_t *zone, FILE *stream)
{
	(void)fprintf(stream, "%-32s %10lld %10lld %7lld\n",
	    text_of(zone, "name"), number_of(zone, "serial"),
	    number_of(zone, "notified"), number_of(zone, "names"));
}

static void
print_locks(
    const json_t *status, const char *name, const char *who, FILE *stream)
{
	const json_t *list = json_object_get(status, name);

	(void)fprintf(stream, "who %s is locked in by", who);
	for (size_t i = 0; i < json_array_size(list); i++)
		(void)fprintf(stream, "%s %s", i > 0 ? "," : "",
		    json_string_value(json_array_get(list, i)));
	(void)fputs(json_array_size(list) > 0 ? "\n" : " nothing\n", stream);
}

static void
print_configuration(const json_t *configuration, FILE *stream)
{
	if (text_of(configuration, "problem")[0] != '\0')
		(void)fprintf(stream,
		    "\nconfiguration: %s; the last one that was right is "
		    "used\n",
		    text_of(configuration, "problem"));
}

static void
print_source(const json_t *source, FILE *stream)
{
	if (text_of(source, "problem")[0] != '\0')
		(void)fprintf(stream, "\nsource %s: %s\n",
		    text_of(source, "path"), text_of(source, "problem"));
}

static void
print_error(const json_t *error, FILE *stream)
{
	(void)fprintf(
	    stream, "%s  %s\n", text_of(error, "time"), text_of(error, "text"));
}

void
status_print_table(const json_t *status, FILE *stream)
{
	const json_t *counters = json_object_get(status, "counters");

	(void)fprintf(stream,
	    "pdns-tlsa %s, process %lld, files read by %lld, since %s, %s\n"
	    "%lld requests, %lld refused, %lld failed; %lld RRsets changed, "
	    "%lld reloads\n",
	    text_of(status, "version"), number_of(status, "pid"),
	    number_of(status, "reader"), text_of(status, "started"),
	    is_true(status, "ready") ? "ready" : "reading the certificates",
	    number_of(counters, "requests"), number_of(counters, "refused"),
	    number_of(counters, "failed"), number_of(counters, "rrset_changes"),
	    number_of(counters, "reloads"));
	print_locks(status, "confined", "answers", stream);
	print_locks(status, "reader_confined", "reads", stream);
	print_configuration(json_object_get(status, "configuration"), stream);
	each(status, "sources", print_source, stream);
	(void)fprintf(stream, "\n%-32s %-8s %9s %-20s %s\n", "LINEAGE", "STATE",
	    "SAFE IN s", "VALID UNTIL", "ISSUER");
	each(status, "lineages", print_lineage, stream);
	(void)fprintf(stream, "\n%-32s %-9s %7s %-20s %s\n", "SERVICE", "PORT",
	    "RECORDS", "NEXT CHANGE", "NEXT RENEWAL");
	each(status, "services", print_service, stream);
	(void)fprintf(stream, "\n%-32s %10s %10s %7s\n", "ZONE", "SERIAL",
	    "NOTIFIED", "NAMES");
	each(status, "zones", print_zone, stream);
	if (json_array_size(json_object_get(status, "errors")) > 0)
		(void)fputs("\nLAST WARNINGS AND ERRORS\n", stream);
	each(status, "errors", print_error, stream);
}

/* ---- for Prometheus ---- */

/* How the value of a metric is found in an item. */
enum value {
	VALUE_NUMBER,
	VALUE_TRUTH,   /* 1 or 0 */
	VALUE_PRESENT, /* 1 if there is a text */
	VALUE_DATE,    /* seconds since 1970; left out if there is none */
};

struct metric {
	const char *list;   /* of the status; NULL: the counters */
	const char *member; /* of an item */
	enum value value;
	const char *name;
	const char *type;
	const char *help;
};

static const struct metric metrics[] = {
	{ NULL, "requests", VALUE_NUMBER, "requests_total", "counter",
	    "Requests of PowerDNS." },
	{ NULL, "refused", VALUE_NUMBER, "requests_refused_total", "counter",
	    "Requests that made no sense." },
	{ NULL, "failed", VALUE_NUMBER, "requests_failed_total", "counter",
	    "Requests answered by cannot tell." },
	{ NULL, "publications", VALUE_NUMBER, "publications_total", "counter",
	    "Snapshots of answers made." },
	{ NULL, "rrset_changes", VALUE_NUMBER, "rrset_changes_total", "counter",
	    "TLSA RRsets that changed." },
	{ NULL, "reloads", VALUE_NUMBER, "reloads_total", "counter",
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
};

/* Append a label with its value escaped. */
static void
print_label(const char *name, const char *value, bool is_first, FILE *stream)
{
	(void)fprintf(stream, "%s%s=\"", is_first ? "" : ",", name);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			(void)fputs("\\n", stream);
		else if (*value == '"' || *value == '\\')
			(void)fprintf(stream, "\\%c", *value);
		else
			(void)fputc(*value, stream);
	}
	(void)fputc('"', stream);
}

static void
print_labels(const struct metric *metric, const json_t *item, FILE *stream)
{
	char port[32];

	if (metric->list == NULL)
		return;
	(void)fputc('{', stream);
	if (strcmp(metric->list, "services") == 0) {
		(void)snprintf(port, sizeof(port), "%lld/%s",
		    number_of(item, "port"), text_of(item, "transport"));
		print_label("host", text_of(item, "host"), true, stream);
		print_label("port", port, false, stream);
	} else if (strcmp(metric->list, "lineages") == 0) {
		print_label("lineage", text_of(item, "name"), true, stream);
		print_label("source", text_of(item, "source"), false, stream);
	} else if (strcmp(metric->list, "sources") == 0) {
		print_label("source", text_of(item, "path"), true, stream);
	} else {
		print_label("zone", text_of(item, "name"), true, stream);
	}
	(void)fputc('}', stream);
}

static long long
value_of(const struct metric *metric, const json_t *item)
{
	switch (metric->value) {
	case VALUE_TRUTH:
		return is_true(item, metric->member);
	case VALUE_PRESENT:
		return text_of(item, metric->member)[0] != '\0';
	case VALUE_DATE:
		return output_date_read(text_of(item, metric->member));
	case VALUE_NUMBER:
		break;
	}
	return number_of(item, metric->member);
}

static void
print_sample(const struct metric *metric, const json_t *item, FILE *stream)
{
	long long value = value_of(metric, item);

	if (metric->value == VALUE_DATE && value < 0)
		return;
	(void)fprintf(stream, "pdns_tlsa_%s", metric->name);
	print_labels(metric, item, stream);
	(void)fprintf(stream, " %lld\n", value);
}

static void
print_metric(const struct metric *metric, const json_t *status, FILE *stream)
{
	const json_t *list = metric->list != NULL
				 ? json_object_get(status, metric->list)
				 : NULL;

	(void)fprintf(stream,
	    "# HELP pdns_tlsa_%s %s\n# TYPE pdns_tlsa_%s %s\n", metric->name,
	    metric->help, metric->name, metric->type);
	if (metric->list == NULL)
		print_sample(
		    metric, json_object_get(status, "counters"), stream);
	for (size_t i = 0; i < json_array_size(list); i++)
		print_sample(metric, json_array_get(list, i), stream);
}

void
status_print_prometheus(const json_t *status, FILE *stream)
{
	(void)fputs("# HELP pdns_tlsa_build_info The version.\n"
		    "# TYPE pdns_tlsa_build_info gauge\n"
		    "pdns_tlsa_build_info{",
	    stream);
	print_label("version", text_of(status, "version"), true, stream);
	(void)fprintf(stream,
	    "} 1\n"
	    "# HELP pdns_tlsa_ready Whether all certificates were read once.\n"
	    "# TYPE pdns_tlsa_ready gauge\n"
	    "pdns_tlsa_ready %d\n"
	    "# HELP pdns_tlsa_start_time_seconds When the daemon started.\n"
	    "# TYPE pdns_tlsa_start_time_seconds gauge\n"
	    "pdns_tlsa_start_time_seconds %lld\n"
	    "# HELP pdns_tlsa_config_problem Whether the configuration file is "
	    "wrong, and an earlier one used.\n"
	    "# TYPE pdns_tlsa_config_problem gauge\n"
	    "pdns_tlsa_config_problem %d\n",
	    is_true(status, "ready"),
	    (long long)output_date_read(text_of(status, "started")),
	    text_of(json_object_get(status, "configuration"), "problem")[0] !=
		'\0');
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(&metrics[i], status, stream);
}
