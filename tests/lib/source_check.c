/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "source_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { NAMES_MAX = 256 };

struct config_source
source_check_source(char *path)
{
	static char *match[] = { CONFIG_MATCH };

	return (struct config_source){
		.path = path, .match = match, .match_count = LENGTH(match)
	};
}

static void
note(const char *name, void *arg)
{
	char *names = arg;
	char *at = names;
	size_t len = strlen(name) + 1;

	while (*at != '\0' && strcmp(at, name) < 0 &&
	       strncmp(at, name, len - 1) != 0)
		at = strchr(at, ' ') + 1;
	/* Once is enough: a store may know a lineage by several parts. */
	if (strncmp(at, name, len - 1) == 0 && at[len - 1] == ' ')
		return;
	assert_in_range(strlen(names) + len, 0, NAMES_MAX - 1);
	memmove(at + len, at, strlen(at) + 1);
	memcpy(at, name, len - 1);
	at[len - 1] = ' ';
}

char *
source_check_discover(
    const struct source_ops *ops, const struct tree *tree, enum status expected)
{
	const struct config_source source = source_check_source(tree->root);
	struct problem problem = { "" };
	char *names = mem_new(NAMES_MAX);

	assert_int_equal(
	    ops->discover(&source, note, names, &problem), expected);
	if (expected != STATUS_OK)
		assert_string_not_equal(problem.text, "");
	return names;
}

int
source_check_end(void **state)
{
	tree_fini(*state);
	return 0;
}

void
source_check_absent(const struct source_ops *ops, const struct tree *tree)
{
	struct tree absent = { tree_path(tree, "absent") };

	free(source_check_discover(ops, &absent, STATUS_ABSENT));
	free(absent.root);
}

void
source_check_found(
    const struct source_ops *ops, const struct tree *tree, const char *expected)
{
	char *found = source_check_discover(ops, tree, STATUS_OK);

	assert_string_equal(found, expected);
	free(found);
}

enum status
source_check_locate(const struct source_ops *ops, const struct tree *tree,
    const char *name, struct location *ret_location)
{
	static char untouched[] = "untouched";
	const struct config_source source = source_check_source(tree->root);
	struct problem problem = { "" };
	struct location location = { .warning = untouched };
	enum status status = ops->locate(
	    &source, name, NULL, &location, &problem);

	if (status == STATUS_OK)
		*ret_location = location;
	else
		assert_true(location.warning == untouched);
	if (status == STATUS_IO || status == STATUS_LIMIT)
		assert_string_not_equal(problem.text, "");
	return status;
}

enum status
source_check_status(
    const struct source_ops *ops, const struct tree *tree, const char *name)
{
	struct location location = { 0 };
	enum status status = source_check_locate(ops, tree, name, &location);

	if (status == STATUS_OK)
		location_fini(&location);
	return status;
}

void
source_check_located(const struct source_ops *ops, const struct tree *tree,
    const char *name, const char *file, const char *target)
{
	struct location location = { 0 };
	char *full = tree_path(tree, file);
	char *end = tree_path(tree, target);

	assert_int_equal(
	    source_check_locate(ops, tree, name, &location), STATUS_OK);
	assert_string_equal(location.file, full);
	assert_string_equal(location.target, end);
	assert_string_equal(location.watched.list[0], full);
	assert_true(source_check_has(tree, &location.watched, target));
	assert_null(location.warning);
	location_fini(&location);
	free(full);
	free(end);
}

void
source_check_paths(
    const struct tree *tree, const struct paths *paths, const char *expected)
{
	size_t root = strlen(tree->root) + 1;
	struct buf names = { 0 };

	for (size_t i = 0; i < paths->count; i++)
		buf_add_format(&names, "%s ", paths->list[i] + root);
	assert_string_equal(buf_text(&names), expected);
	buf_fini(&names);
}

bool
source_check_has(
    const struct tree *tree, const struct paths *paths, const char *name)
{
	char *path = tree_path(tree, name);
	bool has = false;

	for (size_t i = 0; i < paths->count; i++)
		has |= strcmp(paths->list[i], path) == 0;
	free(path);
	return has;
}

void
source_check_entries(const struct source_ops *ops,
    const struct source_check_entry *cases, size_t count)
{
	char path[] = "/srv/c";
	const struct config_source source = source_check_source(path);

	for (size_t i = 0; i < count; i++) {
		bool again = !cases[i].discover;
		char *lineage = ops->lineage_of(
		    &source, cases[i].role, cases[i].entry, &again);

		print_message("# %s\n", cases[i].why);
		if (cases[i].lineage == NULL)
			assert_null(lineage);
		else
			assert_string_equal(lineage, cases[i].lineage);
		assert_int_equal(again, cases[i].discover);
		free(lineage);
	}
}

void
source_check_plan(const struct source_ops *ops, const struct tree *tree,
    const char *name, const char *expected)
{
	struct location location = { 0 };
	struct buf words = { 0 };

	assert_int_equal(
	    source_check_locate(ops, tree, name, &location), STATUS_OK);
	buf_add_string(&words, !location.plan.is_known   ? "unknown"
			       : location.plan.reuse_key ? "reused key"
							 : "new key");
	if (location.plan.has_key_type)
		buf_add_string(&words,
		    location.plan.key_type == KEY_RSA ? ", RSA" : ", ECDSA");
	if (location.plan.server != NULL)
		buf_add_format(&words, ", %s", location.plan.server);
	if (location.plan.renews != 0)
		buf_add_format(
		    &words, ", at %lld", (long long)location.plan.renews);
	assert_string_equal(buf_text(&words), expected);
	buf_fini(&words);
	location_fini(&location);
}

void
source_check_key(const struct source_ops *ops, const struct tree *tree,
    const char *name, const char *file, const char *expected)
{
	const struct config_source source = source_check_source(tree->root);
	char *path = tree_path(tree, file);
	char *wanted = tree_path(tree, expected);
	char *key = ops->key_of(&source, name, path);

	assert_string_equal(key, wanted);
	free(key);
	free(wanted);
	free(path);
}

bool
source_check_lock(const struct tree *tree, const char *name, unsigned mode)
{
	tree_chmod(tree, "", 0755);
	tree_chmod(tree, name, mode);
	return geteuid() != 0 || seteuid(65534) == 0;
}

void
source_check_unlock(const struct tree *tree, const char *name)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	tree_chmod(tree, name, 0755);
}

void
source_check_found_locked(const struct source_ops *ops, const struct tree *tree,
    const char *name, enum status status, const char *expected)
{
	char *found;

	if (!source_check_lock(tree, name, 0))
		skip();
	found = source_check_discover(ops, tree, status);
	source_check_unlock(tree, name);
	assert_string_equal(found, expected);
	free(found);
}
