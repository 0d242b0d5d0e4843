/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "journal.h"

enum { WINDOW = 64 * 1024 };

void
state_pending_free(struct state_pending *pending)
{
	if (pending == NULL)
		return;
	for (size_t i = 0; i < pending->chain_count; i++)
		chain_unref(pending->chains[i]);
	free(pending->chains);
	buf_fini(&pending->line);
	free(pending);
}

static void
entry_free(void *value)
{
	struct state_entry *entry = value;

	cert_unref(entry->ca);
	state_pending_free(entry->pending);
	free(entry);
}

void
state_index_init(struct state_index *index, int fd)
{
	*index = (struct state_index){ .fd = fd };
	trie_init(&index->entries, entry_free);
}

void
state_index_fini(struct state_index *index)
{
	trie_fini(&index->entries);
	free(index->changed);
	buf_fini(&index->window);
	*index = (struct state_index){ .fd = -1 };
}

void
state_index_restart(struct state_index *index, int fd)
{
	index->fd = fd;
	buf_fini(&index->window);
	index->end = 0;
	index->has_version = false;
	index->damaged = 0;
	index->round++;
}

struct state_entry *
state_index_entry(struct state_index *index, const char *key, size_t len)
{
	struct state_entry *entry = trie_get(&index->entries, key, len);

	if (entry != NULL)
		return entry;
	entry = mem_new(sizeof(*entry));
	entry->round = index->round;
	trie_set(&index->entries, key, len, entry);
	return entry;
}

void
state_index_remove(struct state_index *index, struct state_entry *entry)
{
	index->live -= entry->len;
	entry->len = 0;
	cert_unref(entry->ca);
	entry->ca = NULL;
}

void
state_index_place(struct state_index *index, struct state_entry *entry,
    uint64_t offset, size_t len, uint64_t sum)
{
	if (entry->sum != sum) {
		cert_unref(entry->ca);
		entry->ca = NULL;
	}
	index->live += len;
	index->live -= entry->len;
	entry->offset = offset;
	entry->len = (uint32_t)len;
	entry->sum = sum;
	entry->round = index->round;
}

static void
entry_mark(struct state_index *index, struct state_entry *entry)
{
	size_t count = index->changed_count;

	if (entry->is_changed)
		return;
	entry->is_changed = true;
	/* Room doubles: it is full when the count is a power of two. */
	if ((count & (count - 1)) == 0)
		index->changed = mem_resize(index->changed,
		    count > 0 ? 2 * count : 1, sizeof(struct state_entry *));
	index->changed[index->changed_count++] = entry;
}

void
state_index_settle(struct state_index *index)
{
	for (size_t i = 0; i < index->changed_count; i++)
		index->changed[i]->is_changed = false;
	index->changed_count = 0;
	buf_fini(&index->window);
}

/* What a reading needs to know while it goes on. */
struct reading {
	struct state_index *index;
	bool is_later; /* a later version wrote it */
};

static void
visit_version(struct reading *reading, const char *text, size_t len,
    uint64_t offset, const struct state_line *line)
{
	int64_t version = offset == 0 ? state_version_decode(text, len) : 0;

	if (version > STATE_VERSION)
		reading->is_later = true;
	else if (version == STATE_VERSION && line != NULL)
		reading->index->has_version = true;
	else
		reading->index->damaged++;
}

static void
visit(const char *text, size_t len, uint64_t offset, void *arg)
{
	struct reading *reading = arg;
	struct state_index *index = reading->index;
	struct state_entry *entry;
	struct state_line line;
	bool is_whole = state_line_read(text, len, &line);

	if (is_whole && line.kind == STATE_KIND_VERSION)
		visit_version(reading, text, len, offset, &line);
	else if (!is_whole && offset == 0)
		visit_version(reading, text, len, offset, NULL);
	else if (!is_whole)
		index->damaged++;
	if (!is_whole || line.kind == STATE_KIND_VERSION)
		return;
	/* Whatever is wrong with the first line, it was none of ours. */
	if (offset == 0)
		index->damaged++;
	entry = state_index_entry(index, line.key, line.key_len);
	entry->kind = line.kind;
	if (entry->len != len + 1 || entry->sum != line.sum)
		entry_mark(index, entry);
	state_index_place(index, entry, offset, len + 1, line.sum);
}

/* Entries of things that a reading from the start has not seen. */
struct stale {
	struct state_index *index;
	struct trie_entry *list;
	size_t count;
};

static bool
visit_stale(const struct trie_entry *at, void *arg)
{
	struct stale *stale = arg;
	struct state_entry *entry = at->value;

	if (entry->round == stale->index->round)
		return true;
	if (entry->len > 0)
		state_index_remove(stale->index, entry);
	if (entry->is_changed || entry->pending != NULL)
		return true;
	if ((stale->count & (stale->count - 1)) == 0)
		stale->list = mem_resize(stale->list,
		    stale->count > 0 ? 2 * stale->count : 1,
		    sizeof(*stale->list));
	stale->list[stale->count++] = *at;
	return true;
}

