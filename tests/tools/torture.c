/* SPDX-License-Identifier: MIT */
/*
 * torture PROGRAM DIRECTORY SECONDS SEED [PRELOAD]
 *
 * One daemon under everything that can go wrong with its stores, its disk, its
 * clock and itself, one fault of the machine and one of each lineage at a time,
 * with renewals in between, while the judge asks on several connections.  No
 * answer may be wrong, empty, or lack what somebody may rely on; a look-up
 * fails only where the process was ended, once a connection; and in the end
 * each host has its newest certificate's records.  DIRECTORY is short and
 * empty, PRELOAD is built from tests/preload/faulty.c.  Prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "tap.h"
#include "torture.h"

/* Milliseconds, and turns that take at least ten of them. */
enum {
	TURN = 10,
	HOLD_STORE = 2500,   /* a fault of one lineage, at most */
	HOLD_MACHINE = 3000, /* of the machine */
	PATIENCE = 12000,    /* turns until a mended one is answered */
	KINDS_LEAST = 30,    /* of faults, in a run that is no short one */
	LONG = 600,          /* seconds of such a run */
};

/* The kinds in an order of chance, each as often as any other. */
struct deck {
	size_t count;
	size_t *order;
	size_t at;
	unsigned long *begun;
};

static void
deck_init(struct deck *deck, size_t count)
{
	*deck = (struct deck){ .count = count, .at = count };
	deck->order = mem_array(count, sizeof(*deck->order));
	deck->begun = mem_array(count, sizeof(*deck->begun));
	for (size_t i = 0; i < count; i++)
		deck->order[i] = i;
}

static void
deck_fini(struct deck *deck)
{
	free(deck->order);
	free(deck->begun);
}

static size_t
deck_next(struct deck *deck, struct torture *torture)
{
	if (deck->at == deck->count) {
		for (size_t i = deck->count - 1; i > 0; i--) {
			size_t k = torture_random(torture, (unsigned)i + 1);
			size_t other = deck->order[k];

			deck->order[k] = deck->order[i];
			deck->order[i] = other;
		}
		deck->at = 0;
	}
	return deck->order[deck->at];
}

static size_t
deck_kinds(const struct deck *deck)
{
	size_t kinds = 0;

	for (size_t i = 0; i < deck->count; i++)
		kinds += deck->begun[i] > 0;
	return kinds;
}

/* Mounts of our own, which are gone with us. */
static bool
mounts_begin(const char *directory)
{
	char *disk = mem_format("%s/disk", directory);
	bool is_done = mkdir(disk, 0755) == 0 && unshare(CLONE_NEWNS) == 0 &&
		       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		       mount("torture", disk, "tmpfs", 0, "size=8m,mode=755") ==
			   0;

	free(disk);
	return is_done;
}

static bool
is_over(int64_t end)
{
	return loop_now() >= end;
}

/* ---- one lineage ---- */

/* Each failure to write, or to read, has been followed by a success. */
static bool
is_recorded(const struct torture *torture)
{
	const struct daemon *daemon = &torture->daemon;

	return daemon_log_count(daemon, "a restart may forget changes") ==
		   daemon_log_count(daemon, "state: can be written again") &&
	       daemon_log_count(daemon, "tried again and again") ==
		   daemon_log_count(daemon, "is known again");
}

static void
host_settle(struct torture *torture, struct host *host)
{
	uint32_t set = host->generations[host->current].set;

	host->is_awaited = false;
	atomic_store(&host->subject->fault, NULL);
	atomic_store(&host->subject->known, 0);
	if (!host->retains)
		atomic_store(&host->subject->need, need_of(set, set));
	/* Where it is retained, it may have been there before it was read. */
	if (torture->is_unsafe && torture->fault == NULL && !host->retains &&
	    host->renewed == torture->epoch && is_recorded(torture))
		torture->is_unsafe = false;
}

/* Is the current generation answered by now? */
static void
host_look(struct torture *torture, struct host *host)
{
	uint32_t set = host->generations[host->current].set;
	uint32_t got = 0;

	if (torture->client.fd < 0) {
		torture->since = atomic_load(&torture->judge.ends);
		if (!client_open(&torture->client, torture->judge.socket))
			return;
	}
	/* What lasts has to be back, too, whatever was left out. */
	if (host->retains)
		set |= (uint32_t)atomic_load(&host->subject->need);
	if (judge_ask(&torture->judge, &torture->client, torture->since,
		host->subject, &got) &&
	    (got & set) == set) {
		host_settle(torture, host);
		return;
	}
	/* Only while nothing hinders it. */
	if (torture->fault == NULL && ++host->waited == PATIENCE) {
		torture->late++;
		tap_note("late: %s is not answered, its last fault: %s",
		    host->name,
		    host->subject->fault != NULL ? host->subject->fault
						 : "none");
	}
}

