/* SPDX-License-Identifier: MIT */
/* files/file.h: a private key is not read, whatever it is called. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

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

/* Whatever it is called, wherever in the file: nothing of it is kept. */
static void
test_read_key(void **state)
{
	static const char secret[] = "U0VDUkVU";
	static const struct {
		const char *why;
		const char *text;
		enum status status;
	} cases[] = {
		{ "PKCS #8", "-----BEGIN PRIVATE KEY-----\n", STATUS_FOREIGN },
		{ "one more", "-----BEGIN EC PRIVATE KEY-----\r\n",
		    STATUS_FOREIGN },
		{ "encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
		    STATUS_FOREIGN },
		{ "behind something else",
		    "-----BEGIN CERTIFICATE-----\nAAAA\n"
		    "-----END CERTIFICATE-----\n"
		    "-----BEGIN RSA PRIVATE KEY-----\n",
		    STATUS_REFUSED },
		{ "in front of something else",
		    "-----BEGIN RSA PRIVATE KEY-----\nU0VDUkVU\n"
		    "-----END RSA PRIVATE KEY-----\n"
		    "-----BEGIN CERTIFICATE-----\nAAAA\n"
		    "-----END CERTIFICATE-----\n",
		    STATUS_REFUSED },
		{ "a public one", "-----BEGIN PUBLIC KEY-----\n", STATUS_OK },
		{ "not at the begin of a line",
		    "# -----BEGIN PRIVATE KEY-----\n", STATUS_OK },
	};
	struct tree *tree = *state;
	char *path = tree_path(tree, "some.pem");

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct problem problem = { "" };
		struct buf text = { 0 };

		print_message("# %s\n", cases[i].why);
		tree_write(tree, "some.pem", cases[i].text);
		if (strstr(cases[i].text, secret) == NULL)
			tree_append(tree, "some.pem", secret);
		buf_reserve(&text, 40000);
		memset(text.data, 0, text.room);
		assert_int_equal(file_read(path, 10000, &text, NULL, &problem),
		    cases[i].status);
		assert_int_equal(memmem(text.data, text.room, secret,
				     strlen(secret)) != NULL,
		    cases[i].status == STATUS_OK);
		assert_true(text.len == 0 || cases[i].status == STATUS_OK);
		buf_fini(&text);
	}
	free(path);
}

/* At every place of a long file, and where two reads meet. */
static void
test_read_key_anywhere(void **state)
{
	static const char key[] = "-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n";
	static const size_t places[] = { 1, 27, 28, 29, 16384, 16411, 16412,
		16413, 16420, 16440, 32768, 40000 };
	struct tree *tree = *state;
	char *path = tree_path(tree, "some.pem");

	for (size_t i = 0; i < LENGTH(places); i++) {
		char *before = mem_new(places[i] + 1);
		struct buf text = { 0 };

		memset(before, 'x', places[i]);
		before[places[i] - 1] = '\n';
		tree_write(tree, "some.pem", before);
		tree_append(tree, "some.pem", key);
		assert_int_equal(
		    file_read(path, 100000, &text, NULL, NULL), STATUS_FOREIGN);
		buf_fini(&text);
		free(before);
	}
	free(path);
}

/* A link says where it leads, also one that is on the way. */
static void
test_read_key_by_link(void **state)
{
	struct tree *tree = *state;
	char *path = tree_path(tree, "directory/fullchain.pem");

	tree_make(tree, "directory");
	tree_write(tree, "privkey1.pem", "no PEM");
	tree_link(tree, "../privkey1.pem", "directory/fullchain.pem");
	assert_int_equal(file_read(path, 100, &(struct buf){ 0 }, NULL, NULL),
	    STATUS_FOREIGN);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read_key),
		TEST(test_read_key_anywhere),
		TEST(test_read_key_by_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
