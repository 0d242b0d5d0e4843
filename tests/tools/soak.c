/* SPDX-License-Identifier: MIT */
/*
 * soak PROGRAM DIRECTORY CHAINS RENEWALS
 *
 * So many renewals in a row, with certbot's file operations, while a thread
 * asks without pause; of ten, one renames its links, one flips them to a file
 * that is half written, and one writes in place.  Every answer must be the old
 * RRset or the new one, the new one within a second, and then never again the
 * old; and the daemon may not grow.  On a busy machine a second is over when as
 * many questions were answered as in all others.  Measures the time from the
 * flip of the last link, or the last write, to the first new answer.  CHAINS as
 * for renewals.  Prints TAP.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "certbot.h"
#include "daemon.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "scene.h"
#include "tap.h"

#define OWNER "_25_tcp_mail_example_com.tlsa.example.net."

enum {
	LATE = 1000000,    /* microseconds */
	HANGS = 60 * LATE, /* nothing more to wait for */
	RECONNECT = 5000,  /* lookups on one connection */
	GROWTH = 512,      /* KiB of resident memory allowed */
	GROWTH_DESCRIPTORS = 0,
};

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Shared by both threads. */
struct soak {
	const struct daemon *daemon;
	struct pems generations[2];
	char *both; /* while the next one is staged, and the machine stalls */
	atomic_int target; /* generation that is being renewed to */
	atomic_int seen;   /* generation of the last answer; -1: none */
	atomic_bool over;
	int64_t seen_at;            /* when it became that; ordered by `seen` */
	unsigned long seen_lookups; /* how many there were by then */
	atomic_ulong lookups;
	/* The asking thread's, to be read when it has ended. */
	unsigned long nothing;
	unsigned long failures;
	unsigned long wrong;
	unsigned long old_again;
};

static int64_t
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Return the generation that the RRset belongs to, -1 if none. */
static int
soak_generation(const struct soak *soak, const char *rrset)
{
	for (int i = 0; i < 2; i++)
		if (strcmp(soak->generations[i].rrset, rrset) == 0)
			return i;
	return -1;
}

static void
soak_judge(struct soak *soak, int target, const char *rrset)
{
	int generation = soak_generation(soak, rrset);
	int seen = atomic_load(&soak->seen);

	if (generation < 0) {
		soak->wrong += strcmp(rrset, soak->both) != 0;
	} else if (generation != seen &&
		   (generation == target ||
		       generation == atomic_load(&soak->target))) {
		/* The second: the renewal began while the answer was under way,
		 * which takes its time when the machine stands still. */
		soak->seen_at = now_us();
		soak->seen_lookups = atomic_load(&soak->lookups);
		atomic_store(&soak->seen, generation);
	} else if (generation != seen) {
		soak->old_again++;
	}
}

static void *
ask_without_pause(void *arg)
{
	struct soak *soak = arg;
	struct client client = { .fd = -1 };
	struct buf rrset = { 0 };

	while (!atomic_load(&soak->over)) {
		/* Asked now: the answer may be of the next only if that begins
		 * meanwhile. */
		int target = atomic_load(&soak->target);
		enum answer answer;

		if (atomic_fetch_add(&soak->lookups, 1) % RECONNECT == 0) {
			client_close(&client);
			daemon_connect(soak->daemon, &client);
		}
		answer = client_lookup(&client, OWNER, &rrset);
		if (answer == ANSWER_RRSET)
			soak_judge(soak, target, buf_text(&rrset));
		else if (answer == ANSWER_NOTHING)
			soak->nothing++;
		else
			soak->failures++;
	}
	client_close(&client);
	buf_fini(&rrset);
	return NULL;
}

/* The moment of a flip. */
struct flip {
	const struct soak *soak;
	int64_t at;
	unsigned long lookups;
};

/* From a flip to the first new answer. */
struct delay {
	int64_t us;
	unsigned long lookups;
};

static void
flip_note(struct flip *flip)
{
	flip->lookups = atomic_load(&flip->soak->lookups);
	flip->at = now_us();
}

