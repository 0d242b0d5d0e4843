/* SPDX-License-Identifier: MIT */
#include "http/reply.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mhd.h"

/*
 * What a browser must not do with a page: take anything from elsewhere, show
 * it within another one, guess what it is, or tell others where one comes from.
 */
static const char *const guards[][2] = {
	{ MHD_HTTP_HEADER_CONTENT_SECURITY_POLICY,
	    "default-src 'none'; style-src 'self'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

static void
guards_add(struct MHD_Response *response)
{
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
		(void)mhd()->MHD_add_response_header(
		    response, guards[i][0], guards[i][1]);
}

/* Queue it with its headers, and give it up. */
static enum MHD_Result
response_queue(struct MHD_Connection *connection, const struct reply *reply,
    struct MHD_Response *response)
{
	enum MHD_Result result;

	(void)mhd()->MHD_add_response_header(
	    response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
	(void)mhd()->MHD_add_response_header(
	    response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (reply->allow != NULL)
		(void)mhd()->MHD_add_response_header(
		    response, MHD_HTTP_HEADER_ALLOW, reply->allow);
	if (reply->is_page)
		guards_add(response);
	result = mhd()->MHD_queue_response(connection, reply->status, response);
	mhd()->MHD_destroy_response(response);
	return result;
}

enum MHD_Result
reply_send(struct MHD_Connection *connection, const struct reply *reply,
    struct buf *text)
{
	struct MHD_Response *response = mhd()->MHD_create_response_from_buffer(
	    text->len, text->data, MHD_RESPMEM_MUST_FREE);

	if (response == NULL)
		return MHD_NO;
	*text = (struct buf){ 0 };
	return response_queue(connection, reply, response);
}

/* ---- a long text ---- */

/* One who reads it. */
struct reader {
	struct http_text *text;
	struct pile_place place;
};

static ssize_t
reader_read(void *arg, uint64_t at, char *to, size_t room)
{
	struct reader *reader = arg;
	size_t len = pile_read(&reader->text->pile, &reader->place, to, room);

	/* A response for one connection is read from its beginning on. */
	(void)at;
	return len > 0 ? (ssize_t)len : MHD_CONTENT_READER_END_OF_STREAM;
}

static void
reader_free(void *arg)
{
	struct reader *reader = arg;

	http_text_drop(reader->text);
	free(reader);
}

enum MHD_Result
reply_send_long(struct MHD_Connection *connection, const struct reply *reply,
    struct http_text *text)
{
	struct reader *reader = mem_new(sizeof(*reader));
	struct MHD_Response *response =
	    mhd()->MHD_create_response_from_callback(pile_len(&text->pile),
		PILE_BLOCK, reader_read, reader, reader_free);

	if (response == NULL) {
		free(reader);
		return MHD_NO;
	}
	reader->text = text;
	text->users++;
	return response_queue(connection, reply, response);
}

void
http_text_drop(struct http_text *text)
{
	if (text == NULL || --text->users > 0)
		return;
	pile_fini(&text->pile);
	free(text);
}
