/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "keyring/keyring.h"

#define ZONE "tlsa.example.net."

static struct dname
name_read(const char *text)
{
	struct dname dname;

	assert_int_equal(dname_parse(text, strlen(text), &dname), STATUS_OK);
	return dname;
}

static struct keyring_zone *
zone_of(struct keyring *keyring, const char *name)
{
	const struct dname apex = name_read(name);

	return keyring_zone(keyring, &apex, true);
}

/* Ids are not given twice, not even of keys that are gone. */
static void
test_keys(void **state)
{
	struct keyring keyring;
	struct keyring_zone *zone;

	(void)state;
	keyring_init(&keyring);
	zone = zone_of(&keyring, "TLSA.Example.net.");
	assert_string_equal(zone->name, ZONE);
	assert_ptr_equal(zone, zone_of(&keyring, ZONE));
	assert_int_equal(keyring_add_key(zone, 257, true, true, "a"), 1);
	assert_int_equal(keyring_add_key(zone, 256, false, true, "b"), 2);
	assert_true(keyring_remove_key(zone, 2));
	assert_false(keyring_remove_key(zone, 2));
	assert_false(keyring_remove_key(zone, -1));
	assert_null(keyring_key(zone, 2));
	assert_int_equal(keyring_add_key(zone, 256, true, false, "c"), 3);
	assert_string_equal(keyring_key(zone, 1)->content, "a");
	assert_true(keyring_remove_key(zone, 1));
	assert_int_equal(zone->key_count, 1);
	assert_string_equal(zone->keys[0].content, "c");
	assert_false(zone->keys[0].is_published);
	keyring_fini(&keyring);
}

static void
test_limits(void **state)
{
	struct keyring keyring;
	struct keyring_zone *zone;
	char *longer = mem_new(LIMIT_KEY + 2);
	char kind[] = "KIND-AA";
	const char *values[LIMIT_METADATA + 1];

	(void)state;
	keyring_init(&keyring);
	zone = zone_of(&keyring, ZONE);
	memset(longer, 'x', LIMIT_KEY + 1);
	assert_int_equal(keyring_add_key(zone, 257, true, true, longer), 0);
	for (size_t i = 0; i < LIMIT_KEYS; i++)
		assert_int_not_equal(
		    keyring_add_key(zone, 257, true, true, longer + 1), 0);
	assert_int_equal(keyring_add_key(zone, 257, true, true, "a"), 0);
	for (size_t i = 0; i <= LIMIT_METADATA; i++)
		values[i] = "v";
	assert_false(
	    keyring_set_metadata(zone, "X", values, LIMIT_METADATA + 1));
	assert_true(keyring_set_metadata(zone, "X", values, LIMIT_METADATA));
	for (size_t i = 1; i < LIMIT_METADATA; i++) {
		kind[5] = (char)('A' + i / 26);
		kind[6] = (char)('A' + i % 26);
		assert_true(keyring_set_metadata(zone, kind, values, 1));
	}
	assert_false(keyring_set_metadata(zone, "Y", values, 1));
	assert_true(keyring_set_metadata(zone, "X", values, 2));
	assert_true(keyring_set_metadata(zone, "X", values, 0));
	assert_null(keyring_metadata(zone, "X"));
	values[0] = longer;
	assert_false(keyring_set_metadata(zone, "Y", values, 1));
	assert_false(keyring_set_metadata(zone, "", values + 1, 1));
	free(longer);
	keyring_fini(&keyring);
}

static const struct {
	const char *why;
	const char *param;
	const char *narrow;
	const char *expected; /* as nsec3_format() says; NULL: NSEC */
} denials[] = {
	{ "nothing said", NULL, NULL, NULL },
	{ "hashed", "1 0 0 -", NULL, "1 0 0 -" },
	{ "with a salt", "1 0 5 ab", NULL, "1 0 5 ab" },
	{ "narrow", "1 0 0 -", "1", "1 0 0 - narrow" },
	{ "not narrow", "1 0 0 -", "0", "1 0 0 -" },
	{ "narrow alone", NULL, "1", NULL },
	{ "empty", "", NULL, NULL },
	{ "rubbish", "yes", NULL, NULL },
};

static void
test_denials(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(denials); i++) {
		struct keyring keyring;
		struct keyring_zone *zone;
		struct buf text = { 0 };
		struct nsec3 nsec3;

		print_message("# %s\n", denials[i].why);
		keyring_init(&keyring);
		zone = zone_of(&keyring, ZONE);
		(void)keyring_set_metadata(zone, "NSEC3PARAM",
		    &denials[i].param, denials[i].param != NULL);
		(void)keyring_set_metadata(zone, "NSEC3NARROW",
		    &denials[i].narrow, denials[i].narrow != NULL);
		assert_int_equal(
		    keyring_nsec3(zone, &nsec3), denials[i].expected != NULL);
		if (denials[i].expected != NULL) {
			nsec3_format(&nsec3, &text);
			assert_string_equal(
			    buf_text(&text), denials[i].expected);
		}
		buf_fini(&text);
		keyring_fini(&keyring);
	}
}

