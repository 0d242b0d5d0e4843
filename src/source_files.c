/* SPDX-License-Identifier: MIT */
/*
 * A plain directory: NAME.pem is the chain of the lineage NAME, and so is
 * NAME/fullchain.pem.
 */
#include "source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

static const char suffix[] = ".pem";

/* Return NAME of NAME.pem, or NULL; free() it. */
static char *
pem_lineage(const char *file)
{
	size_t len = strlen(file);
	size_t tail = sizeof(suffix) - 1;

	/* Hidden ones are somebody's temporary files. */
	if (len <= tail || strcmp(file + len - tail, suffix) != 0 ||
	    file[0] == '.' || file_is_key(file))
		return NULL;
	return mem_copy(file, len - tail);
}

struct listing {
	void (*found)(const char *name, void *arg);
	void *arg;
};

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
entry_found(const char *name, const char *path, void *arg)
{
	const struct listing *listing = arg;
	char *lineage = pem_lineage(name);

	if (lineage != NULL)
		listing->found(lineage, listing->arg);
	else if (is_directory(path))
		listing->found(name, listing->arg);
	free(lineage);
}

static enum status
files_discover(const char *path, void (*found)(const char *name, void *arg),
    void *arg, struct problem *problem)
{
	struct listing listing = { found, arg };

	return source_list(path, entry_found, &listing, problem);
}

static void
any_found(const char *name, const char *path, void *arg)
{
	bool *any = arg;

	(void)name;
	(void)path;
	*any = true;
}

/*
 * A file that is missing was moved, or is about to be written again, for all
 * we know; only a directory that is gone was deliberately removed, and not if
 * nothing else is left either: that is what a file system leaves that is no
 * longer mounted.
 */
static enum status
removed_check(const char *path, const char *directory, struct problem *problem)
{
	bool any = false;
	enum presence presence = path_presence(directory, problem);
	enum status status;

	if (presence == PRESENCE_UNKNOWN)
		return STATUS_IO;
	if (presence == PRESENCE_YES)
		return STATUS_OK;
	status = source_list(path, any_found, &any, problem);
	if (status == STATUS_IO)
		return status;
	return status == STATUS_OK && any ? STATUS_ABSENT : STATUS_OK;
}

/*
 * dehydrated and acme.sh keep the next private key beside the certificate.
 * That is never opened: a hook puts its public half there (pdns-tlsa(8)).
 */
static void
staged_add(struct location *location, const char *directory)
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

	if (presence == PRESENCE_UNKNOWN)
		status = STATUS_IO;
	else if (presence == PRESENCE_NO && was_inner)
		status = removed_check(path, directory, problem);
	if (status != STATUS_OK)
		goto out;
	if (presence == PRESENCE_NO && (was_inner || is_directory(directory))) {
		location.is_candidate = true;
		location.file = mem_string(inner);
	} else {
		location.file = mem_string(file);
	}
	status = path_follow(
	    location.file, &location.watched, &location.target, problem);
	if (location.is_candidate)
		staged_add(&location, directory);
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
	return role == ROLE_LINEAGES ? mem_string(path) : NULL;
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
