/* SPDX-License-Identifier: MIT */
/*
 * The first scan of many lineages against the bare reading and parsing of the
 * same files; the memory of each; and the time and work of one renewal.
 *	scan DIRECTORY [LINEAGES]
 */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "bulk.h"
#include "engine/engine.h"
#include "files/file.h"
#include "loop/log.h"
#include "state_world.h"
#include "store/store.h"
#include "reports/clerk.h"
#include "wall/warden.h"

enum { FEW = 10, ROUNDS = 5, RENEWALS = 40 };

static double
seconds(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What nobody can do without: open, read, decode each certificate. */
static double
bare_scan(const struct bulk *bulk, size_t count)
{
	double start = seconds(CLOCK_MONOTONIC);

	for (size_t i = 0; i < count; i++) {
		char *path = mem_format(
		    "%s/live/h%zu/fullchain.pem", bulk->path, i);
		char *conf = mem_format("%s/renewal/h%zu.conf", bulk->path, i);
		struct buf text = { 0 };
		struct problem problem;
		X509 *x509;
		BIO *bio;

		if (file_read(conf, 65536, &text, NULL, &problem) != STATUS_OK)
			abort();
		buf_clear(&text);
		if (file_read(path, 65536, &text, NULL, &problem) != STATUS_OK)
			abort();
		bio = BIO_new_mem_buf(text.data, (int)text.len);
		while (
		    (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
			X509_free(x509);
		BIO_free(bio);
		buf_fini(&text);
		free(path);
		free(conf);
	}
	return seconds(CLOCK_MONOTONIC) - start;
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

static struct engine *
engine_start(struct loop *loop, struct warden *warden, const char *file)
{
	struct config *config = NULL;
	struct problem problem;

	if (config_load(file, NULL, &config, &problem) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", problem.text);
		exit(EXIT_FAILURE);
	}
	if (!warden_begin(warden, clerk_ward_run))
		exit(EXIT_FAILURE);
	loop_init(loop);
	return engine_new(loop, config, warden, stop, loop);
}

static double
our_scan(const char *file)
{
	double start = seconds(CLOCK_MONOTONIC);
	struct loop loop;
	struct warden warden;
	struct engine *engine = engine_start(&loop, &warden, file);
	double took;

	loop_run(&loop);
	took = seconds(CLOCK_MONOTONIC) - start;
	engine_free(engine);
	loop_fini(&loop);
	warden_end(&warden);
	return took;
}

/* Make the next start a first one. */
static void
state_forget(const char *directory)
{
	state_remove(directory);
}

static void
ask(struct engine *engine, size_t number, struct buf *reply)
{
	struct problem problem;
	char *line = mem_format("{\"method\":\"lookup\",\"parameters\":{"
				"\"qtype\":\"ANY\",\"qname\":\"_25_tcp_h%zu_"
				"example_com.tlsa.example.net.\"}}",
	    number);

	buf_clear(reply);
	if (engine_answer(engine, line, strlen(line), reply, &problem) !=
	    OUTCOME_REPLY)
		abort();
	free(line);
}

/* Renew one lineage; return the milliseconds from the flip to the answer. */
static double
renew(struct bulk *bulk, struct loop *loop, struct engine *engine,
    size_t number, unsigned generation, double *cpu)
{
	struct buf before = { 0 };
	struct buf after = { 0 };
	double start;
	double used;
	double took;

	ask(engine, number, &before);
	bulk_renew(bulk, number, generation);
	start = seconds(CLOCK_MONOTONIC);
	used = seconds(CLOCK_PROCESS_CPUTIME_ID);
	do {
		loop_turn(loop, 1000);
		ask(engine, number, &after);
	} while (after.len == before.len &&
		 memcmp(after.data, before.data, after.len) == 0);
	took = seconds(CLOCK_MONOTONIC) - start;
	*cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - used;
	buf_fini(&before);
	buf_fini(&after);
	return took * 1e3;
}

static int
by_size(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static double
median(double *list, size_t count)
{
	qsort(list, count, sizeof(*list), by_size);
	return list[count / 2];
}

/* Turn until nothing is left to do, for the thread of the record as well. */
static void
settle(struct loop *loop)
{
	double turn = 0;
	double used = 0;

	while (turn < 0.1 || used > 0.01) {
		double begin = seconds(CLOCK_MONOTONIC);
		double before = seconds(CLOCK_PROCESS_CPUTIME_ID);

		loop_turn(loop, 150);
		turn = seconds(CLOCK_MONOTONIC) - begin;
		used = seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
	}
}

/* Return the processor seconds of one renewal among `count` lineages. */
static double
renewals(
    struct bulk *bulk, const char *file, size_t count, unsigned *generation)
{
	double took[RENEWALS];
	double cpu = 0;
	struct loop loop;
	struct warden warden;
	struct engine *engine = engine_start(&loop, &warden, file);

	loop_run(&loop);
	/*
	 * What a start leaves for later is no work of a renewal, nor what it
	 * leaves for the first one: the whole record is checked.
	 */
	settle(&loop);
	(void)renew(bulk, &loop, engine, 1, ++*generation, &cpu);
	settle(&loop);
	cpu = 0;
	for (size_t i = 0; i < RENEWALS; i++)
		took[i] = renew(
		    bulk, &loop, engine, i * 7919 % count, ++*generation, &cpu);
	(void)printf("# one renewal among %zu: answer after %.1f ms, %.0f us "
		     "of processor time\n",
	    count, median(took, RENEWALS), cpu / RENEWALS * 1e6);
	(void)printf("renewal-ms-%zu %.1f\n", count, took[RENEWALS / 2]);
	engine_free(engine);
	loop_fini(&loop);
	warden_end(&warden);
	return cpu / RENEWALS;
}

int
main(int argc, char **argv)
{
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
	char *store = mem_format("%s/store", argc > 1 ? argv[1] : ".");
	char *small = mem_format("%s/small.yaml", argc > 1 ? argv[1] : ".");
	char *large = mem_format("%s/large.yaml", argc > 1 ? argv[1] : ".");
	double ratios[ROUNDS];
	double restarts[ROUNDS];
	unsigned generation = 1;
	struct bulk bulk;
	double few;

	log_set_level(LOG_LEVEL_ERROR);
	bulk_init(&bulk, store);
	bulk_add(&bulk, 0, FEW);
	bulk_config(&bulk, small, argv[1], FEW);
	few = renewals(&bulk, small, FEW, &generation);
	bulk_add(&bulk, FEW, count);
	bulk_config(&bulk, large, argv[1], count);
	for (int round = 0; round < ROUNDS; round++) {
		double bare = bare_scan(&bulk, count);
		double ours;
		double again;

		state_forget(argv[1]);
		ours = our_scan(large);
		again = our_scan(large);
		ratios[round] = ours / bare;
		restarts[round] = again / bare;
		(void)printf("# %.3f s bare, %.3f s first scan, %.3f s "
			     "restart\n",
		    bare, ours, again);
	}
	(void)printf("first-scan %.2f\n", median(ratios, ROUNDS));
	(void)printf("restart %.2f\n", median(restarts, ROUNDS));
	(void)printf("renewal-work %.2f\n",
	    renewals(&bulk, large, count, &generation) / few);
	bulk_fini(&bulk);
	free(store);
	free(small);
	free(large);
	return EXIT_SUCCESS;
}
