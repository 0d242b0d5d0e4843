/* SPDX-License-Identifier: MIT */
#include "dns/alias.h"

#include <assert.h>
#include <string.h>

#include <openssl/evp.h>

#include "dns/nsec3.h"

enum {
	DIGEST_TEXT = 32, /* NSEC3_HASH octets in base32hex */
	SERVICE_LABELS = 2,
	PREFIX_MAX = DNAME_LABEL_MAX - 2 - DIGEST_TEXT,
};

/* What stands between underscores; keys are in lower case. */
static bool
is_plain(uint8_t octet)
{
	return (octet >= 'a' && octet <= 'z') ||
	       (octet >= '0' && octet <= '9') || octet == '-';
}

/*
 * Append a label with an underscore before it, which may be its own.  Returns
 * false if not all of it can be read back.
 */
static bool
label_add(const uint8_t *octets, size_t len, bool is_service, struct buf *text)
{
	size_t begin = len > 0 && octets[0] == '_' ? 1 : 0;
	bool is_good = is_service == (begin == 1) && len > begin;

	buf_add(text, "_", 1);
	for (size_t i = begin; i < len; i++) {
		bool is_octet_plain = is_plain(octets[i]);

		buf_add(
		    text, is_octet_plain ? (const char *)&octets[i] : "-", 1);
		is_good = is_good && is_octet_plain;
	}
	return is_good;
}

/* Append all labels; returns false if the name cannot be read back. */
static bool
name_add(const struct dname *name, struct buf *text)
{
	size_t len = name->len;
	size_t labels = 0;
	bool is_good = true;

	for (; len > 0; labels++) {
		size_t parent = dname_parent_len(name->key, len);

		is_good = label_add(&name->key[parent], len - 1 - parent,
			      labels < SERVICE_LABELS, text) &&
			  is_good;
		len = parent;
	}
	return is_good && labels > SERVICE_LABELS;
}

static void
digest_add(const struct dname *name, struct buf *label)
{
	uint8_t wire[DNAME_WIRE_MAX];
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t len = dname_wire(name->key, name->len, wire);
	int made = EVP_Digest(wire, len, digest, NULL, EVP_sha256(), NULL);

	/* It fails only without memory. */
	assert(made == 1);
	(void)made;
	/* An NSEC3 hash is as long, and is written so as well. */
	nsec3_label(digest, label);
}

void
alias_label(const struct dname *name, struct buf *label)
{
	struct buf text = { 0 };
	bool is_good = name_add(name, &text);

	if (is_good && text.len <= DNAME_LABEL_MAX) {
		buf_add(label, text.data, text.len);
	} else {
		if (text.len > 0)
			buf_add(label, text.data,
			    text.len < PREFIX_MAX ? text.len : PREFIX_MAX);
		buf_add(label, "__", 2);
		digest_add(name, label);
	}
	buf_fini(&text);
}

/* Put `len` octets of key, whose wire form has `wire`, below `apex`. */
static enum status
key_join(const uint8_t *key, size_t len, size_t wire, const struct dname *apex,
    struct dname *ret_name)
{
	uint8_t octets[DNAME_WIRE_MAX];

	if (wire + dname_wire(apex->key, apex->len, octets) > DNAME_WIRE_MAX)
		return STATUS_LIMIT;
	memmove(&ret_name->key[apex->len], key, len);
	memmove(ret_name->key, apex->key, apex->len);
	ret_name->len = (uint16_t)(apex->len + len);
	return STATUS_OK;
}

enum status
alias_flat(
    const struct dname *name, const struct dname *apex, struct dname *ret_alias)
{
	struct buf label = { 0 };
	enum status status;

	/* Nothing in it is escaped; the end of a key's label is a zero. */
	alias_label(name, &label);
	buf_add(&label, "", 1);
	status = key_join(
	    (const uint8_t *)label.data, label.len, label.len, apex, ret_alias);
	buf_fini(&label);
	return status;
}

enum status
alias_deep(
    const struct dname *name, const struct dname *apex, struct dname *ret_alias)
{
	uint8_t octets[DNAME_WIRE_MAX];

	return key_join(name->key, name->len,
	    dname_wire(name->key, name->len, octets) - 1, apex, ret_alias);
}

bool
alias_name(
    const struct dname *alias, const struct dname *apex, struct dname *ret_name)
{
	char text[DNAME_LABEL_MAX + SERVICE_LABELS];
	struct dname name;
	struct dname back;
	unsigned underscores = 0;
	size_t to = 0;

	if (alias->len <= apex->len || !dname_is_within(alias, apex) ||
	    dname_parent_len(alias->key, alias->len) != apex->len ||
	    alias->len - apex->len > DNAME_LABEL_MAX + 1)
		return false;
	/* The first one is no dot; the second is one and stays as well. */
	for (size_t i = apex->len; i < alias->len - 1U; i++) {
		uint8_t octet = alias->key[i];

		if (octet == '_' && ++underscores > 1)
			text[to++] = '.';
		if (octet != '_' || underscores <= SERVICE_LABELS)
			text[to++] = (char)octet;
	}
	/* What is not its alias again was something else. */
	if (dname_parse(text, to, &name) != STATUS_OK ||
	    alias_flat(&name, apex, &back) != STATUS_OK ||
	    !dname_equal(&back, alias))
		return false;
	*ret_name = name;
	return true;
}
