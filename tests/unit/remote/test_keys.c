/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "remote/method.h"
#include "world.h"

/*
 * Keys and metadata as PowerDNS asks for them and changes them: what it hears,
 * and that nothing is told that is not kept.
 */

#define SELF  "tlsa.example.net."
#define OTHER "dane.example.net."

static const char yaml[] =
    "sources: [{type: files, path: /nowhere}]\n"
    "zones:\n"
    "  - {name: tlsa.example.net, nameservers: [ns1.example.net],\n"
    "     dnssec: self}\n"
    "  - {name: dane.example.net, nameservers: [ns1.example.net]}\n"
    "services: [{host: mail.example.com, lineages: [mail]}]\n";

/* A throw-away key in the text that pdnsutil makes. */
#define CONTENT                                                                \
	"Private-key-format: v1.2\\nAlgorithm: 13 (ECDSAP256SHA256)\\n"        \
	"PrivateKey: /HhzwMGyIxh62q/NilqX0Ox8o9HwS+fqSQBBjVuq9+o=\\n"
#define CONTENT_REPLY                                                          \
	"Private-key-format: v1.2\\u000aAlgorithm: 13 (ECDSAP256SHA256)"       \
	"\\u000aPrivateKey: /HhzwMGyIxh62q/NilqX0Ox8o9HwS+fqSQBBjVuq9+o="      \
	"\\u000a"

static struct world world;

/* What is behind the door: a keyring, and how often it was opened. */
static struct {
	struct keyring keyring;
	unsigned begun;
	unsigned committed;
	unsigned cancelled;
	bool is_stuck; /* begin fails */
	bool is_full;  /* commit fails */
} kept;

static bool
kept_begin(void *arg)
{
	(void)arg;
	kept.begun++;
	return !kept.is_stuck;
}

static bool
kept_commit(void *arg)
{
	(void)arg;
	kept.committed++;
	return !kept.is_full;
}

static void
kept_cancel(void *arg)
{
	(void)arg;
	kept.cancelled++;
}

static int
begin(void **state)
{
	struct dname apex;

	(void)state;
	world_init(&world, yaml);
	world_renew(&world, "mail", world_mail_pem, 900);
	world_publish(&world, 1000);
	memset(&kept, 0, sizeof(kept));
	keyring_init(&kept.keyring);
	assert_int_equal(dname_parse(SELF, strlen(SELF), &apex), STATUS_OK);
	(void)keyring_zone(&kept.keyring, &apex, true);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	keyring_fini(&kept.keyring);
	world_fini(&world);
	return 0;
}

static void
expect_with(const struct method_keys *keys, const char *line,
    enum outcome outcome, const char *expected)
{
	const struct method_context context = { .snapshot = world.snapshot,
		.notified = &world.notified,
		.keys = keys };
	struct problem problem = { "" };
	struct buf reply = { 0 };

	print_message("# %s\n", line);
	assert_int_equal(
	    method_answer(&context, line, strlen(line), &reply, &problem),
	    outcome);
	assert_string_equal(buf_text(&reply), expected);
	buf_fini(&reply);
}

static void
expect(const char *line, const char *expected)
{
	const struct method_keys keys = { .keyring = &kept.keyring,
		.begin = kept_begin,
		.commit = kept_commit,
		.cancel = kept_cancel };

	expect_with(&keys, line, OUTCOME_REPLY, expected);
}

#define REQUEST(method, rest)                                                  \
	"{\"method\":\"" method "\",\"parameters\":{\"name\":\"" rest "}}"
#define ADD                                                                    \
	REQUEST("addDomainKey",                                                \
	    SELF "\",\"key\":{\"flags\":257,\"active\":true,"                  \
		 "\"published\":true,\"content\":\"" CONTENT "\"}")
#define GET REQUEST("getDomainKeys", SELF "\"")
#define KEY(active, published)                                                 \
	"{\"result\":[{\"id\":1,\"flags\":257,\"active\":" active              \
	",\"published\":" published ",\"content\":\"" CONTENT_REPLY "\"}]}\n"
#define TRUE  "{\"result\":true}\n"
#define FALSE "{\"result\":false}\n"

