/* SPDX-License-Identifier: MIT */
#ifndef VIA_PROTOCOL_H
#define VIA_PROTOCOL_H

/*
 * What `deploy --via` and `receive` say to each other (docs/via.md): JSON
 * objects, one a line of at most LIMIT_VIA_LINE octets.  Each side has one
 * function that decodes what the other one says; what is made of it holds
 * nothing odd.  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/status.h"
#include "pki/lineage.h"

enum { VIA_VERSION = 1, VIA_LEAF_TEXT = 65, VIA_TEXT = PROBLEM_MAX };

/* ---- what the receiving side says ---- */

enum via_answer_kind {
	VIA_HELLO,   /* first: who it is, unasked */
	VIA_WAITING, /* not safe yet; and each few seconds again */
	VIA_SAFE,    /* it may be served */
	VIA_DONE,    /* the report was taken */
	VIA_LATER,   /* not now: try again */
	VIA_REFUSED, /* never, as it is */
};

struct via_answer {
	enum via_answer_kind kind;
	int64_t version;   /* VIA_HELLO; if it is not ours, nothing else is */
	int64_t now;       /* VIA_HELLO: seconds since 1970 */
	int64_t remaining; /* VIA_WAITING: seconds; 0: nobody knows */
	char leaf[VIA_LEAF_TEXT]; /* VIA_SAFE: what is, in hexadecimal */
	char text[VIA_TEXT];      /* why, for a line; may be empty */
};

/*
 * Read one line, without its end.  Returns STATUS_OK, or STATUS_MALFORMED with
 * `problem`.
 */
enum status via_answer_decode(const char *line, size_t len,
    struct via_answer *ret_answer, struct problem *problem);

/* Append it as a line, with its end. */
void via_answer_encode(const struct via_answer *answer, struct buf *line);

/* ---- what the sending side says ---- */

enum via_question_kind {
	VIA_OFFER,  /* take this, and say when it is safe */
	VIA_REPORT, /* servers present it now */
	VIA_HERE,   /* we still wait */
};

struct via_der {
	uint8_t *data; /* owned */
	size_t len;    /* >= 1 */
};

/* Certificates, the leaf first. */
struct via_chain {
	struct via_der list[LIMIT_CHAIN];
	size_t count;
};

/* One of the two. */
struct via_next {
	struct via_chain chain; /* count 0: there is no certificate yet */
	struct via_der key;     /* SubjectPublicKeyInfo */
};

struct via_question {
	enum via_question_kind kind;
	int64_t version; /* if it is not ours, nothing else is */
	char *name;      /* of the lineage: see via_name_is_safe(); owned */
	char leaf[VIA_LEAF_TEXT]; /* what is meant */
	bool is_unsure;           /* VIA_REPORT: see store_set_deployed() */
	bool is_servers;          /* VIA_OFFER: until all have answered it */
	struct via_chain chain;   /* VIA_OFFER: what is live */
	struct via_next next[LIMIT_NEXT];
	size_t next_count;
	struct renewal_plan plan;
};

/*
 * Read one line, without its end.  Returns STATUS_OK, and what is to be ended
 * with via_question_fini(); or STATUS_MALFORMED with `problem`.
 */
enum status via_question_decode(const char *line, size_t len,
    struct via_question *ret_question, struct problem *problem);

/* Append it as a line, with its end. */
void via_question_encode(const struct via_question *question, struct buf *line);

void via_question_fini(struct via_question *question);

/* ---- and what they agree on ---- */

/*
 * Return true if a lineage may have the name on another machine: letters,
 * digits and some signs, and nothing that a path or a shell sees more in.
 */
bool via_name_is_safe(const char *name);

/* Append it as a PEM block of the label. */
void via_der_pem(const struct via_der *der, const char *label, struct buf *pem);
void via_chain_pem(const struct via_chain *chain, struct buf *pem);
void via_next_pem(const struct via_next *next, struct buf *pem);

#endif
