/* SPDX-License-Identifier: MIT */
/* Journals that are cut, damaged, made up, or of another version. */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "state_sample.h"
#include "state_world.h"

/* One directory without any handle, and a journal to spoil. */
struct spoil {
	char *directory;
	char *text;
	size_t len;
	struct ledger told;
};

enum { ZONES = 4 };

static int
setup(void **state)
{
	struct spoil *spoil = mem_new(sizeof(*spoil));
	struct state *opened;

	spoil->directory = temporary_new();
	ledger_init(&spoil->told);
	opened = state_opened(spoil->directory, NULL);
	for (uint32_t i = 0; i < ZONES; i++) {
		state_begun(opened);
		put_serial(opened, i % 2 == 0 ? "a.example" : "b.example", i);
		state_committed(opened);
	}
	state_close(opened);
	spoil->text = file_content(
	    spoil->directory, "state.jsonl", &spoil->len);
	*state = spoil;
	return 0;
}

static int
teardown(void **state)
{
	struct spoil *spoil = *state;

	ledger_fini(&spoil->told);
	temporary_remove(spoil->directory);
	free(spoil->text);
	free(spoil);
	return 0;
}

/* Return the name of the journal that was set aside, and remove it, or NULL. */
static char *
take_aside(const struct spoil *spoil, char **ret_text, size_t *ret_len)
{
	DIR *stream = opendir(spoil->directory);
	const struct dirent *entry;
	char *name = NULL;
	char *path;

	assert_non_null(stream);
	while ((entry = readdir(stream)) != NULL) {
		/* Never is anything left behind. */
		assert_string_not_equal(entry->d_name, "state.jsonl.new");
		if (strncmp(entry->d_name, "state.jsonl.damaged-", 20) != 0)
			continue;
		assert_null(name);
		name = mem_string(entry->d_name);
	}
	(void)closedir(stream);
	if (name == NULL)
		return NULL;
	*ret_text = file_content(spoil->directory, name, ret_len);
	path = mem_format("%s/%s", spoil->directory, name);
	assert_int_equal(remove(path), 0);
	free(path);
	return name;
}

/*
 * Open a journal of these octets.  Returns whether it was damaged; then it
 * must have been kept, and the new one be in order.
 */
static bool
open_spoilt(struct spoil *spoil, const char *text, size_t len)
{
	struct state_hooks hooks = ledger_hooks(&spoil->told);
	struct problem problem = { "" };
	struct state *opened = NULL;
	char *warning = NULL;
	char *kept = NULL;
	size_t kept_len = 0;
	bool damaged;
	char *name;

	ledger_fini(&spoil->told);
	ledger_init(&spoil->told);
	file_fill(spoil->directory, "state.jsonl", text, len);
	if (state_open(spoil->directory, &hooks, &opened, &warning, &problem) !=
	    STATUS_OK)
		fail_msg("%s", problem.text);
	state_close(opened);
	damaged = warning != NULL;
	name = take_aside(spoil, &kept, &kept_len);
	assert_int_equal(name != NULL, damaged);
	if (damaged) {
		assert_non_null(strstr(warning, name));
		assert_int_equal(kept_len, len);
		assert_memory_equal(kept, text, len);
	}
	state_close(state_opened(spoil->directory, NULL));
	free(warning);
	free(name);
	free(kept);
	return damaged;
}

static void
assert_serials(const struct spoil *spoil, int a, int b)
{
	struct ledger expected;
	struct state_zone zone = { .id = 0x40000000 };

	ledger_init(&expected);
	zone.name = "a.example";
	zone.serial = (uint32_t)a;
	if (a >= 0)
		ledger_zone(&zone, &expected);
	zone.name = "b.example";
	zone.serial = (uint32_t)b;
	if (b >= 0)
		ledger_zone(&zone, &expected);
	ledger_must_equal(&spoil->told, &expected);
	assert_int_equal(spoil->told.told, (a >= 0) + (b >= 0));
	ledger_fini(&expected);
}

/* The last serials that the lines before `len` have; `bad` is one to skip. */
static void
assert_lines(const struct spoil *spoil, size_t len, size_t bad)
{
	int serials[2] = { -1, -1 };
	size_t start = 0;
	int line = 0;

	for (size_t i = 0; i < len; i++) {
		if (spoil->text[i] != '\n')
			continue;
		if (line > 0 && (bad < start || bad > i))
			serials[(line - 1) % 2] = line - 1;
		line++;
		start = i + 1;
	}
	assert_serials(spoil, serials[0], serials[1]);
}

