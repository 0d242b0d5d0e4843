/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

/*
 * Asking the running daemon; see control.h.  Waits for the answer.
 * Threads: one at a time.
 */

#include <jansson.h>

#include "status.h"

struct control_client;

/*
 * Connect to the control socket at `path`.  Returns STATUS_OK: end it with
 * control_client_free(); STATUS_ABSENT: no daemon is there; or STATUS_IO; with
 * `problem`.
 */
enum status control_client_new(const char *path,
    struct control_client **ret_client, struct problem *problem);

void control_client_free(struct control_client *client);

/*
 * Ask one question; `parameters` (NULL: none) is taken over.  Returns the
 * result, new, or NULL with `problem`: no answer within ten seconds, or none
 * that makes sense.
 */
json_t *control_ask(struct control_client *client, const char *method,
    json_t *parameters, struct problem *problem);

/*
 * Ask for all pages of a list.  Returns an array, new, or NULL with `problem`.
 */
json_t *control_ask_list(
    struct control_client *client, const char *method, struct problem *problem);

#endif
