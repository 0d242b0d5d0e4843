/* SPDX-License-Identifier: MIT */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

/*
 * PowerDNS's http connector (post=1,post_json=1): each POST holds one request
 * as the other connectors send it, and its reply is the body of the response.
 * HTTP itself is libmicrohttpd's, turned by our loop; no thread of its own.
 * Who only looks (GET, HEAD) is shown a page, if there are any.
 *
 * What a socket says by being closed, a status says here: 503 where nothing
 * can be told, 400 for what is no request.  PowerDNS takes 400 and all above
 * for a failure, never for an answer.  Threads: one at a time.
 */

#include "base/buf.h"
#include "config/config.h"
#include "loop/loop.h"
#include "serve/listener.h"
#include "serve/server.h"

struct http;
struct http_text; /* http/reply.h */

/*
 * Serve `listener` (borrowed) from now on.
 *
 * config: says who may connect.
 * answer: as of server_new().
 * Returns NULL, which is logged, if the library refuses.
 */
struct http *http_new(struct loop *loop, const struct listener *listener,
    const struct config *config, server_answer_fn *answer, void *arg);

/* What somebody wants to look at; borrowed. */
struct http_wish {
	const char *path; /* of the URL, decoded: "/metrics" */
	const char *host; /* whom he thinks he asks, by his Host; or "" */
	const char *page; /* "page" of the query, or NULL */
};

/* What is shown. */
struct http_sight {
	unsigned status;  /* of HTTP */
	const char *type; /* media type; constant */
	struct buf body;
	struct http_text *text; /* instead, if not NULL; borrowed */
};

/*
 * Show what is wished for.  Returns OUTCOME_REPLY with *ret_sight, whose body
 * the caller frees; OUTCOME_WAIT: ask again behind http_resume(); or
 * OUTCOME_MALFORMED: there is no such page.
 */
typedef enum outcome http_look_fn(
    void *arg, const struct http_wish *wish, struct http_sight *ret_sight);

/* Show pages from now on. */
void http_show(struct http *http, http_look_fn *look, void *arg);

/* Answer those that had to wait (OUTCOME_WAIT). */
void http_resume(struct http *http);

/*
 * End all connections.  What has come whole is answered first, as far as its
 * peer takes the reply at once.  NULL is fine.
 */
void http_free(struct http *http);

#endif