static void
host_end(struct torture *torture, struct host *host)
{
	host->mend(host);
	host->fault = NULL;
	host->is_awaited = true;
	host->waited = 0;
	/* What is mended may also be so by a new certificate. */
	if (torture_random(torture, 3) == 0)
		host_renew(torture, host);
}

static void
host_begin(struct torture *torture, struct host *host, struct deck *deck)
{
	size_t number = deck_next(deck, torture);

	if (torture_random(torture, 2) == 0) {
		host_renew(torture, host);
	} else if (store_fault_begin(torture, host, number)) {
		deck->begun[number]++;
		deck->at++;
		host->until = loop_now() + torture_random(torture, HOLD_STORE);
	}
}

static void
hosts_turn(struct torture *torture, struct deck *deck, bool is_last)
{
	unsigned marks = torture->fault != NULL ? torture->fault->marks : 0;
	bool is_hidden = (marks & FAULT_HIDES) != 0;
	bool is_deaf = (marks & FAULT_DEAF) != 0;

	for (int i = 0; i < TORTURE_HOSTS; i++) {
		struct host *host = &torture->hosts[i];

		if (host->fault != NULL) {
			if (!is_hidden && (is_last || is_over(host->until)))
				host_end(torture, host);
		} else if (host->is_awaited) {
			if (!is_deaf)
				host_look(torture, host);
		} else if (!is_hidden && !is_last &&
			   torture_random(torture, 20) == 0) {
			host_begin(torture, host, deck);
		}
	}
}

/* ---- the machine ---- */

static void
machine_end(struct torture *torture)
{
	torture->fault->end(torture);
	if ((torture->fault->marks & FAULT_FORGETS) != 0)
		torture->epoch++;
	torture->fault = NULL;
	atomic_store(&torture->judge.fault, NULL);
}

static void
machine_begin(struct torture *torture, struct deck *deck)
{
	size_t number = deck_next(deck, torture);
	const struct machine_fault *fault = &machine_faults[number];
	bool ends = fault->end == machine_faults[0].end;

	/* What ends the process waits until all is on record. */
	if (ends && torture->is_unsafe)
		return;
	deck->at++;
	torture->fault = fault;
	if ((fault->marks & FAULT_FORGETS) != 0)
		torture->is_unsafe = true;
	atomic_store(&torture->judge.fault, fault->name);
	torture->until = loop_now() + torture_random(torture, HOLD_MACHINE);
	if (!fault->begin(torture)) {
		torture->fault = NULL;
		atomic_store(&torture->judge.fault, NULL);
		return;
	}
	deck->begun[number]++;
}

/* Nobody has ended it, and yet it is gone? */
static void
machine_check(struct torture *torture)
{
	int status;

	if (waitpid(torture->daemon.pid, &status, WNOHANG) == 0)
		return;
	torture->deaths++;
	tap_note("the daemon died, status %#x, while %s", (unsigned)status,
	    torture->fault != NULL ? torture->fault->name : "all was well");
	torture->daemon.pid = fork();
	if (torture->daemon.pid == 0)
		_exit(0);
	torture_restart(torture, SIGKILL);
}

static void
machine_turn(struct torture *torture, struct deck *deck, bool is_last)
{
	machine_check(torture);
	if (torture->fault != NULL) {
		if (is_last || is_over(torture->until))
			machine_end(torture);
		else if (!torture->is_unsafe &&
			 torture_random(torture, 100) == 0) {
			torture->kills++;
			torture_restart(torture, SIGKILL);
		}
	} else if (!is_last && torture_random(torture, 20) == 0) {
		machine_begin(torture, deck);
	}
}

/* ---- all of it ---- */

static bool
is_settled(const struct torture *torture)
{
	for (int i = 0; i < TORTURE_HOSTS; i++)
		if (torture->hosts[i].fault != NULL ||
		    torture->hosts[i].is_awaited)
			return false;
	return torture->fault == NULL;
}

