/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"
#include "pieces.h"
#include "report/codec.h"

static json_t *
texts_encode(char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		wire_append(list, wire_text(texts[i]));
	return list;
}

static bool
texts_decode(const json_t *list, char ***ret_texts, size_t *ret_count)
{
	size_t count = json_array_size(list);

	*ret_count = 0;
	*ret_texts = NULL;
	if (!json_is_array(list))
		return false;
	*ret_texts = mem_array(count, sizeof(**ret_texts));
	for (; *ret_count < count; (*ret_count)++) {
		const char *text = wire_octets(
		    json_array_get(list, *ret_count));

		if (text == NULL)
			return false;
		(*ret_texts)[*ret_count] = mem_string(text);
	}
	return true;
}

static json_t *
source_encode(const struct config_source *source)
{
	json_t *object = json_object();

	wire_set(object, "type", json_integer((json_int_t)source->type));
	wire_set(object, "path", wire_text(source->path));
	wire_set(
	    object, "match", texts_encode(source->match, source->match_count));
	wire_set(
	    object, "hosts", texts_encode(source->hosts, source->host_count));
	return object;
}

static bool
source_add(struct reading *reading, const json_t *object)
{
	const char *path = wire_octets(json_object_get(object, "path"));
	struct config_source source = { 0 };
	bool is_bad = path == NULL;

	source.type = (enum source_type)wire_number(
	    object, "type", 0, SOURCE_TYPES - 1, &is_bad);
	is_bad |= !texts_decode(json_object_get(object, "match"), &source.match,
		      &source.match_count) ||
		  !texts_decode(json_object_get(object, "hosts"), &source.hosts,
		      &source.host_count);
	source.path = path != NULL ? mem_string(path) : NULL;
	if (is_bad) {
		source_drop(&source);
		return false;
	}
	reading->sources = mem_resize(
	    reading->sources, reading->source_count + 1, sizeof(source));
	reading->sources[reading->source_count++] = source;
	return true;
}

static json_t *
lineage_encode(const struct config_lineage *lineage)
{
	json_t *object = json_object();

	wire_set(object, "name", wire_text(lineage->name));
	wire_set(
	    object, "next", texts_encode(lineage->next, lineage->next_count));
	if (lineage->has_reuse_key)
		wire_set(object, "reuse", json_boolean(lineage->reuse_key));
	return object;
}

static bool
lineage_add(struct reading *reading, const json_t *object)
{
	const char *name = wire_octets(json_object_get(object, "name"));
	const json_t *reuse = json_object_get(object, "reuse");
	struct config_lineage lineage = { .has_reuse_key = reuse != NULL,
		.reuse_key = json_is_true(reuse) };
	bool is_good = texts_decode(json_object_get(object, "next"),
	    &lineage.next, &lineage.next_count);

	lineage.name = name != NULL ? mem_string(name) : NULL;
	if (!is_good || name == NULL) {
		lineage_drop(&lineage);
		return false;
	}
	reading->lineages = mem_resize(
	    reading->lineages, reading->lineage_count + 1, sizeof(lineage));
	reading->lineages[reading->lineage_count++] = lineage;
	return true;
}

static json_t *
way_encode(const struct reading *reading)
{
	json_t *object = json_object();

	wire_set(object, "all", json_boolean(reading->keep_all));
	wire_set(object, "thorough", json_boolean(reading->is_thorough));
	wire_set(object, "retain", json_integer(reading->retain));
	wire_set(object, "closed",
	    texts_encode(reading->closed, reading->closed_count));
	return object;
}

static bool
way_decode(struct reading *reading, const json_t *object)
{
	bool is_bad = false;
	uint32_t retain = (uint32_t)wire_number(
	    object, "retain", 0, UINT32_MAX, &is_bad);

	/* Freed with all of it, also what was decoded of one that is bad. */
	if (is_bad || reading->closed != NULL ||
	    !texts_decode(json_object_get(object, "closed"), &reading->closed,
		&reading->closed_count))
		return false;
	reading->keep_all = json_is_true(json_object_get(object, "all"));
	reading->is_thorough = json_is_true(
	    json_object_get(object, "thorough"));
	reading->retain = retain;
	return true;
}

