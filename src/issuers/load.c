/* SPDX-License-Identifier: MIT */
#include "issuers/load.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/installed.h"
#include "base/limit.h"
#include "base/mem.h"
#include "files/file.h"

/* What a name of a file stands for, after the directories read so far. */
struct entry {
	char *file;             /* without directory */
	struct issuer_set *set; /* owned reference; NULL: removed */
};

struct load {
	struct issuers *issuers; /* that are made */
	const struct issuers *old;
	issuer_warn_fn *warn;
	void *arg;
	struct entry *entries;
	size_t count;
};

/* Say it now, and whoever asks later. */
static void
load_warn(struct load *load, const char *text)
{
	texts_add(&load->issuers->faults, text);
	load->warn(load->arg, text);
}

static const char table_ending[] = ".tsv";
static const char pem_ending[] = ".pem";

static bool
has_ending(const char *file, const char *ending)
{
	size_t len = strlen(file);

	return len > strlen(ending) &&
	       strcmp(file + len - strlen(ending), ending) == 0;
}

/* Return the entry of `file`, made if it is not there. */
static struct entry *
entry_get(struct load *load, const char *file)
{
	for (size_t i = 0; i < load->count; i++)
		if (strcmp(load->entries[i].file, file) == 0)
			return &load->entries[i];
	load->entries = mem_resize(
	    load->entries, load->count + 1, sizeof(*load->entries));
	load->entries[load->count] = (struct entry){ .file = mem_string(file) };
	return &load->entries[load->count++];
}

/* Put a set (its reference passes; may be NULL) in the place of the file. */
static void
entry_put(struct load *load, const char *file, struct issuer_set *set)
{
	struct entry *entry = entry_get(load, file);

	issuer_set_unref(entry->set);
	entry->set = set;
}

/* Parse what was in the file `path`. */
static enum status
set_parse(const char *file, const char *path, const char *text, size_t len,
    struct issuer_set **ret_set, struct problem *problem)
{
	bool is_pem = has_ending(file, pem_ending);
	char *name = mem_copy(file, strlen(file) - strlen(pem_ending));
	enum status status;

	status = is_pem ? issuer_set_parse_pem(
			      name, path, text, len, ret_set, problem)
			: issuer_set_parse(
			      name, path, text, len, ret_set, problem);
	free(name);
	return status;
}

static void
load_builtins(struct load *load)
{
	for (const struct issuer_builtin *i = issuer_builtins; i->file != NULL;
	     i++) {
		char *path = mem_format("%s in the program", i->file);
		struct issuer_set *set = NULL;
		enum status status;

		status = set_parse(
		    i->file, path, (const char *)i->text, i->len, &set, NULL);
		assert(status == STATUS_OK);
		(void)status;
		entry_put(load, i->file, set);
		free(path);
	}
}

/* Empty, or /dev/null: the file says that there is no such set. */
static bool
is_removal(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	if (S_ISCHR(st.st_mode))
		return major(st.st_rdev) == 1 && minor(st.st_rdev) == 3;
	return S_ISREG(st.st_mode) && st.st_size == 0;
}

/* Return what was read from `path` the last time, borrowed, or NULL. */
static struct issuer_set *
old_find(const struct issuers *old, const char *path)
{
	for (size_t i = 0; old != NULL && i < old->count; i++)
		if (strcmp(old->sets[i]->file, path) == 0)
			return old->sets[i];
	return NULL;
}

/* The file cannot be used: find what can be used instead, and say so. */
static void
load_fallback(struct load *load, const char *file, const char *path,
    const struct problem *problem)
{
	struct issuer_set *old = old_find(load->old, path);
	struct entry *entry = entry_get(load, file);
	char *text;

	if (old != NULL) {
		entry_put(load, file, issuer_set_ref(old));
		text = mem_format(
		    "%s; what was read from it before stays", problem->text);
	} else if (entry->set != NULL) {
		text = mem_format(
		    "%s; %s is used instead", problem->text, entry->set->file);
	} else {
		text = mem_format("%s; the file is left out", problem->text);
	}
	load_warn(load, text);
	free(text);
}

static void
load_file(struct load *load, const char *directory, const char *file)
{
	char *path = mem_format("%s/%s", directory, file);
	struct issuer_set *set = NULL;
	struct buf text = { 0 };
	struct problem problem;
	enum status status;

	if (is_removal(path)) {
		entry_put(load, file, NULL);
		free(path);
		return;
	}
	status = file_read(path, LIMIT_ISSUER_FILE, &text, NULL, &problem);
	if (status == STATUS_OK)
		status = set_parse(
		    file, path, buf_text(&text), text.len, &set, &problem);
	if (status == STATUS_OK)
		entry_put(load, file, set);
	else
		load_fallback(load, file, path, &problem);
	buf_fini(&text);
	free(path);
}

/* An editor's and a package manager's temporary files end otherwise. */
static int
is_wanted(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       (has_ending(entry->d_name, table_ending) ||
		   has_ending(entry->d_name, pem_ending));
}

static int
name_compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The whole directory cannot be read; `error` is from errno(3). */
static void
load_unreadable(struct load *load, const char *directory, int error)
{
	bool is_default = strcmp(directory, installed_issuers_shipped) == 0 ||
			  strcmp(directory, installed_issuers_local) == 0;
	bool is_absent = error == ENOENT || error == ENOTDIR;
	const struct issuers *old = load->old;
	size_t len = strlen(directory);
	char *text;

	if (is_absent && is_default)
		return;
	text = mem_format("%s: %s; %swhat was read from it before stays",
	    directory, strerror(error),
	    is_absent ? "create it or take it out of 'issuers'; until then "
		      : "");
	load_warn(load, text);
	free(text);
	for (size_t i = 0; old != NULL && i < old->count; i++) {
		struct issuer_set *set = old->sets[i];
		const char *slash = strrchr(set->file, '/');

		if (slash != NULL && (size_t)(slash - set->file) == len &&
		    strncmp(set->file, directory, len) == 0)
			entry_put(load, slash + 1, issuer_set_ref(set));
	}
}

static void
load_directory(struct load *load, const char *directory)
{
	struct dirent **names = NULL;
	int count = scandir(directory, &names, is_wanted, name_compare);

	if (count < 0) {
		load_unreadable(load, directory, errno);
		return;
	}
	if (count > LIMIT_ISSUER_FILES) {
		char *text = mem_format(
		    "%s: more than %d files; the rest is left out", directory,
		    LIMIT_ISSUER_FILES);

		load_warn(load, text);
		free(text);
	}
	for (int i = 0; i < count; i++) {
		if (i < LIMIT_ISSUER_FILES)
			load_file(load, directory, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

struct issuers *
issuers_load(const char *const *directories, size_t count,
    const struct issuers *old, issuer_warn_fn *warn, void *arg)
{
	struct issuers *issuers = issuers_new();
	struct load load = { issuers, old, warn, arg, NULL, 0 };

	load_builtins(&load);
	for (size_t i = 0; i < count; i++)
		load_directory(&load, directories[i]);
	for (size_t i = 0; i < load.count; i++) {
		if (load.entries[i].set != NULL)
			issuers_add(issuers, load.entries[i].set);
		free(load.entries[i].file);
	}
	free(load.entries);
	return issuers;
}
