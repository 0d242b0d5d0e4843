/* SPDX-License-Identifier: MIT */
/*
 * uacme's directory: NAME/cert.pem is the chain of the lineage NAME, and
 * cert-TIME.pem, a second link to what it was before, an earlier generation.
 * private/ has the keys.  All that becomes cert.pem is renamed to it (uacme
 * 1.7, uacme(1)).
 */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

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

/*
 * A key that is there is used for ever: options for keys concern those that
 * uacme makes.  Without one the certificate is for a request of somebody else,
 * or we may not look.  Which server it asks, it is told at each run.
 */
static void
plan_fill(const char *path, const char *name, struct location *location)
{
	char *key = key_path(path, name);

	location->plan.is_known = path_presence(key, NULL) == PRESENCE_YES;
	location->plan.reuse_key = location->plan.is_known;
	paths_add(&location->watched, key);
	free(key);
}

static enum status
uacme_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	const char *path = source->path;
	enum status status = source_locate_in(
	    path, name, "cert.pem", ret_location, problem);
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
