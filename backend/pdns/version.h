/* SPDX-License-Identifier: MIT */
#ifndef PDNS_VERSION_H
#define PDNS_VERSION_H

/*
 * Which PowerDNS it is: commands differ between versions.
 * pdns_version_parse() is pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>

enum { PDNS_VERSION_TEXT = 32 };

struct pdns_version {
	unsigned major; /* >= 3 */
	unsigned minor;
	char text[PDNS_VERSION_TEXT]; /* as it was written, perhaps cut */
};

/*
 * Read "5.1", "5.1.5" or "4.7.3-2": two numbers, and what belongs to a version
 * behind them.
 *
 * Returns false, with *ret_version untouched, if it begins otherwise, or with
 * less than 3, as builds from a repository do ("0.0.19204.0").
 */
bool pdns_version_parse(const char *text, struct pdns_version *ret_version);

/*
 * Ask `pdns_server --version`, from the search path or /usr/sbin, for at most
 * `wait` milliseconds.
 *
 * Returns false, with *ret_version untouched, if there is none or it does not
 * say.
 */
bool pdns_version_find(int wait, struct pdns_version *ret_version);

#endif
