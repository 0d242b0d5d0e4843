/* SPDX-License-Identifier: MIT */
#include "tlsrpt/unpack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/limit.h"
#include "base/mem.h"

enum {
	GZIP_ONLY = 15 + 16, /* the largest window, and no header but gzip's */
	PIECE = 64 * 1024,
};

bool
unpack_is_gzip(const char *data, size_t len)
{
	return len >= 2 && memcmp(data, "\x1f\x8b", 2) == 0;
}

static voidpf
memory_get(voidpf opaque, uInt count, uInt size)
{
	(void)opaque;
	return mem_array(count, size);
}

static void
memory_free(voidpf opaque, voidpf memory)
{
	(void)opaque;
	free(memory);
}

/*
 * One more piece.  Returns what inflate() does, Z_BUF_ERROR if there is too
 * much.
 */
static int
piece_inflate(z_stream *stream, struct buf *text)
{
	size_t room = LIMIT_TLSRPT + 1 - text->len;
	int result;

	if (room > PIECE)
		room = PIECE;
	buf_reserve(text, room);
	stream->next_out = (Bytef *)text->data + text->len;
	stream->avail_out = (uInt)room;
	result = inflate(stream, Z_NO_FLUSH);
	text->len += room - stream->avail_out;
	return result;
}

/* Another one follows this one at once. */
static bool
is_followed(const z_stream *stream)
{
	return unpack_is_gzip((const char *)stream->next_in, stream->avail_in);
}

static enum status
stream_inflate(z_stream *stream, struct buf *text, struct problem *problem)
{
	for (;;) {
		int result = piece_inflate(stream, text);

		if (text->len > LIMIT_TLSRPT) {
			problem_set(problem,
			    "has more than %d octets of JSON, unpacked",
			    LIMIT_TLSRPT);
			return STATUS_LIMIT;
		}
		if (result == Z_STREAM_END) {
			if (!is_followed(stream))
				return STATUS_OK;
			(void)inflateReset(stream);
		} else if (result != Z_OK) {
			problem_set(problem, "is damaged: %s",
			    result == Z_BUF_ERROR ? "gzip data that end early"
			    : stream->msg != NULL ? stream->msg
						  : "no gzip data");
			return STATUS_MALFORMED;
		}
	}
}

static enum status
gzip_inflate(
    const char *data, size_t len, struct buf *text, struct problem *problem)
{
	/* Its input is only read, but an old zlib has no const there. */
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)data,
		.avail_in = (uInt)len,
		.zalloc = memory_get,
		.zfree = memory_free };
	enum status status;

	if (inflateInit2(&stream, GZIP_ONLY) != Z_OK) {
		problem_set(problem, "zlib is of another version");
		return STATUS_MALFORMED;
	}
	status = stream_inflate(&stream, text, problem);
	(void)inflateEnd(&stream);
	return status;
}

bool
unpack_is_object(const char *data, size_t len)
{
	size_t at = len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (
	    at < len && strchr(" \t\r\n", data[at]) != NULL && data[at] != '\0')
		at++;
	return at < len && data[at] == '{';
}

enum status
unpack_text(
    const char *data, size_t len, struct buf *text, struct problem *problem)
{
	if (len > LIMIT_MAIL) {
		problem_set(problem, "is longer than %d octets", LIMIT_MAIL);
		return STATUS_LIMIT;
	}
	if (unpack_is_gzip(data, len))
		return gzip_inflate(data, len, text, problem);
	if (!unpack_is_object(data, len)) {
		problem_set(problem, "is neither JSON nor gzip");
		return STATUS_FOREIGN;
	}
	if (len > LIMIT_TLSRPT) {
		problem_set(
		    problem, "has more than %d octets of JSON", LIMIT_TLSRPT);
		return STATUS_LIMIT;
	}
	buf_add(text, data, len);
	return STATUS_OK;
}
