/* SPDX-License-Identifier: MIT */
/* The store of what other hosts send: whose it is, and what is in it. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "captive.h"
#include "files/file.h"
#include "tree.h"
#include "via/bare.h"
#include "via/shelf.h"

static struct tree tree;

static int
tree_begin(void **state)
{
	(void)state;
	tree_init(&tree);
	return 0;
}

static int
tree_end(void **state)
{
	(void)state;
	tree_fini(&tree);
	return 0;
}

/* What is in a file, "" if there is none; free() it. */
static char *
text_of(const char *name)
{
	char *path = tree_path(&tree, name);
	FILE *file = fopen(path, "r");
	char text[4096];
	size_t len = file != NULL ? fread(text, 1, sizeof(text), file) : 0;

	if (file != NULL)
		(void)fclose(file);
	free(path);
	return mem_copy(text, len);
}

static void
check_text(const char *name, const char *expected)
{
	char *text = text_of(name);

	assert_string_equal(text, expected);
	free(text);
}

static enum status
make(const char *name, const char *sender, struct problem *problem)
{
	struct shelf shelf;
	enum status status = shelf_make(
	    tree.root, name, sender, &shelf, problem);

	if (status == STATUS_OK)
		shelf_close(&shelf);
	return status;
}

static void
test_owner(void **state)
{
	struct problem problem = { "" };
	struct shelf shelf;

	(void)state;
	assert_int_equal(
	    shelf_open(tree.root, "mail", "a", &shelf, NULL), STATUS_ABSENT);
	assert_int_equal(make("mail", "a", NULL), STATUS_OK);
	check_text("mail/sender", "a\n");
	assert_int_equal(make("mail", "a", NULL), STATUS_OK);
	assert_int_equal(make("mail", "b", &problem), STATUS_REFUSED);
	assert_non_null(strstr(problem.text, "another sender's, 'a'"));
	assert_int_equal(make("mail", "ab", NULL), STATUS_REFUSED);
	assert_int_equal(
	    shelf_open(tree.root, "mail", "b", &shelf, NULL), STATUS_REFUSED);
	check_text("mail/sender", "a\n");
	/* As the message says. */
	tree_remove(&tree, "mail/sender");
	assert_int_equal(make("mail", "b", NULL), STATUS_OK);
	check_text("mail/sender", "b\n");
}

static void
test_strange(void **state)
{
	(void)state;
	tree_write(&tree, "file", "");
	tree_make(&tree, "elsewhere");
	tree_link(&tree, "elsewhere", "link");
	assert_int_equal(make("file", "a", NULL), STATUS_IO);
	assert_int_equal(make("link", "a", NULL), STATUS_IO);
	check_text("elsewhere/sender", "");
	tree_make(&tree, "mail");
	tree_link(&tree, "../elsewhere/stolen", "mail/sender");
	assert_int_not_equal(make("mail", "a", NULL), STATUS_OK);
	check_text("elsewhere/stolen", "");
}

static void
test_limit(void **state)
{
	struct problem problem = { "" };

	(void)state;
	for (int i = 0; i < LIMIT_VIA_LINEAGES; i++) {
		char *name = mem_format("n%d", i);

		assert_int_equal(make(name, "a", NULL), STATUS_OK);
		free(name);
	}
	assert_int_equal(make("more", "a", &problem), STATUS_LIMIT);
	assert_int_equal(make("n0", "a", NULL), STATUS_OK);
	assert_int_equal(make("more", "b", NULL), STATUS_OK);
}

static void
test_lock(void **state)
{
	struct problem problem = { "" };
	struct shelf one;
	struct shelf other;

	(void)state;
	assert_int_equal(
	    shelf_make(tree.root, "mail", "a", &one, NULL), STATUS_OK);
	assert_int_equal(
	    shelf_open(tree.root, "mail", "a", &other, NULL), STATUS_OK);
	assert_int_equal(shelf_lock(&one, NULL), STATUS_OK);
	assert_int_equal(shelf_lock(&other, &problem), STATUS_BUSY);
	assert_non_null(strstr(problem.text, "another deploy"));
	/* Who reports waits for nobody. */
	assert_int_equal(shelf_report(&other, 7, NULL), STATUS_OK);
	shelf_close(&one);
	assert_int_equal(shelf_lock(&other, NULL), STATUS_OK);
	shelf_close(&other);
}

static void
about_read(struct sent *sent)
{
	char *text = text_of("mail/sent.json");

	assert_int_equal(sent_parse(text, strlen(text), sent, NULL), STATUS_OK);
	free(text);
}

/* One octet stands for a certificate. */
static void
put(const struct shelf *shelf, uint8_t live, uint8_t next, size_t next_count,
    int64_t now)
{
	struct via_question offer = { .kind = VIA_OFFER,
		.next_count = next_count };

	offer.chain.list[0] = (struct via_der){ &live, 1 };
	offer.chain.count = 1;
	for (size_t i = 0; i < next_count; i++)
		offer.next[i].key = (struct via_der){ &next, 1 };
	assert_int_equal(shelf_put(shelf, &offer, now, NULL), STATUS_OK);
}

