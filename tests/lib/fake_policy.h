/* SPDX-License-Identifier: MIT */
#ifndef FAKE_POLICY_H
#define FAKE_POLICY_H

/* The policy of a service, for what is judged by one. */

#include "config/config.h"

enum { FAKE_HOLD = 200 }; /* seconds */

/* Which records it has: 3 1 1 and 2 1 1, one of them, 3 0 1, 3 1 1 and 3 1 2.
 */
enum fake_records { BOTH, LEAF, CA, WHOLE, TWO };

struct policy fake_policy(enum fake_records records);

#endif
