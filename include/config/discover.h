/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_DISCOVER_H
#define CONFIG_DISCOVER_H

/*
 * Services that nobody listed: which DNS names of a certificate are hosts for
 * which TLSA records are wanted (`discover` in pdns-tlsa.yaml(5)).
 * Pure.  Threads: any, nothing is shared.
 */

#include "config/config.h"

/*
 * Return the host, in lower case with its final dot, that the DNS name `name`
 * of a leaf stands for, to be freed; or NULL if no pattern matches, or if it
 * is none: a wildcard, or a name with characters that no host has.
 */
char *discover_host(const struct config_discover *discover, const char *name);

/*
 * Return true if the source may speak for the host, a name with its final dot
 * or without: its `hosts`.
 */
bool discover_allows(const struct config_source *source, const char *host);

#endif
