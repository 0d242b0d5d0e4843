/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
buf_fini(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
}

void
buf_reserve(struct buf *buf, size_t more)
{
	size_t room = buf->room > 0 ? buf->room : 64;

	assert(more <= SIZE_MAX / 4 && buf->len <= SIZE_MAX / 4);
	if (buf->room - buf->len >= more && buf->data != NULL)
		return;
	while (room < buf->len + more)
		room *= 2;
	buf->data = mem_resize(buf->data, room, 1);
	buf->room = room;
}

void
buf_add(struct buf *buf, const void *data, size_t len)
{
	buf_reserve(buf, len);
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void
buf_add_string(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void
buf_add_format(struct buf *buf, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(length >= 0);
	buf_reserve(buf, (size_t)length + 1);
	va_start(args, format);
	(void)vsnprintf(buf->data + buf->len, (size_t)length + 1, format, args);
	va_end(args);
	buf->len += (size_t)length;
}

void
buf_add_hex(struct buf *buf, const void *data, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *octet = data;

	buf_reserve(buf, 2 * len);
	for (size_t i = 0; i < len; i++) {
		buf->data[buf->len++] = digit[octet[i] >> 4];
		buf->data[buf->len++] = digit[octet[i] & 15];
	}
}

void
buf_add_number(struct buf *buf, unsigned long long number)
{
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	buf_add(buf, text + at, sizeof(text) - at);
}

void
buf_consume(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len -= len;
	if (buf->len > 0 && len > 0)
		memmove(buf->data, buf->data + len, buf->len);
}

const char *
buf_text(struct buf *buf)
{
	buf_reserve(buf, 1);
	buf->data[buf->len] = '\0';
	return buf->data;
}
