/* SPDX-License-Identifier: MIT */
#include "ca_keys.h"

#include <stdlib.h>

#include "base/mem.h"

static void
key_free(void *value)
{
	struct ca_key *key = value;

	cert_unref(key->cert);
	free(key->text);
	free(key);
}

void
ca_keys_init(struct trie *keys)
{
	trie_init(keys, key_free);
}

bool
ca_keys_add(struct trie *keys, struct cert *cert, struct row *ret_row)
{
	struct ca_key *key;

	if (trie_get(keys, &cert, sizeof(struct cert *)) != NULL)
		return false;
	row_of_ca(cert, ret_row);
	key = mem_new(sizeof(*key));
	key->cert = cert_ref(cert);
	key->text = mem_copy(ret_row->values[0].data, ret_row->values[0].len);
	trie_set(keys, &cert, sizeof(struct cert *), key);
	return true;
}
