/* SPDX-License-Identifier: MIT */
#ifndef POLICY_ROW_H
#define POLICY_ROW_H

/*
 * Tables of what the policy decides.  A row gives the lineages of one service
 * in the words of fake.h, and the decision as text: one association a line,
 * and what was left out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The time, and the policy's times in seconds, unless a row says otherwise. */
enum { ROW_NOW = 1000, ROW_HOLD = 50, ROW_RETAIN = 100 };

struct policy_row {
	const char *why;
	const char *records;     /* NULL: "3 1 1,2 1 1" */
	const char *lineages[3]; /* in the words of fake.h */
	const char *expected;
	unsigned max;     /* 0: 12 */
	int64_t now;      /* 0: ROW_NOW */
	const char *base; /* the service's own name; NULL: not asked */
	bool allow_staging;
	bool no_issuers;       /* no issuer sets are known */
	const char *no_sha512; /* certificates of which less was kept */
};

/* Lines for the CAs that may issue; LE_RSA where YR1 is there already. */
#define LE_RSA  "active-issuer 2 1 1 YR2\nbackup-issuer 2 1 1 YR3\n"
#define LE_RSA3 "active-issuer 2 1 1 YR1\n" LE_RSA
#define LE_ECDSA                                                               \
	"active-issuer 2 1 1 YE1\n"                                            \
	"active-issuer 2 1 1 YE2\n"                                            \
	"backup-issuer 2 1 1 YE3\n"

/*
 * Decide for each row; print what differs.  Returns how many do.
 */
size_t policy_rows_check(const struct policy_row *rows, size_t count);

/* Make the test `name` of the table of that name. */
#define POLICY_ROWS_TEST(name)                                                 \
	static void test_##name(void **state)                                  \
	{                                                                      \
		(void)state;                                                   \
		assert_int_equal(policy_rows_check(name, LENGTH(name)), 0);    \
	}

#endif
