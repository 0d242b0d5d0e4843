/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a message between our two processes: as a report, as what was
 * known of a lineage, as each piece of what is to be read.  What is taken is
 * within the limits, and says of itself what was taken, again and again.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "report/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SOURCES = 3 };

/* As the channel reads it; NULL if it is no object. */
static json_t *
object_of(const char *text, size_t len)
{
	json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

static char *
text_of(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	assert(text != NULL);
	json_decref(object);
	return text;
}

static void
check_chain(const struct chain *chain)
{
	assert(chain->refs >= 1 && chain->ca_count < LIMIT_CHAIN);
	for (size_t i = 0; i <= chain->ca_count; i++) {
		const struct cert *cert = i == 0 ? chain->leaf
						 : chain->ca[i - 1];

		assert(cert->refs >= 1 && cert->subject != NULL &&
		       cert->issuer != NULL);
		assert(cert->not_after <= LIMIT_TIME &&
		       cert->not_before >= -LIMIT_TIME);
		for (size_t k = 0; k < CERT_SELECTORS; k++)
			assert(cert->part[k].is_known);
	}
}

static void
check_report(const struct report *report)
{
	assert(report->source < SOURCES && report->verdict < VERDICTS);
	assert(report->name != NULL && strlen(report->name) <= LIMIT_NAME);
	assert(report->verdict != VERDICT_PROBLEM || report->problem != NULL);
	assert(report->past_count <= LIMIT_GENERATIONS &&
	       report->next_count <= LIMIT_NEXT);
	if (report->chain != NULL) {
		assert(report->file != NULL);
		check_chain(report->chain);
	}
	for (size_t i = 0; i < report->past_count; i++) {
		assert(report->past[i].replaced > 0 &&
		       report->past[i].replaced <= LIMIT_TIME);
		check_chain(report->past[i].chain);
	}
	for (size_t i = 0; i < report->next_count; i++) {
		const struct next_key *next = &report->next[i];

		assert(next->cert->part[CERT_SELECTOR_SPKI].is_known);
		assert((next->chain != NULL) ==
		       next->cert->part[CERT_SELECTOR_CERT].is_known);
		assert(next->chain == NULL || next->chain->leaf == next->cert);
		if (next->chain != NULL)
			check_chain(next->chain);
	}
}

/* Returns what the report says of itself, or NULL if it is none. */
static char *
report_again(const char *text, size_t len, struct intern *cas)
{
	json_t *object = object_of(text, len);
	struct report report;
	char *again = NULL;

	if (object != NULL && report_decode(object, SOURCES, cas, &report)) {
		check_report(&report);
		again = text_of(report_encode(&report));
		report_fini(&report);
	}
	json_decref(object);
	return again;
}

static char *
known_again(const char *text, size_t len)
{
	json_t *object = object_of(text, len);
	struct known known;
	const char *name;
	unsigned source;
	char *again = NULL;

	if (object != NULL &&
	    known_decode(object, SOURCES, &source, &name, &known)) {
		assert(source < SOURCES && known.ca_count <= LIMIT_CHAIN);
		again = text_of(known_encode(source, name, &known));
		known_fini(&known);
	}
	json_decref(object);
	return again;
}

struct told {
	enum piece piece;
	char *text;
};

static void
tell(enum piece piece, json_t *object, void *arg)
{
	struct told *told = arg;
	char *text = text_of(object);

	if (piece == told->piece) {
		assert(told->text == NULL);
		told->text = text;
	} else {
		free(text);
	}
}

static char *
piece_again(enum piece piece, const char *text, size_t len)
{
	struct reading *reading = reading_empty();
	json_t *object = object_of(text, len);
	struct told told = { piece, NULL };

	if (object != NULL && reading_add(reading, piece, object)) {
		reading_encode(reading, tell, &told);
		assert(told.text != NULL);
	} else {
		assert(reading->source_count == 0 &&
		       reading->lineage_count == 0 &&
		       reading->named.count == 0);
	}
	json_decref(object);
	reading_free(reading);
	return told.text;
}

/* `first` (freed) is said of itself by `second` (freed). */
static void
check_same(char *first, char *second)
{
	assert(second != NULL && strcmp(first, second) == 0);
	free(first);
	free(second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct intern cas;
	char *said;

	codec_cas(&cas);
	said = report_again(text, size, &cas);
	if (said != NULL)
		check_same(said, report_again(said, strlen(said), &cas));
	intern_fini(&cas);
	said = known_again(text, size);
	if (said != NULL)
		check_same(said, known_again(said, strlen(said)));
	for (int i = 0; i < PIECES; i++) {
		enum piece piece = (enum piece)i;

		said = piece_again(piece, text, size);
		if (said != NULL)
			check_same(
			    said, piece_again(piece, said, strlen(said)));
	}
	return 0;
}
