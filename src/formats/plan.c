/* SPDX-License-Identifier: MIT */
#include "formats/plan.h"

#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"

json_t *
plan_encode(const struct renewal_plan *plan)
{
	json_t *object = json_object();

	if (plan->is_known)
		wire_set(object, "known", json_true());
	if (plan->reuse_key)
		wire_set(object, "reuse", json_true());
	if (plan->has_key_type)
		wire_set(
		    object, "type", json_integer((json_int_t)plan->key_type));
	if (plan->server != NULL)
		wire_set(object, "server", wire_text(plan->server));
	if (plan->renews != 0)
		wire_set(object, "renews", json_integer(plan->renews));
	return object;
}

bool
plan_decode(const json_t *object, struct renewal_plan *plan)
{
	json_t *server = json_object_get(object, "server");
	const char *text = server != NULL ? wire_octets(server) : NULL;
	bool is_bad = false;

	plan->is_known = json_is_true(json_object_get(object, "known"));
	plan->reuse_key = json_is_true(json_object_get(object, "reuse"));
	plan->has_key_type = json_object_get(object, "type") != NULL;
	plan->key_type = (enum key_algorithm)wire_option(
	    object, "type", KEY_RSA, KEY_OTHER, &is_bad);
	plan->renews = wire_option(object, "renews", 0, LIMIT_TIME, &is_bad);
	if (text != NULL)
		plan->server = mem_string(text);
	return (server == NULL || text != NULL) && !is_bad;
}