/* Any change moves the digest; the same content has the same. */
static void
test_digest(void **state)
{
	static const char *const value = "1 0 0 -";
	uint8_t digests[6][KEYRING_DIGEST];
	struct keyring keyring;
	struct keyring_zone *zone;

	(void)state;
	keyring_init(&keyring);
	zone = zone_of(&keyring, ZONE);
	keyring_digest(zone, digests[0]);
	(void)keyring_add_key(zone, 257, true, true, "a");
	keyring_digest(zone, digests[1]);
	zone->keys[0].is_active = false;
	keyring_digest(zone, digests[2]);
	zone->keys[0].is_published = false;
	keyring_digest(zone, digests[3]);
	(void)keyring_set_metadata(zone, "NSEC3PARAM", &value, 1);
	keyring_digest(zone, digests[4]);
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(
			    digests[i], digests[k], KEYRING_DIGEST);
	keyring_digest(zone, digests[5]);
	assert_memory_equal(digests[4], digests[5], KEYRING_DIGEST);
	keyring_fini(&keyring);
}

static bool
tsig_set(struct keyring *keyring, const char *name, const char *algorithm,
    const char *secret)
{
	const struct dname dname = name_read(name);

	return keyring_set_tsig(keyring, &dname, algorithm, secret);
}

static const struct {
	const char *why;
	const char *algorithm;
	const char *secret;
	bool is_good;
} tsigs[] = {
	{ "as PowerDNS says it", "hmac-sha256.", "c2VjcmV0", true },
	{ "without the dot", "hmac-sha256", "c2VjcmV0", true },
	{ "the long name", "hmac-md5.sig-alg.reg.int.", "YQ==", true },
	{ "no padding", "hmac-sha256.", "YQ", true },
	{ "every character", "hmac-sha256.", "+/09azAZ", true },
	{ "no secret", "hmac-sha256.", "", false },
	{ "padding alone", "hmac-sha256.", "==", false },
	{ "too much of it", "hmac-sha256.", "YQ===", false },
	{ "something behind", "hmac-sha256.", "YQ==YQ==", false },
	{ "a space", "hmac-sha256.", "YQ ==", false },
	{ "base64url", "hmac-sha256.", "-_09azAZ", false },
	{ "no algorithm", "", "c2VjcmV0", false },
	{ "the root for one", ".", "c2VjcmV0", false },
	{ "no name for one", "a..b", "c2VjcmV0", false },
};

static void
test_tsig(void **state)
{
	struct keyring keyring;
	struct dname name = name_read("Key.Example.");
	const struct keyring_tsig *tsig;
	char *longer = mem_new(LIMIT_TSIG_SECRET + 2);

	(void)state;
	keyring_init(&keyring);
	assert_null(keyring_tsig(&keyring, &name));
	for (size_t i = 0; i < LENGTH(tsigs); i++) {
		print_message("# %s\n", tsigs[i].why);
		assert_int_equal(tsig_set(&keyring, "KEY.example",
				     tsigs[i].algorithm, tsigs[i].secret),
		    tsigs[i].is_good);
	}
	assert_int_equal(keyring.tsigs.count, 1);
	tsig = keyring_tsig(&keyring, &name);
	assert_string_equal(tsig->name, "key.example.");
	assert_string_equal(tsig->algorithm, "hmac-sha256.");
	assert_string_equal(tsig->secret, "+/09azAZ");
	memset(longer, 'x', LIMIT_TSIG_SECRET + 1);
	assert_false(tsig_set(&keyring, "a.", "hmac-sha256.", longer));
	assert_true(tsig_set(&keyring, "a.", "hmac-sha256.", longer + 1));
	assert_false(tsig_set(&keyring, ".", "hmac-sha256.", "YQ=="));
	assert_true(keyring_remove_tsig(&keyring, &name));
	assert_false(keyring_remove_tsig(&keyring, &name));
	while (keyring.tsigs.count < LIMIT_TSIG) {
		char *text = mem_format("k%zu.", keyring.tsigs.count);

		assert_true(tsig_set(&keyring, text, "hmac-sha256.", "YQ=="));
		free(text);
	}
	assert_false(tsig_set(&keyring, "more.", "hmac-sha256.", "YQ=="));
	assert_true(tsig_set(&keyring, "a.", "hmac-sha256.", "YQ=="));
	free(longer);
	keyring_fini(&keyring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_denials),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_tsig),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
