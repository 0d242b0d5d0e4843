/* SPDX-License-Identifier: MIT */
#include "torture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "damages.h"
#include "tap.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

static char *
path_of(const struct torture *torture, const char *name)
{
	return mem_format("%s/%s", torture->directory, name);
}

static void
must(int result, const char *what)
{
	if (result != 0) {
		perror(what);
		tap_bail(what);
	}
}

/* ---- the process ---- */

static bool
kill_begin(struct torture *torture)
{
	torture->kills++;
	torture_restart(torture, SIGKILL);
	return true;
}

/* The next one dies as soon as it listens, before it has looked at all. */
static bool
kill_twice_begin(struct torture *torture)
{
	torture->kills += 2;
	torture_restart(torture, SIGKILL);
	torture_restart(torture, SIGKILL);
	return true;
}

static bool
stop_begin(struct torture *torture)
{
	torture->stops++;
	torture_restart(torture, SIGTERM);
	return true;
}

static bool
halt_begin(struct torture *torture)
{
	return kill(torture->daemon.pid, SIGSTOP) == 0;
}

static void
halt_end(struct torture *torture)
{
	(void)kill(torture->daemon.pid, SIGCONT);
}

static bool
reload_begin(struct torture *torture)
{
	for (int i = 0; i < 5; i++)
		(void)kill(torture->daemon.pid, SIGHUP);
	return true;
}

static void
nothing_end(struct torture *torture)
{
	(void)torture;
}

static bool
reader_kill_begin(struct torture *torture)
{
	pid_t reader = daemon_reader(&torture->daemon);

	return reader > 0 && kill(reader, SIGKILL) == 0;
}

static bool
reader_halt_begin(struct torture *torture)
{
	torture->halted = daemon_reader(&torture->daemon);
	return torture->halted > 0 && kill(torture->halted, SIGSTOP) == 0;
}

static void
reader_halt_end(struct torture *torture)
{
	(void)kill(torture->halted, SIGCONT);
}

/* Who reads may be gone by now. */
static void
descriptors_limit(pid_t pid, rlim_t most)
{
	struct rlimit limit = { 0 };
	int result = prlimit(pid, RLIMIT_NOFILE, NULL, &limit);

	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	if (result == 0)
		result = prlimit(pid, RLIMIT_NOFILE, &limit, NULL);
	if (errno != ESRCH)
		must(result, "prlimit");
}

/* Some are free below the highest one: that many are left. */
static bool
descriptors_begin(struct torture *torture)
{
	pid_t reader = daemon_reader(&torture->daemon);

	torture->halted = reader;
	descriptors_limit(
	    torture->daemon.pid, daemon_descriptors(&torture->daemon));
	if (reader > 0)
		descriptors_limit(reader, process_descriptors(reader));
	return true;
}

static void
descriptors_end(struct torture *torture)
{
	descriptors_limit(torture->daemon.pid, 1024);
	if (torture->halted > 0)
		descriptors_limit(torture->halted, 1024);
}

/* ---- calls that fail, and the clock ---- */

static bool
calls_fail(
    struct torture *torture, enum faulty_call call, int error, int percent)
{
	if (torture->preload == NULL)
		return false;
	atomic_store(&torture->faulty->percent, percent);
	atomic_store(&torture->faulty->error[call], error);
	return true;
}

static void
calls_end(struct torture *torture)
{
	for (int i = 0; i < FAULTY_CALLS; i++)
		atomic_store(&torture->faulty->error[i], 0);
}

#define CALLS(name, call, error, percent)                                      \
	static bool name(struct torture *torture)                              \
	{                                                                      \
		return calls_fail(torture, call, error, percent);              \
	}

CALLS(open_begin, FAULTY_OPEN, EIO, 100)
CALLS(open_some_begin, FAULTY_OPEN, EMFILE, 50)
CALLS(read_begin, FAULTY_READ, EIO, 100)
CALLS(read_some_begin, FAULTY_READ, EIO, 50)
CALLS(stat_begin, FAULTY_STAT, EIO, 100)
CALLS(stat_some_begin, FAULTY_STAT, ESTALE, 30)
CALLS(list_begin, FAULTY_LIST, EIO, 30)
CALLS(write_begin, FAULTY_WRITE, ENOSPC, 100)
CALLS(write_some_begin, FAULTY_WRITE, EIO, 50)
CALLS(sync_begin, FAULTY_SYNC, EIO, 100)
/* A remount is refused while the record is open, and a disk does it by itself:
 * "errors=remount-ro" of ext4.  KNOWN, and so not here: a start on such a disk
 * does not read the record, and knows of nothing that is retained until it can
 * be written. */
