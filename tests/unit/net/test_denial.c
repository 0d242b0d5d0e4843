/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "net/denial.h"

#define ZEROS "0000000000000000000000000000000"

/* Hashes as the labels of NSEC3 records (base32hex). */
static const struct {
	const char *why;
	const char *owner, *next;
	bool is_narrow;
} pairs[] = {
	{ "one name covered", ZEROS "0", ZEROS "2", true },
	{ "none covered", ZEROS "0", ZEROS "1", true },
	{ "two covered", ZEROS "0", ZEROS "3", false },
	{ "the only one of its zone", ZEROS "7", ZEROS "7", false },
	{ "backwards", ZEROS "2", ZEROS "0", false },
	{ "carry", "000000000000000000000000000000vv",
	    "00000000000000000000000000000101", true },
	{ "carry, too far", "000000000000000000000000000000vv",
	    "00000000000000000000000000000102", false },
	{ "carry through all", "0vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv",
	    "10000000000000000000000000000000", true },
	{ "around the end", "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv", ZEROS "1",
	    true },
	{ "around the end to zero", "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv",
	    ZEROS "0", true },
	{ "same but for the first digit",
	    "1000000000000000000000000000000"
	    "0",
	    "20000000000000000000000000000001", false },
	{ "of a zone (RFC 5155 A)", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
	    "2t7b4g4vsa5smi47k61mv5bv1a22bojr", false },
};

static void
test_narrow(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(pairs); i++) {
		uint8_t owner[NSEC3_HASH], next[NSEC3_HASH];

		print_message("# %s\n", pairs[i].why);
		assert_true(nsec3_label_parse(pairs[i].owner, 32, owner));
		assert_true(nsec3_label_parse(pairs[i].next, 32, next));
		assert_int_equal(
		    denial_is_narrow(owner, next), pairs[i].is_narrow);
	}
}

#define WIDE                                                                   \
	"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. 60 IN NSEC3 1 0 12 aabb "   \
	"2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG"
#define NARROW ZEROS "0.example. 60 IN NSEC3 1 0 0 - " ZEROS "2 A RRSIG"
#define PLAIN  "a.example. 60 IN NSEC b.example. A RRSIG NSEC"
#define SOA    "example. 60 IN SOA ns. host. 1 2 3 4 5"

/* Authority sections, and how they are told. */
static const struct {
	const char *why;
	const char *records[3];
	enum denial_mode mode;
	const char *text;
} answers[] = {
	{ "unsigned", { SOA }, DENIAL_NONE, "nothing" },
	{ "NSEC", { SOA, PLAIN }, DENIAL_NSEC, "NSEC" },
	{ "NSEC3", { SOA, WIDE }, DENIAL_NSEC3, "NSEC3 (1 0 12 aabb)" },
	{ "narrow", { NARROW, SOA }, DENIAL_NARROW, "NSEC3 (1 0 0 - narrow)" },
	{ "one wide record spoils it", { NARROW, WIDE, NARROW }, DENIAL_NSEC3,
	    NULL },
	{ "so does an NSEC record", { NARROW, PLAIN, WIDE }, DENIAL_NSEC,
	    "NSEC" },
	{ "a hash of another length",
	    { "0p9mhave.example. 60 IN NSEC3 1 0 0 - 0p9mhave A" },
	    DENIAL_NSEC3, "NSEC3 (1 0 0 -)" },
};

static ldns_rr *
rr_make(const char *text)
{
	ldns_rr *rr = NULL;

	assert_int_equal(
	    ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL), LDNS_STATUS_OK);
	return rr;
}

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(answers); i++) {
		ldns_pkt *packet = ldns_pkt_new();
		struct denial denial;
		struct buf text = { 0 };

		print_message("# %s\n", answers[i].why);
		for (size_t r = 0; r < 3 && answers[i].records[r] != NULL; r++)
			assert_true(
			    ldns_pkt_push_rr(packet, LDNS_SECTION_AUTHORITY,
				rr_make(answers[i].records[r])));
		denial_read(packet, &denial);
		assert_int_equal(denial.mode, answers[i].mode);
		denial_format(&denial, &text);
		if (answers[i].text != NULL)
			assert_string_equal(buf_text(&text), answers[i].text);
		buf_fini(&text);
		ldns_pkt_free(packet);
	}
}

