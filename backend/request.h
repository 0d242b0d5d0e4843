/* SPDX-License-Identifier: MIT */
#ifndef REQUEST_H
#define REQUEST_H

/*
 * One line of PowerDNS, taken apart: {"method": "...", "parameters": {...}}.
 * The line is input from outside, so everything about it may be wrong.  Pure.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "dname.h"
#include "status.h"

struct request {
	json_t *root;			/* owned */
	const char *method;		/* borrowed from root */
	const json_t *parameters;	/* borrowed; NULL: none */
};

/*
 * Take `line` apart.  Returns STATUS_OK and *ret_request, ended with
 * request_fini(); or STATUS_MALFORMED or STATUS_LIMIT with `problem`.
 */
enum status request_parse(const char *line, size_t len,
    struct request *ret_request, struct problem *problem);

void request_fini(struct request *request);

/* Return the string parameter, borrowed, or NULL if it is no string. */
const char *request_string(const struct request *request, const char *name);

/*
 * Return the whole number, or `missing` if there is none.  PowerDNS up to 4.9
 * writes "unknown" as 4294967295, later ones as -1: both give -1.
 */
int64_t request_number(const struct request *request, const char *name,
    int64_t missing);

/* Parse the domain name in a string parameter; false if it is none. */
bool request_dname(const struct request *request, const char *name,
    struct dname *ret_dname);

#endif
