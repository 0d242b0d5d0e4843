/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/installed.h"
#include "cli/output.h"
#include "issuers/load.h"
#include "look/look.h"
#include "loop/log.h"

static void
warn(void *arg, const char *text)
{
	(void)arg;
	log_line(LOG_LEVEL_WARNING, "issuers: %s", text);
}

static json_t *
json_hex(const uint8_t *octets, size_t len)
{
	struct buf text = { 0 };
	json_t *value;

	buf_add_hex(&text, octets, len);
	value = json_string(buf_text(&text));
	buf_fini(&text);
	return value;
}

static json_t *
issuer_json(const struct issuer *issuer)
{
	const struct cert *cert = issuer->cert;
	const struct cert_part *spki = &cert->part[CERT_SELECTOR_SPKI];

	return json_pack("{s:o,s:s,s:o,s:s,s:i,s:o,s:o,s:o}", "name",
	    output_json_text(issuer->name), "status",
	    issuer_status_text(issuer->status), "seen",
	    output_json_date(issuer->seen != 0 ? issuer->seen : INT64_MAX),
	    "key_algorithm", key_algorithm_text(cert->key_algorithm),
	    "key_bits", (int)cert->key_bits, "not_after",
	    output_json_date(cert->not_after), "spki_sha256",
	    json_hex(spki->sha256, sizeof(spki->sha256)), "spki_sha512",
	    json_hex(spki->sha512, 64));
}

static json_t *
set_json(const struct issuer_set *set, int64_t now)
{
	json_t *issuers = json_array();
	json_t *servers = json_array();
	struct problem concern;
	bool has_concern = issuer_set_concern(set, now, &concern);

	for (size_t i = 0; i < set->count; i++)
		json_array_append_new(issuers, issuer_json(&set->list[i]));
	for (size_t i = 0; i < set->server_count; i++)
		json_array_append_new(
		    servers, output_json_text(set->servers[i]));
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:o}", "name",
	    output_json_text(set->name), "provider",
	    output_json_text(set->provider), "file",
	    output_json_text(set->file), "source",
	    output_json_text(set->source), "date",
	    output_json_date(set->date != 0 ? set->date : INT64_MAX), "servers",
	    servers, "staging", set->is_staging, "concern",
	    output_json_text(has_concern ? concern.text : NULL), "issuers",
	    issuers);
}

/* Return the columns that a name needs; every character counts as one. */
static size_t
columns(const char *name)
{
	size_t count = 0;

	/* Octets that continue a character of UTF-8. */
	for (const char *c = name; *c != '\0'; c++)
		count += ((unsigned char)*c & 0xc0) != 0x80;
	return count;
}

static void
issuer_line(const struct issuer *issuer, size_t width)
{
	const struct cert *cert = issuer->cert;
	char not_after[OUTPUT_DATE_SIZE];
	char seen[OUTPUT_DATE_SIZE];
	struct buf hex = { 0 };

	output_date(cert->not_after, not_after, sizeof(not_after));
	buf_add_hex(&hex, cert->part[CERT_SELECTOR_SPKI].sha256,
	    sizeof(cert->part[CERT_SELECTOR_SPKI].sha256));
	(void)printf("  %s%*s  %-7s  %-5s %4u  %.10s  %s", issuer->name,
	    (int)(width - columns(issuer->name)), "",
	    issuer_status_text(issuer->status),
	    key_algorithm_text(cert->key_algorithm), cert->key_bits, not_after,
	    buf_text(&hex));
	if (issuer->seen != 0) {
		output_date(issuer->seen, seen, sizeof(seen));
		(void)printf("  since %s", seen);
	}
	(void)putchar('\n');
	buf_fini(&hex);
}

static void
set_table(const struct issuer_set *set, int64_t now)
{
	static const char heading[] = "name";
	bool is_coloured = output_is_coloured(stdout);
	const char *bold = is_coloured ? "\033[1m" : "";
	const char *red = is_coloured ? "\033[31m" : "";
	const char *plain = is_coloured ? "\033[0m" : "";
	char date[OUTPUT_DATE_SIZE];
	size_t width = strlen(heading);
	struct problem concern;

	output_date(set->date, date, sizeof(date));
	(void)printf("%s%s%s  %s", bold, set->name, plain, set->provider);
	if (set->date != 0)
		(void)printf(", as of %.10s", date);
	(void)printf("%s\n  from %s\n",
	    set->is_staging ? ", for tests only" : "", set->file);
	if (set->source != NULL)
		(void)printf("  source %s\n", set->source);
	for (size_t i = 0; i < set->server_count; i++)
		(void)printf("  server %s\n", set->servers[i]);
	if (issuer_set_concern(set, now, &concern))
		(void)printf("  %s%s%s\n", red, concern.text, plain);
	for (size_t i = 0; i < set->count; i++)
		if (columns(set->list[i].name) > width)
			width = columns(set->list[i].name);
	(void)printf("  %-*s  %-7s  %-10s  %-10s  %s\n", (int)width, heading,
	    "status", "key", "not after", "2 1 1: SHA-256 of the key");
	for (size_t i = 0; i < set->count; i++)
		issuer_line(&set->list[i], width);
}

/* Print all; returns false if standard output refused something. */
static bool
sets_print(const struct issuers *issuers, enum format format, int64_t now)
{
	json_t *list;

	if (format == FORMAT_JSON) {
		list = json_array();
		for (size_t i = 0; i < issuers->count; i++)
			json_array_append_new(
			    list, set_json(issuers->sets[i], now));
		return output_end(stdout, json_pack("{s:o}", "sets", list));
	}
	for (size_t i = 0; i < issuers->count; i++) {
		if (i > 0)
			(void)putchar('\n');
		set_table(issuers->sets[i], now);
	}
	if (issuers->count == 0)
		(void)puts("no issuer set is known");
	return output_end(stdout, NULL);
}

/*
 * Without a configuration, before anything is set up, there is still something
 * to see: the defaults.
 */
static bool
defaults_print(const struct options *options, int64_t now)
{
	static const char *const defaults[] = { installed_issuers_shipped,
		installed_issuers_local };
	struct issuers *issuers = issuers_load(defaults, 2, NULL, warn, NULL);
	bool is_printed = sets_print(issuers, options->format, now);

	issuers_unref(issuers);
	return is_printed;
}

/* What the configuration names, and what was learned from its stores. */
static bool
configured_print(
    const struct options *options, struct config *config, int64_t now)
{
	struct look look;
	bool is_printed;

	/* What is wrong with the sets is said; the stores are not asked for. */
	issuers_unref(issuers_load((const char *const *)config->issuers,
	    config->issuer_count, NULL, warn, NULL));
	log_set_level(LOG_LEVEL_ERROR);
	look_begin(&look, config);
	is_printed = sets_print(
	    store_issuers(look_store(&look)), options->format, now);
	look_end(&look);
	return is_printed;
}

int
command_issuers(const struct options *options)
{
	int64_t now = (int64_t)time(NULL);
	struct config *config = NULL;
	struct problem problem;
	enum status status = config_load(
	    options->config, NULL, &config, &problem);
	bool is_printed;

	if (status == STATUS_OK) {
		is_printed = configured_print(options, config, now);
	} else if (status == STATUS_ABSENT && !options->has_config) {
		is_printed = defaults_print(options, now);
	} else {
		log_line(LOG_LEVEL_ERROR, "%s", problem.text);
		is_printed = false;
	}
	return is_printed ? EXIT_OK : EXIT_FAILED;
}
