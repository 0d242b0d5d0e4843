/* SPDX-License-Identifier: MIT */
/*
 * How reports come by mail: the shapes of senders, and what else is in a
 * mailbox; every name is invented.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "reports/collection.h"
#include "reports/mail.h"

/* {"date-range":{"start-datetime":0},"policies":[]}, by gzip and base64 */
#define GZ                                                                     \
	"H4sIAAAAAAACA6tWSkksSdUtSsxLT1WyqlYqLkksKtEFiZVk5gJFDGp1lAry"         \
	"czKTM1OLlayiY2sBhVTA9TEAAAA=\n"
#define PLAIN "{\"date-range\":{\"start-datetime\":0},\"policies\":[]}"
#define HEAD                                                                   \
	"From: tls@example.org\nTo: rua@example.com\nSubject: Report Domain: " \
	"example.com Submitter: example.org Report-ID: <1+2@example.org>\n"    \
	"TLS-Report-Domain: example.com\nMIME-Version: 1.0\n"
#define REPORT                                                                 \
	"Content-Type: multipart/report; report-type=tlsrpt; "                 \
	"boundary=\"=_b\"\n\n"
#define MIXED      "Content-Type: multipart/mixed; boundary==_b\n\n"
#define TEXT       "--=_b\nContent-Type: text/plain\n\nAn aggregate TLS report\n"
#define PART(type) "--=_b\nContent-Type: " type "\n"
#define BASE64     "Content-Transfer-Encoding: base64\n"
#define NAME(name) "Content-Disposition: attachment; filename=\"" name "\"\n"
#define END        "--=_b--\n"

static const struct {
	const char *why;
	const char *mail;
	size_t reports, others, unread;
} rows[] = {
	{ "as the RFC has it",
	    HEAD REPORT TEXT PART("application/tlsrpt+gzip")
		BASE64 NAME("a!b!1!2!001.json.gz") "\n" GZ END,
	    1, 0, 0 },
	{ "not packed",
	    HEAD REPORT TEXT PART("application/tlsrpt+json") "\n" PLAIN
							     "\n" END,
	    1, 0, 0 },
	{ "multipart/mixed instead, and type and name folded",
	    HEAD MIXED TEXT PART(
		"application/tlsrpt+gzip;\n\tname=\"a!b!1!2.json.gz\"") BASE64
	    "Content-Disposition: attachment;\n "
	    "filename=\"a!b!1!2.json.gz\"\n\n" GZ END,
	    1, 0, 0 },
	{ "application/gzip",
	    HEAD REPORT TEXT PART("application/gzip") BASE64 "\n" GZ END, 1, 0,
	    0 },
	{ "application/x-gzip, and no text",
	    HEAD MIXED PART("application/x-gzip") BASE64 "\n" GZ END, 1, 0, 0 },
	{ "octet-stream with a name",
	    HEAD MIXED TEXT PART("application/octet-stream")
		BASE64 NAME("a!b!1!2.json.gz") "\n" GZ END,
	    1, 0, 0 },
	{ "quoted-printable",
	    HEAD MIXED PART("application/json") "Content-Transfer-Encoding: "
						"quoted-printable\n\n"
						"{\"date-range\":{\"start-"
						"datetime\"=3A0},=\n"
						"\"policies\":[]}\n" END,
	    1, 0, 0 },
	{ "no parts at all",
	    HEAD "Content-Type: application/tlsrpt+gzip\n" BASE64 "\n" GZ, 1, 0,
	    0 },
	{ "forwarded",
	    HEAD MIXED PART("message/rfc822") "\n" HEAD "Content-Type: "
					      "application/tlsrpt+gzip\n" BASE64
					      "\n" GZ END,
	    1, 0, 0 },
	{ "two of them",
	    HEAD MIXED PART("application/gzip") BASE64
	    "\n" GZ PART("application/gzip") BASE64 "\n" GZ END,
	    2, 0, 0 },
	{ "no end",
	    HEAD REPORT TEXT PART("application/tlsrpt+gzip") BASE64 "\n" GZ, 1,
	    0, 0 },

	{ "a mail that is none", HEAD "\nHello.\n", 0, 1, 0 },
	{ "no head: it is no mail", "Hello.\n", 0, 0, 1 },
	{ "JSON of something else",
	    HEAD MIXED PART("text/plain") "\n{\"a\": 1}\n" END, 0, 1, 0 },
	{ "another report, as of DMARC",
	    HEAD MIXED PART("application/zip")
		BASE64 NAME("a!b!1!2.zip") "\nUEsDBA==\n" END,
	    0, 1, 0 },
	{ "empty: a gateway took it out",
	    HEAD REPORT TEXT PART("application/tlsrpt+gzip") BASE64 "\n" END, 0,
	    1, 0 },
	{ "cut: named",
	    HEAD REPORT TEXT PART("application/tlsrpt+gzip") BASE64
	    "\nH4sIAAAAAAACA6tWSkksSdUtSsxL\n" END,
	    0, 0, 1 },
	{ "no gzip, though it says so: named",
	    HEAD REPORT TEXT PART("application/tlsrpt+gzip") BASE64
	    "\nPHhtbD4=\n" END,
	    0, 0, 1 },
	{ "one is, one is not",
	    HEAD REPORT
		PART("application/tlsrpt+json") "\n{\"policies\"\n" PART(
		    "application/tlsrpt+json") "\n" PLAIN "\n" END,
	    1, 0, 1 },
};

