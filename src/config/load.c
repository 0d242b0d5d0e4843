/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "check.h"
#include "document.h"
#include "read.h"

enum status
config_parse(const char *path, const char *text, size_t len,
    struct config **ret_config, struct problem *problem)
{
	struct document document = { .path = path, .problem = problem };
	struct config *config;
	bool good;

	if (len > LIMIT_CONFIG_FILE) {
		problem_set(problem, "%s: larger than %d octets", path,
		    LIMIT_CONFIG_FILE);
		return STATUS_LIMIT;
	}
	config = mem_new(sizeof(*config));
	config->path = mem_string(path);
	good = document_read(&document, text, len) &&
	       config_read(&document, config) &&
	       config_check(&document, config);
	if (good) {
		config_settle(config);
		*ret_config = config;
	} else {
		config_free(config);
	}
	document_fini(&document);
	return good ? STATUS_OK : STATUS_MALFORMED;
}

/* Set the problem from errno and return its status. */
static enum status
report_errno(const char *path, struct problem *problem)
{
	bool absent = errno == ENOENT || errno == ENOTDIR;

	problem_set(problem, "%s: %s%s", path, strerror(errno),
	    absent ? "; create it or name another file with -c" : "");
	return absent ? STATUS_ABSENT : STATUS_IO;
}

/* Append the rest of `fd` to `text`, but not much more than the limit. */
static enum status
read_all(int fd, const char *path, struct buf *text, struct problem *problem)
{
	ssize_t len;

	do {
		buf_reserve(text, 65536);
		len = read(fd, text->data + text->len, 65536);
		if (len > 0)
			text->len += (size_t)len;
	} while ((len > 0 && text->len <= LIMIT_CONFIG_FILE) ||
		 (len < 0 && errno == EINTR));
	return len < 0 ? report_errno(path, problem) : STATUS_OK;
}

/* Read a regular file; not a pipe, which could keep us waiting. */
static enum status
read_file(const char *path, struct buf *text, struct problem *problem)
{
	enum status status = STATUS_IO;
	struct stat info;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return report_errno(path, problem);
	if (fstat(fd, &info) < 0)
		status = report_errno(path, problem);
	else if (S_ISDIR(info.st_mode))
		problem_set(problem, "%s: is a directory, not a file", path);
	else if (!S_ISREG(info.st_mode))
		problem_set(problem, "%s: is not a regular file", path);
	else
		status = read_all(fd, path, text, problem);
	(void)close(fd);
	return status;
}

enum status
config_load_text(const char *path, struct buf *text, struct config **ret_config,
    struct problem *problem)
{
	enum status status;

	assert(path != NULL && ret_config != NULL);
	status = read_file(path, text, problem);
	if (status == STATUS_OK)
		status = config_parse(
		    path, buf_text(text), text->len, ret_config, problem);
	return status;
}

enum status
config_load(
    const char *path, struct config **ret_config, struct problem *problem)
{
	struct buf text = { 0 };
	enum status status = config_load_text(path, &text, ret_config, problem);

	buf_fini(&text);
	return status;
}
