/* SPDX-License-Identifier: MIT */
#ifndef NET_RUA_H
#define NET_RUA_H

/*
 * Whom a mail domain asks to be told how TLS went (RFC 8460 s3): what senders
 * make of its TXT records at _smtp._tls.  Pure.  Threads: any, nothing is
 * shared.
 */

#include "base/status.h"
#include "base/texts.h"

/* What there is; enumerator, and word of JSON. */
#define RUA_TABLE(X)                                                           \
	X(RUA_UNKNOWN, "unknown") /* could not be looked up */                 \
	X(RUA_OK, "ok")                                                        \
	X(RUA_MISSING, "missing")                                              \
	X(RUA_SEVERAL, "several") /* so that senders take none of them */      \
	X(RUA_MALFORMED, "malformed")

enum rua {
#define X(id, word) id,
	RUA_TABLE(X)
#undef X
};

const char *rua_word(enum rua rua);

/*
 * Judge TXT records, each in presentation form, one quoted string or several,
 * as of packet_rdata().  Those of others, which say nothing of TLSRPTv1, do not
 * count; one that says so in another case only where there is no right one.
 * `problem` is filled for RUA_MALFORMED.
 */
enum rua rua_judge(const struct texts *records, struct problem *problem);

#endif
