/* SPDX-License-Identifier: MIT */
/*
 * Any octets as dnssec.json of an earlier version: refused with a reason, or
 * taken over, and then what is written is read again.  Each key's text, which
 * any pdnsutil may have brought, is read as a key, too.
 */
#include <openssl/err.h>

#include "dns/dnskey.h"
#include "keyring/file.h"
#include "scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
zone_check(const struct trie_entry *entry, void *arg)
{
	const struct keyring_zone *zone = entry->value;
	struct nsec3 nsec3;

	(void)arg;
	(void)keyring_nsec3(zone, &nsec3);
	for (size_t i = 0; i < zone->key_count; i++) {
		const struct dname apex = { .len = 0 };
		struct buf text = { 0 };
		struct dnskey key;

		if (dnskey_parse(zone->keys[i].content, zone->keys[i].flags,
			&key, NULL) == STATUS_OK)
			dnskey_ds(&key, &apex, &text);
		buf_fini(&text);
		assert(ERR_peek_error() == 0);
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = { "" };
	struct keyring_file file = { 0 };
	struct keyring keyring;
	struct keyring again;
	enum status status;

	scratch_fill("dnssec.json", data, size);
	keyring_init(&keyring);
	status = keyring_file_open(scratch_directory, &file, &problem);
	if (status == STATUS_OK)
		status = keyring_file_begin(&file, &keyring, &problem);
	assert((status == STATUS_OK) == (problem.text[0] == '\0'));
	if (status == STATUS_OK) {
		(void)trie_walk(&keyring.zones, "", 0, zone_check, NULL);
		status = keyring_file_commit(&file, &keyring, &problem);
		assert(status == STATUS_OK);
		status = keyring_file_look(scratch_directory, &again, &problem);
		assert(status == STATUS_OK);
		assert(again.zones.count == keyring.zones.count &&
		       again.tsigs.count == keyring.tsigs.count);
		keyring_fini(&again);
	}
	keyring_file_close(&file);
	keyring_fini(&keyring);
	return 0;
}
