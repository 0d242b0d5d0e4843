/* SPDX-License-Identifier: MIT */
#include "deploy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy_files.h"
#include "file.h"
#include "mem.h"
#include "trusted.h"

enum {
	LEAF_DIGITS = 16, /* of the leaf's digest in a directory's name */
	NAMES_MAX = 10,   /* for one leaf */
};

/* Is it what the link leads to, however that is written? */
static bool
is_linked(const struct deployment *deployment, const char *name)
{
	struct stat there;
	struct stat it;

	return fstatat(deployment->fd, deployment->name, &there, 0) == 0 &&
	       fstatat(deployment->fd, name, &it, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_dev == it.st_dev && there.st_ino == it.st_ino;
}

/* Remove a generation; what else is in there stays, and it with it. */
static void
generation_remove(const struct deployment *deployment, const char *name)
{
	int fd = -1;

	if (!is_linked(deployment, name))
		fd = openat(deployment->fd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	deploy_files_remove(fd);
	(void)close(fd);
	(void)unlinkat(deployment->fd, name, AT_REMOVEDIR);
}

/* It is on record already, so that a later run may remove what is left. */
static enum status
generation_make(const struct deployment *deployment, const char *name,
    const struct deploy_files *files, struct problem *problem)
{
	enum status status = STATUS_OK;
	int fd = -1;

	if (mkdirat(deployment->fd, name, 0700) == 0)
		fd = openat(deployment->fd, name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || !deploy_files_write(fd, files))
		status = problem_errno(problem, name);
	if (fd >= 0)
		(void)close(fd);
	if (status != STATUS_OK)
		problem_prefix(problem, "%s", deployment->to);
	return status;
}

/* A name beside the link that nobody else uses; free() it. */
static char *
beside(const struct deployment *deployment, const char *what)
{
	return mem_format(".%s.%s", deployment->name, what);
}

static char *
aside_name(const struct deployment *deployment)
{
	return mem_format("%s.before-deploy", deployment->name);
}

static bool
is_directory(const struct deployment *deployment, const char *name)
{
	struct stat st;

	return fstatat(deployment->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* Let the link lead to `target` in one step; a directory changes places. */
static bool
link_put(const struct deployment *deployment, const char *new,
    const char *target, const char *aside)
{
	int fd = deployment->fd;

	(void)unlinkat(fd, new, 0);
	if (symlinkat(target, fd, new) != 0)
		return false;
	if (!is_directory(deployment, deployment->name))
		return renameat(fd, new, fd, deployment->name) == 0;
	return renameat2(fd, new, fd, deployment->name, RENAME_EXCHANGE) == 0 &&
	       renameat(fd, new, fd, aside) == 0;
}

static enum status
link_exchange(const struct deployment *deployment, const char *target,
    struct problem *problem)
{
	char *new = beside(deployment, "new");
	char *aside = aside_name(deployment);
	enum status status = STATUS_OK;

	if (!link_put(deployment, new, target, aside)) {
		status = problem_errno(problem, deployment->to);
		(void)unlinkat(deployment->fd, new, 0);
	}
	(void)fsync(deployment->fd);
	free(aside);
	free(new);
	return status;
}

static enum status
directory_refuse(
    const struct deployment *deployment, bool adopts, struct problem *problem)
{
	char *aside = aside_name(deployment);
	struct stat st;
	enum status status = STATUS_OK;

	if (!adopts) {
		problem_set(problem,
		    "%s: is a directory and no symbolic link; with --adopt it "
		    "is moved aside, to %s, and a link to what is deployed "
		    "takes its place",
		    deployment->to, aside);
		status = STATUS_REFUSED;
	} else if (fstatat(deployment->fd, aside, &st, AT_SYMLINK_NOFOLLOW) ==
		   0) {
		problem_set(problem,
		    "%s: has been moved aside before, and %s is there still; "
		    "remove one of them",
		    deployment->to, aside);
		status = STATUS_REFUSED;
	}
	free(aside);
	return status;
}

/*
 * Where the link leads; NULL and STATUS_OK if there is none yet.  A directory
 * that is adopted counts as what it will be called.
 */
static enum status
link_read(const struct deployment *deployment, bool adopts, char **ret_target,
    struct problem *problem)
{
	char target[4096];
	ssize_t len = readlinkat(
	    deployment->fd, deployment->name, target, sizeof(target) - 1);
	enum status status = STATUS_OK;

	*ret_target = NULL;
	if (len >= 0) {
		*ret_target = mem_copy(target, (size_t)len);
	} else if (errno == EINVAL &&
		   is_directory(deployment, deployment->name)) {
		status = directory_refuse(deployment, adopts, problem);
		if (status == STATUS_OK)
			*ret_target = aside_name(deployment);
	} else if (errno == EINVAL) {
		problem_set(problem,
		    "%s: is there and no symbolic link; move it away, for its "
		    "place is taken by a link to what is deployed",
		    deployment->to);
		status = STATUS_REFUSED;
	} else if (errno != ENOENT) {
		status = problem_errno(problem, deployment->to);
	}
	return status;
}

/* Nobody else can open it, or even see that it is taken. */
static enum status
lock_take(struct deployment *deployment, struct problem *problem)
{
	char *name = beside(deployment, "lock");
	enum status status = STATUS_OK;

	deployment->lock_fd = openat(deployment->fd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (deployment->lock_fd < 0)
		status = problem_errno(problem, deployment->to);
	while (status == STATUS_OK && flock(deployment->lock_fd, LOCK_EX) != 0)
		if (errno != EINTR)
			status = problem_errno(problem, deployment->to);
	free(name);
	return status;
}

/* It was killed between the exchange and the last step. */
static void
adoption_finish(const struct deployment *deployment)
{
	char *new = beside(deployment, "new");
	char *aside = aside_name(deployment);

	if (is_directory(deployment, new))
		(void)renameat2(deployment->fd, new, deployment->fd, aside,
		    RENAME_NOREPLACE);
	free(aside);
	free(new);
}

void
deployment_fini(struct deployment *deployment)
{
	deploy_record_fini(&deployment->record);
	if (deployment->lock_fd >= 0)
		(void)close(deployment->lock_fd);
	if (deployment->fd >= 0)
		(void)close(deployment->fd);
	free(deployment->name);
}

enum status
deploy_begin(const struct deploy_wish *wish, struct deployment *ret_deployment,
    struct problem *problem)
{
	struct deployment deployment = { .to = wish->to,
		.name = mem_string(strrchr(wish->to, '/') + 1),
		.fd = -1,
		.lock_fd = -1 };
	char *parent = path_directory(wish->to);
	enum status status = STATUS_REFUSED;

	if (deployment.name[0] == '\0' || strcmp(deployment.name, ".") == 0 ||
	    strcmp(deployment.name, "..") == 0)
		problem_set(problem, "%s: must end with the name of the link",
		    wish->to);
	else
		status = trusted_open(parent, &deployment.fd, problem);

	if (status == STATUS_OK)
		status = lock_take(&deployment, problem);
	if (status == STATUS_OK) {
		adoption_finish(&deployment);
		status = deploy_record_read(deployment.fd, deployment.name,
		    &deployment.record, problem);
		deployment.has_record = status == STATUS_OK;
		deployment.is_resumed = deployment.record.is_pending;
	}
	if (status == STATUS_ABSENT)
		status = STATUS_OK;
	if (status == STATUS_OK)
		*ret_deployment = deployment;
	else
		deployment_fini(&deployment);
	free(parent);
	return status;
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
	return deploy_record_write(
	    deployment->fd, deployment->name, record, problem);
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

	if (deploy_record_made(record, generation)) {
		generation_remove(deployment, generation);
	} else if (fstatat(deployment->fd, generation, &st,
		       AT_SYMLINK_NOFOLLOW) == 0) {
		problem_set(problem,
		    "%s: %s lies beside it and is not of our making; move it "
		    "away",
		    deployment->to, generation);
		return STATUS_REFUSED;
	}
	if (!intent_record(deployment, generation, current, problem))
		return STATUS_IO;
	status = generation_make(deployment, generation, files, problem);
	if (status == STATUS_OK)
		status = link_exchange(deployment, generation, problem);
	return status;
}

/* Does the link lead to all of it, as it was written? */
static bool
is_whole(const struct deployment *deployment, const char *generation,
    const struct deploy_files *files)
{
	int fd = is_linked(deployment, generation)
		     ? openat(deployment->fd, generation,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		     : -1;
	bool is_there = fd >= 0 && deploy_files_are_there(fd, files);

	if (fd >= 0)
		(void)close(fd);
	return is_there;
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
	char *name = mem_format(
	    "%s.%.*s", deployment->name, LEAF_DIGITS, newest->leaf);

	for (unsigned again = 1;
	     again < NAMES_MAX && is_linked(deployment, name) &&
	     !is_whole(deployment, name, files);
	     again++) {
		free(name);
		name = mem_format("%s.%.*s.%u", deployment->name, LEAF_DIGITS,
		    newest->leaf, again);
	}
	return name;
}

enum status
deploy_install(const struct deploy_wish *wish, const struct newest *newest,
    struct deployment *deployment, struct problem *problem)
{
	const struct deploy_record *record = &deployment->record;
	struct deploy_files files = { 0 };
	char *generation = NULL;
	char *current = NULL;
	enum status status = link_read(
	    deployment, wish->adopts, &current, problem);

	deployment->is_due = true;
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
	return deploy_record_write(
	    deployment->fd, deployment->name, record, problem);
}

bool
deploy_clean(struct deployment *deployment, struct problem *problem)
{
	struct deploy_record *record = &deployment->record;
	bool is_removed = false;

	for (size_t i = record->made_count; i > 0; i--) {
		char *name = mem_string(record->made[i - 1]);

		if (!is_kept(record, name)) {
			generation_remove(deployment, name);
			deploy_record_remove(record, name);
			is_removed = true;
		}
		free(name);
	}
	return !is_removed || deploy_record_write(deployment->fd,
				  deployment->name, record, problem);
}

bool
deploy_roll_back(struct deployment *deployment, struct problem *problem)
{
	struct deploy_record *record = &deployment->record;
	char *failed = mem_string(record->link);
	struct stat st;
	bool is_good = true;

	if (record->verified != NULL &&
	    fstatat(deployment->fd, record->verified, &st, 0) != 0) {
		problem_set(problem,
		    "%s: what was there before (%s) is gone, so that it stays "
		    "as it is",
		    deployment->to, record->verified);
		free(failed);
		return false;
	}
	deploy_record_set(&record->link, record->verified);
	/* On a full disk: it says already what a next run has to know. */
	(void)deploy_record_write(
	    deployment->fd, deployment->name, record, NULL);
	if (record->link == NULL)
		is_good = unlinkat(deployment->fd, deployment->name, 0) == 0 ||
			  problem_errno(problem, deployment->to) == STATUS_OK;
	else if (!is_linked(deployment, record->link))
		is_good = link_exchange(deployment, record->link, problem) ==
			  STATUS_OK;
	if (is_good && !is_kept(record, failed)) {
		generation_remove(deployment, failed);
		deploy_record_remove(record, failed);
	}
	free(failed);
	return is_good;
}
