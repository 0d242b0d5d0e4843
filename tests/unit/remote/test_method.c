/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "remote/method.h"
#include "world.h"

/*
 * What PowerDNS hears is in tests/transcripts/; here is what only a caller
 * sees: the outcomes, and that nothing else is touched.
 */

#define OWNER "_25_tcp_mail_example_com.tlsa.example.net."

static const char yaml[] =
    "sources: [{type: files, path: /nowhere}]\n"
    "zones: [{name: tlsa.example.net, nameservers: [ns1.example.net]}]\n"
    "services:\n"
    "  - {host: mail.example.com, lineages: [mail], records: [\"3 1 1\"],\n"
    "     retain: 0}\n"
    "  - {host: blind.example.com, lineages: [blind]}\n";

static struct world world;

static int
world_setup(void **state)
{
	(void)state;
	world_init(&world, yaml);
	world_renew(&world, "mail", world_mail_pem, 900);
	return 0;
}

static int
world_teardown(void **state)
{
	(void)state;
	world_fini(&world);
	return 0;
}

/* Ask with `snapshot`; the reply is kept behind what `reply` holds. */
static enum outcome
ask(const struct snapshot *snapshot, const char *line, struct buf *reply,
    struct problem *problem)
{
	const struct method_context context = { .snapshot = snapshot,
		.notified = &world.notified };

	return method_answer(&context, line, strlen(line), reply, problem);
}

