/* SPDX-License-Identifier: MIT */
#include "teller.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "lines.h"
#include "protocol.h"

enum {
	TELL_S = 2,       /* between two lines */
	WRITE_MS = 20000, /* for one: then nobody reads them */
};

struct teller {
	pthread_t thread;
	pthread_mutex_t lock; /* over what follows */
	pthread_cond_t ended;
	bool is_over;
	bool is_lost;
	bool is_set;
	struct via_answer answer;
	int fd;
};

/* One line, with the lock given away while it is written. */
static void
line_tell(struct teller *teller)
{
	struct lines lines;
	struct buf line = { 0 };
	bool is_good;

	via_answer_encode(&teller->answer, &line);
	(void)pthread_mutex_unlock(&teller->lock);
	lines_init(&lines, -1, teller->fd);
	is_good = lines_write(&lines, WRITE_MS, &line, NULL);
	lines_fini(&lines);
	buf_fini(&line);
	(void)pthread_mutex_lock(&teller->lock);
	teller->is_lost |= !is_good;
}

static void *
teller_run(void *arg)
{
	struct teller *teller = arg;

	(void)pthread_mutex_lock(&teller->lock);
	while (!teller->is_over && !teller->is_lost) {
		struct timespec until;

		if (teller->is_set)
			line_tell(teller);
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += TELL_S;
		while (
		    !teller->is_over && pthread_cond_timedwait(&teller->ended,
					    &teller->lock, &until) == 0)
			;
	}
	(void)pthread_mutex_unlock(&teller->lock);
	return NULL;
}

struct teller *
teller_new(int fd)
{
	struct teller *teller = mem_new(sizeof(*teller));
	pthread_condattr_t attributes;
	sigset_t all;
	sigset_t before;

	teller->fd = fd;
	teller->answer.kind = VIA_WAITING;
	(void)pthread_mutex_init(&teller->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&teller->ended, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&teller->thread, NULL, teller_run, teller) != 0)
		abort();
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return teller;
}

bool
teller_set(struct teller *teller, int64_t remaining, const char *text)
{
	bool is_there;

	(void)pthread_mutex_lock(&teller->lock);
	teller->answer.remaining = remaining;
	(void)snprintf(
	    teller->answer.text, sizeof(teller->answer.text), "%s", text);
	teller->is_set = true;
	is_there = !teller->is_lost;
	(void)pthread_mutex_unlock(&teller->lock);
	return is_there;
}

void
teller_free(struct teller *teller)
{
	(void)pthread_mutex_lock(&teller->lock);
	teller->is_over = true;
	(void)pthread_cond_signal(&teller->ended);
	(void)pthread_mutex_unlock(&teller->lock);
	(void)pthread_join(teller->thread, NULL);
	(void)pthread_cond_destroy(&teller->ended);
	(void)pthread_mutex_destroy(&teller->lock);
	free(teller);
}
