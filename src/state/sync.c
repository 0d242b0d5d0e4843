/* SPDX-License-Identifier: MIT */
#include "sync.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "rewrite.h"

struct state_sync {
	const struct state_directory *directory;
	pthread_t thread;
	bool is_started;
	pthread_mutex_t mutex; /* of everything below */
	pthread_cond_t wake;
	int fd;          /* what the next job is about, owned; -1: no job */
	bool is_rewrite; /* ... is to be rewritten; until that is done */
	bool is_ending;
	bool is_lost;
	bool has_problem;
	struct problem problem;
};

struct state_sync *
state_sync_new(const struct state_directory *directory)
{
	struct state_sync *sync = mem_new(sizeof(*sync));
	int failed = pthread_mutex_init(&sync->mutex, NULL);

	if (failed == 0)
		failed = pthread_cond_init(&sync->wake, NULL);
	assert(failed == 0);
	sync->directory = directory;
	sync->fd = -1;
	return sync;
}

static void
sync_lock(struct state_sync *sync)
{
	int failed = pthread_mutex_lock(&sync->mutex);

	assert(failed == 0);
}

static void
sync_unlock(struct state_sync *sync)
{
	int failed = pthread_mutex_unlock(&sync->mutex);

	assert(failed == 0);
}

/* Returns false with `problem` if there is something to be said. */
static bool
job_sync(struct state_sync *sync, int fd, struct problem *problem)
{
	/* EINVAL: a file system for which there is nothing to wait for. */
	if (fdatasync(fd) == 0 || errno == EINVAL)
		return true;
	(void)state_directory_problem(
	    sync->directory, STATE_JOURNAL, errno, problem);
	return false;
}

static bool
job_rewrite(
    struct state_sync *sync, int fd, bool *ret_done, struct problem *problem)
{
	struct state_damage damage = { 0 };
	enum status status = state_rewrite(
	    sync->directory, fd, &damage, problem);

	*ret_done = status == STATUS_OK;
	if (*ret_done && damage.lines > 0)
		state_damage_describe(sync->directory, &damage, problem);
	return *ret_done && damage.lines == 0;
}

/* Do the job that is there; called and left with the mutex held. */
static void
job_do(struct state_sync *sync)
{
	bool is_rewrite = sync->is_rewrite;
	struct problem problem = { "" };
	bool is_done = false;
	int fd = sync->fd;
	bool is_well;

	sync->fd = -1;
	sync_unlock(sync);
	if (is_rewrite)
		is_well = job_rewrite(sync, fd, &is_done, &problem);
	else
		is_well = job_sync(sync, fd, &problem);
	(void)close(fd);
	sync_lock(sync);
	if (!is_well) {
		sync->has_problem = true;
		sync->problem = problem;
	}
	if (is_rewrite) {
		sync->is_lost = sync->is_lost && !is_done;
		sync->is_rewrite = false;
		state_directory_unlock(sync->directory);
	} else if (!is_well) {
		sync->is_lost = true;
	}
}

static void *
thread_main(void *arg)
{
	struct state_sync *sync = arg;

	sync_lock(sync);
	while (sync->fd >= 0 || !sync->is_ending) {
		if (sync->fd >= 0)
			job_do(sync);
		else
			(void)pthread_cond_wait(&sync->wake, &sync->mutex);
	}
	sync_unlock(sync);
	return NULL;
}

/* Signals are for the other threads. */
static void
thread_start(struct state_sync *sync)
{
	sigset_t all;
	sigset_t before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	sync->is_started = pthread_create(
			       &sync->thread, NULL, thread_main, sync) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Hand a job over, or do it at once if there can be no thread. */
static void
job_give(struct state_sync *sync, int fd, bool is_rewrite)
{
	if (!sync->is_started)
		thread_start(sync);
	sync_lock(sync);
	/* Of two jobs that wait, one suffices: they are about one file. */
	if (sync->fd >= 0)
		(void)close(sync->fd);
	sync->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	sync->is_rewrite = is_rewrite && sync->fd >= 0;
	if (sync->fd < 0) {
		sync->has_problem = true;
		(void)state_directory_problem(
		    sync->directory, STATE_JOURNAL, errno, &sync->problem);
		if (is_rewrite)
			state_directory_unlock(sync->directory);
	} else if (sync->is_started) {
		(void)pthread_cond_signal(&sync->wake);
	} else {
		job_do(sync);
	}
	sync_unlock(sync);
}

void
state_sync_data(struct state_sync *sync, int fd)
{
	job_give(sync, fd, false);
}

void
state_sync_rewrite(struct state_sync *sync, int fd)
{
	job_give(sync, fd, true);
}

bool
state_sync_has_lock(struct state_sync *sync)
{
	bool has_lock;

	sync_lock(sync);
	has_lock = sync->is_rewrite;
	sync_unlock(sync);
	return has_lock;
}

bool
state_sync_take_problem(struct state_sync *sync, struct problem *problem)
{
	bool has_problem;

	sync_lock(sync);
	has_problem = sync->has_problem;
	if (has_problem)
		problem_set(problem, "%s", sync->problem.text);
	sync->has_problem = false;
	sync_unlock(sync);
	return has_problem;
}

bool
state_sync_is_lost(struct state_sync *sync)
{
	bool is_lost;

	sync_lock(sync);
	is_lost = sync->is_lost;
	sync_unlock(sync);
	return is_lost;
}

void
state_sync_free(struct state_sync *sync)
{
	if (sync == NULL)
		return;
	sync_lock(sync);
	sync->is_ending = true;
	(void)pthread_cond_signal(&sync->wake);
	sync_unlock(sync);
	if (sync->is_started)
		(void)pthread_join(sync->thread, NULL);
	(void)pthread_cond_destroy(&sync->wake);
	(void)pthread_mutex_destroy(&sync->mutex);
	free(sync);
}
