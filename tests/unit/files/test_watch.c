/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "looker.h"

static int
looker_make(void **state)
{
	static struct looker looker;

	looker_init(&looker);
	*state = &looker;
	return 0;
}

static int
looker_end(void **state)
{
	looker_fini(*state);
	return 0;
}

/* As certbot flips: the old link goes, the new one comes. */
static void
test_link_flipped(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "live");
	tree_make(tree, "archive");
	tree_write(tree, "archive/chain1.pem", "1");
	tree_link(tree, "../archive/chain1.pem", "live/chain.pem");
	assert_int_equal(
	    looker_set(looker, 'a', "live/chain.pem archive/chain1.pem"),
	    STATUS_OK);
	looker_expect(looker, "");
	print_message("# what lies beside it is of no interest\n");
	tree_write(tree, "archive/chain2.pem", "2");
	tree_write(tree, "live/README", "");
	tree_link(tree, "../archive/cert2.pem", "live/cert.pem");
	tree_link(tree, "../archive/chain1.pem", "live/previous_chain.pem");
	looker_expect(looker, "");
	tree_remove(tree, "live/chain.pem");
	looker_expect(looker, "a:changed ");
	tree_link(tree, "../archive/chain2.pem", "live/chain.pem");
	looker_expect(looker, "a:came ");
	assert_int_equal(
	    looker_set(looker, 'a', "live/chain.pem archive/chain2.pem"),
	    STATUS_OK);
	print_message("# the old generation is truncated later\n");
	tree_remove(tree, "archive/chain1.pem");
	looker_expect(looker, "");
	assert_int_equal(looker_watches(looker), 2);
}

static void
test_renamed_over(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_write(tree, "chain.pem", "1");
	(void)looker_set(looker, 'a', "chain.pem");
	tree_write(tree, "chain.pem.new", "2");
	looker_expect(looker, "");
	tree_rename(tree, "chain.pem.new", "chain.pem");
	looker_expect(looker, "a:came ");
	print_message("# and away\n");
	tree_rename(tree, "chain.pem", "chain.pem.old");
	looker_expect(looker, "a:changed ");
}

static void
test_rewritten(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;
	char *path = tree_path(tree, "chain.pem");
	char text[8];
	int fd;

	tree_write(tree, "chain.pem", "1");
	(void)looker_set(looker, 'a', "chain.pem");
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	looker_expect(looker, "a:writing ");
	assert_int_equal(write(fd, "2", 1), 1);
	looker_expect(looker, "a:writing ");
	(void)close(fd);
	looker_expect(looker, "a:written ");
	print_message("# rights\n");
	tree_chmod(tree, "chain.pem", 0600);
	looker_expect(looker, "a:changed ");
	print_message("# reading is no change\n");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 1);
	(void)close(fd);
	looker_expect(looker, "");
	free(path);
}

/* A file is written through a link that was made before (first issuance). */
static void
test_written_through_link(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "live");
	tree_make(tree, "archive");
	tree_link(tree, "../archive/chain1.pem", "live/chain.pem");
	(void)looker_set(
	    looker, 'a', "live/chain.pem live/../archive/chain1.pem");
	tree_write(tree, "live/chain.pem", "1");
	looker_expect(looker, "a:came a:writing a:written ");
}

/* Each entry of a directory, by its name. */
static void
test_all_entries(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "live");
	(void)looker_set(looker, 'a', "live live/");
	tree_make(tree, "live/mail");
	looker_expect(looker, "a:came=mail ");
	tree_rename(tree, "live/mail", "live/web");
	looker_expect(looker, "a:changed=mail a:came=web ");
	tree_write(tree, "live/README", "x");
	looker_expect(
	    looker, "a:came=README a:writing=README a:written=README ");
	tree_write(tree, "other", "x");
	tree_make(tree, "live/web/deep");
	looker_expect(looker, "");
	tree_remove(tree, "live/web");
	looker_expect(looker, "a:changed=web ");
	print_message("# the directory itself\n");
	tree_chmod(tree, "live", 0700);
	looker_expect(looker, "a:changed ");
}

/* Whoever watches in a directory hears that it is not where it was. */
static void
test_directory_gone(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "live/mail");
	(void)looker_set(looker, 'a', "live/mail/chain.pem");
	(void)looker_set(looker, 'b', "live/mail/");
	tree_rename(tree, "live/mail", "live/gone");
	looker_expect_any(looker);
	assert_non_null(strstr(buf_text(&looker->told), "a:moved"));
	assert_non_null(strstr(buf_text(&looker->told), "b:moved"));
	print_message("# what happens there is no longer told\n");
	tree_write(tree, "live/gone/chain.pem", "x");
	looker_expect(looker, "");
	print_message("# removed\n");
	tree_make(tree, "live/mail");
	(void)looker_set(looker, 'a', "live/mail/chain.pem");
	(void)looker_set(looker, 'b', "live/");
	tree_remove(tree, "live/mail");
	looker_expect_any(looker);
	assert_non_null(strstr(buf_text(&looker->told), "a:moved"));
	assert_non_null(strstr(buf_text(&looker->told), "b:changed=mail"));
}

