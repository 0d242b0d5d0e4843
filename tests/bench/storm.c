/* SPDX-License-Identifier: MIT */
/*
 * How long an answer takes, with or without a storm of renewals:
 *	storm SOCKET OWNER SECONDS [STORE CHAINS EVERY]
 * asks for OWNER each half a millisecond, and prints the time from the question
 * to the reply in microseconds: p50, p99, p99.9 and the longest.  A question
 * that could not be put in time, for the reply to the one before was late,
 * counts from when it was due.  With a STORE a second process renews its
 * lineage "mail" each EVERY milliseconds as certbot does, from CHAINS/a to
 * CHAINS/b and back.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "certbot.h"
#include "client.h"

enum {
	BETWEEN = 500, /* microseconds, from question to question */
	MICRO = 1000000,
};

struct tally {
	double *took; /* microseconds, of each question */
	size_t count;
	size_t changes; /* replies unlike the one before */
};

static double
microseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
sleep_until(double when)
{
	const struct timespec until = { (time_t)(when / 1e6),
		(long)((long long)when % MICRO * 1000) };

	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static volatile sig_atomic_t is_over;

static void
told_to_end(int number)
{
	(void)number;
	is_over = 1;
}

/*
 * Renew until told to end, and never end within a renewal: the store is that
 * of the next storm.  *renewals is shared with the parent.
 */
static _Noreturn void
renew(char **argv, size_t *renewals)
{
	struct certbot certbot = { .hand.store = argv[0], .lineage = "mail" };
	double due = microseconds();
	struct pems pems[2];

	(void)signal(SIGTERM, told_to_end);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (int i = 0; i < 2; i++) {
		char *path = mem_format("%s/%c", argv[1], 'a' + i);

		pems_load(path, &pems[i]);
		free(path);
	}
	certbot.number = certbot_live_number(&certbot);
	for (size_t i = 1; !is_over; i++) {
		certbot_renew(&certbot, &pems[i % 2]);
		*renewals = i;
		due += atof(argv[2]) * 1e3;
		sleep_until(due);
	}
	_exit(EXIT_SUCCESS);
}

/* Returns false if a question got no RRset. */
static bool
ask(struct client *client, const char *line, double seconds,
    struct tally *tally)
{
	struct buf before = { 0 };
	double due = microseconds();
	double heard = due;
	const double end = due + seconds * 1e6;

	for (; due < end && heard < end; due += BETWEEN) {
		double begin = due;
		const char *reply;

		if (heard < due) {
			sleep_until(due);
			begin = microseconds();
		}
		if (!client_say(client, line) ||
		    (reply = client_hear(client)) == NULL ||
		    strstr(reply, "\"TLSA\"") == NULL)
			break;
		heard = microseconds();
		tally->took[tally->count++] = heard - begin;
		if (strcmp(reply, buf_text(&before)) != 0) {
			tally->changes++;
			buf_clear(&before);
			buf_add_string(&before, reply);
		}
	}
	buf_fini(&before);
	return due >= end || heard >= end;
}

static int
by_size(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static void
tally_print(struct tally *tally, size_t renewals)
{
	double *took = tally->took;
	size_t count = tally->count;

	qsort(took, count, sizeof(*took), by_size);
	(void)printf(
	    "p50-us %.1f\np99-us %.1f\np999-us %.1f\nlongest-us %.1f\n",
	    took[count / 2], took[count * 99 / 100], took[count * 999 / 1000],
	    took[count - 1]);
	(void)printf("# %zu questions, %zu renewals, %zu changes seen\n", count,
	    renewals, tally->changes - 1);
}

int
main(int argc, char **argv)
{
	double seconds = argc > 3 ? atof(argv[3]) : 0;
	size_t *renewals = mmap(NULL, sizeof(*renewals), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct tally tally = { 0 };
	struct client client;
	pid_t child = -1;
	char *line;
	bool is_good;

	if ((argc != 4 && argc != 7) || seconds <= 0 || renewals == MAP_FAILED)
		return EXIT_FAILURE;
	if (!client_open(&client, argv[1])) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	tally.took = mem_array(
	    (size_t)(seconds * 1e6 / BETWEEN) + 2, sizeof(*tally.took));
	line = mem_format("{\"method\": \"lookup\", \"parameters\": "
			  "{\"qname\": \"%s\", \"qtype\": \"ANY\"}}",
	    argv[2]);
	if (argc == 7) {
		child = fork();
		if (child == 0)
			renew(argv + 4, renewals);
	}
	is_good = ask(&client, line, seconds, &tally) && tally.count > 0;
	if (child > 0) {
		(void)kill(child, SIGTERM);
		(void)waitpid(child, NULL, 0);
		is_good = is_good && *renewals > 0;
	}
	if (is_good)
		tally_print(&tally, *renewals);
	else
		(void)fputs("storm: no answer, or no renewal\n", stderr);
	free(line);
	free(tally.took);
	client_close(&client);
	return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
