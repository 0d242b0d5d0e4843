/* SPDX-License-Identifier: MIT */
#include "pdns/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "files/file.h"

static const char white[] = " \t\r\n\v\f";

static void
pieces_free(struct pdns_conf_setting *setting)
{
	for (size_t i = 0; i < setting->piece_count; i++)
		free(setting->pieces[i].file);
	free(setting->pieces);
	setting->pieces = NULL;
	setting->piece_count = 0;
}

void
pdns_conf_fini(struct pdns_conf *conf)
{
	for (size_t i = 0; i < conf->count; i++) {
		free(conf->list[i].name);
		free(conf->list[i].value);
		pieces_free(&conf->list[i]);
	}
	free(conf->list);
	*conf = (struct pdns_conf){ 0 };
}

static struct pdns_conf_setting *
setting_find(const struct pdns_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->count; i++)
		if (strcmp(conf->list[i].name, name) == 0)
			return &conf->list[i];
	return NULL;
}

/* Note where the value, as it is now, has its end from. */
static void
piece_add(const struct pdns_conf *conf, struct pdns_conf_setting *setting)
{
	setting->pieces = mem_resize(setting->pieces, setting->piece_count + 1,
	    sizeof(*setting->pieces));
	setting->pieces[setting->piece_count++] = (struct pdns_conf_piece){
		.end = strlen(setting->value),
		.file = conf->path != NULL ? mem_string(conf->path) : NULL,
	};
}

/* Set it, or add to it; an empty one that is added to becomes the value. */
static void
setting_put(
    struct pdns_conf *conf, const char *name, const char *value, bool is_more)
{
	struct pdns_conf_setting *setting = setting_find(conf, name);
	char *old;

	if (setting == NULL) {
		conf->list = mem_resize(
		    conf->list, conf->count + 1, sizeof(*conf->list));
		setting = &conf->list[conf->count++];
		*setting = (struct pdns_conf_setting){
			.name = mem_string(name),
			.value = mem_string(value),
		};
		piece_add(conf, setting);
		return;
	}
	if (!is_more)
		pieces_free(setting);
	old = setting->value;
	setting->value = is_more && old[0] != '\0'
			     ? mem_format("%s, %s", old, value)
			     : mem_string(value);
	free(old);
	piece_add(conf, setting);
}

/* Cut white space from the end of a text of `len` octets. */
static size_t
trim_end(const char *text, size_t len)
{
	while (len > 0 && strchr(white, text[len - 1]) != NULL)
		len--;
	return len;
}

/* Cut a comment; "#" inside a word is none. */
static void
comment_cut(char *line)
{
	char *hash = strchr(line, '#');

	/* Only the first one is looked at, as PowerDNS does. */
	if (hash != NULL && (hash == line || strchr(white, hash[-1]) != NULL))
		*hash = '\0';
}

/* Read a whole line, which is changed. */
static void
line_read(struct pdns_conf *conf, char *line)
{
	char *name = line + strspn(line, white);
	char *value;
	char *more;
	bool is_more;

	comment_cut(line);
	line[trim_end(line, strlen(line))] = '\0';
	if (name >= line + strlen(line))
		return;
	more = strstr(name, "+=");
	value = strchr(name, '=');
	/* "a=b+=c" adds to the setting "a=b": PowerDNS looks for += first. */
	is_more = more != NULL;
	if (is_more) {
		*more = '\0';
		value = more + 2;
	} else if (value != NULL) {
		*value++ = '\0';
	} else {
		value = name + strlen(name);
	}
	name[trim_end(name, strlen(name))] = '\0';
	if (name[0] != '\0')
		setting_put(conf, name, value + strspn(value, " \t"), is_more);
}

enum status
pdns_conf_parse(struct pdns_conf *conf, const char *text, size_t len,
    struct problem *problem)
{
	struct buf line = { 0 };
	enum status status = STATUS_OK;
	size_t number = 0;