/* A process was killed while it wrote: what is whole counts, and no more. */
static void
test_cut_anywhere(void **state)
{
	struct spoil *spoil = *state;

	for (size_t len = 0; len <= spoil->len; len++) {
		struct state *opened;

		assert_false(open_spoilt(spoil, spoil->text, len));
		assert_lines(spoil, len, SIZE_MAX);
		/* The next one goes on behind the last whole line. */
		file_fill(spoil->directory, "state.jsonl", spoil->text, len);
		opened = state_opened(spoil->directory, NULL);
		state_begun(opened);
		put_serial(opened, "c.example", 1);
		state_committed(opened);
		state_close(opened);
		opened = state_opened(spoil->directory, &spoil->told);
		assert_non_null(
		    trie_get(&spoil->told.lines, "zone c.example", 14));
		state_close(opened);
	}
}

/* Any octet is another one: its line is lost, and no other one. */
static void
test_every_octet(void **state)
{
	struct spoil *spoil = *state;

	for (size_t i = 0; i < spoil->len; i++) {
		char right = spoil->text[i];
		char *text = mem_copy(spoil->text, spoil->len);

		text[i] = right == '\0' ? 'x' : '\0';
		if (i == spoil->len - 1) {
			/* A last line without newline is cut, not damaged. */
			assert_false(open_spoilt(spoil, text, spoil->len));
			assert_lines(spoil, spoil->len - 1, SIZE_MAX);
		} else if (right != '\n') {
			assert_true(open_spoilt(spoil, text, spoil->len));
			assert_lines(spoil, spoil->len, i);
		} else {
			/* Two lines have become one. */
			assert_true(open_spoilt(spoil, text, spoil->len));
			assert_int_equal(spoil->told.told, 2);
		}
		free(text);
	}
}

/* What can be in a file of that name, with the checksums right or not. */
static const struct {
	const char *why;
	const char *text;
	bool damaged;
} foreign[] = {
	{ "nothing", "", false },
	{ "beginning of ours", "{\"sum\":\"", false },
	{ "no text", "\x01\x02\x03", true },
	{ "a word", "x", true },
	{ "a line", "hello\n", true },
	{ "empty lines", "\n\n\n", true },
	{ "other JSON", "{}\n", true },
	{ "array", "[1,2]\n", true },
	{ "version without checksum", "{\"version\":1}\n", true },
	{ "long and no line",
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    true },
};

static void
test_foreign(void **state)
{
	struct spoil *spoil = *state;
	static const char zeros[300];

	for (size_t i = 0; i < LENGTH(foreign); i++) {
		print_message("# %s\n", foreign[i].why);
		assert_int_equal(open_spoilt(spoil, foreign[i].text,
				     strlen(foreign[i].text)),
		    foreign[i].damaged);
		assert_int_equal(spoil->told.told, 0);
	}
	assert_true(open_spoilt(spoil, zeros, sizeof(zeros)));
}

/* A power failure may leave zeros where the last lines would be. */
static void
test_zeros_at_end(void **state)
{
	struct spoil *spoil = *state;
	char *text = mem_new(spoil->len + 5000);

	memcpy(text, spoil->text, spoil->len);
	assert_false(open_spoilt(spoil, text, spoil->len + 5000));
	assert_serials(spoil, 2, 3);
	free(text);
}

#define DIGEST                                                                 \
	"0101010101010101010101010101010101010101010101010101010101010101"
#define LEAF                                                                   \
	"\"leaf\":{\"subject\":\"a\",\"issuer\":\"b\",\"names\":[],"           \
	"\"key\":\"RSA\",\"bits\":1,\"from\":1,\"until\":2}"
#define LINEAGE "\"lineage\":[\"s\",\"n\"],\"file\":\"f\","
#define PRINT   "\"print\":[1,2,3,4,5],"

