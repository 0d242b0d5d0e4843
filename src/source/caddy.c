/* SPDX-License-Identifier: MIT */
/*
 * Caddy's data directory (certmagic's file storage): NAME.crt in
 * certificates/ISSUER/NAME/ is the chain of the lineage NAME.  Caddy 2.6 writes
 * in place, 2.11 renames into place; the old one is not kept.  Of several
 * issuers Caddy serves the newest certificate.
 */
#include "kinds.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"
#include "formats/date.h"

static const char below[] = "certificates";

/* The first that cannot be looked at counts: nobody knows what is there. */
static void
unseen_note(struct problem *unseen, const struct problem *problem)
{
	if (unseen->text[0] == '\0')
		*unseen = *problem;
}

static enum status
unseen_status(const struct problem *unseen, struct problem *problem)
{
	if (unseen->text[0] == '\0')
		return STATUS_OK;
	problem_set(problem, "%s", unseen->text);
	return STATUS_IO;
}

/* Who is told of the lineages of each issuer. */
struct listing {
	void (*found)(const char *name, void *arg);
	void *arg;
	struct problem unseen; /* "": all could be looked at */
};

static void
issuer_found(const char *entry, const char *path, void *arg)
{
	struct listing *listing = arg;
	struct problem problem = { "" };
	enum presence presence = path_presence_directory(path, &problem);

	(void)entry;
	if (presence == PRESENCE_UNKNOWN ||
	    (presence == PRESENCE_YES &&
		source_find(path, source_name_directory, listing->found,
		    listing->arg, &problem) == STATUS_IO))
		unseen_note(&listing->unseen, &problem);
}

static enum status
caddy_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	struct listing listing = { found, arg, { "" } };
	char *all = source_directory(source->path, below, ROLE_LINEAGES);
	enum status status = source_list(
	    all, LIMIT_ENTRIES, issuer_found, &listing, problem);

	free(all);
	return status != STATUS_OK ? status
				   : unseen_status(&listing.unseen, problem);
}

/* The newest chain of a lineage among those of all issuers. */
struct newest {
	const char *name;
	char *file;      /* or NULL */
	char *directory; /* of its issuer */
	int64_t modified;
	struct paths all;      /* where there is one, or may be */
	struct problem unseen; /* "": all could be looked at */
};

static void
newest_found(const char *entry, const char *path, void *arg)
{
	struct newest *newest = arg;
	char *file = mem_format(
	    "%s/%s/%s.crt", path, newest->name, newest->name);
	struct fingerprint print;
	struct problem problem = { "" };

	(void)entry;
	paths_add(&newest->all, file);
	if (path_presence(file, &problem) == PRESENCE_UNKNOWN)
		unseen_note(&newest->unseen, &problem);
	else if (file_fingerprint(file, &print) &&
		 (newest->file == NULL || print.modified > newest->modified)) {
		free(newest->file);
		free(newest->directory);
		newest->file = mem_string(file);
		newest->directory = mem_string(path);
		newest->modified = print.modified;
	}
	free(file);
}

static void
newest_fini(struct newest *newest)
{
	free(newest->file);
	free(newest->directory);
	paths_fini(&newest->all);
}

static int64_t
date_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	int64_t when = 0;

	/* What Go has not set is in the year 1, which is no date to us. */
	if (text != NULL && !date_read(text, &when))
		return 0;
	return when;
}

/*
 * Return when Caddy (2.8 or later) renews: at a time of its choice within the
 * window that the CA suggests (RFC 9773 s4.2; certmagic, certNeedsRenewal()).
 * Where it has not chosen, the middle is the best guess.  Or 0.
 */
static int64_t
renews_at(const json_t *info)
{
	const json_t *window = json_object_get(info, "suggestedWindow");
	int64_t chosen = date_of(info, "_selectedTime");
	int64_t start = date_of(window, "start");
	int64_t end = date_of(window, "end");

	if (chosen != 0 || start == 0 || end < start)
		return chosen;
	return start + (end - start) / 2;
}

/*
 * NAME.json beside it says whom Caddy asked, and what of renewals it was told.
 * Whether the key is reused it does not say: Caddy 2.6 did, 2.11 makes a new
 * one.
 */
static void
plan_fill(const char *file, struct location *location)
{
	char *stem = mem_copy(file, strlen(file) - strlen(".crt"));
	char *json = mem_format("%s.json", stem);
	struct buf text = { 0 };
	json_t *root = NULL;
	const json_t *issuer;
	const char *server;

	paths_add(&location->watched, json);
	if (file_read(json, LIMIT_RENEWAL_FILE, &text, NULL, NULL) == STATUS_OK)
		root = json_loadb(text.data, text.len, 0, NULL);
	issuer = json_object_get(root, "issuer_data");
	server = json_string_value(json_object_get(issuer, "ca"));
	if (server != NULL)
		location->plan.server = mem_string(server);
	location->plan.renews = renews_at(
	    json_object_get(issuer, "renewal_info"));
	json_decref(root);
	buf_fini(&text);
	free(json);
	free(stem);
}

static enum status
caddy_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	struct location location = { .is_candidate = true };
	struct newest newest = { .name = name };
	char *all = source_directory(source->path, below, ROLE_LINEAGES);
	enum status status = source_list(
	    all, LIMIT_ENTRIES, newest_found, &newest, problem);

	/* One that cannot be seen may be the newest. */
	if (status == STATUS_OK)
		status = unseen_status(&newest.unseen, problem);
	/* A store that is gone as a whole has deleted nothing. */
	if (status == STATUS_ABSENT)
		status = STATUS_OK;
	else if (status == STATUS_OK && newest.file == NULL && last != NULL)
		status = source_removed(all, &newest.all, NULL, problem);
	if (status != STATUS_OK)
		goto out;
	if (newest.file != NULL)
		location.file = mem_string(newest.file);
	else
		location.file = last != NULL
				    ? mem_string(last)
				    : mem_format("%s/%s.crt", all, name);
	status = path_follow(location.file, source->path, &location.watched,
	    &location.target, problem);
	for (size_t i = 0; i < newest.all.count; i++)
		paths_add(&location.watched, newest.all.list[i]);
	if (newest.file != NULL)
		plan_fill(newest.file, &location);
out:
	newest_fini(&newest);
	free(all);
	if (status == STATUS_OK)
		*ret_location = location;
	else
		location_fini(&location);
	return status;
}

static char *
caddy_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, below, role);
}

/* Lineages lie one below: a new one is found by a look at the whole. */
static void
inside_found(const char *entry, const char *path, void *arg)
{
	char *inside = mem_format("%s/", path);

	(void)entry;
	if (path_is_directory(path))
		paths_add(arg, inside);
	free(inside);
}

static void
caddy_more(const struct config_source *source, struct paths *paths)
{
	char *all = source_directory(source->path, below, ROLE_LINEAGES);

	(void)source_list(all, LIMIT_ENTRIES, inside_found, paths, NULL);
	free(all);
}

static char *
caddy_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	*ret_discover = name[0] != '.' &&
			(role != ROLE_ROOT || strcmp(name, below) == 0);
	return NULL;
}

static char *
caddy_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	char *directory = path_directory(file);
	char *key = mem_format("%s/%s.key", directory, name);

	(void)source;
	free(directory);
	return key;
}

const struct source_ops source_caddy = {
	.discover = caddy_discover,
	.locate = caddy_locate,
	.directory = caddy_directory,
	.more = caddy_more,
	.lineage_of = caddy_lineage_of,
	.key_of = caddy_key_of,
};
