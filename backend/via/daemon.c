/* SPDX-License-Identifier: MIT */
#include "daemon.h"

#include <jansson.h>
#include <string.h>

#include "control/client.h"

/* An answer, new; NULL with `problem`. */
static json_t *
daemon_ask(const char *control, const char *method, json_t *parameters,
    struct problem *problem)
{
	struct control_client *client;
	json_t *answer;

	if (control_client_new(control, &client, problem) != STATUS_OK) {
		json_decref(parameters);
		return NULL;
	}
	answer = control_ask(client, method, parameters, problem);
	control_client_free(client);
	return answer;
}

/*
 * A name that a lineage of this machine has is not for others: `deploy` would
 * not know any more which is meant.  Who knows them all is the daemon.
 */
enum status
daemon_name_check(const char *control, const char *store, const char *name,
    struct problem *problem)
{
	json_t *list = daemon_ask(control, "safety",
	    json_pack("{s:s,s:i}", "lineage", name, "parts", 1), problem);
	enum status status = list != NULL ? STATUS_OK : STATUS_IO;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *source = json_string_value(
		    json_object_get(item, "source"));

		if (source == NULL || strcmp(source, store) == 0 ||
		    json_is_true(json_object_get(item, "deleted")))
			continue;
		problem_set(problem,
		    "lineage '%s': the receiving host has one of that name "
		    "itself, in '%s'; give one of the two another name where "
		    "it is issued",
		    name, source);
		status = STATUS_REFUSED;
	}
	json_decref(list);
	return status;
}

enum status
daemon_report(const char *control, const char *store,
    const struct via_question *report, struct problem *problem)
{
	json_t *answer = daemon_ask(control, "deployed",
	    json_pack("{s:s,s:s,s:i,s:s}", "lineage", report->name, "leaf",
		report->leaf, "unsure", report->is_unsure ? 1 : 0, "source",
		store),
	    problem);
	enum status status = answer != NULL ? STATUS_REFUSED : STATUS_IO;

	if (json_is_true(answer))
		status = STATUS_OK;
	else if (answer != NULL)
		problem_set(problem,
		    "the daemon has no such generation of lineage '%s'",
		    report->name);
	json_decref(answer);
	return status;
}
