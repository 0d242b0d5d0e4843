/* SPDX-License-Identifier: MIT */
#ifndef VIA_DAEMON_H
#define VIA_DAEMON_H

/*
 * What `receive` asks the running daemon beside when a lineage is safe, by its
 * control socket.  Blocks, for as long as that may take (CONTROL_ANSWER_MS).
 * Threads: one at a time.
 */

#include "base/status.h"
#include "protocol.h"

/*
 * Is the name one that no lineage of this machine has?  `store`: the path of
 * the source whose lineages others send.  Returns STATUS_OK; STATUS_REFUSED if
 * another source has one that was not deleted; or STATUS_IO if nobody could be
 * asked; with `problem`.
 */
enum status daemon_name_check(const char *control, const char *store,
    const char *name, struct problem *problem);

/*
 * Hand on that the generation is served.  Returns STATUS_OK; STATUS_REFUSED if
 * the daemon has no such; or STATUS_IO; with `problem`.
 */
enum status daemon_report(const char *control, const char *store,
    const struct via_question *report, struct problem *problem);

#endif
