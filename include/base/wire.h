/* SPDX-License-Identifier: MIT */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

/*
 * Octets as JSON strings, and back, for files that only we read.
 * Pure.  Threads: any, nothing is shared.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fingerprint.h"

/*
 * Return `text`, any octets, as a string (new): JSON is UTF-8 (RFC 8259
 * s8.1), names of files need not be.  A '%' becomes "%25", and in a text that
 * is not UTF-8 each octet above 0x7f becomes "%" and two digits.
 */
json_t *wire_text(const char *text);

/*
 * Return the octets of a string made by wire_text(), decoded in place:
 * call it once.  They live as long as `value` (borrowed).  Returns NULL if it
 * is no such string (NULL itself is none).
 */
const char *wire_octets(json_t *value);

/* Return `len` octets in lower case hexadecimal (new). */
json_t *wire_hex(const uint8_t *data, size_t len);

/* Read exactly `len` octets; false if `value` (or NULL) is something else. */
bool wire_read_hex(const json_t *value, uint8_t *ret, size_t len);

/* Return `len` octets in base64 (RFC 4648 s4) (new). */
json_t *wire_base64(const uint8_t *data, size_t len);

/* Return new memory, free() it, with *ret_len octets, or NULL. */
uint8_t *wire_read_base64(const json_t *value, size_t *ret_len);

/*
 * Return the integer `name` of `object` if it lies in min..max; else set
 * *is_bad.  wire_option(): 0 if there is none.
 */
int64_t wire_number(const json_t *object, const char *name, int64_t min,
    int64_t max, bool *is_bad);
int64_t wire_option(const json_t *object, const char *name, int64_t min,
    int64_t max, bool *is_bad);

/* The same for the fingerprint of a file: five integers (new). */
json_t *wire_print(const struct fingerprint *print);
bool wire_read_print(const json_t *array, struct fingerprint *print);

/* Put `value` (stolen) into `object`; without memory the process ends. */
void wire_set(json_t *object, const char *name, json_t *value);
void wire_append(json_t *array, json_t *value);

#endif
