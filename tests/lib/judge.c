/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loop/loop.h"
#include "tap.h"

enum {
	RECONNECT = 2000, /* look-ups on one connection */
	NOTES = 20,       /* bad answers that are shown, but none twice */
	PACE = 400,       /* microseconds, to leave the others some of it */
};

/* What one thread has. */
struct asker {
	struct judge *judge;
	struct client client;
	unsigned since; /* judge->ends when the connection was made */
	unsigned turn;
	unsigned random;
};

static void
pause_us(long us)
{
	const struct timespec pause = { .tv_nsec = us * 1000 };

	(void)nanosleep(&pause, NULL);
}

/* Which of the lines there are; false: one that is unknown, or twice there. */
static bool
set_read(const struct subject *subject, const char *rrset, uint32_t *ret_set)
{
	uint32_t set = 0;

	while (*rrset != '\0') {
		size_t len = strcspn(rrset, "\n");
		uint32_t bit = 0;

		for (size_t i = 0; i < JUDGE_LINES; i++)
			if (subject->lines[i] != NULL &&
			    strlen(subject->lines[i]) == len &&
			    memcmp(subject->lines[i], rrset, len) == 0)
				bit = UINT32_C(1) << i;
		if (bit == 0 || (set & bit) != 0)
			return false;
		set |= bit;
		rrset += len + (rrset[len] == '\n');
	}
	*ret_set = set;
	return true;
}

static bool
is_whole(uint32_t set, uint64_t need)
{
	uint32_t a = (uint32_t)(need >> 32);
	uint32_t b = (uint32_t)need;

	return (set & a) == a || (set & b) == b;
}

static void
blame(struct judge *judge, atomic_ulong *counter, const char *what,
    const struct subject *subject, uint32_t set, const char *rrset)
{
	const char *fault = atomic_load(&subject->fault);
	const char *machine = atomic_load(&judge->fault);
	bool is_new;

	atomic_fetch_add(counter, 1);
	(void)pthread_mutex_lock(&judge->mutex);
	is_new = judge->told != subject->owner && judge->notes < NOTES;
	judge->told = subject->owner;
	judge->notes += is_new;
	if (is_new)
		tap_note("%s: %s has %#x of %#x, must have %#llx; its fault: "
			 "%s, the "
			 "machine's: %s",
		    what, subject->owner, set, atomic_load(&subject->may),
		    (unsigned long long)atomic_load(&subject->need),
		    fault != NULL ? fault : "none",
		    machine != NULL ? machine : "none");
	for (; is_new && *rrset != '\0'; rrset += strcspn(rrset, "\n") + 1)
		tap_note("  %.*s", (int)strcspn(rrset, "\n"), rrset);
	(void)pthread_mutex_unlock(&judge->mutex);
}

/* What was answered once, and lasts, is what the next answers need. */
static void
subject_note(struct subject *subject, uint32_t set)
{
	uint32_t lasting = set & subject->lasting;

	(void)atomic_fetch_or(&subject->need, need_of(lasting, lasting));
}

static void
judge_set(struct judge *judge, struct subject *subject, uint64_t need,
    uint32_t set, const char *rrset)
{
	if ((set & ~atomic_load(&subject->may)) != 0)
		blame(judge, &judge->wrong, "wrong", subject, set, rrset);
	else if (!is_whole(set, need) &&
		 is_whole(set | atomic_load(&subject->known), need))
		atomic_fetch_add(&judge->known, 1);
	else if (!is_whole(set, need) &&
		 (subject->lasting != 0 ||
		     !is_whole(set, atomic_load(&subject->need))))
		blame(judge, &judge->shrunk, "shrunk", subject, set, rrset);
	else
		subject_note(subject, set);
}

/* One failure for each connection that there was, or that was made then. */
static void
judge_failure(struct judge *judge, const struct subject *subject,
    unsigned since, int64_t asked)
{
	if (atomic_load(&judge->ends) != since)
		atomic_fetch_add(&judge->excused, 1);
	else if (loop_now() - asked >= (CLIENT_PATIENCE - 1) * 1000)
		atomic_fetch_add(&judge->stalled, 1);
	else
		blame(judge, &judge->failed, "failed", subject, 0, "");
}

bool
judge_ask(struct judge *judge, struct client *client, unsigned since,
    struct subject *subject, uint32_t *ret_set)
{
	uint64_t need = atomic_load(&subject->need);
	int64_t asked = loop_now();
	struct buf rrset = { 0 };
	bool is_known = false;

	switch (client_lookup(client, subject->owner, &rrset)) {
	case ANSWER_RRSET:
		atomic_fetch_add(&judge->answers, 1);
		is_known = set_read(subject, buf_text(&rrset), ret_set);
		if (is_known)
			judge_set(
			    judge, subject, need, *ret_set, buf_text(&rrset));
		else
			blame(judge, &judge->wrong, "wrong", subject, 0,
			    buf_text(&rrset));
		break;
	case ANSWER_NOTHING:
		atomic_fetch_add(&judge->answers, 1);
		if (need != 0)
			blame(judge, &judge->empty, "empty", subject, 0, "");
		break;
	case ANSWER_FAILURE:
		judge_failure(judge, subject, since, asked);
		client_close(client);
		break;
	}
	buf_fini(&rrset);
	return is_known;
}

/* As PowerDNS does, when its connection is gone. */
static void
asker_connect(struct asker *asker)
{
	client_close(&asker->client);
	asker->turn = 0;
	asker->since = atomic_load(&asker->judge->ends);
	/* Who is about to be ended is asked no more. */
	if (asker->since % 2 != 0 ||
	    !client_open(&asker->client, asker->judge->socket))
		pause_us(10 * PACE);
}

static void *
ask_on(void *arg)
{
	struct asker *asker = arg;
	struct judge *judge = asker->judge;

	while (!atomic_load(&judge->over)) {
		uint32_t set;

		if (asker->client.fd < 0 || asker->turn++ == RECONNECT) {
			asker_connect(asker);
			continue;
		}
		(void)judge_ask(judge, &asker->client, asker->since,
		    &judge->subjects[(unsigned)rand_r(&asker->random) %
				     judge->count],
		    &set);
		pause_us(PACE);
	}
	client_close(&asker->client);
	free(asker);
	return NULL;
}

void
judge_begin(struct judge *judge)
{
	(void)pthread_mutex_init(&judge->mutex, NULL);
	for (unsigned i = 0; i < JUDGE_THREADS; i++) {
		struct asker *asker = calloc(1, sizeof(*asker));

		if (asker == NULL)
			abort();
		*asker = (struct asker){
			.judge = judge, .client = { .fd = -1 }, .random = i
		};
		if (pthread_create(&judge->threads[i], NULL, ask_on, asker) !=
		    0)
			tap_bail("no thread");
	}
}

void
judge_end(struct judge *judge)
{
	atomic_store(&judge->over, true);
	for (unsigned i = 0; i < JUDGE_THREADS; i++)
		(void)pthread_join(judge->threads[i], NULL);
	(void)pthread_mutex_destroy(&judge->mutex);
}

bool
judge_is_content(const struct judge *judge)
{
	return atomic_load(&judge->wrong) == 0 &&
	       atomic_load(&judge->shrunk) == 0 &&
	       atomic_load(&judge->empty) == 0 &&
	       atomic_load(&judge->failed) == 0;
}
