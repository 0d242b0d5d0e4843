/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

/*
 * Asking the running daemon; see control/control.h.  Waits for the answer.
 * Threads: one at a time.
 */

#include <jansson.h>

#include "base/status.h"

struct control_client;

enum {
	CONTROL_ANSWER_MS = 10000, /* for a connection, or one whole answer */
	/* The daemon goes through all of a list for each page of it. */
	CONTROL_LIST_MS = 1800000,
};

/*
 * Connect to the control socket at `path`.  Returns STATUS_OK: end it with
 * control_client_free(); STATUS_ABSENT: no daemon is there; or STATUS_IO; with
 * `problem`.
 */
enum status control_client_new(const char *path,
    struct control_client **ret_client, struct problem *problem);

void control_client_free(struct control_client *client);

/*
 * Give one whole answer `answer_ms` (> 0), and all pages of a list together
 * `list_ms`, instead of what is above.
 */
void control_client_hurry(
    struct control_client *client, int answer_ms, int list_ms);

/*
 * Ask one question; `parameters` (NULL: none) is taken over.  Returns the
 * result, new, or NULL with `problem`: no whole answer in its time, or none
 * that makes sense.  After NULL the client is good for nothing but its end: an
 * answer that comes late would be taken for the next one's.
 */
json_t *control_ask(struct control_client *client, const char *method,
    json_t *parameters, struct problem *problem);

/*
 * Ask for all pages of a list, each in its time, and all in theirs, and join
 * what comes in parts.  Returns an array, new, or NULL with `problem`, as
 * above.
 */
json_t *control_ask_list(
    struct control_client *client, const char *method, struct problem *problem);

/*
 * Ask for the safety of the lineages of a name, judged by sight at the owner
 * names of `see` (taken over; NULL: none), likewise.  One that has changed
 * meanwhile has no "leaf": ask again.
 */
json_t *control_ask_safety(struct control_client *client, const char *lineage,
    json_t *see, struct problem *problem);

#endif