CALLS(frozen_begin, FAULTY_WRITE, EROFS, 100)
CALLS(watch_begin, FAULTY_WATCH, ENOSPC, 100)

static bool
clock_set(struct torture *torture, int64_t ahead)
{
	if (torture->preload == NULL)
		return false;
	atomic_store(&torture->faulty->clock, ahead);
	return true;
}

static void
clock_end(struct torture *torture)
{
	atomic_store(&torture->faulty->clock, 0);
}

#define CLOCK(name, ahead)                                                     \
	static bool name(struct torture *torture)                              \
	{                                                                      \
		return clock_set(torture, ahead);                              \
	}

CLOCK(hour_begin, HOUR)
CLOCK(hour_back_begin, -HOUR)
CLOCK(month_begin, 30 * DAY)
CLOCK(month_back_begin, -30 * DAY)
CLOCK(years_begin, 1000 * DAY)

/* ---- the stores ---- */

static void
store_move(
    const struct torture *torture, const char *from_name, const char *to_name)
{
	char *from = path_of(torture, from_name);
	char *to = path_of(torture, to_name);

	must(rename(from, to), from);
	free(to);
	free(from);
}

static bool
away_begin(struct torture *torture)
{
	store_move(torture, "store/le", "store/away");
	return true;
}

static void
away_end(struct torture *torture)
{
	store_move(torture, "store/away", "store/le");
}

static void
mode_set(const struct torture *torture, const char *name, mode_t mode)
{
	char *path = path_of(torture, name);

	must(chmod(path, mode), path);
	free(path);
}

static bool
mode_begin(struct torture *torture)
{
	mode_set(torture, "store/le/live", 0);
	mode_set(torture, "store/files", 0);
	return true;
}

static void
mode_end(struct torture *torture)
{
	mode_set(torture, "store/le/live", 0755);
	mode_set(torture, "store/files", 0755);
}

/* An empty file system over it. */
static bool
cover(const struct torture *torture, const char *name)
{
	char *path = path_of(torture, name);
	bool is_done = torture->has_mounts &&
		       mount("torture", path, "tmpfs", 0, "size=1m") == 0;

	free(path);
	return is_done;
}

static void
uncover(const struct torture *torture, const char *name)
{
	char *path = path_of(torture, name);

	must(umount2(path, MNT_DETACH), path);
	free(path);
}

static bool
cover_store_begin(struct torture *torture)
{
	return cover(torture, "store/le");
}

static void
cover_store_end(struct torture *torture)
{
	uncover(torture, "store/le");
}

static bool
cover_live_begin(struct torture *torture)
{
	return cover(torture, "store/le/live");
}

static void
cover_live_end(struct torture *torture)
{
	uncover(torture, "store/le/live");
}

static bool
cover_files_begin(struct torture *torture)
{
	return cover(torture, "store/files");
}

static void
cover_files_end(struct torture *torture)
{
	uncover(torture, "store/files");
}

/* A copy of live/ over it in which each file is cut. */
static bool
half_begin(struct torture *torture)
{
	if (!cover(torture, "store/le/live"))
		return false;
	for (int i = 0; i < TORTURE_HOSTS - TORTURE_FILES; i++) {
		const struct host *host = &torture->hosts[i];
		const char *text = host->generations[host->current]
				       .pems.text[PEMS_FULLCHAIN];
		char *file = mem_format("%s/fullchain.pem", host->directory);

		must(mkdir(host->directory, 0755), host->directory);
		damage_write(file, text, strlen(text) / 3);
		free(file);
	}
	return true;
}

/* ---- the record ---- */

static bool
full_begin(struct torture *torture)
{
	static const char octets[4096];
	char *path = mem_format("%s/fill", torture->disk);
	int fd;

	if (!torture->has_mounts) {
		free(path);
		return false;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, octets, sizeof(octets)) > 0)
		;
	(void)close(fd);
	free(path);
	return true;
}

static void
full_end(struct torture *torture)
{
	char *path = mem_format("%s/fill", torture->disk);

	must(unlink(path), path);
	free(path);
}

static bool
closed_begin(struct torture *torture)
{
	return chmod(torture->state, 0) == 0;
}

