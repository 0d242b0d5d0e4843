/* SPDX-License-Identifier: MIT */
#include "entries.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"

enum status
source_list(const char *directory, size_t limit,
    void (*found)(const char *name, const char *path, void *arg), void *arg,
    struct problem *problem)
{
	DIR *dir = opendir(directory);
	enum status status = STATUS_OK;
	const struct dirent *entry;
	int error;

	if (dir == NULL && (errno == ENOENT || errno == ENOTDIR)) {
		problem_set(problem, "%s: does not exist", directory);
		return STATUS_ABSENT;
	}
	if (dir == NULL) {
		problem_set(problem, "%s: %s%s", directory, strerror(errno),
		    errno == EACCES ? "; let our user or group list it" : "");
		return STATUS_IO;
	}
	/* NULL is the end, or a disk or a server that fails: not the same. */
	for (;;) {
		char *path;

		errno = 0;
		entry = readdir(dir);
		error = errno;
		if (entry == NULL || status != STATUS_OK)
			break;
		if (entry->d_name[0] == '.')
			continue;
		if (limit-- == 0) {
			problem_set(problem,
			    "%s: has too many entries; only some are seen",
			    directory);
			status = STATUS_LIMIT;
			continue;
		}
		path = mem_format("%s/%s", directory, entry->d_name);
		found(entry->d_name, path, arg);
		free(path);
	}
	(void)closedir(dir);
	errno = error;
	return error == 0 ? status : problem_errno(problem, directory);
}

char *
source_sibling(const char *file, const char *from, const char *to)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	size_t len = strlen(from);

	return strncmp(name, from, len) == 0
		   ? mem_format(
			 "%.*s%s%s", (int)(name - file), file, to, name + len)
		   : NULL;
}

/* Who wants to know of lineages. */
struct listing {
	source_name_of *name_of;
	void (*found)(const char *name, void *arg);
	void *arg;
};

static void
entry_found(const char *entry, const char *path, void *arg)
{
	const struct listing *listing = arg;
	char *name = listing->name_of(entry, path);

	if (name != NULL)
		listing->found(name, listing->arg);
	free(name);
}

enum status
source_find(const char *directory, source_name_of *name_of,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	struct listing listing = { name_of, found, arg };

	return source_list(
	    directory, LIMIT_LINEAGES, entry_found, &listing, problem);
}

char *
source_name_directory(const char *entry, const char *path)
{
	return path_presence_directory(path, NULL) != PRESENCE_NO
		   ? mem_string(entry)
		   : NULL;
}

char *
source_stem(const char *entry, const char *suffix)
{
	size_t len = strlen(entry);
	size_t tail = strlen(suffix);

	if (len <= tail || strcmp(entry + len - tail, suffix) != 0 ||
	    entry[0] == '.')
		return NULL;
	return mem_copy(entry, len - tail);
}

/* What else may be there. */
struct others {
	source_name_of *name_of; /* NULL: anything is one */
	bool any;
};

static void
other_found(const char *entry, const char *path, void *arg)
{
	struct others *others = arg;
	char *name = NULL;

	if (others->name_of != NULL && !others->any)
		name = others->name_of(entry, path);
	others->any |= others->name_of == NULL || name != NULL;
	free(name);
}

enum status
source_removed(const char *directory, const struct paths *parts,
    source_name_of *name_of, struct problem *problem)
{
	struct others others = { name_of, false };
	enum status status;

	for (size_t i = 0; i < parts->count; i++) {
		enum presence presence = path_presence(parts->list[i], problem);

		if (presence != PRESENCE_NO)
			return presence == PRESENCE_YES ? STATUS_OK : STATUS_IO;
	}
	status = source_list(
	    directory, LIMIT_ENTRIES, other_found, &others, problem);
	if (status == STATUS_IO)
		return status;
	return status == STATUS_OK && others.any ? STATUS_ABSENT : STATUS_OK;
}

enum status
source_locate_in(const char *directory, const char *name, const char *file,
    source_name_of *name_of, struct location *ret_location,
    struct problem *problem)
{
	struct location location = { .is_candidate = true };
	struct paths parts = { 0 };
	char *lineage = mem_format("%s/%s", directory, name);
	enum status status;

	paths_add(&parts, lineage);
	status = source_removed(directory, &parts, name_of, problem);
	if (status == STATUS_OK) {
		location.file = mem_format("%s/%s", lineage, file);
		status = path_follow(location.file, directory,
		    &location.watched, &location.target, problem);
	}
	paths_fini(&parts);
	free(lineage);
	if (status == STATUS_OK)
		*ret_location = location;
	else
		location_fini(&location);
	return status;
}

void
source_add_public(struct location *location, const char *directory)
{
	static const char *const names[] = { "pubkey.roll.pem",
		"pubkey.next.pem" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *file = mem_format("%s/%s", directory, names[i]);

		paths_add(&location->watched, file);
		if (access(file, F_OK) == 0)
			paths_add(&location->next, file);
		free(file);
	}
}

char *
source_directory(const char *path, const char *below, enum source_role role)
{
	if (role == ROLE_ROOT && below != NULL)
		return mem_string(path);
	if (role == ROLE_LINEAGES)
		return below != NULL ? mem_format("%s/%s", path, below)
				     : mem_string(path);
	return NULL;
}
