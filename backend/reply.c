/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <string.h>

/* Append a literal. */
#define ADD(out, literal) buf_add((out), "" literal, sizeof(literal) - 1)

void
reply_string(struct buf *out, const char *text, size_t len)
{
	size_t from = 0;

	ADD(out, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
			continue;
		buf_add(out, text + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\')
			buf_add_format(out, "\\%c", c);
		else
			buf_add_format(out, "\\u%04x", c);
	}
	buf_add(out, text + from, len - from);
	ADD(out, "\"");
}

void
reply_begin(struct buf *out)
{
	ADD(out, "{\"result\":");
}

void
reply_end(struct buf *out)
{
	ADD(out, "}\n");
}

void
reply_bool(struct buf *out, bool value)
{
	if (value)
		ADD(out, "{\"result\":true}\n");
	else
		ADD(out, "{\"result\":false}\n");
}

void
reply_empty(struct buf *out)
{
	ADD(out, "{\"result\":[]}\n");
}

static void
add_signed(struct buf *out, int64_t number)
{
	if (number < 0)
		ADD(out, "-");
	buf_add_number(out, number < 0 ? 0ULL - (unsigned long long)number
				       : (unsigned long long)number);
}

void
records_begin(struct records *records, struct buf *out, int64_t id)
{
	*records = (struct records){ out, id, 0 };
	reply_begin(out);
	ADD(out, "[");
}

void
records_end(struct records *records)
{
	ADD(records->out, "]");
	reply_end(records->out);
}

/*
 * One record.  PowerDNS needs ttl, domain_id and auth as numbers: a string is
 * read as 0, and a missing id as "unknown", which later questions then carry.
 */
static void
record_add(struct records *records, const char *type, const char *name,
    size_t name_len, uint32_t ttl, const char *content, size_t content_len)
{
	struct buf *out = records->out;

	buf_reserve(out, 160 + name_len + content_len);
	if (records->count++ > 0)
		ADD(out, ",");
	ADD(out, "{\"qtype\":\"");
	buf_add_string(out, type);
	ADD(out, "\",\"qname\":");
	reply_string(out, name, name_len);
	ADD(out, ",\"content\":");
	reply_string(out, content, content_len);
	ADD(out, ",\"ttl\":");
	buf_add_number(out, ttl);
	ADD(out, ",\"domain_id\":");
	add_signed(out, records->id);
	ADD(out, ",\"auth\":1}");
}

void
records_add_soa(struct records *records, const struct zone *zone)
{
	const struct zone_apex *apex = zone->apex;
	struct buf content = { 0 };

	zone_soa_content(zone, &content);
	record_add(records, "SOA", apex->name, strlen(apex->name), apex->ttl,
	    content.data, content.len);
	buf_fini(&content);
}

void
records_add_ns(struct records *records, const struct zone *zone)
{
	const struct zone_apex *apex = zone->apex;

	for (size_t i = 0; i < apex->nameserver_count; i++)
		record_add(records, "NS", apex->name, strlen(apex->name),
		    apex->ttl, apex->nameservers[i],
		    strlen(apex->nameservers[i]));
}

void
records_add_tlsa(struct records *records, const struct owner *owner)
{
	for (size_t i = 0; i < owner->count; i++)
		record_add(records, "TLSA", owner->name, owner->name_len,
		    owner->ttl, owner->rdata[i]->text, owner->rdata[i]->len);
}

void
records_add_empty_non_terminal(
    struct records *records, const char *name, size_t len)
{
	record_add(records, "ENT", name, len, 0, "", 0);
}

void
reply_domain_short(struct buf *out, const struct zone *zone)
{
	ADD(out, "{\"id\":");
	add_signed(out, zone->apex->id);
	ADD(out, ",\"zone\":");
	reply_string(out, zone->apex->name, strlen(zone->apex->name));
	ADD(out, "}");
}

void
reply_domain(struct buf *out, const struct zone *zone, uint32_t notified_serial)
{
	reply_domain_short(out, zone);
	out->len--; /* its closing brace */
	ADD(out, ",\"kind\":\"master\",\"masters\":[],\"last_check\":0"
		 ",\"serial\":");
	buf_add_number(out, zone->serial);
	ADD(out, ",\"notified_serial\":");
	buf_add_number(out, notified_serial);
	ADD(out, "}");
}
