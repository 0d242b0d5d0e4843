/* SPDX-License-Identifier: MIT */
/*
 * The process that reads mail, as it is: what it tells, what it leaves alone,
 * and that it is locked in.
 */
#include "unit.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wire.h"
#include "files/file.h"
#include "reports/clerk.h"
#include "reports/postbox.h"
#include "wall/channel.h"
#include "wall/confine.h"

#define GOOD "{\"date-range\":{\"start-datetime\":1795824000},\"policies\":[]}"
#define OTHER                                                                  \
	"{\"date-range\":{\"start-datetime\":1795824000},\"report-id\":"       \
	"\"2\",\"policies\":[]}"

struct world {
	char directory[32];
	struct loop loop;
	struct channel channel;
	pid_t pid;
	struct hearsay hearsay;
	unsigned mails;
	unsigned locks;
	bool is_whole;
	bool has_arrived;
};

static bool
take(enum message message, json_t *object, void *arg)
{
	struct world *world = arg;

	switch (message) {
	case MESSAGE_HELLO:
		world->locks = (unsigned)json_integer_value(
		    json_object_get(object, "locks"));
		return true;
	case MESSAGE_NOTE:
		return true;
	case MESSAGE_MAIL:
		world->mails++;
		return true;
	case MESSAGE_ARRIVED:
		world->has_arrived = true;
		return true;
	default:
		world->is_whole = message == MESSAGE_HEARD;
		return hearsay_take(&world->hearsay, message, object, 0);
	}
}

static void
closed(void *arg)
{
	(void)arg;
	fail_msg("it ended");
}

static void
file_put(const struct world *world, const char *name, const char *text)
{
	char *path = mem_format("%s/%s", world->directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_true(file_write(fd, text, strlen(text)));
	(void)close(fd);
	free(path);
}

static void
file_drop(const struct world *world, const char *name)
{
	char *path = mem_format("%s/%s", world->directory, name);

	(void)unlink(path);
	free(path);
}

/* What it is told to leave alone: that with this text, or NULL. */
static json_t *
banned(const char *text)
{
	uint8_t digest[32];
	json_t *list = json_array();

	if (text == NULL)
		return list;
	assert_int_equal(
	    EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL),
	    1);
	wire_append(list, wire_hex(digest, sizeof(digest)));
	return list;
}

/* Begins with an empty directory. */
static void
world_begin(struct world *world)
{
	*world = (struct world){ .directory = "/var/tmp/clerk.XXXXXX" };
	assert_non_null(mkdtemp(world->directory));
}

static void
look(struct world *world, const char *ban)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	world->pid = fork();
	if (world->pid == 0) {
		(void)close(pair[0]);
		clerk_run(pair[1]);
		_exit(0);
	}
	(void)close(pair[1]);
	loop_init(&world->loop);
	world->channel = (struct channel){
		.take = take, .closed = closed, .arg = world
	};
	channel_open(&world->channel, &world->loop, pair[0]);
	assert_true(channel_put(&world->channel, MESSAGE_MAILBOX,
	    json_pack("{s:o,s:i,s:o}", "path", wire_text(world->directory),
		"since", 1000, "banned", banned(ban))));
	for (int i = 0; i < 3000 && !world->is_whole; i++)
		loop_turn(&world->loop, 20);
	assert_true(world->is_whole);
}

static void
world_end(struct world *world)
{
	int status;

	channel_close(&world->channel);
	assert_int_equal(waitpid(world->pid, &status, 0), world->pid);
	assert_int_equal(status, 0);
	loop_fini(&world->loop);
	hearsay_fini(&world->hearsay);
	(void)rmdir(world->directory);
}

static void
test_told(void **state)
{
	struct world world;

	(void)state;
	world_begin(&world);
	file_put(&world, "1.json", GOOD);
	file_put(&world, "2.json", OTHER);
	look(&world, OTHER);
	assert_int_equal(world.mails, 1);
	assert_int_equal(world.hearsay.collection.sums.reports, 1);
	/* What it leaves alone is said. */
	assert_int_equal(world.hearsay.collection.unread, 1);
	assert_int_equal(world.hearsay.collection.refused, 0);
	assert_false(world.has_arrived);
	file_put(&world, "3.json", GOOD);
	for (int i = 0; i < 3000 && !world.has_arrived; i++)
		loop_turn(&world.loop, 20);
	assert_true(world.has_arrived);
	file_drop(&world, "1.json");
	file_drop(&world, "2.json");
	file_drop(&world, "3.json");
	world_end(&world);
}

/* What was written before the time that counts is not opened. */
static void
test_old(void **state)
{
	const struct timespec times[2] = { { 999, 0 }, { 999, 0 } };
	struct world world;
	char *path;

	(void)state;
	world_begin(&world);
	file_put(&world, "1.json", GOOD);
	path = mem_format("%s/1.json", world.directory);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
	look(&world, NULL);
	assert_int_equal(world.mails, 0);
	assert_int_equal(world.hearsay.collection.sums.reports, 0);
	file_drop(&world, "1.json");
	world_end(&world);
}

/* A link out of the directory is no way to what others may not read. */
static void
test_locked_in(void **state)
{
	struct world world, other;
	char *target, *link;

	(void)state;
	world_begin(&world);
	world_begin(&other);
	file_put(&other, "1.json", GOOD);
	target = mem_format("%s/1.json", other.directory);
	link = mem_format("%s/link.json", world.directory);
	assert_int_equal(symlink(target, link), 0);
	look(&world, NULL);
	if ((world.locks & LOCK_LANDLOCK) != 0) {
		assert_int_equal(world.hearsay.collection.sums.reports, 0);
		assert_int_equal(world.hearsay.collection.refused, 1);
	}
	file_drop(&world, "link.json");
	file_drop(&other, "1.json");
	(void)rmdir(other.directory);
	free(target);
	free(link);
	world_end(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_locked_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
