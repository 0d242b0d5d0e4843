/* SPDX-License-Identifier: MIT */
#include "schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/installed.h"
#include "base/mem.h"
#include "config/config.h"

/*
 * X(kind, need, key, member, fallback), in the order of the manual and of
 * `config show`.
 *
 *   kind	TEXT: one value; TEXTS: a list, shown in one line; LINES: a
 *		list, shown one item a line; PART: a mapping, PARTS: a list of
 *		mappings, both with rows of their own; EITHER: one value or a
 *		mapping, which libcyaml has no type for: it writes the one that
 *		is set, and passes over both when it reads, for which the
 *		document is asked instead
 *   need	OPTIONAL, or REQUIRED wherever the mapping is written
 *   fallback	the value if it is not written, list items separated by ", ";
 *		for PART and PARTS the rows or the schema of an item instead
 *
 * The default of "propagation" and "hostmaster" depends on other values and
 * is made where those are known (config/build.c).
 */
#define POLICY_ROWS(X)                                                         \
	X(TEXT, OPTIONAL, "ttl", policy.ttl, "3600")                           \
	X(TEXTS, OPTIONAL, "records", policy.records, "3 1 1, 2 1 1")          \
	X(TEXT, OPTIONAL, "max-records", policy.max_records, "12")             \
	X(EITHER, OPTIONAL, "propagation", policy.propagation,                 \
	    propagation_fields)                                                \
	X(TEXT, OPTIONAL, "retain", policy.retain, "7d")                       \
	X(TEXT, OPTIONAL, "allow-unusual", policy.allow_unusual, "false")      \
	X(TEXT, OPTIONAL, "allow-staging", policy.allow_staging, "false")

#define PROPAGATION_ROWS(X)                                                    \
	X(TEXT, OPTIONAL, "hold", hold, NULL)                                  \
	X(TEXT, OPTIONAL, "see", see, NULL)

#define DEFAULTS_ROWS(X)                                                       \
	X(TEXTS, OPTIONAL, "ports", ports, "25/tcp")                           \
	POLICY_ROWS(X)

#define SERVICE_ROWS(X)                                                        \
	X(TEXT, REQUIRED, "host", host, NULL)                                  \
	X(TEXTS, OPTIONAL, "ports", ports, NULL)                               \
	X(TEXTS, OPTIONAL, "lineages", lineages, NULL)                         \
	POLICY_ROWS(X)

#define POWERDNS_ROWS(X)                                                       \
	X(TEXT, OPTIONAL, "control-socket", control_socket, NULL)              \
	X(TEXT, OPTIONAL, "address", address, "127.0.0.1")                     \
	X(TEXT, OPTIONAL, "config", config, "/etc/powerdns/pdns.conf")

#define SOURCE_ROWS(X)                                                         \
	X(TEXT, REQUIRED, "type", type, NULL)                                  \
	X(TEXT, REQUIRED, "path", path, NULL)                                  \
	X(TEXTS, OPTIONAL, "match", match, NULL)                               \
	X(TEXTS, OPTIONAL, "hosts", hosts, NULL)

#define ZONE_ROWS(X)                                                           \
	X(TEXT, REQUIRED, "name", name, NULL)                                  \
	X(TEXTS, REQUIRED, "nameservers", nameservers, NULL)                   \
	X(TEXT, OPTIONAL, "hostmaster", hostmaster, NULL)                      \
	X(TEXT, OPTIONAL, "dnssec", dnssec, "powerdns")                        \
	X(TEXT, OPTIONAL, "nsec3", nsec3, NULL)

#define LINEAGE_ROWS(X)                                                        \
	X(TEXT, REQUIRED, "name", name, NULL)                                  \
	X(TEXTS, OPTIONAL, "next", next, NULL)                                 \
	X(TEXT, OPTIONAL, "reuse-key", reuse_key, NULL)

#define DISCOVER_ROWS(X)                                                       \
	X(TEXTS, REQUIRED, "hosts", hosts, NULL)                               \
	X(TEXTS, OPTIONAL, "ports", ports, NULL)

#define CONFIG_ROWS(X)                                                         \
	X(TEXT, OPTIONAL, "state-directory", state_directory,                  \
	    "/var/lib/pdns-tlsa")                                              \
	X(TEXT, OPTIONAL, "listen", listen, "/run/pdns-tlsa/pdns.sock")        \
	X(TEXT, OPTIONAL, "listen-mode", listen_mode, "0660")                  \
	X(TEXT, OPTIONAL, "listen-group", listen_group, NULL)                  \
	X(TEXT, OPTIONAL, "control", control, "/run/pdns-tlsa/control.sock")   \
	X(PART, OPTIONAL, "powerdns", powerdns, powerdns_fields)               \
	X(PART, OPTIONAL, "defaults", defaults, defaults_fields)               \
	X(PARTS, REQUIRED, "sources", sources, source_schema)                  \
	X(PARTS, OPTIONAL, "zones", zones, zone_schema)                        \
	X(LINES, OPTIONAL, "overlay", overlay, NULL)                           \
	X(PARTS, OPTIONAL, "services", services, service_schema)               \
	X(TEXTS, OPTIONAL, "issuers", issuers, installed_issuers)              \
	X(PARTS, OPTIONAL, "lineages", lineages, lineage_schema)               \
	X(PART, OPTIONAL, "discover", discover, discover_fields)

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT

