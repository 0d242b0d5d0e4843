/* SPDX-License-Identifier: MIT */
#include "gmime.h"

static bool
gmime_load(struct gmime *gmime, struct problem *problem)
{
	static const char *const names[] = { GMIME_TABLE(LIBRARY_NAME) };

	if (!library_load("libgmime-3.0.so.0", names,
		sizeof(names) / sizeof(names[0]), gmime, problem))
		return false;
	gmime->g_mime_init();
	return true;
}

const struct gmime *
gmime_get(struct problem *problem)
{
	static struct gmime gmime;
	static bool is_loaded;

	is_loaded = is_loaded || gmime_load(&gmime, problem);
	return is_loaded ? &gmime : NULL;
}
