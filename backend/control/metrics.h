/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_METRICS_H
#define CONTROL_METRICS_H

/*
 * What the daemon says of itself in numbers: Prometheus' text exposition
 * format, version 0.0.4, collected item by item.  Pure.
 */

#include <jansson.h>

#include "base/pile.h"

enum { METRICS_MAX = 32 };

struct metrics {
	struct pile samples[METRICS_MAX]; /* of each metric */
};

/* Begin with what item_status() says; end with metrics_end(). */
void metrics_begin(struct metrics *metrics, const json_t *status);

/* Add an item of "lineages", "services" or "zones"; see control/item.h. */
void metrics_add(struct metrics *metrics, const char *list, const json_t *item);

/* Append all of it to `text`, and end. */
void metrics_end(struct metrics *metrics, struct pile *text);

#endif
