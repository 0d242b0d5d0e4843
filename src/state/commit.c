/* SPDX-License-Identifier: MIT */
#include "state/state.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "data.h"
#include "entry.h"
#include "journal.h"

/* Lines that are appended together, and where each of them comes to lie. */
struct batch {
	struct buf lines;
	struct place *places;
	size_t count;
	size_t room;
};

struct place {
	struct state_entry *entry;
	size_t offset; /* in the batch */
	size_t len;
	uint64_t sum;
};

static void
batch_add(struct batch *batch, struct state_entry *entry,
    const struct buf *line, uint64_t sum)
{
	if (batch->count == batch->room) {
		batch->room = batch->room > 0 ? 2 * batch->room : 16;
		batch->places = mem_resize(
		    batch->places, batch->room, sizeof(*batch->places));
	}
	batch->places[batch->count++] = (struct place){
		.entry = entry,
		.offset = batch->lines.len,
		.len = line->len,
		.sum = sum,
	};
	entry->is_wanted = true;
	buf_add(&batch->lines, line->data, line->len);
}

static void
batch_fini(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->places[i].entry->is_wanted = false;
	free(batch->places);
	buf_fini(&batch->lines);
}

/* Make the line of `object` (stolen), and find or make its entry. */
static struct state_entry *
line_make(struct state *state, json_t *object, struct buf *text, uint64_t *sum)
{
	struct state_line line = { 0 };
	struct state_entry *entry;
	bool is_whole;

	state_line_add(text, object);
	json_decref(object);
	is_whole = state_line_read(text->data, text->len - 1, &line);
	assert(is_whole);
	entry = state_index_entry(&state->index, line.key, line.key_len);
	entry->kind = line.kind;
	*sum = line.sum;
	return entry;
}

/* Return true if as much of a CA certificate is on record as is known now. */
static bool
ca_is_there(struct state *state, const struct cert *cert)
{
	char digest[STATE_DIGEST_TEXT];
	struct state_entry *entry;
	const struct cert *known;

	state_ca_digest(cert, digest);
	entry = state_index_ca(&state->index, digest);
	if (entry == NULL)
		return false;
	if (entry->is_wanted)
		return true;
	known = state_index_cert(&state->index, entry);
	return known != NULL && (known->part[CERT_SELECTOR_CERT].der != NULL ||
				    cert->part[CERT_SELECTOR_CERT].der == NULL);
}

static void
batch_add_chain(
    struct batch *batch, struct state *state, const struct chain *chain)
{
	for (size_t i = 0; i < chain->ca_count; i++) {
		struct buf text = { 0 };
		struct state_entry *entry;
		uint64_t sum = 0;

		if (ca_is_there(state, chain->ca[i]))
			continue;
		entry = line_make(
		    state, state_ca_encode(chain->ca[i]), &text, &sum);
		batch_add(batch, entry, &text, sum);
		buf_fini(&text);
	}
}

static void
batch_fill(struct batch *batch, struct state *state)
{
	for (size_t i = 0; i < state->pending_count; i++) {
		struct state_entry *entry = state->pending[i];
		const struct state_pending *pending = entry->pending;

		for (size_t k = 0; k < pending->chain_count; k++)
			batch_add_chain(batch, state, pending->chains[k]);
		batch_add(batch, entry, &pending->line, pending->sum);
	}
}

/* The lines of the batch are in the journal. */
static void
batch_settle(const struct batch *batch, struct state *state)
{
	struct state_index *index = &state->index;

	for (size_t i = 0; i < batch->count; i++) {
		const struct place *place = &batch->places[i];

		state_index_place(index, place->entry,
		    index->end + place->offset, place->len, place->sum);
		state_pending_free(place->entry->pending);
		place->entry->pending = NULL;
	}
	index->end += batch->lines.len;
	state->pending_count = 0;
	state->pending_octets = 0;
}

static enum status
pending_write(struct state *state, struct problem *problem)
{
	struct batch batch = { 0 };
	enum status status = STATUS_OK;
	int error;

	batch_fill(&batch, state);
	error = state_journal_append(
	    state->index.fd, state->index.end, &batch.lines);
	if (error != 0)
		status = state_directory_problem(
		    &state->directory, STATE_JOURNAL, error, problem);
	else
		batch_settle(&batch, state);
	batch_fini(&batch);
	return status;
}

static void
list_add(struct state *state, struct state_entry *entry)
{
	size_t count = state->pending_count;

	/* Room doubles: it is full when the count is a power of two. */
	if ((count & (count - 1)) == 0)
		state->pending = mem_resize(state->pending,
		    count > 0 ? 2 * count : 1, sizeof(struct state_entry *));
	state->pending[state->pending_count++] = entry;
}

/*
 * A first start puts a line for each of a million RRsets, which would take
 * more memory than they do.  Each line stands for itself, so they may go ahead.
 */
static void
write_ahead(struct state *state)
{
	struct problem problem;

	if (!state->is_begun || state->is_failing ||
	    state->pending_octets < STATE_PENDING_MAX)
		return;
	state->is_failing = pending_write(state, &problem) != STATUS_OK;
}

/*
 * Put a line on the list of those that wait; the CA certificates of the
 * generations have lines of their own.
 */
static void
put(struct state *state, json_t *object,
    const struct state_generation *generations, size_t count)
{
	struct state_pending *pending = mem_new(sizeof(*pending));
	struct state_entry *entry;

	entry = line_make(state, object, &pending->line, &pending->sum);
	if (entry->pending == NULL && entry->len == pending->line.len &&
	    entry->sum == pending->sum) {
		state_pending_free(pending);
		return;
	}
	pending->chains = mem_array(count, sizeof(struct chain *));
	pending->chain_count = count;
	for (size_t i = 0; i < count; i++)
		pending->chains[i] = chain_ref(generations[i].chain);
	if (entry->pending == NULL)
		list_add(state, entry);
	state_pending_free(entry->pending);
	entry->pending = pending;
	state->pending_octets += pending->line.len;
	write_ahead(state);
}

void
state_put_zone(struct state *state, const struct state_zone *zone)
{
	put(state, state_zone_encode(zone), NULL, 0);
}

void
state_put_owner(struct state *state, const struct state_owner *owner)
{
	put(state, state_owner_encode(owner, time(NULL)), NULL, 0);
}

void
state_put_lineage(struct state *state, const struct state_lineage *lineage)
{
	put(state, state_lineage_encode(lineage, time(NULL)), lineage->list,
	    lineage->count);
}

static bool
wants_rewrite(const struct state *state)
{
	const struct state_index *index = &state->index;

	if (index->end < state->no_rewrite)
		return false;
	return index->end > 2 * index->live + STATE_REWRITE_SLACK ||
	       state_sync_is_lost(state->sync);
}

enum status
state_commit(struct state *state, struct problem *problem)
{
	enum status status = STATUS_OK;
	bool has_written;

	if (!state->is_begun && state->pending_count > 0) {
		problem_set(problem,
		    "%s: not recorded yet, for it could not be locked or read",
		    state->directory.path);
		return STATUS_IO;
	}
	if (!state->is_begun)
		return STATUS_OK;
	state->is_begun = false;
	state->is_failing = false;
	has_written = state->pending_count > 0 ||
		      state->index.end != state->begun_at;
	if (state->pending_count > 0)
		status = pending_write(state, problem);
	if (has_written && status == STATUS_OK)
		state_sync_data(state->sync, state->index.fd);
	if (status == STATUS_OK && wants_rewrite(state))
		state_sync_rewrite(state->sync, state->index.fd);
	else
		state_directory_unlock(&state->directory);
	return status;
}
