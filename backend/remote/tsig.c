/* SPDX-License-Identifier: MIT */
/*
 * TSIG keys, which belong to no zone: they are kept beside the keys of zones
 * with `dnssec: self`, and are another backend's if there are none.  The
 * secret is in nothing but the reply.
 */
#include "handlers.h"

#include <string.h>

#include "base/limit.h"
#include "reply.h"

static enum outcome
cannot_tell(const struct call *call)
{
	problem_set(call->problem,
	    "cannot tell the TSIG keys: they cannot be read, or kept");
	return OUTCOME_CANNOT_TELL;
}

static void
reply_member(struct buf *reply, const char *before, const char *text)
{
	buf_add_string(reply, before);
	reply_string(reply, text, strlen(text));
}

enum outcome
method_get_tsig_key(const struct call *call)
{
	const struct method_keys *keys = call->context->keys;
	const struct keyring_tsig *tsig = NULL;
	struct dname name;

	if (keys == NULL)
		return call_answer_bool(call, false);
	if (keys->is_lost)
		return cannot_tell(call);
	if (request_dname(call->request, "name", &name))
		tsig = keyring_tsig(keys->keyring, &name);
	if (tsig == NULL)
		return call_answer_bool(call, false);
	reply_begin(call->reply);
	reply_member(call->reply, "{\"algorithm\":", tsig->algorithm);
	reply_member(call->reply, ",\"content\":", tsig->secret);
	buf_add_string(call->reply, "}");
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

/* A list of keys under way. */
struct key_list {
	struct buf *reply;
	size_t count;
};

static bool
key_visit(const struct trie_entry *entry, void *arg)
{
	const struct keyring_tsig *tsig = entry->value;
	struct key_list *list = arg;

	reply_member(list->reply,
	    list->count++ > 0 ? ",{\"name\":" : "{\"name\":", tsig->name);
	reply_member(list->reply, ",\"algorithm\":", tsig->algorithm);
	reply_member(list->reply, ",\"content\":", tsig->secret);
	buf_add_string(list->reply, "}");
	return true;
}

enum outcome
method_get_tsig_keys(const struct call *call)
{
	const struct method_keys *keys = call->context->keys;
	struct key_list list = { .reply = call->reply };

	if (keys == NULL)
		return call_answer_bool(call, false);
	if (keys->is_lost)
		return cannot_tell(call);
	reply_begin(call->reply);
	buf_add_string(call->reply, "[");
	(void)trie_walk(&keys->keyring->tsigs, "", 0, key_visit, &list);
	buf_add_string(call->reply, "]");
	reply_end(call->reply);
	return OUTCOME_REPLY;
}

/* Change what is kept; false: the request makes no sense. */
typedef bool change_fn(
    const struct call *call, struct keyring *keyring, const struct dname *name);

static enum outcome
answer_change(const struct call *call, change_fn *change)
{
	const struct method_keys *keys = call->context->keys;
	struct dname name;

	if (keys == NULL || !request_dname(call->request, "name", &name))
		return call_answer_bool(call, false);
	if (keys->is_lost)
		return cannot_tell(call);
	if (!keys->begin(keys->arg))
		return call_answer_bool(call, false);
	if (!change(call, keys->keyring, &name)) {
		keys->cancel(keys->arg);
		return call_answer_bool(call, false);
	}
	return call_answer_bool(call, keys->commit(keys->arg));
}

static bool
set_key(
    const struct call *call, struct keyring *keyring, const struct dname *name)
{
	const char *algorithm = request_string(call->request, "algorithm");
	const char *secret = request_string(call->request, "content");

	if (algorithm != NULL && secret != NULL &&
	    keyring_set_tsig(keyring, name, algorithm, secret))
		return true;
	problem_set(call->problem,
	    "TSIG key refused: no name, no algorithm, a secret that is not "
	    "base64, or more than %d keys",
	    LIMIT_TSIG);
	return false;
}

static bool
remove_key(
    const struct call *call, struct keyring *keyring, const struct dname *name)
{
	(void)call;
	return keyring_remove_tsig(keyring, name);
}

enum outcome
method_set_tsig_key(const struct call *call)
{
	return answer_change(call, set_key);
}

enum outcome
method_delete_tsig_key(const struct call *call)
{
	return answer_change(call, remove_key);
}
