/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/installed.h"
#include "base/limit.h"
#include "base/mem.h"
#include "issuers/load.h"
#include "pki.h"
#include "tree.h"

#define HEX16 "0123456789abcdef"
#define HEX60 HEX16 HEX16 HEX16 "0123456789ab"

/* A table of one CA whose name is `name`, two hexadecimal digits. */
#define TABLE(name)                                                            \
	"provider: P\ndate: 2026-07-08\n" name "\tRSA\t2048\t" name "00" HEX60 \
	"\t" name "00" HEX60 HEX16 HEX16 HEX16 HEX16                           \
	"\t2028-09-02T23:59:59Z\tactive\nend\n"

/* One test's directories, and what was said about them. */
struct stage {
	struct tree tree;
	char *low;
	char *high;
	struct issuers *issuers;
	struct buf warnings; /* a line each */
};

static int
stage_init(void **state)
{
	static struct stage stage;

	tree_init(&stage.tree);
	tree_make(&stage.tree, "low");
	tree_make(&stage.tree, "high");
	stage.low = tree_path(&stage.tree, "low");
	stage.high = tree_path(&stage.tree, "high");
	*state = &stage;
	return 0;
}

static int
stage_fini(void **state)
{
	struct stage *stage = *state;

	issuers_unref(stage->issuers);
	free(stage->low);
	free(stage->high);
	buf_fini(&stage->warnings);
	tree_fini(&stage->tree);
	*stage = (struct stage){ 0 };
	return 0;
}

static void
warn(void *arg, const char *text)
{
	struct stage *stage = arg;

	assert_null(strpbrk(text, "\n\r\t"));
	buf_add_format(&stage->warnings, "%s\n", text);
}

/* Load both directories, as again and again by a daemon. */
static void
load(struct stage *stage)
{
	const char *const directories[] = { stage->low, stage->high };
	struct issuers *old = stage->issuers;

	buf_clear(&stage->warnings);
	stage->issuers = issuers_load(directories, 2, old, warn, stage);
	issuers_unref(old);
}

/*
 * The names of the sets and of their first CAs must be `expected`; sets of
 * the program are left out.
 */
static void
expect(const struct stage *stage, const char *expected)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < stage->issuers->count; i++) {
		const struct issuer_set *set = stage->issuers->sets[i];

		if (strncmp(set->name, "letsencrypt", 11) != 0)
			buf_add_format(&text, "%s%s:%s",
			    text.len > 0 ? " " : "", set->name,
			    set->list[0].name);
	}
	assert_string_equal(buf_text(&text), expected);
	buf_fini(&text);
}

/* `count` warnings, in which each of the pieces (may be NULL) is. */
static void
expect_warnings(
    struct stage *stage, size_t count, const char *first, const char *second)
{
	const char *text = buf_text(&stage->warnings);
	size_t lines = 0;

	for (const char *c = text; *c != '\0'; c++)
		lines += *c == '\n';
	if (lines != count || (first != NULL && strstr(text, first) == NULL))
		assert_string_equal(text, first != NULL ? first : "");
	if (second != NULL && strstr(text, second) == NULL)
		assert_string_equal(text, second);
}

static void
test_drop_ins(void **state)
{
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;

	tree_write(tree, "low/a.tsv", TABLE("a1"));
	tree_write(tree, "low/b.tsv", TABLE("b1"));
	load(stage);
	expect(stage, "a:a1 b:b1");
	tree_write(tree, "high/b.tsv", TABLE("b2"));
	tree_write(tree, "high/c.tsv", TABLE("c2"));
	load(stage);
	expect(stage, "a:a1 b:b2 c:c2");
	tree_write(tree, "high/a.tsv", "");
	tree_link(tree, "/dev/null", "high/d.tsv");
	load(stage);
	expect(stage, "b:b2 c:c2");
	tree_remove(tree, "high/a.tsv");
	tree_link(tree, "/dev/null", "high/a.tsv");
	tree_remove(tree, "high/b.tsv");
	load(stage);
	expect(stage, "b:b1 c:c2");
	expect_warnings(stage, 0, NULL, NULL);
}

