/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/log.h"
#include "rollover.h"
#include "state_world.h"

/*
 * Random sequences of what happens to a mail site in months, each run in
 * seconds of its own time.  What must hold at every instant:
 *
 *	(a) every DANE client accepts what a server presents that switches
 *	    when the daemon says that it is safe, whatever RRset it has cached;
 *	(b) with stock certbot also if the server switches at once, unless
 *	    the policy says that it has no room for what comes next;
 *	(c) an RRset, once published, is never empty, unless its lineages were
 *	    deleted `retain` ago;
 *	(d) the SOA serial never goes back, and moves exactly with the content;
 *	(e) what was served is accepted for `retain` after its replacement;
 *	(f) each RRset keeps to RFC 7671 s8 and s9;
 *	(g) with stock certbot a CA that one lineage taught the set is
 *	    published for all others that it may issue for.
 *
 * MODEL_SEED and MODEL_SEQUENCES in the environment choose what is run.
 */

enum { SEQUENCES = 4000, TTL = 3600, HOUR = 3600, DAY = 86400 };

/* splitmix64 */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int64_t
draw_seconds(uint64_t *state)
{
	static const int64_t spans[] = { 10, TTL, 3 * TTL, DAY, 10 * DAY };

	uint64_t span = (uint64_t)spans[draw(state) % LENGTH(spans)];

	return 1 + (int64_t)(draw(state) % span);
}

/* How often each kind comes. */
static const unsigned weights[ROLLOVER_KINDS] = {
	[ROLLOVER_WAIT] = 30,
	[ROLLOVER_RENEW] = 20,
	[ROLLOVER_ROLL_BACK] = 4,
	[ROLLOVER_TEST] = 2,
	[ROLLOVER_STAGE] = 6,
	[ROLLOVER_GO_LIVE] = 6,
	[ROLLOVER_UNSTAGE] = 2,
	[ROLLOVER_DELETE] = 3,
	[ROLLOVER_BREAK] = 2,
	[ROLLOVER_MEND] = 4,
	[ROLLOVER_PLAN] = 3,
	[ROLLOVER_ISSUERS] = 2,
	[ROLLOVER_STOP] = 4,
	[ROLLOVER_START] = 8,
	[ROLLOVER_STEP] = 3,
	[ROLLOVER_CLOCK] = 3,
	[ROLLOVER_BOOT] = 3,
};

static enum rollover_kind
draw_kind(uint64_t *state)
{
	unsigned sum = 0;
	unsigned at;
	int kind = 0;

	for (int i = 0; i < ROLLOVER_KINDS; i++)
		sum += weights[i];
	at = (unsigned)(draw(state) % sum);
	while (at >= weights[kind])
		at -= weights[kind++];
	return (enum rollover_kind)kind;
}

static struct rollover_event
draw_event(uint64_t *state, const struct rollover_sequence *sequence)
{
	struct rollover_event event = {
		.kind = draw_kind(state),
		.lineage = (unsigned)(draw(state) % ROLLOVER_LINEAGES),
		.number = 1 + (uint32_t)(draw(state) % 999999999),
		.seconds = draw_seconds(state),
	};

	if ((event.kind == ROLLOVER_CLOCK || event.kind == ROLLOVER_STEP ||
		event.kind == ROLLOVER_BOOT) &&
	    draw(state) % 2 == 0)
		event.seconds = -event.seconds;
	/* less is a drift to a daemon that was stopped */
	if (event.kind == ROLLOVER_CLOCK || event.kind == ROLLOVER_STEP)
		event.seconds += event.seconds < 0 ? -10 : 10;
	/* Who tests with the name of a real certificate is on his own. */
	if (event.kind == ROLLOVER_TEST && sequence->is_stock)
		event.kind = ROLLOVER_RENEW;
	if (event.kind == ROLLOVER_STOP && !sequence->has_restarts)
		event.kind = ROLLOVER_WAIT;
	return event;
}

