/* SPDX-License-Identifier: MIT */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

/*
 * What is sent back, and what stands above it.  Threads: one at a time.
 */

#include <microhttpd.h>
#include <stdbool.h>

#include "base/pile.h"

/* A long text that is sent a piece at a time, to several perhaps. */
struct http_text {
	struct pile pile;
	unsigned users;
};

struct reply {
	unsigned status;   /* of HTTP */
	const char *type;  /* media type */
	bool is_page;      /* for a browser, which is told what not to do */
	const char *allow; /* the methods that there are, where it was none */
};

/*
 * Queue `text`; what it holds is the library's then, and it is empty.  Returns
 * what the library's handler has to: MHD_NO if it could not.
 */
enum MHD_Result reply_send(struct MHD_Connection *connection,
    const struct reply *reply, struct buf *text);

/* The same for a long one, of which a use is added. */
enum MHD_Result reply_send_long(struct MHD_Connection *connection,
    const struct reply *reply, struct http_text *text);

/* Give up a use; NULL is fine. */
void http_text_drop(struct http_text *text);

#endif
