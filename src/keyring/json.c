/* SPDX-License-Identifier: MIT */
/* The keyring as text. */
#include "keyring/keyring.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"

/* The second has TSIG keys; without any the first is written. */
enum { VERSION_FIRST = 1, VERSION_NOW = 2 };

static json_t *
key_json(const struct keyring_key *key)
{
	return json_pack("{s:I,s:i,s:b,s:b,s:s}", "id", (json_int_t)key->id,
	    "flags", key->flags, "active", key->is_active, "published",
	    key->is_published, "content", key->content);
}

static json_t *
zone_json(const struct keyring_zone *zone)
{
	json_t *keys = json_array();
	json_t *metadata = json_object();

	for (size_t i = 0; i < zone->key_count; i++)
		(void)json_array_append_new(keys, key_json(&zone->keys[i]));
	for (size_t i = 0; i < zone->metadata_count; i++) {
		json_t *values = json_array();

		for (size_t k = 0; k < zone->metadata[i].count; k++)
			(void)json_array_append_new(
			    values, json_string(zone->metadata[i].values[k]));
		(void)json_object_set_new(
		    metadata, zone->metadata[i].kind, values);
	}
	return json_pack("{s:I,s:o,s:o}", "next_id", (json_int_t)zone->next_id,
	    "keys", keys, "metadata", metadata);
}

void
keyring_digest(const struct keyring_zone *zone, uint8_t *ret_digest)
{
	json_t *root = zone_json(zone);
	char *dump = json_dumps(root, JSON_SORT_KEYS);

	if (dump == NULL || EVP_Digest(dump, strlen(dump), ret_digest, NULL,
				EVP_sha256(), NULL) != 1)
		abort();
	explicit_bzero(dump, strlen(dump));
	free(dump);
	json_decref(root);
}

static bool
zone_visit(const struct trie_entry *entry, void *arg)
{
	const struct keyring_zone *zone = entry->value;

	(void)json_object_set_new(arg, zone->name, zone_json(zone));
	return true;
}

static bool
tsig_visit(const struct trie_entry *entry, void *arg)
{
	const struct keyring_tsig *tsig = entry->value;

	(void)json_array_append_new(
	    arg, json_pack("{s:s,s:s,s:s}", "name", tsig->name, "algorithm",
		     tsig->algorithm, "secret", tsig->secret));
	return true;
}

static json_t *
keyring_json(const struct keyring *keyring)
{
	json_t *zones = json_object();
	json_t *tsigs = json_array();

	(void)trie_walk(&keyring->zones, "", 0, zone_visit, zones);
	(void)trie_walk(&keyring->tsigs, "", 0, tsig_visit, tsigs);
	if (json_array_size(tsigs) > 0)
		return json_pack("{s:i,s:o,s:o}", "version", VERSION_NOW,
		    "zones", zones, "tsig", tsigs);
	json_decref(tsigs);
	return json_pack("{s:i,s:o}", "version", VERSION_FIRST, "zones", zones);
}

void
keyring_format(const struct keyring *keyring, struct buf *text)
{
	json_t *root = keyring_json(keyring);
	char *dump = json_dumps(root, JSON_INDENT(1));

	if (dump == NULL)
		abort();
	buf_add_string(text, dump);
	buf_add_string(text, "\n");
	explicit_bzero(dump, strlen(dump));
	free(dump);
	json_decref(root);
}

/* What is being read, and what of it is wrong. */
struct reading {
	struct keyring *keyring;
	const char *zone; /* borrowed */
	struct problem *problem;
};

static enum status
wrong(const struct reading *reading, const char *what)
{
	problem_set(reading->problem, "zone '%.200s': %s", reading->zone, what);
	return STATUS_MALFORMED;
}

static enum status
key_read(const struct reading *reading, struct keyring_zone *zone, json_t *root)
{
	const char *content = NULL;
	int active = 1;
	int published = 1;
	json_int_t id;
	int flags;

	if (json_unpack(root, "{s:I,s:i,s:b,s:b,s:s!}", "id", &id, "flags",
		&flags, "active", &active, "published", &published, "content",
		&content) != 0 ||
	    flags < 0 || flags > UINT16_MAX || id < 1 ||
	    id >= (json_int_t)zone->next_id ||
	    keyring_key(zone, (int64_t)id) != NULL)
		return wrong(reading, "a key that is none");
	if (keyring_add_key(zone, (uint16_t)flags, active != 0, published != 0,
		content) == 0) {
		problem_set(reading->problem,
		    "zone '%.200s': more than %d keys, or a key of more than "
		    "%d octets",
		    reading->zone, LIMIT_KEYS, LIMIT_KEY);
		return STATUS_LIMIT;
	}
	zone->keys[zone->key_count - 1].id = (uint32_t)id;
	return STATUS_OK;
}

