/* SPDX-License-Identifier: MIT */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

/*
 * PowerDNS's http connector (post=1,post_json=1): each POST holds one request
 * as the other connectors send it, and its reply is the body of the response.
 * HTTP itself is libmicrohttpd's, turned by our loop; no thread of its own.
 *
 * What a socket says by being closed, a status says here: 503 where nothing
 * can be told, 400 for what is no request.  PowerDNS takes 400 and all above
 * for a failure, never for an answer.  Threads: one at a time.
 */

#include "base/address.h"
#include "loop/loop.h"
#include "serve/listener.h"
#include "serve/server.h"

struct http;

/*
 * Serve `listener` (borrowed) from now on.
 *
 * allow: the networks whose peers may connect, each a text for
 *     network_parse(); borrowed.  None: everybody may who can.
 * answer: as of server_new().
 * Returns NULL, which is logged, if the library refuses.
 */
struct http *http_new(struct loop *loop, const struct listener *listener,
    char *const *allow, size_t allow_count, server_answer_fn *answer,
    void *arg);

/* Answer those that had to wait (OUTCOME_WAIT). */
void http_resume(struct http *http);

/*
 * End all connections.  What has come whole is answered first, as far as its
 * peer takes the reply at once.  NULL is fine.
 */
void http_free(struct http *http);

#endif
