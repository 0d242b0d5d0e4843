/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum {
	STEP = 10,    /* seconds that are no drift */
	BOOT_ID = 37, /* a UUID, and its end */
	FILE_MAX = 128,
};

static int64_t
offset_now(void)
{
	struct sysinfo info = { 0 };

	(void)sysinfo(&info);
	return (int64_t)time(NULL) - (int64_t)info.uptime;
}

static int64_t
step_from(int64_t offset, int64_t before)
{
	int64_t step = offset - before;

	return step <= STEP && step >= -STEP ? 0 : step;
}

void
clock_begin(struct clock *clock)
{
	clock->offset = offset_now();
}

int64_t
clock_step(struct clock *clock)
{
	int64_t offset = offset_now();
	int64_t step = step_from(offset, clock->offset);

	if (step != 0)
		clock->offset = offset;
	return step;
}

/* Read a short text; false: it cannot be. */
static bool
text_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t len = fd >= 0 ? read(fd, text, size - 1) : -1;

	if (fd >= 0)
		(void)close(fd);
	if (len < 0)
		return false;
	text[len] = '\0';
	return true;
}

/* See random(4). */
static bool
boot_read(char *boot)
{
	if (!text_read("/proc/sys/kernel/random/boot_id", boot, BOOT_ID))
		return false;
	boot[strcspn(boot, "\n")] = '\0';
	return boot[0] != '\0';
}

bool
clock_kept_step(const char *directory, int64_t *ret_step)
{
	char *path = mem_format("%s/clock", directory);
	char boot[BOOT_ID];
	char text[FILE_MAX];
	char *end = text;
	int64_t before;
	bool is_known;

	is_known = boot_read(boot) && text_read(path, text, sizeof(text)) &&
		   strncmp(text, boot, strlen(boot)) == 0 &&
		   text[strlen(boot)] == ' ';
	if (is_known) {
		before = strtoll(text + strlen(boot) + 1, &end, 10);
		is_known = *end == '\n';
	}
	if (is_known)
		*ret_step = step_from(offset_now(), before);
	free(path);
	return is_known;
}

void
clock_keep(const char *directory)
{
	char *path = mem_format("%s/clock", directory);
	char *aside = mem_format("%s/clock.new", directory);
	char boot[BOOT_ID];
	int fd = -1;

	if (boot_read(boot)) {
		(void)unlink(aside);
		fd = open(aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	}
	if (fd >= 0) {
		bool is_good = dprintf(fd, "%s %" PRId64 "\n", boot,
				   offset_now()) > 0;

		if (close(fd) != 0 || !is_good || rename(aside, path) != 0)
			(void)unlink(aside);
	}
	free(aside);
	free(path);
}
