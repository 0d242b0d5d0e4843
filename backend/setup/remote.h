/* SPDX-License-Identifier: MIT */
#ifndef SETUP_REMOTE_H
#define SETUP_REMOTE_H

/*
 * What both hosts need for one to send its certificates to the other:
 * RECEIVING in pdns-tlsa(8).  Threads: one at a time.
 */

#include <stdbool.h>

#include "config/config.h"

/*
 * Print it to standard output, for the host that sends and the configuration
 * of this one.  `host` is a name of letters, digits, '-' and '.'.  Returns
 * false if it could not be written.
 */
bool setup_print_remote(const struct config *config, const char *host);

#endif
