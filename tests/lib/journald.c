/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "journald.h"
#include "loop/log.h"

void
journald_listen(struct journald *journald)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int small = 1;

	(void)snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s", journald->path);
	(void)unlink(journald->path);
	journald->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	(void)setsockopt(
	    journald->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(bind(journald->fd, (const struct sockaddr *)&address,
			     sizeof(address)),
	    0);
}

void
journald_stream(unsigned off)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino + off);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
}

int
journald_begin(void **state)
{
	static struct journald journald;
	int pair[2];

	tree_init(&journald.tree);
	journald.path = tree_path(&journald.tree, "journal");
	journald_listen(&journald);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	journald.saved = dup(STDERR_FILENO);
	(void)dup2(pair[1], STDERR_FILENO);
	(void)close(pair[1]);
	journald.lines = pair[0];
	journald_stream(0);
	log_to_journal(journald.path);
	*state = &journald;
	return 0;
}

int
journald_end(void **state)
{
	struct journald *journald = *state;

	(void)dup2(journald->saved, STDERR_FILENO);
	(void)close(journald->saved);
	(void)close(journald->fd);
	(void)close(journald->lines);
	(void)unsetenv("JOURNAL_STREAM");
	free(journald->path);
	tree_fini(&journald->tree);
	return 0;
}

const char *
journald_datagram(const struct journald *journald)
{
	static char data[16384];
	ssize_t len = recv(journald->fd, data, sizeof(data) - 1, 0);

	data[len > 0 ? len : 0] = '\0';
	return data;
}

const char *
journald_stderr(const struct journald *journald)
{
	static char data[65536];
	ssize_t len = recv(journald->lines, data, sizeof(data) - 1, 0);

	data[len > 0 ? len : 0] = '\0';
	return data;
}