static void
test_keys(void **state)
{
	(void)state;
	expect(GET, "{\"result\":[]}\n");
	expect(ADD, "{\"result\":1}\n");
	assert_int_equal(kept.begun, 1);
	assert_int_equal(kept.committed, 1);
	expect(GET, KEY("true", "true"));
	expect(REQUEST("deactivateDomainKey", SELF "\",\"id\":1"), TRUE);
	expect(GET, KEY("false", "true"));
	expect(REQUEST("unpublishDomainKey", SELF "\",\"id\":1"), TRUE);
	expect(GET, KEY("false", "false"));
	expect(REQUEST("activateDomainKey", SELF "\",\"id\":1"), TRUE);
	expect(GET, KEY("true", "false"));
	expect(REQUEST("publishDomainKey", SELF "\",\"id\":1"), TRUE);
	expect(GET, KEY("true", "true"));
	expect(REQUEST("removeDomainKey", SELF "\",\"id\":1"), TRUE);
	expect(GET, "{\"result\":[]}\n");
	expect(ADD, "{\"result\":2}\n");
	assert_int_equal(kept.cancelled, 0);
}

/* PowerDNS 4.7 sends booleans; other numbers of truth are understood. */
static void
test_truth(void **state)
{
	(void)state;
	expect(
	    REQUEST("addDomainKey", SELF
		"\",\"key\":{\"flags\":257,\"active\":1,\"content\":\"" CONTENT
		"\"}"),
	    "{\"result\":1}\n");
	expect(GET, KEY("true", "true"));
	expect(REQUEST("addDomainKey",
		   SELF "\",\"key\":{\"flags\":257,\"published\":0,"
			"\"content\":\"" CONTENT "\"}"),
	    "{\"result\":2}\n");
	assert_false(keyring_key(
	    trie_get(&kept.keyring.zones, "net\0example\0tlsa", 17), 2)
			 ->is_published);
}

static void
test_metadata(void **state)
{
	(void)state;
	expect(REQUEST("getAllDomainMetadata", SELF "\""), "{\"result\":{}}\n");
	expect(REQUEST("getDomainMetadata", SELF "\",\"kind\":\"SOA-EDIT\""),
	    "{\"result\":[]}\n");
	expect(REQUEST("setDomainMetadata",
		   SELF "\",\"kind\":\"SOA-EDIT\",\"value\":[\"EPOCH\"]"),
	    TRUE);
	expect(REQUEST("setDomainMetadata",
		   SELF "\",\"kind\":\"X\",\"value\":[\"a\\\"\",\"b\"]"),
	    TRUE);
	expect(REQUEST("getAllDomainMetadata", SELF "\""),
	    "{\"result\":{\"SOA-EDIT\":[\"EPOCH\"],\"X\":[\"a\\\"\",\"b\"]}}"
	    "\n");
	expect(REQUEST("getDomainMetadata", SELF "\",\"kind\":\"X\""),
	    "{\"result\":[\"a\\\"\",\"b\"]}\n");
	expect(
	    REQUEST("setDomainMetadata", SELF "\",\"kind\":\"X\",\"value\":[]"),
	    TRUE);
	expect(REQUEST("getAllDomainMetadata", SELF "\""),
	    "{\"result\":{\"SOA-EDIT\":[\"EPOCH\"]}}\n");
	expect(REQUEST("setDomainMetadata",
		   SELF "\",\"kind\":\"NSEC3PARAM\",\"value\":[\"1 0 0 -\"]"),
	    TRUE);
	assert_int_equal(kept.cancelled, 0);
}

#define SET_TSIG(name, algorithm, content)                                     \
	REQUEST("setTSIGKey", name "\",\"algorithm\":\"" algorithm             \
				   "\",\"content\":\"" content "\"")

