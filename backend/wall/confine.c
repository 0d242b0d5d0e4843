/* SPDX-License-Identifier: MIT */
#include "confine.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "filter.h"
#include "landlock.h"
#include "loop/log.h"

const char *
confine_text(unsigned lock)
{
	return lock == LOCK_LANDLOCK ? "landlock" : "seccomp";
}

unsigned
confine_note(const char *who, bool has_landlock, bool has_seccomp,
    const struct problem *problem, bool is_loud)
{
	if (is_loud && problem->text[0] != '\0')
		log_line(LOG_LEVEL_NOTICE, "who %s is missing a lock: %s", who,
		    problem->text);
	return (has_landlock ? LOCK_LANDLOCK : 0u) |
	       (has_seccomp ? LOCK_SECCOMP : 0u);
}

/* ---- who answers ---- */

/*
 * Keys are in pages of ours.  No resource limit: where dumps go to a program,
 * it is asked for none (core(5)).  Nor may we be undumpable as a whole, for
 * then /proc/self is root's.
 */
static void
pages_keep(void)
{
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || !file_write(fd, "0\n", 2))
		log_line(LOG_LEVEL_NOTICE,
		    "who answers: a core dump of it would hold its keys");
	if (fd >= 0)
		(void)close(fd);
}

/* Or the nearest directory above, where it may be made. */
static void
writing_allow(const struct landlock *rules, const char *directory)
{
	char *at = mem_string(directory);
	int fd;

	while ((fd = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0 &&
	       strcmp(at, "/") != 0) {
		char *above = path_directory(at);

		free(at);
		at = above;
	}
	free(at);
	if (fd < 0)
		return;
	landlock_allow(rules, fd, LANDLOCK_WRITES_IN);
	(void)close(fd);
}

/* What holds it: it may be made anew, exchanged, or a mount come over it. */
static void
writing_allow_around(const struct landlock *rules, const char *path)
{
	char *around = path_directory(path);

	writing_allow(rules, around);
	free(around);
}

static bool
answering_hold(const struct config *config, struct problem *problem)
{
	char *real = realpath(config->state_directory, NULL);
	int null = open("/dev/null", O_PATH | O_CLOEXEC);
	struct landlock rules;
	bool is_held = false;

	/* What systemd listens at may be abstract (sd_notify(3)). */
	if (landlock_begin(&rules, LANDLOCK_WRITES, true, problem)) {
		writing_allow_around(&rules, config->state_directory);
		if (real != NULL)
			writing_allow_around(&rules, real);
		writing_allow_around(&rules, config->listen);
		writing_allow_around(&rules, config->control);
		if (config->http_listen != NULL &&
		    config->http_listen[0] == '/')
			writing_allow_around(&rules, config->http_listen);
		/* A warden that is begun anew is kept in as we are. */
		landlock_allow(&rules, null, LANDLOCK_ACCESS_FS_WRITE_FILE);
		is_held = landlock_hold(&rules, problem);
	}
	if (null >= 0)
		(void)close(null);
	free(real);
	return is_held;
}

unsigned
confine_answering(const struct config *config)
{
	struct problem problem = { "" };
	struct problem other = { "" };
	bool has_landlock;
	bool has_seccomp;

	pages_keep();
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	has_landlock = answering_hold(config, &problem);
	has_seccomp = filter_answering(&other);
	if (!has_seccomp)
		problem_join(&problem, "%s", other.text);
	return confine_note(
	    "answers", has_landlock, has_seccomp, &problem, true);
}

/* ---- who reads ---- */

/* A look at all that may be read: the rules for it, and what it was. */
struct survey {
	const struct paths *closed;
	const struct landlock *rules; /* NULL: only to compare */
	uint64_t ground;
};

/* In whatever order they come. */
static void
ground_add(struct survey *survey, const struct statx *st)
{
	const uint64_t values[] = { st->stx_ino, st->stx_dev_major,
		st->stx_dev_minor, st->stx_mnt_id };
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		hash = (hash ^ values[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	survey->ground += hash;
}

/* A rule keeps what it is for on the disk: nothing large, which we never read.
 */
static bool
is_wanted(const struct statx *st)
{
	return S_ISDIR(st->stx_mode) ||
	       (S_ISREG(st->stx_mode) && st->stx_size <= LIMIT_PEM_FILE);
}

/* Nothing that hangs is asked: not a server, and no automounter. */
static void
reading_allow(struct survey *survey, const char *path, int flags)
{
	int fd = open(path, O_PATH | O_CLOEXEC | flags);
	struct statx st;

	if (fd < 0)
		return;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		STATX_BASIC_STATS | STATX_MNT_ID, &st) == 0 &&
	    is_wanted(&st)) {
		ground_add(survey, &st);
		if (survey->rules != NULL)
			landlock_allow(
			    survey->rules, fd, LANDLOCK_ACCESS_FS_READ_FILE);
	}
	(void)close(fd);
}

static bool
is_closed(const struct paths *closed, const char *path)
{
	for (size_t i = 0; i < closed->count; i++)
		if (strcmp(closed->list[i], path) == 0 ||
		    path_is_below(path, closed->list[i]))
			return true;
	return false;
}

static bool
leads_to_closed(const struct paths *closed, const char *path)
{
	for (size_t i = 0; i < closed->count; i++)
		if (path_is_below(closed->list[i], path))
			return true;
	return false;
}

/*
 * Rules can only add, so all that lies beside the way to what is closed is
 * added.  `directory` "" is the root; one that cannot be listed has to be added
 * as a whole, for what is in it may be what we are here for.
 */
static void
reading_allow_beside(struct survey *survey, const char *directory)
{
	DIR *list = opendir(directory[0] != '\0' ? directory : "/");
	const struct dirent *entry;

	if (list == NULL) {
		log_line(LOG_LEVEL_NOTICE,
		    "'%s' cannot be listed; who reads is not kept from what "
		    "is in it",
		    directory);
		reading_allow(survey, directory, 0);
		return;
	}
	while ((entry = readdir(list)) != NULL) {
		char *path = mem_format("%s/%s", directory, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    is_closed(survey->closed, path))
			(void)0;
		else if (leads_to_closed(survey->closed, path))
			reading_allow_beside(survey, path);
		else
			reading_allow(survey, path, O_NOFOLLOW);
		free(path);
	}
	(void)closedir(list);
}

/* What was asked for by name is read, even if it lies in what is closed. */
static void
survey_make(struct survey *survey, const struct reading *reading)
{
	reading_allow_beside(survey, "");
	/* Our own numbers, and shared memory, which is a place for files. */
	reading_allow(survey, "/proc/self", 0);
	reading_allow(survey, "/dev/shm", 0);
	for (size_t i = 0; i < reading->source_count; i++)
		reading_allow(survey, reading->sources[i].path, 0);
	for (size_t i = 0; i < reading->lineage_count; i++)
		for (size_t k = 0; k < reading->lineages[i].next_count; k++)
			reading_allow(survey, reading->lineages[i].next[k], 0);
}

/* Without links, also of what does not exist yet. */
static char *
real_path(const char *path)
{
	char *real = realpath(path, NULL);
	const char *slash = strrchr(path, '/');
	char *above;

	if (real != NULL || slash == NULL || slash == path)
		return real != NULL ? real : mem_string(path);
	above = mem_copy(path, (size_t)(slash - path));
	real = real_path(above);
	free(above);
	above = real;
	real = mem_format("%s%s", above, slash);
	free(above);
	return real;
}

static void
closed_add(struct confine *confine, const char *path)
{
	char *real = real_path(path);

	paths_add(&confine->closed, real);
	free(real);
}

static bool
reading_hold(struct confine *confine, struct problem *problem)
{
	struct landlock rules;
	struct survey survey = { &confine->closed, &rules, 0 };

	/* Not READ_DIR: what is there is no secret, and whether it is counts.
	 */
	if (!landlock_begin(&rules,
		LANDLOCK_WRITES | LANDLOCK_ACCESS_FS_EXECUTE |
		    LANDLOCK_ACCESS_FS_READ_FILE,
		false, problem))
		return false;
	survey_make(&survey, confine->reading);
	confine->ground = survey.ground;
	return landlock_hold(&rules, problem);
}

void
confine_reading(
    struct confine *confine, const struct reading *reading, bool is_loud)
{
	struct problem problem = { "" };
	struct problem other = { "" };
	bool has_landlock;
	bool has_seccomp;

	*confine = (struct confine){ .reading = reading };
	confine->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	/* Devices, and other processes, are nobody's certificates. */
	closed_add(confine, "/dev");
	closed_add(confine, "/proc");
	for (size_t i = 0; i < reading->closed_count; i++)
		closed_add(confine, reading->closed[i]);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	has_landlock = reading_hold(confine, &problem);
	has_seccomp = filter_reading(&other);
	if (!has_seccomp)
		problem_join(&problem, "%s", other.text);
	confine->locks = confine_note(
	    "reads", has_landlock, has_seccomp, &problem, is_loud);
}

/* Since we began, or looked last. */
static bool
is_mounted_anew(const struct confine *confine)
{
	struct pollfd mounts = { confine->mounts, POLLPRI, 0 };

	return poll(&mounts, 1, 0) > 0;
}

/* It is refused on purpose, unless it is of a source that lies there itself. */
static bool
is_refused(const struct confine *confine, const char *path)
{
	char *real = real_path(path);
	bool is_ours = is_closed(&confine->closed, real);

	free(real);
	for (size_t i = 0; is_ours && i < confine->reading->source_count; i++) {
		const char *source = confine->reading->sources[i].path;

		if (!path_is_below(path, source))
			continue;
		real = real_path(source);
		is_ours = !is_closed(&confine->closed, real);
		free(real);
	}
	return is_ours;
}

bool
confine_is_outgrown(struct confine *confine, const char *path)
{
	struct survey survey = { &confine->closed, NULL, 0 };

	if ((confine->locks & LOCK_LANDLOCK) == 0 || is_refused(confine, path))
		return false;
	/* One that comes again with the same numbers has no rules any more. */
	if (is_mounted_anew(confine))
		return true;
	survey_make(&survey, confine->reading);
	return survey.ground != confine->ground;
}

void
confine_fini(struct confine *confine)
{
	if (confine->reading == NULL)
		return;
	paths_fini(&confine->closed);
	if (confine->mounts >= 0)
		(void)close(confine->mounts);
}

/* ---- who reads mail ---- */

/* Of a mail that makes GMime ask for more, this process dies, and no other. */
static void
memory_limit(void)
{
#ifndef __SANITIZE_ADDRESS__ /* whose shadow takes terabytes */
	const struct rlimit limit = { MAIL_MEMORY, MAIL_MEMORY };

	(void)setrlimit(RLIMIT_AS, &limit);
#endif
}

/* What is refused here is no reason not to read. */
static void
mail_yield(void)
{
	enum { LEAST_URGENT = 19 };
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	(void)setpriority(PRIO_PROCESS, 0, LEAST_URGENT);
	if (fd >= 0) {
		(void)file_write(fd, "1000\n", 5);
		(void)close(fd);
	}
}

static void
mail_allow(const struct landlock *rules, const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return;
	landlock_allow(rules, fd, LANDLOCK_ACCESS_FS_READ_FILE);
	(void)close(fd);
}

/* GMime is loaded when there is a mail (reports/gmime.h), and so behind it. */
static bool
mail_hold(const char *path, struct problem *problem)
{
	static const char *const libraries[] = { "/usr", "/lib", "/lib32",
		"/lib64", "/etc/ld.so.cache" };
	struct landlock rules;

	if (!landlock_begin(&rules,
		LANDLOCK_WRITES | LANDLOCK_ACCESS_FS_EXECUTE |
		    LANDLOCK_ACCESS_FS_READ_FILE,
		false, problem))
		return false;
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		mail_allow(&rules, libraries[i]);
	mail_allow(&rules, path);
	return landlock_hold(&rules, problem);
}

unsigned
confine_mail(const char *path, bool is_loud)
{
	struct problem problem = { "" };
	struct problem other = { "" };
	bool has_landlock;
	bool has_seccomp;

	memory_limit();
	mail_yield();
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	has_landlock = mail_hold(path, &problem);
	has_seccomp = filter_reading(&other);
	if (!has_seccomp)
		problem_join(&problem, "%s", other.text);
	return confine_note(
	    "reads mail", has_landlock, has_seccomp, &problem, is_loud);
}
