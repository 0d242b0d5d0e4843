/* SPDX-License-Identifier: MIT */
/*
 * acmetool's state directory: live/HOST is a link to the directory of a
 * certificate, certs/ID, in which `fullchain` is the chain.  Each host of a
 * certificate has a link, and so a lineage of its own; at a renewal the link is
 * exchanged by rename(2) (acmetool 0.2).
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "entries.h"

static const char below[] = "live";

static enum status
acmetool_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	char *live = source_directory(source->path, below, ROLE_LINEAGES);
	enum status status = source_find(
	    live, source_name_directory, found, arg, problem);

	free(live);
	return status;
}

/* What it will do at a renewal it reads from files that do not tell of keys. */
static enum status
acmetool_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	char *live = source_directory(source->path, below, ROLE_LINEAGES);
	char *directory = mem_format("%s/%s", live, name);
	enum status status = source_locate_in(
	    live, name, "fullchain", NULL, ret_location, problem);

	(void)last;
	if (status == STATUS_OK)
		source_add_public(ret_location, directory);
	free(directory);
	free(live);
	return status;
}

static char *
acmetool_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, below, role);
}

static char *
acmetool_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	*ret_discover = role == ROLE_ROOT && strcmp(name, below) == 0;
	return role == ROLE_LINEAGES && name[0] != '.' ? mem_string(name)
						       : NULL;
}

static char *
acmetool_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	(void)source;
	(void)name;
	return source_sibling(file, "fullchain", "privkey");
}

const struct source_ops source_acmetool = {
	.discover = acmetool_discover,
	.locate = acmetool_locate,
	.directory = acmetool_directory,
	.lineage_of = acmetool_lineage_of,
	.key_of = acmetool_key_of,
};
