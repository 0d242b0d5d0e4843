/* SPDX-License-Identifier: MIT */
/*
 * The store of Apache's mod_md: domains/NAME/pubcert.pem is the chain of the
 * lineage NAME, and pubcert.KEY.pem that of NAME.KEY, of a domain with other or
 * more keys.  A renewal is made in staging/NAME, whose certificate is what
 * comes next, and at the next reload of Apache takes the place of the whole
 * directory, which goes to archive/NAME.N (mod_md 2.4).
 */
#include "kinds.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"

static const char below[] = "domains";
static const char stem[] = "pubcert";
static const char ending[] = ".pem";

/* ---- names ---- */

/*
 * Return the lineage of a file of the domain, or NULL: pubcert.pem is that of
 * the domain's name.  free() it.
 */
static char *
lineage_name(const char *domain, const char *file)
{
	char *rest = source_stem(file, ending);
	char *name = NULL;

	if (rest != NULL && strncmp(rest, stem, strlen(stem)) == 0 &&
	    (rest[strlen(stem)] == '\0' || rest[strlen(stem)] == '.'))
		name = mem_format("%s%s", domain, rest + strlen(stem));
	free(rest);
	return name;
}

struct listing {
	const char *domain;
	void (*found)(const char *name, void *arg);
	void *arg;
};

static void
file_found(const char *entry, const char *path, void *arg)
{
	const struct listing *listing = arg;
	char *name = lineage_name(listing->domain, entry);

	(void)path;
	if (name != NULL)
		listing->found(name, listing->arg);
	free(name);
}

static void
domain_found(const char *entry, const char *path, void *arg)
{
	struct listing listing = *(const struct listing *)arg;
	enum presence presence = path_presence_directory(path, NULL);

	listing.domain = entry;
	/* Of one that cannot be looked at, whoever reads it says why. */
	if (presence == PRESENCE_UNKNOWN ||
	    (presence == PRESENCE_YES &&
		source_list(path, LIMIT_ENTRIES, file_found, &listing, NULL) ==
		    STATUS_IO))
		listing.found(entry, listing.arg);
}

static enum status
mod_md_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	struct listing listing = { .found = found, .arg = arg };
	char *all = source_directory(source->path, below, ROLE_LINEAGES);
	enum status status = source_list(
	    all, LIMIT_LINEAGES, domain_found, &listing, problem);

	free(all);
	return status;
}

/*
 * A name with a key's kind behind it ends with one label that no domain of
 * mod_md does: it is the domain's if there is such a directory.
 */
static void
name_split(
    const char *all, const char *name, char **ret_domain, char **ret_file)
{
	const char *dot = strrchr(name, '.');
	char *whole = mem_format("%s/%s", all, name);
	bool is_whole = dot == NULL || path_is_directory(whole);

	free(whole);
	if (!is_whole) {
		char *domain = mem_copy(name, (size_t)(dot - name));
		char *directory = mem_format("%s/%s", all, domain);

		is_whole = !path_is_directory(directory);
		free(directory);
		if (is_whole)
			free(domain);
		else
			*ret_domain = domain;
	}
	if (is_whole)
		*ret_domain = mem_string(name);
	*ret_file = mem_format("%s%s%s", stem, is_whole ? "" : dot, ending);
}

/* ---- places ---- */

/* md.json says whom it asks; the key is a new one each time. */
static void
plan_fill(const char *directory, struct location *location)
{
	char *file = mem_format("%s/md.json", directory);
	struct buf text = { 0 };
	const json_t *ca;
	const char *server;
	json_t *root = NULL;

	paths_add(&location->watched, file);
	location->plan.is_known = true;
	if (file_read(file, LIMIT_RENEWAL_FILE, &text, NULL, NULL) == STATUS_OK)
		root = json_loadb(text.data, text.len, 0, NULL);
	ca = json_object_get(root, "ca");
	server = json_string_value(json_object_get(ca, "url"));
	if (server == NULL)
		server = json_string_value(
		    json_array_get(json_object_get(ca, "urls"), 0));
	if (server != NULL)
		location->plan.server = mem_string(server);
	json_decref(root);
	buf_fini(&text);
	free(file);
}

/* What waits for the next reload is published before. */
static void
staging_add(const char *path, const char *domain, const char *file,
    struct location *location)
{
	char *staged = mem_format("%s/staging/%s/%s", path, domain, file);

	paths_add(&location->watched, staged);
	if (access(staged, F_OK) == 0)
		paths_add(&location->next, staged);
	free(staged);
}

/* The directories archive/DOMAIN.N. */
struct archive {
	const char *domain;
	const char *file;
	struct paths paths; /* as they are listed */
};

static unsigned long
archive_number(const char *domain, const char *entry)
{
	size_t len = strlen(domain);
	unsigned long number;
	char *end;

	if (strncmp(entry, domain, len) != 0 || entry[len] != '.' ||
	    entry[len + 1] < '0' || entry[len + 1] > '9')
		return 0;
	number = strtoul(entry + len + 1, &end, 10);
	return *end == '\0' ? number : 0;
}

static void
archive_found(const char *entry, const char *path, void *arg)
{
	struct archive *archive = arg;
	char *file = mem_format("%s/%s", path, archive->file);

	if (archive_number(archive->domain, entry) > 0)
		paths_add(&archive->paths, file);
	free(file);
}

/* N counts up, so that the last one is the newest. */
static int
newest_first(const void *a, const void *b)
{
	return strverscmp(*(char *const *)b, *(char *const *)a);
}

static void
archive_add(const char *path, const char *domain, const char *file,
    struct location *location)
{
	struct archive archive = { .domain = domain, .file = file };
	char *directory = mem_format("%s/archive", path);

	(void)source_list(
	    directory, LIMIT_ENTRIES, archive_found, &archive, NULL);
	if (archive.paths.count > 1)
		qsort(archive.paths.list, archive.paths.count, sizeof(char *),
		    newest_first);
	for (size_t i = 0; i < archive.paths.count; i++)
		paths_add(&location->past, archive.paths.list[i]);
	paths_fini(&archive.paths);
	free(directory);
}

static enum status
mod_md_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	char *all = source_directory(source->path, below, ROLE_LINEAGES);
	char *domain = NULL;
	char *file = NULL;
	char *directory;
	enum status status;

	(void)last;
	name_split(all, name, &domain, &file);
	directory = mem_format("%s/%s", all, domain);
	status = source_locate_in(
	    all, domain, file, NULL, ret_location, problem);
	if (status == STATUS_OK) {
		staging_add(source->path, domain, file, ret_location);
		archive_add(source->path, domain, file, ret_location);
		plan_fill(directory, ret_location);
	}
	free(directory);
	free(domain);
	free(file);
	free(all);
	return status;
}

static char *
mod_md_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, below, role);
}

/* Which files a domain has, a look at the whole tells. */
static char *
mod_md_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	*ret_discover = name[0] != '.' &&
			(role != ROLE_ROOT || strcmp(name, below) == 0);
	return NULL;
}

static char *
mod_md_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	(void)source;
	(void)name;
	return source_sibling(file, stem, "privkey");
}

const struct source_ops source_mod_md = {
	.discover = mod_md_discover,
	.locate = mod_md_locate,
	.directory = mod_md_directory,
	.lineage_of = mod_md_lineage_of,
	.key_of = mod_md_key_of,
};
