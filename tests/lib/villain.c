/* SPDX-License-Identifier: MIT */
#include "villain.h"

#include "unit.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DRIP_MS = 20 }; /* far below any time-out */

void
villain_hear(int fd)
{
	char octets[65536];

	(void)recv(fd, octets, sizeof(octets), 0);
}

bool
villain_drip(int fd, const void *octets, size_t len)
{
	const char *at = octets;

	for (size_t i = 0; i < len; i++) {
		if (send(fd, at + i, 1, MSG_NOSIGNAL) != 1)
			return false;
		(void)poll(NULL, 0, DRIP_MS);
	}
	return true;
}

void
villain_flood(int fd, const void *octets, size_t len)
{
	size_t at = 0;
	ssize_t sent;

	while ((sent = send(
		    fd, (const char *)octets + at, len - at, MSG_NOSIGNAL)) > 0)
		at = (at + (size_t)sent) % len;
}

/* Of this process, which is one villain's. */
static volatile sig_atomic_t *is_over;

static void
give_up(int signal)
{
	(void)signal;
	*is_over = 1;
	_exit(0);
}

static void
serve(int fd, int type, villain_fn *act)
{
	(void)signal(SIGALRM, give_up);
	(void)alarm(VILLAIN_SECONDS);
	if (type == SOCK_DGRAM)
		act(fd);
	while (act != NULL && type == SOCK_STREAM) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			break;
		act(peer);
		(void)close(peer);
	}
	for (;;)
		(void)pause();
}

static void
begin(struct villain *villain, int fd, int type, villain_fn *act)
{
	villain->is_over = mmap(NULL, sizeof(*villain->is_over),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(villain->is_over, MAP_FAILED);
	villain->pid = fork();
	assert_true(villain->pid >= 0);
	if (villain->pid == 0) {
		is_over = villain->is_over;
		serve(fd, type, act);
	}
	(void)close(fd);
}

void
villain_begin(struct villain *villain, int type, villain_fn *act)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&address, len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	villain->port = ntohs(address.sin_port);
	begin(villain, fd, type, act);
}

void
villain_begin_unix(struct villain *villain, const char *path, villain_fn *act)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)strcpy(address.sun_path, path);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 0), 0);
	villain->port = 0;
	begin(villain, fd, SOCK_STREAM, act);
}

bool
villain_is_there(const struct villain *villain)
{
	return *villain->is_over == 0;
}

void
villain_end(struct villain *villain)
{
	(void)kill(villain->pid, SIGKILL);
	(void)waitpid(villain->pid, NULL, 0);
	(void)munmap(
	    (void *)(uintptr_t)villain->is_over, sizeof(*villain->is_over));
}
