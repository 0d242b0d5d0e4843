/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit.h"

void
tree_init(struct tree *tree)
{
	const char *base = getenv("TMPDIR");
	char *real;

	tree->root = mem_format("%s/tlsa.XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(tree->root));
	/* Links in the way would only show up as odd paths in tests. */
	real = realpath(tree->root, NULL);
	assert_non_null(real);
	free(tree->root);
	tree->root = real;
}

static int
remove_visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* FTW_DEPTH asks for the entries before the directory that holds them. */
static void
remove_all(const char *path)
{
	assert_int_equal(nftw(path, remove_visit, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void
tree_fini(struct tree *tree)
{
	remove_all(tree->root);
	free(tree->root);
	tree->root = NULL;
}

char *
tree_path(const struct tree *tree, const char *name)
{
	return mem_format(
	    "%s%s%s", tree->root, name[0] != '\0' ? "/" : "", name);
}

void
tree_make(const struct tree *tree, const char *name)
{
	char *path = tree_path(tree, name);
	char *at = path + strlen(tree->root);

	while (at != NULL) {
		at = strchr(at + 1, '/');
		if (at != NULL)
			*at = '\0';
		(void)mkdir(path, 0755);
		if (at != NULL)
			*at = '/';
	}
	assert_int_equal(access(path, F_OK), 0);
	free(path);
}

static void
octets_put(const struct tree *tree, const char *name, int flags,
    const void *data, size_t len)
{
	char *path = tree_path(tree, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(close(fd), 0);
	free(path);
}

void
tree_write_octets(
    const struct tree *tree, const char *name, const void *data, size_t len)
{
	octets_put(tree, name, O_TRUNC, data, len);
}

void
tree_write(const struct tree *tree, const char *name, const char *text)
{
	octets_put(tree, name, O_TRUNC, text, strlen(text));
}

void
tree_append(const struct tree *tree, const char *name, const char *text)
{
	octets_put(tree, name, O_APPEND, text, strlen(text));
}

void
tree_link(const struct tree *tree, const char *target, const char *name)
{
	char *path = tree_path(tree, name);

	assert_int_equal(symlink(target, path), 0);
	free(path);
}

void
tree_rename(const struct tree *tree, const char *from, const char *to)
{
	char *old = tree_path(tree, from);
	char *new = tree_path(tree, to);

	assert_int_equal(rename(old, new), 0);
	free(old);
	free(new);
}

void
tree_chmod(const struct tree *tree, const char *name, unsigned mode)
{
	char *path = tree_path(tree, name);

	assert_int_equal(chmod(path, (mode_t)mode), 0);
	free(path);
}

void
tree_remove(const struct tree *tree, const char *name)
{
	char *path = tree_path(tree, name);

	remove_all(path);
	free(path);
}
