/* SPDX-License-Identifier: MIT */
#include "keyring/keyring.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"

static void
metadata_fini(struct keyring_metadata *metadata)
{
	for (size_t i = 0; i < metadata->count; i++)
		free(metadata->values[i]);
	free(metadata->values);
	free(metadata->kind);
}

static void
key_fini(struct keyring_key *key)
{
	explicit_bzero(key->content, strlen(key->content));
	free(key->content);
}

static void
zone_free(void *value)
{
	struct keyring_zone *zone = value;

	for (size_t i = 0; i < zone->key_count; i++)
		key_fini(&zone->keys[i]);
	for (size_t i = 0; i < zone->metadata_count; i++)
		metadata_fini(&zone->metadata[i]);
	free(zone->keys);
	free(zone->metadata);
	free(zone->name);
	free(zone);
}

static void
tsig_free(void *value)
{
	struct keyring_tsig *tsig = value;

	explicit_bzero(tsig->secret, strlen(tsig->secret));
	free(tsig->secret);
	free(tsig->algorithm);
	free(tsig->name);
	free(tsig);
}

void
keyring_init(struct keyring *keyring)
{
	trie_init(&keyring->zones, zone_free);
	trie_init(&keyring->tsigs, tsig_free);
}

void
keyring_fini(struct keyring *keyring)
{
	trie_fini(&keyring->zones);
	trie_fini(&keyring->tsigs);
}

const struct keyring_zone *
keyring_find(const struct keyring *keyring, const struct dname *apex)
{
	return trie_get(&keyring->zones, apex->key, apex->len);
}

struct keyring_zone *
keyring_zone(struct keyring *keyring, const struct dname *apex, bool add)
{
	struct keyring_zone *zone = trie_get(
	    &keyring->zones, apex->key, apex->len);

	if (zone != NULL || !add)
		return zone;
	zone = mem_new(sizeof(*zone));
	zone->name = dname_text(apex);
	zone->next_id = 1;
	trie_set(&keyring->zones, apex->key, apex->len, zone);
	return zone;
}

uint32_t
keyring_add_key(struct keyring_zone *zone, uint16_t flags, bool is_active,
    bool is_published, const char *content)
{
	if (zone->key_count == LIMIT_KEYS || strlen(content) > LIMIT_KEY ||
	    zone->next_id == INT32_MAX)
		return 0;
	zone->keys = mem_resize(
	    zone->keys, zone->key_count + 1, sizeof(*zone->keys));
	zone->keys[zone->key_count] = (struct keyring_key){
		.id = zone->next_id++,
		.flags = flags,
		.is_active = is_active,
		.is_published = is_published,
		.content = mem_string(content)
	};
	return zone->keys[zone->key_count++].id;
}

struct keyring_key *
keyring_key(struct keyring_zone *zone, int64_t id)
{
	for (size_t i = 0; i < zone->key_count; i++)
		if (zone->keys[i].id == id)
			return &zone->keys[i];
	return NULL;
}

bool
keyring_remove_key(struct keyring_zone *zone, int64_t id)
{
	struct keyring_key *key = keyring_key(zone, id);
	size_t behind;

	if (key == NULL)
		return false;
	key_fini(key);
	behind = (size_t)(&zone->keys[zone->key_count] - key) - 1;
	memmove(key, key + 1, behind * sizeof(*key));
	zone->key_count--;
	return true;
}

const struct keyring_metadata *
keyring_metadata(const struct keyring_zone *zone, const char *kind)
{
	for (size_t i = 0; i < zone->metadata_count; i++)
		if (strcmp(zone->metadata[i].kind, kind) == 0)
			return &zone->metadata[i];
	return NULL;
}

static void
metadata_remove(struct keyring_zone *zone, const char *kind)
{
	size_t kept = 0;

	for (size_t i = 0; i < zone->metadata_count; i++) {
		if (strcmp(zone->metadata[i].kind, kind) == 0)
			metadata_fini(&zone->metadata[i]);
		else
			zone->metadata[kept++] = zone->metadata[i];
	}
	zone->metadata_count = kept;
}

static bool
is_too_much(const struct keyring_zone *zone, const char *kind,
    const char *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(values[i]) > LIMIT_METADATA_VALUE)
			return true;
	return count > LIMIT_METADATA || kind[0] == '\0' ||
	       strlen(kind) > LIMIT_METADATA_VALUE ||
	       (zone->metadata_count >= LIMIT_METADATA &&
		   keyring_metadata(zone, kind) == NULL);
}

bool
keyring_set_metadata(struct keyring_zone *zone, const char *kind,
    const char *const *values, size_t count)
{
	struct keyring_metadata *metadata;

	if (is_too_much(zone, kind, values, count))
		return false;
	metadata_remove(zone, kind);
	if (count == 0)
		return true;
	zone->metadata = mem_resize(
	    zone->metadata, zone->metadata_count + 1, sizeof(*zone->metadata));
	metadata = &zone->metadata[zone->metadata_count++];
	metadata->kind = mem_string(kind);
	metadata->count = count;
	metadata->values = mem_array(count, sizeof(*metadata->values));
	for (size_t i = 0; i < count; i++)
		metadata->values[i] = mem_string(values[i]);
	return true;
}

