/* SPDX-License-Identifier: MIT */
#include "keyring_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "unit.h"

#define ZONE "tlsa.example.net."

struct keyring_zone *
keyring_world_zone(struct keyring *keyring)
{
	struct dname apex;

	assert_int_equal(dname_parse(ZONE, strlen(ZONE), &apex), STATUS_OK);
	return keyring_zone(keyring, &apex, true);
}

int
keyring_world_setup(void **state)
{
	struct keyring_world *world = mem_new(sizeof(*world));
	struct problem problem = { "" };

	tree_init(&world->tree);
	world->directory = tree_path(&world->tree, "state");
	for (size_t i = 0; i < 2; i++) {
		if (keyring_file_open(world->directory, &world->files[i],
			&problem) != STATUS_OK)
			fail_msg("%s", problem.text);
		keyring_init(&world->keyrings[i]);
	}
	*state = world;
	return 0;
}

int
keyring_world_teardown(void **state)
{
	struct keyring_world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		keyring_file_close(&world->files[i]);
		keyring_fini(&world->keyrings[i]);
	}
	tree_fini(&world->tree);
	free(world->directory);
	free(world);
	return 0;
}

char *
keyring_world_path(const struct keyring_world *world, const char *name)
{
	return mem_format("%s/%s", world->directory, name);
}

enum status
keyring_world_add(struct keyring_world *world, size_t who, const char *content,
    struct problem *problem)
{
	enum status status = keyring_file_begin(
	    &world->files[who], &world->keyrings[who], problem);

	if (status != STATUS_OK)
		return status;
	(void)keyring_add_key(keyring_world_zone(&world->keyrings[who]), 257,
	    true, true, content);
	return keyring_file_commit(
	    &world->files[who], &world->keyrings[who], problem);
}

size_t
keyring_world_count(struct keyring_world *world, size_t who)
{
	return keyring_world_zone(&world->keyrings[who])->key_count;
}
