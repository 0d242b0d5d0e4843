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

#include "file.h"
#include "mem.h"

enum {
	STEP = 10,      /* seconds that are no drift */
	FILE_MAX = 128, /* octets */
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

/* Append the boot's id (random(4)); false: it cannot be told. */
static bool
boot_read(struct buf *boot)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";

	if (file_read(path, FILE_MAX, boot, NULL, NULL) != STATUS_OK)
		return false;
	boot->len = strcspn(buf_text(boot), "\n");
	boot->data[boot->len] = '\0';
	return boot->len > 0;
}

bool
clock_kept_step(const char *directory, int64_t *ret_step)
{
	char *path = mem_format("%s/clock", directory);
	struct buf boot = { 0 };
	struct buf kept = { 0 };
	char *end = NULL;
	int64_t before;
	bool is_known;

	is_known = boot_read(&boot) &&
		   file_read(path, FILE_MAX, &kept, NULL, NULL) == STATUS_OK &&
		   strncmp(buf_text(&kept), boot.data, boot.len) == 0 &&
		   kept.data[boot.len] == ' ';
	if (is_known) {
		before = strtoll(kept.data + boot.len + 1, &end, 10);
		is_known = *end == '\n';
	}
	if (is_known)
		*ret_step = step_from(offset_now(), before);
	buf_fini(&kept);
	buf_fini(&boot);
	free(path);
	return is_known;
}

void
clock_keep(const char *directory)
{
	char *path = mem_format("%s/clock", directory);
	char *aside = mem_format("%s/clock.new", directory);
	struct buf boot = { 0 };
	int fd = -1;

	if (boot_read(&boot)) {
		(void)unlink(aside);
		fd = open(aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	}
	if (fd >= 0) {
		bool is_good = dprintf(fd, "%s %" PRId64 "\n", buf_text(&boot),
				   offset_now()) > 0;

		if (close(fd) != 0 || !is_good || rename(aside, path) != 0)
			(void)unlink(aside);
	}
	buf_fini(&boot);
	free(aside);
	free(path);
}