bool
keyring_nsec3(const struct keyring_zone *zone, struct nsec3 *ret_nsec3)
{
	const struct keyring_metadata *narrow = keyring_metadata(
	    zone, "NSEC3NARROW");
	const struct keyring_metadata *param = keyring_metadata(
	    zone, "NSEC3PARAM");

	if (param == NULL || param->values[0][0] == '\0' ||
	    nsec3_parse(param->values[0], ret_nsec3, NULL) != STATUS_OK)
		return false;
	ret_nsec3->is_narrow = narrow != NULL &&
			       strcmp(narrow->values[0], "1") == 0;
	return true;
}

/* ---- TSIG keys, which belong to no zone ---- */

/* PowerDNS decodes it at each use, and what it cannot decode never fits. */
static bool
is_base64(const char *secret)
{
	size_t len = strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/");
	size_t padding = strspn(secret + len, "=");

	return len > 0 && padding <= 2 && secret[len + padding] == '\0' &&
	       len + padding <= LIMIT_TSIG_SECRET;
}

bool
keyring_set_tsig(struct keyring *keyring, const struct dname *name,
    const char *algorithm, const char *secret)
{
	struct keyring_tsig *tsig;
	struct dname method;

	if (name->len == 0 || !is_base64(secret) ||
	    dname_parse(algorithm, strlen(algorithm), &method) != STATUS_OK ||
	    method.len == 0 ||
	    (keyring->tsigs.count >= LIMIT_TSIG &&
		keyring_tsig(keyring, name) == NULL))
		return false;
	tsig = mem_new(sizeof(*tsig));
	tsig->name = dname_text(name);
	tsig->algorithm = dname_text(&method);
	tsig->secret = mem_string(secret);
	trie_set(&keyring->tsigs, name->key, name->len, tsig);
	return true;
}

const struct keyring_tsig *
keyring_tsig(const struct keyring *keyring, const struct dname *name)
{
	return trie_get(&keyring->tsigs, name->key, name->len);
}

bool
keyring_remove_tsig(struct keyring *keyring, const struct dname *name)
{
	return trie_remove(&keyring->tsigs, name->key, name->len);
}

/* ---- zones as JSON ---- */

static json_t *
key_json(const struct keyring_key *key)
{
	return json_pack("{s:I,s:i,s:b,s:b,s:s}", "id", (json_int_t)key->id,
	    "flags", key->flags, "active", key->is_active, "published",
	    key->is_published, "content", key->content);
}

char *
keyring_format(const struct keyring_zone *zone)
{
	json_t *keys = json_array();
	json_t *metadata = json_object();
	json_t *root = json_pack("{s:I,s:o,s:o}", "next_id",
	    (json_int_t)zone->next_id, "keys", keys, "metadata", metadata);
	char *text;

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
	text = json_dumps(root, JSON_SORT_KEYS);
	if (text == NULL)
		abort();
	json_decref(root);
	return text;
}

void
keyring_digest(const struct keyring_zone *zone, uint8_t *ret_digest)
{
	char *text = keyring_format(zone);

	if (EVP_Digest(
		text, strlen(text), ret_digest, NULL, EVP_sha256(), NULL) != 1)
		abort();
	explicit_bzero(text, strlen(text));
	free(text);
}

static bool
key_read(struct keyring_zone *zone, json_t *root)
{
	const char *content;
	int is_active;
	int is_published;
	json_int_t id;
	int flags;

	if (json_unpack(root, "{s:I,s:i,s:b,s:b,s:s!}", "id", &id, "flags",
		&flags, "active", &is_active, "published", &is_published,
		"content", &content) != 0 ||
	    flags < 0 || flags > UINT16_MAX || id < 1 || id >= INT32_MAX ||
	    keyring_key(zone, (int64_t)id) != NULL ||
	    keyring_add_key(zone, (uint16_t)flags, is_active != 0,
		is_published != 0, content) == 0)
		return false;
	zone->keys[zone->key_count - 1].id = (uint32_t)id;
	return true;
}

static bool
metadata_read(struct keyring_zone *zone, const char *kind, const json_t *list)
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
	return is_good;
}

bool
keyring_parse(struct keyring *keyring, const char *name, const char *text)
{
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_t *keys;
	json_t *metadata;
	json_int_t next_id;
	struct dname apex;
	bool is_good = dname_parse(name, strlen(name), &apex) == STATUS_OK &&
		       keyring_find(keyring, &apex) == NULL &&
		       json_unpack(root, "{s:I,s:o,s:o!}", "next_id", &next_id,
			   "keys", &keys, "metadata", &metadata) == 0 &&
		       next_id >= 1 && next_id <= INT32_MAX &&
		       json_is_array(keys) && json_is_object(metadata);

	if (is_good) {
		struct keyring_zone *zone = keyring_zone(keyring, &apex, true);
		const char *kind;
		json_t *value;
		size_t at;

		json_array_foreach(keys, at, value)
		    is_good = is_good && key_read(zone, value) &&
			      zone->keys[at].id < next_id;
		json_object_foreach(metadata, kind, value)
		    is_good = is_good && metadata_read(zone, kind, value);
		zone->next_id = (uint32_t)next_id;
	}
	json_decref(root);
	return is_good;
}
