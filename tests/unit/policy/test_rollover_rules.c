/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "policy_row.h"

/*
 * What must not be published alone, or not at all, and which CAs count: the
 * rules of RFC 7671 s8 and s9, test certificates, algorithms, providers.
 */
static const struct policy_row agility[] = {
	{ .why = "every matching type for everything",
	    .records = "3 1 1,3 1 2,2 1 1,2 1 2",
	    .lineages = { "mail L3<YR1@600 L2<PX@400-950" },
	    .expected = "leaf 3 1 1 L3\nleaf 3 1 2 L3\n"
			"chain 2 1 1 YR1\nchain 2 1 2 YR1\n"
			"old-leaf 3 1 1 L2 until 1050\n"
			"old-leaf 3 1 2 L2 until 1050\n"
			"active-issuer 2 1 1 YR2\nactive-issuer 2 1 2 YR2\n"
			"backup-issuer 2 1 1 YR3\nbackup-issuer 2 1 2 YR3\n"
			"old-issuer 2 1 1 PX until 1050\n"
			"old-issuer 2 1 2 PX until 1050\n" },
	{ .why = "what one lacks, all lack: nothing goes because of a digest",
	    .records = "3 1 1,3 1 2,2 1 1",
	    .lineages = { "mail L3<PX@600 L2<PX@400-950" },
	    .no_sha512 = "L2",
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 PX\n"
			"old-leaf 3 1 1 L2 until 1050\n"
			"failed 1\n" },
	{ .why = "selectors are judged one by one",
	    .records = "3 0 1,3 0 2,3 1 1,3 1 2",
	    .lineages = { "mail L3@600 L2@400-950" },
	    .no_sha512 = "L2",
	    .expected = "leaf 3 0 1 L3\nleaf 3 0 2 L3\nleaf 3 1 1 L3\n"
			"old-leaf 3 0 1 L2 until 1050\n"
			"old-leaf 3 0 2 L2 until 1050\n"
			"old-leaf 3 1 1 L2 until 1050\n"
			"failed 1\n" },
	{ .why = "what the chain lacks, no other CA has (RFC 7671 s8)",
	    .records = "3 1 1,2 1 1,2 1 2",
	    .lineages = { "mail L3<YR1<RootYR@600 L2<PX@400-950" },
	    .no_sha512 = "YR1 RootYR",
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n"
			"old-leaf 3 1 1 L2 until 1050\n" LE_RSA
			"old-issuer 2 1 1 PX until 1050\n"
			"failed 1\n" },
	{ .why = "nor has the chain what a CA of a set lacks",
	    .records = "3 1 1,2 1 1,2 1 2",
	    .lineages = { "mail L3<YR1@600" },
	    .no_sha512 = "YR3",
	    .expected = "leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n" LE_RSA "failed 1\n" },
	{ .why = "a type that cannot be built at all",
	    .records = "3 1 2,2 1 1",
	    .lineages = { "mail L3<PX@600" },
	    .no_sha512 = "L3",
	    .expected = "chain 2 1 1 PX\n"
			"failed 1\n" },
	{ .why = "a bare key has no certificate, so it has no selector 0",
	    .records = "3 0 1,3 1 1",
	    .lineages = { "mail L3@600 nextkey=L4" },
	    .no_sha512 = "L4!",
	    .expected = "leaf 3 0 1 L3\nleaf 3 1 1 L3\n"
			"next 3 1 1 L4\n"
			"failed 1\n" },
	{ .why = "no CA of a set where the chain has none",
	    .lineages = { "mail L2@900 L1<YR1@100-950 next=L3<YR2 conf "
			  "server=acme" },
	    .expected = "leaf 3 1 1 L2\n"
			"next 3 1 1 L3\n"
			"old-leaf 3 1 1 L1 until 1050\n" },
	{ .why = "but what another lineage's chain has is matched",
	    .lineages = { "a L2@900", "b L3<YR1@900" },
	    .expected = "leaf 3 1 1 L2\n"
			"leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n" LE_RSA },
};