	for (size_t at = 0; at < len && status == STATUS_OK;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t piece = end != NULL ? (size_t)(end - text) - at
					   : len - at;
		size_t used = trim_end(text + at, piece);

		number++;
		if (memchr(text + at, '\0', piece) != NULL) {
			problem_set(problem, "line %zu: NUL octet", number);
			status = STATUS_MALFORMED;
		} else if (conf->count >= PDNS_CONF_SETTINGS_MAX) {
			problem_set(
			    problem, "line %zu: too many settings", number);
			status = STATUS_LIMIT;
		} else if (used > 0 && text[at + used - 1] == '\\') {
			buf_add(&line, text + at, used - 1);
		} else {
			buf_add(&line, text + at, used);
			/* Writable: buf_text() points into line.data. */
			(void)buf_text(&line);
			line_read(conf, line.data);
			buf_clear(&line);
		}
		at += piece + 1;
	}
	buf_fini(&line);
	return status;
}

static enum status
file_parse(struct pdns_conf *conf, const char *path, struct problem *problem)
{
	struct buf text = { 0 };
	enum status status;

	status = file_read(path, PDNS_CONF_FILE_MAX, &text, NULL, problem);
	if (status == STATUS_OK) {
		conf->path = path;
		status = pdns_conf_parse(
		    conf, buf_text(&text), text.len, problem);
		conf->path = NULL;
		if (status != STATUS_OK)
			problem_prefix(problem, "%s", path);
	}
	buf_fini(&text);
	return status;
}

static int
name_compare(const void *a, const void *b)
{
	const char *const *first = a;
	const char *const *second = b;

	return strcasecmp(*first, *second);
}

/* Gather the files of an include-dir, in the order of PowerDNS. */
static enum status
includes_list(
    const char *directory, struct paths *files, struct problem *problem)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;

	if (dir == NULL) {
		problem_set(problem, "%s: %s", directory, strerror(errno));
		return errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
	}
	while ((entry = readdir(dir)) != NULL &&
	       files->count < PDNS_CONF_FILES_MAX) {
		size_t len = strlen(entry->d_name);
		char *path;

		if (entry->d_name[0] == '.' || len < 5 ||
		    strcmp(entry->d_name + len - 5, ".conf") != 0)
			continue;
		path = mem_format("%s/%s", directory, entry->d_name);
		paths_add(files, path);
		free(path);
	}
	(void)closedir(dir);
	if (files->count > 0)
		qsort(files->list, files->count, sizeof(*files->list),
		    name_compare);
	return STATUS_OK;
}

enum status
pdns_conf_load(
    const char *path, struct pdns_conf *ret_conf, struct problem *problem)
{
	struct pdns_conf conf = { 0 };
	struct paths files = { 0 };
	const char *directory;
	enum status status = file_parse(&conf, path, problem);

	if (status == STATUS_OK) {
		directory = pdns_conf_get(&conf, "include-dir", "");
		if (directory[0] != '\0')
			status = includes_list(directory, &files, problem);
	}
	for (size_t i = 0; i < files.count && status == STATUS_OK; i++)
		status = file_parse(&conf, files.list[i], problem);
	paths_fini(&files);
	if (status == STATUS_OK)
		*ret_conf = conf;
	else
		pdns_conf_fini(&conf);
	return status;
}

const char *
pdns_conf_get(
    const struct pdns_conf *conf, const char *name, const char *fallback)
{
	const struct pdns_conf_setting *setting = setting_find(conf, name);

	return setting != NULL ? setting->value : fallback;
}

const char *
pdns_conf_file(const struct pdns_conf *conf, const char *name, size_t offset)
{
	const struct pdns_conf_setting *setting = setting_find(conf, name);

	for (size_t i = 0; setting != NULL && i < setting->piece_count; i++)
		if (offset < setting->pieces[i].end)
			return setting->pieces[i].file;
	return NULL;
}

bool
pdns_conf_is_on(const char *value)
{
	return strcmp(value, "no") != 0 && strcmp(value, "off") != 0;
}

size_t
pdns_conf_word(const char **at, const char **ret_word)
{
	static const char separators[] = " ,\t\r\n";

	*ret_word = *at + strspn(*at, separators);
	*at = *ret_word + strcspn(*ret_word, separators);
	return (size_t)(*at - *ret_word);
}
