/* SPDX-License-Identifier: MIT */
#include "keyring/keyring.h"

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

void
keyring_init(struct keyring *keyring)
{
	trie_init(&keyring->zones, zone_free);
	keyring_tsigs_init(keyring);
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