static const struct policy_row refusals[] = {
	{ .why = "a staging leaf",
	    .lineages = { "mail S3<YR1@900" },
	    .expected = "refused 1\n" },
	{ .why = "one by a CA of a staging set",
	    .lineages = { "mail L2<TR1@900" },
	    .expected = "refused 1\n" },
	{ .why = "a self-signed one",
	    .lineages = { "mail Z3@900" },
	    .expected = "refused 1\n" },
	{ .why = "unless they are allowed",
	    .lineages = { "a S3<YR1@900", "b Z3@900", "c L2<TR1@900" },
	    .allow_staging = true,
	    .expected = "leaf 3 1 1 S3\nleaf 3 1 1 Z3\nleaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\nchain 2 1 1 TR1\n" LE_RSA },
	{ .why = "the last real one counts as current",
	    .lineages = { "mail S3<TR1@990 L2<YR1<RootYR@100-990 "
			  "L1<PX@50-950" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n"
			"old-leaf 3 1 1 L1 until 1050\n" LE_RSA
			"old-issuer 2 1 1 PX until 1050\n" },
	{ .why = "however long ago it was replaced",
	    .lineages = { "mail S3<TR1@200 L2<YR1@100-200" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA },
	{ .why = "one that was replaced",
	    .lineages = { "mail L4<YR1@990 S3<TR1@980-990" },
	    .expected = "leaf 3 1 1 L4\n"
			"chain 2 1 1 YR1\n" LE_RSA },
	{ .why = "one that is staged",
	    .lineages = { "mail L2<YR1@900 next=S3<TR1 next=Z3" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA },
	{ .why = "one of two lineages",
	    .lineages = { "a S3<TR1@900", "b L2<YR1@900" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA "refused 1\n" },
};

static const struct policy_row algorithms[] = {
	{ .why = "the leaf's algorithm",
	    .lineages = { "mail M1<YE1<RootYE@900" },
	    .expected = "leaf 3 1 1 M1\n"
			"chain 2 1 1 YE1\n"
			"chain 2 1 1 RootYE\n"
			"active-issuer 2 1 1 YE2\n"
			"backup-issuer 2 1 1 YE3\n" },
	{ .why = "and the one that comes next",
	    .lineages = { "mail L2<YR1@900 conf key=ecdsa" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA LE_ECDSA },
	{ .why = "which may be the same",
	    .lineages = { "mail L2<YR1@900 conf key=rsa" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA },
	{ .why = "an ECDSA leaf of an RSA issuer",
	    .lineages = { "mail M1<YR1@900" },
	    .expected = "leaf 3 1 1 M1\n"
			"chain 2 1 1 YR1\n" LE_ECDSA },
	{ .why = "an expired issuer is left out, at its second",
	    .lineages = { "mail L2<YR1@400" },
	    .now = 500,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA },
	{ .why = "and not before",
	    .lineages = { "mail L2<YR1@400" },
	    .now = 499,
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n"
			"active-issuer 2 1 1 YR2\n"
			"active-issuer 2 1 1 DEADR\n"
			"backup-issuer 2 1 1 YR3\n" },
	{ .why = "but it stays while it is served",
	    .lineages = { "mail L2<DEADR@400" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 DEADR\n" LE_RSA3 },
	{ .why = "the renewal file names another provider",
	    .lineages = { "mail L2<YR1@900 conf server=other" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA
			"active-issuer 2 1 1 OR1\n" },
	{ .why = "and another algorithm",
	    .lineages = { "mail L2<YR1@900 conf server=other key=ecdsa" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA LE_ECDSA
			"active-issuer 2 1 1 OR1\n"
			"active-issuer 2 1 1 OE1\n" },
	{ .why = "the issuer is in no set, but the server of the file is",
	    .lineages = { "mail L2<PX@900 conf server=other" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 PX\n"
			"active-issuer 2 1 1 OR1\n" },
	{ .why = "a staging server is no provider",
	    .lineages = { "mail L2<YR1@900 conf server=test" },
	    .expected = "leaf 3 1 1 L2\n"
			"chain 2 1 1 YR1\n" LE_RSA },
	{ .why = "RSA and ECDSA side by side",
	    .lineages = { "ecdsa M1<YE1<RootYE@900", "rsa L2<YR1<RootYR@900" },
	    .expected = "leaf 3 1 1 M1\n"
			"leaf 3 1 1 L2\n"
			"chain 2 1 1 YE1\n"
			"chain 2 1 1 RootYE\n"
			"chain 2 1 1 YR1\n"
			"chain 2 1 1 RootYR\n"
			"active-issuer 2 1 1 YE2\n"
			"backup-issuer 2 1 1 YE3\n" LE_RSA },
	{ .why = "what two lineages share stays as long as one needs it",
	    .lineages = { "a L2<YR1@900 deleted=950", "b L3<YR1@900" },
	    .expected = "leaf 3 1 1 L2 until 1050\n"
			"leaf 3 1 1 L3\n"
			"chain 2 1 1 YR1\n" LE_RSA },
};

POLICY_ROWS_TEST(agility)
POLICY_ROWS_TEST(refusals)
POLICY_ROWS_TEST(algorithms)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agility),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_algorithms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
