/* SPDX-License-Identifier: MIT */
/*
 * A plain directory: NAME.pem is the chain of the lineage NAME, and so is
 * NAME/fullchain.pem.
 */
#include "source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

static const char suffix[] = ".pem";

/* Return NAME of NAME.pem, or NULL; free() it. */
static char *
pem_lineage(const char *file)
{
	return file_is_key(file) ? NULL : source_stem(file, suffix);
}

static char *
name_of(const char *entry, const char *path)
{
	char *lineage = pem_lineage(entry);

	return lineage != NULL ? lineage : source_name_directory(entry, path);
}

static enum status
files_discover(const char *path, void (*found)(const char *name, void *arg),
    void *arg, struct problem *problem)
{
	return source_find(path, name_of, found, arg, problem);
}

/* A file that is missing was moved, for all we know; a directory that is gone
 * was removed. */
static enum status
removed_check(const char *path, const char *directory, struct problem *problem)
{
	struct paths parts = { 0 };
	enum status status;

	paths_add(&parts, directory);
	status = source_removed(path, &parts, problem);
	paths_fini(&parts);
	return status;
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

static enum status
files_locate(const char *path, const char *name, const char *last,
    struct location *ret_location, struct problem *problem)
{
	struct location location = { 0 };
	char *directory = mem_format("%s/%s", path, name);
	char *inner = mem_format("%s/fullchain.pem", directory);
	char *file = mem_format("%s%s", directory, suffix);
	bool was_inner = last != NULL && strcmp(last, inner) == 0;
	enum presence presence = path_presence(file, problem);
	enum status status = STATUS_OK;

	if (is_masked(file))
		status = STATUS_ABSENT;
	else if (presence == PRESENCE_UNKNOWN)
		status = STATUS_IO;
	else if (presence == PRESENCE_NO && was_inner)
		status = removed_check(path, directory, problem);
	if (status != STATUS_OK)
		goto out;
	if (presence == PRESENCE_NO &&
	    (was_inner || path_is_directory(directory))) {
		location.is_candidate = true;
		location.file = mem_string(inner);
	} else {
		location.file = mem_string(file);
	}
	status = path_follow(
	    location.file, &location.watched, &location.target, problem);
	if (location.is_candidate)
		source_add_public(&location, directory);
out:
	free(directory);
	free(inner);
	free(file);
	if (status == STATUS_OK)
		*ret_location = location;
	else
		location_fini(&location);
	return status;
}

static char *
files_directory(const char *path, enum source_role role)
{
	return source_directory(path, NULL, role);
}

static char *
files_lineage_of(enum source_role role, const char *name, bool *ret_discover)
{
	char *lineage = pem_lineage(name);

	(void)role;
	*ret_discover = false;
	if (lineage != NULL || file_is_key(name) || name[0] == '.')
		return lineage;
	/* What it is, a look at the whole will tell. */
	*ret_discover = true;
	return NULL;
}

/* NAME/privkey.pem beside NAME/fullchain.pem, or NAME.key beside NAME.pem. */
static char *
files_key_of(const char *path, const char *name, const char *file)
{
	char *pair = source_sibling(file, "fullchain", "privkey");

	return pair != NULL ? pair : mem_format("%s/%s.key", path, name);
}

const struct source_ops source_files = {
	.discover = files_discover,
	.locate = files_locate,
	.directory = files_directory,
	.lineage_of = files_lineage_of,
	.key_of = files_key_of,
};
