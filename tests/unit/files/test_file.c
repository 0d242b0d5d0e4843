/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/file.h"
#include "tree.h"

static int
tree_begin(void **state)
{
	static struct tree tree;

	tree_init(&tree);
	*state = &tree;
	return 0;
}

static int
tree_end(void **state)
{
	tree_fini(*state);
	return 0;
}

static void
test_is_key_table(void **state)
{
	static const struct {
		const char *path;
		bool is_key;
	} cases[] = {
		{ "/etc/letsencrypt/live/mail/privkey.pem", true },
		{ "/etc/letsencrypt/archive/mail/privkey12.pem", true },
		{ "privkey-1700000000.pem", true },
		{ "privkey.roll.pem", true },
		{ "mail.key", true },
		{ "/a/MAIL.KEY", true },
		{ "/a/key.pem", true },
		{ "/a/mail-key.pem", true },
		{ "/a/mail_key.pem", true },
		{ "/a/mail.key.pem", true },
		{ "/a/mail.example.com.key.next", true },
		{ "/a/privkey.roll.pem", true },
		{ "/a/PrivKey.pem", true },
		{ "/a/fullchain.pem", false },
		{ "/a/fullchain12.pem", false },
		{ "/privkey/fullchain.pem", false },
		{ "/a.key/fullchain.pem", false },
		{ "/a/turkey.pem", false },
		{ "/a/pubkey.next.pem", false },
		{ "/a/key.pem.crt", false },
		{ "/a/", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("# %s\n", cases[i].path);
		assert_int_equal(file_is_key(cases[i].path), cases[i].is_key);
	}
}

/* Make each kind of thing that a path may lead to. */
static void
things_make(const struct tree *tree)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char *path = tree_path(tree, "fifo");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(mkfifo(path, 0600), 0);
	free(path);
	path = tree_path(tree, "socket");
	assert_in_range(strlen(path), 1, sizeof(name.sun_path) - 1);
	(void)strcpy(name.sun_path, path);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
	(void)close(fd);
	free(path);
	tree_write_octets(tree, "file", "a\0b", 3);
	tree_write(tree, "empty", "");
	tree_write(tree, "long", "1234567890");
	tree_write(tree, "longer", "12345678901");
	tree_write(tree, "x.key", "secret");
	tree_make(tree, "directory");
	tree_link(tree, "file", "link");
	tree_link(tree, "nowhere", "dangling");
	tree_link(tree, "loop", "loop");
	tree_link(tree, "/dev/zero", "zero");
}

static void
test_read_table(void **state)
{
	static const struct {
		const char *why;
		const char *name;
		enum status status;
		size_t len;
	} cases[] = {
		{ "a file", "file", STATUS_OK, 3 },
		{ "an empty one", "empty", STATUS_OK, 0 },
		{ "a link", "link", STATUS_OK, 3 },
		{ "as long as allowed", "long", STATUS_OK, 10 },
		{ "an octet more", "longer", STATUS_LIMIT, 0 },
		{ "nothing", "absent", STATUS_ABSENT, 0 },
		{ "below a file", "file/x", STATUS_ABSENT, 0 },
		{ "a dangling link", "dangling", STATUS_ABSENT, 0 },
		{ "a loop of links", "loop", STATUS_IO, 0 },
		{ "a directory", "directory", STATUS_REFUSED, 0 },
		{ "a device without end", "zero", STATUS_REFUSED, 0 },
		{ "a FIFO, which must not hold us", "fifo", STATUS_REFUSED, 0 },
		{ "a socket", "socket", STATUS_REFUSED, 0 },
		{ "a key by its name", "x.key", STATUS_REFUSED, 0 },
		{ "a key that is not even there", "y.key", STATUS_REFUSED, 0 },
	};
	struct tree *tree = *state;

	things_make(tree);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct fingerprint print = { .inode = 7 };
		struct problem problem = { "" };
		struct buf text = { 0 };
		char *path = tree_path(tree, cases[i].name);

		print_message("# %s\n", cases[i].why);
		buf_add_string(&text, "> ");
		assert_int_equal(file_read(path, 10, &text, &print, &problem),
		    cases[i].status);
		if (cases[i].status == STATUS_OK) {
			assert_int_equal(text.len, 2 + cases[i].len);
			assert_memory_equal(text.data, "> ", 2);
			assert_int_equal(print.size, cases[i].len);
		} else {
			assert_int_equal(print.inode, 7);
			assert_non_null(strstr(problem.text, path));
		}
		free(path);
		buf_fini(&text);
	}
}