/* Lines whose checksum is right; `told` is whether they make sense. */
static const struct {
	const char *rest;
	bool told;
} senses[] = {
	{ "\"zone\":\"z\",\"id\":1,\"serial\":1,\"notified\":0,\"content\":"
	  "\"00000000000000000000000000000000\"}",
	    true },
	{ "\"zone\":1,\"id\":1,\"serial\":1,\"notified\":0,\"content\":"
	  "\"00000000000000000000000000000000\"}",
	    false },
	{ "\"zone\":\"z\",\"id\":2147483648,\"serial\":1,\"notified\":0,"
	  "\"content\":\"00000000000000000000000000000000\"}",
	    false },
	{ "\"zone\":\"z\",\"id\":1,\"serial\":-1,\"notified\":0,\"content\":"
	  "\"00000000000000000000000000000000\"}",
	    false },
	{ "\"zone\":\"z\",\"id\":1,\"serial\":1.5,\"notified\":0,\"content\":"
	  "\"00000000000000000000000000000000\"}",
	    false },
	{ "\"zone\":\"z\",\"id\":1,\"serial\":1,\"notified\":0}", false },
	{ "\"zone\":\"z\",\"id\":1,\"id\":1,\"serial\":1,\"notified\":0,"
	  "\"content\":\"00000000000000000000000000000000\"}",
	    false },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":[[\"3 1 1 00\",1]]}", true },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":[]}", true },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":[[\"3 1 1 00\",1,2]]}", true },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":[[\"3 1 1 00\"]]}", false },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":[\"3 1 1 00\",1]}", false },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":{}}", false },
	{ "\"owner\":\"o\",\"ttl\":1}", false },
	{ "\"owner\":\"%0\",\"ttl\":1,\"list\":[]}", false },
	{ "\"owner\":\"o\",\"gone\":\"yesterday\"}", false },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":[],}", false },
	{ "\"owner\":\"o\",\"ttl\":1,\"list\":[]}}", false },
	{ LINEAGE PRINT "\"list\":[{\"since\":1," LEAF "}]}", true },
	{ LINEAGE PRINT "\"list\":[{\"since\":1," LEAF ",\"ca\":[]}]}", true },
	{ LINEAGE PRINT "\"list\":[]}", true },
	{ LINEAGE "\"print\":[1,2,3,4],\"list\":[]}", false },
	{ LINEAGE PRINT "\"list\":[{" LEAF "}]}", false },
	{ LINEAGE PRINT "\"list\":[{\"since\":1}]}", false },
	{ LINEAGE PRINT "\"list\":[{\"since\":1," LEAF ",\"ca\":{}}]}", false },
	{ LINEAGE PRINT "\"list\":[{\"since\":1," LEAF ",\"ca\":[\"" DIGEST
			"\"]}]}",
	    true },
	{ LINEAGE PRINT "\"list\":[{\"since\":1," LEAF ",\"ca\":[1]}]}",
	    false },
	{ "\"lineage\":[\"s\"],\"file\":\"f\"," PRINT "\"list\":[]}", false },
	{ "\"lineage\":\"s\",\"file\":\"f\"," PRINT "\"list\":[]}", false },
	{ "\"version\":1}", false },
};

static void
test_lines_without_sense(void **state)
{
	struct spoil *spoil = *state;

	for (size_t i = 0; i < LENGTH(senses); i++) {
		struct buf text = { 0 };

		print_message("# %s\n", senses[i].rest);
		buf_add(&text, spoil->text, spoil->len);
		add_line(&text, senses[i].rest, strlen(senses[i].rest));
		assert_int_equal(
		    open_spoilt(spoil, text.data, text.len), !senses[i].told);
		assert_int_equal(spoil->told.told, 2 + senses[i].told);
		buf_fini(&text);
	}
}

/* A journal of a later version, whatever its checksums are. */
static const char *const later[] = {
	"{\"sum\":\"0000000000000000\",\"version\":2}\n",
	"{\"sum\":\"0000000000000000\",\"version\":2,\"more\":[]}\nwhatever\n",
	"{\"version\":99}\n",
	"{\"check\":\"crc\",\"version\":2}\n{}\n",
};

static void
test_later_version(void **state)
{
	struct spoil *spoil = *state;
	const struct state_hooks hooks = { 0 };

	for (size_t i = 0; i < LENGTH(later); i++) {
		struct problem problem = { "" };
		struct state *opened = NULL;
		char *warning = NULL;
		char *text;

		file_fill(spoil->directory, "state.jsonl", later[i],
		    strlen(later[i]));
		assert_int_equal(state_open(spoil->directory, &hooks, &opened,
				     &warning, &problem),
		    STATUS_REFUSED);
		assert_non_null(strstr(problem.text, "later version"));
		assert_non_null(strstr(problem.text, spoil->directory));
		assert_null(opened);
		text = file_content(spoil->directory, "state.jsonl", NULL);
		assert_string_equal(text, later[i]);
		free(text);
	}
}