static void
sequence_draw(uint64_t seed, struct rollover_sequence *sequence)
{
	uint64_t state = seed;

	*sequence = (struct rollover_sequence){
		.is_stock = draw(&state) % 2 == 0,
		/* Rarely, for the kernel is slow to end an inotify instance. */
		.has_restarts = draw(&state) % 6 == 0,
		.records = (unsigned)(draw(&state) % 4),
		.max_records = 1 + (unsigned)(draw(&state) % 16),
		.hold = TTL * (1 + (unsigned)(draw(&state) % 2)),
		.retain = 3 * TTL + (unsigned)(draw(&state) % (7 * DAY)),
		.other_retain = 3 * TTL + (unsigned)(draw(&state) % (7 * DAY)),
		.count = 5 + draw(&state) % (ROLLOVER_EVENTS - 5),
	};
	if (sequence->is_stock) {
		sequence->records = 0;
		/* As many as they please, or what Exchange Online takes. */
		sequence->max_records = draw(&state) % 2 == 0
					    ? 64
					    : 6 + (unsigned)(draw(&state) % 7);
	}
	for (size_t i = 0; i < sequence->count; i++)
		sequence->events[i] = draw_event(&state, sequence);
}

/* Where a file costs nothing, if there is such a place. */
static char *
directory_make(void)
{
	const char *parent = getenv("TMPDIR");
	char *path;

	if (access("/dev/shm", W_OK) == 0)
		parent = "/dev/shm";
	path = mem_format("%s/model.XXXXXX", parent != NULL ? parent : "/tmp");
	assert_non_null(mkdtemp(path));
	return path;
}

static void
sequence_print(const struct rollover_sequence *sequence)
{
	print_error("%s%s, records %u, max-records %u, hold %u, retain %u and "
		    "%u\n",
	    sequence->is_stock ? "stock" : "any",
	    sequence->has_restarts ? " with restarts" : "", sequence->records,
	    sequence->max_records, sequence->hold, sequence->retain,
	    sequence->other_retain);
	for (size_t i = 0; i < sequence->count; i++)
		print_error("  %s l%u number %u, %lld s\n",
		    rollover_kind_text(sequence->events[i].kind),
		    sequence->events[i].lineage, sequence->events[i].number,
		    (long long)sequence->events[i].seconds);
}

/* Leave out one event after the other, as long as it fails the same way. */
static void
sequence_shrink(
    struct rollover_sequence *sequence, const char *path, char *failure)
{
	const char *tag = strchr(failure, '(');
	char letter = tag != NULL ? tag[1] : '\0';
	bool has_shrunk = true;

	while (has_shrunk) {
		has_shrunk = false;
		for (size_t i = sequence->count; i-- > 0;) {
			struct rollover_sequence less = *sequence;

			less.count--;
			memmove(&less.events[i], &less.events[i + 1],
			    (less.count - i) * sizeof(less.events[0]));
			if (rollover_run(&less, path, failure))
				continue;
			tag = strchr(failure, '(');
			if (letter != (tag != NULL ? tag[1] : '\0'))
				continue;
			*sequence = less;
			has_shrunk = true;
		}
	}
	(void)rollover_run(sequence, path, failure);
}

static unsigned long long
environment(const char *name, unsigned long long usual)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : usual;
}

static void
test_model(void **state)
{
	unsigned long long first = environment("MODEL_SEED", 1);
	unsigned long long count = environment("MODEL_SEQUENCES", SEQUENCES);
	char failure[ROLLOVER_FAILURE] = "";
	struct rollover_sequence sequence;
	char *path = directory_make();
	char *lock = mem_format("%s/lock", path);
	unsigned long long seed = first;
	bool passes = true;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	print_message("# seeds %llu to %llu\n", first, first + count - 1);
	for (; passes && seed < first + count; seed++) {
		sequence_draw(seed, &sequence);
		passes = rollover_run(&sequence, path, failure);
	}
	if (!passes) {
		print_error("MODEL_SEED=%llu: %s\n", seed - 1, failure);
		sequence_shrink(&sequence, path, failure);
		print_error(
		    "shrunk to %zu events: %s\n", sequence.count, failure);
		sequence_print(&sequence);
	}
	state_remove(path);
	(void)unlink(lock);
	(void)rmdir(path);
	free(lock);
	free(path);
	assert_true(passes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