/* A directory that is another one now, in each way that there is. */
static void
test_directory_replaced(void **state)
{
	static const char *const names = "live/mail/chain.pem live/";
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "live/mail");
	(void)looker_set(looker, 'a', names);
	looker->again[0] = names;
	print_message("# moved away, and made anew\n");
	tree_rename(tree, "live/mail", "live/gone");
	looker_expect_any(looker);
	tree_write(tree, "live/gone/chain.pem", "x");
	looker_expect(looker, "");
	tree_make(tree, "live/mail");
	looker_expect_any(looker);
	tree_write(tree, "live/mail/chain.pem", "");
	looker_expect(looker, "a:came a:written ");
	print_message("# removed, and made anew at once\n");
	tree_remove(tree, "live/mail");
	tree_make(tree, "live/mail");
	looker_expect_any(looker);
	tree_write(tree, "live/mail/other", "");
	looker_expect(looker, "");
	tree_write(tree, "live/mail/chain.pem", "");
	looker_expect(looker, "a:came a:written ");
	print_message("# another one moved in\n");
	tree_make(tree, "live/next");
	tree_remove(tree, "live/mail");
	tree_rename(tree, "live/next", "live/mail");
	looker_expect_any(looker);
	tree_write(tree, "live/mail/chain.pem", "");
	looker_expect(looker, "a:came a:written ");
	assert_int_equal(looker_watches(looker), 2);
}

/* A directory that was asked for a moment ago, and is another one since. */
static void
test_directory_replaced_unread(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "live");
	(void)looker_set(looker, 'a', "live/chain.pem");
	tree_rename(tree, "live", "gone");
	tree_make(tree, "live");
	(void)looker_set(looker, 'b', "live/chain.pem");
	print_message("# who comes in between hears of it all the same\n");
	looker_expect_any(looker);
	assert_non_null(strstr(buf_text(&looker->told), "a:moved"));
	assert_non_null(strstr(buf_text(&looker->told), "b:moved"));
	(void)looker_set(looker, 'b', "live/chain.pem");
	tree_write(tree, "live/chain.pem", "");
	looker_expect(looker, "b:came b:written ");
	print_message("# where nothing is told, it is asked for anew\n");
	tree_rename(tree, "live", "gone2");
	tree_make(tree, "live");
	watch_again(looker->watch);
	(void)looker_set(looker, 'c', "live/chain.pem");
	looker_expect_any(looker);
	assert_null(strstr(buf_text(&looker->told), "c:"));
	tree_write(tree, "live/chain.pem", "");
	looker_expect(looker, "c:came c:written ");
}

/* Moved off and back before anybody looked. */
static void
test_moved_there_and_back(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "mail");
	(void)looker_set(looker, 'a', "mail/chain.pem");
	(void)looker_set(looker, 'b', "mail/");
	looker->again[0] = "mail/chain.pem";
	looker->again[1] = "mail/";
	tree_rename(tree, "mail", "x");
	tree_rename(tree, "x", "mail");
	looker_expect_any(looker);
	tree_write(tree, "mail/chain.pem", "");
	looker_expect(looker, "b:came=chain.pem a:came b:written=chain.pem "
			      "a:written ");
	assert_int_equal(looker_watches(looker), 1);
}

/* What is missing is waited for, step by step. */
static void
test_parent_appears(void **state)
{
	static const char *const names = "a/b/c/chain.pem";
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	assert_int_equal(looker_set(looker, 'a', names), STATUS_OK);
	looker->again[0] = names;
	tree_make(tree, "b");
	tree_write(tree, "chain.pem", "");
	looker_expect(looker, "");
	tree_make(tree, "a");
	looker_expect(looker, "a:came ");
	tree_make(tree, "a/x");
	looker_expect(looker, "");
	tree_make(tree, "a/b");
	looker_expect(looker, "a:came ");
	tree_write(tree, "a/b/chain.pem", "");
	looker_expect(looker, "");
	tree_make(tree, "a/b/c");
	looker_expect(looker, "a:came ");
	tree_write(tree, "a/b/c/chain.pem", "");
	looker_expect(looker, "a:came a:written ");
	assert_int_equal(looker_watches(looker), 1);
	print_message("# several at once\n");
	tree_remove(tree, "a");
	looker_expect_any(looker);
	tree_make(tree, "a/b/c");
	looker_expect_any(looker);
	tree_write(tree, "a/b/c/chain.pem", "");
	looker_expect(looker, "a:came a:written ");
	print_message("# a file where a directory belongs\n");
	tree_remove(tree, "a");
	tree_write(tree, "a", "");
	looker->again[0] = NULL;
	assert_int_equal(looker_set(looker, 'a', names), STATUS_OK);
}