static void
test_tsig(void **state)
{
	(void)state;
	expect("{\"method\":\"getTSIGKeys\",\"parameters\":{}}",
	    "{\"result\":[]}\n");
	expect(REQUEST("getTSIGKey", "k1.\""), FALSE);
	expect(SET_TSIG("k1.", "hmac-sha256.", "c2VjcmV0"), TRUE);
	expect(SET_TSIG("K2.Example.", "hmac-md5.", "YQ=="), TRUE);
	expect(REQUEST("getTSIGKey", "K1.\""),
	    "{\"result\":{\"algorithm\":\"hmac-sha256.\",\"content\":"
	    "\"c2VjcmV0\"}}\n");
	expect("{\"method\":\"getTSIGKeys\",\"parameters\":{}}",
	    "{\"result\":[{\"name\":\"k2.example.\",\"algorithm\":"
	    "\"hmac-md5.\",\"content\":\"YQ==\"},{\"name\":\"k1.\","
	    "\"algorithm\":\"hmac-sha256.\",\"content\":\"c2VjcmV0\"}]}\n");
	expect(SET_TSIG("k1.", "hmac-sha512.", "YWI="), TRUE);
	expect(REQUEST("getTSIGKey", "k1.\""),
	    "{\"result\":{\"algorithm\":\"hmac-sha512.\",\"content\":"
	    "\"YWI=\"}}\n");
	expect(REQUEST("deleteTSIGKey", "k1.\""), TRUE);
	expect(REQUEST("getTSIGKey", "k1.\""), FALSE);
	assert_int_equal(kept.committed, 4);
	assert_int_equal(kept.cancelled, 0);
}

/* Without a zone whose keys are here they are somebody else's. */
static const char *const tsig_lines[] = {
	REQUEST("getTSIGKey", "k1.\""),
	"{\"method\":\"getTSIGKeys\",\"parameters\":{}}",
	SET_TSIG("k1.", "hmac-sha256.", "c2VjcmV0"),
	REQUEST("deleteTSIGKey", "k1.\""),
};

static void
test_tsig_elsewhere(void **state)
{
	const struct method_keys lost = { .keyring = &kept.keyring,
		.is_lost = true,
		.begin = kept_begin,
		.commit = kept_commit,
		.cancel = kept_cancel };

	(void)state;
	for (size_t i = 0; i < LENGTH(tsig_lines); i++) {
		expect_with(NULL, tsig_lines[i], OUTCOME_REPLY, FALSE);
		expect_with(&lost, tsig_lines[i], OUTCOME_CANNOT_TELL, "");
	}
	assert_int_equal(kept.begun, 0);
	kept.is_full = true;
	expect(SET_TSIG("k1.", "hmac-sha256.", "c2VjcmV0"), FALSE);
	assert_int_equal(kept.committed, 1);
}

/* What makes no sense is refused, and changes nothing. */
static const char *const refused[] = {
	SET_TSIG("k1.", "hmac-sha256.", ""),
	SET_TSIG("k1.", "hmac-sha256.", "?"),
	SET_TSIG("k1.", "", "c2VjcmV0"),
	SET_TSIG(".", "hmac-sha256.", "c2VjcmV0"),
	REQUEST("setTSIGKey", "k1.\",\"algorithm\":\"hmac-sha256.\""),
	REQUEST("setTSIGKey", "k1.\",\"content\":\"c2VjcmV0\""),
	REQUEST("deleteTSIGKey", "k1.\""),
	REQUEST("addDomainKey", SELF "\""),
	REQUEST("addDomainKey", SELF "\",\"key\":1"),
	REQUEST("addDomainKey", SELF "\",\"key\":{\"flags\":257}"),
	REQUEST("addDomainKey",
	    SELF "\",\"key\":{\"flags\":65536,\"content\":\"" CONTENT "\"}"),
	REQUEST("addDomainKey",
	    SELF "\",\"key\":{\"flags\":257,\"content\":\"rubbish\"}"),
	REQUEST("removeDomainKey", SELF "\",\"id\":1"),
	REQUEST("removeDomainKey", SELF "\""),
	REQUEST("activateDomainKey", SELF "\",\"id\":-1"),
	REQUEST("setDomainMetadata", SELF "\",\"kind\":\"X\""),
	REQUEST("setDomainMetadata", SELF "\",\"kind\":\"X\",\"value\":\"a\""),
	REQUEST("setDomainMetadata", SELF "\",\"kind\":\"X\",\"value\":[1]"),
	REQUEST("setDomainMetadata", SELF "\",\"value\":[\"a\"]"),
	REQUEST("setDomainMetadata", SELF "\",\"kind\":\"\",\"value\":[\"a\"]"),
	REQUEST("setDomainMetadata",
	    SELF "\",\"kind\":\"NSEC3PARAM\",\"value\":[\"1 0 500 -\"]"),
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		expect(refused[i], FALSE);
		assert_int_equal(kept.cancelled, i + 1);
	}
	assert_int_equal(kept.committed, 0);
	expect(GET, "{\"result\":[]}\n");
}

