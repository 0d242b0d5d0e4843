/* SPDX-License-Identifier: MIT */
#include "loop/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"

enum {
	STEP = 10,                     /* seconds that are no drift */
	UPTIME_MAX = 20 * 366 * 86400, /* seconds; nobody runs for longer */
	FILE_MAX = 128,                /* octets */
};

/* Seconds since the boot; sleep is a part of it. */
static int64_t
uptime(void)
{
	struct timespec boot = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	return (int64_t)boot.tv_sec;
}

/*
 * Who fakes the time of day may fake the time since boot as well, and a step
 * by what they say would be one of half a century (libfaketime makes both the
 * same).
 */
static bool
is_credible(int64_t up)
{
	return up >= 0 && up <= UPTIME_MAX;
}

static int64_t
offset_now(void)
{
	return (int64_t)time(NULL) - uptime();
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
clock_now(const struct clock *clock)
{
	int64_t now = (int64_t)time(NULL);
	int64_t up = uptime();

	return step_from(now - up, clock->offset) == 0 ? now
						       : up + clock->offset;
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

/* "BOOT OFFSET WHEN": of the boot, and the time of day when it was kept. */
static bool
kept_parse(const char *text, size_t *ret_boot_len, int64_t *ret_offset,
    int64_t *ret_when)
{
	size_t len = strcspn(text, " ");
	char *end;

	if (text[len] == '\0')
		return false;
	*ret_boot_len = len;
	*ret_offset = strtoll(text + len, &end, 10);
	if (*end != ' ')
		return false;
	*ret_when = strtoll(end, &end, 10);
	return *end == '\n';
}

enum clock_known
clock_kept_step(
    const struct clock *clock, const char *directory, int64_t *ret_step)
{
	char *path = mem_format("%s/clock", directory);
	enum clock_known known = CLOCK_UNKNOWN;
	struct buf boot = { 0 };
	struct buf kept = { 0 };
	int64_t offset;
	int64_t when;
	size_t len;

	if (boot_read(&boot) &&
	    file_read(path, FILE_MAX, &kept, NULL, NULL) == STATUS_OK &&
	    kept_parse(buf_text(&kept), &len, &offset, &when)) {
		bool is_same = len == boot.len &&
			       memcmp(kept.data, boot.data, len) == 0 &&
			       is_credible(uptime()) &&
			       is_credible(when - offset);

		known = is_same ? CLOCK_SET : CLOCK_BOOTED;
		*ret_step = is_same ? step_from(clock->offset, offset)
				    : clock_now(clock) - when;
	}
	buf_fini(&kept);
	buf_fini(&boot);
	free(path);
	return known;
}

bool
clock_keep(const struct clock *clock, const char *directory)
{
	char *path = mem_format("%s/clock", directory);
	char *aside = mem_format("%s/clock.new", directory);
	struct buf boot = { 0 };
	bool is_kept = false;
	int fd = -1;

	if (boot_read(&boot)) {
		(void)unlink(aside);
		fd = open(aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	}
	if (fd >= 0) {
		bool is_good = dprintf(fd, "%s %" PRId64 " %" PRId64 "\n",
				   buf_text(&boot), clock->offset,
				   clock_now(clock)) > 0;

		is_kept = close(fd) == 0 && is_good && rename(aside, path) == 0;
		if (!is_kept)
			(void)unlink(aside);
	}
	buf_fini(&boot);
	free(aside);
	free(path);
	return is_kept;
}
