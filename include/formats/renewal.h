/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_RENEWAL_H
#define FORMATS_RENEWAL_H

/*
 * certbot's renewal/NAME.conf, as far as it says where a lineage lies and how
 * it will be renewed.  The dialect is that of formats/configobj.h.  Unknown
 * keys are passed over, for certbot and its plugins add keys freely. Pure.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/*
 * Every text may be NULL: the file does not say, or says "None", which certbot
 * takes for the same, or nothing.  All owned.
 */
struct renewal {
	/* top level */
	char *archive_dir;
	char *fullchain;
	/* [renewalparams] */
	char *server;   /* ACME directory URL */
	char *key_type; /* "rsa" or "ecdsa" */
	char *preferred_chain;
	char *preferred_profile;
	bool reuse_key;
};

/*
 * Read `len` octets of text.  certbot creates the file empty and fills it
 * last: an empty text is fine.
 *
 * Returns STATUS_OK, or STATUS_MALFORMED with the line number in `problem`:
 * what configobj_read() refuses, a list where a text belongs, a reuse_key that
 * is neither of True, yes, on, 1 nor of False, no, off, 0 in upper or lower
 * case.  *ret_renewal is written only on STATUS_OK; end it with
 * renewal_fini().
 */
enum status renewal_parse(const char *text, size_t len,
    struct renewal *ret_renewal, struct problem *problem);

void renewal_fini(struct renewal *renewal);

#endif