static const struct {
	const char *why;
	const char *line;
	enum outcome without; /* a snapshot */
	enum outcome with;
} rows[] = {
	{ "initialize is answered at once",
	    "{\"method\":\"initialize\",\"parameters\":{\"path\":\"/p\"}}",
	    OUTCOME_REPLY, OUTCOME_REPLY },
	{ "what is refused is refused at once", "{\"method\":\"nosuch\"}",
	    OUTCOME_REPLY, OUTCOME_REPLY },
	{ "whose keys they are has to be known",
	    "{\"method\":\"getDomainKeys\",\"parameters\":{\"name\":\"a.\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "a lookup waits",
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":\"" OWNER
	    "\",\"qtype\":\"ANY\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "even for a name that is none",
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":\"a..b\","
	    "\"qtype\":\"ANY\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "APILookup waits",
	    "{\"method\":\"APILookup\",\"parameters\":{\"qname\":\"a.\","
	    "\"qtype\":\"ANY\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "list waits",
	    "{\"method\":\"list\",\"parameters\":{\"zonename\":\"a.\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "getAllDomains waits", "{\"method\":\"getAllDomains\"}", OUTCOME_WAIT,
	    OUTCOME_REPLY },
	{ "getDomainInfo waits",
	    "{\"method\":\"getDomainInfo\",\"parameters\":{\"name\":"
	    "\"tlsa.example.net.\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "getBeforeAndAfterNamesAbsolute waits",
	    "{\"method\":\"getBeforeAndAfterNamesAbsolute\",\"parameters\":{"
	    "\"id\":1073741824,\"qname\":\"a.\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "getDomainMetadata waits",
	    "{\"method\":\"getDomainMetadata\",\"parameters\":{\"name\":\"a.\","
	    "\"kind\":\"X\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "getAllDomainMetadata waits",
	    "{\"method\":\"getAllDomainMetadata\",\"parameters\":{\"name\":"
	    "\"a.\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "getUpdatedMasters waits",
	    "{\"method\":\"getUpdatedMasters\",\"parameters\":{}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "setNotified waits",
	    "{\"method\":\"setNotified\",\"parameters\":{\"id\":1073741824,"
	    "\"serial\":1}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "searchRecords waits",
	    "{\"method\":\"searchRecords\",\"parameters\":{\"pattern\":\"*\","
	    "\"maxResults\":1}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "a lineage that was never readable",
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":"
	    "\"_25_tcp_blind_example_com.tlsa.example.net.\",\"qtype\":"
	    "\"ANY\"}}",
	    OUTCOME_WAIT, OUTCOME_CANNOT_TELL },
	{ "its TLSA RRset",
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":"
	    "\"_25_tcp_blind_example_com.tlsa.example.net.\",\"qtype\":"
	    "\"TLSA\"}}",
	    OUTCOME_WAIT, OUTCOME_CANNOT_TELL },
	{ "but there is no SOA in any case",
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":"
	    "\"_25_tcp_blind_example_com.tlsa.example.net.\",\"qtype\":"
	    "\"SOA\"}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "asked from another zone we know: nothing",
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":"
	    "\"_25_tcp_blind_example_com.tlsa.example.net.\",\"qtype\":"
	    "\"ANY\",\"zone-id\":1}}",
	    OUTCOME_WAIT, OUTCOME_REPLY },
	{ "a list with a gap",
	    "{\"method\":\"list\",\"parameters\":{\"zonename\":"
	    "\"tlsa.example.net.\"}}",
	    OUTCOME_WAIT, OUTCOME_CANNOT_TELL },
	{ "a lookup of nothing",
	    "{\"method\":\"lookup\",\"parameters\":{\"qtype\":\"ANY\"}}",
	    OUTCOME_WAIT, OUTCOME_CANNOT_TELL },
	{ "a lookup of nothing for a type",
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":\"a.\"}}",
	    OUTCOME_WAIT, OUTCOME_CANNOT_TELL },
	{ "garbage", "hello", OUTCOME_MALFORMED, OUTCOME_MALFORMED },
	{ "no request", "{\"parameters\":{}}", OUTCOME_MALFORMED,
	    OUTCOME_MALFORMED },
	{ "nothing", "", OUTCOME_MALFORMED, OUTCOME_MALFORMED },
};

static void
row_check(size_t row, const struct snapshot *snapshot, enum outcome expected)
{
	struct buf reply = { 0 };
	struct problem problem = { "untouched" };
	bool failed = expected == OUTCOME_CANNOT_TELL ||
		      expected == OUTCOME_MALFORMED;
	const char *text;

	print_message("# %s\n", rows[row].why);
	buf_add_string(&reply, "before\n");
	assert_int_equal(
	    ask(snapshot, rows[row].line, &reply, &problem), expected);
	text = buf_text(&reply);
	if (expected == OUTCOME_REPLY) {
		assert_memory_equal(text, "before\n{\"result\":", 17);
		/* One line, and not more. */
		assert_ptr_equal(strchr(text + 7, '\n'), text + reply.len - 1);
	} else {
		assert_string_equal(text, "before\n");
	}
	assert_int_equal(strcmp(problem.text, "untouched") != 0, failed);
	buf_fini(&reply);
}

static void
test_outcomes(void **state)
{
	(void)state;
	(void)store_set_problem(world.store, 0, "blind", "is garbage");
	world_publish(&world, 1000);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		row_check(i, NULL, rows[i].without);
		row_check(i, world.snapshot, rows[i].with);
	}
}

static void
assert_lookup(
    const struct snapshot *snapshot, const char *leaf, const char *last_leaf)
{
	static const char line[] =
	    "{\"method\":\"lookup\",\"parameters\":{\"qname\":\"" OWNER
	    "\",\"qtype\":\"ANY\"}}";
	struct buf reply = { 0 };
	struct problem problem;

	assert_int_equal(ask(snapshot, line, &reply, &problem), OUTCOME_REPLY);
	assert_non_null(strstr(buf_text(&reply), leaf));
	if (last_leaf != NULL)
		assert_null(strstr(buf_text(&reply), last_leaf));
	buf_fini(&reply);
}

/* A snapshot gives the same answer for ever, whatever the store does. */
static void
test_frozen(void **state)
{
	struct snapshot *first;

	(void)state;
	world_publish(&world, 1000);
	first = snapshot_ref(world.snapshot);
	assert_lookup(first, WORLD_MAIL_LEAF, WORLD_NEXT_LEAF);
	world_renew(&world, "mail", world_next_pem, 2000);
	assert_lookup(first, WORLD_MAIL_LEAF, WORLD_NEXT_LEAF);
	world_publish(&world, 2000);
	assert_lookup(world.snapshot, WORLD_NEXT_LEAF, NULL);
	assert_lookup(first, WORLD_MAIL_LEAF, WORLD_NEXT_LEAF);
	snapshot_unref(first);
}

