/* SPDX-License-Identifier: MIT */
#ifndef KEYRING_WORLD_H
#define KEYRING_WORLD_H

/*
 * A state directory, and two processes' views of its keys, all of one zone.  A
 * failure inside fails the test that runs.
 */

#include <stddef.h>

#include "keyring/file.h"
#include "tree.h"

struct keyring_world {
	struct tree tree;
	char *directory;
	struct keyring_file files[2];
	struct keyring keyrings[2];
};

/* Of cmocka: *state becomes the struct keyring_world. */
int keyring_world_setup(void **state);
int keyring_world_teardown(void **state);

/* The zone, which is made if it is missing. */
struct keyring_zone *keyring_world_zone(struct keyring *keyring);

/* Return the path of a file in the directory; free() it. */
char *keyring_world_path(const struct keyring_world *world, const char *name);

/* Add a key to the zone, in the file. */
enum status keyring_world_add(struct keyring_world *world, size_t who,
    const char *content, struct problem *problem);

/* How many keys of the zone somebody knows. */
size_t keyring_world_count(struct keyring_world *world, size_t who);

#endif
