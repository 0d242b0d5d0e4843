/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_DATA_H
#define REMOTE_DATA_H

/*
 * What the handlers of methods share, in remote/method.c (records),
 * remote/domains.c (zones), remote/neighbours.c (denial), remote/keys.c (keys
 * and metadata) and remote/tsig.c, and nobody else.
 */

#include "remote/method.h"
#include "remote/request.h"

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

method_fn method_get_all_domains;
method_fn method_get_domain_info;
method_fn method_get_updated_masters;
method_fn method_set_notified;

method_fn method_get_before_and_after;

method_fn method_get_domain_keys;
method_fn method_add_domain_key;
method_fn method_remove_domain_key;
method_fn method_set_domain_key;
method_fn method_get_domain_metadata;
method_fn method_get_all_domain_metadata;
method_fn method_set_domain_metadata;

method_fn method_get_tsig_key;
method_fn method_get_tsig_keys;
method_fn method_set_tsig_key;
method_fn method_delete_tsig_key;

#endif
