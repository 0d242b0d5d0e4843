/* SPDX-License-Identifier: MIT */
#include "runner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/apart.h"
#include "loop/log.h"

/* What stands before each text. */
struct order {
	uint32_t len;
	uint32_t timeout; /* seconds */
};

/* ---- the process ---- */

/* Return true if all of it was read. */
static bool
read_whole(int fd, void *data, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t count = read(fd, (char *)data + got, len - got);

		if (count == 0 || (count < 0 && errno != EINTR))
			return false;
		got += count > 0 ? (size_t)count : 0;
	}
	return true;
}

/* A file in memory: a program that reads nothing keeps nobody waiting. */
static int
input_make(const char *text, size_t len)
{
	int fd = memfd_create("alarm", MFD_CLOEXEC);

	for (size_t put = 0; fd >= 0 && put < len;) {
		ssize_t count = write(fd, text + put, len - put);

		if (count < 0 && errno != EINTR) {
			(void)close(fd);
			return -1;
		}
		put += count > 0 ? (size_t)count : 0;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* In the child: returns only if it cannot be executed. */
static void
execute(char *const *command, int input)
{
	(void)setpgid(0, 0);
	apart_end();
	(void)dup2(input, STDIN_FILENO);
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	(void)execv(command[0], command);
}

/* Begin it; returns its number, or -1 with errno. */
static pid_t
program_begin(char *const *command, int input)
{
	int error = 0;
	int words[2];
	pid_t pid;

	/* What is executed closes it; what is not says why. */
	if (pipe2(words, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		execute(command, input);
		error = errno;
		(void)!write(words[1], &error, sizeof(error));
		_exit(1);
	}
	error = pid < 0 ? errno : 0;
	(void)close(words[1]);
	if (pid > 0 && read_whole(words[0], &error, sizeof(error))) {
		(void)waitpid(pid, NULL, 0);
		pid = -1;
	}
	(void)close(words[0]);
	errno = error;
	return pid;
}

static void
program_kill(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	/* One that left its group. */
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* Wait for its end, its time, or that of who answers, and then never return. */
static struct run_result
program_wait(pid_t pid, uint32_t timeout, int socket, int events)
{
	struct pollfd list[2] = { { events, POLLIN, 0 }, { socket, 0, 0 } };
	int64_t until = loop_now() + INT64_C(1000) * timeout;
	struct signalfd_siginfo info;
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		int64_t left = until - loop_now();

		if (left <= 0) {
			program_kill(pid);
			return (struct run_result){ RUN_OVERTIME, 0 };
		}
		if (poll(list, 2, (int)left) > 0 && list[1].revents != 0) {
			program_kill(pid);
			_exit(0);
		}
		if ((list[0].revents & POLLIN) != 0)
			(void)!read(events, &info, sizeof(info));
	}
	return WIFSIGNALED(status)
		   ? (struct run_result){ RUN_KILLED, WTERMSIG(status) }
		   : (struct run_result){ RUN_EXITED, WEXITSTATUS(status) };
}

static struct run_result
program_run(char *const *command, const char *text, const struct order *order,
    int socket, int events)
{
	int input = input_make(text, order->len);
	pid_t pid = input >= 0 ? program_begin(command, input) : -1;
	struct run_result result = { RUN_REFUSED, errno };

	if (input >= 0)
		(void)close(input);
	return pid > 0 ? program_wait(pid, order->timeout, socket, events)
		       : result;
}

static _Noreturn void
serve(int socket, char *const *command)
{
	int events = apart_begin("pdns-tlsa-alarm", socket);
	struct order order;

	while (read_whole(socket, &order, sizeof(order))) {
		char *text = mem_new((size_t)order.len + 1);
		struct run_result result;

		if (!read_whole(socket, text, order.len))
			break;
		result = program_run(command, text, &order, socket, events);
		free(text);
		if (send(socket, &result, sizeof(result), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

/* ---- who answers ---- */

static char **
command_copy(char *const *command, size_t count)
{
	char **copy = mem_array(count + 1, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = command[i];
	return copy;
}

bool
runner_begin(struct runner *runner, char *const *command, size_t count)
{
	char **words = command_copy(command, count);
	int pair[2] = { -1, -1 };

	*runner = (struct runner){ .io = { .fd = -1 }, .pid = -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0)
		runner->pid = fork();
	if (runner->pid == 0) {
		(void)close(pair[0]);
		serve(pair[1], words);
	}
	if (runner->pid < 0)
		log_line(LOG_LEVEL_ERROR,
		    "alarm: no process that runs the program: %s",
		    strerror(errno));
	free(words);
	if (pair[1] >= 0)
		(void)close(pair[1]);
	runner->io.fd = pair[0];
	return runner->pid > 0;
}

static void
leave(struct runner *runner)
{
	if (runner->io.fd < 0)
		return;
	if (runner->loop != NULL)
		loop_remove(runner->loop, &runner->io);
	(void)close(runner->io.fd);
	runner->io.fd = -1;
}

void
runner_end(struct runner *runner)
{
	leave(runner);
	buf_fini(&runner->out);
	while (runner->pid > 0 && waitpid(runner->pid, NULL, 0) < 0 &&
	       errno == EINTR)
		continue;
}

static void
done(struct runner *runner, const struct run_result *result)
{
	runner->is_running = false;
	buf_fini(&runner->out);
	runner->done(runner->arg, result);
}

/* Send what is taken at once; the rest waits for the loop. */
static void
flush(struct runner *runner)
{
	ssize_t count = send(runner->io.fd, runner->out.data, runner->out.len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	/* That it is gone is seen when it is read. */
	if (count > 0)
		buf_consume(&runner->out, (size_t)count);
	loop_change(runner->loop, &runner->io,
	    runner->out.len > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void
ready(void *arg, uint32_t events)
{
	static const struct run_result gone = { RUN_GONE, 0 };
	struct runner *runner = arg;
	struct run_result result;
	ssize_t count;

	if ((events & EPOLLOUT) != 0 && runner->out.len > 0)
		flush(runner);
	count = recv(runner->io.fd, &result, sizeof(result), MSG_DONTWAIT);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count != (ssize_t)sizeof(result)) {
		leave(runner);
		done(runner, &gone);
	} else if (runner->is_running) {
		done(runner, &result);
	}
}

void
runner_join(
    struct runner *runner, struct loop *loop, run_done_fn *when_done, void *arg)
{
	runner->loop = loop;
	runner->done = when_done;
	runner->arg = arg;
	runner->io.ready = ready;
	runner->io.arg = runner;
	(void)loop_add(loop, &runner->io, EPOLLIN);
}

void
runner_run(struct runner *runner, const struct buf *text, uint32_t timeout)
{
	const struct order order = { (uint32_t)text->len, timeout };

	assert(runner_is_free(runner));
	runner->is_running = true;
	buf_add(&runner->out, &order, sizeof(order));
	buf_add(&runner->out, text->data, text->len);
	flush(runner);
}

bool
runner_is_free(const struct runner *runner)
{
	return runner->io.fd >= 0 && !runner->is_running;
}
