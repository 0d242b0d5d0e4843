/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * All that reading takes: the C library's older and newer ways (of Debian 12
 * and later, and of processors with 32 bits), and those of sanitizers.
 */
static const char *const reads[] = {
	/* files, without making or changing any */
	"access", "close", "faccessat", "faccessat2", "fstat", "fstat64",
	"fstatat64", "fstatfs", "getcwd", "getdents", "getdents64",
	"inotify_add_watch", "inotify_rm_watch", "_llseek", "lseek", "lstat",
	"lstat64", "newfstatat", "pread64", "read", "readlink", "readlinkat",
	"readv", "stat", "stat64", "statfs", "statx",
	/* the channel, and events */
	"epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "poll",
	"ppoll", "ppoll_time64", "recv", "recvfrom", "write", "writev",
	/* memory */
	"brk", "madvise", "mmap", "mmap2", "mprotect", "mremap", "munmap",
	/* time */
	"clock_getres", "clock_getres_time64", "clock_gettime",
	"clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
	"getitimer", "gettimeofday", "nanosleep", "setitimer", "time",
	/* itself */
	"exit", "exit_group", "futex", "futex_time64", "getcpu", "getegid",
	"getegid32", "geteuid", "geteuid32", "getgid", "getgid32", "getpid",
	"getppid", "getrandom", "getrlimit", "getrusage", "gettid", "getuid",
	"getuid32", "membarrier", "restart_syscall", "rseq", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield",
	"set_robust_list", "sigaltstack", "sigreturn", "sysinfo", "times",
	"ugetrlimit", "uname", NULL
};

/*
 * What no answer takes.  Who answers also begins who makes readers, which has
 * this filter, too; so executing, forking and signals stay.
 */
static const char *const refused_calls[] = {
	/* others' memory, descriptors and keys */
	"add_key", "bpf", "kcmp", "keyctl", "perf_event_open", "pidfd_getfd",
	"process_madvise", "process_vm_readv", "process_vm_writev",
#ifndef __SANITIZE_ADDRESS__ /* which traces itself for leaks */
	"ptrace",
#endif
	"request_key", "userfaultfd",
	/* what gets round a filter, or a path */
	"io_uring_enter", "io_uring_register", "io_uring_setup", "memfd_create",
	"name_to_handle_at", "open_by_handle_at",
	/* the machine */
	"acct", "adjtimex", "chroot", "clock_adjtime", "clock_settime",
	"delete_module", "fanotify_init", "finit_module", "fsconfig", "fsmount",
	"fsopen", "fspick", "init_module", "ioperm", "iopl", "kexec_file_load",
	"kexec_load", "mknod", "mknodat", "mount", "mount_setattr",
	"move_mount", "open_tree", "pivot_root", "quotactl", "quotactl_fd",
	"reboot", "setdomainname", "sethostname", "setns", "settimeofday",
	"swapoff", "swapon", "syslog", "umount", "umount2", "unshare",
	"vhangup", NULL
};

/* Nor what a conversation takes; modes by descriptor, and threads, it does. */
static const char *const receiving_refused[] = {
	/* programs, processes, and who calls */
	"accept", "accept4", "execve", "execveat", "fork", "listen", "vfork",
	/* by a path, and landlock does not ask, or did not always */
	"chmod", "chown", "chown32", "fchmodat", "fchmodat2", "fchownat",
	"futimesat", "lchown", "lchown32", "lremovexattr", "lsetxattr",
	"removexattr", "removexattrat", "setxattr", "setxattrat", "truncate",
	"truncate64", "utime", "utimensat", "utimensat_time64", "utimes",
	/* signals, but to itself: see below */
	"pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill",
	/* its limits, and who it is */
	"setfsgid", "setfsuid", "setgid", "setgroups", "setregid", "setresgid",
	"setresuid", "setreuid", "setrlimit", "setuid", NULL
};

/*
 * An argument, counted from 0, held against one value, or against a mask and
 * a value.  libseccomp's macros leave a member out, which clang warns of.
 */
static struct scmp_arg_cmp
argument(unsigned number, enum scmp_compare how, scmp_datum_t first,
    scmp_datum_t second)
{
	return (struct scmp_arg_cmp){ number, how, first, second };
}

/* A name that libseccomp, or this processor, does not know says nothing. */
static void
rule_add(scmp_filter_ctx filter, uint32_t action, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number != __NR_SCMP_ERROR)
		(void)seccomp_rule_add(filter, action, number, 0);
}

/* The same for calls with such an argument. */
static void
rule_add_when(scmp_filter_ctx filter, uint32_t action, const char *name,
    struct scmp_arg_cmp when)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number != __NR_SCMP_ERROR)
		(void)seccomp_rule_add_array(filter, action, number, 1, &when);
}

