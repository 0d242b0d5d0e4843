/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "remote/reply.h"

static void
test_string(void **state)
{
	static const struct {
		const char *why;
		const char *text;
		size_t len;
		const char *expected;
	} cases[] = {
		{ "nothing", "", 0, "\"\"" },
		{ "plain", "_25._tcp.", 9, "\"_25._tcp.\"" },
		{ "a quote", "a\"b", 3, "\"a\\\"b\"" },
		{ "a backslash", "\\046", 4, "\"\\\\046\"" },
		{ "both at the ends", "\"a\\", 3, "\"\\\"a\\\\\"" },
		{ "a newline", "a\nb", 3, "\"a\\u000ab\"" },
		{ "NUL is an octet", "a\0b", 3, "\"a\\u0000b\"" },
		{ "the last before space", "\037 ", 2, "\"\\u001f \"" },
		{ "DEL", "~\177", 2, "\"~\\u007f\"" },
		{ "octets are no UTF-8", "\200\377", 2, "\"\\u0080\\u00ff\"" },
		{ "two octets", "a\303\274b", 4, "\"a\303\274b\"" },
		{ "three", "\342\202\254", 3, "\"\342\202\254\"" },
		{ "four, and a quote", "\360\237\223\247\"", 5,
		    "\"\360\237\223\247\\\"\"" },
		{ "cut", "a\342\202", 3, "\"a\\u00e2\\u0082\"" },
		{ "cut by a quote", "\342\"\202", 3, "\"\\u00e2\\\"\\u0082\"" },
		{ "too long a form", "\300\257", 2, "\"\\u00c0\\u00af\"" },
		{ "a surrogate", "\355\240\200", 3,
		    "\"\\u00ed\\u00a0\\u0080\"" },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("# %s\n", cases[i].why);
		buf_clear(&out);
		reply_string(&out, cases[i].text, cases[i].len);
		assert_string_equal(buf_text(&out), cases[i].expected);
	}
	buf_fini(&out);
}

/* Every octet, alone and between others, is one that jansson reads back. */
static void
test_string_is_json(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (int octet = 1; octet < 256; octet++) {
		char text[3] = { 'a', (char)octet, 'b' };
		json_t *value;

		buf_clear(&out);
		reply_string(&out, text, sizeof(text));
		value = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
		assert_true(json_is_string(value));
		assert_int_equal(
		    json_string_length(value), octet < 128 ? 3 : 4);
		json_decref(value);
	}
	buf_fini(&out);
}

/* RFC 3629 s3. */
static void
encode(uint32_t c, char *text)
{
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint32_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = len; i > 1; c >>= 6)
		text[--i] = (char)(0x80 | (c & 0x3f));
	text[0] = (char)(marks[len] | c);
}

/* Every character comes back as it was. */
static void
test_string_is_utf8(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 251) {
		char text[5] = "";
		json_t *value;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		encode(c, text);
		buf_clear(&out);
		reply_string(&out, text, strlen(text));
		value = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
		assert_true(json_is_string(value));
		assert_string_equal(json_string_value(value), text);
		json_decref(value);
	}
	buf_fini(&out);
}

static void
test_whole(void **state)
{
	struct buf out = { 0 };

	(void)state;
	reply_bool(&out, true);
	reply_bool(&out, false);
	reply_empty(&out);
	assert_string_equal(buf_text(&out), "{\"result\":true}\n"
					    "{\"result\":false}\n"
					    "{\"result\":[]}\n");
	buf_fini(&out);
}

static struct zone *
zone_make(char *hostmaster)
{
	static char ns1[] = "ns1.example.net.";
	static char ns2[] = "ns2.example.net.";
	static char *nameservers[] = { ns1, ns2 };
	static char name[] = "tlsa.example.net.";
	struct config_zone config = {
		.name = name,
		.nameservers = nameservers,
		.nameserver_count = 2,
		.hostmaster = hostmaster,
	};
	struct zone *zone;

	assert_int_equal(
	    dname_parse(name, strlen(name), &config.dname), STATUS_OK);
	zone = zone_new(zone_apex_new(&config, ZONE_ID_FIRST, 3600));
	zone->serial = 1795435200;
	return zone;
}

static struct tlsa *
tlsa_make(const char *text)
{
	size_t len = strlen(text);
	struct tlsa *tlsa = mem_new(sizeof(*tlsa) + len + 1);

	tlsa->refs = 1;
	tlsa->len = len;
	memcpy(tlsa->text, text, len + 1);
	return tlsa;
}

static struct dname
name_of(const char *name)
{
	struct dname dname;

	assert_int_equal(dname_parse(name, strlen(name), &dname), STATUS_OK);
	return dname;
}

static struct owner *
owner_make(void)
{
	struct owner *owner = owner_new(300, 2);

	owner->rdata[0] = tlsa_make("3 1 1 00");
	owner->rdata[1] = tlsa_make("2 1 1 ff");
	return owner;
}