/* A row as libcyaml's schema; OWNER is the structure that has the members. */
#define FIELD(kind, need, key, member, fallback)                               \
	FIELD_##kind(need, key, member, fallback)
#define FIELD_TEXT(need, key, member, fallback)                                \
	CYAML_FIELD_STRING_PTR(key, need, OWNER, member, 1, CYAML_UNLIMITED),
#define FIELD_TEXTS(need, key, member, fallback)                               \
	CYAML_FIELD_SEQUENCE(key,                                              \
	    (need) | CYAML_FLAG_POINTER | CYAML_FLAG_FLOW, OWNER, member,      \
	    &text_schema, 1, CYAML_UNLIMITED),
#define FIELD_LINES(need, key, member, fallback)                               \
	CYAML_FIELD_SEQUENCE(key, (need) | CYAML_FLAG_POINTER, OWNER, member,  \
	    &text_schema, 0, CYAML_UNLIMITED),
#define FIELD_PART(need, key, member, fields)                                  \
	CYAML_FIELD_MAPPING_PTR(key, need, OWNER, member, fields),
#define FIELD_PARTS(need, key, member, item)                                   \
	CYAML_FIELD_SEQUENCE(key, (need) | CYAML_FLAG_POINTER, OWNER, member,  \
	    &(item), (need) == REQUIRED, CYAML_UNLIMITED),
/* What shape_row() relies on: first neither, then the value, the mapping. */
#define FIELD_EITHER(need, key, member, fields)                                \
	CYAML_FIELD_IGNORE(key, need),                                         \
	    CYAML_FIELD_STRING_PTR(                                            \
		key, need, OWNER, member, 1, CYAML_UNLIMITED),                 \
	    CYAML_FIELD_MAPPING_PTR(key, need, OWNER, member##_parts, fields),

/* A row's fallback, at the index of the row's field. */
#define FALLBACK(kind, need, key, member, fallback) FALLBACK_##kind(fallback)
#define FALLBACK_TEXT(fallback)                     fallback,
#define FALLBACK_TEXTS(fallback)                    fallback,
#define FALLBACK_LINES(fallback)                    fallback,
#define FALLBACK_PART(fields)                       NULL,
#define FALLBACK_PARTS(item)                        NULL,
#define FALLBACK_EITHER(fields)                     NULL, NULL, NULL,

static const struct cyaml_schema_value text_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED),
};

#define OWNER struct text_powerdns
static const struct cyaml_schema_field powerdns_fields[] = { POWERDNS_ROWS(
    FIELD) CYAML_FIELD_END };
static const char *const powerdns_fallbacks[] = { POWERDNS_ROWS(FALLBACK) };
#undef OWNER

#define OWNER struct text_propagation
static const struct cyaml_schema_field propagation_fields[] = {
	PROPAGATION_ROWS(FIELD) CYAML_FIELD_END
};
#undef OWNER

#define OWNER struct text_defaults
static const struct cyaml_schema_field defaults_fields[] = { DEFAULTS_ROWS(
    FIELD) CYAML_FIELD_END };
static const char *const defaults_fallbacks[] = { DEFAULTS_ROWS(FALLBACK) };
#undef OWNER

#define OWNER struct text_source
static const struct cyaml_schema_field source_fields[] = { SOURCE_ROWS(FIELD)
	    CYAML_FIELD_END };
#undef OWNER
static const struct cyaml_schema_value source_schema = {
	CYAML_VALUE_MAPPING(
	    CYAML_FLAG_DEFAULT, struct text_source, source_fields),
};

#define OWNER struct text_zone
static const struct cyaml_schema_field zone_fields[] = { ZONE_ROWS(FIELD)
	    CYAML_FIELD_END };
static const char *const zone_fallbacks[] = { ZONE_ROWS(FALLBACK) };
#undef OWNER
static const struct cyaml_schema_value zone_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct text_zone, zone_fields),
};

#define OWNER struct text_service
static const struct cyaml_schema_field service_fields[] = { SERVICE_ROWS(FIELD)
	    CYAML_FIELD_END };
#undef OWNER
static const struct cyaml_schema_value service_schema = {
	CYAML_VALUE_MAPPING(
	    CYAML_FLAG_DEFAULT, struct text_service, service_fields),
};

