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

enum {
	TCP_BOTH = 3, /* bind and connect */
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

bool
landlock_begin(struct landlock *rules, uint64_t rights, bool has_abstract,
    struct problem *problem)
{
	long generation = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct attributes attributes = { 0 };

	if (generation > 0) {
		attributes.files = rights & files_of(generation);
		attributes.net = generation >= 4 ? TCP_BOTH : 0;
		attributes.scopes = generation >= 6 ? SCOPE_SIGNAL : 0;
		if (generation >= 6 && !has_abstract)
			attributes.scopes |= SCOPE_ABSTRACT;
		*rules = (struct landlock){
			(int)syscall(SYS_landlock_create_ruleset, &attributes,
			    sizeof(attributes), 0),
			attributes.files
		};
		if (rules->fd >= 0)
			return true;
	}
	(void)problem_errno(problem, "landlock");
	return false;
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

bool
landlock_hold(struct landlock *rules, struct problem *problem)
{
	bool is_held = syscall(SYS_landlock_restrict_self, rules->fd, 0) == 0;

	if (!is_held)
		(void)problem_errno(problem, "landlock");
	(void)close(rules->fd);
	return is_held;
}