static void
collection_is(
    struct collection *collection, size_t reports, size_t others, size_t unread)
{
	assert_int_equal(collection->sums.reports, reports);
	assert_int_equal(collection->others, others);
	assert_int_equal(collection->unread, unread);
	collection_end(collection);
	collection_fini(collection);
}

static void
test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct collection collection = { 0 };

		print_message("%s\n", rows[i].why);
		collection_add(
		    &collection, "test", rows[i].mail, strlen(rows[i].mail));
		collection_is(&collection, rows[i].reports, rows[i].others,
		    rows[i].unread);
	}
}

/* All of them in one file, and as mail has its line ends. */
static void
test_mbox(void **state)
{
	for (int has_cr = 0; has_cr < 2; has_cr++) {
		struct collection collection = { 0 };
		struct buf mbox = { 0 };
		size_t sum[3] = { 0 };

		for (size_t i = 0; i < LENGTH(rows); i++) {
			buf_add_string(&mbox, "From tls Sat Nov 28\n");
			buf_add_string(&mbox, rows[i].mail);
			buf_add_string(&mbox, "From here\n\n");
			sum[0] += rows[i].reports;
			sum[1] += rows[i].others;
			sum[2] += rows[i].unread;
		}
		if (has_cr) {
			struct buf crlf = { 0 };

			for (size_t i = 0; i < mbox.len; i++) {
				if (mbox.data[i] == '\n')
					buf_add(&crlf, "\r", 1);
				buf_add(&crlf, mbox.data + i, 1);
			}
			buf_fini(&mbox);
			mbox = crlf;
		}
		collection_add(&collection, "mbox", mbox.data, mbox.len);
		buf_fini(&mbox);
		assert_int_equal(collection.findings.count, sum[2]);
		assert_non_null(
		    strstr(collection.findings.list[0].subject, "mbox: mail "));
		collection_is(&collection, sum[0], sum[1], sum[2]);
	}
	(void)state;
}

/* Begin with `first`, then `each` so often: it is refused. */
static void
refused(const char *first, const char *each, int times, const char *words)
{
	struct collection collection = { 0 };
	struct buf mail = { 0 };

	buf_add_string(&mail, first);
	for (int i = 0; i < times; i++)
		buf_add_string(&mail, each);
	collection_add(&collection, "test", mail.data, mail.len);
	assert_int_equal(collection.findings.count, 1);
	assert_non_null(strstr(collection.findings.list[0].what, words));
	assert_true(collection.sums.reports < LIMIT_MAIL_PARTS);
	collection_end(&collection);
	collection_fini(&collection);
	buf_fini(&mail);
}

/* Parts in parts, and beside each other; what GMime makes GiBs of. */
static void
test_limits(void **state)
{
	(void)state;
	refused("", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", 100,
	    "more than 64 parts");
	refused(
	    "", "Content-Type: message/rfc822\n\n", 100, "more than 64 parts");
	refused(HEAD MIXED, PART("application/json") "\n" PLAIN "\n", 100,
	    "more than 64 parts");
	refused(HEAD MIXED, "--=_b\n\n", LIMIT_MAIL_DELIMITERS + 1,
	    "than any report needs");
	refused(HEAD, "A: b\n", LIMIT_MAIL_FIELDS, "than any report needs");
	refused(HEAD "To: a@b", ",a@b", LIMIT_TLSRPT_VALUES + 1,
	    "than any report needs");
	refused(HEAD "Content-Type: a/b", "; a*0=b", LIMIT_MAIL_PARAMETERS + 1,
	    "than any report needs");
}

static void
test_too_long(void **state)
{
	struct collection collection = { 0 };
	char *mail = mem_new(LIMIT_MAIL + 2);

	(void)state;
	memset(mail, 'x', LIMIT_MAIL + 1);
	collection_add(&collection, "test", mail, LIMIT_MAIL + 1);
	free(mail);
	collection_is(&collection, 0, 0, 1);
}

/* Hundreds that cannot be read are not hundreds of lines. */
static void
test_many_unread(void **state)
{
	struct collection collection = { 0 };
	size_t others = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		char *name = mem_format("file %d", i);

		collection_add(&collection, name, "{", 1);
		free(name);
	}
	collection_end(&collection);
	assert_int_equal(collection.unread, 300);
	assert_true(collection.findings.count < 30);
	for (size_t i = 0; i < collection.findings.count; i++)
		others += strncmp(collection.findings.list[i].what, "280 more",
			      8) == 0;
	assert_int_equal(others, 1);
	collection_fini(&collection);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_mbox),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_many_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
