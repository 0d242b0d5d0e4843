/* SPDX-License-Identifier: MIT */
#include "mhd.h"

static struct mhd table;

bool
mhd_load(struct problem *problem)
{
	static const char *const names[] = { MHD_TABLE(LIBRARY_NAME) };
	static bool is_loaded;

	is_loaded = is_loaded ||
		    library_load("libmicrohttpd.so.12", names,
			sizeof(names) / sizeof(names[0]), &table, problem);
	if (!is_loaded)
		problem_join(problem,
		    "apt-get install libmicrohttpd12t64 (libmicrohttpd12 "
		    "before Debian 13)");
	return is_loaded;
}

const struct mhd *
mhd(void)
{
	return &table;
}