/* A device may act on being opened, and who waits at a FIFO goes on. */
static void
test_read_opens(void **state)
{
	static const struct {
		const char *watched;
		const char *read;
		bool is_opened;
	} cases[] = {
		{ "file", "file", true },
		{ "file", "link", true },
		{ "fifo", "fifo", false },
		{ "fifo", "to-fifo", false },
		{ "socket", "socket", false },
		{ "directory", "directory", false },
		{ "x.key", "x.key", false },
	};
	struct tree *tree = *state;

	things_make(tree);
	tree_link(tree, "fifo", "to-fifo");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct inotify_event event;
		struct buf text = { 0 };
		char *path = tree_path(tree, cases[i].watched);
		int fd = inotify_init1(IN_NONBLOCK);

		print_message("# %s\n", cases[i].read);
		assert_true(inotify_add_watch(fd, path, IN_OPEN) >= 0);
		free(path);
		path = tree_path(tree, cases[i].read);
		(void)file_read(path, 10, &text, NULL, NULL);
		assert_int_equal(
		    read(fd, &event, sizeof(event)) > 0, cases[i].is_opened);
		(void)close(fd);
		free(path);
		buf_fini(&text);
	}
}

/* Nobody's rights are in the way of root, so become somebody else. */
static void
test_read_forbidden(void **state)
{
	struct tree *tree = *state;
	struct problem problem = { "" };
	struct buf text = { 0 };
	char *path = tree_path(tree, "file");
	enum status status;

	tree_write(tree, "file", "x");
	tree_chmod(tree, "", 0755);
	tree_chmod(tree, "file", 0);
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	status = file_read(path, 10, &text, NULL, &problem);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(status, STATUS_IO);
	assert_non_null(strstr(problem.text, "permission denied"));
	free(path);
	buf_fini(&text);
}

/* Each way in which a file becomes another one shows. */
static void
test_fingerprint(void **state)
{
	static const struct timespec past[2] = { { .tv_sec = 1000 },
		{ .tv_sec = 1000 } };
	/* Older kernels stamp with the time of the last clock tick. */
	static const struct timespec tick = { .tv_nsec = 20000000 };
	struct tree *tree = *state;
	struct fingerprint first, next;
	struct problem problem;
	struct buf text = { 0 };
	char *path = tree_path(tree, "file");
	char *link = tree_path(tree, "link");

	tree_write(tree, "file", "1");
	tree_link(tree, "file", "link");
	assert_int_equal(
	    file_read(path, 10, &text, &first, &problem), STATUS_OK);
	assert_true(file_fingerprint(path, &next));
	assert_true(fingerprint_equal(&first, &next));
	print_message("# the same by a link\n");
	assert_true(file_fingerprint(link, &next));
	assert_true(fingerprint_equal(&first, &next));
	print_message("# a copy of size and time in its place\n");
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
	assert_true(file_fingerprint(path, &first));
	tree_write(tree, "new", "2");
	tree_rename(tree, "new", "file");
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
	assert_true(file_fingerprint(path, &next));
	assert_false(fingerprint_equal(&first, &next));
	print_message("# written in place, and set back\n");
	first = next;
	(void)nanosleep(&tick, NULL);
	tree_write(tree, "file", "3");
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
	assert_true(file_fingerprint(path, &next));
	assert_false(fingerprint_equal(&first, &next));
	print_message("# nothing\n");
	tree_remove(tree, "file");
	assert_false(file_fingerprint(path, &next));
	assert_false(file_fingerprint(link, &next));
	free(path);
	free(link);
	buf_fini(&text);
}

/* Of two files as one: neither of them, and whatever changes is seen. */
static void
test_fingerprint_join(void **state)
{
	const struct fingerprint a = { 1, 2, 3, 4, 5 };
	const struct fingerprint b = { 1, 7, 3, 9, 9 };
	struct fingerprint changed = b;
	struct fingerprint both = a;
	struct fingerprint other = a;

	(void)state;
	fingerprint_join(&both, &b);
	assert_false(fingerprint_equal(&both, &a));
	assert_false(fingerprint_equal(&both, &b));
	fingerprint_join(&other, &b);
	assert_true(fingerprint_equal(&both, &other));
	changed.changed++;
	other = a;
	fingerprint_join(&other, &changed);
	assert_false(fingerprint_equal(&both, &other));
	changed = a;
	changed.changed++;
	fingerprint_join(&changed, &b);
	assert_false(fingerprint_equal(&both, &changed));
	/* The younger one says how fresh they are. */
	assert_int_equal(both.modified, 9);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_key_table),
		TEST(test_read_table),
		TEST(test_read_opens),
		TEST(test_read_forbidden),
		TEST(test_fingerprint),
		cmocka_unit_test(test_fingerprint_join),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
