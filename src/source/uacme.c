/* SPDX-License-Identifier: MIT */
/*
 * uacme's directory: NAME/cert.pem is the chain of the lineage NAME, and
 * cert-TIME.pem, a second link to what it was before, an earlier generation.
 * private/ has the keys.  All that becomes cert.pem is renamed to it (uacme
 * 1.7, uacme(1)).
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"
#include "generations.h"

static const char keys[] = "private";

static char *
name_of(const char *entry, const char *path)
{
	return strcmp(entry, keys) != 0 ? source_name_directory(entry, path)
					: NULL;
}

static enum status
uacme_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	const char *path = source->path;
	return source_find(path, name_of, found, arg, problem);
}

static char *
key_path(const char *path, const char *name)
{
	return mem_format("%s/%s/%s/key.pem", path, keys, name);
}

static void
rotated_found(const char *name, const char *path, void *arg)
{
	bool *is_rotated = arg;

	(void)path;
	*is_rotated |= strncmp(name, "key-", 4) == 0;
}

/*
 * A key that is there is used again, but for `uacme -k` (since 1.8), which is
 * told at each run: who did that once has the old one as key-TIME.pem.  Without
 * a key the certificate is for a request of somebody else, or we may not look.
 * Which server it asks, it is told at each run, too.
 */
static void
plan_fill(const char *path, const char *name, struct location *location)
{
	char *key = key_path(path, name);
	char *directory = path_directory(key);
	bool is_rotated = false;

	location->plan.is_known = path_presence(key, NULL) == PRESENCE_YES &&
				  source_list(directory, LIMIT_ENTRIES,
				      rotated_found, &is_rotated,
				      NULL) == STATUS_OK;
	location->plan.reuse_key = location->plan.is_known && !is_rotated;
	paths_add(&location->watched, key);
	free(directory);
	free(key);
}

static enum status
uacme_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	const char *path = source->path;
	enum status status = source_locate_in(
	    path, name, "cert.pem", name_of, ret_location, problem);
	char *directory;

	(void)last;
	if (status != STATUS_OK)
		return status;
	directory = mem_format("%s/%s", path, name);
	source_add_generations(ret_location, "cert-", NULL);
	source_add_public(ret_location, directory);
	plan_fill(path, name, ret_location);
	free(directory);
	return STATUS_OK;
}

static char *
uacme_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, NULL, role);
}

static char *
uacme_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	(void)role;
	*ret_discover = false;
	return name[0] == '.' || strcmp(name, keys) == 0 ? NULL
							 : mem_string(name);
}

static char *
uacme_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	(void)file;
	return key_path(source->path, name);
}

const struct source_ops source_uacme = {
	.discover = uacme_discover,
	.locate = uacme_locate,
	.directory = uacme_directory,
	.lineage_of = uacme_lineage_of,
	.key_of = uacme_key_of,
};