/* NSEC3PARAM tells only where nothing else did. */
static void
test_param(void **state)
{
	ldns_pkt *packet = ldns_pkt_new();
	struct denial denial = { .mode = DENIAL_NARROW };

	(void)state;
	assert_true(ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER,
	    rr_make("example. 60 IN NSEC3PARAM 1 0 7 -")));
	denial_read_param(packet, &denial);
	assert_int_equal(denial.mode, DENIAL_NARROW);
	denial = (struct denial){ .mode = DENIAL_NONE };
	denial_read_param(packet, &denial);
	assert_int_equal(denial.mode, DENIAL_NSEC3);
	assert_int_equal(denial.nsec3.iterations, 7);
	ldns_pkt_free(packet);
}

/* What PowerDNS serves against our `nsec3:` ("": none). */
static const struct {
	enum denial_mode mode;
	const char *served, *configured;
	bool agrees;
} agreements[] = {
	{ DENIAL_NSEC, "", "", true },
	{ DENIAL_NSEC, "", "1 0 0 -", false },
	{ DENIAL_NSEC, "", "1 0 0 - narrow", false },
	{ DENIAL_NSEC3, "1 0 0 -", "1 0 0 -", true },
	{ DENIAL_NSEC3, "1 0 0 -", "", false },
	{ DENIAL_NSEC3, "1 0 0 -", "1 0 1 -", false },
	{ DENIAL_NSEC3, "1 0 0 ab", "1 0 0 ac", false },
	{ DENIAL_NSEC3, "1 0 0 -", "1 0 0 - narrow", false },
	{ DENIAL_NARROW, "1 0 0 - narrow", "", true },
	{ DENIAL_NARROW, "1 0 0 - narrow", "1 0 0 -", true },
};

static void
test_agrees(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(agreements); i++) {
		struct denial served = { .mode = agreements[i].mode };
		struct nsec3 configured;
		bool is_set = agreements[i].configured[0] != '\0';

		print_message("# %d, '%s', '%s'\n", (int)agreements[i].mode,
		    agreements[i].served, agreements[i].configured);
		if (agreements[i].served[0] != '\0')
			assert_int_equal(nsec3_parse(agreements[i].served,
					     &served.nsec3, NULL),
			    STATUS_OK);
		if (is_set)
			assert_int_equal(nsec3_parse(agreements[i].configured,
					     &configured, NULL),
			    STATUS_OK);
		assert_int_equal(
		    denial_agrees(&served, is_set ? &configured : NULL),
		    agreements[i].agrees);
	}
}

/* With an SOA record whose TTL and minimum are 300 at most. */
static const struct {
	const char *why;
	const char *record;
	bool is_foreign;
} apexes[] = {
	{ "NSEC of the zone", "example. 300 IN NSEC a.example. NS SOA RRSIG",
	    false },
	{ "a shorter TTL", "example. 60 IN NSEC a.example. NS SOA RRSIG",
	    false },
	{ "NSEC with a longer TTL",
	    "example. 301 IN NSEC a.example. NS SOA RRSIG", true },
	{ "NSEC without NS", "example. 60 IN NSEC example. SOA RRSIG NSEC",
	    true },
	{ "NSEC of a name below", "a.example. 60 IN NSEC example. TLSA RRSIG",
	    false },
	{ "NSEC3 of the zone",
	    ZEROS "0.example. 300 IN NSEC3 1 0 0 - " ZEROS "2 NS SOA RRSIG",
	    false },
	{ "NSEC3 with a longer TTL",
	    ZEROS "0.example. 3600 IN NSEC3 1 0 0 - " ZEROS "2 NS SOA RRSIG",
	    true },
	{ "NSEC3 without NS",
	    ZEROS "0.example. 60 IN NSEC3 1 0 0 - " ZEROS "2 SOA RRSIG", true },
	{ "NSEC3 of an empty non-terminal",
	    ZEROS "0.example. 60 IN NSEC3 1 0 0 - " ZEROS "2", false },
	{ "another record", "example. 3600 IN SOA ns. host. 1 2 3 4 5", false },
};

static void
test_foreign(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(apexes); i++) {
		ldns_pkt *packet = ldns_pkt_new();
		struct problem why = { "" };

		print_message("# %s\n", apexes[i].why);
		ldns_pkt_push_rr(
		    packet, LDNS_SECTION_AUTHORITY, rr_make(apexes[i].record));
		assert_int_equal(
		    denial_is_foreign(packet, 300, &why), apexes[i].is_foreign);
		assert_int_equal(why.text[0] != '\0', apexes[i].is_foreign);
		ldns_pkt_free(packet);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_param),
		cmocka_unit_test(test_agrees),
		cmocka_unit_test(test_foreign),
	};
	return cmocka_run_group_tests_name("denial", tests, NULL, NULL);
}
