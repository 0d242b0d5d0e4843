/* SPDX-License-Identifier: MIT */
#include "state/state.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "data.h"
#include "rewrite.h"

/* Is the journal that we have open the one that is there now? */
static bool
is_same_journal(const struct state *state, uint64_t *ret_size)
{
	struct stat there;
	struct stat ours;

	if (state->index.fd < 0 || fstat(state->index.fd, &ours) != 0 ||
	    fstatat(state->directory.fd, STATE_JOURNAL, &there,
		AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	*ret_size = (uint64_t)there.st_size;
	return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* Go over to the journal that is there now, if it is another one. */
static enum status
follow(struct state *state, struct problem *problem)
{
	struct state_index *index = &state->index;
	enum status status;
	uint64_t size;
	int fd = -1;

	if (is_same_journal(state, &size) && size >= index->end)
		return STATUS_OK;
	status = state_directory_journal(&state->directory, &fd, problem);
	if (status != STATUS_OK)
		return status;
	if (index->fd >= 0)
		(void)close(index->fd);
	state_index_restart(index, fd);
	state->no_rewrite = 0;
	return STATUS_OK;
}

static enum status
read_on(struct state *state, struct problem *problem)
{
	enum status status = follow(state, problem);

	if (status != STATUS_OK)
		return status;
	status = state_index_read(&state->index, problem);
	if (status != STATUS_OK)
		state_directory_prefix(&state->directory, problem);
	return status;
}

static enum status
repair(struct state *state, struct state_damage *ret_damage,
    struct problem *problem)
{
	enum status status = state_rewrite(
	    &state->directory, state->index.fd, ret_damage, problem);

	return status == STATUS_OK ? read_on(state, problem) : status;
}

/*
 * Read what is new in the journal; call it with the lock.  One that is
 * missing, empty or damaged is written anew: if it was deleted, from the file
 * that is still open here.
 */
static enum status
load(struct state *state, struct state_damage *ret_damage,
    struct problem *problem)
{
	enum status status = read_on(state, problem);

	if (status == STATUS_ABSENT ||
	    (status == STATUS_OK &&
		(!state->index.has_version || state->index.damaged > 0)))
		status = repair(state, ret_damage, problem);
	return status;
}

static void
tell_record(const struct state *state, const struct state_record *record)
{
	const struct state_hooks *hooks = &state->hooks;

	if (state->is_first && record->gone != 0)
		return;
	if (record->kind == STATE_KIND_ZONE && hooks->zone != NULL)
		hooks->zone(&record->zone, hooks->arg);
	if (record->kind == STATE_KIND_OWNER && hooks->owner != NULL)
		hooks->owner(&record->owner, hooks->arg);
	if (record->kind == STATE_KIND_LINEAGE && hooks->lineage != NULL)
		hooks->lineage(&record->lineage, hooks->arg);
}

/* Tell of one thing; a line that makes no sense is as good as none. */
static enum status
tell_entry(struct state *state, struct state_entry *entry, size_t *bad,
    struct problem *problem)
{
	struct state_record record;
	enum status status;

	if (entry->len == 0)
		return STATUS_OK;
	status = state_index_decode(&state->index, entry, &record, problem);
	if (status == STATUS_MALFORMED) {
		state_index_remove(&state->index, entry);
		(*bad)++;
		return STATUS_OK;
	}
	if (status != STATUS_OK) {
		state_directory_prefix(&state->directory, problem);
		return status;
	}
	/* Who was told of a change decides anew; our last word is outdated. */
	state_pending_free(entry->pending);
	entry->pending = NULL;
	tell_record(state, &record);
	state_record_fini(&record);
	return STATUS_OK;
}

/* Take off the list what no longer waits. */
static void
pending_tidy(struct state *state)
{
	size_t kept = 0;

	for (size_t i = 0; i < state->pending_count; i++)
		if (state->pending[i]->pending != NULL)
			state->pending[kept++] = state->pending[i];
	state->pending_count = kept;
}

/* Tell of all that is new: zones, then owners, then lineages. */
static enum status
tell(struct state *state, size_t *ret_bad, struct problem *problem)
{
	static const enum state_kind order[] = { STATE_KIND_ZONE,
		STATE_KIND_OWNER, STATE_KIND_LINEAGE };
	struct state_index *index = &state->index;
	size_t bad = 0;

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		for (size_t i = 0; i < index->changed_count; i++) {
			enum status status = STATUS_OK;

			if (index->changed[i]->kind == order[k])
				status = tell_entry(
				    state, index->changed[i], &bad, problem);
			if (status != STATUS_OK)
				return status;
		}
	}
	state_index_settle(index);
	pending_tidy(state);
	*ret_bad = bad;
	return STATUS_OK;
}

/* Write the journal anew after tell() met lines that make no sense. */
static enum status
repair_and_tell(struct state *state, struct state_damage *ret_damage,
    struct problem *problem)
{
	enum status status = repair(state, ret_damage, problem);
	size_t bad = 0;

	return status == STATUS_OK ? tell(state, &bad, problem) : status;
}

/*
 * Somebody holds the lock for long.  Whole lines are there to be read all the
 * same, and a line that is just being written is read later; what is damaged
 * waits for the lock as well.
 */
static enum status
state_first_unlocked(struct state *state, struct problem *problem)
{
	struct problem why = { "" };
	size_t bad = 0;
	enum status status = read_on(state, &why);

	/* Without a journal there is nothing to go on with. */
	if (status == STATUS_ABSENT || !state->index.has_version)
		return STATUS_BUSY;
	state->index.damaged = 0;
	if (status == STATUS_OK)
		status = tell(state, &bad, &why);
	if (status != STATUS_OK)
		*problem = why;
	return status;
}

/*
 * The lock is held only while the journal is read, not while it is decoded,
 * so that several processes can start at once.
 */
typedef enum status take_lock(
    struct state_directory *directory, struct problem *problem);

static enum status
state_first(struct state *state, take_lock *lock,
    struct state_damage *ret_damage, struct problem *problem)
{
	enum status status = lock(&state->directory, problem);
	size_t bad = 0;

	if (status == STATUS_BUSY)
		return state_first_unlocked(state, problem);
	if (status != STATUS_OK)
		return status;
	status = load(state, ret_damage, problem);
	state_directory_unlock(&state->directory);
	if (status == STATUS_OK)
		status = tell(state, &bad, problem);
	if (status != STATUS_OK || bad == 0)
		return status;
	status = lock(&state->directory, problem);
	if (status != STATUS_OK)
		return status == STATUS_BUSY ? STATUS_OK : status;
	status = repair_and_tell(state, ret_damage, problem);
	state_directory_unlock(&state->directory);
	return status;
}

static enum status
open_with(take_lock *lock, const char *directory,
    const struct state_hooks *hooks, struct state **ret_state,
    char **ret_warning, struct problem *problem)
{
	struct state *state = mem_new(sizeof(*state));
	struct state_damage damage = { 0 };
	struct problem warning;
	enum status status;

	state->hooks = *hooks;
	state->is_first = true;
	state_index_init(&state->index, -1);
	status = state_directory_open(
	    directory, STATE_LOCK, &state->directory, problem);
	if (status != STATUS_OK) {
		free(state);
		return status;
	}
	state->sync = state_sync_new(&state->directory);
	status = state_first(state, lock, &damage, problem);
	if (status != STATUS_OK) {
		state_close(state);
		return status;
	}
	state->is_first = false;
	*ret_warning = NULL;
	if (damage.lines > 0) {
		state_damage_describe(&state->directory, &damage, &warning);
		*ret_warning = mem_string(warning.text);
	}
	*ret_state = state;
	return STATUS_OK;
}

enum status
state_open(const char *directory, const struct state_hooks *hooks,
    struct state **ret_state, char **ret_warning, struct problem *problem)
{
	return open_with(state_directory_wait, directory, hooks, ret_state,
	    ret_warning, problem);
}

enum status
state_open_now(const char *directory, const struct state_hooks *hooks,
    struct state **ret_state, char **ret_warning, struct problem *problem)
{
	return open_with(state_directory_lock, directory, hooks, ret_state,
	    ret_warning, problem);
}

enum status
state_look(const char *directory, const struct state_hooks *hooks,
    struct problem *problem)
{
	struct state *state = mem_new(sizeof(*state));
	enum status status;

	state->hooks = *hooks;
	state->is_first = true;
	state_index_init(&state->index, -1);
	status = state_directory_look(directory, &state->directory, problem);
	if (status == STATUS_OK)
		status = state_first_unlocked(state, problem);
	state_close(state);
	return status;
}

char *
state_journal_path(const char *directory)
{
	return mem_format("%s/" STATE_JOURNAL, directory);
}

bool
state_is_usable(const char *directory)
{
	char *journal = state_journal_path(directory);
	bool is_usable = access(directory, W_OK) == 0 &&
			 access(journal, R_OK | W_OK) == 0;

	free(journal);
	return is_usable;
}

void
state_close(struct state *state)
{
	if (state == NULL)
		return;
	state_sync_free(state->sync);
	if (state->index.fd >= 0)
		(void)close(state->index.fd);
	state_index_fini(&state->index);
	state_directory_fini(&state->directory);
	free(state->pending);
	free(state);
}

bool
state_has_news(const struct state *state)
{
	uint64_t size;

	return !is_same_journal(state, &size) || size != state->index.end;
}

/* With the lock: hear what others did. */
static enum status
catch_up(struct state *state, struct problem *problem)
{
	struct state_damage damage = { 0 };
	size_t bad = 0;
	enum status status = load(state, &damage, problem);

	if (status == STATUS_OK)
		status = tell(state, &bad, problem);
	if (status == STATUS_OK && bad > 0)
		status = repair_and_tell(state, &damage, problem);
	if (status == STATUS_OK && damage.lines > 0) {
		/* All is well again, but somebody has to be told. */
		state_damage_describe(&state->directory, &damage, problem);
		status = STATUS_IO;
	}
	/* Not a word that callers expect here. */
	return status == STATUS_REFUSED ? STATUS_IO : status;
}

enum status
state_begin(struct state *state, struct problem *problem)
{
	enum status status;

	assert(!state->is_begun);
	if (state_sync_has_lock(state->sync))
		return STATUS_BUSY;
	if (state_sync_take_problem(state->sync, problem)) {
		state->no_rewrite = state->index.end + STATE_REWRITE_SLACK +
				    state->index.live / 2;
		return STATUS_IO;
	}
	status = state_directory_lock(&state->directory, problem);
	if (status != STATUS_OK)
		return status;
	status = catch_up(state, problem);
	if (status != STATUS_OK)
		state_directory_unlock(&state->directory);
	state->is_begun = status == STATUS_OK;
	state->begun_at = state->index.end;
	return status;
}
