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

/* Each answer may take its time, all of them may not. */
static void
world_begin_hurried(struct world *world, villain_fn *act)
{
	world_begin(world, act);
	control_client_hurry(world->client, VILLAIN_SECONDS * 500, LIST_MS);
}

static void
test_list(void **state)
{
	static villain_fn *const acts[] = { growing, changing };
	struct world world;

	(void)state;
	for (size_t i = 0; i < LENGTH(acts); i++) {
		world_begin_hurried(&world, acts[i]);
		assert_null(
		    control_ask_list(world.client, "lineages", &world.problem));
		world_end(&world, "no whole list within 2 seconds");
	}
}

/* Hear and say each of these, and then that a question is not known. */
static void
recite(int fd, const char *const *lines, size_t count)
{
	static const char unknown[] = "{\"result\":null}\n";

	for (size_t i = 0; i <= count; i++) {
		const char *line = i < count ? lines[i] : unknown;

		villain_hear(fd);
		(void)send(fd, line, strlen(line), MSG_NOSIGNAL);
	}
	silent(fd);
}

/* One who is honest may take his time. */
static void
world_begin_honest(struct world *world, villain_fn *act)
{
	world_begin(world, act);
	control_client_hurry(
	    world->client, VILLAIN_SECONDS * 500, VILLAIN_SECONDS * 500);
}

static void
expect_text(struct world *world, json_t *list, const char *wanted)
{
	char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text != NULL ? text : "nothing", wanted);
	free(text);
	json_decref(list);
	/* And nothing more was asked for. */
	ask(world, "the daemon does not know 'status'");
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
	};

	recite(fd, pages, LENGTH(pages));
}

static void
test_honest(void **state)
{
	struct world world;

	(void)state;
	world_begin_honest(&world, honest);
	expect_text(&world,
	    control_ask_list(world.client, "lineages", &world.problem),
	    "[3,4,5]");
}

/* "b" goes while its services are judged, and "c" stands in its place. */
static void
list_in_parts(int fd)
{
	static const char *const pages[] = {
		"{\"result\":{\"edition\":1,\"total\":2,\"list\":["
		"{\"name\":\"a\",\"safe\":true,\"services\":2,\"next\":2}]}}\n",
		"{\"result\":{\"edition\":1,\"total\":2,\"list\":["
		"{\"name\":\"a\",\"safe\":false,\"services\":1},"
		"{\"name\":\"b\",\"safe\":true,\"services\":1,\"next\":9}]}}\n",
		"{\"result\":{\"edition\":1,\"total\":2,\"list\":["
		"{\"name\":\"c\",\"safe\":true,\"services\":7}]}}\n",
		"{\"result\":{\"edition\":1,\"total\":2,\"list\":["
		"{\"name\":\"c\",\"safe\":true,\"services\":8}]}}\n",
	};

	recite(fd, pages, LENGTH(pages));
}

static void
test_list_in_parts(void **state)
{
	struct world world;

	(void)state;
	world_begin_honest(&world, list_in_parts);
	expect_text(&world,
	    control_ask_list(world.client, "lineages", &world.problem),
	    "[{\"name\":\"a\",\"safe\":false,\"services\":3},"
	    "{\"name\":\"c\",\"safe\":true,\"services\":8}]");
}

#define SAFETY(edition, leaf, rest)                                            \
	"{\"result\":[{\"edition\":" edition ",\"leaf\":\"" leaf               \
	"\",\"services\":[]," rest "}]}\n"

static void
safety_in_parts(int fd)
{
	static const char *const parts[] = {
		SAFETY("1", "aa", "\"safe\":true,\"next\":5"),
		SAFETY("1", "aa", "\"safe\":false,\"next\":9"),
		SAFETY("1", "aa", "\"safe\":true"),
	};

	recite(fd, parts, LENGTH(parts));
}

/* Services have other numbers then, and some were not judged. */
static void
safety_read_again(int fd)
{
	static const char *const parts[] = {
		SAFETY("1", "aa", "\"safe\":true,\"next\":5"),
		SAFETY("2", "aa", "\"safe\":true"),
	};

	recite(fd, parts, LENGTH(parts));
}

static void
safety_renewed(int fd)
{
	static const char *const parts[] = {
		SAFETY("1", "aa", "\"safe\":true,\"next\":5"),
		SAFETY("1", "bb", "\"safe\":true"),
	};

	recite(fd, parts, LENGTH(parts));
}

static void
test_safety(void **state)
{
	static const struct {
		villain_fn *act;
		const char *wanted;
	} cases[] = {
		{ safety_in_parts,
		    "[{\"edition\":1,\"leaf\":\"aa\",\"safe\":false,"
		    "\"services\":[]}]" },
		{ safety_read_again,
		    "[{\"edition\":1,\"safe\":true,\"services\":[]}]" },
		{ safety_renewed,
		    "[{\"edition\":1,\"safe\":true,\"services\":[]}]" },
	};
	struct world world;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		world_begin_honest(&world, cases[i].act);
		expect_text(&world,
		    control_ask_safety(
			world.client, "mail", NULL, &world.problem),
		    cases[i].wanted);
	}
}

/* There is always another part. */
static void
safety_for_ever(int fd)
{
	static const char part[] = SAFETY(
	    "1", "aa", "\"safe\":true,\"next\":5");

	for (;;) {
		villain_hear(fd);
		if (send(fd, part, sizeof(part) - 1, MSG_NOSIGNAL) < 0)
			break;
	}
}

static void
test_safety_for_ever(void **state)
{
	struct world world;

	(void)state;
	world_begin_hurried(&world, safety_for_ever);
	assert_null(
	    control_ask_safety(world.client, "mail", NULL, &world.problem));
	world_end(&world, "no whole list within 2 seconds");
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
		cmocka_unit_test(test_list_in_parts),
		cmocka_unit_test(test_safety),
		cmocka_unit_test(test_safety_for_ever),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_drip),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_queue),
	};

	return cmocka_run_group_tests_name("control client", tests, NULL, NULL);
}