/* Notes when the link that counts was flipped, or what it leads to written. */
static void
flip_step(void *arg, const char *what)
{
	if (strncmp(what, "unlink", 6) != 0 &&
	    strstr(what, "/fullchain") != NULL)
		flip_note(arg);
}

/* Where a chain is cut: anywhere, and most of all behind its leaf. */
static size_t
cut_of(const struct pems *pems, size_t number)
{
	size_t leaf = strlen(pems->text[PEMS_CERT]);

	return number % 2 == 0
		   ? leaf
		   : number * 7919 % strlen(pems->text[PEMS_FULLCHAIN]);
}

static void
renew(struct certbot *certbot, const struct pems *pems, size_t number)
{
	if (number % 10 == 3)
		certbot_renew_by_rename(certbot, pems);
	else if (number % 10 == 6)
		certbot_renew_early(certbot, pems, cut_of(pems, number / 10));
	else if (number % 10 == 9)
		certbot_rewrite(certbot, pems);
	else
		certbot_renew(certbot, pems);
}

/* The asking thread has seen the new one. */
static struct delay
await(const struct flip *flip)
{
	const struct timespec pause = { .tv_nsec = 100000 };
	const struct soak *soak = flip->soak;
	int target = atomic_load(&soak->target);

	while (atomic_load(&soak->seen) != target) {
		if (now_us() - flip->at > HANGS)
			tap_bail("a renewal was never seen");
		(void)nanosleep(&pause, NULL);
	}
	if (soak->seen_at <= flip->at)
		return (struct delay){ 0 };
	return (struct delay){ soak->seen_at - flip->at,
		soak->seen_lookups - flip->lookups };
}

/*
 * Longer than LATE, while as much was answered as in LATE elsewhere: a machine
 * that stood still, or had others to serve, has answered less.
 */
static size_t
late_count(const struct delay *delays, size_t count, double per_us)
{
	size_t late = 0;

	for (size_t i = 0; i < count; i++)
		late += delays[i].us >= LATE &&
			(double)delays[i].lookups >= per_us * LATE;
	return late;
}

static int
time_order(const void *left, const void *right)
{
	const struct delay *a = left;
	const struct delay *b = right;

	return a->us < b->us ? -1 : a->us > b->us;
}

/* What the daemon has, early and late. */
struct growth {
	unsigned descriptors;
	unsigned long memory;
};

static void
growth_measure(struct growth *growth, const struct daemon *daemon)
{
	growth->descriptors = daemon_descriptors(daemon);
	growth->memory = daemon_memory(daemon);
}

static void
growth_check(const struct growth *early, const struct growth *late,
    size_t first, size_t last)
{
	tap_note("after %zu renewals %u descriptors and %lu KiB, after %zu %u "
		 "and %lu KiB",
	    first, early->descriptors, early->memory, last, late->descriptors,
	    late->memory);
	/* The one connection may be closing and opening: one more or less. */
	(void)tap_ok(
	    late->descriptors <= early->descriptors + 1 + GROWTH_DESCRIPTORS,
	    "no descriptor is lost");
#ifdef SANITIZED
	(void)tap_ok(true, "memory # SKIP the sanitizer keeps what is freed");
#else
	(void)tap_ok(late->memory <= early->memory + GROWTH,
	    "memory grows by at most %d KiB", GROWTH);
#endif
}

static void
delays_report(struct delay *delays, size_t count, double per_us)
{
	qsort(delays, count, sizeof(*delays), time_order);
	tap_note("from the last link to the new answer: median %.1f ms, 99 %% "
		 "%.1f ms, maximum %.1f ms; %.0f lookups a second",
	    (double)delays[count / 2].us / 1000,
	    (double)delays[count * 99 / 100].us / 1000,
	    (double)delays[count - 1].us / 1000, per_us * 1000000);
	(void)tap_ok(late_count(delays, count, per_us) == 0,
	    "each was seen within a second");
}

