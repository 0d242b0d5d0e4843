/* SPDX-License-Identifier: MIT */
/*
 * certbot's store: renewal/NAME.conf says where the lineage NAME lies, by
 * default live/NAME/fullchain.pem, a link into archive/NAME/
 * (certbot, storage.py).
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"
#include "formats/renewal.h"
#include "generations.h"

static const char suffix[] = ".conf";

/* NAME.conf is the renewal file of NAME. */
static char *
name_of(const char *entry, const char *path)
{
	(void)path;
	return source_stem(entry, suffix);
}

static enum status
certbot_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	const char *path = source->path;
	char *renewal = mem_format("%s/renewal", path);
	char *live = mem_format("%s/live", path);
	struct problem renewal_problem = { "" };
	enum status by_renewal = source_find(
	    renewal, name_of, found, arg, &renewal_problem);
	enum status by_live = source_find(
	    live, source_name_directory, found, arg, problem);

	free(renewal);
	free(live);
	/* One of the two is enough: many keep renewal/ to root. */
	if (by_renewal == STATUS_OK || by_live == STATUS_OK)
		return STATUS_OK;
	if (by_live == STATUS_ABSENT && by_renewal != STATUS_ABSENT) {
		problem_set(problem, "%s", renewal_problem.text);
		return by_renewal;
	}
	return by_live;
}

/*
 * Read the renewal file.  What cannot be read leaves the default layout, for
 * the certificates are what counts; what is wrong becomes a warning.
 */
static bool
renewal_load(const char *path, const char *name, struct renewal *ret,
    bool *ret_is_read, char **ret_warning)
{
	char *file = mem_format("%s/renewal/%s%s", path, name, suffix);
	struct buf text = { 0 };
	struct problem problem = { "" };
	enum status status = file_read(
	    file, LIMIT_RENEWAL_FILE, &text, NULL, &problem);
	bool exists = status != STATUS_ABSENT;

	*ret_is_read = false;
	if (status == STATUS_OK) {
		status = renewal_parse(text.data, text.len, ret, &problem);
		*ret_is_read = status == STATUS_OK;
		if (status != STATUS_OK)
			problem_prefix(&problem, "%s", file);
	} else if (status == STATUS_IO) {
		/* renewal/ is for root alone in many installations. */
		status = STATUS_ABSENT;
	}
	if (status != STATUS_OK && status != STATUS_ABSENT)
		*ret_warning = mem_format(
		    "%s; the default layout is used", problem.text);
	buf_fini(&text);
	free(file);
	return exists;
}

/* Take out of the renewal file what the policy asks for. */
static void
plan_fill(struct renewal *renewal, bool is_read, struct renewal_plan *ret)
{
	static const struct {
		const char *text;
		enum key_algorithm algorithm;
	} types[] = { { "rsa", KEY_RSA }, { "ecdsa", KEY_ECDSA } };

	ret->is_known = is_read;
	ret->reuse_key = renewal->reuse_key;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (renewal->key_type == NULL ||
		    strcasecmp(renewal->key_type, types[i].text) != 0)
			continue;
		ret->has_key_type = true;
		ret->key_type = types[i].algorithm;
	}
	ret->server = renewal->server;
	renewal->server = NULL;
}

/* Say whether the store's directory `part` is there. */
static bool
has_part(const char *path, const char *part)
{
	char *full = mem_format("%s/%s", path, part);
	bool has = path_is_directory(full);

	free(full);
	return has;
}

