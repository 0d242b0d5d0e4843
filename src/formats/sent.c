/* SPDX-License-Identifier: MIT */
#include "formats/sent.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_cost.h"
#include "base/limit.h"
#include "base/wire.h"
#include "formats/plan.h"

enum { SENT_VERSION = 1 };

static bool
sent_decode(const json_t *json, struct sent *sent)
{
	bool is_bad = false;

	(void)wire_number(json, "version", SENT_VERSION, SENT_VERSION, &is_bad);
	sent->received = wire_number(json, "received", 0, LIMIT_TIME, &is_bad);
	sent->reported = wire_option(json, "reported", 0, LIMIT_TIME, &is_bad);
	sent->next = (size_t)wire_option(json, "next", 0, LIMIT_NEXT, &is_bad);
	return plan_decode(json_object_get(json, "plan"), &sent->plan) &&
	       !is_bad;
}

enum status
sent_parse(const char *text, size_t len, struct sent *ret_sent,
    struct problem *problem)
{
	static const struct json_cost most = { 4, 16, 64 };
	struct sent sent = { 0 };
	json_t *json = json_cost_is_within(text, len, &most)
			   ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL)
			   : NULL;
	bool is_good = json_is_object(json) && sent_decode(json, &sent);

	json_decref(json);
	if (is_good) {
		*ret_sent = sent;
		return STATUS_OK;
	}
	sent_fini(&sent);
	problem_set(problem, "cannot be understood; the next one that is sent "
			     "mends it");
	return STATUS_MALFORMED;
}

void
sent_format(const struct sent *sent, struct buf *text)
{
	json_t *json = json_object();
	char *line;

	wire_set(json, "version", json_integer(SENT_VERSION));
	wire_set(json, "received", json_integer((json_int_t)sent->received));
	wire_set(json, "reported", json_integer((json_int_t)sent->reported));
	wire_set(json, "next", json_integer((json_int_t)sent->next));
	wire_set(json, "plan", plan_encode(&sent->plan));
	line = json_dumps(json, JSON_INDENT(1));
	if (line == NULL)
		abort();
	buf_add_format(text, "%s\n", line);
	free(line);
	json_decref(json);
}

void
sent_fini(struct sent *sent)
{
	free(sent->plan.server);
	*sent = (struct sent){ 0 };
}
