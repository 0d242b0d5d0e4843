/* SPDX-License-Identifier: MIT */
#include "config/kept.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/directory.h"
#include "files/file.h"

#define HEAD_BEGIN                                                             \
	"# The last configuration that was right; pdns-tlsa keeps it: "

#define LOCK "config.lock"

enum {
	SHA256_LEN = 32,
	HEAD_MAX = 8192, /* octets, with the path */
};

/* Another directory's file of the same name is another file. */
static char *
path_absolute(const char *path)
{
	char *directory;
	char *absolute;

	if (path[0] == '/')
		return mem_string(path);
	directory = getcwd(NULL, 0);
	absolute = mem_format(
	    "%s/%s", directory != NULL ? directory : ".", path);
	free(directory);
	return absolute;
}

/* The first line: what the rest is, and whose. */
static void
head_format(const char *path, const char *text, size_t len, struct buf *ret)
{
	uint8_t digest[SHA256_LEN] = { 0 };
	char *absolute = path_absolute(path);

	(void)EVP_Digest(text, len, digest, NULL, EVP_sha256(), NULL);
	buf_add_string(ret, HEAD_BEGIN "SHA-256 ");
	buf_add_hex(ret, digest, sizeof(digest));
	buf_add_format(ret, " of %s\n", absolute);
	free(absolute);
}

/* ---- where it is ---- */

/*
 * The value behind the key, in a file that may be no YAML at all; NULL if it
 * is not told.  free() it.
 */
static char *
directory_told(const char *text)
{
	static const char key[] = "state-directory";
	const char *at = text;
	size_t len;
	char quote;

	for (;; at += sizeof(key) - 1) {
		at = strstr(at, key);
		if (at == NULL)
			return NULL;
		if (at == text || strchr("\n\r{,\"' ", at[-1]) != NULL)
			break;
	}
	at += sizeof(key) - 1;
	at += strspn(at, "\"' ");
	if (*at++ != ':')
		return NULL;
	at += strspn(at, " ");
	quote = *at;
	if (quote == '"' || quote == '\'')
		len = strcspn(++at, quote == '"' ? "\"\r\n" : "'\r\n");
	else
		len = strcspn(at, ",}#\r\n");
	while (len > 0 && at[len - 1] == ' ')
		len--;
	return len > 0 && *at == '/' ? mem_copy(at, len) : NULL;
}

/* Append what is kept of the file at `path`, without the first line. */
static enum status
kept_read(const char *directory, const char *path, struct buf *text)
{
	char *name = mem_format("%s/" CONFIG_KEPT_FILE, directory);
	struct problem problem = { "" };
	struct buf head = { 0 };
	const char *end = NULL;
	enum status status = file_read(
	    name, LIMIT_CONFIG_FILE + HEAD_MAX, text, NULL, &problem);

	if (status == STATUS_OK)
		end = strchr(buf_text(text), '\n');
	if (end != NULL) {
		size_t len = (size_t)(end + 1 - text->data);

		head_format(path, end + 1, text->len - len, &head);
		if (head.len == len && memcmp(head.data, text->data, len) == 0)
			buf_consume(text, len);
		else
			end = NULL;
	}
	buf_fini(&head);
	free(name);
	return end != NULL ? STATUS_OK : STATUS_ABSENT;
}

/* `text` becomes what is kept there; false if it is of no use. */
static bool
kept_load(const char *directory, const char *path, struct buf *text,
    struct config **ret_config)
{
	buf_clear(text);
	return directory != NULL &&
	       kept_read(directory, path, text) == STATUS_OK &&
	       config_parse(path, buf_text(text), text->len, ret_config,
		   NULL) == STATUS_OK;
}

enum status
config_kept_load(const char *path, const char *directory, struct buf *text,
    struct config **ret_config, struct problem *problem)
{
	struct buf own = { 0 };
	struct buf *into = text != NULL ? text : &own;
	struct problem fault = { "" };
	enum status status = config_load(path, into, ret_config, &fault);
	char *told;

	if (status != STATUS_OK) {
		told = directory_told(buf_text(into));
		if (kept_load(told, path, into, ret_config) ||
		    kept_load(directory, path, into, ret_config) ||
		    kept_load(CONFIG_KEPT_DIRECTORY, path, into, ret_config)) {
			(*ret_config)->fault = mem_string(fault.text);
			status = STATUS_OK;
		} else {
			problem_set(problem, "%s", fault.text);
		}
		free(told);
	}
	buf_fini(&own);
	return status;
}

/* ---- to keep it ---- */

static bool
is_kept(const struct config *config, const struct buf *text)
{
	struct buf kept = { 0 };
	bool is_same = kept_read(config->state_directory, config->path,
			   &kept) == STATUS_OK &&
		       kept.len == text->len &&
		       memcmp(buf_text(&kept), text->data, text->len) == 0;

	buf_fini(&kept);
	return is_same;
}

static enum status
kept_write(const struct config *config, const struct buf *content,
    bool is_synced, struct problem *problem)
{
	struct directory directory;
	enum status status = directory_open(
	    config->state_directory, LOCK, &directory, problem);

	if (status != STATUS_OK)
		return status;
	/* Who keeps the same at the same time has the same to keep. */
	status = directory_lock(&directory, true, problem);
	if (status == STATUS_OK) {
		status = directory_replace(&directory, CONFIG_KEPT_FILE,
		    DIRECTORY_FILE_MODE, content, is_synced, problem);
		directory_unlock(&directory);
	}
	directory_fini(&directory);
	return status;
}

enum status
config_kept_put(const struct config *config, const struct buf *text,
    bool is_synced, struct problem *problem)
{
	struct buf content = { 0 };
	enum status status;

	if (is_kept(config, text))
		return STATUS_OK;
	head_format(config->path, text->data, text->len, &content);
	buf_add(&content, text->data, text->len);
	status = kept_write(config, &content, is_synced, problem);
	buf_fini(&content);
	return status;
}
