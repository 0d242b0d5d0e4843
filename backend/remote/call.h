/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_CALL_H
#define REMOTE_CALL_H

/*
 * What a handler of a method gets, and what handlers have in common.  Pure.
 * Threads: one at a time.
 */

#include "base/buf.h"
#include "remote/context.h"
#include "request.h"

/* One request on its way through the table. */
struct call {
	const struct method_context *context;
	const struct request *request;
	struct buf *reply;
	struct problem *problem;
};

typedef enum outcome method_fn(const struct call *call);

enum outcome call_answer_bool(const struct call *call, bool value);

/* Return the own zone that the parameter names exactly, or NULL. */
const struct zone *call_zone(const struct call *call, const char *parameter);

/* Return the own zone that the parameter "id" names, or NULL. */
const struct zone *call_zone_by_id(const struct call *call);

#endif
