/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_REQUEST_H
#define REMOTE_REQUEST_H

/*
 * One line of PowerDNS, taken apart: {"method": "...", "parameters": {...}}.
 * The line is input from outside, so everything about it may be wrong.
 *
 * What PowerDNS sends is flat and plain, and is read in place; anything else
 * that may still be JSON (escapes, nesting, fractions, other members) goes to
 * jansson, which has the last word on what is an error.  Reading a lookup by
 * jansson costs more than all the rest of the answer.  Pure.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "dns/dname.h"
#include "plain.h"

struct request {
	const char *method;       /* borrowed from `plain` or `root` */
	struct plain plain;       /* without parameters, if it was not plain */
	json_t *root;             /* owned; NULL: the line was plain */
	const json_t *parameters; /* borrowed from root, or NULL */
};

/*
 * Take `line` apart.  Returns STATUS_OK and *ret_request, ended with
 * request_fini() and not to be moved; or STATUS_MALFORMED or STATUS_LIMIT
 * with `problem`.
 */
enum status request_parse(const char *line, size_t len,
    struct request *ret_request, struct problem *problem);

/* The same by jansson alone; what request_parse() has to agree with. */
enum status request_parse_json(const char *line, size_t len,
    struct request *ret_request, struct problem *problem);

/*
 * Take a line apart whose texts are not all UTF-8, or hold a NUL: what is wrong
 * there is a "?", or ends the text.  For telling what is being refused.
 */
enum status request_parse_damaged(const char *line, size_t len,
    struct request *ret_request, struct problem *problem);

void request_fini(struct request *request);

/* Return the string parameter, borrowed, or NULL if it is no string. */
const char *request_string(const struct request *request, const char *name);

/*
 * Return the whole number, or `missing` if there is none.  PowerDNS up to 4.9
 * writes "unknown" as 4294967295, later ones as -1: both give -1.
 */
int64_t request_number(
    const struct request *request, const char *name, int64_t missing);

/* Return the parameter, an object or array, borrowed, or NULL. */
const json_t *request_json(const struct request *request, const char *name);

/* Parse the domain name in a string parameter; false if it is none. */
bool request_dname(
    const struct request *request, const char *name, struct dname *ret_dname);

#endif
