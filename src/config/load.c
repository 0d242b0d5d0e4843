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
#include "build.h"
#include "check.h"
#include "document.h"
#include "octets.h"
#include "schema.h"
#include "shape.h"

/* Understand a document of the right shape. */
static enum status
parse_document(const struct document *document, const char *text, size_t len,
    struct config **ret_config, struct problem *problem)
{
	struct config_text *written = NULL;
	struct config *config = NULL;
	enum status status;

	status = config_text_load(text, len, &written, problem);
	if (status != STATUS_OK) {
		problem_prefix(problem, "%s", document->path);
		return status;
	}
	config_text_complete(written);
	status = config_build(document, written, &config, problem);
	config_text_free(written);
	if (status == STATUS_OK)
		status = config_check(document, config, problem);
	if (status != STATUS_OK)
		config_free(config);
	else
		*ret_config = config;
	return status;
}

enum status
config_parse(const char *path, const char *text, size_t len,
    struct config **ret_config, struct problem *problem)
{
	struct document document;
	enum status status;

	if (len > LIMIT_CONFIG_FILE) {
		problem_set(problem, "%s: larger than %d octets", path,
		    LIMIT_CONFIG_FILE);
		return STATUS_LIMIT;
	}
	status = config_octets_check(path, text, len, problem);
	if (status == STATUS_OK)
		status = document_load(path, text, len, &document, problem);
	if (status != STATUS_OK)
		return status;
	status = config_shape_check(&document, config_schema(), problem);
	if (status == STATUS_OK)
		status = parse_document(
		    &document, text, len, ret_config, problem);
	document_fini(&document);
	if (status == STATUS_OK)
		config_settle(*ret_config);
	return status;
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
