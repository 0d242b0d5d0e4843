/* SPDX-License-Identifier: MIT */
#include "deploy/record.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wire.h"
#include "files/file.h"

enum { RECORD_VERSION = 1, SIZE_LIMIT = 65536 };

static char *
record_name(const char *name)
{
	return mem_format(".%s.deploy", name);
}

/* As somebody who has to mend it finds it; free() it. */
static char *
record_path(const struct deploy_place *place)
{
	int len = (int)(strrchr(place->to, '/') + 1 - place->to);

	return mem_format("%.*s.%s.deploy", len, place->to, place->name);
}

void
deploy_record_set(char **member, const char *value)
{
	char *copy = value != NULL ? mem_string(value) : NULL;

	free(*member);
	*member = copy;
}

void
deploy_record_fini(struct deploy_record *record)
{
	free(record->lineage);
	free(record->link);
	free(record->verified);
	free(record->previous);
	for (size_t i = 0; i < record->made_count; i++)
		free(record->made[i]);
	free(record->made);
	*record = (struct deploy_record){ 0 };
}

bool
deploy_record_made(const struct deploy_record *record, const char *name)
{
	for (size_t i = 0; i < record->made_count; i++)
		if (strcmp(record->made[i], name) == 0)
			return true;
	return false;
}

void
deploy_record_add(struct deploy_record *record, const char *name)
{
	if (deploy_record_made(record, name))
		return;
	record->made = mem_resize(
	    record->made, record->made_count + 1, sizeof(*record->made));
	record->made[record->made_count++] = mem_string(name);
}

void
deploy_record_remove(struct deploy_record *record, const char *name)
{
	size_t left = 0;

	for (size_t i = 0; i < record->made_count; i++)
		if (strcmp(record->made[i], name) == 0)
			free(record->made[i]);
		else
			record->made[left++] = record->made[i];
	record->made_count = left;
}

/* A name alone, for it is removed in our own directory. */
static bool
is_name(const char *text)
{
	return text != NULL && text[0] != '\0' && strchr(text, '/') == NULL &&
	       strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static const char *
member(const json_t *json, const char *name)
{
	return wire_octets(json_object_get(json, name));
}

static bool
record_decode(const json_t *json, struct deploy_record *record)
{
	const json_t *made = json_object_get(json, "made");

	if (json_integer_value(json_object_get(json, "version")) !=
		RECORD_VERSION ||
	    !json_is_array(made))
		return false;
	deploy_record_set(&record->lineage, member(json, "lineage"));
	deploy_record_set(&record->link, member(json, "link"));
	deploy_record_set(&record->verified, member(json, "verified"));
	deploy_record_set(&record->previous, member(json, "previous"));
	record->is_pending = json_is_true(json_object_get(json, "pending"));
	record->is_told = json_is_true(json_object_get(json, "told"));
	for (size_t i = 0; i < json_array_size(made); i++) {
		const char *name = wire_octets(json_array_get(made, i));

		if (is_name(name))
			deploy_record_add(record, name);
	}
	return true;
}

/* Read the whole file; free() it; NULL with errno. */
static char *
text_read(int fd, size_t *ret_len)
{
	char *text = mem_array(SIZE_LIMIT, 1);
	size_t len = 0;
	ssize_t got = 0;

	while (len < SIZE_LIMIT &&
	       (got = read(fd, text + len, SIZE_LIMIT - len)) > 0)
		len += (size_t)got;
	if (got < 0 || len == SIZE_LIMIT) {
		if (got >= 0)
			errno = EFBIG;
		free(text);
		return NULL;
	}
	*ret_len = len;
	return text;
}

enum status
deploy_record_read(const struct deploy_place *place,
    struct deploy_record *ret_record, struct problem *problem)
{
	char *file = record_name(place->name);
	char *path = record_path(place);
	int record_fd = openat(place->fd, file,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	enum status status = STATUS_IO;
	size_t len = 0;
	struct stat st;
	char *text;
	json_t *json;

	*ret_record = (struct deploy_record){ 0 };
	if (record_fd < 0) {
		status = errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
		(void)problem_errno(problem, path);
		goto out;
	}
	text = fstat(record_fd, &st) == 0 && S_ISREG(st.st_mode)
		   ? text_read(record_fd, &len)
		   : NULL;
	(void)close(record_fd);
	json = text != NULL ? json_loadb(text, len, 0, NULL) : NULL;
	if (json != NULL && record_decode(json, ret_record)) {
		status = STATUS_OK;
	} else {
		deploy_record_fini(ret_record);
		problem_set(problem,
		    "%s: cannot be understood; what lies beside it is left "
		    "alone: remove the file to begin anew",
		    path);
		status = STATUS_REFUSED;
	}
	json_decref(json);
	free(text);
out:
	free(path);
	free(file);
	return status;
}

static void
member_put(json_t *json, const char *name, const char *text)
{
	if (text != NULL)
		wire_set(json, name, wire_text(text));
}

static char *
record_encode(const struct deploy_record *record)
{
	json_t *json = json_object();
	json_t *made = json_array();
	char *text;

	wire_set(json, "version", json_integer(RECORD_VERSION));
	member_put(json, "lineage", record->lineage);
	member_put(json, "link", record->link);
	member_put(json, "verified", record->verified);
	member_put(json, "previous", record->previous);
	wire_set(json, "pending", json_boolean(record->is_pending));
	wire_set(json, "told", json_boolean(record->is_told));
	for (size_t i = 0; i < record->made_count; i++)
		wire_append(made, wire_text(record->made[i]));
	wire_set(json, "made", made);
	text = json_dumps(json, JSON_INDENT(1));
	if (text == NULL)
		abort();
	json_decref(json);
	return text;
}

bool
deploy_record_write(const struct deploy_place *place,
    const struct deploy_record *record, struct problem *problem)
{
	char *file = record_name(place->name);
	int fd = place->fd;
	char *aside = mem_format("%s.new", file);
	char *path = record_path(place);
	char *text = record_encode(record);
	bool is_good;
	int aside_fd;

	/* What a run left that was killed; the directory is ours alone. */
	(void)unlinkat(fd, aside, 0);
	aside_fd = openat(fd, aside,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	is_good = aside_fd >= 0 && file_write(aside_fd, text, strlen(text)) &&
		  fsync(aside_fd) == 0;
	if (aside_fd >= 0 && close(aside_fd) != 0)
		is_good = false;
	is_good = is_good && renameat(fd, aside, fd, file) == 0 &&
		  fsync(fd) == 0;
	if (!is_good) {
		(void)problem_errno(problem, path);
		(void)unlinkat(fd, aside, 0);
	}
	free(text);
	free(path);
	free(aside);
	free(file);
	return is_good;
}
