/* SPDX-License-Identifier: MIT */
#ifndef PKI_CERT_JSON_H
#define PKI_CERT_JSON_H

/*
 * Certificates as JSON: what struct cert knows, not the X.509 object.
 * Pure.  Threads: one at a time.
 */

#include <jansson.h>

#include "pki/cert.h"

/* Add what is known of `cert` to `object`. */
void cert_json_encode(const struct cert *cert, json_t *object);

/* Make one reference to a certificate of `object`; NULL if it holds none. */
struct cert *cert_json_decode(json_t *object);

#endif
