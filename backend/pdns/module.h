/* SPDX-License-Identifier: MIT */
#ifndef PDNS_MODULE_H
#define PDNS_MODULE_H

/*
 * The shared objects that PowerDNS has its backends in.
 * Threads: one at a time.
 */

#include <stddef.h>

/*
 * Return the directory: `configured` (module-dir= of pdns.conf, "" for none),
 * or where Debian has it; free() it.  NULL if it is not there, or cannot be
 * told.
 */
char *module_directory(const char *configured);

/* Return the path of a backend's module, as of "gsqlite3"; free() it. */
char *module_path(const char *directory, const char *type, size_t len);

/* Return the Debian package of a backend's module; free() it.  NULL: none. */
char *module_package(const char *type, size_t len);

#endif
