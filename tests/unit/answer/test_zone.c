/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "answer/snapshot.h"
#include "answer/zone.h"
#include "base/mem.h"

static struct dname
name_read(const char *text)
{
	struct dname dname;

	assert_int_equal(dname_parse(text, strlen(text), &dname), STATUS_OK);
	return dname;
}

/* A zone of this name with two name servers. */
static struct zone_apex *
apex_make(const char *name, int32_t id)
{
	char text[64];
	char server[] = "ns1.example.com.";
	char other_server[] = "ns2.example.com.";
	char hostmaster[] = "host\\.master.example.com.";
	char *servers[] = { server, other_server };
	struct config_zone config = { .name = text,
		.dname = name_read(name),
		.nameservers = servers,
		.nameserver_count = 2,
		.hostmaster = hostmaster };

	assert_in_range(strlen(name), 1, sizeof(text) - 1);
	(void)strcpy(text, name);
	return zone_apex_new(&config, id, 60);
}

static struct zone *
zone_make(enum zone_kind kind, const char *name)
{
	struct dname dname = name_read(name);

	return zone_new(kind == ZONE_OWN ? apex_make(name, ZONE_ID_FIRST)
					 : zone_apex_new_overlay(&dname, name));
}

/* Put an owner without RRs there; what it holds does not matter here. */
static void
zone_put(struct zone *zone, const char *name, bool unknown)
{
	struct dname dname = name_read(name);
	struct owner *owner = owner_new(60, 0);

	owner->is_unknown = unknown;
	zone_set(zone, &dname, owner);
}

static const char *const names[] = {
	"_25._tcp.mail.example.org.",
	"_465._tcp.mail.example.org.",
	"_25._tcp.a.b.c.example.org.",
	"x.example.org.",
	"_25._tcp.x.example.org.",
};

static struct zone *
zone_filled(enum zone_kind kind)
{
	struct zone *zone = zone_make(kind, "example.org.");

	for (size_t i = 0; i < LENGTH(names); i++)
		zone_put(zone, names[i], false);
	zone_put(zone, "_25._tcp.unknown.example.org.", true);
	return zone;
}

static const struct {
	const char *why;
	const char *name;
	enum found found;
} find_cases[] = {
	{ "an owner", "_25._tcp.mail.example.org.", FOUND_OWNER },
	{ "in another case", "_25._TCP.Mail.EXAMPLE.org.", FOUND_OWNER },
	{ "an owner with names below", "x.example.org.", FOUND_OWNER },
	{ "and such a name", "_25._tcp.x.example.org.", FOUND_OWNER },
	{ "what cannot be told", "_25._tcp.unknown.example.org.",
	    FOUND_UNKNOWN },
	{ "its parent is there", "_tcp.unknown.example.org.",
	    FOUND_EMPTY_NON_TERMINAL },
	{ "one above", "_tcp.mail.example.org.", FOUND_EMPTY_NON_TERMINAL },
	{ "two above", "mail.example.org.", FOUND_EMPTY_NON_TERMINAL },
	{ "between an owner and an owner", "_tcp.x.example.org.",
	    FOUND_EMPTY_NON_TERMINAL },
	{ "many above", "c.example.org.", FOUND_EMPTY_NON_TERMINAL },
	{ "many above, one less", "b.c.example.org.",
	    FOUND_EMPTY_NON_TERMINAL },
	{ "many above, two less", "a.b.c.example.org.",
	    FOUND_EMPTY_NON_TERMINAL },
	{ "below an owner", "z._25._tcp.mail.example.org.", FOUND_NOTHING },
	{ "beside owners", "_24._tcp.mail.example.org.", FOUND_NOTHING },
	{ "beside an empty non-terminal", "mai.example.org.", FOUND_NOTHING },
	{ "a name that begins like one", "mail2.example.org.", FOUND_NOTHING },
	{ "one label with a dot inside", "_tcp\\.mail.example.org.",
	    FOUND_NOTHING },
	{ "another transport", "_25._udp.mail.example.org.", FOUND_NOTHING },
	{ "a NUL in a label", "mail\\000.example.org.", FOUND_NOTHING },
	{ "a wildcard is no owner", "*.example.org.", FOUND_NOTHING },
};

