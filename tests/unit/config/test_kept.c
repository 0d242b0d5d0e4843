/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/kept.h"
#include "tree.h"

/* A directory with a configuration and its state. */
struct world {
	struct tree tree;
	char *path;
	char *state;
};

static int
begin(void **state)
{
	struct world *world = mem_new(sizeof(*world));

	tree_init(&world->tree);
	world->path = tree_path(&world->tree, "c.yaml");
	world->state = tree_path(&world->tree, "state");
	*state = world;
	return 0;
}

static int
end(void **state)
{
	struct world *world = *state;

	tree_fini(&world->tree);
	free(world->path);
	free(world->state);
	free(world);
	return 0;
}

/* One that is right; `ttl` tells them apart.  free() it. */
static char *
right(const struct world *world, unsigned ttl)
{
	return mem_format("state-directory: %s\ndefaults: {ttl: %u}\n"
			  "sources:\n- {type: certbot, path: /a}\n",
	    world->state, ttl);
}

static void
put(const struct world *world, const char *yaml)
{
	tree_write(&world->tree, "c.yaml", yaml);
}

static enum status
load(const struct world *world, const char *directory, struct buf *text,
    struct config **ret_config)
{
	struct problem problem = { "" };
	enum status status = config_kept_load(
	    world->path, directory, text, ret_config, &problem);

	assert_true((status == STATUS_OK) == (problem.text[0] == '\0'));
	return status;
}

/* Load what is right, as the daemon does, and keep it. */
static void
keep(const struct world *world, unsigned ttl)
{
	char *yaml = right(world, ttl);
	struct config *config = NULL;
	struct problem problem = { "" };
	struct buf text = { 0 };

	put(world, yaml);
	assert_int_equal(load(world, NULL, &text, &config), STATUS_OK);
	assert_null(config->fault);
	assert_int_equal(
	    config_kept_put(config, &text, ttl % 2 == 0, &problem), STATUS_OK);
	config_free(config);
	buf_fini(&text);
	free(yaml);
}

static void
expect_kept(const struct world *world, const char *directory, unsigned ttl,
    const char *fault)
{
	struct config *config = NULL;
	struct buf text = { 0 };
	char *yaml = right(world, ttl);

	assert_int_equal(load(world, directory, &text, &config), STATUS_OK);
	assert_non_null(config->fault);
	assert_non_null(strstr(config->fault, fault));
	assert_int_equal(config->defaults.ttl, ttl);
	/* a reload reads the file, not what is kept */
	assert_string_equal(config->path, world->path);
	assert_string_equal(buf_text(&text), yaml);
	config_free(config);
	buf_fini(&text);
	free(yaml);
}

static void
expect_nothing(const struct world *world)
{
	struct config *config = NULL;

	assert_int_not_equal(load(world, NULL, NULL, &config), STATUS_OK);
	assert_null(config);
}

/* However wrong it is, as long as it says where the state is. */
static void
test_wrong(void **state)
{
	static const struct {
		const char *before;
		const char *after;
		const char *fault;
	} rows[] = {
		{ "state-directory: ", "\nsauces: []\n", "sauces" },
		{ "state-directory: ", "\nsources: [\n", ":3:" },
		{ "# comment\nstate-directory:   \"", "\"  # here\n\tx: 1\n",
		    "tab" },
		{ "state-directory: '", "'\n\xff\n", "UTF-8" },
		{ "{state-directory: ", ", x: 1}\n", "x" },
		{ "\r\nstate-directory: ", "  # here\r\nsources: 7\r\n", ":" },
		{ "old-state-directory: /nowhere\nstate-directory: ", "\n",
		    "old-state-directory" },
		{ "{\"x\": 1, \"state-directory\": \"", "\"}", "x" },
	};
	const struct world *world = *state;

	keep(world, 60);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *yaml = mem_format(
		    "%s%s%s", rows[i].before, world->state, rows[i].after);

		put(world, yaml);
		expect_kept(world, NULL, 60, rows[i].fault);
		free(yaml);
	}
}

