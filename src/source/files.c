/* SPDX-License-Identifier: MIT */
/*
 * A plain directory.  The patterns of `match` say which files in it, and in the
 * directories in it, may be chains: a file NAME.pem is one of the lineage NAME,
 * and so is a file in the directory NAME.  Of several, that of the first
 * pattern counts.
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/glob.h"
#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"
#include "files/chain_file.h"
#include "files/pattern.h"

/* Return the lineage of a file in the source itself, or NULL; free() it. */
static char *
file_lineage(const struct config_source *source, const char *entry)
{
	for (size_t i = 0; i < source->match_count; i++) {
		struct file_pattern pattern = file_pattern_of(source->match[i]);

		if (pattern.directory == NULL &&
		    file_pattern_matches(pattern.file, entry))
			return file_stem(entry);
	}
	return NULL;
}

static bool
has_directories(const struct config_source *source, const char *name)
{
	for (size_t i = 0; i < source->match_count; i++) {
		struct file_pattern pattern = file_pattern_of(source->match[i]);

		if (file_pattern_is_for(&pattern, name))
			return true;
	}
	return false;
}

struct listing {
	const struct config_source *source;
	void (*found)(const char *name, void *arg);
	void *arg;
};

static void
entry_found(const char *entry, const char *path, void *arg)
{
	const struct listing *listing = arg;
	char *lineage = path_is_directory(path)
			    ? NULL
			    : file_lineage(listing->source, entry);

	if (lineage != NULL)
		listing->found(lineage, listing->arg);
	else if (has_directories(listing->source, entry) &&
		 path_presence_directory(path, NULL) != PRESENCE_NO)
		listing->found(entry, listing->arg);
	free(lineage);
}

static enum status
files_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	struct listing listing = { source, found, arg };

	return source_list(
	    source->path, LIMIT_LINEAGES, entry_found, &listing, problem);
}

/* ---- the files that a lineage may have, the first pattern's first ---- */

struct candidates {
	const char *name; /* of the lineage */
	const char *pattern;
	const char *stem; /* that a file must have; NULL: any */
	struct paths paths;
	size_t literal; /* of the first that its pattern names, plus 1; or 0 */
	bool has_more;  /* than are seen */
};

static void
candidate_found(const char *entry, const char *path, void *arg)
{
	struct candidates *candidates = arg;
	char *stem = file_stem(entry);

	if (file_pattern_matches(candidates->pattern, entry) &&
	    (candidates->stem == NULL || strcmp(stem, candidates->stem) == 0)) {
		if (candidates->paths.count == LIMIT_CANDIDATES)
			candidates->has_more = true;
		else
			paths_add(&candidates->paths, path);
	}
	free(stem);
}

static void
directory_add(struct candidates *candidates, const char *directory,
    const char *pattern, const char *stem)
{
	size_t before = candidates->paths.count;

	candidates->pattern = pattern;
	candidates->stem = stem;
	candidates->has_more |= source_list(directory,
				    stem != NULL ? LIMIT_LINEAGES
						 : LIMIT_ENTRIES,
				    candidate_found, candidates,
				    NULL) == STATUS_LIMIT;
	paths_sort(&candidates->paths, before);
}

static void
file_add(struct candidates *candidates, const char *directory, const char *file)
{
	char *path = mem_format("%s/%s", directory, file);

	if (!file_pattern_skips(file) &&
	    path_presence(path, NULL) != PRESENCE_NO)
		paths_add(&candidates->paths, path);
	free(path);
}

/* NAME.ENDING, where the pattern tells the ending: without listing all. */
static void
top_add(const struct config_source *source, struct candidates *candidates,
    const char *pattern)
{
	const char *dot = strrchr(pattern, '.');
	const char *ending = dot != NULL ? dot : "";
	char *file;

	if (!file_pattern_is_literal(ending) ||
	    (dot == NULL && !file_pattern_is_literal(pattern))) {
		directory_add(
		    candidates, source->path, pattern, candidates->name);
		return;
	}
	file = mem_format("%s%s", candidates->name, ending);
	if (file_pattern_matches(pattern, file))
		file_add(candidates, source->path, file);
	free(file);
}

