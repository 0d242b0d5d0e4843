/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_STATUS_H
#define CONTROL_STATUS_H

/*
 * What the daemon said of itself (JSON OF STATUS in pdns-tlsa(8)), for people
 * and for Prometheus.  Pure but for the output.
 */

#include <jansson.h>
#include <stdio.h>

#include "cli/terminal.h"

/*
 * A service may have what item_timeline() says as "timeline": it is drawn as
 * on `terminal`.
 */
void status_print_table(
    const json_t *status, const struct terminal *terminal, FILE *stream);

/* The text exposition format, version 0.0.4. */
void status_print_prometheus(const json_t *status, FILE *stream);

#endif
