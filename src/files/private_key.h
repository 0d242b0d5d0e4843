/* SPDX-License-Identifier: MIT */
#ifndef FILES_PRIVATE_KEY_H
#define FILES_PRIVATE_KEY_H

/*
 * To stop reading where a private key begins, in PEM (RFC 7468, and the older
 * labels of OpenSSL).
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the block of a private key begins in the lines of `text` from *from
 * on, which moves to the last one that may go on.
 */
bool private_key_begins(const char *text, size_t len, size_t *from);

/*
 * Whether the file has certificates beside the key: in `text`, which is in
 * front of it, or else at its end, whose last line tells and has no octet of
 * the key.
 */
bool private_key_has_more(int fd, const char *text, size_t len);

#endif