/* A later version took over while we ran: we must not write any more. */
static void
test_later_version_meanwhile(void **state)
{
	struct spoil *spoil = *state;
	struct problem problem = { "" };
	struct state *opened = state_opened(spoil->directory, NULL);
	char *path = mem_format("%s/state.jsonl", spoil->directory);
	char *text;

	assert_int_equal(remove(path), 0);
	file_fill(spoil->directory, "state.jsonl", later[0], strlen(later[0]));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(state_begin(opened, &problem), STATUS_IO);
		assert_non_null(strstr(problem.text, "later version"));
	}
	state_close(opened);
	text = file_content(spoil->directory, "state.jsonl", NULL);
	assert_string_equal(text, later[0]);
	free(text);
	free(path);
}

/* Damage that happens while we run is repaired, and reported once. */
static void
test_damage_meanwhile(void **state)
{
	struct spoil *spoil = *state;
	for (int has_sum = 0; has_sum < 2; has_sum++) {
		struct state *opened = state_opened(
		    spoil->directory, &spoil->told);
		struct problem problem = { "" };
		struct buf text = { 0 };
		size_t kept_len = 0;
		char *kept = NULL;
		char *name;

		spoil->told.told = 0;
		buf_add(&text, spoil->text, spoil->len);
		if (has_sum == 1)
			add_line(&text, "\"owner\":\"x\"}", 12);
		else
			buf_add_string(&text, "rubbish\n");
		add_line(&text, senses[7].rest, strlen(senses[7].rest));
		file_fill(spoil->directory, "state.jsonl", text.data, text.len);
		assert_int_equal(state_begin(opened, &problem), STATUS_IO);
		name = take_aside(spoil, &kept, &kept_len);
		assert_non_null(name);
		assert_non_null(strstr(problem.text, name));
		assert_int_equal(kept_len, text.len);
		assert_int_equal(spoil->told.told, 1);
		assert_int_equal(state_begin(opened, &problem), STATUS_OK);
		put_serial(opened, "a.example", 77);
		state_committed(opened);
		assert_int_equal(spoil->told.told, 1);
		state_close(opened);
		assert_true(!open_spoilt(spoil, spoil->text, spoil->len));
		buf_fini(&text);
		free(kept);
		free(name);
	}
}

/* The line of a CA certificate is damaged: chains end before it. */
static void
test_ca_damaged(void **state)
{
	struct spoil *spoil = *state;
	struct cert *ca[] = { sample_cert("First CA", 1, false),
		sample_cert("Second CA", 3, false) };
	struct state *opened = state_opened(spoil->directory, NULL);
	const char *line;
	char *subject;
	char *text;
	size_t len;

	state_begun(opened);
	sample_put_lineage(opened, "one", &ca[0], 1);
	sample_put_lineage(opened, "two", &ca[1], 1);
	state_committed(opened);
	state_close(opened);
	text = file_content(spoil->directory, "state.jsonl", &len);
	subject = strstr(text, "First CA");
	assert_non_null(subject);
	subject[0] = 'T';
	assert_true(open_spoilt(spoil, text, len));
	line = trie_get(&spoil->told.lines, "lineage s one", 13);
	assert_non_null(line);
	assert_non_null(strstr(line, " 'one' "));
	assert_null(strstr(line, "CA"));
	line = trie_get(&spoil->told.lines, "lineage s two", 13);
	assert_non_null(line);
	assert_non_null(strstr(line, " 'Second CA' "));
	assert_int_equal(spoil->told.told, 4);
	free(text);
	cert_unref(ca[0]);
	cert_unref(ca[1]);
}

#define SPOIL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SPOIL_TEST(test_cut_anywhere),
		SPOIL_TEST(test_every_octet),
		SPOIL_TEST(test_foreign),
		SPOIL_TEST(test_zeros_at_end),
		SPOIL_TEST(test_lines_without_sense),
		SPOIL_TEST(test_later_version),
		SPOIL_TEST(test_later_version_meanwhile),
		SPOIL_TEST(test_damage_meanwhile),
		SPOIL_TEST(test_ca_damaged),
	};

	return cmocka_run_group_tests_name("state_damage", tests, NULL, NULL);
}