/* The directory of the environment tells where a file that is gone has it. */
static void
test_gone(void **state)
{
	const struct world *world = *state;

	keep(world, 60);
	tree_remove(&world->tree, "c.yaml");
	expect_nothing(world);
	expect_kept(world, world->state, 60, "create it");
	put(world, "");
	expect_kept(world, world->state, 60, "c.yaml");
}

static void
test_never_right(void **state)
{
	const struct world *world = *state;
	char *yaml = mem_format("state-directory: %s\nx: 1\n", world->state);

	put(world, yaml);
	expect_nothing(world);
	tree_make(&world->tree, "state");
	expect_nothing(world);
	free(yaml);
}

/* The last one counts, and what is right needs nothing that is kept. */
static void
test_last(void **state)
{
	const struct world *world = *state;

	keep(world, 61);
	keep(world, 62);
	keep(world, 62);
	put(world, "no: [");
	expect_kept(world, world->state, 62, "c.yaml");
	keep(world, 63);
}

/* What was cut short by a power failure, or altered, counts for nothing. */
static void
test_damage(void **state)
{
	const struct world *world = *state;
	char *path = tree_path(&world->tree, "state/" CONFIG_KEPT_FILE);
	struct buf whole = { 0 };
	FILE *file;
	int c;

	keep(world, 60);
	file = fopen(path, "r");
	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		buf_add(&whole, &(char){ (char)c }, 1);
	(void)fclose(file);
	put(world, "no: [");
	expect_kept(world, world->state, 60, "c.yaml");
	for (size_t len = 0; len < whole.len; len++) {
		struct config *config = NULL;

		tree_write_octets(
		    &world->tree, "state/" CONFIG_KEPT_FILE, whole.data, len);
		assert_int_not_equal(
		    load(world, world->state, NULL, &config), STATUS_OK);
	}
	whole.data[whole.len - 2] = '0';
	tree_write_octets(
	    &world->tree, "state/" CONFIG_KEPT_FILE, whole.data, whole.len);
	expect_nothing(world);
	buf_fini(&whole);
	free(path);
}

/* What another file was is nothing to this one. */
static void
test_other_file(void **state)
{
	const struct world *world = *state;
	char *other = tree_path(&world->tree, "d.yaml");
	struct problem problem = { "" };
	struct config *config = NULL;

	keep(world, 60);
	tree_write(&world->tree, "d.yaml", "no: [");
	assert_int_not_equal(
	    config_kept_load(other, world->state, NULL, &config, &problem),
	    STATUS_OK);
	assert_non_null(strstr(problem.text, "d.yaml"));
	free(other);
}

/* A path may be relative to where the daemon was started. */
static void
test_relative(void **state)
{
	struct world *world = *state;
	char *whole = world->path;
	char *before = getcwd(NULL, 0);

	keep(world, 60);
	put(world, "no: [");
	assert_int_equal(chdir(world->tree.root), 0);
	world->path = mem_string("c.yaml");
	expect_kept(world, world->state, 60, "c.yaml");
	assert_int_equal(chdir(before), 0);
	free(before);
	free(whole);
}

static void
test_unwritable(void **state)
{
	const struct world *world = *state;
	char *yaml = right(world, 60);
	struct problem problem = { "" };
	struct config *config = NULL;
	struct buf text = { 0 };

	/* a file where the directory should be: root, too, cannot write it */
	tree_write(&world->tree, "state", "");
	put(world, yaml);
	assert_int_equal(load(world, NULL, &text, &config), STATUS_OK);
	assert_int_equal(
	    config_kept_put(config, &text, true, &problem), STATUS_IO);
	assert_non_null(strstr(problem.text, world->state));
	config_free(config);
	buf_fini(&text);
	free(yaml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_wrong, begin, end),
		cmocka_unit_test_setup_teardown(test_gone, begin, end),
		cmocka_unit_test_setup_teardown(test_never_right, begin, end),
		cmocka_unit_test_setup_teardown(test_last, begin, end),
		cmocka_unit_test_setup_teardown(test_damage, begin, end),
		cmocka_unit_test_setup_teardown(test_other_file, begin, end),
		cmocka_unit_test_setup_teardown(test_relative, begin, end),
		cmocka_unit_test_setup_teardown(test_unwritable, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
