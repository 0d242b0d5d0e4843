/* SPDX-License-Identifier: MIT */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool
library_load(const char *file, const char *const *names, size_t count,
    void *ret_table, struct problem *problem)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	char *at = ret_table;

	if (library == NULL) {
		problem_set(problem, "%s", dlerror());
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		void *function = dlsym(library, names[i]);

		if (function == NULL) {
			problem_set(problem, "%s", dlerror());
			return false;
		}
		memcpy(at + i * sizeof(function), &function, sizeof(function));
	}
	return true;
}
