/* SPDX-License-Identifier: MIT */
#include "engine/described.h"

#include "base/plain.h"
#include "cli/output.h"

static void
describe_next(
    const struct policy_chain *chain, const char *name, struct buf *text)
{
	if (chain->provenance == PROVENANCE_NEXT)
		buf_add_format(text, "what is staged for '%s'", name);
	else if (chain->cert == NULL)
		buf_add_format(text, "what comes next for '%s'", name);
	else
		buf_add_format(text, "what '%s' may issue for '%s'",
		    plain_of(chain->cert->subject).text, name);
}

void
chain_describe(const struct policy_chain *chain, struct buf *text)
{
	const struct plain name = plain_of(chain->lineage->name);
	char date[OUTPUT_DATE_SIZE];

	if (chain->class == CHAIN_NEXT) {
		describe_next(chain, name.text, text);
	} else if (chain->provenance == PROVENANCE_LEAF) {
		buf_add_format(text, "what '%s' serves", name.text);
	} else {
		output_date(chain->chain->leaf->not_before, date, sizeof(date));
		buf_add_format(text, "%s '%s' of %s",
		    chain->class == CHAIN_SERVED ? "what may be served of"
						 : "the old certificate in",
		    name.text, date);
	}
}

size_t
chains_describe_gaps(const struct associations *set, struct buf *text)
{
	size_t count = 0;

	for (size_t i = 0; i < set->chain_count; i++) {
		if (set->chains[i].gap != GAP_ROOM)
			continue;
		if (count++ > 0)
			buf_add_string(text, ", ");
		chain_describe(&set->chains[i], text);
	}
	return count;
}
