/* SPDX-License-Identifier: MIT */
/*
 * Keys and metadata of zones that keep them with us.  "false" to a question
 * about any other zone sends PowerDNS to the next backend; but "false" for
 * metadata it takes for an empty answer, and asks nobody else.
 */
#include "handlers.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "dns/dnskey.h"
#include "reply.h"

static const char *
json_comma(size_t at)
{
	return at > 0 ? "," : "";
}

static enum outcome
cannot_tell(const struct call *call, const struct zone *zone)
{
	problem_set(call->problem,
	    "cannot tell the keys of '%s': they cannot be read, or kept",
	    zone->apex->name);
	return OUTCOME_CANNOT_TELL;
}

/* Return what is kept of a zone of ours, or NULL: nothing can be told. */
static const struct keyring_zone *
call_kept(const struct call *call, const struct zone *zone)
{
	const struct method_keys *keys = call->context->keys;

	return keys != NULL && !keys->is_lost
		   ? keyring_find(keys->keyring, &zone->apex->dname)
		   : NULL;
}

static void
reply_key(struct buf *reply, const struct keyring_key *key)
{
	buf_add_format(reply,
	    "{\"id\":%u,\"flags\":%u,\"active\":%s,\"published\":%s,"
	    "\"content\":",
	    key->id, key->flags, key->is_active ? "true" : "false",
	    key->is_published ? "true" : "false");
	reply_string(reply, key->content, strlen(key->content));
	buf_add_string(reply, "}");
}

enum outcome
method_get_domain_keys(const struct call *call)
{
	const struct zone *zone = call_zone(call, "name");
	const struct keyring_zone *kept;

	if (zone == NULL || !zone->apex->is_self)
		return call_answer_bool(call, false);
	kept = call_kept(call, zone);
	if (kept == NULL)
		return cannot_tell(call, zone);
	reply_begin(call->reply);
	buf_add_string(call->reply, "[");
	for (size_t i = 0; i < kept->key_count; i++) {
		buf_add_string(call->reply, json_comma(i));
		reply_key(call->reply, &kept->keys[i]);
	}
	buf_add_string(call->reply, "]");
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

static void
reply_values(struct buf *reply, const struct keyring_metadata *metadata)
{
	buf_add_string(reply, "[");
	for (size_t i = 0; i < metadata->count; i++) {
		buf_add_string(reply, json_comma(i));
		reply_string(
		    reply, metadata->values[i], strlen(metadata->values[i]));
	}
	buf_add_string(reply, "]");
}

enum outcome
method_get_domain_metadata(const struct call *call)
{
	const struct zone *zone = call_zone(call, "name");
	const char *kind = request_string(call->request, "kind");
	const struct keyring_metadata *metadata = NULL;
	const struct keyring_zone *kept;

	if (zone == NULL)
		return call_answer_bool(call, false);
	if (zone->apex->is_self) {
		kept = call_kept(call, zone);
		if (kept == NULL)
			return cannot_tell(call, zone);
		if (kind != NULL)
			metadata = keyring_metadata(kept, kind);
	}
	if (metadata == NULL) {
		reply_empty(call->reply);
		return OUTCOME_REPLY;
	}
	reply_begin(call->reply);
	reply_values(call->reply, metadata);
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

enum outcome
method_get_all_domain_metadata(const struct call *call)
{
	const struct zone *zone = call_zone(call, "name");
	const struct keyring_zone *kept = NULL;

	if (zone == NULL)
		return call_answer_bool(call, false);
	if (zone->apex->is_self) {
		kept = call_kept(call, zone);
		if (kept == NULL)
			return cannot_tell(call, zone);
	}
	reply_begin(call->reply);
	buf_add_string(call->reply, "{");
	for (size_t i = 0; kept != NULL && i < kept->metadata_count; i++) {
		const struct keyring_metadata *metadata = &kept->metadata[i];

		buf_add_string(call->reply, json_comma(i));
		reply_string(
		    call->reply, metadata->kind, strlen(metadata->kind));
		buf_add_string(call->reply, ":");
		reply_values(call->reply, metadata);
	}
	buf_add_string(call->reply, "}");
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

/* Change what is kept; false: the request makes no sense. */
typedef bool change_fn(
    const struct call *call, struct keyring_zone *kept, uint32_t *ret_id);

/*
 * Read what others did meanwhile, change it, and keep it for good before the
 * reply says so.
 */
static bool
keys_change(const struct call *call, const struct zone *zone, change_fn *change,
    uint32_t *ret_id)
{
	const struct method_keys *keys = call->context->keys;
	struct keyring_zone *kept;

	if (!keys->begin(keys->arg))
		return false;
	kept = keyring_zone(keys->keyring, &zone->apex->dname, true);
	if (!change(call, kept, ret_id)) {
		keys->cancel(keys->arg);
		return false;
	}
	return keys->commit(keys->arg);
}

/* Answer true (or the id, if `change` gives one) when it is done. */
static enum outcome
answer_change(const struct call *call, change_fn *change)
{
	const struct zone *zone = call_zone(call, "name");
	uint32_t id = 0;

	if (zone == NULL || !zone->apex->is_self)
		return call_answer_bool(call, false);
	if (call->context->keys == NULL || call->context->keys->is_lost)
		return cannot_tell(call, zone);
	if (!keys_change(call, zone, change, &id))
		return call_answer_bool(call, false);
	if (id == 0)
		return call_answer_bool(call, true);
	reply_begin(call->reply);
	buf_add_number(call->reply, id);
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

static bool
json_truth(const json_t *object, const char *name, bool missing)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_integer(value))
		return json_integer_value(value) != 0;
	return json_is_boolean(value) ? json_is_true(value) : missing;
}

static bool
add_key(const struct call *call, struct keyring_zone *kept, uint32_t *ret_id)
{
	const json_t *key = request_json(call->request, "key");
	const char *content = json_string_value(
	    json_object_get(key, "content"));
	json_int_t flags = json_integer_value(json_object_get(key, "flags"));
	struct dnskey parsed;

	if (content == NULL || flags < 0 || flags > UINT16_MAX ||
	    dnskey_parse(content, (uint16_t)flags, &parsed, NULL) != STATUS_OK)
		return false;
	*ret_id = keyring_add_key(kept, (uint16_t)flags,
	    json_truth(key, "active", false),
	    json_truth(key, "published", true), content);
	return *ret_id != 0;
}

static bool
remove_key(const struct call *call, struct keyring_zone *kept, uint32_t *ret_id)
{
	(void)ret_id;
	return keyring_remove_key(
	    kept, request_number(call->request, "id", -1));
}

/* The four methods that differ in what they set to what. */
static const struct {
	const char *method;
	bool is_publication;
	bool value;
} settings[] = {
	{ "activateDomainKey", false, true },
	{ "deactivateDomainKey", false, false },
	{ "publishDomainKey", true, true },
	{ "unpublishDomainKey", true, false },
};

static bool
set_key(const struct call *call, struct keyring_zone *kept, uint32_t *ret_id)
{
	struct keyring_key *key = keyring_key(
	    kept, request_number(call->request, "id", -1));

	(void)ret_id;
	for (size_t i = 0;
	     key != NULL && i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].method, call->request->method) != 0)
			continue;
		if (settings[i].is_publication)
			key->is_published = settings[i].value;
		else
			key->is_active = settings[i].value;
	}
	return key != NULL;
}

