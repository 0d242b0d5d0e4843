/* SPDX-License-Identifier: MIT */
#include "pdns/bind_zones.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	FILE_LIMIT = 64 * 1024 * 1024,
	DEPTH = 16, /* of includes */
};

/* Skip white space and the three kinds of comments. */
static const char *
skip(const char *at)
{
	for (;;) {
		const char *end;

		at += strspn(at, " \t\r\n\v\f");
		if (at[0] == '#' || (at[0] == '/' && at[1] == '/')) {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '*') {
			end = strstr(at + 2, "*/");
			at = end != NULL ? end + 2 : at + strlen(at);
		} else {
			return at;
		}
	}
}

/* Take the next word, text in quotes (without them) or sign. */
static size_t
token(const char **at, const char **ret_token)
{
	const char *start = skip(*at);
	size_t len;

	*ret_token = start;
	if (*start == '"') {
		*ret_token = start + 1;
		len = strcspn(start + 1, "\"");
		*at = start + 1 + len + (start[1 + len] == '"');
		return len;
	}
	len = strcspn(start, " \t\r\n\v\f\"{};#");
	if (len == 0 && *start != '\0')
		len = 1;
	*at = start + len;
	return len;
}

static bool
is_word(const char *word, size_t len, const char *wanted)
{
	return len == strlen(wanted) && strncmp(word, wanted, len) == 0;
}

static enum presence
look(const char *path, int depth)
{
	struct buf text = { 0 };
	enum presence presence = PRESENCE_NO;
	enum status status = file_read(path, FILE_LIMIT, &text, NULL, NULL);
	const char *at = buf_text(&text);
	const char *word;
	size_t len;

	if (status == STATUS_ABSENT && depth > 0)
		presence = PRESENCE_NO;
	else if (status != STATUS_OK || depth > DEPTH)
		presence = PRESENCE_UNKNOWN;
	while (presence == PRESENCE_NO && status == STATUS_OK &&
	       *skip(at) != '\0') {
		bool is_quoted = *skip(at) == '"';

		len = token(&at, &word);
		if (is_quoted) {
			continue;
		} else if (is_word(word, len, "zone")) {
			presence = PRESENCE_YES;
		} else if (is_word(word, len, "include")) {
			char *file;

			len = token(&at, &word);
			file = mem_copy(word, len);
			presence = look(file, depth + 1);
			free(file);
		}
	}
	buf_fini(&text);
	return presence;
}

enum presence
bind_zones(const char *path)
{
	return path[0] != '\0' ? look(path, 0) : PRESENCE_NO;
}