static void
test_records(void **state)
{
	static char hostmaster[] = "hostmaster.example.net.";
	struct zone *zone = zone_make(hostmaster);
	struct dname mx = name_of("mx");
	struct dname name = name_of("_25._tcp.MX.tlsa.example.net.");
	struct owner *owner = owner_make();
	struct buf out = { 0 };
	struct records records;

	(void)state;
	records_begin(&records, &out, 7);
	records_add_soa(&records, zone);
	records_add_ns(&records, zone);
	records_add_tlsa(&records, name.key, name.len, owner);
	records_add_empty_non_terminal(&records, mx.key, mx.len);
	records_end(&records);
	assert_int_equal(records.count, 6);
	assert_string_equal(buf_text(&out),
	    "{\"result\":["
	    "{\"qtype\":\"SOA\",\"qname\":\"tlsa.example.net.\",\"content\":"
	    "\"ns1.example.net hostmaster.example.net 1795435200 900 300 "
	    "1209600 300\",\"ttl\":3600,\"domain_id\":7,\"auth\":1},"
	    "{\"qtype\":\"NS\",\"qname\":\"tlsa.example.net.\",\"content\":"
	    "\"ns1.example.net\",\"ttl\":3600,\"domain_id\":7,\"auth\":1},"
	    "{\"qtype\":\"NS\",\"qname\":\"tlsa.example.net.\",\"content\":"
	    "\"ns2.example.net\",\"ttl\":3600,\"domain_id\":7,\"auth\":1},"
	    "{\"qtype\":\"TLSA\",\"qname\":\"_25._tcp.mx.tlsa.example.net.\","
	    "\"content\":\"3 1 1 00\",\"ttl\":300,\"domain_id\":7,\"auth\":1},"
	    "{\"qtype\":\"TLSA\",\"qname\":\"_25._tcp.mx.tlsa.example.net.\","
	    "\"content\":\"2 1 1 ff\",\"ttl\":300,\"domain_id\":7,\"auth\":1},"
	    "{\"qtype\":\"ENT\",\"qname\":\"mx.\",\"content\":\"\",\"ttl\":0,"
	    "\"domain_id\":7,\"auth\":1}]}\n");
	buf_fini(&out);
	owner_free(owner);
	zone_free(zone);
}

/* What a zone file escapes is escaped once more in JSON. */
static void
test_name_is_json(void **state)
{
	struct dname name = name_of("_25._tcp.a\\.b\\200\\\"c.example.");
	struct owner *owner = owner_make();
	struct buf out = { 0 };
	struct records records;
	json_t *root;

	(void)state;
	records_begin(&records, &out, 7);
	records_add_tlsa(&records, name.key, name.len, owner);
	records_end(&records);
	root = json_loadb(out.data, out.len, 0, NULL);
	assert_non_null(root);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(
		    json_string_value(json_object_get(
			json_array_get(json_object_get(root, "result"), i),
			"qname")),
		    "_25._tcp.a\\.b\\200\\\"c.example.");
	json_decref(root);
	buf_fini(&out);
	owner_free(owner);
}

static void
test_no_records(void **state)
{
	struct buf out = { 0 };
	struct records records;

	(void)state;
	records_begin(&records, &out, 7);
	records_end(&records);
	assert_string_equal(buf_text(&out), "{\"result\":[]}\n");
	buf_fini(&out);
}

static void
test_ids(void **state)
{
	static const struct {
		int64_t id;
		const char *text;
	} cases[] = {
		{ 0, "\"domain_id\":0," },
		{ -1, "\"domain_id\":-1," },
		{ INT32_MAX, "\"domain_id\":2147483647," },
		{ UINT32_MAX, "\"domain_id\":4294967295," },
		{ INT64_MAX, "\"domain_id\":9223372036854775807," },
		{ INT64_MIN, "\"domain_id\":-9223372036854775808," },
	};

	struct dname name = name_of("a");

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct buf out = { 0 };
		struct records records;

		records_begin(&records, &out, cases[i].id);
		records_add_empty_non_terminal(&records, name.key, name.len);
		records_end(&records);
		assert_non_null(strstr(buf_text(&out), cases[i].text));
		buf_fini(&out);
	}
}

/* The dot of a mailbox is escaped, and a backslash in JSON is too. */
static void
test_soa_is_json(void **state)
{
	static char hostmaster[] = "dns\\.admin.example.net.";
	struct zone *zone = zone_make(hostmaster);
	struct buf out = { 0 };
	struct records records;
	json_t *root;
	const char *content;

	(void)state;
	records_begin(&records, &out, 7);
	records_add_soa(&records, zone);
	records_end(&records);
	root = json_loadb(out.data, out.len, 0, NULL);
	assert_non_null(root);
	content = json_string_value(json_object_get(
	    json_array_get(json_object_get(root, "result"), 0), "content"));
	assert_string_equal(content, "ns1.example.net dns\\.admin.example.net "
				     "1795435200 900 300 1209600 300");
	json_decref(root);
	buf_fini(&out);
	zone_free(zone);
}

static void
test_domain(void **state)
{
	static char hostmaster[] = "hostmaster.example.net.";
	struct zone *zone = zone_make(hostmaster);
	struct buf out = { 0 };

	(void)state;
	reply_domain_short(&out, zone);
	assert_string_equal(buf_text(&out),
	    "{\"id\":1073741824,\"zone\":\"tlsa.example.net.\"}");
	buf_clear(&out);
	zone->serial = UINT32_MAX;
	reply_domain_row(&out, zone, 5);
	assert_string_equal(buf_text(&out),
	    "{\"id\":1073741824,\"zone\":\"tlsa.example.net.\",\"kind\":"
	    "\"master\",\"serial\":4294967295,\"notified_serial\":5}");
	buf_clear(&out);
	reply_domain(&out, zone, 5);
	assert_string_equal(buf_text(&out),
	    "{\"id\":1073741824,\"zone\":\"tlsa.example.net.\",\"kind\":"
	    "\"master\",\"masters\":[],\"last_check\":0,\"serial\":4294967295,"
	    "\"notified_serial\":5}");
	buf_fini(&out);
	zone_free(zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_string),
		cmocka_unit_test(test_string_is_json),
		cmocka_unit_test(test_string_is_utf8),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_no_records),
		cmocka_unit_test(test_name_is_json),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_soa_is_json),
		cmocka_unit_test(test_domain),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
