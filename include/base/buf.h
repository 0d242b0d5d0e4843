/* SPDX-License-Identifier: MIT */
#ifndef BASE_BUF_H
#define BASE_BUF_H

/*
 * A byte string that grows.  Pure.  Threads: one at a time for each buf.
 * A zeroed struct is an empty buf.
 */

#include <stddef.h>

struct buf {
	char *data;  /* owned; NULL while nothing was added */
	size_t len;  /* octets in use */
	size_t room; /* octets allocated */
};

/* Free the memory; the buf is empty again and may be used on. */
void buf_fini(struct buf *buf);

/* Forget the content, keep the memory. */
void buf_clear(struct buf *buf);

/* Make sure that `more` octets can be added without moving. */
void buf_reserve(struct buf *buf, size_t more);

/* Append `len` octets. */
void buf_add(struct buf *buf, const void *data, size_t len);

/* Append a string without its NUL. */
void buf_add_string(struct buf *buf, const char *text);

/* Append formatted text. */
void buf_add_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append `len` octets as lower case hexadecimal. */
void buf_add_hex(struct buf *buf, const void *data, size_t len);

/* Append `number` in decimal. */
void buf_add_number(struct buf *buf, unsigned long long number);

/* Remove `len` (<= buf->len) octets from the front. */
void buf_consume(struct buf *buf, size_t len);

/*
 * Return the content as a NUL-terminated string, valid until the next change.
 * The NUL is not counted in len.
 */
const char *buf_text(struct buf *buf);

#endif
