/* SPDX-License-Identifier: MIT */
#ifndef REPORTS_GMIME_H
#define REPORTS_GMIME_H

/*
 * GMime 3, which takes mail apart, loaded when there is mail to be read and
 * not before: it brings some fifteen libraries along (GLib, GPGME, ...), which
 * would be mapped into the daemon as well, cost each hook and each check some
 * 4 MiB and a multiple of its time to start, and nobody else needs them.
 * Threads: one at a time.
 */

#include <gmime/gmime.h>
#include <stdbool.h>

#include "base/library.h"

/* What is called of it and of GLib, by the names and types of their headers. */
#define GMIME_TABLE(X)                                                         \
	X(g_mime_init)                                                         \
	X(g_mime_stream_mem_new)                                               \
	X(g_mime_stream_mem_new_with_buffer)                                   \
	X(g_mime_stream_mem_get_byte_array)                                    \
	X(g_mime_parser_new_with_stream)                                       \
	X(g_mime_parser_construct_message)                                     \
	X(g_mime_message_get_mime_part)                                        \
	X(g_mime_message_part_get_type)                                        \
	X(g_mime_message_part_get_message)                                     \
	X(g_mime_multipart_get_type)                                           \
	X(g_mime_multipart_get_count)                                          \
	X(g_mime_multipart_get_part)                                           \
	X(g_mime_part_get_type)                                                \
	X(g_mime_part_get_content)                                             \
	X(g_mime_part_get_filename)                                            \
	X(g_mime_object_get_content_type)                                      \
	X(g_mime_object_get_content_type_parameter)                            \
	X(g_mime_content_type_get_media_subtype)                               \
	X(g_mime_data_wrapper_write_to_stream)                                 \
	X(g_object_unref)                                                      \
	X(g_type_check_instance_is_a)

struct gmime {
	GMIME_TABLE(LIBRARY_MEMBER)
};

/*
 * Return it, loaded once and for good; or NULL with `problem`, which names the
 * package that is missing.
 */
const struct gmime *gmime_get(struct problem *problem);

#endif