static enum status
metadata_read(const struct reading *reading, struct keyring_zone *zone,
    const char *kind, const json_t *list)
{
	size_t count = json_array_size(list);
	const char **values = mem_array(count, sizeof(*values));
	bool is_good = json_is_array(list);

	for (size_t i = 0; is_good && i < count; i++) {
		values[i] = json_string_value(json_array_get(list, i));
		is_good = values[i] != NULL;
	}
	is_good = is_good && keyring_set_metadata(zone, kind, values, count);
	free(values);
	return is_good ? STATUS_OK
		       : wrong(reading, "metadata that are no list of texts, "
					"or too many");
}

static enum status
zone_read(const struct reading *reading, json_t *root)
{
	enum status status = STATUS_OK;
	struct keyring_zone *zone;
	struct dname apex;
	json_int_t next_id;
	json_t *metadata;
	json_t *keys;
	const char *kind;
	json_t *value;
	size_t at;

	if (dname_parse(reading->zone, strlen(reading->zone), &apex) !=
		STATUS_OK ||
	    keyring_find(reading->keyring, &apex) != NULL ||
	    json_unpack(root, "{s:I,s:o,s:o!}", "next_id", &next_id, "keys",
		&keys, "metadata", &metadata) != 0 ||
	    next_id < 1 || next_id > INT32_MAX || !json_is_array(keys) ||
	    !json_is_object(metadata))
		return wrong(reading, "is none");
	zone = keyring_zone(reading->keyring, &apex, true);
	zone->next_id = (uint32_t)next_id;
	json_array_foreach(keys, at, value)
	{
		if (status == STATUS_OK)
			status = key_read(reading, zone, value);
	}
	zone->next_id = (uint32_t)next_id;
	json_object_foreach(metadata, kind, value)
	{
		if (status == STATUS_OK)
			status = metadata_read(reading, zone, kind, value);
	}
	return status;
}

static enum status
tsig_read(const struct reading *reading, json_t *root)
{
	const char *name;
	const char *algorithm;
	const char *secret;
	struct dname dname;

	if (json_unpack(root, "{s:s,s:s,s:s!}", "name", &name, "algorithm",
		&algorithm, "secret", &secret) == 0 &&
	    dname_parse(name, strlen(name), &dname) == STATUS_OK &&
	    keyring_tsig(reading->keyring, &dname) == NULL &&
	    keyring_set_tsig(reading->keyring, &dname, algorithm, secret))
		return STATUS_OK;
	problem_set(reading->problem, "a TSIG key that is none, or too many");
	return STATUS_MALFORMED;
}

static enum status
root_read(struct reading *reading, json_t *root)
{
	enum status status = STATUS_OK;
	json_int_t version = 0;
	json_t *tsigs = NULL;
	json_t *tsig;
	json_t *zones;
	json_t *zone;
	size_t at;

	if (json_unpack(root, "{s:I}", "version", &version) == 0 &&
	    version > VERSION_NOW) {
		problem_set(reading->problem,
		    "was written by a later version of pdns-tlsa; update");
		return STATUS_REFUSED;
	}
	if (json_unpack(root, "{s:I,s:o,s?o!}", "version", &version, "zones",
		&zones, "tsig", &tsigs) != 0 ||
	    version < VERSION_FIRST || !json_is_object(zones) ||
	    (tsigs != NULL && !json_is_array(tsigs))) {
		problem_set(reading->problem, "has no version and zones");
		return STATUS_MALFORMED;
	}
	json_object_foreach(zones, reading->zone, zone)
	{
		if (status == STATUS_OK)
			status = zone_read(reading, zone);
	}
	json_array_foreach(tsigs, at, tsig)
	{
		if (status == STATUS_OK)
			status = tsig_read(reading, tsig);
	}
	return status;
}

enum status
keyring_parse(const char *text, size_t len, struct keyring *ret_keyring,
    struct problem *problem)
{
	struct keyring keyring;
	struct reading reading = { .keyring = &keyring, .problem = problem };
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	enum status status;

	if (root == NULL) {
		problem_set(problem, "line %d: %s", error.line, error.text);
		return STATUS_MALFORMED;
	}
	keyring_init(&keyring);
	status = root_read(&reading, root);
	json_decref(root);
	if (status == STATUS_OK)
		*ret_keyring = keyring;
	else
		keyring_fini(&keyring);
	return status;
}