struct naming {
	void (*put)(enum piece piece, json_t *object, void *arg);
	void *arg;
};

static bool
named_visit(const struct trie_entry *entry, void *arg)
{
	const struct naming *naming = arg;
	json_t *object = json_object();
	char *name = mem_copy(entry->key, entry->len);

	wire_set(object, "name", wire_text(name));
	free(name);
	naming->put(PIECE_NAMED, object, naming->arg);
	return true;
}

static bool
named_add(struct reading *reading, const json_t *object)
{
	const char *name = wire_octets(json_object_get(object, "name"));

	if (name == NULL || strlen(name) > LIMIT_NAME)
		return false;
	trie_set(&reading->named, name, strlen(name), reading);
	return true;
}

void
reading_encode(const struct reading *reading,
    void (*put)(enum piece piece, json_t *object, void *arg), void *arg)
{
	struct naming naming = { put, arg };

	for (size_t i = 0; i < reading->source_count; i++)
		put(PIECE_SOURCE, source_encode(&reading->sources[i]), arg);
	for (size_t i = 0; i < reading->lineage_count; i++)
		put(PIECE_LINEAGE, lineage_encode(&reading->lineages[i]), arg);
	(void)trie_walk(&reading->named, "", 0, named_visit, &naming);
	put(PIECE_WAY, way_encode(reading), arg);
}

bool
reading_add(struct reading *reading, enum piece piece, json_t *object)
{
	switch (piece) {
	case PIECE_SOURCE:
		return source_add(reading, object);
	case PIECE_LINEAGE:
		return lineage_add(reading, object);
	case PIECE_NAMED:
		return named_add(reading, object);
	case PIECE_WAY:
		return way_decode(reading, object);
	case PIECES:
		break;
	}
	return false;
}

json_t *
known_encode(unsigned source, const char *name, const struct known *known)
{
	json_t *object = json_object();

	wire_set(object, "source", json_integer(source));
	wire_set(object, "name", wire_text(name));
	if (known->file != NULL)
		wire_set(object, "file", wire_text(known->file));
	wire_set(object, "print", wire_print(&known->print));
	if (known->has_chain)
		wire_set(
		    object, "cas", json_integer((json_int_t)known->ca_count));
	wire_set(object, "authority", json_boolean(known->is_authority));
	wire_set(object, "all", json_boolean(known->has_all));
	wire_set(object, "problem", json_boolean(known->has_problem));
	wire_set(object, "deleted", json_boolean(known->is_deleted));
	return object;
}

bool
known_decode(json_t *object, unsigned source_count, unsigned *ret_source,
    const char **ret_name, struct known *ret_known)
{
	json_t *file = json_object_get(object, "file");
	const char *path = file != NULL ? wire_octets(file) : NULL;
	struct known known = { 0 };
	bool is_bad = source_count == 0 || (file != NULL && path == NULL);

	*ret_source = (unsigned)wire_number(
	    object, "source", 0, (int64_t)source_count - 1, &is_bad);
	*ret_name = wire_octets(json_object_get(object, "name"));
	known.has_chain = json_object_get(object, "cas") != NULL;
	known.ca_count = (size_t)wire_option(
	    object, "cas", 0, LIMIT_CHAIN, &is_bad);
	known.is_authority = json_is_true(json_object_get(object, "authority"));
	known.has_all = json_is_true(json_object_get(object, "all"));
	known.has_problem = json_is_true(json_object_get(object, "problem"));
	known.is_deleted = json_is_true(json_object_get(object, "deleted"));
	if (is_bad || *ret_name == NULL ||
	    !wire_read_print(json_object_get(object, "print"), &known.print))
		return false;
	if (path != NULL)
		known.file = mem_string(path);
	*ret_known = known;
	return true;
}
