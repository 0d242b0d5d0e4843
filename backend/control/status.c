/* SPDX-License-Identifier: MIT */
#include "control/status.h"

#include <stdint.h>
#include <string.h>

#include "control/metrics.h"
#include "control/member.h"
#include "timeline/chart.h"
#include "timeline/wire.h"

enum { DAY = 86400 };

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
print_timeline(
    const json_t *service, const struct terminal *terminal, FILE *stream)
{
	struct timeline timeline;

	if (!timeline_read(json_object_get(service, "timeline"), &timeline))
		return;
	chart_print(&timeline, terminal, stream);
	timeline_fini(&timeline);
}

static void
print_services(
    const json_t *status, const struct terminal *terminal, FILE *stream)
{
	const json_t *list = json_object_get(status, "services");

	(void)fprintf(stream, "\n%-32s %-9s %7s %-20s %s\n", "SERVICE", "PORT",
	    "RECORDS", "NEXT CHANGE", "NEXT RENEWAL");
	for (size_t i = 0; i < json_array_size(list); i++) {
		print_service(json_array_get(list, i), stream);
		print_timeline(json_array_get(list, i), terminal, stream);
	}
}

static void
print_server(const json_t *zone, const json_t *server, FILE *stream)
{
	(void)fprintf(stream, "  %s (%s) ", text_of(server, "name"),
	    text_of(server, "address"));
	if (json_is_integer(json_object_get(server, "serial")))
		(void)fprintf(
		    stream, "served %lld, ", number_of(server, "serial"));
	(void)fprintf(stream, "%s, asked at %s\n", text_of(server, "state"),
	    text_of(zone, "asked"));
}

static void
print_zone(const json_t *zone, FILE *stream)
{
	const json_t *servers = json_object_get(zone, "servers");

	(void)fprintf(stream, "%-32s %10lld %10lld %7lld\n",
	    text_of(zone, "name"), number_of(zone, "serial"),
	    number_of(zone, "notified"), number_of(zone, "names"));
	for (size_t i = 0; i < json_array_size(servers); i++)
		print_server(zone, json_array_get(servers, i), stream);
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
print_reports(const json_t *reports, FILE *stream)
{
	if (!json_is_object(reports))
		return;
	(void)fprintf(stream, "\nTLS reports %s", text_of(reports, "path"));
	if (text_of(reports, "problem")[0] != '\0')
		(void)fprintf(stream, ": %s\n", text_of(reports, "problem"));
	else if (text_of(reports, "read")[0] == '\0')
		(void)fputs(": are being read\n", stream);
	else
		(void)fprintf(stream,
		    ": %lld of %lld days, the last one to %s; %lld sessions "
		    "good, %lld failed; %lld unread\n",
		    number_of(reports, "reports"),
		    number_of(reports, "since") / DAY,
		    text_of(reports, "to")[0] != '\0' ? text_of(reports, "to")
						      : "-",
		    number_of(reports, "good"), number_of(reports, "failed"),
		    number_of(reports, "unread"));
}

static void
print_error(const json_t *error, FILE *stream)
{
	(void)fprintf(
	    stream, "%s  %s\n", text_of(error, "time"), text_of(error, "text"));
}

void
status_print_table(
    const json_t *status, const struct terminal *terminal, FILE *stream)
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
	print_reports(json_object_get(status, "reports"), stream);
	if (json_object_get(status, "lineages") != NULL)
		(void)fprintf(stream, "\n%-32s %-8s %9s %-20s %s\n", "LINEAGE",
		    "STATE", "SAFE IN s", "VALID UNTIL", "ISSUER");
	each(status, "lineages", print_lineage, stream);
	print_services(status, terminal, stream);
	if (json_object_get(status, "zones") != NULL)
		(void)fprintf(stream, "\n%-32s %10s %10s %7s\n", "ZONE",
		    "SERIAL", "NOTIFIED", "NAMES");
	each(status, "zones", print_zone, stream);
	if (json_array_size(json_object_get(status, "errors")) > 0)
		(void)fputs("\nLAST WARNINGS AND ERRORS\n", stream);
	each(status, "errors", print_error, stream);
}

/* ---- for Prometheus ---- */

void
status_print_prometheus(const json_t *status, FILE *stream)
{
	static const char *const lists[] = { "lineages", "services", "zones" };
	struct metrics metrics;
	struct pile text = { 0 };

	metrics_begin(&metrics, status);
	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
		const json_t *list = json_object_get(status, lists[k]);

		for (size_t i = 0; i < json_array_size(list); i++)
			metrics_add(
			    &metrics, lists[k], json_array_get(list, i));
	}
	metrics_end(&metrics, &text);
	for (size_t i = 0; i < text.count; i++)
		(void)fwrite(
		    text.blocks[i].data, 1, text.blocks[i].len, stream);
	pile_fini(&text);
}
