/* SPDX-License-Identifier: MIT */
#ifndef DAMAGES_H
#define DAMAGES_H

/*
 * Each kind of damage that the file of a chain can take, where none is a chain
 * that could be served.  What fails ends the test.
 */

#include <stddef.h>

#include "pems.h"

/* What there is to make damage of. */
struct material {
	const struct pems *pems;
	const char *path; /* of the file to be damaged */
};

struct damage {
	const char *name;
	/* Make it at the path, where nothing is. */
	void (*make)(const struct material *material);
};

enum { DAMAGES = 18 };

extern const struct damage damages[DAMAGES];

/* Remove what is at the path: a file, a link, an empty directory, nothing. */
void damage_clear(const char *path);

/* Put the damage in the place of what is there. */
void damage_do(const struct damage *damage, const struct material *material);

/* Write the file in place; also what is no text. */
void damage_write(const char *path, const char *text, size_t len);
void damage_write_text(const char *path, const char *text);

#endif
