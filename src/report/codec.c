/* SPDX-License-Identifier: MIT */
#include "report/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"
#include "formats/plan.h"
#include "pki/cert_json.h"

static void
cert_drop(void *value)
{
	cert_unref(value);
}

static bool
cert_is_unused(const void *value)
{
	const struct cert *cert = value;

	return cert->refs == 1;
}

void
codec_cas(struct intern *cas)
{
	intern_init(cas, cert_drop, cert_is_unused);
}

static void
put_text(json_t *object, const char *name, const char *text)
{
	if (text != NULL)
		wire_set(object, name, wire_text(text));
}

static void
put_flag(json_t *object, const char *name, bool flag)
{
	if (flag)
		wire_set(object, name, json_true());
}

/* A copy of an octet string in *ret, or NULL if there is none; free() it. */
static bool
read_text(const json_t *object, const char *name, char **ret)
{
	json_t *value = json_object_get(object, name);
	const char *text = value != NULL ? wire_octets(value) : NULL;

	if (text != NULL)
		*ret = mem_string(text);
	return value == NULL || text != NULL;
}

/* The same; what names a lineage or a file has a limit, for it is a key. */
static bool
read_name(const json_t *object, const char *name, char **ret)
{
	return read_text(object, name, ret) && *ret != NULL &&
	       strlen(*ret) <= LIMIT_NAME;
}

static bool
read_flag(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static json_t *
chain_encode(const struct chain *chain)
{
	json_t *list = json_array();

	for (size_t i = 0; i <= chain->ca_count; i++) {
		json_t *cert = json_object();

		cert_json_encode(i == 0 ? chain->leaf : chain->ca[i - 1], cert);
		wire_append(list, cert);
	}
	return list;
}

static bool
parts_equal(const struct cert_part *a, const struct cert_part *b)
{
	return a->is_known == b->is_known &&
	       memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0 &&
	       (a->sha512 == NULL) == (b->sha512 == NULL) &&
	       (a->sha512 == NULL || memcmp(a->sha512, b->sha512, 64) == 0) &&
	       a->der_len == b->der_len &&
	       (a->der_len == 0 || memcmp(a->der, b->der, a->der_len) == 0);
}

static bool
texts_equal(const struct cert *a, const struct cert *b)
{
	if (strcmp(a->subject, b->subject) != 0 ||
	    strcmp(a->issuer, b->issuer) != 0 || a->name_count != b->name_count)
		return false;
	for (size_t i = 0; i < a->name_count; i++)
		if (strcmp(a->names[i], b->names[i]) != 0)
			return false;
	return true;
}

/* Whether all is equal that is said of two certificates. */
static bool
facts_equal(const struct cert *a, const struct cert *b)
{
	for (size_t i = 0; i < CERT_SELECTORS; i++)
		if (!parts_equal(&a->part[i], &b->part[i]))
			return false;
	return a->is_ca == b->is_ca && a->is_self_issued == b->is_self_issued &&
	       a->is_staging == b->is_staging &&
	       a->key_algorithm == b->key_algorithm &&
	       a->key_bits == b->key_bits && a->not_before == b->not_before &&
	       a->not_after == b->not_after && texts_equal(a, b);
}

/*
 * One for all that have it: the digest, and whether more is known.  Who once
 * lied of one shall not be believed for all that come later: what is said
 * otherwise is not shared.
 */
static struct cert *
ca_share(struct intern *cas, struct cert *cert)
{
	const struct cert_part *part = &cert->part[CERT_SELECTOR_CERT];
	uint8_t key[sizeof(part->sha256) + 1];
	struct cert *known;

	memcpy(key, part->sha256, sizeof(part->sha256));
	key[sizeof(part->sha256)] = part->der != NULL;
	known = intern_get(cas, key, sizeof(key));
	if (known != NULL && !facts_equal(known, cert))
		return cert;
	if (known != NULL) {
		cert_unref(cert);
		return cert_ref(known);
	}
	intern_add(cas, key, sizeof(key), cert_ref(cert));
	return cert;
}

static bool
is_time(int64_t seconds)
{
	return seconds >= -LIMIT_TIME && seconds <= LIMIT_TIME;
}

/* A certificate, or a bare key: of that no certificate is known. */
static struct cert *
cert_decode(json_t *object, bool is_key)
{
	struct cert *cert = cert_json_decode(object);
	const struct cert_part *whole;

	if (cert == NULL)
		return NULL;
	whole = &cert->part[CERT_SELECTOR_CERT];
	if (cert->part[CERT_SELECTOR_SPKI].is_known &&
	    whole->is_known == !is_key &&
	    (!is_key || (whole->sha512 == NULL && whole->der == NULL)) &&
	    is_time(cert->not_before) && is_time(cert->not_after))
		return cert;
	cert_unref(cert);
	return NULL;
}

static struct chain *
chain_decode(const json_t *list, struct intern *cas)
{
	size_t count = json_array_size(list);
	struct chain *chain;
	struct cert *cert;

	if (count == 0 || count > LIMIT_CHAIN)
		return NULL;
	chain = mem_new(sizeof(*chain) + (count - 1) * sizeof(chain->ca[0]));
	chain->refs = 1;
	chain->leaf = cert_decode(json_array_get(list, 0), false);
	for (size_t i = 1; chain->leaf != NULL && i < count; i++) {
		cert = cert_decode(json_array_get(list, i), false);
		if (cert == NULL)
			break;
		chain->ca[chain->ca_count++] = ca_share(cas, cert);
	}
	if (chain->leaf != NULL && chain->ca_count == count - 1)
		return chain;
	chain_unref(chain);
	return NULL;
}

/* Those of files, which any program may set. */
static json_t *
time_encode(int64_t seconds, int64_t min)
{
	if (seconds < min)
		return json_integer(min);
	return json_integer(seconds < LIMIT_TIME ? seconds : LIMIT_TIME);
}

static json_t *
past_encode(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->past_count; i++) {
		const struct generation *past = &report->past[i];
		json_t *object = json_object();

		wire_set(
		    object, "since", time_encode(past->since, -LIMIT_TIME));
		wire_set(object, "replaced", time_encode(past->replaced, 1));
		wire_set(object, "chain", chain_encode(past->chain));
		wire_append(list, object);
	}
	return list;
}

