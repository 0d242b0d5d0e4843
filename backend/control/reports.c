/* SPDX-License-Identifier: MIT */
#include "reports.h"

#include "cli/output.h"
#include "wall/confine.h"

json_t *
locks_json(unsigned locks)
{
	json_t *list = json_array();

	for (unsigned lock = 1; lock <= LOCKS_ALL; lock <<= 1)
		if ((locks & lock) != 0)
			(void)json_array_append_new(
			    list, json_string(confine_text(lock)));
	return list;
}

static json_t *
failed_json(const int64_t *failed)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < TLSRPT_RESULTS; i++)
		if (failed[i] > 0)
			(void)json_object_set_new(object, tlsrpt_result_word(i),
			    json_integer((json_int_t)failed[i]));
	return object;
}

static json_t *
sessions_json(const struct tlsrpt_tally *tally)
{
	json_t *list = json_array();

	for (unsigned type = 0; type < TLSRPT_TYPES; type++)
		(void)json_array_append_new(
		    list, json_pack("{s:s,s:I,s:o}", "policy",
			      tlsrpt_type_word((enum tlsrpt_type)type), "good",
			      (json_int_t)tally->good[type], "failed",
			      failed_json(tally->failed[type])));
	return list;
}

json_t *
reports_json(const struct postbox *postbox)
{
	const struct collection *collection;
	const struct tlsrpt_sums *sums;
	struct postbox_view view;

	if (!postbox_view(postbox, &view))
		return json_null();
	collection = &view.hearsay->collection;
	sums = &collection->sums;
	return json_pack("{s:o,s:I,s:o,s:i,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I,"
			 "s:o,s:o,s:o}",
	    "path", output_json_text(view.path), "since",
	    (json_int_t)view.since, "problem", output_json_text(view.problem),
	    "reader", (int)view.pid, "reader_confined", locks_json(view.locks),
	    "read",
	    view.looked > 0 ? output_json_date(view.looked) : json_null(),
	    "reports", (json_int_t)sums->reports, "duplicates",
	    (json_int_t)sums->duplicates, "older", (json_int_t)collection->old,
	    "mails_without", (json_int_t)collection->others, "unread",
	    (json_int_t)collection->unread, "good", (json_int_t)sums->good,
	    "failed", (json_int_t)sums->failed, "from",
	    sums->reports > 0 ? output_json_date(sums->from) : json_null(),
	    "to", sums->reports > 0 ? output_json_date(sums->to) : json_null(),
	    "sessions", sessions_json(&collection->tally));
}
