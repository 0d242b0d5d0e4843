/* SPDX-License-Identifier: MIT */
#include "receiver.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limit.h"
#include "confine.h"
#include "filter.h"
#include "landlock.h"

enum { DNS_PORT = 53 };

/* Files and directories are made in the store; nothing else is. */
#define STORE_WRITES                                                           \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |         \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG)
#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/*
 * What libraries look for while they work: chance, how OpenSSL is set up, and
 * the time zone of what goes to syslog(3).
 */
static const char *const always[] = {
	"/dev/urandom",
	"/etc/ssl/openssl.cnf",
	"/etc/localtime",
};

/* What is not there is not missed here. */
static void
path_allow(const struct landlock *rules, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return;
	landlock_allow(rules, fd, rights);
	(void)close(fd);
}

static bool
receiver_hold(const struct receiver *receiver, struct problem *problem)
{
	struct landlock rules;

	if (!landlock_begin(&rules,
		LANDLOCK_WRITES | LANDLOCK_ACCESS_FS_EXECUTE | READS, false,
		problem))
		return false;
	path_allow(&rules, receiver->store, READS | STORE_WRITES);
#ifdef __SANITIZE_ADDRESS__ /* which looks at itself for leaks */
	path_allow(&rules, "/proc/self", READS);
#endif
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		path_allow(&rules, always[i], LANDLOCK_ACCESS_FS_READ_FILE);
	for (size_t i = 0; i < receiver->reads->count; i++)
		path_allow(&rules, receiver->reads->list[i],
		    LANDLOCK_ACCESS_FS_READ_FILE);
	landlock_allow_port(&rules, DNS_PORT);
	if (receiver->port != 0)
		landlock_allow_port(&rules, receiver->port);
	return landlock_hold(&rules, problem);
}

/* One that is too large fails to be written, and the old one stays. */
static void
size_limit(void)
{
	const struct rlimit limit = { LIMIT_PEM_FILE, LIMIT_PEM_FILE };

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
}

unsigned
receiver_confine(const struct receiver *receiver)
{
	struct problem problem = { "" };
	struct problem other = { "" };
	bool has_landlock;
	bool has_seccomp;

	size_limit();
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	has_landlock = receiver_hold(receiver, &problem);
	has_seccomp = filter_receiving(&other);
	if (!has_seccomp)
		problem_join(&problem, "%s", other.text);
	return confine_note(
	    "receives", has_landlock, has_seccomp, &problem, true);
}

/* That landlock is missing was said before. */
void
receiver_narrow(int directory, int lock)
{
	struct landlock rules;

	if (!landlock_begin_more(&rules, LANDLOCK_WRITES))
		return;
	landlock_allow(&rules, directory, STORE_WRITES);
	landlock_allow(&rules, lock, LANDLOCK_ACCESS_FS_WRITE_FILE);
	(void)landlock_hold(&rules, NULL);
}
