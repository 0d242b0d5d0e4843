/* SPDX-License-Identifier: MIT */
#include "control_bench.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

void
bench_listen(struct bench *bench)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)unlink(bench->path);
	(void)strcpy(address.sun_path, bench->path);
	bench->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(bench->listen_fd >= 0);
	assert_int_equal(bind(bench->listen_fd, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(bench->listen_fd, 5), 0);
}

int
control_bench_begin(void **state)
{
	struct bench *bench = mem_new(sizeof(*bench));

	tree_init(&bench->tree);
	bench->path = tree_path(&bench->tree, "control");
	loop_init(&bench->loop);
	bench_listen(bench);
	bench->control = pdns_control_new(&bench->loop, &bench->late);
	pdns_control_set_path(bench->control, bench->path);
	/* The log is standard error. */
	bench->log = tmpfile();
	bench->stderr_fd = dup(STDERR_FILENO);
	assert_non_null(bench->log);
	(void)dup2(fileno(bench->log), STDERR_FILENO);
	*state = bench;
	return 0;
}

/* Each PURGE comes again a second later; on a busy machine that is now. */
static bool
is_again(struct bench *bench, const char *command)
{
	struct heard **link = &bench->heard;

	while (*link != NULL && strcmp((*link)->command, command) != 0)
		link = &(*link)->next;
	if (*link != NULL) {
		struct heard *heard = *link;

		*link = heard->next;
		free(heard->command);
		free(heard);
		return true;
	}
	return false;
}

int
control_bench_end(void **state)
{
	struct bench *bench = *state;

	while (bench->heard != NULL)
		(void)is_again(bench, bench->heard->command);
	(void)dup2(bench->stderr_fd, STDERR_FILENO);
	(void)close(bench->stderr_fd);
	(void)fclose(bench->log);
	pdns_control_free(bench->control);
	(void)close(bench->listen_fd);
	loop_fini(&bench->loop);
	free(bench->path);
	tree_fini(&bench->tree);
	free(bench);
	return 0;
}

/* How many lines of the log have this in them. */
unsigned
bench_logged(const struct bench *bench, const char *text)
{
	char line[512];
	unsigned count = 0;

	rewind(bench->log);
	while (fgets(line, sizeof(line), bench->log) != NULL)
		count += strstr(line, text) != NULL;
	(void)fseek(bench->log, 0, SEEK_END);
	return count;
}

int
bench_accept(struct bench *bench)
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < 1000; i++) {
		loop_turn(&bench->loop, 5);
		fd = accept(bench->listen_fd, NULL, NULL);
	}
	assert_true(fd >= 0);
	return fd;
}

/* Take a command and reply; free() it. */
static char *
bench_take(struct bench *bench, const char *reply)
{
	int fd = bench_accept(bench);
	struct buf command = { 0 };
	char *text;

	while (command.len == 0 || command.data[command.len - 1] != '\n') {
		char octets[1024];
		ssize_t got = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

		if (got > 0)
			buf_add(&command, octets, (size_t)got);
		loop_turn(&bench->loop, 0);
	}
	assert_int_equal(send(fd, reply, strlen(reply), 0), strlen(reply));
	assert_int_equal(close(fd), 0);
	/* The reply, and its end. */
	loop_turn(&bench->loop, 10);
	loop_turn(&bench->loop, 10);
	text = mem_string(buf_text(&command));
	buf_fini(&command);
	return text;
}

static void
hear(struct bench *bench, const char *command)
{
	struct heard *heard = mem_new(sizeof(*heard));

	if (strncmp(command, "PURGE", 5) != 0) {
		free(heard);
		return;
	}
	heard->command = mem_string(command);
	heard->next = bench->heard;
	bench->heard = heard;
}

/* Take a command that is heard for the first time; free() it. */
char *
bench_serve(struct bench *bench, const char *reply)
{
	char *command = bench_take(bench, reply);

	while (is_again(bench, command)) {
		free(command);
		command = bench_take(bench, reply);
	}
	hear(bench, command);
	return command;
}

void
bench_expect(struct bench *bench, const char *command, const char *reply)
{
	char *got = bench_serve(bench, reply);

	assert_string_equal(got, command);
	free(got);
}

/* Whatever was purged is purged once more, and nothing else comes. */
void
bench_expect_quiet(struct bench *bench)
{
	while (bench->heard != NULL) {
		char *command = bench_take(bench, "0\n");

		assert_true(is_again(bench, command));
		free(command);
	}
	for (int i = 0; i < 5; i++)
		loop_turn(&bench->loop, 1);
	assert_int_equal(accept(bench->listen_fd, NULL, NULL), -1);
}
