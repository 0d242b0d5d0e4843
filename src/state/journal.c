/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line.h"

enum { CHUNK = 64 * 1024 };

/* Read once, to the end of `text`.  Returns 0 at the end of the file, or -1. */
static ssize_t
read_some(int fd, uint64_t offset, size_t max, struct buf *text)
{
	ssize_t got;

	buf_reserve(text, max);
	do
		got = pread(fd, text->data + text->len, max, (off_t)offset);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		text->len += (size_t)got;
	return got;
}

/*
 * Visit the lines of `text`, which is at `offset` of the file, and return
 * their length.  The first `seen` octets are known to have no newline.
 */
static size_t
visit_lines(const struct buf *text, size_t seen, uint64_t offset,
    state_journal_visit *visit, void *arg)
{
	size_t start = 0;

	for (;;) {
		const char *newline = memchr(
		    text->data + seen, '\n', text->len - seen);
		size_t end;

		if (newline == NULL)
			return start;
		end = (size_t)(newline - text->data);
		visit(text->data + start, end - start, offset + start, arg);
		start = end + 1;
		seen = start;
	}
}

enum status
state_journal_scan(int fd, uint64_t from, state_journal_visit *visit, void *arg,
    uint64_t *ret_end, size_t *ret_cut, struct problem *problem)
{
	struct buf text = { 0 };
	enum status status = STATUS_OK;

	for (;;) {
		size_t seen = text.len;
		size_t used;
		ssize_t got = read_some(fd, from + seen, CHUNK, &text);

		if (got < 0) {
			problem_set(problem, "%s", strerror(errno));
			status = STATUS_IO;
		}
		if (got <= 0)
			break;
		used = visit_lines(&text, seen, from, visit, arg);
		buf_consume(&text, used);
		from += used;
		if (text.len > STATE_LINE_MAX) {
			problem_set(problem,
			    "line at octet %llu is too long; set the file "
			    "aside by hand",
			    (unsigned long long)from);
			status = STATUS_IO;
			break;
		}
	}
	if (status == STATUS_OK) {
		*ret_end = from;
		*ret_cut = text.len;
	}
	buf_fini(&text);
	return status;
}

enum status
state_journal_read(int fd, uint64_t offset, size_t len, struct buf *text,
    struct problem *problem)
{
	while (len > 0) {
		ssize_t got = read_some(fd, offset, len, text);

		if (got <= 0) {
			problem_set(problem, "%s",
			    got < 0 ? strerror(errno) : "became shorter");
			return STATUS_IO;
		}
		offset += (size_t)got;
		len -= (size_t)got;
	}
	return STATUS_OK;
}

int
state_journal_write(int fd, uint64_t offset, const struct buf *data)
{
	size_t done = 0;

	while (done < data->len) {
		ssize_t put = pwrite(fd, data->data + done, data->len - done,
		    (off_t)(offset + done));

		if (put < 0 && errno != EINTR)
			return errno;
		if (put == 0)
			return EIO;
		if (put > 0)
			done += (size_t)put;
	}
	return 0;
}

static int
cut(int fd, uint64_t end)
{
	while (ftruncate(fd, (off_t)end) != 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

int
state_journal_append(int fd, uint64_t end, const struct buf *data)
{
	struct stat st;
	int error = 0;

	if (fstat(fd, &st) != 0)
		return errno;
	if ((uint64_t)st.st_size > end)
		error = cut(fd, end);
	if (error == 0)
		error = state_journal_write(fd, end, data);
	if (error != 0)
		(void)cut(fd, end);
	return error;
}