#define OWNER struct text_lineage
static const struct cyaml_schema_field lineage_fields[] = { LINEAGE_ROWS(FIELD)
	    CYAML_FIELD_END };
#undef OWNER
static const struct cyaml_schema_value lineage_schema = {
	CYAML_VALUE_MAPPING(
	    CYAML_FLAG_DEFAULT, struct text_lineage, lineage_fields),
};

#define OWNER struct text_discover
static const struct cyaml_schema_field discover_fields[] = { DISCOVER_ROWS(
    FIELD) CYAML_FIELD_END };
#undef OWNER

#define OWNER struct config_text
static const struct cyaml_schema_field config_fields[] = { CONFIG_ROWS(FIELD)
	    CYAML_FIELD_END };
static const char *const config_fallbacks[] = { CONFIG_ROWS(FALLBACK) };
#undef OWNER
static const struct cyaml_schema_value file_schema = {
	CYAML_VALUE_MAPPING(
	    CYAML_FLAG_POINTER, struct config_text, config_fields),
};

const struct cyaml_schema_value *
config_schema(void)
{
	return &file_schema;
}

/* libcyaml's allocator: it treats 0 as free() and wants no failure. */
static void *
resize(void *context, void *memory, size_t size)
{
	(void)context;
	if (size > 0)
		return mem_resize(memory, size, 1);
	free(memory);
	return NULL;
}

static const struct cyaml_config settings = {
	.mem_fn = resize,
	.log_level = CYAML_LOG_ERROR,
	.flags = CYAML_CFG_NO_ALIAS | CYAML_CFG_STYLE_BLOCK,
};

enum status
config_text_load(const char *yaml, size_t len, struct config_text **ret_text,
    struct problem *problem)
{
	cyaml_data_t *data = NULL;
	cyaml_err_t error;

	error = cyaml_load_data(
	    (const uint8_t *)yaml, len, &settings, &file_schema, &data, NULL);
	if (error != CYAML_OK || data == NULL) {
		problem_set(problem, "libcyaml: %s", cyaml_strerror(error));
		return STATUS_MALFORMED;
	}
	*ret_text = data;
	return STATUS_OK;
}

/* Split `fallback` at ", " into the list that `field` describes. */
static void
complete_list(
    const struct cyaml_schema_field *field, char *owner, const char *fallback)
{
	char **items = NULL;
	unsigned count = 0;

	for (const char *at = fallback; *at != '\0';) {
		size_t len = strcspn(at, ",");

		items = mem_resize(items, count + 1, sizeof(*items));
		items[count++] = mem_copy(at, len);
		at += len + strspn(at + len, ", ");
	}
	memcpy(owner + field->data_offset, &items, sizeof(items));
	memcpy(owner + field->count_offset, &count, sizeof(count));
}

/* Put the fallbacks into `owner`, a structure that `fields` describes: the
 * first `count` of them are the rows, in their order. */
static void
complete(const struct cyaml_schema_field *fields, const char *const *fallbacks,
    size_t count, void *owner)
{
	for (size_t i = 0; i < count; i++) {
		const struct cyaml_schema_field *field = &fields[i];
		char *at = (char *)owner + field->data_offset;
		void *value;

		if (fallbacks[i] == NULL)
			continue;
		memcpy(&value, at, sizeof(value));
		if (value != NULL)
			continue;
		if (field->value.type == CYAML_SEQUENCE) {
			complete_list(field, owner, fallbacks[i]);
			continue;
		}
		value = mem_string(fallbacks[i]);
		memcpy(at, &value, sizeof(value));
	}
}

#define COMPLETE(kind, owner)                                                  \
	complete(kind##_fields, kind##_fallbacks,                              \
	    sizeof(kind##_fallbacks) / sizeof(kind##_fallbacks[0]), owner)

void
config_text_complete(struct config_text *text)
{
	COMPLETE(config, text);
	if (text->defaults == NULL)
		text->defaults = mem_new(sizeof(*text->defaults));
	COMPLETE(defaults, text->defaults);
	if (text->powerdns == NULL)
		text->powerdns = mem_new(sizeof(*text->powerdns));
	COMPLETE(powerdns, text->powerdns);
	for (unsigned i = 0; i < text->zones_count; i++)
		COMPLETE(zone, &text->zones[i]);
}

bool
config_text_save(const struct config_text *text, FILE *stream)
{
	char *yaml = NULL;
	size_t len = 0;
	bool written;

	if (cyaml_save_data(&yaml, &len, &settings, &file_schema, text, 0) !=
	    CYAML_OK)
		return false;
	written = fwrite(yaml, 1, len, stream) == len;
	free(yaml);
	return written;
}

void
config_text_free(struct config_text *text)
{
	(void)cyaml_free(&settings, &file_schema, text, 0);
}