/* None of them is the current one, which was not yet replaced. */
static bool
past_decode(const json_t *list, struct intern *cas, struct report *report)
{
	size_t count = json_array_size(list);
	bool is_bad = false;

	if (count > LIMIT_GENERATIONS)
		return false;
	report->past = mem_array(count, sizeof(*report->past));
	for (size_t i = 0; i < count && !is_bad; i++) {
		const json_t *object = json_array_get(list, i);
		struct generation *past = &report->past[i];

		past->since = wire_number(
		    object, "since", -LIMIT_TIME, LIMIT_TIME, &is_bad);
		past->replaced = wire_number(
		    object, "replaced", 1, LIMIT_TIME, &is_bad);
		past->chain = chain_decode(
		    json_object_get(object, "chain"), cas);
		report->past_count += past->chain != NULL;
		is_bad |= past->chain == NULL;
	}
	return !is_bad;
}

static json_t *
next_encode(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->next_count; i++) {
		const struct next_key *next = &report->next[i];
		json_t *object = json_object();
		json_t *key;

		if (next->chain != NULL) {
			wire_set(object, "chain", chain_encode(next->chain));
		} else {
			key = json_object();
			cert_json_encode(next->cert, key);
			wire_set(object, "key", key);
		}
		wire_append(list, object);
	}
	return list;
}

/* With a chain the key is that of its leaf, and nobody says which. */
static bool
next_decode(const json_t *list, struct intern *cas, struct report *report)
{
	size_t count = json_array_size(list);

	if (count > LIMIT_NEXT)
		return false;
	report->next = mem_array(count, sizeof(*report->next));
	for (size_t i = 0; i < count; i++) {
		const json_t *object = json_array_get(list, i);
		json_t *chain = json_object_get(object, "chain");
		struct next_key *next = &report->next[i];

		if (chain != NULL)
			next->chain = chain_decode(chain, cas);
		if (next->chain != NULL)
			next->cert = cert_ref(next->chain->leaf);
		else if (chain == NULL)
			next->cert = cert_decode(
			    json_object_get(object, "key"), true);
		if (next->cert == NULL)
			return false;
		report->next_count++;
	}
	return true;
}

json_t *
report_encode(const struct report *report)
{
	json_t *object = json_object();

	wire_set(object, "source", json_integer(report->source));
	put_text(object, "name", report->name);
	wire_set(object, "verdict", json_integer((json_int_t)report->verdict));
	put_text(object, "problem", report->problem);
	if (report->chain != NULL) {
		put_text(object, "file", report->file);
		wire_set(object, "print", wire_print(&report->print));
		wire_set(object, "chain", chain_encode(report->chain));
		wire_set(object, "past", past_encode(report));
		put_text(object, "remark", report->remark);
	}
	if (report->has_next)
		wire_set(object, "next", next_encode(report));
	wire_set(object, "plan", plan_encode(&report->plan));
	put_flag(object, "located", report->is_located);
	put_text(object, "warning", report->warning);
	return object;
}

static bool
read_chain(const json_t *object, struct intern *cas, struct report *report)
{
	const json_t *chain = json_object_get(object, "chain");

	if (chain == NULL)
		return true;
	report->chain = chain_decode(chain, cas);
	return report->chain != NULL &&
	       read_name(object, "file", &report->file) &&
	       wire_read_print(
		   json_object_get(object, "print"), &report->print) &&
	       read_text(object, "remark", &report->remark) &&
	       past_decode(json_object_get(object, "past"), cas, report);
}

bool
report_decode(json_t *object, unsigned source_count, struct intern *cas,
    struct report *ret_report)
{
	const json_t *next = json_object_get(object, "next");
	struct report report = { .has_next = next != NULL };
	bool is_bad = source_count == 0;

	report.source = (unsigned)wire_number(
	    object, "source", 0, (int64_t)source_count - 1, &is_bad);
	report.verdict = (enum verdict)wire_number(
	    object, "verdict", 0, VERDICTS - 1, &is_bad);
	report.is_located = read_flag(object, "located");
	if (!is_bad && read_name(object, "name", &report.name) &&
	    read_text(object, "problem", &report.problem) &&
	    (report.verdict != VERDICT_PROBLEM || report.problem != NULL) &&
	    read_text(object, "warning", &report.warning) &&
	    read_chain(object, cas, &report) &&
	    plan_decode(json_object_get(object, "plan"), &report.plan) &&
	    (next == NULL || next_decode(next, cas, &report))) {
		*ret_report = report;
		return true;
	}
	report_fini(&report);
	return false;
}