static void
turn_end(void)
{
	const struct timespec pause = { .tv_nsec = TURN * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Until each host is answered as it should be. */
static void
torture_settle(
    struct torture *torture, struct deck *store, struct deck *machine)
{
	for (int i = 0; i < PATIENCE && !is_settled(torture); i++) {
		machine_turn(torture, machine, true);
		hosts_turn(torture, store, true);
		turn_end();
	}
}

static void
decks_report(const struct deck *store, const struct deck *machine)
{
	for (size_t i = 0; i < store->count; i++)
		tap_note(
		    "%6lu lineage: %s", store->begun[i], store_fault_name(i));
	for (size_t i = 0; i < machine->count; i++)
		tap_note("%6lu machine: %s%s", machine->begun[i],
		    machine_faults[i].name,
		    machine->begun[i] == 0 ? " (not to be had here, or not yet)"
					   : "");
}

static void
torture_report(
    const struct torture *torture, unsigned seed, size_t kinds, bool is_long)
{
	const struct judge *judge = &torture->judge;

	tap_note("seed %u: %lu answers, %lu wrong, %lu shrunk, %lu empty; "
		 "failed: %lu, and %lu while the process was ended; %lu stalls",
	    seed, atomic_load(&judge->answers), atomic_load(&judge->wrong),
	    atomic_load(&judge->shrunk), atomic_load(&judge->empty),
	    atomic_load(&judge->failed), atomic_load(&judge->excused),
	    atomic_load(&judge->stalled));
	tap_note("%lu renewals, %lu times kill -9, %lu orderly ends, %zu kinds "
		 "of faults",
	    torture->renewals, torture->kills, torture->stops, kinds);
	if (atomic_load(&judge->known) > 0)
		tap_note("known: %lu answers without 2 1 1 records, where of a "
			 "new chain only the leaf was seen",
		    atomic_load(&judge->known));
	(void)tap_ok(atomic_load(&judge->wrong) == 0, "no answer was wrong");
	(void)tap_ok(atomic_load(&judge->shrunk) == 0,
	    "no answer lacked what somebody may rely on");
	(void)tap_ok(atomic_load(&judge->empty) == 0, "no answer was empty");
	(void)tap_ok(atomic_load(&judge->failed) == 0,
	    "no answer failed but where the process was ended");
	(void)tap_ok(atomic_load(&judge->excused) <=
			 atomic_load(&judge->ends) / 2 * (JUDGE_THREADS + 1),
	    "and there not more than one a connection");
	(void)tap_ok(torture->late == 0 && is_settled(torture),
	    "what was renewed or mended was answered");
	(void)tap_ok(torture->deaths == 0, "the daemon never died by itself");
	(void)tap_ok(torture->bad_ends == 0, "each orderly end was one");
	if (is_long)
		(void)tap_ok(kinds >= KINDS_LEAST,
		    "%d kinds of faults and more", KINDS_LEAST);
}

static void
torture_run(struct torture *torture, unsigned seed, int seconds)
{
	struct deck store;
	struct deck machine;
	int64_t end;

	deck_init(&store, store_fault_count());
	deck_init(&machine, machine_fault_count());
	torture_make(torture);
	torture_start(torture);
	torture->client.fd = -1;
	/* The first look at all of them. */
	torture_settle(torture, &store, &machine);
	judge_begin(&torture->judge);
	end = loop_now() + (int64_t)seconds * 1000;
	while (!is_over(end)) {
		machine_turn(torture, &machine, false);
		hosts_turn(torture, &store, false);
		turn_end();
	}
	torture_settle(torture, &store, &machine);
	judge_end(&torture->judge);
	decks_report(&store, &machine);
	torture->bad_ends += daemon_stop(&torture->daemon) != 0;
	torture_report(torture, seed, deck_kinds(&store) + deck_kinds(&machine),
	    seconds >= LONG);
	torture_fini(torture);
	deck_fini(&machine);
	deck_fini(&store);
}

int
main(int argc, char **argv)
{
	static struct torture torture;
	int seconds = argc >= 5 ? atoi(argv[3]) : 0;

	if (seconds <= 0 || argc > 6) {
		(void)fprintf(stderr,
		    "usage: torture PROGRAM DIRECTORY SECONDS "
		    "SEED [PRELOAD]\n");
		return 2;
	}
	torture.program = argv[1];
	torture.directory = argv[2];
	torture.random = (unsigned)strtoul(argv[4], NULL, 10);
	torture.preload = argc == 6 ? argv[5] : NULL;
	torture.has_mounts = mounts_begin(torture.directory);
	tap_note("seed %s, %s, %s", argv[4],
	    torture.has_mounts ? "with mounts" : "without mounts: no right",
	    torture.preload != NULL ? "calls fail"
				    : "no library makes calls fail");
	torture_run(&torture, (unsigned)strtoul(argv[4], NULL, 10), seconds);
	return tap_end();
}
