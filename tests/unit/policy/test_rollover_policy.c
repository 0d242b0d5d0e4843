/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "policy_row.h"

/* What is published over a lineage's life, for how long, and what first. */
static const struct policy_row priorities[] = {
	{ .why = "nothing known", .lineages = { NULL }, .expected = "" },
	{ .why = "leaf, its chain, the CAs that may come",
	    .lineages = { "mail L2<YR1<RootYR@900" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n" LE_RSA },
	{ .why = "every provenance, in order",
	    .lineages = { "mail L3<YR1<RootYR@980 L2<PX<RootPX@900-980 "
			  "next=L4<OR1<RootPX" },
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n"
			"next 3 1 1 L4\n"
			"next 2 1 1 OR1\n"
			"old-leaf 3 1 1 L2 until 1080\n" LE_RSA
			"old-issuer 2 1 1 PX until 1080\n" },
	{ .why = "the same whatever the order of the records",
	    .records = "2 1 1,3 1 1",
	    .lineages = { "mail L3<YR1<RootYR@980 L2<PX@900-980" },
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n"
			"old-leaf 3 1 1 L2 until 1080\n" LE_RSA
			"old-issuer 2 1 1 PX until 1080\n" },
	{ .why = "no issuer sets known",
	    .lineages = { "mail L2<YR1<RootYR@900" },
	    .no_issuers = true,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n" },
	{ .why = "an issuer in no set",
	    .lineages = { "mail L2<PX<RootPX@900" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 PX\n"
			"chain 2 1 1 RootPX\n" },
	{ .why = "usage 3 alone",
	    .records = "3 1 1",
	    .lineages = { "mail L3<YR1<RootYR@980 L2<YR2@900-980 next=L4" },
	    .expected = "leaf 3 1 1 L3\n"
			"next 3 1 1 L4\n"
			"old-leaf 3 1 1 L2 until 1080\n" },
	{ .why = "usage 2 alone",
	    .records = "2 1 1",
	    .lineages = { "mail L3<YR1<RootYR@980 L2<PX@900-980 "
			  "next=L4<OR1" },
	    .expected = "chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n"
			"next 2 1 1 OR1\n" LE_RSA
			"old-issuer 2 1 1 PX until 1080\n" },
	{ .why = "a retired CA issued it: the active ones come next",
	    .lineages = { "mail L2<OLDR<RootYR@900" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 OLDR\n"
			"chain 2 1 1 RootYR\n" LE_RSA3 },
	{ .why = "a reused key is published once",
	    .lineages = { "mail K2<YR1@980 L2<YR1@900-980" },
	    .expected = "leaf 3 1 1 K2\n"
			"chain 2 1 1 YR1\n" LE_RSA },
	{ .why = "a staged key that is a bare one",
	    .lineages = { "mail L2<YR1@900 nextkey=L3 nextkey=L4" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"next 3 1 1 L3\n"
			"next 3 1 1 L4\n" LE_RSA },
};

static const struct policy_row times[] = {
	{ .why = "one second before its time a leaf is there",
	    .lineages = { "mail L2<PX@980 L1<YR1@900-980" },
	    .now = 1079,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 PX\n"
			"old-leaf 3 1 1 L1 until 1080\n"
			"old-issuer 2 1 1 YR1 until 1080\n" },
	{ .why = "and at its time it is not",
	    .lineages = { "mail L2<PX@980 L1<YR1@900-980" },
	    .now = 1080,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 PX\n" },
	{ .why = "several, each with its own time",
	    .lineages = { "mail L4<PX@990 L3<PX@950-990 L2<PX@930-950 "
			  "L1<PX@800-930" },
	    .now = 1040,
	    .expected = "leaf 3 1 1 L4\n"
			"chain 2 1 1 PX\n"
			"old-leaf 3 1 1 L3 until 1090\n"
			"old-leaf 3 1 1 L2 until 1050\n" },
	{ .why = "backwards: nobody knows which is served, so both for ever",
	    .lineages = { "mail L2<PX@150 L3<OR1@120-150" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 PX\n"
			"old-leaf 3 1 1 L3\n"
			"old-issuer 2 1 1 OR1\n" },
	{ .why = "the time of a key that was current twice is the later one",
	    .lineages = { "mail L4<PX@990 L1<PX@950-990 L2<PX@850-950 "
			  "K2<PX@800-960" },
	    .now = 1020,
	    .expected = "leaf 3 1 1 L4\n"
			"chain 2 1 1 PX\n"
			"old-leaf 3 1 1 L1 until 1090\n"
			"old-leaf 3 1 1 L2 until 1060\n" },
	{ .why = "deleted: everything stays that long, and no longer",
	    .lineages = { "mail L2<YR1@980 L1<PX@900-980 next=L3<OR1 "
			  "deleted=990" },
	    .expected = "leaf 3 1 1 L2 until 1090\n"
			"chain 2 1 1 YR1 until 1090\n"
			"next 3 1 1 L3 until 1090\n"
			"next 2 1 1 OR1 until 1090\n"
			"old-leaf 3 1 1 L1 until 1080\n"
			"active-issuer 2 1 1 YR2 until 1090\n"
			"backup-issuer 2 1 1 YR3 until 1090\n"
			"old-issuer 2 1 1 PX until 1080\n" },
	{ .why = "deleted, one second before its time",
	    .lineages = { "mail L2<PX@100 deleted=990" },
	    .now = 1089,
	    .expected = "leaf 3 1 1 L2 until 1090\n"
			"chain 2 1 1 PX until 1090\n" },
	{ .why = "deleted, at its time",
	    .lineages = { "mail L2<PX@100 deleted=990" },
	    .now = 1090,
	    .expected = "" },
};

static const struct policy_row caps[] = {
	{ .why = "an old leaf whose CA is published needs none of its own",
	    .lineages = { "mail L3<YR1<RootYR@600 L2<YR2@400-950 next=L4" },
	    .max = 5,
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"next 3 1 1 L4\n"
			"active-issuer 2 1 1 YR2\n"
			"backup-issuer 2 1 1 YR3\n"
			"cut 2\n" },
	{ .why = "one whose CA is not comes after all that may come next",
	    .lineages = { "mail L3<YR1<RootYR@600 L2<PX@400-950 next=L4" },
	    .max = 5,
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"next 3 1 1 L4\n"
			"active-issuer 2 1 1 YR2\n"
			"backup-issuer 2 1 1 YR3\n"
			"cut 3\n" },
	{ .why = "and before the other CAs of the chain",
	    .lineages = { "mail L3<YR1<RootYR@600 L2<PX@400-950 next=L4" },
	    .max = 6,
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"next 3 1 1 L4\n"
			"old-leaf 3 1 1 L2 until 1050\n"
			"active-issuer 2 1 1 YR2\n"
			"backup-issuer 2 1 1 YR3\n"
			"cut 2\n" },
	{ .why = "a CA covers an old leaf",
	    .lineages = { "mail L3<YR1<RootYR@600 L2<YR1@400-950" },
	    .max = 5,
	    .base = "mail.example.com",
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n" LE_RSA "cut 1\n" },
	{ .why = "but only if that names the host",
	    .lineages = { "mail L3<YR1<RootYR@600 L2<YR1@400-950" },
	    .max = 5,
	    .base = "mx.example.com",
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"old-leaf 3 1 1 L2 until 1050\n" LE_RSA "cut 1\n" },
	{ .why = "a CA may cover several better than each itself",
	    .lineages = { "mail L4<YR1@600 L3<PX@500-950 L2<PX@400-940 "
			  "L1<PX@300-930" },
	    .max = 5,
	    .now = 1010,
	    .expected = "leaf 3 1 1 L4\n"
			"chain 2 1 1 YR1\n" LE_RSA
			"old-issuer 2 1 1 PX until 1050\n"
			"cut 3\n" },
	{ .why = "what is there already takes no room",
	    .lineages = { "mail L3<YR1@600 L2<YR1@400-950" },
	    .max = 5,
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"old-leaf 3 1 1 L2 until 1050\n" LE_RSA },
	{ .why = "what is served is never cut",
	    .lineages = { "a L2<PX@900", "b L3<PX@900", "c M1<PX@900" },
	    .max = 2,
	    .expected = "leaf 3 1 1 L2\n"
			"leaf 3 1 1 L3\n"
			"leaf 3 1 1 M1\n"
			"cut 1\n" },
	{ .why = "nor by usage 2, if that is all",
	    .records = "2 1 1",
	    .lineages = { "a L2<YR1<RootYR@900", "b M1<YE1<RootYE@900" },
	    .max = 1,
	    .expected = "chain 2 1 1 YR1\n"
			"chain 2 1 1 YE1\n"
			"cut 6\n" },
	{ .why = "matching types of one key go together",
	    .records = "3 1 1,3 1 2,2 1 1",
	    .lineages = { "mail L3<PX@600 L2<PX@400-950" },
	    .max = 4,
	    .expected = "leaf 3 1 1 L3\n"
			"leaf 3 1 2 L3\n"
			"chain 2 1 1 PX\n"
			"cut 2\n" },
	{ .why = "and those of what is served are never parted",
	    .records = "3 1 1,3 1 2",
	    .lineages = { "a L2<PX@900", "b L3<PX@900" },
	    .max = 3,
	    .expected = "leaf 3 1 1 L2\n"
			"leaf 3 1 2 L2\n"
			"leaf 3 1 1 L3\n"
			"leaf 3 1 2 L3\n" },
};

/*
 * Who waits until a renewal is safe serves what it had before, so that stays
 * covered whatever max-records says, until the renewal has been published for
 * the hold time (50).
 */
static const struct policy_row waiting[] = {
	{ .why = "a file that was cut behind the leaf: the whole one counts",
	    .lineages = { "mail L2@940 L2<YR1<RootYR@900-940" },
	    .now = 1039,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n" LE_RSA },
	{ .why = "for as long as retain says",
	    .lineages = { "mail L2@940 L2<YR1<RootYR@900-940" },
	    .now = 1040,
	    .expected = "leaf 3 1 1 L2\n" },
	{ .why = "twice, and behind a CA",
	    .lineages = { "mail L2@950 L2<YR1@940-950 L2<YR1<RootYR@900-940" },
	    .now = 1039,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n" LE_RSA },
	{ .why = "but a chain of its own is not cut",
	    .lineages = { "mail L3@940 L2<YR1@900-940" },
	    .now = 960,
	    .expected = "leaf 3 1 1 L3\n"
			"old-leaf 3 1 1 L2 until 1040\n" },
	{ .why = "the replaced leaf is still served",
	    .lineages = { "mail L2<YR1<RootYR@900 L1<PX@100-900" },
	    .now = 949,
	    .max = 2,
	    .expected = "leaf 3 1 1 L2\n"
			"old-leaf 3 1 1 L1 until 1000\n"
			"cut 5\n" },
	{ .why = "what was staged outlived the leaf that stands before it",
	    .lineages = { "mail L3<YR1<RootYR@940 L1<PX@100-900 "
			  "L2<YE1@900-940" },
	    .now = 949,
	    .max = 2,
	    .expected = "leaf 3 1 1 L3\n"
			"old-leaf 3 1 1 L1 until 1000\n"
			"old-leaf 3 1 1 L2 until 1040\n"
			"cut 6\n" },
	{ .why = "not for longer than that",
	    .lineages = { "mail L2<YR1<RootYR@900 L1<PX@100-900" },
	    .now = 950,
	    .max = 2,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"cut 5\n" },
	{ .why = "by its issuer, where there is usage 2 alone",
	    .records = "2 1 1",
	    .lineages = { "mail L2<YR1<RootYR@900 L1<PX@100-900" },
	    .now = 949,
	    .max = 1,
	    .expected = "chain 2 1 1 YR1\n"
			"old-issuer 2 1 1 PX until 1000\n"
			"cut 3\n" },
	{ .why = "renewals in a row: their CA covers them all",
	    .lineages = { "mail L4<PX@920 L3<PX@900-920 L2<PX@800-900 "
			  "L1<PX@100-880" },
	    .now = 960,
	    .max = 2,
	    .expected = "leaf 3 1 1 L4\n"
			"chain 2 1 1 PX\n"
			"cut 3\n" },
	{ .why =
		"without one: back to the one that was safe, whatever the room",
	    .records = "3 1 1",
	    .lineages = { "mail L4<PX@920 L3<PX@900-920 L2<PX@800-900 "
			  "L1<PX@100-880" },
	    .now = 960,
	    .max = 1,
	    .expected = "leaf 3 1 1 L4\n"
			"old-leaf 3 1 1 L3 until 1020\n"
			"old-leaf 3 1 1 L2 until 1000\n"
			"cut 1\n" },
};

POLICY_ROWS_TEST(priorities)
POLICY_ROWS_TEST(times)
POLICY_ROWS_TEST(caps)
POLICY_ROWS_TEST(waiting)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_priorities),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
