/* SPDX-License-Identifier: MIT */
#ifndef PAGE_GLANCE_H
#define PAGE_GLANCE_H

/*
 * What memory tells of a service, for pages and alarms: of its certificates
 * and records, and what senders say that they saw.  Threads: one at a time.
 */

#include "check/check.h"
#include "control/item.h"

/*
 * Look at the service number `at` of the store, which is the only one of
 * `check`; end that with check_fini().
 */
void glance_service(
    struct check *check, const struct control *control, size_t at, int64_t now);

/* Add what is about reports and no service. */
void glance_reports(struct findings *findings, const struct control *control);

#endif
