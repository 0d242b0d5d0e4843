/* SPDX-License-Identifier: MIT */
/*
 * What asks the daemon, and daemons that lie: whoever may bind the socket.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/client.h"
#include "tree.h"
#include "villain.h"

enum { ANSWER_MS = 1000, LIST_MS = 2000 };

struct world {
	struct tree tree;
	char *path;
	struct villain villain;
	struct control_client *client;
	struct problem problem;
};

static void
world_begin(struct world *world, villain_fn *act)
{
	*world = (struct world){ .problem = { "" } };
	tree_init(&world->tree);
	world->path = tree_path(&world->tree, "control");
	villain_begin_unix(&world->villain, world->path, act);
	if (act == NULL)
		return;
	assert_int_equal(
	    control_client_new(world->path, &world->client, &world->problem),
	    STATUS_OK);
	control_client_hurry(world->client, ANSWER_MS, LIST_MS);
}

/* It failed for this reason, and not because the other side has ended. */
static void
world_end(struct world *world, const char *reason)
{
	assert_true(villain_is_there(&world->villain));
	if (strstr(world->problem.text, reason) == NULL ||
	    strstr(world->problem.text, world->path) == NULL)
		fail_msg("'%s', not '%s'", world->problem.text, reason);
	control_client_free(world->client);
	villain_end(&world->villain);
	free(world->path);
	tree_fini(&world->tree);
}

static void
ask(struct world *world, const char *reason)
{
	assert_null(
	    control_ask(world->client, "status", NULL, &world->problem));
	world_end(world, reason);
}

static void
drip(int fd)
{
	villain_hear(fd);
	while (villain_drip(fd, " ", 1))
		continue;
}

static void
test_drip(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, drip);
	ask(&world, "no whole answer within 1 second");
}

static void
silent(int fd)
{
	for (;;)
		villain_hear(fd);
}

static void
test_silent(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, silent);
	ask(&world, "no whole answer within 1 second");
}

static void
flood(int fd)
{
	static char octets[65536];

	memset(octets, ' ', sizeof(octets));
	villain_hear(fd);
	villain_flood(fd, octets, sizeof(octets));
}

/* Whichever comes first on this machine: there are 16 MiB in a second. */
static void
test_flood(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, flood);
	control_client_hurry(
	    world.client, VILLAIN_SECONDS * 500, VILLAIN_SECONDS * 500);
	ask(&world, "an answer is longer than 16777216 octets");
}

static void
nonsense(int fd)
{
	villain_hear(fd);
	(void)send(fd, "{]\n", 3, MSG_NOSIGNAL);
	silent(fd);
}

static void
test_nonsense(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world, nonsense);
	ask(&world, strerror(EBADMSG));
}

/* Answer at once, for ever: `edition` and `total` grow as they are told. */
static void
list_for_ever(int fd, int edition_step)
{
	char text[128];

	for (int i = 1;; i++) {
		int len = snprintf(text, sizeof(text),
		    "{\"result\":{\"edition\":%d,\"total\":%d,"
		    "\"list\":[\"a\"]}}\n",
		    edition_step * i, i + 1000);

		villain_hear(fd);
		if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len)
			break;
	}
}

static void
growing(int fd)
{
	list_for_ever(fd, 0);
}

static void
changing(int fd)
{
	list_for_ever(fd, 1);
}

static void
test_list(void **state)
{
	static villain_fn *const acts[] = { growing, changing };
	struct world world;

	(void)state;
	for (size_t i = 0; i < LENGTH(acts); i++) {
		world_begin(&world, acts[i]);
		assert_null(
		    control_ask_list(world.client, "lineages", &world.problem));
		world_end(&world, "no whole list within 2 seconds");
	}
}

/* Two pages; the configuration is read anew between them. */
static void
honest(int fd)
{
	static const char *const pages[] = {
		"{\"result\":{\"edition\":1,\"total\":3,\"list\":[1,2]}}\n",
		"{\"result\":{\"edition\":2,\"total\":3,\"list\":[9]}}\n",
		"{\"result\":{\"edition\":2,\"total\":3,\"list\":[3,4]}}\n",
		"{\"result\":{\"edition\":2,\"total\":3,\"list\":[5]}}\n",
		"{\"result\":null}\n",
	};

	for (size_t i = 0; i < LENGTH(pages); i++) {
		villain_hear(fd);
		(void)send(fd, pages[i], strlen(pages[i]), MSG_NOSIGNAL);
	}
	silent(fd);
}

static void
test_honest(void **state)
{
	struct world world;
	json_t *list;
	char *text;

	(void)state;
	world_begin(&world, honest);
	control_client_hurry(
	    world.client, VILLAIN_SECONDS * 500, VILLAIN_SECONDS * 500);
	list = control_ask_list(world.client, "lineages", &world.problem);
	text = json_dumps(list, JSON_COMPACT);
	assert_string_equal(text, "[3,4,5]");
	free(text);
	json_decref(list);
	ask(&world, "the daemon does not know 'status'");
}

/* Nobody takes connections, and the queue is full. */
static void
test_queue(void **state)
{
	struct world world;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fds[16];
	size_t count = 0;

	(void)state;
	world_begin(&world, NULL);
	(void)strcpy(address.sun_path, world.path);
	do {
		assert_true(count < LENGTH(fds));
		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (connect(fds[count++], (const struct sockaddr *)&address,
		     sizeof(address)) == 0);
	assert_int_equal(
	    control_client_new(world.path, &world.client, &world.problem),
	    STATUS_IO);
	world_end(&world, "the daemon takes no connection within 10 seconds");
	for (size_t i = 0; i < count; i++)
		(void)close(fds[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_drip),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_queue),
	};

	return cmocka_run_group_tests_name("control client", tests, NULL, NULL);
}
