/* SPDX-License-Identifier: MIT */
#ifndef STATE_SAVE_H
#define STATE_SAVE_H

/* What is whole of a damaged file goes into a new one. */

#include "state/database.h"

/*
 * Copy what can be read of the file at `path`; `made` has the tables.  Returns
 * an SQLite code of `made`.
 */
int save_all(const char *path, struct database *made);

#endif