/* A link in place of a directory is followed. */
static void
test_linked_directory(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	tree_make(tree, "real");
	tree_link(tree, "real", "live");
	(void)looker_set(looker, 'a', "live/chain.pem");
	tree_write(tree, "real/chain.pem", "");
	looker_expect(looker, "a:came a:written ");
}

/* Many may look at one thing, and each leaves when it likes. */
static void
test_several_subjects(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	(void)looker_set(looker, 'a', "chain.pem");
	(void)looker_set(looker, 'b', "chain.pem other.pem");
	(void)looker_set(looker, 'c', "./");
	assert_int_equal(looker_watches(looker), 1);
	tree_write(tree, "chain.pem", "");
	looker_expect(looker, "c:came=chain.pem a:came b:came "
			      "c:written=chain.pem a:written b:written ");
	tree_remove(tree, "chain.pem");
	looker_expect(looker, "c:changed=chain.pem a:changed b:changed ");
	watch_drop(looker->watch, &looker->subjects[0]);
	tree_link(tree, "x", "chain.pem");
	looker_expect(looker, "c:came=chain.pem b:came ");
	(void)looker_set(looker, 'b', "other.pem");
	tree_remove(tree, "chain.pem");
	tree_link(tree, "x", "other.pem");
	looker_expect(looker, "c:changed=chain.pem c:came=other.pem b:came ");
	watch_drop(looker->watch, &looker->subjects[2]);
	tree_remove(tree, "other.pem");
	looker_expect(looker, "b:changed ");
	assert_int_equal(looker_watches(looker), 1);
	watch_drop(looker->watch, &looker->subjects[1]);
	assert_int_equal(looker_watches(looker), 0);
	tree_link(tree, "x", "other.pem");
	tree_write(tree, "chain.pem", "");
	looker_expect(looker, "");
}

/* Names that begin alike are two names. */
static void
test_similar_names(void **state)
{
	struct looker *looker = *state;

	(void)looker_set(looker, 'a', "chain.pem");
	(void)looker_set(looker, 'b', "chain.pe");
	tree_link(&looker->tree, "x", "chain.pem");
	looker_expect(looker, "a:came ");
	tree_link(&looker->tree, "x", "chain.pe");
	looker_expect(looker, "b:came ");
	tree_link(&looker->tree, "x", "chain");
	looker_expect(looker, "");
}

/* Whoever is told may set and drop, also what others watch. */
static void
test_drop_while_told(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;

	(void)looker_set(looker, 'a', "x ./");
	(void)looker_set(looker, 'b', "x");
	(void)looker_set(looker, 'c', "./");
	tree_link(tree, "1", "x");
	tree_remove(tree, "x");
	looker->drops = true;
	looker_read(looker);
	assert_int_equal(looker_watches(looker), 0);
	looker_expect(looker, "");
	looker->drops = false;
	(void)looker_set(looker, 'b', "x");
	tree_link(tree, "1", "x");
	looker_expect(looker, "b:came ");
}

/* More events than the kernel keeps: anything may have happened. */
static void
test_lost(void **state)
{
	struct looker *looker = *state;
	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
	char *path = tree_path(&looker->tree, "x");
	const char *lost = "=x ?:lost ";
	const char *told;
	int most = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &most), 1);
	(void)fclose(file);
	if (most > 200000)
		skip();
	(void)looker_set(looker, 'a', "./");
	for (int i = 0; i < most / 2 + 10; i++) {
		assert_int_equal(symlink("y", path), 0);
		assert_int_equal(unlink(path), 0);
	}
	looker_read(looker);
	told = buf_text(&looker->told);
	assert_string_equal(told + strlen(told) - strlen(lost), lost);
	tree_write(&looker->tree, "y", "");
	looker_expect(looker, "a:came=y a:written=y ");
	free(path);
}

/* What cannot be watched does not hinder the rest. */
static void
test_forbidden(void **state)
{
	struct looker *looker = *state;
	const struct tree *tree = &looker->tree;
	enum status status;

	tree_make(tree, "closed/inner");
	tree_make(tree, "open");
	tree_chmod(tree, "", 0755);
	tree_chmod(tree, "closed", 0);
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	status = looker_set(
	    looker, 'a', "closed/inner/chain.pem open/chain.pem");
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	tree_chmod(tree, "closed", 0755);
	assert_int_equal(status, STATUS_IO);
	tree_write(tree, "open/chain.pem", "");
	looker_expect(looker, "a:came a:written ");
}

int
main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, looker_make, looker_end)
	const struct CMUnitTest tests[] = {
		TEST(test_link_flipped),
		TEST(test_renamed_over),
		TEST(test_rewritten),
		TEST(test_written_through_link),
		TEST(test_all_entries),
		TEST(test_directory_gone),
		TEST(test_directory_replaced),
		TEST(test_directory_replaced_unread),
		TEST(test_moved_there_and_back),
		TEST(test_parent_appears),
		TEST(test_linked_directory),
		TEST(test_several_subjects),
		TEST(test_similar_names),
		TEST(test_drop_while_told),
		TEST(test_lost),
		TEST(test_forbidden),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
