/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limit.h"
#include "base/mem.h"
#include "check.h"
#include "document.h"
#include "read.h"
#include "rows.h"

/* ---- the end of one ---- */

static void rows_free(
    const struct config *config, const struct row *mapping, char *part);

/* Free what a value or a mapping owns, which may be an item of a list. */
static void
item_free(const struct config *config, const struct row *row, char *member)
{
	char *owned;

	if (row->rows != NULL) {
		rows_free(config, row, member);
	} else if (row->type->is_owned) {
		memcpy(&owned, member, sizeof(owned));
		free(owned);
	}
}

/* What services and `discover` share with the defaults is freed with those. */
static bool
is_shared(const struct config *config, const void *member, const void *array)
{
	return (array == config->ports && member != &config->ports) ||
	       (array == config->defaults.records &&
		   member != &config->defaults.records);
}

static void
rows_free(const struct config *config, const struct row *mapping, char *part)
{
	/* From the end: the defaults go after those who share them. */
	for (size_t i = mapping->row_count; i-- > 0;) {
		const struct row *row = &mapping->rows[i];
		size_t size;
		size_t count;
		char *array;

		if (!row_is_list(row)) {
			item_free(config, row, part + row->member);
			continue;
		}
		size = row_item_size(row);
		count = row_items(row, part, &array);
		if (is_shared(config, part + row->member, array))
			continue;
		for (size_t j = 0; j < count; j++)
			item_free(config, row, array + j * size);
		free(array);
	}
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; config->hosts != NULL && i < config->service_count;
	     i++)
		config->services[i].host = NULL;
	free(config->hosts);
	rows_free(config, &config_row, (char *)config);
	free(config->path);
	free(config->fault);
	free(config->powerdns_address);
	free(config->overlay);
	free(config);
}

/*
 * Hosts lie scattered among what the parser used and freed, and a million of
 * them would keep its pages from being used for anything larger.
 */
static void
hosts_settle(struct config *config)
{
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < config->service_count; i++)
		size += strlen(config->services[i].host) + 1;
	config->hosts = mem_array(size, 1);
	at = config->hosts;
	for (size_t i = 0; i < config->service_count; i++) {
		char *host = config->services[i].host;
		size_t len = strlen(host) + 1;

		memcpy(at, host, len);
		free(host);
		config->services[i].host = at;
		at += len;
	}
}

/* ---- the making of one ---- */

/* Where a key of a mapping is, or else that mapping, or the file. */
static unsigned
line_of(const struct document *document, const char *mapping, const char *key)
{
	return (unsigned)node_at(node_at(&document->root, mapping), key)->line;
}

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
		config->alarm_line = line_of(&document, "alarm", "command");
		hosts_settle(config);
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
config_load(const char *path, struct buf *text, struct config **ret_config,
    struct problem *problem)
{
	struct buf own = { 0 };
	struct buf *into = text != NULL ? text : &own;
	enum status status = read_file(path, into, problem);

	if (status == STATUS_OK)
		status = config_parse(
		    path, buf_text(into), into->len, ret_config, problem);
	buf_fini(&own);
	return status;
}
