/* SPDX-License-Identifier: MIT */
#ifndef SERVE_FDSTORE_H
#define SERVE_FDSTORE_H

/*
 * Connections that outlive this process: systemd keeps a copy of each, and
 * passes them to the next process beside the listening socket
 * (FileDescriptorStoreMax= in systemd.service(5), sd_notify(3)).  With a copy
 * there, close(2) alone tells the peer nothing.  A copy whose peer has gone
 * goes by itself.
 *
 * Nothing here fails: what systemd does not take is lost with the process, as
 * without it.
 */

#include <stdbool.h>
#include <stddef.h>

/* Return true if systemd started us, and hears us. */
bool fdstore_exists(void);

/* Have the connection kept, until fdstore_drop(); `fd` stays the caller's. */
void fdstore_keep(int fd);

/*
 * End the connection for its peer, and have it kept no longer; closing `fd` is
 * left to the caller.
 */
void fdstore_drop(int fd);

/*
 * Take what was kept of the process before, non-blocking; still kept.  Call it
 * once.
 *
 * ret_fds: room for `room` descriptors, which pass to the caller; what is
 *     beyond is dropped.
 * Returns how many there are.
 */
size_t fdstore_take(int *ret_fds, size_t room);

#endif