static void
test_find_table(void **state)
{
	struct zone *zones[] = { zone_filled(ZONE_OWN),
		zone_filled(ZONE_OVERLAY) };

	(void)state;
	for (size_t i = 0; i < LENGTH(find_cases); i++) {
		struct dname dname = name_read(find_cases[i].name);

		print_message("# %s\n", find_cases[i].why);
		for (size_t z = 0; z < LENGTH(zones); z++) {
			const struct owner *owner = NULL;

			assert_int_equal(zone_find(zones[z], &dname, &owner),
			    find_cases[i].found);
			assert_true((owner != NULL) ==
				    (find_cases[i].found == FOUND_OWNER ||
					find_cases[i].found == FOUND_UNKNOWN));
		}
	}
	zone_free(zones[0]);
	zone_free(zones[1]);
}

/* The apex of an own zone is ours, that of an overlay another backend's. */
static void
test_find_apex(void **state)
{
	struct dname apex = name_read("example.org.");
	const struct owner *owner = NULL;
	struct zone *own = zone_filled(ZONE_OWN);
	struct zone *overlay = zone_filled(ZONE_OVERLAY);
	struct zone *empty = zone_make(ZONE_OWN, ".");
	struct dname root = name_read(".");

	(void)state;
	assert_int_equal(zone_find(own, &apex, &owner), FOUND_APEX);
	assert_int_equal(zone_find(overlay, &apex, &owner), FOUND_NOTHING);
	assert_int_equal(zone_find(empty, &root, &owner), FOUND_APEX);
	assert_int_equal(zone_find(empty, &apex, &owner), FOUND_NOTHING);
	assert_null(owner);
	zone_free(own);
	zone_free(overlay);
	zone_free(empty);
}

/* Nothing that was removed leaves an empty non-terminal behind. */
static void
test_remove(void **state)
{
	struct dname dname = name_read("_25._tcp.a.b.c.example.org.");
	struct dname above = name_read("c.example.org.");
	const struct owner *owner = NULL;
	struct zone *zone = zone_filled(ZONE_OWN);

	(void)state;
	zone_remove(zone, &dname);
	zone_remove(zone, &dname);
	assert_null(zone_get(zone, &dname));
	assert_int_equal(zone_find(zone, &dname, &owner), FOUND_NOTHING);
	assert_int_equal(zone_find(zone, &above, &owner), FOUND_NOTHING);
	zone_free(zone);
}

/*
 * In canonical order (RFC 4034 s6.1): a.b.c, then mail's two in the order of
 * octets, then unknown, then x and its child; the apex is before and after.
 */
static void
test_neighbours_table(void **state)
{
#define C       "_25._tcp.a.b.c."
#define MAIL25  "_25._tcp.mail."
#define MAIL465 "_465._tcp.mail."
#define UNKNOWN "_25._tcp.unknown."
#define X25     "_25._tcp.x."
	static const struct {
		const char *why;
		const char *name;
		const char *before;
		const char *after;
	} cases[] = {
		{ "the apex", "example.org.", ".", C },
		{ "the first owner", C "example.org.", C, MAIL25 },
		{ "an owner", MAIL25 "example.org.", MAIL25, MAIL465 },
		{ "not by number", "_100._tcp.mail.example.org.", C, MAIL25 },
		{ "an owner that is unknown has its place",
		    UNKNOWN "example.org.", UNKNOWN, "x." },
		{ "an owner and its child", "x.example.org.", "x.", X25 },
		{ "the last owner: around to the apex", X25 "example.org.", X25,
		    "." },
		{ "an empty non-terminal", "mail.example.org.", C, MAIL25 },
		{ "the first empty non-terminal", "c.example.org.", ".", C },
		{ "before all", "_.example.org.", ".", C },
		{ "behind all", "y.example.org.", X25, "." },
		{ "below an owner", "z." MAIL25 "example.org.", MAIL25,
		    MAIL465 },
		{ "below the last owner", "z." X25 "example.org.", X25, "." },
		{ "between", "n.example.org.", MAIL465, UNKNOWN },
		{ "upper case sorts as lower case", "N.example.org.", MAIL465,
		    UNKNOWN },
		{ "the shorter label first", "mai.example.org.", C, MAIL25 },
		{ "a zero octet sorts first", "\\000.example.org.", ".", C },
		{ "the greatest octet sorts last", "\\255.example.org.", X25,
		    "." },
		{ "a zero octet behind a label", "x\\000.example.org.", X25,
		    "." },
	};
	struct zone *zone = zone_filled(ZONE_OWN);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct dname dname = name_read(cases[i].name);
		struct buf before = { 0 };
		struct buf after = { 0 };

		print_message("# %s\n", cases[i].why);
		zone_neighbours(zone, &dname, &before, &after);
		assert_string_equal(buf_text(&before), cases[i].before);
		assert_string_equal(buf_text(&after), cases[i].after);
		buf_fini(&before);
		buf_fini(&after);
	}
	zone_free(zone);
}

