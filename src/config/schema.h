/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

/*
 * The keys of pdns-tlsa.yaml(5), one row for each, and the file as text: what
 * was written, before any value is understood.  The rows (config/schema.c)
 * feed the parser, the defaults and `config show`.  Private to config_*.c.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stdio.h>

#include <cyaml/cyaml.h>

#include "base/status.h"

/*
 * Every member is NULL (and its count 0) when the file does not say.  All
 * owned.  The counts have the width that libcyaml writes.
 */
struct text_propagation {
	char *hold;
	char *see;
};

struct text_policy {
	char *ttl;
	char **records;
	unsigned records_count;
	char *max_records;
	/* A word or a mapping: one of the two, for saving; see EITHER. */
	char *propagation;
	struct text_propagation *propagation_parts;
	char *retain;
	char *allow_unusual;
	char *allow_staging;
};

struct text_powerdns {
	char *control_socket;
	char *address;
	char *config;
};

struct text_defaults {
	char **ports;
	unsigned ports_count;
	struct text_policy policy;
};

struct text_source {
	char *type;
	char *path;
	char **match;
	unsigned match_count;
	char **hosts;
	unsigned hosts_count;
};

struct text_zone {
	char *name;
	char **nameservers;
	unsigned nameservers_count;
	char *hostmaster;
	char *dnssec;
	char *nsec3;
};

struct text_service {
	char *host;
	char **ports;
	unsigned ports_count;
	char **lineages;
	unsigned lineages_count;
	struct text_policy policy;
};

struct text_lineage {
	char *name;
	char **next;
	unsigned next_count;
	char *reuse_key;
};

struct text_discover {
	char **hosts;
	unsigned hosts_count;
	char **ports;
	unsigned ports_count;
};

struct config_text {
	char *state_directory;
	char *listen;
	char *listen_mode;
	char *listen_group;
	char *control;
	struct text_powerdns *powerdns;
	struct text_defaults *defaults;
	struct text_source *sources;
	unsigned sources_count;
	struct text_zone *zones;
	unsigned zones_count;
	char **overlay;
	unsigned overlay_count;
	struct text_service *services;
	unsigned services_count;
	char **issuers;
	unsigned issuers_count;
	struct text_lineage *lineages;
	unsigned lineages_count;
	struct text_discover *discover;
};

/* Return the schema of the whole file, a mapping. */
const struct cyaml_schema_value *config_schema(void);

/*
 * Read `len` octets of YAML.  The shape should have been checked before
 * (config/shape.h): the reasons that libcyaml gives have no line.
 *
 * Returns STATUS_OK and a new text, freed by config_text_free(), or
 * STATUS_MALFORMED.
 */
enum status config_text_load(const char *yaml, size_t len,
    struct config_text **ret_text, struct problem *problem);

/*
 * Put the fallbacks of the rows where the file said nothing; a service is
 * left alone, for it falls back on `defaults`.  text->defaults is never NULL
 * afterwards.
 */
void config_text_complete(struct config_text *text);

/* Write `text` as YAML, keys in the order of the rows; false: not written. */
bool config_text_save(const struct config_text *text, FILE *stream);

void config_text_free(struct config_text *text);

#endif
