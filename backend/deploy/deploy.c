/* SPDX-License-Identifier: MIT */
#include "deploy/deploy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "deploy/files.h"
#include "files/file.h"

enum {
	LEAF_DIGITS = 16, /* of the leaf's digest in a directory's name */
	NAMES_MAX = 10,   /* for one leaf */
};

/*
 * Remove a generation; what else is in there stays, and it with it.  Returns
 * true if there is nothing of that name any more.
 */
static bool
generation_remove(const struct deployment *deployment, const char *name)
{
	int directory = deployment->place.fd;
	int fd = -1;

	if (!deploy_place_leads_to(&deployment->place, name))
		fd = openat(directory, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		deploy_files_remove(fd);
		(void)close(fd);
		(void)unlinkat(directory, name, AT_REMOVEDIR);
	}
	return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
	       errno == ENOENT;
}

/* It is on record already, so that a later run may remove what is left. */
static enum status
generation_make(const struct deployment *deployment, const char *name,
    const struct deploy_files *files, struct problem *problem)
{
	enum status status = STATUS_OK;
	int fd = -1;

	if (mkdirat(deployment->place.fd, name, 0700) == 0)
		fd = openat(deployment->place.fd, name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || !deploy_files_write(fd, files))
		status = problem_errno(problem, name);
	if (fd >= 0)
		(void)close(fd);
	if (status != STATUS_OK)
		problem_prefix(problem, "%s", deployment->place.to);
	return status;
}

void
deployment_fini(struct deployment *deployment)
{
	deploy_record_fini(&deployment->record);
	deploy_place_close(&deployment->place);
}

/*
 * Two lineages with one link would replace each other for ever, and each would
 * be called deployed.
 */
static enum status
rival_check(const struct deploy_wish *wish, const struct deployment *deployment,
    struct problem *problem)
{
	const char *there = deployment->record.lineage;

	if (there == NULL || strcmp(there, deployment->lineage) == 0 ||
	    (wish->instead_of != NULL && strcmp(there, wish->instead_of) == 0))
		return STATUS_OK;
	problem_set(problem,
	    "%s: lineage '%.200s' is deployed there; choose another place for "
	    "'%.200s', or, if it is to be there instead from now on: "
	    "--instead-of %.200s",
	    wish->to, there, deployment->lineage, there);
	return STATUS_REFUSED;
}

enum status
deploy_begin(const struct deploy_wish *wish, const char *lineage,
    struct deployment *ret_deployment, struct problem *problem)
{
	struct deployment deployment = { .lineage = lineage };
	enum status status = deploy_place_open(
	    wish->to, wish->end, &deployment.place, problem);

	if (status != STATUS_OK)
		return status;
	status = deploy_record_read(
	    &deployment.place, &deployment.record, problem);
	deployment.has_record = status == STATUS_OK;
	deployment.is_resumed = deployment.record.is_pending;
	if (status == STATUS_ABSENT)
		status = STATUS_OK;
	if (status == STATUS_OK)
		status = rival_check(wish, &deployment, problem);
	if (status == STATUS_OK)
		*ret_deployment = deployment;
	else
		deployment_fini(&deployment);
	return status;
}

static bool
record_write(struct deployment *deployment, struct problem *problem)
{
	return deploy_record_write(
	    &deployment->place, &deployment->record, problem);
}

/* Say what is about to be done; what a failure goes back to is `current`. */
static bool
intent_record(struct deployment *deployment, const char *generation,
    const char *current, struct problem *problem)
{
	struct deploy_record *record = &deployment->record;

	/* While nobody knows what was loaded, it is what was loaded before. */
	if (!deployment->has_record || !record->is_pending)
		deploy_record_set(&record->verified, current);
	deploy_record_set(&record->link, generation);
	record->is_pending = true;
	deploy_record_add(record, generation);
	deployment->has_record = true;
	return record_write(deployment, problem);
}

/*
 * Build it, and let the link lead there.  Somebody else's things with its name
 * are none of ours.
 */
