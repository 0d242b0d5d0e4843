/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_KEPT_H
#define CONFIG_KEPT_H

/*
 * The last configuration that was right, kept in the state directory: a typing
 * error and a restart must not take a name server down.  PowerDNS does not
 * start without an answer to its first question, and then none of its zones
 * is served, also those that have nothing to do with us.
 * Threads: one at a time.
 */

#include "base/buf.h"
#include "base/status.h"
#include "config/config.h"

#define CONFIG_KEPT_FILE "last-good.yaml"

/* Where to look for it when the file does not say. */
#define CONFIG_KEPT_DIRECTORY "/var/lib/pdns-tlsa"

/*
 * Load the file at `path`, or, if it cannot be used, what was kept of it when
 * it last could: config->fault says then why it cannot.  It is looked for in
 * the directory that the faulty file still names, in `directory` (of the
 * environment of a systemd service; NULL: none), and in the default one.
 * `text` receives the octets for config_kept_put(); it may be NULL.
 *
 * Returns STATUS_OK; or as config_load(), of the file at `path`, if nothing of
 * it was ever kept.
 */
enum status config_kept_load(const char *path, const char *directory,
    struct buf *text, struct config **ret_config, struct problem *problem);

/*
 * Keep the octets that `config` was made from, unless they are kept already.
 * `is_synced`: wait until the disk has them; without that, a file that a power
 * failure cuts short is found out by its digest, and counts for nothing.
 *
 * Returns STATUS_OK, or STATUS_IO or STATUS_BUSY with `problem`.
 */
enum status config_kept_put(const struct config *config, const struct buf *text,
    bool is_synced, struct problem *problem);

#endif