static void
list_add(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	for (; *names != NULL; names++)
		rule_add(filter, action, *names);
}

static bool
filter_hold(scmp_filter_ctx filter, struct problem *problem)
{
	int error;

	/* The kernel's own reason. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	/* Of another processor's kind are none of ours. */
	(void)seccomp_attr_set(
	    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
	error = seccomp_load(filter);
	seccomp_release(filter);
	if (error != 0)
		problem_set(problem, "seccomp: %s", strerror(-error));
	return error == 0;
}

/* To itself (abort(3) is one), but to nobody else. */
static void
signals_add(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp own = argument(
	    0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);

	rule_add_when(filter, SCMP_ACT_ALLOW, "kill", own);
	rule_add_when(filter, SCMP_ACT_ALLOW, "tgkill", own);
}

/* Not F_SETOWN, by which the kernel sends others a signal. */
static void
descriptors_add(scmp_filter_ctx filter)
{
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL,
		F_DUPFD_CLOEXEC };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct scmp_arg_cmp command = argument(
		    1, SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0);

		rule_add_when(filter, SCMP_ACT_ALLOW, "fcntl", command);
		rule_add_when(filter, SCMP_ACT_ALLOW, "fcntl64", command);
	}
}

/*
 * What is not in the list does not exist (ENOSYS): a C library that tries
 * something new goes its older way then, which after EPERM it does not.
 */
bool
filter_reading(struct problem *problem)
{
	const scmp_datum_t changes = O_ACCMODE | O_CREAT | O_TRUNC;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

	list_add(filter, SCMP_ACT_ALLOW, reads);
	rule_add_when(filter, SCMP_ACT_ALLOW, "open",
	    argument(1, SCMP_CMP_MASKED_EQ, changes, O_RDONLY));
	rule_add_when(filter, SCMP_ACT_ALLOW, "openat",
	    argument(2, SCMP_CMP_MASKED_EQ, changes, O_RDONLY));
	rule_add_when(
	    filter, SCMP_ACT_ALLOW, "sendto", argument(4, SCMP_CMP_EQ, 0, 0));
	rule_add_when(filter, SCMP_ACT_ALLOW, "prlimit64",
	    argument(2, SCMP_CMP_EQ, 0, 0));
	signals_add(filter);
	descriptors_add(filter);
	return filter_hold(filter, problem);
}

bool
filter_answering(struct problem *problem)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);

	list_add(filter, refuse, refused_calls);
	rule_add_when(
	    filter, refuse, "socket", argument(0, SCMP_CMP_NE, AF_UNIX, 0));
	rule_add_when(filter, refuse, "clone",
	    argument(0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
	/* Nobody can look into its argument; the older way is clone(). */
	rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3");
	return filter_hold(filter, problem);
}

/* Sockets of the machine and of the Internet, and no other kind. */
static void
families_refuse(scmp_filter_ctx filter, uint32_t refuse)
{
	for (scmp_datum_t family = AF_UNSPEC; family < AF_INET6; family++)
		if (family != AF_UNIX && family != AF_INET)
			rule_add_when(filter, refuse, "socket",
			    argument(0, SCMP_CMP_EQ, family, 0));
	rule_add_when(
	    filter, refuse, "socket", argument(0, SCMP_CMP_GT, AF_INET6, 0));
}

static void
signals_refuse(scmp_filter_ctx filter, uint32_t refuse)
{
	const struct scmp_arg_cmp others = argument(
	    0, SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);

	rule_add_when(filter, refuse, "kill", others);
	rule_add_when(filter, refuse, "tgkill", others);
	for (scmp_datum_t i = 0; i < 2; i++) {
		const struct scmp_arg_cmp command = argument(
		    1, SCMP_CMP_EQ, i == 0 ? F_SETOWN : F_SETOWN_EX, 0);

		rule_add_when(filter, refuse, "fcntl", command);
		rule_add_when(filter, refuse, "fcntl64", command);
	}
}

bool
filter_receiving(struct problem *problem)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);

	list_add(filter, refuse, refused_calls);
	list_add(filter, refuse, receiving_refused);
	families_refuse(filter, refuse);
	signals_refuse(filter, refuse);
#ifndef __SANITIZE_ADDRESS__ /* which looks for leaks from another process */
	rule_add_when(filter, refuse, "clone",
	    argument(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
#endif
	rule_add_when(
	    filter, refuse, "prlimit64", argument(2, SCMP_CMP_NE, 0, 0));
	rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3");
	return filter_hold(filter, problem);
}
