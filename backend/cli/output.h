/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

/*
 * What all commands that print for people and programs have in common.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/texts.h"

enum { OUTPUT_DATE_SIZE = 32 };

/*
 * Return true for a terminal that has colours, unless NO_COLOR is set
 * (https://no-color.org).
 */
bool output_is_coloured(FILE *stream);

/* Write seconds since 1970 as 2026-11-23T12:00:00Z and a NUL. */
void output_date(int64_t when, char *text, size_t size);

/* Read what output_date() wrote; -1 if it is something else. */
int64_t output_date_read(const char *text);

/* The same as JSON, new; INT64_MAX is null. */
json_t *output_json_date(int64_t when);

/*
 * Return a string (NULL: null) as JSON, new.  Names of files may be anything,
 * JSON is UTF-8: what is not becomes question marks.
 */
json_t *output_json_text(const char *text);

/* Return all of them as an array, new. */
json_t *output_json_texts(const struct texts *texts);

/*
 * Print `root` (one reference passes) to `stream`, and make sure that all got
 * there; false if not.  `root` may be NULL: then nothing more is printed.
 */
bool output_end(FILE *stream, json_t *root);

#endif