static void
test_put(void **state)
{
	struct shelf shelf;
	struct sent sent;
	struct stat before;
	struct stat after;
	char *path = tree_path(&tree, "mail/fullchain.pem");

	(void)state;
	assert_int_equal(
	    shelf_make(tree.root, "mail", "a", &shelf, NULL), STATUS_OK);
	put(&shelf, 0, 1, 2, 100);
	check_text("mail/fullchain.pem",
	    "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
	check_text("mail/next-2.pem",
	    "-----BEGIN PUBLIC KEY-----\nAQ==\n-----END PUBLIC KEY-----\n");
	about_read(&sent);
	assert_int_equal(sent.received, 100);
	assert_int_equal(sent.reported, 0);
	assert_int_equal(sent.next, 2);
	assert_int_equal(shelf_report(&shelf, 150, NULL), STATUS_OK);
	about_read(&sent);
	assert_int_equal(sent.reported, 150);
	assert_int_equal(sent.received, 100);
	assert_int_equal(sent.next, 2);
	/* The same again: nothing is written, nothing begins anew. */
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0644);
	put(&shelf, 0, 1, 2, 200);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	about_read(&sent);
	assert_int_equal(sent.received, 100);
	assert_int_equal(sent.reported, 150);
	/* Another one: what was staged is no more. */
	put(&shelf, 1, 1, 0, 300);
	about_read(&sent);
	assert_int_equal(sent.received, 300);
	assert_int_equal(sent.reported, 0);
	assert_int_equal(sent.next, 0);
	check_text("mail/next-1.pem", "");
	/* What cannot be understood is mended. */
	tree_write(&tree, "mail/sent.json", "{");
	put(&shelf, 1, 1, 0, 400);
	about_read(&sent);
	assert_int_equal(sent.received, 400);
	shelf_close(&shelf);
	free(path);
}

/* Whose directory it is, by how it lies there. */
static void
test_bare(void **state)
{
	static const struct {
		const char *file;
		const char *directory;
		enum source_type type;
		const char *source; /* NULL: none */
	} cases[] = {
		{ "le/live/mail/fullchain.pem", "le/live/mail", SOURCE_CERTBOT,
		    "le" },
		{ "at/live/mail/fullchain", "at/live/mail", SOURCE_ACMETOOL,
		    "at" },
		{ "de/certs/mail/fullchain.pem", "de/certs/mail",
		    SOURCE_DEHYDRATED, "de" },
		{ "sh/mail/fullchain.cer", "sh/mail", SOURCE_ACMESH, "sh" },
		{ "any/mail/fullchain.pem", "any/mail", SOURCE_FILES, "any" },
		{ "k8s/mail/tls.crt", "k8s/mail/", SOURCE_FILES, "k8s" },
		{ "no/mail/readme", "no/mail", SOURCE_FILES, NULL },
		{ "q\"q/mail/fullchain.pem", "q\"q/mail", SOURCE_FILES, NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *directory = tree_path(&tree, cases[i].directory);
		char *above;
		char *source;
		struct config *config = NULL;
		struct problem problem = { "" };
		enum status status;

		above = mem_copy(cases[i].file,
		    (size_t)(strrchr(cases[i].file, '/') - cases[i].file));
		tree_make(&tree, above);
		tree_write(&tree, cases[i].file, "");
		status = bare_config(directory, &config, &problem);
		if (cases[i].source == NULL) {
			assert_int_equal(status, STATUS_ABSENT);
			assert_true(problem.text[0] != '\0');
		} else {
			source = tree_path(&tree, cases[i].source);
			assert_int_equal(status, STATUS_OK);
			assert_int_equal(config->source_count, 1);
			assert_int_equal(
			    config->sources[0].type, cases[i].type);
			assert_string_equal(config->sources[0].path, source);
			config_free(config);
			free(source);
		}
		free(above);
		free(directory);
	}
}

/* In a process of its own: 0, only the lineage can be written any more. */
static int
play_alone(void)
{
	struct shelf shelf;
	bool is_good;

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (make("other", "a", NULL) != STATUS_OK ||
	    shelf_make(tree.root, "mail", "a", &shelf, NULL) != STATUS_OK)
		return 1;
	shelf_alone(&shelf);
	is_good = shelf_lock(&shelf, NULL) == STATUS_OK &&
		  shelf_report(&shelf, 7, NULL) == STATUS_OK;
	shelf_close(&shelf);
	is_good = is_good && make("new", "a", NULL) == STATUS_IO &&
		  shelf_open(tree.root, "other", "a", &shelf, NULL) ==
		      STATUS_OK &&
		  shelf_report(&shelf, 7, NULL) == STATUS_IO;
	return is_good ? 0 : 1;
}

static void
test_alone(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	captive_need();
	pid = fork();
	if (pid == 0)
		_exit(play_alone());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_owner, tree_begin, tree_end),
		cmocka_unit_test_setup_teardown(
		    test_strange, tree_begin, tree_end),
		cmocka_unit_test_setup_teardown(
		    test_limit, tree_begin, tree_end),
		cmocka_unit_test_setup_teardown(
		    test_lock, tree_begin, tree_end),
		cmocka_unit_test_setup_teardown(test_put, tree_begin, tree_end),
		cmocka_unit_test_setup_teardown(
		    test_alone, tree_begin, tree_end),
		cmocka_unit_test_setup_teardown(
		    test_bare, tree_begin, tree_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
