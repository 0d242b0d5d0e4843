/* SPDX-License-Identifier: MIT */
#include "propagation.h"

#include "config/value.h"

enum status
config_propagation_read(const struct document *document, struct place at,
    struct policy *policy, bool *ret_has_hold, struct problem *problem)
{
	enum status status = STATUS_OK;
	const char *hold;
	const char *see;

	at = place_key(at, "propagation");
	hold = document_text(document, at);
	if (hold == NULL) {
		at.part = "see";
		see = document_text(document, at);
		if (see != NULL)
			status = value_sight(see, &policy->see, problem);
		if (status != STATUS_OK) {
			document_blame(document, at, problem);
			return status;
		}
		at.part = "hold";
		hold = document_text(document, at);
	}
	*ret_has_hold = hold != NULL;
	if (hold != NULL)
		status = value_seconds(
		    hold, 0, SPAN_MAX, &policy->propagation, problem);
	if (status != STATUS_OK)
		document_blame(document, at, problem);
	return status;
}
