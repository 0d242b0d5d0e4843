/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

/*
 * Values that commands take as the configuration does.  Every `problem` says
 * what is wrong and what would be right, without a place, and comes with false;
 * every `ret_` is written only with true.  Pure.  Threads: any, nothing is
 * shared.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "config/config.h"

/* Longest "propagation" and "retain" in seconds: a year. */
enum { SPAN_MAX = 365 * 86400 };

/*
 * Read a duration: a whole number of seconds, or of the unit s, m, h, d or w
 * that follows it; min..max seconds.
 */
bool value_seconds(const char *text, uint32_t min, uint32_t max,
    uint32_t *ret_seconds, struct problem *problem);

/*
 * Read an absolute path; repeated and trailing slashes are left out.
 * *ret_path is new, freed by the caller.
 */
bool value_path(const char *text, char **ret_path, struct problem *problem);

/* Return "nothing" or "servers"; NULL for SIGHT_DEFAULT. */
const char *value_sight_text(enum sight see);

#endif
