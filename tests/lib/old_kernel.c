/* SPDX-License-Identifier: MIT */
#include "old_kernel.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>

#include "wall/confine.h"

static bool
take_away(scmp_filter_ctx filter, const char *name)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
		   seccomp_syscall_resolve_name(name), 0) == 0;
}

bool
old_kernel(unsigned locks)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool is_done = true;

	if ((locks & LOCK_LANDLOCK) != 0)
		is_done &= take_away(filter, "landlock_create_ruleset");
	if ((locks & LOCK_SECCOMP) != 0) {
		is_done &= take_away(filter, "seccomp");
		is_done &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL),
			       SCMP_SYS(prctl), 1,
			       SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)) == 0;
	}
	is_done = is_done && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return is_done;
}
