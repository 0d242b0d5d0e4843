/* SPDX-License-Identifier: MIT */
#include "base/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
texts_fini(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->list[i]);
	free(texts->list);
	*texts = (struct texts){ 0 };
}

static char *
lower(const char *text)
{
	char *copy = mem_string(text);

	for (char *c = copy; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

/* Return where `text` is or belongs; sets are small. */
static size_t
place(const struct texts *texts, const char *text, bool *ret_there)
{
	size_t at = 0;

	while (at < texts->count && strcmp(texts->list[at], text) < 0)
		at++;
	*ret_there = at < texts->count && strcmp(texts->list[at], text) == 0;
	return at;
}

/* `copy` passes. */
static void
copy_add(struct texts *texts, char *copy)
{
	bool is_there;
	size_t at = place(texts, copy, &is_there);

	if (is_there) {
		free(copy);
		return;
	}
	texts->list = mem_resize(
	    texts->list, texts->count + 1, sizeof(*texts->list));
	memmove(texts->list + at + 1, texts->list + at,
	    (texts->count - at) * sizeof(*texts->list));
	texts->list[at] = copy;
	texts->count++;
}

void
texts_add(struct texts *texts, const char *text)
{
	copy_add(texts, lower(text));
}

void
texts_add_exact(struct texts *texts, const char *text)
{
	copy_add(texts, mem_string(text));
}

bool
texts_has(const struct texts *texts, const char *text)
{
	char *copy = lower(text);
	bool is_there;

	(void)place(texts, copy, &is_there);
	free(copy);
	return is_there;
}

size_t
texts_missing(const struct texts *some, const struct texts *from)
{
	size_t count = 0;

	for (size_t i = 0; i < some->count; i++)
		count += !texts_has(from, some->list[i]);
	return count;
}

bool
texts_equal(const struct texts *a, const struct texts *b)
{
	return a->count == b->count && texts_missing(a, b) == 0;
}

void
texts_format(
    const struct texts *texts, const struct texts *except, struct buf *line)
{
	bool is_first = true;

	for (size_t i = 0; i < texts->count; i++) {
		if (except != NULL && texts_has(except, texts->list[i]))
			continue;
		buf_add_format(
		    line, "%s'%s'", is_first ? "" : ", ", texts->list[i]);
		is_first = false;
	}
	if (is_first)
		buf_add_string(line, "nothing");
}
