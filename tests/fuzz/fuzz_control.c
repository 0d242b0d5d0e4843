/* SPDX-License-Identifier: MIT */
/*
 * Any octets as what the daemon's control socket says, a line for each
 * question: each question gets an end, with a result or with words fit for a
 * line; and whatever a result holds can be printed as a status.
 *
 * The first octet tells what is asked.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/client.h"
#include "control/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Who answers, in a thread of its own. */
static struct {
	char directory[32];
	struct sockaddr_un address;
	int listener;
	const uint8_t *data; /* of this input */
	size_t size;
	sem_t begin, end;
	FILE *sink;
} daemon_end;

/* A line for each question, and the rest behind the last one; then the end. */
static void
answer(int fd)
{
	const uint8_t *at = daemon_end.data;
	size_t left = daemon_end.size;
	char question[4096];

	while (left > 0 && recv(fd, question, sizeof(question), 0) > 0) {
		const uint8_t *eol = memchr(at, '\n', left);
		size_t len = eol != NULL ? (size_t)(eol - at) + 1 : left;

		for (size_t said = 0; said < len;) {
			ssize_t put = send(
			    fd, at + said, len - said, MSG_NOSIGNAL);

			if (put <= 0)
				return;
			said += (size_t)put;
		}
		at += len;
		left -= len;
	}
}

/* The fuzzer's own clock is a signal. */
static void
await(sem_t *semaphore)
{
	while (sem_wait(semaphore) != 0)
		assert(errno == EINTR);
}

static void *
answer_on(void *arg)
{
	(void)arg;
	for (;;) {
		int fd;

		await(&daemon_end.begin);
		do
			fd = accept(daemon_end.listener, NULL, NULL);
		while (fd < 0 && errno == EINTR);
		assert(fd >= 0);
		answer(fd);
		(void)close(fd);
		(void)sem_post(&daemon_end.end);
	}
	return NULL;
}

static void
leave(void)
{
	(void)unlink(daemon_end.address.sun_path);
	(void)rmdir(daemon_end.directory);
}

static void
daemon_begin(void)
{
	pthread_t thread;

	(void)strcpy(daemon_end.directory, "/tmp/tlsa-fuzz.XXXXXX");
	assert(mkdtemp(daemon_end.directory) != NULL);
	daemon_end.address.sun_family = AF_UNIX;
	(void)snprintf(daemon_end.address.sun_path,
	    sizeof(daemon_end.address.sun_path), "%s/s", daemon_end.directory);
	daemon_end.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(bind(daemon_end.listener,
		   (const struct sockaddr *)&daemon_end.address,
		   sizeof(daemon_end.address)) == 0 &&
	       listen(daemon_end.listener, 1) == 0);
	(void)atexit(leave);
	(void)sem_init(&daemon_end.begin, 0, 0);
	(void)sem_init(&daemon_end.end, 0, 0);
	daemon_end.sink = fopen("/dev/null", "w");
	assert(daemon_end.sink != NULL);
	assert(pthread_create(&thread, NULL, answer_on, NULL) == 0);
}

static void
check_problem(const struct problem *problem)
{
	assert(problem->text[0] != '\0');
	for (const char *c = problem->text; *c != '\0'; c++)
		assert(*c >= ' ' && *c <= '~');
}

static void
ask(struct control_client *client, unsigned what)
{
	static const struct terminal terminal = {
		.is_terminal = true, .is_coloured = true, .columns = 80
	};
	struct problem problem = { "" };
	json_t *result;

	if (what % 2 == 0)
		result = control_ask_list(client, "services", &problem);
	else
		result = control_ask(client, "status", NULL, &problem);
	if (result == NULL) {
		check_problem(&problem);
		return;
	}
	if (what % 2 == 0) {
		assert(json_is_array(result));
	} else if (json_is_object(result)) {
		status_print_table(result, &terminal, daemon_end.sink);
		status_print_prometheus(result, daemon_end.sink);
	}
	json_decref(result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_client *client = NULL;
	struct problem problem = { "" };

	if (size < 1)
		return 0;
	if (daemon_end.listener == 0)
		daemon_begin();
	daemon_end.data = data + 1;
	daemon_end.size = size - 1;
	(void)sem_post(&daemon_end.begin);
	assert(control_client_new(daemon_end.address.sun_path, &client,
		   &problem) == STATUS_OK);
	ask(client, data[0]);
	/* Once more, whatever the end of the first was. */
	ask(client, data[0] / 2);
	control_client_free(client);
	await(&daemon_end.end);
	return 0;
}
