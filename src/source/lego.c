/* SPDX-License-Identifier: MIT */
/*
 * lego's directory: certificates/NAME.crt is the chain of the lineage NAME or,
 * with --no-bundle, its leaf, to which NAME.issuer.crt belongs.  All is written
 * in place, NAME.crt first (lego 4 and 5).  What is no longer wanted is moved
 * to archives/.  NAME.pem has the key in it and is none of ours.
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entries.h"

static const char below[] = "certificates";

/* What lego writes of a lineage, longer endings first. */
static const char *const endings[] = { ".issuer.crt", ".crt", ".json" };

/* Return NAME of NAME.crt and so on, or NULL; free() it. */
static char *
name_of(const char *entry, const char *path)
{
	char *stem = NULL;

	(void)path;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		stem = source_stem(entry, endings[i]);
		if (stem != NULL)
			break;
	}
	return stem;
}

static enum status
lego_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	const char *path = source->path;
	char *directory = source_directory(path, below, ROLE_LINEAGES);
	enum status status = source_find(
	    directory, name_of, found, arg, problem);

	free(directory);
	return status;
}

/* Archived or removed by hand.  The .json goes with the rest. */
static enum status
removed_check(const char *directory, const char *name, struct problem *problem)
{
	struct paths parts = { 0 };
	enum status status;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *file = mem_format("%s/%s%s", directory, name, endings[i]);

		paths_add(&parts, file);
		free(file);
	}
	status = source_removed(directory, &parts, NULL, problem);
	paths_fini(&parts);
	return status;
}

/*
 * Whether the key is reused, and which server is asked, lego is told by
 * options at each run and does not write down: the plan stays unknown.
 */
static enum status
lego_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	const char *path = source->path;
	struct location location = { 0 };
	char *directory = source_directory(path, below, ROLE_LINEAGES);
	char *end = NULL;
	enum status status = removed_check(directory, name, problem);

	(void)last;
	if (status != STATUS_OK)
		goto out;
	location.is_candidate = true;
	location.file = mem_format("%s/%s.crt", directory, name);
	location.issuers = mem_format("%s/%s.issuer.crt", directory, name);
	status = path_follow(location.file, source->path, &location.watched,
	    &location.target, problem);
	if (status == STATUS_OK)
		status = path_follow(location.issuers, source->path,
		    &location.watched, &end, problem);
out:
	free(directory);
	free(end);
	if (status == STATUS_OK)
		*ret_location = location;
	else
		location_fini(&location);
	return status;
}

static char *
lego_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, below, role);
}

static char *
lego_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	*ret_discover = role == ROLE_ROOT && strcmp(name, below) == 0;
	return role == ROLE_LINEAGES ? name_of(name, NULL) : NULL;
}

static char *
lego_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	(void)file;
	return mem_format("%s/%s/%s.key", source->path, below, name);
}

const struct source_ops source_lego = {
	.discover = lego_discover,
	.locate = lego_locate,
	.directory = lego_directory,
	.lineage_of = lego_lineage_of,
	.key_of = lego_key_of,
};