static void
closed_end(struct torture *torture)
{
	must(chmod(torture->state, 0755), torture->state);
}

static bool
gone_begin(struct torture *torture)
{
	char *away = mem_format("%s/away", torture->disk);

	must(rename(torture->state, away), away);
	free(away);
	return true;
}

/* Something may have been made in its place. */
static void
gone_end(struct torture *torture)
{
	char *away = mem_format("%s/away", torture->disk);
	char *other = mem_format("%s/other", torture->disk);

	if (rename(torture->state, other) != 0 && errno != ENOENT)
		tap_bail(other);
	must(rename(away, torture->state), away);
	free(other);
	free(away);
}

static bool
lock_begin(struct torture *torture)
{
	char *path = mem_format("%s/state.db", torture->state);
	bool is_held = database_open(&torture->holder, path,
			   SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
		       sqlite3_busy_timeout(torture->holder.handle, 1000) ==
			   SQLITE_OK &&
		       database_do(&torture->holder, "BEGIN IMMEDIATE") ==
			   SQLITE_OK;

	free(path);
	if (!is_held)
		database_close(&torture->holder);
	return is_held;
}

static void
lock_end(struct torture *torture)
{
	database_close(&torture->holder);
}

const struct machine_fault machine_faults[] = {
	{ "kill -9", kill_begin, nothing_end, 0 },
	{ "kill -9 twice", kill_twice_begin, nothing_end, 0 },
	{ "an orderly restart", stop_begin, nothing_end, 0 },
	{ "SIGHUP, five times", reload_begin, nothing_end, 0 },
	{ "SIGSTOP", halt_begin, halt_end, FAULT_DEAF },
	{ "kill -9 of who reads", reader_kill_begin, nothing_end, 0 },
	{ "SIGSTOP of who reads", reader_halt_begin, reader_halt_end,
	    FAULT_DEAF },
	{ "no descriptor left", descriptors_begin, descriptors_end,
	    FAULT_DEAF },
	{ "open: EIO", open_begin, calls_end, FAULT_FORGETS },
	{ "open: EMFILE now and then", open_some_begin, calls_end,
	    FAULT_FORGETS },
	{ "read: EIO", read_begin, calls_end, FAULT_FORGETS },
	{ "read: EIO now and then", read_some_begin, calls_end, FAULT_FORGETS },
	{ "stat: EIO", stat_begin, calls_end, FAULT_FORGETS },
	{ "stat: ESTALE now and then", stat_some_begin, calls_end,
	    FAULT_FORGETS },
	{ "readdir: EIO now and then", list_begin, calls_end, FAULT_FORGETS },
	{ "write: ENOSPC", write_begin, calls_end, FAULT_FORGETS },
	{ "write: EIO now and then", write_some_begin, calls_end,
	    FAULT_FORGETS },
	{ "fsync: EIO", sync_begin, calls_end, FAULT_FORGETS },
	{ "inotify: ENOSPC", watch_begin, calls_end, 0 },
	{ "the clock an hour ahead", hour_begin, clock_end, 0 },
	{ "the clock an hour behind", hour_back_begin, clock_end, 0 },
	{ "the clock a month ahead", month_begin, clock_end, 0 },
	{ "the clock a month behind", month_back_begin, clock_end, 0 },
	{ "the clock years ahead", years_begin, clock_end, 0 },
	{ "the store renamed away", away_begin, away_end, FAULT_HIDES },
	{ "the stores unreadable", mode_begin, mode_end, FAULT_HIDES },
	{ "a mount over the store", cover_store_begin, cover_store_end,
	    FAULT_HIDES },
	{ "a mount over live/", cover_live_begin, cover_live_end, FAULT_HIDES },
	{ "a mount over the files", cover_files_begin, cover_files_end,
	    FAULT_HIDES },
	{ "a mount of cut files", half_begin, cover_live_end, FAULT_HIDES },
	{ "the disk full", full_begin, full_end, FAULT_FORGETS },
	{ "the disk read-only", frozen_begin, calls_end, FAULT_FORGETS },
	{ "the record unreadable", closed_begin, closed_end, FAULT_FORGETS },
	{ "the record gone", gone_begin, gone_end, FAULT_FORGETS },
	{ "the record locked", lock_begin, lock_end, FAULT_FORGETS },
};

size_t
machine_fault_count(void)
{
	return sizeof(machine_faults) / sizeof(machine_faults[0]);
}
