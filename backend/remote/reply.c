/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <string.h>

#include "base/utf8.h"

/* Append a literal. */
#define ADD(out, literal) buf_add((out), "" literal, sizeof(literal) - 1)

/* How many octets the character has, or 0 if it is none of UTF-8. */
static size_t
character_len(const char *text, size_t left)
{
	uint32_t character;

	if ((unsigned char)*text < 0x80)
		return 1;
	return utf8_decode((const uint8_t *)text, left, &character);
}

void
reply_string(struct buf *out, const char *text, size_t len)
{
	size_t from = 0;

	ADD(out, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		size_t whole = character_len(text + i, len - i);

		if (c >= ' ' && c != 0x7f && c != '"' && c != '\\' &&
		    whole > 0) {
			i += whole - 1;
			continue;
		}
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

static void
record_begin(struct records *records, const char *type)
{
	if (records->count++ > 0)
		ADD(records->out, ",");
	ADD(records->out, "{\"qtype\":\"");
	buf_add_string(records->out, type);
	ADD(records->out, "\",\"qname\":");
}

/*
 * PowerDNS needs ttl, domain_id and auth as numbers: a string is read as 0, and
 * a missing id as "unknown", which later questions then carry.
 */
static void
record_end(struct records *records, uint32_t ttl)
{
	struct buf *out = records->out;

	ADD(out, ",\"ttl\":");
	buf_add_number(out, ttl);
	ADD(out, ",\"domain_id\":");
	add_signed(out, records->id);
	ADD(out, ",\"auth\":1}");
}

static void
record_add(struct records *records, const char *type, const char *name,
    uint32_t ttl, const char *content, size_t content_len)
{
	record_begin(records, type);
	reply_string(records->out, name, strlen(name));
	ADD(records->out, ",\"content\":");
	reply_string(records->out, content, content_len);
	record_end(records, ttl);
}

/* Append a name; most are in JSON what they are in a zone file. */
static void
add_name(struct buf *out, const uint8_t *key, size_t len)
{
	size_t start = out->len + 1;
	struct buf name = { 0 };

	ADD(out, "\"");
	dname_format(key, len, out);
	if (memchr(out->data + start, '\\', out->len - start) == NULL) {
		ADD(out, "\"");
		return;
	}
	buf_add(&name, out->data + start, out->len - start);
	out->len = start - 1;
	reply_string(out, name.data, name.len);
	buf_fini(&name);
}

void
records_add_soa(struct records *records, const struct zone *zone)
{
	const struct zone_apex *apex = zone->apex;
	struct buf content = { 0 };

	zone_soa_content(zone, &content);
	record_add(
	    records, "SOA", apex->name, apex->ttl, content.data, content.len);
	buf_fini(&content);
}

void
records_add_ns(struct records *records, const struct zone *zone)
{
	const struct zone_apex *apex = zone->apex;

	for (size_t i = 0; i < apex->nameserver_count; i++)
		record_add(records, "NS", apex->name, apex->ttl,
		    apex->nameservers[i], strlen(apex->nameservers[i]));
}

/* Append once more what lies at `from`. */
static void
add_again(struct buf *out, size_t from, size_t len)
{
	buf_reserve(out, len);
	buf_add(out, out->data + from, len);
}

/* The RRs of an RRset differ in their RDATA, which needs no quoting. */
void
records_add_tlsa(struct records *records, const uint8_t *key, size_t len,
    const struct owner *owner)
{
	struct buf *out = records->out;
	size_t head = out->len + (records->count > 0); /* behind a comma */
	size_t head_len;
	size_t tail;
	size_t tail_len;

	if (owner->count == 0)
		return;
	record_begin(records, "TLSA");
	add_name(out, key, len);
	ADD(out, ",\"content\":\"");
	head_len = out->len - head;
	buf_add(out, owner->rdata[0]->text, owner->rdata[0]->len);
	tail = out->len;
	ADD(out, "\"");
	record_end(records, owner->ttl);
	tail_len = out->len - tail;
	for (size_t i = 1; i < owner->count; i++) {
		records->count++;
		ADD(out, ",");
		add_again(out, head, head_len);
		buf_add(out, owner->rdata[i]->text, owner->rdata[i]->len);
		add_again(out, tail, tail_len);
	}
}

void
records_add_empty_non_terminal(
    struct records *records, const uint8_t *key, size_t len)
{
	record_begin(records, "ENT");
	add_name(records->out, key, len);
	ADD(records->out, ",\"content\":\"\"");
	record_end(records, 0);
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

static void
add_serials(struct buf *out, const struct zone *zone, uint32_t notified_serial)
{
	ADD(out, ",\"serial\":");
	buf_add_number(out, zone->serial);
	ADD(out, ",\"notified_serial\":");
	buf_add_number(out, notified_serial);
	ADD(out, "}");
}

void
reply_domain_row(
    struct buf *out, const struct zone *zone, uint32_t notified_serial)
{
	reply_domain_short(out, zone);
	out->len--; /* its closing brace */
	ADD(out, ",\"kind\":\"master\"");
	add_serials(out, zone, notified_serial);
}

void
reply_domain(struct buf *out, const struct zone *zone, uint32_t notified_serial)
{
	reply_domain_short(out, zone);
	out->len--; /* its closing brace */
	ADD(out, ",\"kind\":\"master\",\"masters\":[],\"last_check\":0");
	add_serials(out, zone, notified_serial);
}
