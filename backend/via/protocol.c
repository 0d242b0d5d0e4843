/* SPDX-License-Identifier: MIT */
#include "protocol.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_cost.h"
#include "base/mem.h"
#include "base/plain.h"
#include "base/wire.h"
#include "formats/plan.h"

enum { SERVER_MAX = 2048 }; /* octets of a URL */

/* Lists of certificates in a list of staged keys; in all of it. */
static const struct json_cost most = { 5, 2 * LIMIT_NEXT + 8,
	LIMIT_CHAIN *(LIMIT_NEXT + 1) + 64 };

static const char sender[] = "deploy";
static const char receiver[] = "receive";

static const struct {
	const char *word;
	enum via_answer_kind kind;
} words[] = {
	{ "waiting", VIA_WAITING },
	{ "safe", VIA_SAFE },
	{ "done", VIA_DONE },
	{ "later", VIA_LATER },
	{ "refused", VIA_REFUSED },
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };

/* ---- pieces ---- */

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static json_t *
object_read(const char *line, size_t len, struct problem *problem)
{
	json_t *object = NULL;

	if (len <= LIMIT_VIA_LINE && json_cost_is_within(line, len, &most))
		object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(object))
		return object;
	json_decref(object);
	problem_set(problem, "no line of the protocol");
	return NULL;
}

static void
object_write(json_t *object, struct buf *line)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (text == NULL)
		abort();
	buf_add_format(line, "%s\n", text);
	free(text);
	json_decref(object);
}

/* Lower case: it is compared as a text. */
static bool
leaf_read(const json_t *object, char *leaf)
{
	const char *text = text_of(object, "leaf");

	if (strlen(text) != VIA_LEAF_TEXT - 1 ||
	    strspn(text, "0123456789abcdef") != VIA_LEAF_TEXT - 1)
		return false;
	memcpy(leaf, text, VIA_LEAF_TEXT);
	return true;
}

static json_t *
string(const char *text)
{
	json_t *value = json_string(text);

	return value != NULL ? value : json_string("");
}

/* ---- the receiving side's ---- */

static bool
word_read(const json_t *object, struct via_answer *answer)
{
	const char *word = text_of(object, "word");
	const char *text = text_of(object, "text");
	bool is_bad = false;
	size_t i = 0;

	while (i < WORDS && strcmp(words[i].word, word) != 0)
		i++;
	if (i == WORDS)
		return false;
	answer->kind = words[i].kind;
	answer->remaining = wire_option(
	    object, "remaining", 0, LIMIT_TIME, &is_bad);
	(void)plain_put(answer->text, sizeof(answer->text), text, strlen(text));
	return !is_bad &&
	       (answer->kind != VIA_SAFE || leaf_read(object, answer->leaf));
}

enum status
via_answer_decode(const char *line, size_t len, struct via_answer *ret_answer,
    struct problem *problem)
{
	struct via_answer answer = { .kind = VIA_HELLO };
	json_t *object = object_read(line, len, problem);
	bool is_bad = false;

	if (object == NULL)
		return STATUS_MALFORMED;
	if (json_object_get(object, "word") != NULL) {
		is_bad = !word_read(object, &answer);
	} else {
		is_bad = strcmp(text_of(object, "pdns-tlsa"), receiver) != 0;
		answer.version = wire_number(
		    object, "version", 1, LIMIT_TIME, &is_bad);
		/* Of another version nothing else can be foreseen. */
		if (!is_bad && answer.version == VIA_VERSION)
			answer.now = wire_number(
			    object, "now", 0, LIMIT_TIME, &is_bad);
	}
	json_decref(object);
	if (is_bad) {
		problem_set(problem, "no answer of 'pdns-tlsa receive'");
		return STATUS_MALFORMED;
	}
	*ret_answer = answer;
	return STATUS_OK;
}

void
via_answer_encode(const struct via_answer *answer, struct buf *line)
{
	json_t *object = json_object();

	if (answer->kind == VIA_HELLO) {
		wire_set(object, "pdns-tlsa", json_string(receiver));
		wire_set(object, "version",
		    json_integer((json_int_t)answer->version));
		wire_set(object, "now", json_integer((json_int_t)answer->now));
	}
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].kind == answer->kind)
			wire_set(object, "word", json_string(words[i].word));
	if (answer->remaining > 0)
		wire_set(object, "remaining",
		    json_integer((json_int_t)answer->remaining));
	if (answer->leaf[0] != '\0')
		wire_set(object, "leaf", json_string(answer->leaf));
	if (answer->text[0] != '\0')
		wire_set(object, "text", string(answer->text));
	object_write(object, line);
}

/* ---- the sending side's ---- */

void
via_question_fini(struct via_question *question)
{
	struct via_chain *chain = &question->chain;

	for (size_t i = 0; i < chain->count; i++)
		free(chain->list[i].data);
	for (size_t i = 0; i < question->next_count; i++) {
		chain = &question->next[i].chain;
		for (size_t k = 0; k < chain->count; k++)
			free(chain->list[k].data);
		free(question->next[i].key.data);
	}
	free(question->name);
	free(question->plan.server);
	*question = (struct via_question){ 0 };
}

static bool
der_read(const json_t *value, struct via_der *der)
{
	der->data = wire_read_base64(value, &der->len);
	if (der->data != NULL && der->len > 0)
		return true;
	free(der->data);
	der->data = NULL;
	return false;
}

static bool
chain_read(const json_t *list, struct via_chain *chain)
{
	size_t count = json_array_size(list);

	if (count == 0 || count > LIMIT_CHAIN)
		return false;
	while (
	    chain->count < count && der_read(json_array_get(list, chain->count),
					&chain->list[chain->count]))
		chain->count++;
	return chain->count == count;
}

