/* SPDX-License-Identifier: MIT */
#ifndef HTTP_MHD_H
#define HTTP_MHD_H

/*
 * GNU libmicrohttpd, loaded where the configuration has 'http' and not before:
 * it brings GnuTLS along and what that is made of, which would be mapped into
 * the process with the DNSSEC keys as well, and cost each hook and each check a
 * quarter of its time to start.
 * Threads: one at a time.
 */

#include <microhttpd.h>

#include "base/library.h"

/* What is called of it, by the names and types of its header. */
#define MHD_TABLE(X)                                                           \
	X(MHD_add_response_header)                                             \
	X(MHD_create_response_from_buffer)                                     \
	X(MHD_create_response_from_callback)                                   \
	X(MHD_destroy_response)                                                \
	X(MHD_get_connection_info)                                             \
	X(MHD_get_daemon_info)                                                 \
	X(MHD_get_timeout)                                                     \
	X(MHD_lookup_connection_value)                                         \
	X(MHD_queue_response)                                                  \
	X(MHD_quiesce_daemon)                                                  \
	X(MHD_resume_connection)                                               \
	X(MHD_run)                                                             \
	X(MHD_start_daemon)                                                    \
	X(MHD_stop_daemon)                                                     \
	X(MHD_suspend_connection)

struct mhd {
	MHD_TABLE(LIBRARY_MEMBER)
};

/* Load it, once and for good; false: `problem` says what is to be installed. */
bool mhd_load(struct problem *problem);

/* Return it, once it is loaded. */
const struct mhd *mhd(void);

#endif
