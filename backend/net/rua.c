/* SPDX-License-Identifier: MIT */
#include "net/rua.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/plain.h"

/* In this case alone, as is "rua" (RFC 8460 s3). */
static const char version[] = "v=TLSRPTv1";

enum { VERSION_LEN = sizeof(version) - 1 };

const char *
rua_word(enum rua rua)
{
	static const char *const words[] = {
#define X(id, word) [id] = word,
		RUA_TABLE(X)
#undef X
	};

	return words[rua];
}

/* "\DDD" or "\X" (RFC 1035 s5.1); returns how long it is. */
static size_t
escape_add(struct buf *text, const char *escape)
{
	unsigned octet = 0;

	for (size_t i = 1; i <= 3; i++) {
		if (!isdigit((unsigned char)escape[i])) {
			if (escape[1] != '\0')
				buf_add(text, escape + 1, 1);
			return escape[1] != '\0' ? 2 : 1;
		}
		octet = octet * 10 + (unsigned)(escape[i] - '0');
	}
	buf_add(text, &(unsigned char){ (unsigned char)octet }, 1);
	return 4;
}

/* The strings of a record, one behind the other (RFC 8460 s3). */
static void
strings_join(const char *record, struct buf *text)
{
	bool is_quoted = false;

	while (*record != '\0') {
		if (*record == '\\') {
			record += escape_add(text, record);
			continue;
		}
		if (*record == '"')
			is_quoted = !is_quoted;
		else if (is_quoted || *record != ' ')
			buf_add(text, record, 1);
		record++;
	}
}

static const char *
blank_skip(const char *text)
{
	return text + strspn(text, " \t");
}

/* One of "mailto:..." or "https://...", of `len` octets. */
static bool
is_uri(const char *uri, size_t len)
{
	static const char *const schemes[] = { "mailto:", "https://" };
	size_t scheme = 0;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncasecmp(uri, schemes[i], strlen(schemes[i])) == 0)
			scheme = strlen(schemes[i]);
	/* What ends it, and "!", has to be written in percent. */
	return scheme > 0 && len > scheme && memchr(uri, '!', len) == NULL &&
	       memchr(uri, ' ', len) == NULL &&
	       (scheme != strlen(schemes[0]) || memchr(uri, '@', len) != NULL);
}

static size_t
trimmed_len(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* "mailto:...,https://...", of `len` octets. */
static bool
rua_check(const char *list, size_t len, struct problem *problem)
{
	const char *end = list + len;

	for (;;) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		size_t uri = trimmed_len(
		    list, (size_t)((comma != NULL ? comma : end) - list));

		if (!is_uri(list, uri)) {
			problem_set(problem,
			    "'%.*s' is neither mailto: with an address nor "
			    "https://",
			    (int)uri, list);
			return false;
		}
		if (comma == NULL)
			return true;
		/* Blanks may end the field, and are no part of it then. */
		list = blank_skip(comma + 1);
		if (list > end)
			list = end;
	}
}

static bool
is_name(const char *name, size_t len)
{
	if (len == 0 || len > 32 || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr("_-.", name[i]) == NULL)
			return false;
	return true;
}

/* "rua=..." or what later versions add, of `len` octets. */
static bool
field_check(
    const char *field, size_t len, bool *ret_has_rua, struct problem *problem)
{
	const char *sign = memchr(field, '=', len);
	size_t name = sign != NULL ? (size_t)(sign - field) : 0;

	if (!is_name(field, name) || name + 1 == len) {
		problem_set(
		    problem, "'%.*s' is no NAME=VALUE", (int)len, field);
		return false;
	}
	if (name != 3 || strncmp(field, "rua", name) != 0)
		return true;
	*ret_has_rua = true;
	return rua_check(sign + 1, len - name - 1, problem);
}

/* What stands behind the version. */
static bool
fields_check(const char *text, struct problem *problem)
{
	bool has_rua = false;

	while (*text == ';') {
		size_t len;

		text = blank_skip(text + 1);
		len = strcspn(text, ";");
		if (text[len] == '\0' && trimmed_len(text, len) == 0)
			break;
		if (!field_check(
			text, trimmed_len(text, len), &has_rua, problem))
			return false;
		text += len;
	}
	if (!has_rua)
		problem_set(problem, "it has no 'rua', whom to tell");
	return has_rua;
}

/* NULL: it is somebody else's, or its version is in another case. */
static const char *
fields_find(struct buf *text, bool *ret_is_other_case)
{
	const char *fields;

	if (strncasecmp(buf_text(text), version, VERSION_LEN) != 0)
		return NULL;
	fields = blank_skip(buf_text(text) + VERSION_LEN);
	if (*fields != ';' && *fields != '\0')
		return NULL;
	if (strncmp(buf_text(text), version, VERSION_LEN) == 0)
		return fields;
	*ret_is_other_case = true;
	return NULL;
}

static void
problem_clean(struct problem *problem)
{
	const struct plain words = plain_of(problem->text);

	problem_set(problem, "%s", words.text);
}

enum rua
rua_judge(const struct texts *records, struct problem *problem)
{
	enum rua rua = RUA_MISSING;
	bool is_other_case = false;

	for (size_t i = 0; i < records->count; i++) {
		struct buf text = { 0 };
		const char *fields;

		strings_join(records->list[i], &text);
		fields = fields_find(&text, &is_other_case);
		if (fields != NULL && rua != RUA_MISSING)
			rua = RUA_SEVERAL;
		else if (fields != NULL)
			rua = fields_check(fields, problem) ? RUA_OK
							    : RUA_MALFORMED;
		buf_fini(&text);
	}
	if (rua == RUA_MISSING && is_other_case) {
		problem_set(
		    problem, "its version is not '%s' to the letter", version);
		rua = RUA_MALFORMED;
	}
	if (rua == RUA_MALFORMED)
		problem_clean(problem);
	return rua;
}
