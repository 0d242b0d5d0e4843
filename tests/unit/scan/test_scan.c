/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"
#include "scan/scan.h"
#include "tree.h"

/* A scanner of one directory, and what it tells. */
struct bench {
	struct tree tree;
	struct loop loop;
	struct watch *watch;
	struct reading *reading;
	struct ca_pool cas;
	struct scan *scan;
	unsigned looks;
	enum verdict last;
	struct problem problem; /* of it */
	unsigned completions;
};

static void
looked(struct report *report, void *arg)
{
	struct bench *bench = arg;

	bench->looks++;
	bench->last = report->verdict;
	problem_set(&bench->problem, "%s",
	    report->problem != NULL ? report->problem : "");
}

static void
source(unsigned number, const char *problem, void *arg)
{
	(void)number;
	(void)problem;
	(void)arg;
}

static void
complete(void *arg)
{
	struct bench *bench = arg;

	bench->completions++;
}

static void
bench_init(struct bench *bench)
{
	const struct scan_hooks hooks = { NULL, NULL, looked, source, complete,
		bench };
	char **match = mem_array(1, sizeof(*match));

	*bench = (struct bench){ .reading = reading_empty() };
	tree_init(&bench->tree);
	match[0] = mem_string("*.pem");
	bench->reading->sources = mem_array(
	    1, sizeof(*bench->reading->sources));
	bench->reading->source_count = 1;
	bench->reading->sources[0] = (struct config_source){
		.type = SOURCE_FILES,
		.path = mem_string(bench->tree.root),
		.match = match,
		.match_count = 1,
		.hosts = mem_array(0, sizeof(char *)),
	};
	loop_init(&bench->loop);
	ca_pool_init(&bench->cas);
	bench->watch = watch_new_deaf();
	bench->scan = scan_new(
	    &bench->loop, bench->watch, bench->reading, &bench->cas, &hooks);
}

static void
bench_fini(struct bench *bench)
{
	scan_free(bench->scan);
	watch_free(bench->watch);
	ca_pool_fini(&bench->cas);
	loop_fini(&bench->loop);
	reading_free(bench->reading);
	tree_fini(&bench->tree);
}

/* As long as something is due at once. */
static void
turn(struct bench *bench)
{
	for (int i = 0; i < 20; i++)
		loop_turn(&bench->loop, 1);
}

/* What is known of a lineage whose file is gone. */
static void
know(struct bench *bench, const char *name)
{
	struct known known = { .file = mem_format(
				   "%s/%s.pem", bench->tree.root, name),
		.has_chain = true };

	scan_know(bench->scan, 0, name, &known);
	assert_null(known.file);
}

/*
 * What is known is told piece by piece, and the last of it may be late: nothing
 * counts as all that there is before that.
 */
static void
test_waits_for_all(void **state)
{
	const struct fingerprint print = { .inode = 1 };
	struct bench bench;

	(void)state;
	bench_init(&bench);
	know(&bench, "gone");
	scan_ban(bench.scan, 0, "banned", &print, INT64_MAX);
	turn(&bench);
	assert_int_equal(bench.looks, 0);
	assert_int_equal(bench.completions, 0);
	tree_write(&bench.tree, "half.pem", "-----BEGIN CERTIFICATE-----\n");
	scan_start(bench.scan, false);
	turn(&bench);
	assert_int_equal(bench.completions, 1);
	/* the one that is gone, the one that is bad, and the banned one */
	assert_int_equal(bench.looks, 3);
	bench_fini(&bench);
}

/* Another one had looked at all: that it cannot be read is not believed yet. */
static void
test_again(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	know(&bench, "gone");
	scan_start(bench.scan, true);
	turn(&bench);
	assert_int_equal(bench.completions, 0);
	assert_int_equal(bench.looks, 0);
	for (int i = 0; i < 400 && bench.looks == 0; i++)
		loop_turn(&bench.loop, 50);
	assert_int_equal(bench.last, VERDICT_PROBLEM);
	bench_fini(&bench);
}

/* A record that can be read at last: what is on it is looked at. */
static void
test_known_late(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	scan_start(bench.scan, false);
	turn(&bench);
	assert_int_equal(bench.completions, 1);
	know(&bench, "late");
	for (int i = 0; i < 400 && bench.looks == 0; i++)
		loop_turn(&bench.loop, 50);
	assert_int_equal(bench.last, VERDICT_PROBLEM);
	assert_int_equal(bench.completions, 1);
	bench_fini(&bench);
}

/* It may have been no fault of the file's, so it is read again one day. */
static void
test_ban_ends(void **state)
{
	struct fingerprint print;
	struct bench bench;
	char *path;

	(void)state;
	bench_init(&bench);
	path = tree_path(&bench.tree, "bad.pem");
	tree_write(&bench.tree, "bad.pem", "-----BEGIN CERTIFICATE-----\n");
	assert_true(file_fingerprint(path, &print));
	scan_ban(bench.scan, 0, "bad", &print, INT64_MAX);
	scan_start(bench.scan, false);
	turn(&bench);
	assert_non_null(strstr(bench.problem.text, "left alone"));
	scan_ban(bench.scan, 0, "bad", &print, loop_now());
	for (int i = 0; i < 400 && strstr(bench.problem.text, "left alone");
	     i++)
		loop_turn(&bench.loop, 50);
	assert_null(strstr(bench.problem.text, "left alone"));
	bench_fini(&bench);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_for_all),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_known_late),
		cmocka_unit_test(test_ban_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
