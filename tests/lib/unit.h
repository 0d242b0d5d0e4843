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

/* cmocka 2 has two of them, and calls the one that 1.1 has deprecated. */
#ifdef assert_uint_in_range
#undef assert_in_range
#define assert_in_range assert_uint_in_range
#endif

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
