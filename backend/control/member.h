/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_MEMBER_H
#define CONTROL_MEMBER_H

/* Members of the daemon's JSON; what is missing is empty, 0, or false. */

#include <jansson.h>
#include <stdbool.h>

const char *text_of(const json_t *object, const char *name);
long long number_of(const json_t *object, const char *name);
bool is_true(const json_t *object, const char *name);

#endif
