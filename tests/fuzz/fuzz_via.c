/* SPDX-License-Identifier: MIT */
/*
 * Any octets as a line of `deploy --via`, and as one of `receive`: what is
 * taken is within the limits, is fit for a path or a line, and says of itself
 * what was taken.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "via/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(const char *text)
{
	assert(strlen(text) < VIA_TEXT);
	for (const char *c = text; *c != '\0'; c++)
		assert((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void
check_leaf(const char *leaf)
{
	assert(strlen(leaf) == VIA_LEAF_TEXT - 1);
}

static void
check_chain(const struct via_chain *chain)
{
	assert(chain->count <= LIMIT_CHAIN);
	for (size_t i = 0; i < chain->count; i++)
		assert(chain->list[i].data != NULL && chain->list[i].len > 0);
}

static void
check_question(const struct via_question *question)
{
	if (question->kind == VIA_HERE || question->version != VIA_VERSION)
		return;
	assert(via_name_is_safe(question->name));
	assert(strchr(question->name, '/') == NULL && question->name[0] != '.');
	check_leaf(question->leaf);
	check_chain(&question->chain);
	assert((question->chain.count > 0) == (question->kind == VIA_OFFER));
	assert(question->next_count <= LIMIT_NEXT);
	for (size_t i = 0; i < question->next_count; i++) {
		check_chain(&question->next[i].chain);
		assert((question->next[i].chain.count == 0) ==
		       (question->next[i].key.data != NULL));
	}
}

/* Returns what it says of itself, to be freed; NULL if it is none. */
static char *
question_again(const char *text, size_t len)
{
	struct via_question question;
	struct problem problem = { "" };
	struct buf line = { 0 };

	if (via_question_decode(text, len, &question, &problem) != STATUS_OK) {
		assert(problem.text[0] != '\0');
		return NULL;
	}
	check_question(&question);
	if (question.kind == VIA_HERE || question.version == VIA_VERSION)
		via_question_encode(&question, &line);
	via_question_fini(&question);
	(void)buf_text(&line);
	return line.data;
}

static char *
answer_again(const char *text, size_t len)
{
	struct via_answer answer;
	struct problem problem = { "" };
	struct buf line = { 0 };

	if (via_answer_decode(text, len, &answer, &problem) != STATUS_OK) {
		assert(problem.text[0] != '\0');
		return NULL;
	}
	check_line(answer.text);
	if (answer.kind == VIA_SAFE)
		check_leaf(answer.leaf);
	via_answer_encode(&answer, &line);
	(void)buf_text(&line);
	return line.data;
}

static void
check_same(
    char *(*again)(const char *text, size_t len), const char *text, size_t len)
{
	char *first = again(text, len);
	char *second;

	if (first == NULL || first[0] == '\0') {
		free(first);
		return;
	}
	assert(strchr(first, '\n') == first + strlen(first) - 1);
	/* Escapes may be longer than what they stand for. */
	if (strlen(first) <= LIMIT_VIA_LINE) {
		second = again(first, strlen(first) - 1);
		assert(second != NULL && strcmp(first, second) == 0);
		free(second);
	}
	free(first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_same(question_again, (const char *)data, size);
	check_same(answer_again, (const char *)data, size);
	return 0;
}