static void
test_program(void **state)
{
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;

	load(stage);
	assert_int_equal(stage->issuers->count, 2);
	tree_write(tree, "high/letsencrypt.tsv", TABLE("aa"));
	load(stage);
	assert_int_equal(stage->issuers->count, 2);
	assert_string_equal(stage->issuers->sets[0]->list[0].name, "aa");
	tree_link(tree, "/dev/null", "low/letsencrypt-staging.tsv");
	load(stage);
	assert_int_equal(stage->issuers->count, 1);
	tree_remove(tree, "high/letsencrypt.tsv");
	tree_link(tree, "/dev/null", "high/letsencrypt.tsv");
	load(stage);
	assert_int_equal(stage->issuers->count, 0);
	expect_warnings(stage, 0, NULL, NULL);
}

static void
test_other_files(void **state)
{
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;

	tree_write(tree, "low/a.tsv", TABLE("a1"));
	tree_write(tree, "low/.b.tsv", TABLE("b1"));
	tree_write(tree, "low/c.tsv~", TABLE("c1"));
	tree_write(tree, "low/d.tsv.dpkg-new", TABLE("d1"));
	tree_write(tree, "low/e.TSV", TABLE("e1"));
	tree_write(tree, "low/.tsv", TABLE("f1"));
	tree_write(tree, "low/tsv", TABLE("f1"));
	load(stage);
	expect(stage, "a:a1");
	expect_warnings(stage, 0, NULL, NULL);
	tree_make(tree, "low/g.tsv");
	tree_link(tree, "nothing", "low/h.tsv");
	tree_link(tree, "i.tsv", "low/i.tsv");
	tree_write(tree, "low/my-key.pem", "x");
	tree_link(tree, "/dev/zero", "low/j.tsv");
	tree_link(tree, "a.tsv", "low/k.tsv");
	load(stage);
	expect(stage, "a:a1 k:a1");
	expect_warnings(stage, 5,
	    "/low/g.tsv: is no regular file; the file is "
	    "left out",
	    "/low/h.tsv: leads to ");
	expect_warnings(stage, 5, "/low/my-key.pem: ", "/low/j.tsv: is no");
}

static void
test_pem(void **state)
{
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;
	struct buf text = { 0 };
	struct pki ca;

	pki_make_ca("Own", NULL, &ca);
	pki_add_pem(&ca, &text);
	tree_write(tree, "low/b.tsv", TABLE("b1"));
	tree_write(tree, "low/b.pem", buf_text(&text));
	tree_write(tree, "low/a.pem", buf_text(&text));
	load(stage);
	expect(stage, "b:b1 a:Own b:Own");
	expect_warnings(stage, 0, NULL, NULL);
	tree_append(tree, "low/a.pem", "-----BEGIN");
	tree_write(tree, "high/b.pem", "nothing");
	load(stage);
	expect(stage, "b:b1 a:Own b:Own");
	expect_warnings(stage, 2,
	    "/low/a.pem: certificate 2: cut PEM block; what was read from it "
	    "before stays",
	    "/high/b.pem: holds no certificate; ");
	pki_fini(&ca);
	buf_fini(&text);
}

/* A bad file never takes away what a good one of its name gave. */
static void
test_bad(void **state)
{
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;
	const struct issuer_set *kept;

	tree_write(tree, "low/a.tsv", TABLE("a1"));
	tree_write(tree, "low/z.tsv", TABLE("f1"));
	tree_write(tree, "high/a.tsv", "provider: P\nnonsense\n");
	tree_write(tree, "high/b.tsv", "provider: P\n\nend\n");
	load(stage);
	expect(stage, "a:a1 z:f1");
	expect_warnings(stage, 2,
	    "/high/a.tsv:2: 'nonsense' is neither 'key: value'",
	    "/high/b.tsv:3: the line 'date: YYYY-MM-DD' is missing; the file "
	    "is left out\n");
	expect_warnings(stage, 2, "low/a.tsv is used instead\n", NULL);

	/* Once it was good, it is its own last good version that stays. */
	tree_write(tree, "high/a.tsv", TABLE("a2"));
	tree_write(tree, "high/b.tsv", TABLE("b2"));
	load(stage);
	expect(stage, "a:a2 b:b2 z:f1");
	kept = stage->issuers->sets[0];
	tree_write(tree, "high/a.tsv", "provider: P\n");
	tree_remove(tree, "high/b.tsv");
	tree_make(tree, "high/b.tsv");
	load(stage);
	load(stage);
	expect(stage, "a:a2 b:b2 z:f1");
	assert_ptr_equal(kept, stage->issuers->sets[0]);
	expect_warnings(stage, 2, "what was read from it before stays\n",
	    "/high/b.tsv: is no regular file; what");

	/* Gone on purpose is gone. */
	tree_remove(tree, "high/a.tsv");
	tree_remove(tree, "high/b.tsv");
	load(stage);
	expect(stage, "a:a1 z:f1");
	expect_warnings(stage, 0, NULL, NULL);
}