/* A file of the directory's own name first, then all that match. */
static void
inner_add(
    struct candidates *candidates, const char *directory, const char *pattern)
{
	size_t before = candidates->paths.count;

	if (file_pattern_is_literal(pattern)) {
		file_add(candidates, directory, pattern);
		if (candidates->paths.count > before)
			candidates->literal = candidates->paths.count;
		return;
	}
	directory_add(candidates, directory, pattern, candidates->name);
	directory_add(candidates, directory, pattern, NULL);
}

/* A name in capitals, say: what no pattern tells is looked for. */
static void
rest_add(const struct config_source *source, struct candidates *candidates)
{
	for (size_t i = 0; i < source->match_count; i++)
		if (strchr(source->match[i], '/') == NULL)
			directory_add(candidates, source->path,
			    source->match[i], candidates->name);
}

static void
candidates_find(const struct config_source *source, const char *name,
    const char *directory, const char *last, struct candidates *candidates)
{
	bool is_directory = path_is_directory(directory);

	*candidates = (struct candidates){ .name = name };
	for (size_t i = 0; i < source->match_count && candidates->literal == 0;
	     i++) {
		struct file_pattern pattern = file_pattern_of(source->match[i]);

		if (pattern.directory == NULL)
			top_add(source, candidates, pattern.file);
		else if (is_directory && file_pattern_is_for(&pattern, name))
			inner_add(candidates, directory, pattern.file);
	}
	if (candidates->paths.count > 0)
		return;
	/* All of a directory is not listed for each file that is missing. */
	if (last == NULL)
		rest_add(source, candidates);
	else if (path_presence(last, NULL) != PRESENCE_NO &&
		 path_is_below(last, source->path))
		paths_add(&candidates->paths, last);
}

/* Whether the file's first certificate may be a leaf. */
static bool
has_leaf(const char *path)
{
	struct chain_file file = { 0 };
	struct ca_pool pool;
	bool has;

	ca_pool_init(&pool);
	has = chain_file_read(&pool, path, NULL, false, &file, NULL) ==
		  STATUS_OK &&
	      !chain_is_authority(file.chain);
	chain_file_fini(&file);
	ca_pool_fini(&pool);
	return has;
}

/*
 * Return the first from `at` on that holds a leaf.  One that a pattern names,
 * such as fullchain.pem, is taken at its word.
 */
static size_t
candidates_next(const struct candidates *candidates, size_t at)
{
	const struct paths *paths = &candidates->paths;

	while (at < paths->count && at + 1 != candidates->literal &&
	       !has_leaf(paths->list[at]))
		at++;
	return at;
}

/*
 * Choose a file; several in one directory are for a person to tell apart.  The
 * one that it was stays before those behind it: it may be being written.
 */
static const char *
candidates_choose(const struct candidates *candidates, const char *directory,
    const char *last, char **ret_warning)
{
	const struct paths *paths = &candidates->paths;
	size_t first;
	size_t second;

	if (paths->count < 2)
		return paths->count == 1 ? paths->list[0] : NULL;
	first = candidates_next(candidates, 0);
	for (size_t i = 0; last != NULL && i < first && i < paths->count; i++)
		if (strcmp(paths->list[i], last) == 0)
			return paths->list[i];
	if (first == paths->count)
		return paths->list[0];
	if (first + 1 == candidates->literal ||
	    !path_is_below(paths->list[first], directory))
		return paths->list[first];
	second = candidates_next(candidates, first + 1);
	if (second < paths->count)
		*ret_warning = mem_format(
		    "%s and %s are both in one directory, and only the first "
		    "is read; make the directory a source of its own",
		    paths->list[first], paths->list[second]);
	return paths->list[first];
}

/* That somebody means it: the way in which systemd masks a unit. */
static bool
is_masked(const char *file)
{
	static const char nowhere[] = "/dev/null";
	char target[sizeof(nowhere)];
	ssize_t len = readlink(file, target, sizeof(target));

	return len == (ssize_t)strlen(nowhere) &&
	       memcmp(target, nowhere, (size_t)len) == 0;
}

