/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_PARTS_H
#define CONTROL_PARTS_H

/*
 * What is said of a lineage that counts for many services comes in parts, each
 * of some of them; but for the last one a part has the "next" that the one
 * behind it begins with.  Pure.
 */

#include <jansson.h>
#include <stdbool.h>

#include "policy/protection.h"

enum {
	PARTS_SERVICES = 250, /* judged for an answer; some microseconds each */
	PARTS_SHOWN = 50, /* that are named, those first that were not seen */
};

/* Put the four members of a verdict into `item`. */
void parts_put(json_t *item, const struct safety *safety);

/*
 * Return true if both are of one lineage and one generation of it, and, where
 * they say so, of one edition: services have other numbers in the next one.
 */
bool parts_belong(const json_t *whole, const json_t *part);

/*
 * Have `whole` say what both say together: the worse verdict, the services of
 * both (their number, or those that are named), and what comes next.
 */
void parts_join(json_t *whole, const json_t *part);

#endif
