/* SPDX-License-Identifier: MIT */
/* The neighbours of a name, of which PowerDNS makes denials of existence. */
#include "handlers.h"

#include <string.h>

#include "reply.h"

struct neighbours {
	struct buf unhashed;
	struct buf before;
	struct buf after;
};

static void
neighbours_fini(struct neighbours *neighbours)
{
	buf_fini(&neighbours->unhashed);
	buf_fini(&neighbours->before);
	buf_fini(&neighbours->after);
}

static void
neighbours_reply(const struct neighbours *neighbours, struct buf *reply)
{
	const struct {
		const char *member;
		const struct buf *text;
	} rows[] = {
		{ "{\"unhashed\":", &neighbours->unhashed },
		{ ",\"before\":", &neighbours->before },
		{ ",\"after\":", &neighbours->after },
	};

	reply_begin(reply);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_add_string(reply, rows[i].member);
		reply_string(reply, rows[i].text->data, rows[i].text->len);
	}
	buf_add_string(reply, "}");
	reply_end(reply);
}

/*
 * For NSEC: the name comes relative to the zone, "." being the apex, and so go
 * the neighbours (RFC 4034 s6.1 order, closed to a circle).
 */
static bool
neighbours_find(const struct zone *zone, const char *relative,
    struct neighbours *neighbours)
{
	struct buf name = { 0 };
	struct dname qname;
	bool is_name;

	if (strcmp(relative, ".") != 0 && strcmp(relative, "") != 0)
		buf_add_format(&name, "%s%s", relative,
		    relative[strlen(relative) - 1] == '.' ? "" : ".");
	buf_add_string(&name, zone->apex->name);
	is_name = dname_parse(name.data, name.len, &qname) == STATUS_OK;
	if (is_name) {
		zone_neighbours(
		    zone, &qname, &neighbours->before, &neighbours->after);
		if (strcmp(buf_text(&neighbours->before), ".") != 0)
			buf_add(&neighbours->unhashed, neighbours->before.data,
			    neighbours->before.len);
		buf_add_string(&neighbours->unhashed, zone->apex->name);
	}
	buf_fini(&name);
	return is_name;
}

/*
 * For NSEC3 PowerDNS asks with a hash, and does not say by which parameters.
 * It does so too if ours are not set; a name of that shape is rare enough to
 * be worth a line in the log.
 */
enum outcome
method_get_before_and_after(const struct call *call)
{
	const struct zone *zone = call_zone_by_id(call);
	const char *relative = request_string(call->request, "qname");
	struct neighbours neighbours = { { 0 }, { 0 }, { 0 } };
	uint8_t hash[NSEC3_HASH];
	bool is_hash;

	if (zone == NULL || relative == NULL)
		return call_answer_bool(call, false);
	is_hash = nsec3_label_parse(relative, strlen(relative), hash);
	if (is_hash && zone->apex->nsec3 != NULL)
		zone_neighbours_hashed(zone, hash, &neighbours.unhashed,
		    &neighbours.before, &neighbours.after);
	else if (!neighbours_find(zone, relative, &neighbours))
		return call_answer_bool(call, false);
	if (is_hash && zone->apex->nsec3 == NULL &&
	    call->context->hashed != NULL)
		*call->context->hashed = zone;
	neighbours_reply(&neighbours, call->reply);
	neighbours_fini(&neighbours);
	return OUTCOME_REPLY;
}
