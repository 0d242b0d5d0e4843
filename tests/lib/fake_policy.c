/* SPDX-License-Identifier: MIT */
#include "fake_policy.h"

#include "unit.h"

static struct record_type leaf_type[] = { { 3, 1, 1 } };
static struct record_type ca_type[] = { { 2, 1, 1 } };
static struct record_type both_types[] = { { 3, 1, 1 }, { 2, 1, 1 } };
static struct record_type whole_type[] = { { 3, 0, 1 } };
static struct record_type two_types[] = { { 3, 1, 1 }, { 3, 1, 2 } };

struct policy
fake_policy(enum fake_records records)
{
	static const struct {
		struct record_type *types;
		size_t count;
	} lists[] = {
		[BOTH] = { both_types, LENGTH(both_types) },
		[LEAF] = { leaf_type, LENGTH(leaf_type) },
		[CA] = { ca_type, LENGTH(ca_type) },
		[WHOLE] = { whole_type, LENGTH(whole_type) },
		[TWO] = { two_types, LENGTH(two_types) },
	};

	return (struct policy){ .ttl = 100,
		.records = lists[records].types,
		.record_count = lists[records].count,
		.max_records = 12,
		.propagation = FAKE_HOLD,
		.retain = 500 };
}
