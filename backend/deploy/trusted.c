/* SPDX-License-Identifier: MIT */
#include "deploy/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	LINKS_MAX = 40, /* as the kernel's own limit (path_resolution(7)) */
	OTHERS = S_IWGRP | S_IWOTH,
	LINK_LEN = 4096,
};

/* A walk from the root directory down. */
struct walk {
	int fd;     /* where it is */
	char *rest; /* what is left of the path; owned */
	char *seen; /* the path so far, for people; owned */
};

/* Who may do as he likes anyway. */
static bool
is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* Then the mode of the group is not the group's alone (acl(5)). */
static bool
has_acl(int fd)
{
	char self[32];

	/* What was opened with O_PATH has no other name. */
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return getxattr(self, "system.posix_acl_access", NULL, 0) >= 0 ||
	       (errno != ENODATA && errno != ENOTSUP);
}

/* No user but `owner` has the group as his first. */
static bool
is_first_of_one(gid_t gid, uid_t owner)
{
	const struct passwd *user;
	bool is_one = true;

	setpwent();
	while (is_one && (user = getpwent()) != NULL)
		is_one = user->pw_gid != gid || user->pw_uid == owner;
	endpwent();
	return is_one;
}

/*
 * Is the owner the only one in the group?  That it has his name tells that it
 * was made for him, where a directory service does not list all users.
 */
static bool
has_private_group(int fd, const struct stat *st)
{
	const struct passwd *user = getpwuid(st->st_uid);
	const struct group *group = getgrgid(st->st_gid);

	if (st->st_uid == 0 || user == NULL || group == NULL ||
	    user->pw_gid != st->st_gid ||
	    strcmp(user->pw_name, group->gr_name) != 0)
		return false;
	for (char **member = group->gr_mem; *member != NULL; member++)
		if (strcmp(*member, user->pw_name) != 0)
			return false;
	return is_first_of_one(st->st_gid, st->st_uid) && !has_acl(fd);
}

/* May any but its owner, and root, write to what `fd` is? */
static bool
is_written_by_others(int fd, const struct stat *st)
{
	return (st->st_mode & S_IWOTH) != 0 ||
	       ((st->st_mode & S_IWGRP) != 0 && !has_private_group(fd, st));
}

static bool
walk_begin(struct walk *walk, const char *path)
{
	*walk = (struct walk){ .fd = open(
				   "/", O_PATH | O_DIRECTORY | O_CLOEXEC),
		.rest = mem_string(path),
		.seen = mem_string("") };
	return walk->fd >= 0;
}

static void
walk_end(struct walk *walk)
{
	if (walk->fd >= 0)
		(void)close(walk->fd);
	free(walk->rest);
	free(walk->seen);
}

/* Take the next component off the path: free() it; NULL: there is none. */
static char *
walk_component(struct walk *walk)
{
	size_t skip = strspn(walk->rest, "/");
	size_t len = strcspn(walk->rest + skip, "/");
	char *name = NULL;

	if (len > 0)
		name = mem_copy(walk->rest + skip, len);
	memmove(walk->rest, walk->rest + skip + len,
	    strlen(walk->rest + skip + len) + 1);
	return name;
}

/* Be at `fd`, which is `name`. */
static void
walk_enter(struct walk *walk, int fd, const char *name)
{
	char *seen = mem_format("%s/%s", walk->seen, name);

	(void)close(walk->fd);
	free(walk->seen);
	walk->fd = fd;
	walk->seen = seen;
}

static enum status
directory_check(const char *path, const struct stat *st, bool is_last,
    struct problem *problem)
{
	const char *name = path[0] != '\0' ? path : "/";

	if (S_ISLNK(st->st_mode))
		problem_set(problem,
		    "%s: is a symbolic link, which somebody may turn; name the "
		    "directory that it leads to",
		    name);
	else if (!S_ISDIR(st->st_mode))
		problem_set(problem, "%s: is no directory", name);
	else if (!is_trusted(st->st_uid))
		problem_set(problem,
		    "%s: belongs to user %u, who could exchange what lies "
		    "below; choose a place of root's, or: chown root",
		    name, (unsigned)st->st_uid);
	/* In a sticky one only its owner removes what he does not own. */
	else if ((st->st_mode & OTHERS) != 0 &&
		 (is_last || (st->st_mode & S_ISVTX) == 0))
		problem_set(problem,
		    "%s: others may write to it, and exchange what lies "
		    "below; choose another place, or: chmod go-w",
		    name);
	else
		return STATUS_OK;
	return STATUS_REFUSED;
}