static enum status
generation_install(const struct deploy_files *files,
    struct deployment *deployment, const char *generation, const char *current,
    struct problem *problem)
{
	struct deploy_record *record = &deployment->record;
	struct stat st;
	enum status status;

	if (!deploy_record_made(record, generation) &&
	    fstatat(deployment->place.fd, generation, &st,
		AT_SYMLINK_NOFOLLOW) == 0) {
		problem_set(problem,
		    "%s: %s lies beside it and is not of our making; move it "
		    "away",
		    deployment->place.to, generation);
		return STATUS_REFUSED;
	}
	if (!intent_record(deployment, generation, current, problem))
		return STATUS_IO;
	status = generation_make(deployment, generation, files, problem);
	if (status == STATUS_OK)
		status = deploy_place_put(
		    &deployment->place, generation, problem);
	return status;
}

/* Does the link lead to all of it, as it was written? */
static bool
is_whole(const struct deployment *deployment, const char *generation,
    const struct deploy_files *files)
{
	int fd = deploy_place_leads_to(&deployment->place, generation)
		     ? openat(deployment->place.fd, generation,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		     : -1;
	bool is_there = fd >= 0 && deploy_files_are_there(fd, files);

	if (fd >= 0)
		(void)close(fd);
	return is_there;
}

/* May it have this name?  One of ours is removed, if nothing else is there. */
static bool
is_usable(const struct deployment *deployment, const char *name,
    const struct deploy_files *files)
{
	if (deploy_place_leads_to(&deployment->place, name))
		return is_whole(deployment, name, files);
	return !deploy_record_made(&deployment->record, name) ||
	       generation_remove(deployment, name);
}

/*
 * The name of its directory: relative, for somebody may see it elsewhere.  What
 * the link leads to is not changed, so that one of the same leaf with another
 * chain, key or rights has another name.
 */
static char *
generation_name(const struct deployment *deployment,
    const struct newest *newest, const struct deploy_files *files)
{
	const char *link = deployment->place.name;
	char *name = mem_format("%s.%.*s", link, LEAF_DIGITS, newest->leaf);

	for (unsigned again = 1;
	     again < NAMES_MAX && !is_usable(deployment, name, files);
	     again++) {
		free(name);
		name = mem_format(
		    "%s.%.*s.%u", link, LEAF_DIGITS, newest->leaf, again);
	}
	return name;
}

/* What is ours goes by the name that is on record, however it is linked to. */
static void
current_name(const struct deployment *deployment, char **current)
{
	const struct deploy_record *record = &deployment->record;

	for (size_t i = 0; i < record->made_count; i++)
		if (deploy_place_leads_to(&deployment->place, record->made[i]))
			deploy_record_set(current, record->made[i]);
}

/* Is the place above what lies at `path`, or its directory? */
static bool
is_above(const char *path, const char *to)
{
	char *at = path_directory(path);
	bool is_same = false;

	while (strcmp(at, "/") != 0 && !is_same) {
		char *above = path_directory(at);

		is_same = path_is_same(at, to);
		free(at);
		at = above;
	}
	free(at);
	return is_same;
}

/* A directory that is adopted must not be what the lineage lies in. */
static enum status
store_keep(const struct deploy_wish *wish, const struct newest *newest,
    const struct deployment *deployment, struct problem *problem)
{
	struct stat st;
	bool is_store = is_above(newest->file, wish->to);

	for (size_t i = 0; i < newest->ways.count; i++)
		is_store |= is_above(newest->ways.list[i], wish->to);
	if (!is_store ||
	    fstatat(deployment->place.fd, deployment->place.name, &st,
		AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISDIR(st.st_mode))
		return STATUS_OK;
	problem_set(problem,
	    "%s: is where the lineage itself lies, which its ACME client "
	    "needs; choose another place",
	    wish->to);
	return STATUS_REFUSED;
}

enum status
deploy_install(const struct deploy_wish *wish, const struct newest *newest,
    struct deployment *deployment, struct problem *problem)
{
	const struct deploy_record *record = &deployment->record;
	struct deploy_files files = { 0 };
	char *generation = NULL;
	char *current = NULL;
	enum status status = deploy_place_read(
	    &deployment->place, wish->adopts, &current, problem);

	deployment->is_due = true;
	current_name(deployment, &current);
	if (status == STATUS_OK)
		status = store_keep(wish, newest, deployment, problem);
	if (status == STATUS_OK)
		status = deploy_files_read(wish, newest, &files, problem);
	if (status == STATUS_OK)
		generation = generation_name(deployment, newest, &files);
	if (status == STATUS_OK && !is_whole(deployment, generation, &files))
		status = generation_install(
		    &files, deployment, generation, current, problem);
	else if (status == STATUS_OK && deployment->has_record &&
		 !record->is_pending && record->link != NULL &&
		 strcmp(record->link, generation) == 0)
		deployment->is_due = wish->reloads && !record->is_told;
	else if (status == STATUS_OK &&
		 !intent_record(deployment, generation, current, problem))
		status = STATUS_IO;
	deploy_files_fini(&files);
	free(current);
	free(generation);
	return status;
}

static bool
is_kept(const struct deploy_record *record, const char *name)
{
	const char *const kept[] = { record->link, record->verified,
		record->previous };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (kept[i] != NULL && strcmp(kept[i], name) == 0)
			return true;
	return false;
}

/* Returns true if that is news. */
static bool
lineage_set(struct deployment *deployment)
{
	char **lineage = &deployment->record.lineage;

	if (*lineage != NULL && strcmp(*lineage, deployment->lineage) == 0)
		return false;
	deploy_record_set(lineage, deployment->lineage);
	return true;
}

bool
deploy_confirm(
    struct deployment *deployment, bool is_told, struct problem *problem)
{
	struct deploy_record *record = &deployment->record;

	if (record->verified == NULL ||
	    strcmp(record->verified, record->link) != 0)
		deploy_record_set(&record->previous, record->verified);
	deploy_record_set(&record->verified, record->link);
	record->is_pending = false;
	record->is_told = is_told;
	(void)lineage_set(deployment);
	return record_write(deployment, problem);
}

bool
deploy_clean(struct deployment *deployment, struct problem *problem)
{
	struct deploy_record *record = &deployment->record;
	/* An older version did not say whose place it is. */
	bool is_changed = lineage_set(deployment);

	for (size_t i = record->made_count; i > 0; i--) {
		char *name = mem_string(record->made[i - 1]);

		if (!is_kept(record, name) &&
		    generation_remove(deployment, name)) {
			deploy_record_remove(record, name);
			is_changed = true;
		}
		free(name);
	}
	return !is_changed || record_write(deployment, problem);
}

bool
deploy_roll_back(struct deployment *deployment, struct problem *problem)
{
	struct deploy_record *record = &deployment->record;
	char *failed = mem_string(record->link);
	struct stat st;
	bool is_good = true;

	if (record->verified != NULL &&
	    fstatat(deployment->place.fd, record->verified, &st, 0) != 0) {
		problem_set(problem,
		    "%s: what was there before (%s) is gone, so that it stays "
		    "as it is",
		    deployment->place.to, record->verified);
		free(failed);
		return false;
	}
	deploy_record_set(&record->link, record->verified);
	/* On a full disk: it says already what a next run has to know. */
	(void)record_write(deployment, NULL);
	if (record->link == NULL)
		is_good = unlinkat(deployment->place.fd, deployment->place.name,
			      0) == 0 ||
			  problem_errno(problem, deployment->place.to) ==
			      STATUS_OK;
	else if (!deploy_place_leads_to(&deployment->place, record->link))
		is_good = deploy_place_put(&deployment->place, record->link,
			      problem) == STATUS_OK;
	if (is_good && !is_kept(record, failed) &&
	    generation_remove(deployment, failed))
		deploy_record_remove(record, failed);
	free(failed);
	return is_good;
}
