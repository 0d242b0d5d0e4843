/* SPDX-License-Identifier: MIT */
#include "warden.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/apart.h"
#include "loop/log.h"

/* What the command line of one that is begun anew says. */
static const char again[] = "--warden";

/* One descriptor beside one octet, which says what for (cmsg(3)). */
struct passing {
	char octet;
	struct iovec part;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr message;
};

static void
passing_init(struct passing *passing)
{
	*passing = (struct passing){ 0 };
	passing->part = (struct iovec){ &passing->octet, 1 };
	passing->message = (struct msghdr){ .msg_iov = &passing->part,
		.msg_iovlen = 1,
		.msg_control = passing->control,
		.msg_controllen = sizeof(passing->control) };
}

static bool
pass(int socket, int fd, enum ward ward)
{
	struct passing passing;
	struct cmsghdr *head;
	ssize_t count;

	passing_init(&passing);
	passing.octet = (char)ward;
	head = CMSG_FIRSTHDR(&passing.message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	do
		count = sendmsg(socket, &passing.message, MSG_NOSIGNAL);
	while (count < 0 && errno == EINTR);
	return count == 1;
}

/* Returns a descriptor, or -1 at the end. */
static int
receive(int socket, enum ward *ret_ward)
{
	struct passing passing;
	const struct cmsghdr *head;
	ssize_t count;
	int fd;

	passing_init(&passing);
	do
		count = recvmsg(socket, &passing.message, MSG_CMSG_CLOEXEC);
	while (count < 0 && errno == EINTR);
	head = count == 1 ? CMSG_FIRSTHDR(&passing.message) : NULL;
	if (head == NULL || head->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	*ret_ward = passing.octet == WARD_MAIL ? WARD_MAIL : WARD_FILES;
	return fd;
}

static const struct {
	const char *process;
	const char *who; /* as the log has it */
} names[WARDS] = {
	[WARD_FILES] = { "pdns-tlsa-read", "reader" },
	[WARD_MAIL] = { "pdns-tlsa-mail", "reports" },
};

static void
make(int socket, int events, int fd, enum ward ward, ward_fn *run,
    struct focus *focus)
{
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		(void)prctl(PR_SET_NAME, names[ward].process);
		(void)sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		(void)close(socket);
		(void)close(events);
		if (ward != WARD_FILES) {
			focus_unmap(focus);
			focus = NULL;
		}
		run(fd, ward, focus);
		_exit(0);
	}
	if (pid < 0)
		log_line(LOG_LEVEL_ERROR, "%s: cannot be made: %s",
		    names[ward].who, strerror(errno));
	(void)close(fd);
}

/* What ended by itself did so in an order that we do not know. */
static void
bury(int events)
{
	struct signalfd_siginfo info;
	int status;

	if (read(events, &info, sizeof(info)) < 0)
		return;
	while (waitpid(-1, &status, WNOHANG) > 0)
		if (WIFSIGNALED(status))
			log_line(LOG_LEVEL_WARNING,
			    "who reads was ended by signal %d (%s)",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
}

static _Noreturn void
watch(int socket, ward_fn *run, struct focus *focus)
{
	struct pollfd list[2] = { { socket, POLLIN, 0 }, { -1, POLLIN, 0 } };
	enum ward ward;
	int fd;

	/* What is to end with us is a group; the one before is not ours. */
	if (setpgid(0, 0) != 0)
		_exit(1);
	list[1].fd = apart_begin("pdns-tlsa-ward", socket);
	for (;;) {
		if (poll(list, 2, -1) < 0)
			continue;
		if ((list[1].revents & POLLIN) != 0)
			bury(list[1].fd);
		if (list[0].revents == 0)
			continue;
		fd = receive(socket, &ward);
		if (fd < 0)
			break;
		make(socket, list[1].fd, fd, ward, run, focus);
	}
	/* All of the group, and so itself. */
	(void)kill(0, SIGKILL);
	_exit(0);
}

static bool
failed(const char *what)
{
	log_line(LOG_LEVEL_ERROR, "%s for the process that reads: %s", what,
	    strerror(errno));
	return false;
}

static void
focus_close(const struct warden *warden)
{
	focus_unmap(warden->focus);
	(void)close(warden->focus_fd);
}

bool
warden_begin(struct warden *warden, ward_fn *run)
{
	int pair[2];

	warden->focus = focus_new(&warden->focus_fd);
	if (warden->focus == NULL)
		return failed("no shared memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		focus_close(warden);
		return failed("no socket pair");
	}
	warden->fd = pair[0];
	warden->pid = fork();
	if (warden->pid == 0) {
		(void)close(pair[0]);
		watch(pair[1], run, warden->focus);
	}
	(void)close(pair[1]);
	if (warden->pid > 0)
		return true;
	(void)close(pair[0]);
	focus_close(warden);
	return failed("no process");
}

static int
ask(const struct warden *warden, enum ward ward)
{
	int pair[2];
	bool is_passed;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	is_passed = pass(warden->fd, pair[1], ward);
	(void)close(pair[1]);
	if (is_passed)
		return pair[0];
	(void)close(pair[0]);
	return -1;
}

/*
 * By executing ourselves, for by now there are keys, and threads that a fork
 * alone would leave in the midst of something (pthread_atfork(3)).
 */
static void
begin_anew(struct warden *warden)
{
	char number[16];
	char shared[16];
	int pair[2];

	log_line(LOG_LEVEL_WARNING,
	    "reader: who makes one was ended; another one is begun");
	(void)waitpid(warden->pid, NULL, WNOHANG);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	(void)snprintf(number, sizeof(number), "%d", pair[1]);
	(void)snprintf(shared, sizeof(shared), "%d", warden->focus_fd);
	(void)close(warden->fd);
	warden->fd = pair[0];
	warden->pid = fork();
	if (warden->pid == 0) {
		(void)fcntl(pair[1], F_SETFD, 0);
		(void)fcntl(warden->focus_fd, F_SETFD, 0);
		(void)execl("/proc/self/exe", "pdns-tlsa", again, number,
		    shared, (char *)NULL);
		_exit(1);
	}
	(void)close(pair[1]);
}

int
warden_make(struct warden *warden, enum ward ward)
{
	int fd = ask(warden, ward);

	if (fd < 0) {
		begin_anew(warden);
		fd = ask(warden, ward);
	}
	return fd;
}

void
warden_become(int argc, char *const *argv, ward_fn *run)
{
	struct focus *focus;

	if (argc != 4 || strcmp(argv[1], again) != 0)
		return;
	focus = focus_map((int)strtol(argv[3], NULL, 10));
	if (focus == NULL)
		_exit(1);
	watch((int)strtol(argv[2], NULL, 10), run, focus);
}

void
warden_end(struct warden *warden)
{
	(void)close(warden->fd);
	while (waitpid(warden->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	focus_close(warden);
}
