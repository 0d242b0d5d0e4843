/* SPDX-License-Identifier: MIT */
#ifndef FILES_PATTERN_H
#define FILES_PATTERN_H

/*
 * Which names of files may be a certificate's, by `match` of the configuration.
 * Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * A pattern of one part is for files in the source itself, one of two for files
 * in its directories.  Borrowed from its text.
 */
struct file_pattern {
	const char *directory; /* or NULL */
	size_t directory_len;
	const char *file;
};

struct file_pattern file_pattern_of(const char *text);

/* Return true if only one name fits. */
bool file_pattern_is_literal(const char *pattern);

/* Whether the pattern is for files in a directory of that name. */
bool file_pattern_is_for(const struct file_pattern *pattern, const char *name);

/* Return true for hidden files, private keys, and copies that tools leave. */
bool file_pattern_skips(const char *entry);

/* Whether the file fits, and is none of those. */
bool file_pattern_matches(const char *pattern, const char *entry);

/* Return the name without what stands behind its last dot; free() it. */
char *file_stem(const char *file);

#endif
