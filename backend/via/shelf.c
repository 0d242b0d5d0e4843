/* SPDX-License-Identifier: MIT */
#include "shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/plain.h"
#include "files/file.h"
#include "wall/receiver.h"

enum {
	FILE_MODE = 0644, /* what is sent is public */
	DIRECTORY_MODE = 0755,
	LOCK_MODE = 0600, /* nobody else can hold us up by it */
};

static const char lock_name[] = ".lock";

static enum status
problem_at(const struct shelf *shelf, const char *file, struct problem *problem)
{
	problem_set(problem, "%s/%s/%s: %s", shelf->path, shelf->name, file,
	    strerror(errno));
	return STATUS_IO;
}

/* ---- files ---- */

/* STATUS_ABSENT: there is none, or it is longer than `limit`, or no file. */
static enum status
text_read(int fd, const char *file, size_t limit, struct buf *text)
{
	int from = openat(
	    fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	char octets[4096];
	ssize_t got = 0;

	if (from < 0)
		return errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
	if (fstat(from, &st) == 0 && S_ISREG(st.st_mode))
		while ((got = read(from, octets, sizeof(octets))) > 0 &&
		       text->len <= limit)
			buf_add(text, octets, (size_t)got);
	(void)close(from);
	if (got < 0)
		return STATUS_IO;
	return text->len <= limit && text->len > 0 ? STATUS_OK : STATUS_ABSENT;
}

static bool
text_is_there(int fd, const char *file, const struct buf *text)
{
	struct buf there = { 0 };
	bool is_same = text_read(fd, file, text->len, &there) == STATUS_OK &&
		       there.len == text->len &&
		       memcmp(there.data, text->data, text->len) == 0;

	buf_fini(&there);
	return is_same;
}

/* A reader finds the old one or the new one. */
static bool
text_replace(int fd, const char *file, const struct buf *text)
{
	char *aside = mem_format(".%s.new", file);
	int to;
	bool is_good;

	(void)unlinkat(fd, aside, 0);
	to = openat(fd, aside,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	is_good = to >= 0 && fchmod(to, FILE_MODE) == 0 &&
		  file_write(to, text->data, text->len) && fsync(to) == 0;
	if (to >= 0 && close(to) != 0)
		is_good = false;
	is_good = is_good && renameat(fd, aside, fd, file) == 0 &&
		  fsync(fd) == 0;
	if (!is_good) {
		int error = errno;

		(void)unlinkat(fd, aside, 0);
		errno = error;
	}
	free(aside);
	return is_good;
}

static int
lock_open(int fd)
{
	return openat(fd, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
	    LOCK_MODE);
}

/* Others of ours may be at it as well: not for long. */
static int
lock_take(int fd, int how)
{
	int lock = lock_open(fd);

	if (lock >= 0 && flock(lock, how) != 0) {
		int error = errno;

		(void)close(lock);
		errno = error;
		return -1;
	}
	return lock;
}

/* ---- whose it is ---- */

/* The line in `text`, or "" if nobody has it. */
static enum status
sender_read(int fd, struct buf *text)
{
	enum status status = text_read(fd, SENT_SENDER, LIMIT_SENT, text);

	if (status == STATUS_OK && text->data[text->len - 1] == '\n')
		text->len--;
	(void)buf_text(text);
	return status == STATUS_ABSENT ? STATUS_OK : status;
}

static enum status
sender_check(struct shelf *shelf, const char *sender, struct problem *problem)
{
	struct buf text = { 0 };
	enum status status = sender_read(shelf->fd, &text);

	if (status != STATUS_OK) {
		status = problem_at(shelf, SENT_SENDER, problem);
	} else if (text.len > 0 && strcmp(text.data, sender) != 0) {
		problem_set(problem,
		    "lineage '%s' is another sender's, '%.64s'; give it "
		    "another name where it is issued, or, if this host takes "
		    "that one's place, remove %s/%s/%s here",
		    shelf->name, plain_of(text.data).text, shelf->path,
		    shelf->name, SENT_SENDER);
		status = STATUS_REFUSED;
	}
	shelf->is_sent = status == STATUS_OK && text.len > 0;
	buf_fini(&text);
	return status;
}

/* Count what is his, and all. */
static enum status
shelves_count(int store_fd, const char *sender, size_t *mine, size_t *all)
{
	int fd = openat(store_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	*mine = *all = 0;
	if (list == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return STATUS_IO;
	}
	while ((entry = readdir(list)) != NULL) {
		struct buf text = { 0 };
		int one = entry->d_name[0] != '.'
			      ? openat(store_fd, entry->d_name,
				    O_PATH | O_DIRECTORY | O_NOFOLLOW |
					O_CLOEXEC)
			      : -1;

		if (one < 0)
			continue;
		(*all)++;
		*mine += sender_read(one, &text) == STATUS_OK &&
			 strcmp(text.data, sender) == 0;
		buf_fini(&text);
		(void)close(one);
	}
	(void)closedir(list);
	return STATUS_OK;
}

static enum status
room_check(
    const struct shelf *shelf, const char *sender, struct problem *problem)
{
	size_t mine;
	size_t all;

	if (shelves_count(shelf->store_fd, sender, &mine, &all) != STATUS_OK)
		return problem_errno(problem, shelf->path);
	if (mine < LIMIT_VIA_LINEAGES && all < LIMIT_VIA_STORE)
		return STATUS_OK;
	problem_set(problem,
	    "%s: has %zu lineages of this sender, and %zu of all, and may "
	    "have %d and %d; remove those there that are no more",
	    shelf->path, mine, all, LIMIT_VIA_LINEAGES, LIMIT_VIA_STORE);
	return STATUS_LIMIT;
}

/* ---- opening ---- */

void
shelf_close(struct shelf *shelf)
{
	if (shelf->lock_fd >= 0)
		(void)close(shelf->lock_fd);
	if (shelf->fd >= 0)
		(void)close(shelf->fd);
	if (shelf->store_fd >= 0)
		(void)close(shelf->store_fd);
}

static enum status
store_open(const char *path, const char *name, struct shelf *shelf,
    struct problem *problem)
{
	*shelf = (struct shelf){ path, name, -1, -1, -1, false };
	shelf->store_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (shelf->store_fd >= 0)
		return STATUS_OK;
	problem_set(problem,
	    "%s: %s; 'systemd-tmpfiles --create' makes it, or see RECEIVING in "
	    "pdns-tlsa(8)",
	    path, strerror(errno));
	return STATUS_IO;
}

static enum status
lineage_open(struct shelf *shelf, struct problem *problem)
{
	shelf->fd = openat(shelf->store_fd, shelf->name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (shelf->fd >= 0)
		return STATUS_OK;
	problem_set(
	    problem, "%s/%s: %s", shelf->path, shelf->name, strerror(errno));
	return errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
}

enum status
shelf_open(const char *path, const char *name, const char *sender,
    struct shelf *ret_shelf, struct problem *problem)
{
	struct shelf shelf;
	enum status status = store_open(path, name, &shelf, problem);

	if (status == STATUS_OK)
		status = lineage_open(&shelf, problem);
	if (status == STATUS_OK)
		status = sender_check(&shelf, sender, problem);
	if (status == STATUS_OK)
		*ret_shelf = shelf;
	else
		shelf_close(&shelf);
	return status;
}

/* Under the lock of the store.  What nobody's name is on may be taken. */
static enum status
shelf_take(struct shelf *shelf, const char *sender, struct problem *problem)
{
	struct buf line = { 0 };
	enum status status = lineage_open(shelf, problem);

	if (status == STATUS_ABSENT) {
		status = room_check(shelf, sender, problem);
		if (status == STATUS_OK &&
		    mkdirat(shelf->store_fd, shelf->name, DIRECTORY_MODE) != 0)
			status = problem_at(shelf, "", problem);
		if (status == STATUS_OK)
			status = lineage_open(shelf, problem);
	}
	if (status == STATUS_OK)
		status = sender_check(shelf, sender, problem);
	if (status != STATUS_OK)
		return status;
	buf_add_format(&line, "%s\n", sender);
	if (!text_is_there(shelf->fd, SENT_SENDER, &line) &&
	    !text_replace(shelf->fd, SENT_SENDER, &line))
		status = problem_at(shelf, SENT_SENDER, problem);
	buf_fini(&line);
	return status;
}

enum status
shelf_make(const char *path, const char *name, const char *sender,
    struct shelf *ret_shelf, struct problem *problem)
{
	struct shelf shelf;
	enum status status = store_open(path, name, &shelf, problem);
	int lock = -1;

	if (status == STATUS_OK) {
		lock = lock_take(shelf.store_fd, LOCK_EX);
		if (lock < 0)
			status = problem_errno(problem, path);
	}
	if (status == STATUS_OK)
		status = shelf_take(&shelf, sender, problem);
	if (lock >= 0)
		(void)close(lock);
	if (status == STATUS_OK)
		*ret_shelf = shelf;
	else
		shelf_close(&shelf);
	return status;
}

void
shelf_alone(const struct shelf *shelf)
{
	int lock = lock_open(shelf->store_fd);

	if (lock < 0)
		return;
	receiver_narrow(shelf->fd, lock);
	(void)close(lock);
}

enum status
shelf_lock(struct shelf *shelf, struct problem *problem)
{
	shelf->lock_fd = lock_take(shelf->fd, LOCK_EX | LOCK_NB);
	if (shelf->lock_fd >= 0)
		return STATUS_OK;
	if (errno != EWOULDBLOCK)
		return problem_at(shelf, lock_name, problem);
	problem_set(problem,
	    "lineage '%s': another deploy of it waits here already; it is let "
	    "go a minute after its connection broke",
	    shelf->name);
	return STATUS_BUSY;
}

/* ---- what is in it ---- */

static bool
text_put(const struct shelf *shelf, const char *file, const struct buf *text,
    bool *is_new)
{
	if (text_is_there(shelf->fd, file, text))
		return true;
	*is_new = true;
	return text_replace(shelf->fd, file, text);
}

static bool
next_put(const struct shelf *shelf, const struct via_question *offer,
    size_t number, bool *is_new)
{
	char *file = mem_format(SENT_NEXT, number);
	struct buf pem = { 0 };
	bool is_good;

	if (number > offer->next_count) {
		is_good = unlinkat(shelf->fd, file, 0) == 0 || errno == ENOENT;
	} else {
		via_next_pem(&offer->next[number - 1], &pem);
		is_good = text_put(shelf, file, &pem, is_new);
	}
	buf_fini(&pem);
	free(file);
	return is_good;
}

/* What cannot be understood is made anew. */
static void
about_read(const struct shelf *shelf, struct sent *sent)
{
	struct buf text = { 0 };

	*sent = (struct sent){ 0 };
	if (text_read(shelf->fd, SENT_ABOUT, LIMIT_SENT, &text) == STATUS_OK)
		(void)sent_parse(text.data, text.len, sent, NULL);
	buf_fini(&text);
}

static bool
about_put(const struct shelf *shelf, const struct sent *sent)
{
	struct buf text = { 0 };
	bool is_new = false;
	bool is_good;

	sent_format(sent, &text);
	is_good = text_put(shelf, SENT_ABOUT, &text, &is_new);
	buf_fini(&text);
	return is_good;
}

/* Who reports may come in between. */
static bool
about_change(const struct shelf *shelf, const struct via_question *offer,
    bool is_new, int64_t now)
{
	int lock = lock_take(shelf->store_fd, LOCK_EX);
	struct sent sent;
	char *server;
	bool is_good;

	if (lock < 0)
		return false;
	about_read(shelf, &sent);
	server = sent.plan.server;
	if (offer == NULL) {
		sent.reported = now;
	} else {
		sent.plan = offer->plan; /* borrowed */
		sent.next = offer->next_count;
		if (is_new || sent.received == 0) {
			sent.received = now;
			sent.reported = 0;
		}
	}
	is_good = about_put(shelf, &sent);
	free(server);
	(void)close(lock);
	return is_good;
}

/*
 * The chain first: what was staged before is live then, and no moment passes
 * at which it is neither.
 */
enum status
shelf_put(const struct shelf *shelf, const struct via_question *offer,
    int64_t now, struct problem *problem)
{
	struct buf pem = { 0 };
	bool is_new = false;
	bool is_good;

	via_chain_pem(&offer->chain, &pem);
	is_good = text_put(shelf, SENT_CHAIN, &pem, &is_new);
	buf_fini(&pem);
	for (size_t i = 1; i <= offer->next_count && is_good; i++)
		is_good = next_put(shelf, offer, i, &is_new);
	is_good = is_good && about_change(shelf, offer, is_new, now);
	/* Nothing tells of them any more. */
	for (size_t i = offer->next_count + 1; i <= LIMIT_NEXT && is_good; i++)
		is_good = next_put(shelf, offer, i, &is_new);
	return is_good ? STATUS_OK : problem_at(shelf, SENT_CHAIN, problem);
}

enum status
shelf_report(const struct shelf *shelf, int64_t now, struct problem *problem)
{
	return about_change(shelf, NULL, false, now)
		   ? STATUS_OK
		   : problem_at(shelf, SENT_ABOUT, problem);
}
