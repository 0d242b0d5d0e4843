/* SPDX-License-Identifier: MIT */
#ifndef UNIT_H
#define UNIT_H

/* The one place that includes cmocka: it needs these headers, in this order. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