static bool
next_read(const json_t *list, struct via_question *question)
{
	size_t count = json_array_size(list);

	if (count > LIMIT_NEXT)
		return false;
	for (size_t i = 0; i < count; i++) {
		const json_t *object = json_array_get(list, i);
		const json_t *chain = json_object_get(object, "chain");
		struct via_next *next = &question->next[i];

		question->next_count++;
		if (chain != NULL
			? !chain_read(chain, &next->chain)
			: !der_read(json_object_get(object, "key"), &next->key))
			return false;
	}
	return true;
}

static bool
asked_read(const json_t *object, struct via_question *question)
{
	const char *ask = text_of(object, "ask");
	const char *name = text_of(object, "lineage");

	if (!via_name_is_safe(name) || !leaf_read(object, question->leaf))
		return false;
	question->name = mem_string(name);
	question->is_unsure = json_is_true(json_object_get(object, "unsure"));
	question->is_servers = json_is_true(json_object_get(object, "servers"));
	question->kind = VIA_REPORT;
	if (strcmp(ask, "safety") != 0)
		return strcmp(ask, "report") == 0;
	question->kind = VIA_OFFER;
	return chain_read(json_object_get(object, "chain"), &question->chain) &&
	       next_read(json_object_get(object, "next"), question) &&
	       plan_decode(json_object_get(object, "plan"), &question->plan) &&
	       (question->plan.server == NULL ||
		   strlen(question->plan.server) <= SERVER_MAX);
}

static bool
question_read(const json_t *object, struct via_question *question)
{
	bool is_bad = false;

	if (json_object_get(object, "word") != NULL) {
		question->kind = VIA_HERE;
		return strcmp(text_of(object, "word"), "here") == 0;
	}
	question->kind = VIA_OFFER;
	question->version = wire_number(
	    object, "version", 1, LIMIT_TIME, &is_bad);
	return !is_bad && strcmp(text_of(object, "pdns-tlsa"), sender) == 0 &&
	       (question->version != VIA_VERSION ||
		   asked_read(object, question));
}

enum status
via_question_decode(const char *line, size_t len,
    struct via_question *ret_question, struct problem *problem)
{
	struct via_question question = { .kind = VIA_HERE };
	json_t *object = object_read(line, len, problem);
	bool is_good;

	if (object == NULL)
		return STATUS_MALFORMED;
	is_good = question_read(object, &question);
	json_decref(object);
	if (is_good) {
		*ret_question = question;
		return STATUS_OK;
	}
	via_question_fini(&question);
	problem_set(problem, "no question of 'pdns-tlsa deploy --via'");
	return STATUS_MALFORMED;
}

static json_t *
chain_write(const struct via_chain *chain)
{
	json_t *list = json_array();

	for (size_t i = 0; i < chain->count; i++)
		wire_append(
		    list, wire_base64(chain->list[i].data, chain->list[i].len));
	return list;
}

static json_t *
next_write(const struct via_next *next)
{
	json_t *object = json_object();

	if (next->chain.count > 0)
		wire_set(object, "chain", chain_write(&next->chain));
	else
		wire_set(
		    object, "key", wire_base64(next->key.data, next->key.len));
	return object;
}

static void
offer_write(const struct via_question *question, json_t *object)
{
	json_t *next = json_array();

	for (size_t i = 0; i < question->next_count; i++)
		wire_append(next, next_write(&question->next[i]));
	wire_set(object, "servers", json_boolean(question->is_servers));
	wire_set(object, "chain", chain_write(&question->chain));
	wire_set(object, "next", next);
	wire_set(object, "plan", plan_encode(&question->plan));
}

void
via_question_encode(const struct via_question *question, struct buf *line)
{
	bool is_offer = question->kind == VIA_OFFER;
	json_t *object = json_object();

	if (question->kind == VIA_HERE) {
		wire_set(object, "word", json_string("here"));
		object_write(object, line);
		return;
	}
	wire_set(object, "pdns-tlsa", json_string(sender));
	wire_set(
	    object, "version", json_integer((json_int_t)question->version));
	wire_set(object, "ask", json_string(is_offer ? "safety" : "report"));
	wire_set(object, "lineage", string(question->name));
	wire_set(object, "leaf", json_string(question->leaf));
	if (is_offer)
		offer_write(question, object);
	else
		wire_set(object, "unsure", json_boolean(question->is_unsure));
	object_write(object, line);
}

/* ---- what both agree on ---- */

bool
via_name_is_safe(const char *name)
{
	static const char signs[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._*@+,=~-";
	size_t len = strlen(name);

	return len > 0 && len <= LIMIT_VIA_NAME && name[0] != '.' &&
	       name[0] != '-' && strspn(name, signs) == len;
}

void
via_der_pem(const struct via_der *der, const char *label, struct buf *pem)
{
	enum { COLUMNS = 64 }; /* RFC 7468 s2 */
	json_t *base64 = wire_base64(der->data, der->len);
	const char *text = json_string_value(base64);
	size_t len = strlen(text);

	buf_add_format(pem, "-----BEGIN %s-----\n", label);
	for (size_t at = 0; at < len; at += COLUMNS)
		buf_add_format(pem, "%.*s\n", COLUMNS, text + at);
	buf_add_format(pem, "-----END %s-----\n", label);
	json_decref(base64);
}

void
via_chain_pem(const struct via_chain *chain, struct buf *pem)
{
	for (size_t i = 0; i < chain->count; i++)
		via_der_pem(&chain->list[i], "CERTIFICATE", pem);
}

void
via_next_pem(const struct via_next *next, struct buf *pem)
{
	if (next->chain.count > 0)
		via_chain_pem(&next->chain, pem);
	else
		via_der_pem(&next->key, "PUBLIC KEY", pem);
}
