/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plain.h"
#include "cli/terminal.h"

bool
output_is_coloured(FILE *stream)
{
	return terminal_of(stream).is_coloured;
}

void
output_date(int64_t when, char *text, size_t size)
{
	time_t seconds = (time_t)when;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(text, size, "%lld", (long long)when);
}

int64_t
output_date_read(const char *text)
{
	struct tm tm = { 0 };
	const char *end = text != NULL
			      ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm)
			      : NULL;

	return end != NULL && *end == '\0' ? (int64_t)timegm(&tm) : -1;
}

json_t *
output_json_date(int64_t when)
{
	char text[OUTPUT_DATE_SIZE];

	if (when == INT64_MAX)
		return json_null();
	output_date(when, text, sizeof(text));
	return json_string(text);
}

json_t *
output_json_text(const char *text)
{
	json_t *value;
	char *plain;

	if (text == NULL)
		return json_null();
	plain = plain_text(text, strlen(text));
	value = json_string(plain);
	free(plain);
	return value;
}

json_t *
output_json_texts(const struct texts *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->count; i++)
		(void)json_array_append_new(
		    list, output_json_text(texts->list[i]));
	return list;
}

bool
output_end(FILE *stream, json_t *root)
{
	if (root != NULL) {
		(void)json_dumpf(root, stream, JSON_INDENT(2));
		(void)fputc('\n', stream);
		json_decref(root);
	}
	return fflush(stream) == 0 && ferror(stream) == 0;
}
