/* SPDX-License-Identifier: MIT */
/* TSIG keys, which belong to no zone. */
#include "keyring/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"

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
keyring_tsigs_init(struct keyring *keyring)
{
	trie_init(&keyring->tsigs, tsig_free);
}

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
