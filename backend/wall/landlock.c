/* SPDX-License-Identifier: MIT */
#include "landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel has it since 6.12; an older header knows its beginning. */
struct attributes {
	uint64_t files;
	uint64_t net;
	uint64_t scopes;
};

/* A rule about ports, of the fourth generation. */
struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

enum {
	TCP_CONNECT = 2,
	TCP_BOTH = 3, /* bind and connect */
	RULE_PORT = 2,
	SCOPE_ABSTRACT = 1,
	SCOPE_SIGNAL = 2,
};

/* What came with which generation (landlock(7), "VERSIONS"). */
static uint64_t
files_of(long generation)
{
	uint64_t known = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1;

	if (generation >= 2)
		known |= LANDLOCK_ACCESS_FS_REFER;
	if (generation >= 3)
		known |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (generation >= 5)
		known |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return known;
}

static long
generation_ask(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

static bool
rules_make(struct landlock *rules, const struct attributes *attributes)
{
	*rules = (struct landlock){ (int)syscall(SYS_landlock_create_ruleset,
					attributes, sizeof(*attributes), 0),
		attributes->files };
	return rules->fd >= 0;
}

bool
landlock_begin(struct landlock *rules, uint64_t rights, bool has_abstract,
    struct problem *problem)
{
	long generation = generation_ask();
	struct attributes attributes = { 0 };

	if (generation > 0) {
		attributes.files = rights & files_of(generation);
		attributes.net = generation >= 4 ? TCP_BOTH : 0;
		attributes.scopes = generation >= 6 ? SCOPE_SIGNAL : 0;
		if (generation >= 6 && !has_abstract)
			attributes.scopes |= SCOPE_ABSTRACT;
		if (rules_make(rules, &attributes))
			return true;
	}
	(void)problem_errno(problem, "landlock");
	return false;
}

bool
landlock_begin_more(struct landlock *rules, uint64_t rights)
{
	long generation = generation_ask();
	const struct attributes attributes = {
		.files = generation > 0 ? rights & files_of(generation) : 0
	};

	return generation > 0 && rules_make(rules, &attributes);
}

void
landlock_allow(const struct landlock *rules, int fd, uint64_t rights)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & rules->handled, .parent_fd = fd
	};

	(void)syscall(SYS_landlock_add_rule, rules->fd,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

void
landlock_allow_port(const struct landlock *rules, uint16_t port)
{
	const struct port_rule rule = { TCP_CONNECT, port };

	(void)syscall(SYS_landlock_add_rule, rules->fd, RULE_PORT, &rule, 0);
}

bool
landlock_hold(struct landlock *rules, struct problem *problem)
{
	bool is_held = syscall(SYS_landlock_restrict_self, rules->fd, 0) == 0;

	if (!is_held)
		(void)problem_errno(problem, "landlock");
	(void)close(rules->fd);
	return is_held;
}
