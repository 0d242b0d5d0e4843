/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "dns/dnskey.h"
#include "loop/log.h"

/* Signatures are made anew each week; secondaries must see a new serial. */
static const char *const soa_edit[] = { "INCEPTION-EPOCH" };

static bool
has_self(const struct config *config)
{
	for (size_t i = 0; i < config->zone_count; i++)
		if (config->zones[i].dnssec == ZONE_DNSSEC_SELF)
			return true;
	return false;
}

const struct method_keys *
keys_door(const struct keys *keys)
{
	return has_self(keys->config) ? &keys->door : NULL;
}

static void
failed(struct keys *keys, const struct problem *problem, const char *what)
{
	if (!keys->is_failing)
		log_line(LOG_LEVEL_ERROR, "%s; %s", problem->text, what);
	keys->is_failing = true;
}

static void
mended(struct keys *keys)
{
	if (keys->is_failing)
		log_line(LOG_LEVEL_NOTICE, "keys: can be read and kept again");
	keys->is_failing = false;
}

/* Damage that was mended: nobody else will meet it. */
static void
warn(struct keys *keys)
{
	if (keys->file.warning != NULL)
		log_line(LOG_LEVEL_WARNING, "%s", keys->file.warning);
	free(keys->file.warning);
	keys->file.warning = NULL;
}

static bool
door_begin(void *arg)
{
	struct keys *keys = arg;
	struct problem problem = { "" };

	if (keyring_file_begin(&keys->file, &keys->keyring, &problem) ==
	    STATUS_OK)
		return true;
	failed(keys, &problem, "keys and metadata stay as they are");
	return false;
}

static bool
door_commit(void *arg)
{
	struct keys *keys = arg;
	struct problem problem = { "" };

	if (keyring_file_commit(&keys->file, &keys->keyring, &problem) ==
	    STATUS_OK) {
		mended(keys);
		keys->changed(keys->arg);
		return true;
	}
	failed(keys, &problem, "keys and metadata stay as they were");
	/* What could not be kept must not be used either. */
	keys->door.is_lost = keyring_file_read(&keys->file, &keys->keyring,
				 NULL) != STATUS_OK;
	return false;
}

static void
door_cancel(void *arg)
{
	struct keys *keys = arg;

	keyring_file_cancel(&keys->file);
}

/* Say what the parent zone needs. */
static void
log_made(const struct config_zone *zone, const char *content)
{
	struct buf ds = { 0 };
	struct dnskey key;

	if (dnskey_parse(content, DNSKEY_FLAG_ZONE | DNSKEY_FLAG_SEP, &key,
		NULL) == STATUS_OK)
		dnskey_ds(&key, &zone->dname, &ds);
	log_line(LOG_LEVEL_NOTICE,
	    "zone '%s': a key was made; its parent needs: DS %s", zone->name,
	    buf_text(&ds));
	buf_fini(&ds);
}

static void
zone_begin(struct keys *keys, const struct config_zone *zone)
{
	struct keyring_zone *kept = keyring_zone(
	    &keys->keyring, &zone->dname, true);
	static const char *const yes[] = { "1" };
	struct buf nsec3 = { 0 };
	struct buf content = { 0 };
	const char *text;

	dnskey_generate(&content);
	(void)keyring_add_key(kept, DNSKEY_FLAG_ZONE | DNSKEY_FLAG_SEP, true,
	    true, buf_text(&content));
	(void)keyring_set_metadata(kept, "SOA-EDIT", soa_edit, 1);
	if (zone->nsec3 != NULL) {
		struct nsec3 plain = *zone->nsec3;

		plain.is_narrow = false;
		nsec3_format(&plain, &nsec3);
		text = buf_text(&nsec3);
		(void)keyring_set_metadata(kept, "NSEC3PARAM", &text, 1);
		if (zone->nsec3->is_narrow)
			(void)keyring_set_metadata(kept, "NSEC3NARROW", yes, 1);
	}
	log_made(zone, content.data);
	explicit_bzero(content.data, content.room);
	buf_fini(&content);
	buf_fini(&nsec3);
}

static bool
is_new(const struct keys *keys, const struct config_zone *zone)
{
	return zone->dnssec == ZONE_DNSSEC_SELF &&
	       keyring_find(&keys->keyring, &zone->dname) == NULL;
}

/* Make what is missing; a zone whose keys were removed is not new. */
static void
zones_begin(struct keys *keys)
{
	const struct config *config = keys->config;
	size_t wanted = 0;

	for (size_t i = 0; i < config->zone_count; i++)
		wanted += is_new(keys, &config->zones[i]);
	if (wanted == 0 || !door_begin(keys))
		return;
	for (size_t i = 0; i < config->zone_count; i++)
		if (is_new(keys, &config->zones[i]))
			zone_begin(keys, &config->zones[i]);
	(void)door_commit(keys);
}

void
keys_set_config(struct keys *keys, const struct config *config)
{
	struct problem problem = { "" };

	keys->config = config;
	if (!has_self(config))
		return;
	if ((!keys->file.is_open && keyring_file_open(config->state_directory,
					&keys->file, &problem) != STATUS_OK) ||
	    keyring_file_read(&keys->file, &keys->keyring, &problem) !=
		STATUS_OK) {
		failed(keys, &problem,
		    "zones with 'dnssec: self' cannot be answered");
		return;
	}
	keys->door.is_lost = false;
	warn(keys);
	zones_begin(keys);
}

void
keys_open(struct keys *keys, const struct config *config,
    void (*changed)(void *arg), void *arg)
{
	*keys = (struct keys){ .changed = changed,
		.arg = arg,
		.door = { .is_lost = true,
		    .begin = door_begin,
		    .commit = door_commit,
		    .cancel = door_cancel } };
	keyring_init(&keys->keyring);
	keys->door.keyring = &keys->keyring;
	keys->door.arg = keys;
	keys_set_config(keys, config);
}

void
keys_close(struct keys *keys)
{
	keyring_file_close(&keys->file);
	keyring_fini(&keys->keyring);
}

bool
keys_refresh(struct keys *keys)
{
	struct problem problem = { "" };

	if (!keys->file.is_open || !keyring_file_is_changed(&keys->file))
		return false;
	if (keyring_file_read(&keys->file, &keys->keyring, &problem) !=
	    STATUS_OK) {
		failed(keys, &problem, "the keys stay as they were");
		return false;
	}
	keys->door.is_lost = false;
	warn(keys);
	mended(keys);
	return true;
}

void
keys_apply(const struct keys *keys, struct store *store)
{
	const struct config *config = keys->config;

	for (size_t i = 0; i < config->zone_count; i++) {
		const struct dname *apex = &config->zones[i].dname;
		const struct keyring_zone *kept = keyring_find(
		    &keys->keyring, apex);
		uint8_t digest[KEYRING_DIGEST];
		struct content content;
		struct nsec3 nsec3;
		bool is_hashed;

		if (config->zones[i].dnssec != ZONE_DNSSEC_SELF || kept == NULL)
			continue;
		is_hashed = keyring_nsec3(kept, &nsec3) && !nsec3.is_narrow;
		keyring_digest(kept, digest);
		memcpy(&content, digest, sizeof(content));
		store_set_dnssec(
		    store, apex, is_hashed ? &nsec3 : NULL, &content);
	}
}
