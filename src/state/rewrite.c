/* SPDX-License-Identifier: MIT */
#include "rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "index.h"
#include "journal.h"

enum { GONE_SECONDS = 24 * 3600, CHUNK = 1024 * 1024, ASIDE_TRIES = 100 };

struct rewrite {
	const struct state_directory *directory;
	struct state_index index;
	int64_t now;
	int new_fd;
	uint64_t offset; /* in the new journal */
	struct buf out;  /* what comes there */
	enum status status;
	struct problem *problem;
};

static void
fail(struct rewrite *rewrite, const char *name, int error)
{
	rewrite->status = state_directory_problem(
	    rewrite->directory, name, error, rewrite->problem);
}

static void
want_cas(struct rewrite *rewrite, const struct chain *chain)
{
	for (size_t i = 0; i < chain->ca_count; i++) {
		char digest[STATE_DIGEST_TEXT];
		struct state_entry *entry;

		state_ca_digest(chain->ca[i], digest);
		entry = state_index_ca(&rewrite->index, digest);
		if (entry != NULL)
			entry->is_wanted = true;
	}
}

/* The same for a failure to read the old journal. */
static bool
read_is_ok(struct rewrite *rewrite, enum status status)
{
	rewrite->status = status;
	if (status != STATUS_OK)
		state_directory_prefix(rewrite->directory, rewrite->problem);
	return status == STATUS_OK;
}

/* Decide what to keep; CA certificates by who refers to them. */
static bool
decide(const struct trie_entry *at, void *arg)
{
	struct rewrite *rewrite = arg;
	struct state_entry *entry = at->value;
	struct state_record record;
	enum status status;

	if (entry->len == 0)
		return true;
	status = state_index_decode(
	    &rewrite->index, entry, &record, rewrite->problem);
	if (status == STATUS_MALFORMED) {
		rewrite->index.damaged++;
		return true;
	}
	if (!read_is_ok(rewrite, status))
		return false;
	if (entry->kind != STATE_KIND_CA)
		entry->is_wanted = record.gone == 0 ||
				   record.gone > rewrite->now - GONE_SECONDS;
	if (entry->kind == STATE_KIND_LINEAGE)
		for (size_t i = 0; i < record.lineage.count; i++)
			want_cas(rewrite, record.lineage.list[i].chain);
	state_record_fini(&record);
	return true;
}

static bool
flush(struct rewrite *rewrite)
{
	int error = state_journal_write(
	    rewrite->new_fd, rewrite->offset, &rewrite->out);

	if (error != 0)
		fail(rewrite, STATE_JOURNAL_NEW, error);
	rewrite->offset += rewrite->out.len;
	buf_clear(&rewrite->out);
	return error == 0;
}

static bool
copy(const struct trie_entry *at, void *arg)
{
	struct rewrite *rewrite = arg;
	const struct state_entry *entry = at->value;

	if (!entry->is_wanted)
		return true;
	if (!read_is_ok(
		rewrite, state_journal_read(rewrite->index.fd, entry->offset,
			     entry->len, &rewrite->out, rewrite->problem)))
		return false;
	return rewrite->out.len < CHUNK || flush(rewrite);
}

static void
write_new(struct rewrite *rewrite)
{
	json_t *version = state_version_encode();

	state_line_add(&rewrite->out, version);
	json_decref(version);
	/* One that is there was left by a process that was killed. */
	(void)unlinkat(rewrite->directory->fd, STATE_JOURNAL_NEW, 0);
	rewrite->new_fd = state_directory_create(
	    rewrite->directory, STATE_JOURNAL_NEW, STATE_FILE_MODE);
	if (rewrite->new_fd < 0) {
		fail(rewrite, STATE_JOURNAL_NEW, errno);
		return;
	}
	if (trie_walk(&rewrite->index.entries, "", 0, copy, rewrite) &&
	    flush(rewrite) && fsync(rewrite->new_fd) != 0)
		fail(rewrite, STATE_JOURNAL_NEW, errno);
}

/*
 * Give the old journal a second name, for a rename would leave a moment
 * without any.  Where there are no hard links, it is that moment.
 */
static void
set_aside(struct rewrite *rewrite, struct state_damage *damage)
{
	int fd = rewrite->directory->fd;
	int64_t stamp = rewrite->now;

	for (int i = 0; i < ASIDE_TRIES; i++) {
		(void)snprintf(damage->aside, sizeof(damage->aside),
		    STATE_JOURNAL ".damaged-%" PRId64, stamp++);
		if (linkat(fd, STATE_JOURNAL, fd, damage->aside, 0) == 0)
			return;
		if (errno != EEXIST)
			break;
	}
	/* Somebody deleted it; we read it through our descriptor. */
	if (errno == ENOENT)
		(void)snprintf(
		    damage->aside, sizeof(damage->aside), "(deleted)");
	else if (renameat(fd, STATE_JOURNAL, fd, damage->aside) != 0)
		fail(rewrite, damage->aside, errno);
}

static void
put_in_place(struct rewrite *rewrite)
{
	int fd = rewrite->directory->fd;

	if (renameat(fd, STATE_JOURNAL_NEW, fd, STATE_JOURNAL) != 0)
		fail(rewrite, STATE_JOURNAL, errno);
	/* Some file systems cannot; they have nothing to wait for. */
	else if (fsync(fd) != 0 && errno != EINVAL)
		fail(rewrite, ".", errno);
}

enum status
state_rewrite(const struct state_directory *directory, int fd,
    struct state_damage *ret_damage, struct problem *problem)
{
	struct rewrite rewrite = {
		.directory = directory,
		.now = time(NULL),
		.new_fd = -1,
		.problem = problem,
	};
	struct state_damage damage = { 0 };

	state_index_init(&rewrite.index, fd);
	if (fd >= 0)
		(void)read_is_ok(
		    &rewrite, state_index_read(&rewrite.index, problem));
	if (rewrite.status == STATUS_OK)
		(void)trie_walk(
		    &rewrite.index.entries, "", 0, decide, &rewrite);
	if (rewrite.status == STATUS_OK)
		write_new(&rewrite);
	damage.lines = rewrite.index.damaged;
	if (rewrite.status == STATUS_OK && damage.lines > 0)
		set_aside(&rewrite, &damage);
	if (rewrite.status == STATUS_OK)
		put_in_place(&rewrite);
	if (rewrite.status == STATUS_OK)
		*ret_damage = damage;
	if (rewrite.new_fd >= 0) {
		(void)close(rewrite.new_fd);
		if (rewrite.status != STATUS_OK)
			(void)unlinkat(directory->fd, STATE_JOURNAL_NEW, 0);
	}
	buf_fini(&rewrite.out);
	state_index_fini(&rewrite.index);
	return rewrite.status;
}

void
state_damage_describe(const struct state_directory *directory,
    const struct state_damage *damage, struct problem *problem)
{
	problem_set(problem,
	    "%s/" STATE_JOURNAL ": %zu damaged line%s; kept as '%s', all "
	    "other lines are used",
	    directory->path, damage->lines, damage->lines == 1 ? "" : "s",
	    damage->aside);
}