/* A file that is missing was moved, for all we know; a directory that is gone
 * was removed. */
static enum status
removed_check(const char *path, const char *directory, const char *last,
    struct problem *problem)
{
	struct paths parts = { 0 };
	enum status status = STATUS_OK;

	paths_add(&parts, directory);
	if (last != NULL && path_is_below(last, directory))
		status = source_removed(path, &parts, NULL, problem);
	paths_fini(&parts);
	return status;
}

static enum status
nowhere(const struct config_source *source, const char *directory,
    const char *last, struct location *location, struct problem *problem)
{
	enum status status = removed_check(
	    source->path, directory, last, problem);

	location->is_candidate = true;
	if (last != NULL)
		location->file = mem_string(last);
	else
		location->file = path_is_directory(directory)
				     ? mem_format("%s/fullchain.pem", directory)
				     : mem_format("%s.pem", directory);
	return status;
}

static enum status
files_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	struct location location = { 0 };
	struct candidates candidates;
	char *directory = mem_format("%s/%s", source->path, name);
	enum presence presence = path_presence(source->path, problem);
	enum status status = STATUS_OK;
	const char *file;

	candidates_find(source, name, directory, last, &candidates);
	file = candidates_choose(
	    &candidates, directory, last, &location.warning);
	if (candidates.has_more) {
		free(location.warning);
		location.warning = mem_format(
		    "%s: has too many files, and only some are looked at; keep "
		    "others elsewhere, or see 'match' in pdns-tlsa.yaml(5)",
		    directory);
	}
	if (presence == PRESENCE_UNKNOWN ||
	    (file != NULL && path_presence(file, problem) == PRESENCE_UNKNOWN))
		status = STATUS_IO;
	else if (file != NULL && is_masked(file))
		status = STATUS_ABSENT;
	else if (file != NULL)
		location.file = mem_string(file);
	else
		status = nowhere(source, directory, last, &location, problem);
	if (status == STATUS_OK)
		status = path_follow(location.file, source->path,
		    &location.watched, &location.target, problem);
	if (status == STATUS_OK && path_is_directory(directory)) {
		char *inside = mem_format("%s/", directory);

		paths_add(&location.watched, inside);
		source_add_public(&location, directory);
		free(inside);
	}
	paths_fini(&candidates.paths);
	free(directory);
	if (status == STATUS_OK)
		*ret_location = location;
	else
		location_fini(&location);
	return status;
}

static char *
files_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, NULL, role);
}

static char *
files_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	char *lineage = file_lineage(source, name);

	(void)role;
	/* What else it is, a look at the whole will tell. */
	*ret_discover = lineage == NULL && !file_pattern_skips(name);
	return lineage;
}

/*
 * As people and programs name the pair: privkey.pem beside fullchain.pem,
 * key.pem beside crt.pem, tls.key beside tls.crt, NAME.key beside NAME.pem.
 */
static char *
files_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	char *directory = path_directory(file);
	const char *slash = strrchr(file, '/');
	char *stem = file_stem(slash != NULL ? slash + 1 : file);
	char *paths[] = { source_sibling(file, "fullchain", "privkey"),
		mem_format("%s/%s.key", directory, stem),
		mem_format("%s/privkey.pem", directory),
		mem_format("%s/key.pem", directory) };
	size_t count = sizeof(paths) / sizeof(paths[0]);
	char *key = NULL;

	(void)source;
	(void)name;
	for (size_t i = 0; i < count; i++) {
		/* The first is what there should be, if there is none. */
		if (paths[i] != NULL &&
		    (key == NULL || path_presence(key, NULL) == PRESENCE_NO) &&
		    (key == NULL ||
			path_presence(paths[i], NULL) == PRESENCE_YES)) {
			free(key);
			key = mem_string(paths[i]);
		}
	}
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(directory);
	free(stem);
	return key;
}

const struct source_ops source_files = {
	.discover = files_discover,
	.locate = files_locate,
	.directory = files_directory,
	.lineage_of = files_lineage_of,
	.key_of = files_key_of,
};
