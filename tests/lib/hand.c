/* SPDX-License-Identifier: MIT */
#include "hand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tap.h"

char *
hand_path(const struct hand *hand, const char *format, ...)
{
	char path[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return mem_format("%s/%s", hand->store, path);
}

/* Tell of the system call; a failed one ends the test.  Frees `path`. */
static void
hand_done(const struct hand *hand, int result, const char *call, char *path)
{
	char *what = mem_format("%s %s", call, path + strlen(hand->store) + 1);

	if (result < 0) {
		perror(path);
		tap_bail(what);
	}
	if (hand->step != NULL)
		hand->step(hand->arg, what);
	free(what);
	free(path);
}

void
hand_mkdir(const struct hand *hand, char *path)
{
	hand_done(hand, mkdir(path, 0755), "mkdir", path);
}

void
hand_rmdir(const struct hand *hand, char *path)
{
	hand_done(hand, rmdir(path), "rmdir", path);
}

void
hand_unlink(const struct hand *hand, char *path)
{
	hand_done(hand, unlink(path), "unlink", path);
}

void
hand_unlink_any(const struct hand *hand, char *path)
{
	int result = unlink(path);

	hand_done(
	    hand, result < 0 && errno == ENOENT ? 0 : result, "unlink", path);
}

void
hand_symlink(const struct hand *hand, char *target, char *path)
{
	hand_done(hand, symlink(target, path), "symlink", path);
	free(target);
}

void
hand_rename(const struct hand *hand, char *from, char *to)
{
	hand_done(hand, rename(from, to), "rename to", to);
	free(from);
}

/* Where the next write ends. */
static size_t
next_cut(const char *text, size_t at)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	const char *leaf = strstr(text, end);
	size_t leaf_len = leaf != NULL ? (size_t)(leaf - text) + sizeof(end) - 1
				       : strlen(text);
	size_t cuts[] = { leaf_len / 2, leaf_len, leaf_len + 100,
		strlen(text) - 1, strlen(text) };

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		if (cuts[i] > at && cuts[i] <= strlen(text))
			return cuts[i];
	return strlen(text);
}

void
hand_write(const struct hand *hand, char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
	size_t at = 0;

	hand_done(hand, fd, "open", mem_string(path));
	while (at < strlen(text)) {
		size_t cut = next_cut(text, at);

		hand_done(hand, (int)write(fd, text + at, cut - at), "write",
		    mem_string(path));
		at = cut;
	}
	hand_done(hand, close(fd), "close", path);
}

void
hand_link(const struct hand *hand, char *from, char *to)
{
	hand_done(hand, link(from, to), "link to", to);
	free(from);
}

void
hand_make_any(const struct hand *hand, const char *name)
{
	char *path = name[0] != '\0' ? hand_path(hand, "%s", name)
				     : mem_string(hand->store);

	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		tap_bail(path);
	free(path);
}
