/* SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"

/* Earlier generations to look for; certbot keeps as many (since 2.3.0). */
enum { PAST_MAX = 5 };

void
location_fini(struct location *location)
{
	free(location->file);
	free(location->issuers);
	free(location->target);
	free(location->told_by);
	free(location->warning);
	paths_fini(&location->watched);
	paths_fini(&location->next);
	paths_fini(&location->past);
	free(location->plan.server);
	*location = (struct location){ 0 };
}

const struct source_ops *
source_ops(enum source_type type)
{
	static const struct source_ops *const table[] = {
		[SOURCE_CERTBOT] = &source_certbot,
		[SOURCE_FILES] = &source_files,
		[SOURCE_DEHYDRATED] = &source_dehydrated,
		[SOURCE_LEGO] = &source_lego,
		[SOURCE_UACME] = &source_uacme,
		[SOURCE_ACMESH] = &source_acmesh,
		[SOURCE_CADDY] = &source_caddy,
		[SOURCE_MOD_MD] = &source_mod_md,
		[SOURCE_ACMETOOL] = &source_acmetool,
	};

	return table[type];
}

const char *
source_empty_mend(const struct config_source *source)
{
	return source->type == SOURCE_FILES
		   ? "see 'match' in pdns-tlsa.yaml(5), or use the type of the "
		     "program that keeps it"
		   : "check its path and type";
}

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
	return path_is_directory(path) ? mem_string(entry) : NULL;
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

static void
any_found(const char *name, const char *path, void *arg)
{
	bool *any = arg;

	(void)name;
	(void)path;
	*any = true;
}

enum status
source_removed(
    const char *directory, const struct paths *parts, struct problem *problem)
{
	bool any = false;
	enum status status;

	for (size_t i = 0; i < parts->count; i++) {
		enum presence presence = path_presence(parts->list[i], problem);

		if (presence != PRESENCE_NO)
			return presence == PRESENCE_YES ? STATUS_OK : STATUS_IO;
	}
	status = source_list(
	    directory, LIMIT_ENTRIES, any_found, &any, problem);
	if (status == STATUS_IO)
		return status;
	return status == STATUS_OK && any ? STATUS_ABSENT : STATUS_OK;
}

enum status
source_locate_in(const char *directory, const char *name, const char *file,
    struct location *ret_location, struct problem *problem)
{
	struct location location = { .is_candidate = true };
	struct paths parts = { 0 };
	char *lineage = mem_format("%s/%s", directory, name);
	enum status status;

	paths_add(&parts, lineage);
	status = source_removed(directory, &parts, problem);
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

/* Return N of the file PREFIX<N>.pem, whatever its directory; or 0. */
static unsigned long
generation_number(const char *file, const char *prefix)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	size_t len = strlen(prefix);
	unsigned long number;
	char *end;

	if (strncmp(name, prefix, len) != 0 || name[len] < '1' ||
	    name[len] > '9')
		return 0;
	errno = 0;
	number = strtoul(name + len, &end, 10);
	return errno == 0 && strcmp(end, ".pem") == 0 ? number : 0;
}

/* The generations of a directory, by their numbers. */
struct numbers {
	const char *prefix;
	unsigned long *list;
	size_t count;
};

static void
number_found(const char *name, const char *path, void *arg)
{
	struct numbers *numbers = arg;
	unsigned long number = generation_number(name, numbers->prefix);

	(void)path;
	if (number == 0)
		return;
	numbers->list = mem_resize(
	    numbers->list, numbers->count + 1, sizeof(*numbers->list));
	numbers->list[numbers->count++] = number;
}

static int
newest_first(const void *a, const void *b)
{
	const unsigned long *one = a;
	const unsigned long *other = b;

	return (*one < *other) - (*one > *other);
}

/* The other files of the generation are there. */
static bool
is_complete(
    const char *directory, const char *const *others, unsigned long number)
{
	bool complete = true;

	for (size_t i = 0; complete && others[i] != NULL; i++) {
		char *file = mem_format(
		    "%s/%s%lu.pem", directory, others[i], number);

		complete = access(file, F_OK) == 0;
		free(file);
	}
	return complete;
}

static void
generation_add(struct location *location, unsigned long live, char *file,
    unsigned long number, bool may_be_next)
{
	if (number < live && location->past.count < PAST_MAX)
		paths_add(&location->past, file);
	else if (number > live && may_be_next)
		paths_add(&location->next, file);
	free(file);
}

void
source_add_generations(
    struct location *location, const char *prefix, const char *const *others)
{
	struct numbers numbers = { .prefix = prefix };
	unsigned long live = others == NULL
				 ? ULONG_MAX
				 : generation_number(location->target, prefix);
	char *directory = path_directory(location->target);
	char *inside = mem_format("%s/", directory);

	if (live > 0)
		(void)source_list(
		    directory, LIMIT_ENTRIES, number_found, &numbers, NULL);
	if (live > 0 && others != NULL)
		paths_add(&location->watched, inside);
	if (numbers.count > 0)
		qsort(numbers.list, numbers.count, sizeof(*numbers.list),
		    newest_first);
	for (size_t i = 0; i < numbers.count; i++)
		generation_add(location, live,
		    mem_format(
			"%s/%s%lu.pem", directory, prefix, numbers.list[i]),
		    numbers.list[i],
		    i == 0 && others != NULL &&
			is_complete(directory, others, numbers.list[i]));
	free(numbers.list);
	free(inside);
	free(directory);
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