enum status
trusted_open(const char *path, int *ret_fd, struct problem *problem)
{
	struct walk walk;
	struct stat st;
	enum status status = STATUS_OK;
	char *name;

	if (!walk_begin(&walk, path) || fstat(walk.fd, &st) != 0)
		status = problem_errno(problem, "/");
	while (status == STATUS_OK && (name = walk_component(&walk)) != NULL) {
		int fd;

		status = directory_check(walk.seen, &st, false, problem);
		fd = status == STATUS_OK ? openat(walk.fd, name,
					       O_PATH | O_NOFOLLOW | O_CLOEXEC)
					 : -1;
		if (fd >= 0)
			walk_enter(&walk, fd, name);
		if (status == STATUS_OK && (fd < 0 || fstat(fd, &st) != 0)) {
			status = problem_errno(problem, path);
		}
		free(name);
	}
	if (status == STATUS_OK)
		status = directory_check(walk.seen, &st, true, problem);
	if (status == STATUS_OK) {
		*ret_fd = openat(
		    walk.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (*ret_fd < 0)
			status = problem_errno(problem, path);
	}
	walk_end(&walk);
	return status;
}

/* What is found on a way. */
struct found {
	const char *path;
	int fd;
	const struct stat *st;
	bool is_text; /* a file that says where others lie */
};

static enum status
found_refuse(
    const struct found *found, const char *why, struct problem *problem)
{
	problem_set(problem, "%s: %s; chmod go-w",
	    found->path[0] != '\0' ? found->path : "/", why);
	return STATUS_REFUSED;
}

/*
 * Who owns a directory or a link decides where the way leads; who owns the
 * file, only what is in it, unless that is where the way of others leads.
 */
static enum status
owner_add(struct rights *rights, const struct found *found, int above,
    const struct stat *above_st, struct problem *problem)
{
	const struct stat *st = found->st;
	bool is_directory = S_ISDIR(st->st_mode);

	/* In a sticky one everybody may exchange what is his own. */
	if (!is_directory && is_written_by_others(above, above_st))
		return found_refuse(found,
		    "lies in a directory that others may write to, so nobody "
		    "knows what it will be",
		    problem);
	if (!is_directory && !S_ISLNK(st->st_mode) && !found->is_text)
		return STATUS_OK;
	if (!S_ISLNK(st->st_mode) &&
	    (!is_directory || (st->st_mode & S_ISVTX) == 0) &&
	    is_written_by_others(found->fd, st))
		return found_refuse(found,
		    "others may write to it, so nobody knows whose key is "
		    "there",
		    problem);
	if (st->st_uid == 0 || st->st_uid == rights->uid)
		return STATUS_OK;
	if (rights->uid != 0) {
		problem_set(problem,
		    "%s: belongs to user %u, and what it is a part of to user "
		    "%u; let one of them own all of it",
		    found->path, (unsigned)st->st_uid, (unsigned)rights->uid);
		return STATUS_REFUSED;
	}
	rights->uid = st->st_uid;
	rights->gid = st->st_gid;
	return STATUS_OK;
}

/* Put where the link at `fd` leads in front of what is left of the way. */
static enum status
link_follow(struct walk *walk, int fd, struct problem *problem)
{
	char target[LINK_LEN];
	ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);
	char *rest;

	if (len < 0 || (size_t)len == sizeof(target) - 1) {
		if (len >= 0)
			errno = ENAMETOOLONG;
		return problem_errno(problem, walk->seen);
	}
	target[len] = '\0';
	rest = mem_format("%s/%s", target, walk->rest);
	free(walk->rest);
	walk->rest = rest;
	if (target[0] == '/') {
		int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root < 0)
			return problem_errno(problem, "/");
		(void)close(walk->fd);
		walk->fd = root;
		walk->seen[0] = '\0';
	}
	return STATUS_OK;
}

/* Go one step, to `name`; *links counts those that were followed. */
static enum status
rights_step(struct rights *rights, struct walk *walk, const char *name,
    bool is_text, unsigned *links, struct problem *problem)
{
	char *path = mem_format("%s/%s", walk->seen, name);
	int fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat above;
	struct stat st;
	struct found found = { path, fd, &st, is_text };
	enum status status;

	if (fd < 0 || fstat(walk->fd, &above) != 0 || fstat(fd, &st) != 0) {
		status = errno == ENOENT || errno == ENOTDIR ? STATUS_ABSENT
							     : STATUS_IO;
		(void)problem_errno(problem, path);
	} else {
		status = owner_add(rights, &found, walk->fd, &above, problem);
	}
	if (status == STATUS_OK && S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		status = (*links)++ < LINKS_MAX ? link_follow(walk, fd, problem)
						: problem_errno(problem, path);
	} else if (status == STATUS_OK) {
		walk_enter(walk, fd, name);
		fd = -1;
	}
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return status;
}

static enum status
way_add(struct rights *rights, const char *path, bool is_text,
    struct problem *problem)
{
	struct walk walk;
	enum status status = STATUS_OK;
	unsigned links = 0;
	char *name;

	if (geteuid() != 0)
		return STATUS_OK;
	if (!walk_begin(&walk, path))
		status = problem_errno(problem, "/");
	while (status == STATUS_OK && (name = walk_component(&walk)) != NULL) {
		status = rights_step(
		    rights, &walk, name, is_text, &links, problem);
		free(name);
	}
	walk_end(&walk);
	return status;
}

enum status
rights_add(struct rights *rights, const char *path, struct problem *problem)
{
	return way_add(rights, path, false, problem);
}

enum status
rights_add_file(
    struct rights *rights, const char *path, struct problem *problem)
{
	return way_add(rights, path, true, problem);
}

/* His own groups: a key may be readable by one of them alone. */
static bool
groups_take(const struct rights *rights)
{
	const struct passwd *user = getpwuid(rights->uid);

	if (user == NULL)
		return setgroups(0, NULL) == 0 && setegid(rights->gid) == 0;
	return initgroups(user->pw_name, user->pw_gid) == 0 &&
	       setegid(user->pw_gid) == 0;
}

bool
rights_take(const struct rights *rights, struct problem *problem)
{
	if (rights->uid == 0)
		return true;
	if (groups_take(rights) && seteuid(rights->uid) == 0)
		return true;
	problem_set(problem, "cannot take the rights of user %u: %s",
	    (unsigned)rights->uid, strerror(errno));
	rights_return(rights);
	return false;
}

void
rights_return(const struct rights *rights)
{
	if (rights->uid == 0)
		return;
	/* Groups of root's own are needed for nothing: root reads all. */
	if (seteuid(0) != 0 || setegid(0) != 0 || setgroups(0, NULL) != 0)
		abort();
}
