/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_HANDLERS_H
#define REMOTE_HANDLERS_H

/*
 * The handlers of methods that have files of their own: domains.c (zones),
 * neighbours.c (denial), keys.c (keys and metadata) and tsig.c.  Pure.
 */

#include "call.h"

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