/* A zone without owners has its apex, alone on the ring. */
static void
test_neighbours_empty(void **state)
{
	static const char *const asked[] = { "example.org.", "a.example.org." };
	struct zone *zone = zone_make(ZONE_OWN, "example.org.");

	(void)state;
	for (size_t i = 0; i < LENGTH(asked); i++) {
		struct dname dname = name_read(asked[i]);
		struct buf before = { 0 };
		struct buf after = { 0 };

		zone_neighbours(zone, &dname, &before, &after);
		assert_string_equal(buf_text(&before), ".");
		assert_string_equal(buf_text(&after), ".");
		buf_fini(&before);
		buf_fini(&after);
	}
	zone_free(zone);
}

static void
test_soa(void **state)
{
	struct zone *zone = zone_make(ZONE_OWN, "example.org.");
	struct buf text = { 0 };

	(void)state;
	zone->serial = 4294967295;
	buf_add_string(&text, "> ");
	zone_soa_content(zone, &text);
	assert_string_equal(buf_text(&text),
	    "> ns1.example.com host\\.master.example.com 4294967295 900 300 "
	    "1209600 300");
	assert_string_equal(zone->apex->nameservers[0], "ns1.example.com");
	assert_string_equal(zone->apex->nameservers[1], "ns2.example.com");
	assert_string_equal(zone->apex->name, "example.org.");
	buf_fini(&text);
	zone_free(zone);
}

static void
test_apex_equal(void **state)
{
	struct dname dname = name_read("example.org.");
	struct zone_apex *apex = apex_make("example.org.", 1);
	struct zone_apex *others[] = {
		apex_make("example.net.", 1),
		apex_make("example.org.", 2),
		zone_apex_new_overlay(&dname, "example.org."),
		apex_make("example.org.", 1),
		apex_make("example.org.", 1),
		apex_make("example.org.", 1),
		apex_make("example.org.", 1),
		apex_make("example.org.", 1),
	};
	struct zone_apex *same = apex_make("example.org.", 1);
	struct zone_apex *overlay = zone_apex_new_overlay(
	    &dname, "example.org.");

	(void)state;
	others[3]->ttl++;
	others[4]->mname[0] = 'x';
	others[5]->rname[0] = 'x';
	others[6]->nameservers[1][0] = 'x';
	/* The count must be put back, for it frees as many. */
	others[7]->nameserver_count = 1;
	assert_true(zone_apex_equal(apex, same));
	assert_true(zone_apex_equal(overlay, others[2]));
	for (size_t i = 0; i < LENGTH(others); i++) {
		assert_false(zone_apex_equal(apex, others[i]));
		assert_false(zone_apex_equal(others[i], apex));
	}
	others[7]->nameserver_count = 2;
	for (size_t i = 0; i < LENGTH(others); i++)
		zone_apex_unref(others[i]);
	zone_apex_unref(apex);
	zone_apex_unref(same);
	zone_apex_unref(overlay);
	zone_apex_unref(NULL);
}

/* Two versions share what they have in common, and nothing else. */
static void
test_copy(void **state)
{
	struct dname mail = name_read(names[0]);
	struct dname x = name_read("x.example.org.");
	struct zone *zone = zone_filled(ZONE_OWN);
	struct zone *copy;

	(void)state;
	zone->serial = 7;
	copy = zone_copy(zone);
	assert_int_equal(copy->serial, 7);
	assert_ptr_equal(copy->apex, zone->apex);
	assert_ptr_equal(zone_get(copy, &mail), zone_get(zone, &mail));
	zone_remove(copy, &mail);
	zone_put(copy, "x.example.org.", true);
	assert_non_null(zone_get(zone, &mail));
	assert_false(zone_get(zone, &x)->is_unknown);
	zone_free(zone);
	assert_null(zone_get(copy, &mail));
	assert_true(zone_get(copy, &x)->is_unknown);
	zone_free(copy);
	zone_free(NULL);
	owner_free(NULL);
}

