/* SPDX-License-Identifier: MIT */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

/*
 * Functions of a library that is loaded when it is needed: what few
 * installations need, and brings many others along, is not mapped into every
 * process of ours. Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Of a table of functions: a list X(name) of them makes the members. */
#define LIBRARY_MEMBER(name) __typeof__(&(name)) name;
#define LIBRARY_NAME(name)   #name,

/*
 * Load the library `file` for good, and its functions `names` into the members
 * of *ret_table, which are as many, in that order.  False: it, or one of them,
 * is not there; `problem` says which, as the linker does.
 */
bool library_load(const char *file, const char *const *names, size_t count,
    void *ret_table, struct problem *problem);

#endif