static void
soak_renew(struct soak *soak, struct certbot *certbot, size_t count)
{
	struct delay *delays = mem_array(count, sizeof(*delays));
	struct flip flip = { .soak = soak };
	size_t first = count / 10;
	struct growth early = { 0 };
	struct growth late;
	struct flip begin;

	/* The first scan is over when the first answer is there. */
	flip_note(&flip);
	(void)await(&flip);
	flip_note(&flip);
	begin = flip;
	certbot->hand.step = flip_step;
	certbot->hand.arg = &flip;
	for (size_t i = 0; i < count; i++) {
		int target = i % 2 == 0;

		if (i == first)
			growth_measure(&early, soak->daemon);
		atomic_store(&soak->target, target);
		renew(certbot, &soak->generations[target], i);
		delays[i] = await(&flip);
	}
	growth_measure(&late, soak->daemon);
	flip_note(&flip);
	delays_report(delays, count,
	    (double)(flip.lookups - begin.lookups) /
		(double)(flip.at - begin.at));
	growth_check(&early, &late, first, count);
	free(delays);
}

static void
soak_report(const struct soak *soak)
{
	tap_note("%lu lookups", atomic_load(&soak->lookups));
	(void)tap_ok(soak->nothing == 0, "no answer was empty");
	(void)tap_ok(soak->wrong == 0, "no answer was wrong");
	(void)tap_ok(soak->failures == 0, "no answer failed");
	(void)tap_ok(soak->old_again == 0, "the old one never came back");
	if (soak->nothing + soak->wrong + soak->failures + soak->old_again > 0)
		tap_note("%lu empty, %lu wrong, %lu failed, %lu old again",
		    soak->nothing, soak->wrong, soak->failures,
		    soak->old_again);
}

static void
soak_run(struct soak *soak, struct certbot *certbot, const char *program,
    const char *directory, size_t count)
{
	struct daemon daemon;
	pthread_t thread;
	int64_t begin = loop_now();
	size_t lines;
	size_t spans;
	int status;

	certbot_issue(certbot, &soak->generations[0]);
	daemon_configure(directory, "certbot",
	    "  - host: mail.example.com\n"
	    "    lineages: [mail]\n"
	    "    retain: 0\n");
	daemon_start(&daemon, program, directory);
	soak->daemon = &daemon;
	atomic_store(&soak->seen, -1);
	if (pthread_create(&thread, NULL, ask_without_pause, soak) != 0)
		tap_bail("no thread");
	soak_renew(soak, certbot, count);
	atomic_store(&soak->over, true);
	(void)pthread_join(thread, NULL);
	soak_report(soak);
	(void)tap_ok(daemon_log_count(&daemon, "warning:") == 0,
	    "the log has no warning");
	lines = daemon_log_count(&daemon, ": renewed, ");
	spans = (size_t)(loop_now() - begin) / 1000 / LOG_SPAN + 1;
	(void)tap_ok(lines > 0 && lines <= LOG_BURST * spans && lines <= count,
	    "the log does not grow with the renewals");
	status = daemon_stop(&daemon);
	(void)tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "the daemon ended well");
}

int
main(int argc, char **argv)
{
	static struct soak soak;
	struct certbot certbot = { .lineage = "mail" };
	size_t count = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	char *a, *b, *store;

	if (count < 10) {
		(void)fprintf(stderr, "usage: soak PROGRAM DIRECTORY CHAINS "
				      "RENEWALS (at least 10)\n");
		return 2;
	}
	a = mem_format("%s/a", argv[3]);
	b = mem_format("%s/b", argv[3]);
	store = mem_format("%s/le", argv[2]);
	pems_load(a, &soak.generations[0]);
	pems_load(b, &soak.generations[1]);
	soak.both = rrset_union(
	    soak.generations[0].rrset, soak.generations[1].rrset);
	certbot.hand.store = store;
	soak_run(&soak, &certbot, argv[1], argv[2], count);
	pems_fini(&soak.generations[0]);
	pems_fini(&soak.generations[1]);
	free(soak.both);
	free(store);
	free(b);
	free(a);
	return tap_end();
}