/* Equal means: the same answer. */
static void
test_owner_equal(void **state)
{
	struct tlsa *tlsa[2] = { mem_new(sizeof(struct tlsa) + 1),
		mem_new(sizeof(struct tlsa) + 1) };
	struct owner *owners[6];

	(void)state;
	tlsa[0]->refs = tlsa[1]->refs = 1;
	for (size_t i = 0; i < LENGTH(owners); i++) {
		owners[i] = owner_new(60, i == 4 ? 1 : 2);
		for (size_t k = 0; k < owners[i]->count; k++) {
			owners[i]->rdata[k] = tlsa[k];
			tlsa[k]->refs++;
		}
	}
	owners[2]->ttl = 61;
	owners[3]->is_unknown = true;
	owners[5]->rdata[0] = tlsa[1];
	owners[5]->rdata[1] = tlsa[0];
	assert_true(owner_equal(owners[0], owners[1]));
	for (size_t i = 2; i < LENGTH(owners); i++) {
		assert_false(owner_equal(owners[0], owners[i]));
		assert_false(owner_equal(owners[i], owners[0]));
	}
	for (size_t i = 0; i < LENGTH(owners); i++)
		owner_free(owners[i]);
	assert_int_equal(tlsa[0]->refs, 1);
	assert_int_equal(tlsa[1]->refs, 1);
	tlsa_unref(tlsa[0]);
	tlsa_unref(tlsa[1]);
}

static void
value_free(void *value)
{
	zone_free(value);
}

static void
zones_add(struct trie *zones, enum zone_kind kind, const char *name)
{
	struct zone *zone = zone_make(kind, name);

	trie_set(zones, zone->apex->dname.key, zone->apex->dname.len, zone);
}

static void
test_snapshot_table(void **state)
{
	static const struct {
		const char *why;
		const char *name;
		const char *zone; /* NULL: none */
		bool is_apex;
	} cases[] = {
		{ "an apex", "example.org.", "example.org.", true },
		{ "below it", "a.b.example.org.", "example.org.", false },
		{ "a zone in a zone", "sub.example.org.", "sub.example.org.",
		    true },
		{ "below that", "a.sub.example.org.", "sub.example.org.",
		    false },
		{ "an overlay", "_25._tcp.mail.example.com.", "example.com.",
		    false },
		{ "in another case", "A.EXAMPLE.ORG.", "example.org.", false },
		{ "the parent", "org.", NULL, false },
		{ "the root", ".", NULL, false },
		{ "beside", "example.net.", NULL, false },
		{ "a name that ends alike", "xexample.org.", NULL, false },
		{ "one that begins alike", "example.orga.", NULL, false },
		{ "a label with a dot", "a\\.example.org.", NULL, false },
	};
	struct trie zones;
	struct snapshot *snapshot;

	(void)state;
	trie_init(&zones, value_free);
	zones_add(&zones, ZONE_OWN, "example.org.");
	zones_add(&zones, ZONE_OWN, "sub.example.org.");
	zones_add(&zones, ZONE_OVERLAY, "example.com.");
	snapshot = snapshot_freeze(&zones);
	/* What happens to the zones afterwards does not concern it. */
	zones_add(&zones, ZONE_OWN, "example.net.");
	trie_fini(&zones);
	assert_ptr_equal(snapshot_ref(snapshot), snapshot);
	snapshot_unref(snapshot);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct dname dname = name_read(cases[i].name);
		const struct zone *zone = snapshot_zone_of(snapshot, &dname);

		print_message("# %s\n", cases[i].why);
		assert_int_equal(zone != NULL, cases[i].zone != NULL);
		if (zone != NULL)
			assert_string_equal(zone->apex->name, cases[i].zone);
		assert_ptr_equal(snapshot_zone(snapshot, &dname),
		    cases[i].is_apex ? zone : NULL);
	}
	snapshot_unref(snapshot);
	snapshot_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_table),
		cmocka_unit_test(test_find_apex),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_neighbours_table),
		cmocka_unit_test(test_neighbours_empty),
		cmocka_unit_test(test_soa),
		cmocka_unit_test(test_apex_equal),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_owner_equal),
		cmocka_unit_test(test_snapshot_table),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