static void
drop_stale(struct state_index *index)
{
	struct stale stale = { .index = index };

	(void)trie_walk(&index->entries, "", 0, visit_stale, &stale);
	for (size_t i = 0; i < stale.count; i++) {
		/* The key goes with its entry: remove by a copy. */
		size_t len = stale.list[i].len;
		void *key = mem_copy(stale.list[i].key, len);

		(void)trie_remove(&index->entries, key, len);
		free(key);
	}
	free(stale.list);
}

/*
 * A journal is made with its first line in it, so a file without any whole
 * line is either the beginning of that line or no journal.
 */
static enum status
check_beginning(struct state_index *index, size_t cut, struct problem *problem)
{
	json_t *version = state_version_encode();
	struct buf expected = { 0 };
	struct buf text = { 0 };
	enum status status = STATUS_OK;

	state_line_add(&expected, version);
	json_decref(version);
	if (cut >= expected.len)
		index->damaged++;
	else
		status = state_journal_read(index->fd, 0, cut, &text, problem);
	if (status == STATUS_OK && cut < expected.len &&
	    memcmp(expected.data, buf_text(&text), cut) != 0)
		index->damaged++;
	buf_fini(&expected);
	buf_fini(&text);
	return status;
}

enum status
state_index_read(struct state_index *index, struct problem *problem)
{
	struct reading reading = { .index = index };
	bool is_start = index->end == 0;
	size_t damaged = index->damaged;
	enum status status;
	uint64_t end = 0;
	size_t cut = 0;

	status = state_journal_scan(
	    index->fd, index->end, visit, &reading, &end, &cut, problem);
	if (status != STATUS_OK) {
		/* The same lines will be read once more. */
		index->damaged = damaged;
		return status;
	}
	if (reading.is_later) {
		problem_set(problem,
		    "was written by a later version of this program; update "
		    "it, or set the file aside by hand");
		return STATUS_REFUSED;
	}
	index->end = end;
	if (is_start)
		drop_stale(index);
	return end == 0 ? check_beginning(index, cut, problem) : STATUS_OK;
}

static struct cert *
find_ca(const char *digest, void *arg)
{
	struct state_entry *entry = state_index_ca(arg, digest);

	return entry != NULL ? state_index_cert(arg, entry) : NULL;
}

/*
 * Append a line to `text`.  A start asks for thousands in their order: who goes
 * on where the last one ended gets more at once.  Whole lines never change.
 */
static enum status
line_read(struct state_index *index, const struct state_entry *entry,
    struct buf *text, struct problem *problem)
{
	struct buf *window = &index->window;
	uint64_t last = index->window_at + window->len;
	uint64_t end = entry->offset + entry->len;
	uint64_t want = end;
	enum status status = STATUS_OK;

	if (entry->offset < index->window_at || end > last) {
		if (entry->offset >= last && entry->offset - last < WINDOW)
			want = entry->offset + WINDOW;
		if (want > index->end)
			want = index->end;
		if (want < end)
			want = end;
		buf_clear(window);
		index->window_at = entry->offset;
		status = state_journal_read(index->fd, entry->offset,
		    (size_t)(want - entry->offset), window, problem);
	}
	if (status == STATUS_OK)
		buf_add(text, window->data + (entry->offset - index->window_at),
		    entry->len);
	else
		buf_clear(window);
	return status;
}

enum status
state_index_decode(struct state_index *index, const struct state_entry *entry,
    struct state_record *ret, struct problem *problem)
{
	const struct state_cas cas = { .find = find_ca, .arg = index };
	struct buf text = { 0 };
	enum status status;

	assert(entry->len > 0);
	status = line_read(index, entry, &text, problem);
	if (status == STATUS_OK && !state_record_decode(text.data, text.len - 1,
				       entry->kind, &cas, ret))
		status = STATUS_MALFORMED;
	buf_fini(&text);
	return status;
}

struct state_entry *
state_index_ca(const struct state_index *index, const char *digest)
{
	char key[sizeof("\"ca\":\"\"") + STATE_DIGEST_TEXT];
	int len = snprintf(key, sizeof(key), "\"ca\":\"%s\"", digest);

	if (len < 0 || (size_t)len >= sizeof(key))
		return NULL;
	return trie_get(&index->entries, key, (size_t)len);
}

struct cert *
state_index_cert(struct state_index *index, struct state_entry *entry)
{
	struct state_record record;

	if (entry->ca == NULL && entry->len > 0 &&
	    state_index_decode(index, entry, &record, NULL) == STATUS_OK) {
		entry->ca = cert_ref(record.ca);
		state_record_fini(&record);
	}
	return entry->ca;
}
