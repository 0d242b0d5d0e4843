/* SPDX-License-Identifier: MIT */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

/* Where HTTP is spoken, and what is to be said of that.  Threads: one. */

#include "config/config.h"
#include "serve/listener.h"

/*
 * Listen where 'http' of the configuration says.  Nothing fails: what hinders
 * is logged, for there are those who ask at the other socket.  ret_listener
 * has no descriptor (-1) then, or if HTTP is not wanted; end it with
 * listener_close() in any case.
 */
void http_listen(const struct config *config, struct listener *ret_listener);

#endif
