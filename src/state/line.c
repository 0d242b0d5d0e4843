/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

/* {"sum":"0123456789abcdef", */
enum { SUM_DIGITS = 16, SUM_AT = 8, REST_AT = SUM_AT + SUM_DIGITS + 2 };

static uint64_t
sum_of(const char *text, size_t len)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	uint64_t sum = 0;
	int done = EVP_Digest(text, len, digest, NULL, EVP_sha256(), NULL);

	assert(done == 1);
	for (size_t i = 0; i < sizeof(sum); i++)
		sum = sum << 8 | digest[i];
	return sum;
}

static bool
sum_parse(const char *text, uint64_t *ret_sum)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SUM_DIGITS; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9')
			sum = sum << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			sum = sum << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*ret_sum = sum;
	return true;
}

/* The length of the JSON value before the ',' or '}' that ends it, or 0. */
static size_t
value_length(const char *text, size_t len)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if (depth == 0 && (c == ',' || c == '}'))
			return i;
		else if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}') {
			if (depth == 0)
				return 0;
			depth--;
		}
	}
	return 0;
}

static enum state_kind
kind_of(const char *name, size_t len)
{
	static const char *const names[] = {
#define X(id, text) [id] = text,
		STATE_KIND_TABLE(X)
#undef X
	};

	for (size_t i = 0; i < STATE_KIND_OTHER; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (enum state_kind)i;
	return STATE_KIND_OTHER;
}

/* Find "kind":value at the start of the rest of a line. */
static bool
key_find(const char *rest, size_t len, struct state_line *line)
{
	const char *end;
	size_t name_len;
	size_t value_len;

	if (len < 2 || rest[0] != '"')
		return false;
	end = memchr(rest + 1, '"', len - 1);
	if (end == NULL)
		return false;
	name_len = (size_t)(end - rest) - 1;
	/* The name, two quotes, and the colon. */
	if (len < name_len + 3 || end[1] != ':' ||
	    memchr(rest + 1, '\\', name_len) != NULL)
		return false;
	value_len = value_length(end + 2, len - name_len - 3);
	if (value_len == 0)
		return false;
	line->kind = kind_of(rest + 1, name_len);
	line->key = rest;
	line->key_len = name_len + 3 + value_len;
	return line->key_len <= STATE_KEY_MAX;
}

bool
state_line_read(const char *text, size_t len, struct state_line *ret)
{
	struct state_line line = { 0 };

	if (len <= REST_AT || memcmp(text, "{\"sum\":\"", SUM_AT) != 0 ||
	    !sum_parse(text + SUM_AT, &line.sum) ||
	    memcmp(text + REST_AT - 2, "\",", 2) != 0)
		return false;
	if (line.sum != sum_of(text + REST_AT, len - REST_AT) ||
	    !key_find(text + REST_AT, len - REST_AT, &line))
		return false;
	*ret = line;
	return true;
}

static int
dump_to_buf(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
	return 0;
}

void
state_line_add(struct buf *lines, const json_t *object)
{
	size_t start = lines->len;
	char sum[REST_AT + 1];
	size_t rest;
	int failed;

	/* The object's own brace comes to lie where the checksum ends. */
	buf_reserve(lines, REST_AT);
	lines->len += REST_AT - 1;
	failed = json_dump_callback(object, dump_to_buf, lines, JSON_COMPACT);
	rest = start + REST_AT;
	assert(failed == 0 && lines->len > rest + 1);
	(void)snprintf(sum, sizeof(sum), "{\"sum\":\"%016llx\",",
	    (unsigned long long)sum_of(lines->data + rest, lines->len - rest));
	memcpy(lines->data + start, sum, REST_AT);
	buf_add(lines, "\n", 1);
	assert(lines->len - start <= STATE_LINE_MAX);
}
