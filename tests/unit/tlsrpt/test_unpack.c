/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/limit.h"
#include "base/mem.h"
#include "tlsrpt/unpack.h"

enum { GZIP = 15 + 16 };

/* Append what gzip makes of it. */
static void
gzip_add(struct buf *packed, const char *data, size_t len)
{
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)data,
		.avail_in = (uInt)len };
	uLong most;

	assert_int_equal(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP,
			     8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	most = deflateBound(&stream, (uLong)len);
	buf_reserve(packed, most);
	stream.next_out = (Bytef *)packed->data + packed->len;
	stream.avail_out = (uInt)most;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	packed->len += most - stream.avail_out;
	(void)deflateEnd(&stream);
}

static enum status
unpack(const struct buf *packed, char **ret_text)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	enum status status = unpack_text(
	    packed->data != NULL ? packed->data : "", packed->len, &text,
	    &problem);

	assert_int_equal(status == STATUS_OK, problem.text[0] == '\0');
	*ret_text = mem_string(buf_text(&text));
	buf_fini(&text);
	return status;
}

static void
expect(struct buf *packed, enum status status, const char *expected)
{
	char *text;

	assert_int_equal(unpack(packed, &text), status);
	if (status == STATUS_OK)
		assert_string_equal(text, expected);
	free(text);
	buf_fini(packed);
}

static void
test_plain(void **state)
{
	static const struct {
		const char *text;
		enum status status;
	} rows[] = {
		{ "{}", STATUS_OK },
		{ " \r\n\t{}", STATUS_OK },
		{ "\xef\xbb\xbf{}", STATUS_OK },
		{ "", STATUS_FOREIGN },
		{ "   ", STATUS_FOREIGN },
		{ "[]", STATUS_FOREIGN },
		{ "<?xml", STATUS_FOREIGN },
		{ "PK\x03\x04", STATUS_FOREIGN },
		{ "\x1f", STATUS_FOREIGN },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct buf packed = { 0 };

		buf_add_string(&packed, rows[i].text);
		expect(&packed, rows[i].status, rows[i].text);
	}
}

static void
test_gzip(void **state)
{
	struct buf packed = { 0 };

	(void)state;
	gzip_add(&packed, "{}", 2);
	expect(&packed, STATUS_OK, "{}");
	/* One behind the other, as gzip(1) makes them. */
	gzip_add(&packed, "{\"a\":", 5);
	gzip_add(&packed, "1}", 2);
	expect(&packed, STATUS_OK, "{\"a\":1}");
	/* A line end that a mail gateway left. */
	gzip_add(&packed, "{}", 2);
	buf_add_string(&packed, "\r\n");
	expect(&packed, STATUS_OK, "{}");
}

static void
test_damaged(void **state)
{
	struct buf packed = { 0 };

	(void)state;
	gzip_add(&packed, "{\"policies\":[]}", 15);
	packed.len -= 9;
	expect(&packed, STATUS_MALFORMED, "");
	gzip_add(&packed, "{\"policies\":[]}", 15);
	packed.data[packed.len - 6] ^= 1;
	expect(&packed, STATUS_MALFORMED, "");
	buf_add(&packed, "\x1f\x8b", 2);
	expect(&packed, STATUS_MALFORMED, "");
	buf_add(&packed, "\x1f\x8b\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11);
	expect(&packed, STATUS_MALFORMED, "");
}

/* What fits, and one octet more; and a bomb in many pieces. */
static void
test_bomb(void **state)
{
	char *zeros = mem_new(LIMIT_TLSRPT + 1);
	struct buf packed = { 0 };
	struct buf text = { 0 };
	struct problem problem = { "" };

	(void)state;
	gzip_add(&packed, zeros, LIMIT_TLSRPT);
	assert_int_equal(
	    unpack_text(packed.data, packed.len, &text, &problem), STATUS_OK);
	assert_int_equal(text.len, LIMIT_TLSRPT);
	buf_fini(&text);
	buf_fini(&packed);
	gzip_add(&packed, zeros, LIMIT_TLSRPT + 1);
	expect(&packed, STATUS_LIMIT, "");
	for (int i = 0; i < 20; i++)
		gzip_add(&packed, zeros, LIMIT_TLSRPT / 16);
	assert_int_equal(unpack_text(packed.data, packed.len, &text, &problem),
	    STATUS_LIMIT);
	assert_true(text.len <= LIMIT_TLSRPT + 1);
	buf_fini(&text);
	buf_fini(&packed);
	free(zeros);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
