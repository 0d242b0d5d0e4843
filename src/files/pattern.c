/* SPDX-License-Identifier: MIT */
#include "files/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/mem.h"
#include "files/file.h"

struct file_pattern
file_pattern_of(const char *text)
{
	const char *slash = strchr(text, '/');

	if (slash == NULL)
		return (struct file_pattern){ .file = text };
	return (struct file_pattern){ text, (size_t)(slash - text), slash + 1 };
}

bool
file_pattern_is_literal(const char *pattern)
{
	return strpbrk(pattern, "*?") == NULL;
}

/*
 * What programs that keep directories alike make of two versions of one file,
 * and what people make of it with a mouse.
 */
static bool
is_copy(const char *name)
{
	static const char *const patterns[] = { "*conflicted copy*",
		"*.sync-conflict-*", "*_conflict-*", "*(case conflict*",
		"*(copy*)*", "* - copy*", "copy of *" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (glob_match(patterns[i], name, strlen(name)))
			return true;
	return false;
}

bool
file_pattern_skips(const char *entry)
{
	return entry[0] == '.' || file_is_key(entry) || is_copy(entry);
}

bool
file_pattern_matches(const char *pattern, const char *entry)
{
	return !file_pattern_skips(entry) &&
	       glob_match(pattern, entry, strlen(entry));
}

char *
file_stem(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot != NULL && dot > file ? mem_copy(file, (size_t)(dot - file))
					 : mem_string(file);
}

bool
file_pattern_is_for(const struct file_pattern *pattern, const char *name)
{
	char *directory;
	bool is_for;

	if (pattern->directory == NULL)
		return false;
	directory = mem_copy(pattern->directory, pattern->directory_len);
	is_for = glob_match(directory, name, strlen(name));
	free(directory);
	return is_for;
}
