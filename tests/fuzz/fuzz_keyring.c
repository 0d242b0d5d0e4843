/* SPDX-License-Identifier: MIT */
/*
 * Any octets as dnssec.json: refused with a reason, or read, and then what is
 * written is read again and written alike.  Each key's text, which any
 * pdnsutil may have brought, is read as a key, too.
 */
#include <assert.h>
#include <openssl/err.h>
#include <string.h>

#include "dns/dnskey.h"
#include "keyring/keyring.h"

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
	struct keyring keyring;
	struct keyring again;
	struct problem problem = { "" };
	struct buf first = { 0 };
	struct buf second = { 0 };
	enum status status = keyring_parse(
	    (const char *)data, size, &keyring, &problem);

	assert((status == STATUS_OK) == (problem.text[0] == '\0'));
	if (status != STATUS_OK)
		return 0;
	(void)trie_walk(&keyring.zones, "", 0, zone_check, NULL);
	keyring_format(&keyring, &first);
	status = keyring_parse(first.data, first.len, &again, &problem);
	assert(status == STATUS_OK);
	keyring_format(&again, &second);
	assert(first.len == second.len &&
	       memcmp(first.data, second.data, first.len) == 0);
	buf_fini(&first);
	buf_fini(&second);
	keyring_fini(&keyring);
	keyring_fini(&again);
	return 0;
}