static void
test_bad_built_in(void **state)
{
	struct stage *stage = *state;

	tree_write(&stage->tree, "high/letsencrypt.tsv", "end\n");
	load(stage);
	assert_int_equal(stage->issuers->count, 2);
	expect_warnings(
	    stage, 1, "; letsencrypt.tsv in the program is used", NULL);
}

static void
test_directories(void **state)
{
	char *nothing = mem_format("%s/nothing", installed_issuers_shipped);
	const char *const defaults[] = { nothing, installed_issuers_local };
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;

	tree_write(tree, "low/a.tsv", TABLE("a1"));
	tree_write(tree, "high/b.tsv", TABLE("b2"));
	load(stage);
	assert_int_equal(stage->issuers->faults.count, 0);
	tree_remove(tree, "high");
	load(stage);
	/* It is configured still, so that nobody said that they should go. */
	expect(stage, "a:a1 b:b2");
	expect_warnings(
	    stage, 1, "/high: No such file or directory; create", NULL);
	assert_int_equal(stage->issuers->faults.count, 1);
	tree_write(tree, "high", "a file");
	load(stage);
	expect(stage, "a:a1 b:b2");
	expect_warnings(stage, 1, "/high: Not a directory; create", NULL);

	/* Nobody named those; the first is none of them, however. */
	if (access(installed_issuers_local, F_OK) != 0) {
		buf_clear(&stage->warnings);
		issuers_unref(issuers_load(defaults, 2, NULL, warn, stage));
		expect_warnings(stage, 1, "/nothing: No such file", NULL);
	}
	free(nothing);
}

/* A directory that cannot be read has not been emptied. */
static void
test_forbidden(void **state)
{
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;

	tree_write(tree, "low/a.tsv", TABLE("a1"));
	tree_write(tree, "high/b.tsv", TABLE("b2"));
	tree_write(tree, "high/c.tsv", TABLE("c2"));
	load(stage);
	tree_chmod(tree, "", 0755);
	tree_chmod(tree, "high", 0);
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	load(stage);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	tree_chmod(tree, "high", 0755);
	expect(stage, "a:a1 b:b2 c:c2");
	expect_warnings(stage, 1,
	    "/high: Permission denied; what was read from it before stays",
	    NULL);
	tree_remove(tree, "high/c.tsv");
	load(stage);
	expect(stage, "a:a1 b:b2");
}

/* A file alone that cannot be read is no better. */
static void
test_forbidden_file(void **state)
{
	struct stage *stage = *state;
	const struct tree *tree = &stage->tree;

	tree_write(tree, "low/a.tsv", TABLE("a1"));
	tree_write(tree, "high/a.tsv", TABLE("a2"));
	tree_chmod(tree, "", 0755);
	tree_chmod(tree, "high/a.tsv", 0);
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	load(stage);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	expect(stage, "a:a1");
	expect_warnings(stage, 1, "/high/a.tsv: permission denied", NULL);
}

/* Far more files than anybody has. */
static void
test_many(void **state)
{
	struct stage *stage = *state;
	char name[32];

	for (int i = 0; i <= LIMIT_ISSUER_FILES; i++) {
		(void)snprintf(name, sizeof(name), "low/%04d.tsv", i);
		tree_write(&stage->tree, name, TABLE("a1"));
	}
	load(stage);
	assert_int_equal(stage->issuers->count, LIMIT_ISSUER_FILES + 2);
	expect_warnings(stage, 1, "/low: more than 256 files", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_drop_ins, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_program, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_other_files, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_pem, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_bad, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_bad_built_in, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_directories, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_forbidden, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_forbidden_file, stage_init, stage_fini),
		cmocka_unit_test_setup_teardown(
		    test_many, stage_init, stage_fini),
	};
	return cmocka_run_group_tests_name("issuer_load", tests, NULL, NULL);
}
