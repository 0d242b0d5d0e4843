/* SPDX-License-Identifier: MIT */
#include "lineages.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static void
lineage_value_free(void *value)
{
	lineage_free(value);
}

void
lineages_init(struct lineages *lineages, size_t source_count)
{
	*lineages = (struct lineages){ .source_count = source_count };
	lineages->source_problems = mem_array(
	    source_count, sizeof(*lineages->source_problems));
	lineages->blind = mem_array(source_count, sizeof(*lineages->blind));
	trie_init(&lineages->all, lineage_value_free);
	index_init(&lineages->by_host);
	index_init(&lineages->by_parent);
	trie_init(&lineages->changed, NULL);
	trie_init(&lineages->teachers, NULL);
	trie_init(&lineages->forgotten, lineage_value_free);
}

void
lineages_fini(struct lineages *lineages)
{
	for (size_t i = 0; i < lineages->source_count; i++)
		free(lineages->source_problems[i]);
	free(lineages->source_problems);
	free(lineages->blind);
	trie_fini(&lineages->changed);
	trie_fini(&lineages->teachers);
	trie_fini(&lineages->forgotten);
	trie_fini(&lineages->all);
	index_fini(&lineages->by_host);
	index_fini(&lineages->by_parent);
}

/*
 * Append the key of a lineage: those of one name lie side by side, in the
 * order of their sources.
 */
static void
key_add(unsigned source, const char *name, struct buf *key)
{
	unsigned char number[2] = { (unsigned char)(source >> 8),
		(unsigned char)source };

	buf_add(key, name, strlen(name) + 1);
	buf_add(key, number, sizeof(number));
}

struct lineage *
lineages_find(
    const struct lineages *lineages, unsigned source, const char *name)
{
	struct buf key = { 0 };
	struct lineage *lineage;

	key_add(source, name, &key);
	lineage = trie_get(&lineages->all, key.data, key.len);
	buf_fini(&key);
	return lineage;
}

struct lineage *
lineages_add(struct lineages *lineages, unsigned source, const char *name)
{
	struct lineage *lineage = lineages_find(lineages, source, name);
	struct buf key = { 0 };

	if (lineage != NULL)
		return lineage;
	lineage = lineage_new(name, source);
	key_add(source, name, &key);
	trie_set(&lineages->all, key.data, key.len, lineage);
	buf_fini(&key);
	return lineage;
}

void
lineages_remove(struct lineages *lineages, struct lineage *lineage)
{
	struct lineage *ghost = lineage_new(lineage->name, lineage->source);
	struct buf key = { 0 };

	lineages_leave(lineages, lineage);
	key_add(lineage->source, lineage->name, &key);
	trie_set(&lineages->forgotten, key.data, key.len, ghost);
	(void)trie_remove(&lineages->changed, key.data, key.len);
	(void)trie_remove(&lineages->teachers, key.data, key.len);
	(void)trie_remove(&lineages->all, key.data, key.len);
	buf_fini(&key);
}

static void
note(struct trie *list, struct lineage *lineage)
{
	struct buf key = { 0 };

	key_add(lineage->source, lineage->name, &key);
	trie_set(list, key.data, key.len, lineage);
	buf_fini(&key);
}

void
lineages_note(struct lineages *lineages, struct lineage *lineage)
{
	note(&lineages->changed, lineage);
}

void
lineages_note_teacher(struct lineages *lineages, struct lineage *lineage)
{
	note(&lineages->teachers, lineage);
}

void
lineages_set_forget(struct lineages *lineages, int64_t when)
{
	if (lineages->forget_at == 0 || when < lineages->forget_at)
		lineages->forget_at = when;
}

void
lineage_walk_names(const struct lineage *lineage,
    void (*visit)(const struct dname *dname, bool wildcard, void *arg),
    void *arg)
{
	for (size_t g = 0; g < lineage->generation_count; g++) {
		const struct cert *leaf = lineage->generations[g].chain->leaf;

		for (size_t i = 0; i < leaf->name_count; i++) {
			const char *name = leaf->names[i];
			bool wildcard = name[0] == '*';
			struct dname dname;

			if (wildcard)
				name += 2;
			if (dname_parse(name, strlen(name), &dname) ==
			    STATUS_OK)
				visit(&dname, wildcard, arg);
		}
	}
}

/* Who enters or leaves. */
struct mover {
	struct lineages *lineages;
	struct lineage *lineage;
};

static struct index *
host_index(struct lineages *lineages, bool wildcard)
{
	return wildcard ? &lineages->by_parent : &lineages->by_host;
}

static void
name_enter(const struct dname *dname, bool wildcard, void *arg)
{
	const struct mover *mover = arg;

	index_add(host_index(mover->lineages, wildcard), dname->key, dname->len,
	    mover->lineage);
}

static void
name_leave(const struct dname *dname, bool wildcard, void *arg)
{
	const struct mover *mover = arg;

	index_remove(host_index(mover->lineages, wildcard), dname->key,
	    dname->len, mover->lineage);
}

void
lineages_enter(struct lineages *lineages, struct lineage *lineage)
{
	struct mover mover = { lineages, lineage };

	lineage_walk_names(lineage, name_enter, &mover);
}

void
lineages_leave(struct lineages *lineages, struct lineage *lineage)
{
	struct mover mover = { lineages, lineage };

	lineage_walk_names(lineage, name_leave, &mover);
}
