/* SPDX-License-Identifier: MIT */
#include "gmime.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libgmime-3.0.so.0"

static const char *const names[] = {
#define X(name) #name,
	GMIME_TABLE(X)
#undef X
};

static void *
function_at(struct gmime *gmime, size_t at)
{
	return (char *)gmime + at * sizeof(gmime->g_mime_init);
}

static bool
library_load(struct gmime *gmime, struct problem *problem)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL) {
		problem_set(problem, "%s", dlerror());
		return false;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *function = dlsym(library, names[i]);

		if (function == NULL) {
			problem_set(problem, "%s", dlerror());
			return false;
		}
		memcpy(function_at(gmime, i), &function, sizeof(function));
	}
	gmime->g_mime_init();
	return true;
}

const struct gmime *
gmime_get(struct problem *problem)
{
	static struct gmime gmime;
	static bool is_loaded;

	is_loaded = is_loaded || library_load(&gmime, problem);
	return is_loaded ? &gmime : NULL;
}