static void
assert_domain(const char *member, bool has)
{
	struct buf reply = { 0 };
	struct problem problem;

	assert_int_equal(
	    ask(world.snapshot,
		"{\"method\":\"getDomainInfo\",\"parameters\":{\"name\":"
		"\"tlsa.example.net.\"}}",
		&reply, &problem),
	    OUTCOME_REPLY);
	assert_int_equal(strstr(buf_text(&reply), member) != NULL, has);
	buf_fini(&reply);
}

/* The serial is the time of the last change, and a notification lasts. */
static void
test_serial_and_notified(void **state)
{
	struct buf reply = { 0 };
	struct problem problem;

	(void)state;
	world_publish(&world, 1000);
	assert_domain("\"serial\":1000,\"notified_serial\":0", true);
	assert_int_equal(
	    ask(world.snapshot,
		"{\"method\":\"setNotified\",\"parameters\":{\"id\":"
		"1073741824,\"serial\":1000}}",
		&reply, &problem),
	    OUTCOME_REPLY);
	assert_domain("\"serial\":1000,\"notified_serial\":1000", true);
	buf_clear(&reply);
	assert_int_equal(
	    ask(world.snapshot, "{\"method\":\"getUpdatedMasters\"}", &reply,
		&problem),
	    OUTCOME_REPLY);
	assert_string_equal(buf_text(&reply), "{\"result\":[]}\n");
	/* Nothing changed: neither does the serial. */
	world_renew(&world, "mail", world_mail_pem, 2000);
	world_publish(&world, 2000);
	assert_domain("\"serial\":1000,\"notified_serial\":1000", true);
	world_renew(&world, "mail", world_next_pem, 3000);
	world_publish(&world, 3000);
	assert_domain("\"serial\":3000,\"notified_serial\":1000", true);
	/* The clock went back: the serial does not. */
	world_renew(&world, "mail", world_mail_pem, 500);
	world_publish(&world, 500);
	assert_domain("\"serial\":3001,", true);
	buf_fini(&reply);
}

/* A configuration of that many zones; free() it. */
static char *
many_zones(size_t count)
{
	struct buf text = { 0 };

	buf_add_string(
	    &text, "sources: [{type: files, path: /nowhere}]\nzones:\n");
	for (size_t i = 0; i < count; i++)
		buf_add_format(&text,
		    "  - {name: z%04zu.example.net, nameservers: "
		    "[ns1.example.net]}\n",
		    i);
	(void)buf_text(&text);
	return text.data;
}

/*
 * Lists show what kind a zone is of and its serial, unless PowerDNS would be
 * long over it; then all zones are still there.
 */
static void
test_all_domains(void **state)
{
	static const char line[] = "{\"method\":\"getAllDomains\"}";
	/* A row has 101 octets and a comma: 642 are just below 64 KiB. */
	static const size_t counts[] = { 1, 642, 643, 3000 };
	struct problem problem;

	(void)state;
	for (size_t i = 0; i < LENGTH(counts); i++) {
		char *text = many_zones(counts[i]);
		struct buf reply = { 0 };
		json_t *root, *list;
		bool is_long = counts[i] <= 642;

		world_init(&world, text);
		world_publish(&world, 1795435200);
		assert_int_equal(
		    ask(world.snapshot, line, &reply, &problem), OUTCOME_REPLY);
		print_message(
		    "# %zu zones, %zu octets\n", counts[i], reply.len);
		root = json_loadb(reply.data, reply.len, 0, NULL);
		list = json_object_get(root, "result");
		assert_int_equal(json_array_size(list), counts[i]);
		for (size_t k = 0; k < counts[i]; k++)
			assert_int_equal(
			    json_object_size(json_array_get(list, k)),
			    is_long ? 5 : 2);
		if (is_long)
			assert_true(reply.len < 65536);
		json_decref(root);
		buf_fini(&reply);
		free(text);
		world_fini(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_outcomes, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    test_frozen, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    test_serial_and_notified, world_setup, world_teardown),
		cmocka_unit_test(test_all_domains),
	};

	return cmocka_run_group_tests_name("method", tests, NULL, NULL);
}