static bool
is_plain(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/*
 * Find out whether the lineage exists.  Deleted means: the store is whole,
 * and no part of it knows the lineage.
 */
static enum status
lineage_presence(const char *path, const char *name, bool has_renewal,
    bool *ret_candidate, struct problem *problem)
{
	enum presence presence;
	char *live;

	*ret_candidate = false;
	if (has_renewal)
		return STATUS_OK;
	live = mem_format("%s/live/%s", path, name);
	presence = path_presence(live, problem);
	/* A plain file in live/, such as a README, is none. */
	if (presence == PRESENCE_YES && is_plain(live))
		presence = PRESENCE_NO;
	*ret_candidate = presence == PRESENCE_NO;
	free(live);
	if (presence == PRESENCE_YES)
		return STATUS_OK;
	if (presence == PRESENCE_UNKNOWN)
		return STATUS_IO;
	if (has_part(path, "live") && has_part(path, "renewal"))
		return STATUS_ABSENT;
	return STATUS_OK;
}

/*
 * Return where the chain lies; free() it.  The renewal file has absolute paths,
 * of the machine or the container that certbot ran in.  Those below the source
 * count (danebot has its staging/ there).  Any other may be another store's:
 * live/NAME is what certbot keeps, wherever the store was carried.
 */
static char *
chain_file(const char *path, const char *name, const char *told,
    const char *last, char **warning)
{
	char *live = mem_format("%s/live/%s/fullchain.pem", path, name);
	bool below;

	if (told == NULL || told[0] != '/' || strcmp(told, live) == 0)
		return live;
	below = path_is_below(told, path);
	/* What was there a moment ago is about to be there again. */
	if (below && (access(told, F_OK) == 0 || access(live, F_OK) != 0 ||
			 (last != NULL && strcmp(last, told) == 0))) {
		free(live);
		return mem_string(told);
	}
	if (*warning == NULL && !path_is_same(told, live))
		*warning = mem_format(
		    "%s/renewal/%s%s names %s, which %s; %s is read", path,
		    name, suffix, told,
		    below ? "leads nowhere" : "is outside of the source", live);
	return live;
}

/* Whoever writes the renewal file turns what lies where only that says. */
static void
told_by_fill(const char *path, const char *name, const char *told,
    struct location *location)
{
	char *live = mem_format("%s/live/%s/fullchain.pem", path, name);

	if (told != NULL && strcmp(location->file, told) == 0 &&
	    strcmp(told, live) != 0)
		location->told_by = mem_format(
		    "%s/renewal/%s%s", path, name, suffix);
	free(live);
}

/* A link that was made in a container may lead into another store here. */
static void
warn_outside(const char *path, struct location *location)
{
	if (location->warning == NULL &&
	    !path_is_below(location->target, path) &&
	    is_plain(location->target))
		location->warning = mem_format(
		    "%s is a link to %s, outside of the source, and what is "
		    "there is published",
		    location->file, location->target);
}

static enum status
certbot_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	const char *path = source->path;
	/* Written before the chain, which is made live then. */
	static const char *const others[] = { "privkey", "cert", "chain",
		NULL };
	struct location location = { 0 };
	struct renewal renewal = { 0 };
	bool is_read;
	bool has_renewal = renewal_load(
	    path, name, &renewal, &is_read, &location.warning);
	enum status status = lineage_presence(
	    path, name, has_renewal, &location.is_candidate, problem);

	if (status != STATUS_OK)
		goto out;
	location.file = chain_file(
	    path, name, renewal.fullchain, last, &location.warning);
	told_by_fill(path, name, renewal.fullchain, &location);
	plan_fill(&renewal, is_read, &location.plan);
	status = path_follow(location.file, source->path, &location.watched,
	    &location.target, problem);
	if (status == STATUS_OK) {
		/* What leads nowhere may be about to be made. */
		if (renewal.fullchain != NULL &&
		    path_is_below(renewal.fullchain, path))
			paths_add(&location.watched, renewal.fullchain);
		warn_outside(path, &location);
		source_add_generations(&location, "fullchain", others);
	}
out:
	renewal_fini(&renewal);
	if (status == STATUS_OK)
		*ret_location = location;
	else
		location_fini(&location);
	return status;
}

static char *
certbot_directory(const struct config_source *source, enum source_role role)
{
	return role == ROLE_RENEWAL
		   ? mem_format("%s/renewal", source->path)
		   : source_directory(source->path, "live", role);
}

static char *
certbot_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	*ret_discover = false;
	if (role == ROLE_RENEWAL)
		return source_stem(name, suffix);
	if (role == ROLE_LINEAGES && name[0] != '.')
		return strcmp(name, "README") != 0 ? mem_string(name) : NULL;
	/* certbot makes and removes a lock file here at every run. */
	*ret_discover = strcmp(name, "live") == 0 ||
			strcmp(name, "renewal") == 0 ||
			strcmp(name, "archive") == 0;
	return NULL;
}

static char *
certbot_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	(void)source;
	(void)name;
	return source_sibling(file, "fullchain", "privkey");
}

const struct source_ops source_certbot = {
	.discover = certbot_discover,
	.locate = certbot_locate,
	.directory = certbot_directory,
	.lineage_of = certbot_lineage_of,
	.key_of = certbot_key_of,
};