/* What PowerDNS would sign by must be what we find neighbours by. */
static bool
is_usable(const char *kind, const char *const *values, size_t count,
    struct problem *problem)
{
	struct nsec3 nsec3;

	return strcmp(kind, "NSEC3PARAM") != 0 || count == 0 ||
	       values[0][0] == '\0' ||
	       nsec3_parse(values[0], &nsec3, problem) == STATUS_OK;
}

static bool
keep_metadata(const struct call *call, struct keyring_zone *kept,
    const char *const *values, size_t count)
{
	const char *kind = request_string(call->request, "kind");

	if (!is_usable(kind, values, count, call->problem)) {
		problem_prefix(call->problem, "metadata '%.64s' refused", kind);
		return false;
	}
	if (keyring_set_metadata(kept, kind, values, count))
		return true;
	problem_set(call->problem,
	    "metadata '%.64s' refused: more than %d kinds, %d values of one "
	    "kind, or %d octets",
	    kind, LIMIT_METADATA, LIMIT_METADATA, LIMIT_METADATA_VALUE);
	return false;
}

static bool
set_metadata(
    const struct call *call, struct keyring_zone *kept, uint32_t *ret_id)
{
	const char *kind = request_string(call->request, "kind");
	const json_t *list = request_json(call->request, "value");
	size_t count = json_array_size(list);
	const char **values = mem_array(count, sizeof(*values));
	bool is_good = kind != NULL && json_is_array(list);

	(void)ret_id;
	for (size_t i = 0; is_good && i < count; i++) {
		values[i] = json_string_value(json_array_get(list, i));
		is_good = values[i] != NULL;
	}
	is_good = is_good && keep_metadata(call, kept, values, count);
	free(values);
	return is_good;
}

enum outcome
method_add_domain_key(const struct call *call)
{
	return answer_change(call, add_key);
}

enum outcome
method_remove_domain_key(const struct call *call)
{
	return answer_change(call, remove_key);
}

enum outcome
method_set_domain_key(const struct call *call)
{
	return answer_change(call, set_key);
}

enum outcome
method_set_domain_metadata(const struct call *call)
{
	return answer_change(call, set_metadata);
}