/* Keys of other zones are another backend's, whoever asks. */
static const char *const others[] = {
	REQUEST("getDomainKeys", OTHER "\""),
	REQUEST("getDomainKeys", "example.net.\""),
	REQUEST("getDomainKeys", "_tcp." SELF "\""),
	REQUEST("addDomainKey",
	    OTHER "\",\"key\":{\"flags\":257,\"content\":\"" CONTENT "\"}"),
	REQUEST("removeDomainKey", OTHER "\",\"id\":1"),
	REQUEST(
	    "setDomainMetadata", OTHER "\",\"kind\":\"X\",\"value\":[\"a\"]"),
	REQUEST("setDomainMetadata",
	    "example.net.\",\"kind\":\"X\",\"value\":[\"a\"]"),
	REQUEST("getDomainMetadata", "example.net.\",\"kind\":\"X\""),
	REQUEST("getAllDomainMetadata", "example.net.\""),
};

static void
test_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(others); i++)
		expect(others[i], FALSE);
	assert_int_equal(kept.begun, 0);
	expect(
	    REQUEST("getAllDomainMetadata", OTHER "\""), "{\"result\":{}}\n");
	expect(REQUEST("getDomainMetadata", OTHER "\",\"kind\":\"X\""),
	    "{\"result\":[]}\n");
}

/* Unsigned is not the answer when the keys cannot be told. */
static void
test_lost(void **state)
{
	const struct method_keys lost = { .keyring = &kept.keyring,
		.is_lost = true,
		.begin = kept_begin,
		.commit = kept_commit,
		.cancel = kept_cancel };
	static const char *const lines[] = { GET, ADD,
		REQUEST("getAllDomainMetadata", SELF "\""),
		REQUEST("getDomainMetadata", SELF "\",\"kind\":\"X\""),
		REQUEST("removeDomainKey", SELF "\",\"id\":1"),
		REQUEST("setDomainMetadata",
		    SELF "\",\"kind\":\"X\",\"value\":[\"a\"]") };

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		expect_with(&lost, lines[i], OUTCOME_CANNOT_TELL, "");
		expect_with(NULL, lines[i], OUTCOME_CANNOT_TELL, "");
	}
	assert_int_equal(kept.begun, 0);
	/* Nor when a zone is not on record, for then none could be made. */
	keyring_fini(&kept.keyring);
	keyring_init(&kept.keyring);
	expect_with(&(struct method_keys){ .keyring = &kept.keyring }, GET,
	    OUTCOME_CANNOT_TELL, "");
}

static void
test_not_kept(void **state)
{
	(void)state;
	kept.is_stuck = true;
	expect(ADD, FALSE);
	assert_int_equal(kept.committed, 0);
	assert_int_equal(kept.cancelled, 0);
	kept.is_stuck = false;
	kept.is_full = true;
	expect(ADD, FALSE);
	assert_int_equal(kept.committed, 1);
	assert_int_equal(kept.cancelled, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keys, begin, end),
		cmocka_unit_test_setup_teardown(test_truth, begin, end),
		cmocka_unit_test_setup_teardown(test_metadata, begin, end),
		cmocka_unit_test_setup_teardown(test_tsig, begin, end),
		cmocka_unit_test_setup_teardown(
		    test_tsig_elsewhere, begin, end),
		cmocka_unit_test_setup_teardown(test_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_others, begin, end),
		cmocka_unit_test_setup_teardown(test_lost, begin, end),
		cmocka_unit_test_setup_teardown(test_not_kept, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
