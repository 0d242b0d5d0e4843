/* SPDX-License-Identifier: MIT */
/*
 * Shapes of reports: as the RFC has it, as senders really write it (told after
 * public threads; every name here is invented), and what is none.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limit.h"
#include "tlsrpt/report.h"

#define DAY                                                                    \
	"'date-range':{'start-datetime':'2026-11-28T00:00:00Z',"               \
	"'end-datetime':'2026-11-28T23:59:59Z'}"
#define WHO "'organization-name':'Example Sender','report-id':'7'," DAY
#define HEX "0B9FA5A59EED715C26C1020C711B4F6EC42D58B0015E14337A39DAD301C5AFC3"
#define HEX_LOW                                                                \
	"0b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3"

/* Of WHO. */
#define SAID "Example Sender/7/1795824000..1795910399"

/* As tests/unit/tlsrpt/test_report.c says them: see describe(). */
static const struct {
	const char *why;
	const char *json; /* with ' for " */
	const char *expected;
} shapes[] = {
	{ "all that the RFC has",
	    "{" WHO ",'contact-info':'tls@example.org','policies':[{'policy':{"
	    "'policy-type':'sts','policy-string':['version: STSv1',"
	    "'mode: testing'],'policy-domain':'example.com','mx-host':["
	    "'*.mail.example.com']},'summary':{"
	    "'total-successful-session-count':5326,"
	    "'total-failure-session-count':303},'failure-details':[{"
	    "'result-type':'certificate-expired','sending-mta-ip':"
	    "'2001:db8::1','receiving-mx-hostname':'mx1.mail.example.com',"
	    "'failed-session-count':100},{'result-type':"
	    "'starttls-not-supported','receiving-mx-hostname':"
	    "'mx2.mail.example.com','failed-session-count':203,"
	    "'failure-reason-code':'no 250-STARTTLS'}]}]}",
	    SAID " sts@example.com +5326 -303 [certificate-expired"
		 "@mx1.mail.example.com 100] [starttls-not-supported"
		 "@mx2.mail.example.com 203 no 250-STARTTLS]" },

	/* ---- five senders, as they are ---- */
	{ "a large provider, nothing failed: no failure-details, mx-host a "
	  "list",
	    "{" WHO ",'contact-info':'tls@example.org','policies':[{'policy':{"
	    "'policy-type':'sts','policy-string':['version: STSv1','mode: "
	    "enforce','mx: *.example.net','max_age: 1209600'],'policy-domain':"
	    "'example.com','mx-host':['*.example.net']},'summary':{"
	    "'total-successful-session-count':3,"
	    "'total-failure-session-count':0}}]}",
	    SAID " sts@example.com +3 -0" },
	{ "another one: no sending-mta-ip, no host, an id with a plus",
	    "{'organization-name':'Example Sender'," DAY
	    ",'report-id':'1339+example.com','policies':[{'policy':{"
	    "'policy-type':'sts','policy-domain':'example.com'},'summary':{"
	    "'total-successful-session-count':0,"
	    "'total-failure-session-count':3},'failure-details':[{"
	    "'result-type':'sts-policy-fetch-error','failed-session-count':3"
	    "}]}]}",
	    "Example Sender/1339+example.com/1795824000..1795910399 "
	    "sts@example.com +0 -3 [sts-policy-fetch-error@ 3]" },
	{ "Postfix's: no policy-domain without a policy, an empty list",
	    "{" WHO ",'policies':[{'summary':{'total-failure-session-count':0,"
	    "'total-successful-session-count':1},'policy':{'policy-type':"
	    "'no-policy-found'},'failure-details':[]}]}",
	    SAID " no-policy-found@ +1 -0" },
	{ "Postfix's with DANE: the MX host as the domain, what it went by",
	    "{" WHO ",'policies':[{'policy':{'policy-type':'tlsa',"
	    "'policy-string':['3 1 1 " HEX "','2 0 1 " HEX "'],"
	    "'policy-domain':'mx1.example.com'},'summary':{"
	    "'total-successful-session-count':0,"
	    "'total-failure-session-count':2},'failure-details':[{"
	    "'sending-mta-ip':'192.0.2.1','receiving-mx-hostname':"
	    "'mx1.example.com','receiving-mx-helo':'mx1.example.com',"
	    "'result-type':'tlsa-invalid','failed-session-count':2}]}]}",
	    SAID " tlsa@mx1.example.com +0 -2 [tlsa-invalid@mx1.example.com 2] "
		 "<2 0 1 " HEX_LOW "> <3 1 1 " HEX_LOW ">" },
	{ "a small one: contact-info null, two policies",
	    "{" WHO ",'contact-info':null,'policies':[{'policy':{'policy-type'"
	    ":'sts','policy-domain':'example.com'},'summary':{"
	    "'total-successful-session-count':1,'total-failure-session-count':"
	    "0},'failure-details':null},{'policy':{'policy-type':'tlsa',"
	    "'policy-domain':'example.com'},'summary':{"
	    "'total-successful-session-count':2}}]}",
	    SAID " sts@example.com +1 -0 tlsa@example.com +2 -0" },

	/* ---- one deviation a row ---- */
	{ "policy-string as one text",
	    "{" WHO ",'policies':[{'policy':{'policy-type':'tlsa',"
	    "'policy-string':'3  1 1 " HEX "'}}]}",
	    SAID " tlsa@ +0 -0 <3 1 1 " HEX_LOW ">" },
	{ "records that are none are left out, spaces in digits are not",
	    "{" WHO ",'policies':[{'policy':{'policy-type':'tlsa',"
	    "'policy-string':['none','3 1 1','','3 1 1 0B 9f',7,null,'3 1 1 "
	    "0x'],'policy-domain':'Mail.Example.COM.'}}]}",
	    SAID " tlsa@mail.example.com +0 -0 <3 1 1 0b9f>" },
	{ "mx-host one text: it is the host of what names none",
	    "{" WHO ",'policies':[{'policy':{'policy-type':'tlsa','mx-host':"
	    "'MX1.example.com.'},'failure-details':[{'result-type':"
	    "'dane-required'}]}]}",
	    SAID " tlsa@ +0 -1 [dane-required@mx1.example.com 1]" },
	{ "mx-host-pattern, as the prose of the RFC has it",
	    "{" WHO ",'policies':[{'policy':{'policy-type':'sts',"
	    "'mx-host-pattern':['mx1.example.com']},'failure-details':[{"
	    "'result-type':'sts-policy-invalid'}]}]}",
	    SAID " sts@ +0 -1 [sts-policy-invalid@mx1.example.com 1]" },
	{ "of several hosts, or a pattern, none is meant",
	    "{" WHO ",'policies':[{'policy':{'policy-type':'sts','mx-host':["
	    "'mx1.example.com','mx2.example.com']},'failure-details':[{}]},{"
	    "'policy':{'policy-type':'sts','mx-host':'*.example.com'},"
	    "'failure-details':[{}]}]}",
	    SAID " sts@ +0 -1 [unspecified@ 1] sts@ +0 -1 [unspecified@ 1]" },
	{ "counts as text, broken, negative, or absurd",
	    "{" WHO ",'policies':[{'summary':{"
	    "'total-successful-session-count':'12',"
	    "'total-failure-session-count':-4}},{'summary':{"
	    "'total-successful-session-count':1e300,"
	    "'total-failure-session-count':'none'}}]}",
	    SAID " other@ +12 -0 other@ +1000000000000 -0" },
	{ "failed, and not said how; said more than summed up",
	    "{" WHO ",'policies':[{'summary':{'total-failure-session-count':3"
	    "},'failure-details':[{'result-type':'Validation-Failure',"
	    "'failed-session-count':1}]},{'summary':{"
	    "'total-failure-session-count':1},'failure-details':[{"
	    "'failed-session-count':5}]}]}",
	    SAID " other@ +0 -3 [validation-failure@ 1] [unspecified@ 2] "
		 "other@ +0 -5 [unspecified@ 5]" },
	{ "a failure that says itself that there was none",
	    "{" WHO ",'policies':[{'summary':{'total-failure-session-count':0"
	    "},'failure-details':[{'result-type':'tlsa-invalid',"
	    "'failed-session-count':0}]}]}",
	    SAID " other@ +0 -0" },
	{ "failures, and one of them without a list",
	    "{" WHO ",'policies':[{'failures':{'result-type':'tlsa-invalid'}"
	    "}]}",
	    SAID " other@ +0 -1 [tlsa-invalid@ 1]" },
	{ "one policy without a list; what is no policy in one",
	    "{" WHO ",'policies':{'policy':{'policy-type':'TLSA'}}}",
	    SAID " tlsa@ +0 -0" },
	{ "what is no policy is left out",
	    "{" WHO ",'policies':[1,null,'x',[]]}", SAID },
	{ "a byte order mark, and space behind",
	    "\xef\xbb\xbf{" WHO ",'policies':[]}\r\n", SAID },
	{ "no name, no id, dates with offset and fraction",
	    "{'date-range':{'start-datetime':'2026-11-28T01:00:00.5+01:00',"
	    "'end-datetime':'2026-11-28 23:59:59'},'policies':[]}",
	    "//1795824000..1795910399" },
	{ "a day for a date, seconds for a date",
	    "{'date-range':{'start-datetime':'2026-11-28','end-datetime':"
	    "1795910399},'policies':[]}",
	    "//1795824000..1795910399" },
	{ "one end of two, and the wrong way round",
	    "{'date-range':{'end-datetime':'2026-11-28T23:59:59-00:00'},"
	    "'policies':[]}",
	    "//1795824000..1795910399" },
	{ "from behind to",
	    "{'date-range':{'start-datetime':1795910399,'end-datetime':"
	    "1795824000},'policies':[]}",
	    "//1795910399..1795910399" },
};

static const struct {
	const char *why;
	const char *json;
	enum status expected;
	const char *words;
} faults[] = {
	{ "nothing", "", STATUS_MALFORMED, "is no JSON: line 1" },
	{ "cut short", "{" WHO ",'policies':[{'policy':{'pol", STATUS_MALFORMED,
	    "is no JSON: line 1" },
	{ "a list", "[]", STATUS_FOREIGN, "no TLS report" },
	{ "JSON of something else", "{'version':1}", STATUS_FOREIGN,
	    "no TLS report" },
	{ "no policies", "{" WHO "}", STATUS_MALFORMED, "no 'policies'" },
	{ "policies that are none", "{" WHO ",'policies':'none'}",
	    STATUS_MALFORMED, "no 'policies'" },
	{ "no time", "{'organization-name':'x','policies':[]}",
	    STATUS_MALFORMED, "no 'date-range'" },
	{ "a time that is none",
	    "{'date-range':{'start-datetime':'yesterday','end-datetime':-1},"
	    "'policies':[]}",
	    STATUS_MALFORMED, "no 'date-range'" },
	{ "a month 13",
	    "{'date-range':{'start-datetime':'2026-13-01T00:00:00Z'},"
	    "'policies':[]}",
	    STATUS_MALFORMED, "no 'date-range'" },
	{ "too deep",
	    "{" WHO ",'policies':[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
	    STATUS_LIMIT, "holds more" },
	{ "octets that are no UTF-8",
	    "{'organization-name':'\xe4'," DAY ",'policies':[]}",
	    STATUS_MALFORMED, "is no JSON" },
};

static char *
json_of(const char *text)
{
	char *json = strdup(text);

	for (char *c = json; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return json;
}

static void
describe_policy(const struct tlsrpt_policy *policy, struct buf *said)
{
	buf_add_format(said, " %s@%s +%lld -%lld",
	    tlsrpt_type_word(policy->type), policy->domain,
	    (long long)policy->good, (long long)policy->failed);
	for (size_t i = 0; i < policy->failure_count; i++) {
		const struct tlsrpt_failure *failure = &policy->failures[i];

		buf_add_format(said, " [%s@%s %lld%s%s]", failure->result,
		    failure->mx, (long long)failure->sessions,
		    failure->reason[0] != '\0' ? " " : "", failure->reason);
	}
	for (size_t i = 0; i < policy->seen.count; i++)
		buf_add_format(said, " <%s>", policy->seen.list[i]);
}

static void
describe(const struct tlsrpt *report, struct buf *said)
{
	buf_add_format(said, "%s/%s/%lld..%lld", report->organization,
	    report->id, (long long)report->from, (long long)report->to);
	for (size_t i = 0; i < report->policy_count; i++)
		describe_policy(&report->policies[i], said);
}

static void
test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(shapes); i++) {
		char *json = json_of(shapes[i].json);
		struct problem problem = { "" };
		struct tlsrpt report;
		struct buf said = { 0 };

		print_message("%s\n", shapes[i].why);
		if (tlsrpt_decode(json, strlen(json), &report, &problem) !=
		    STATUS_OK)
			fail_msg("%s", problem.text);
		describe(&report, &said);
		assert_string_equal(buf_text(&said), shapes[i].expected);
		buf_fini(&said);
		tlsrpt_fini(&report);
		free(json);
	}
}

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(faults); i++) {
		char *json = json_of(faults[i].json);
		struct problem problem = { "" };
		struct tlsrpt report;

		print_message("%s\n", faults[i].why);
		assert_int_equal(
		    tlsrpt_decode(json, strlen(json), &report, &problem),
		    faults[i].expected);
		assert_non_null(strstr(problem.text, faults[i].words));
		free(json);
	}
}

/* jansson would make 50 times as much of it. */
static void
test_cost(void **state)
{
	struct problem problem = { "" };
	struct buf json = { 0 };
	struct tlsrpt report;

	(void)state;
	buf_add_string(&json, "{\"policies\":[[]");
	for (size_t i = 0; i < LIMIT_TLSRPT_LISTS; i++)
		buf_add_string(&json, ",[]");
	buf_add_string(&json, "]}");
	assert_int_equal(
	    tlsrpt_decode(buf_text(&json), json.len, &report, &problem),
	    STATUS_LIMIT);
	buf_fini(&json);
}

/* A long text is cut, at a character. */
static void
test_long(void **state)
{
	struct problem problem = { "" };
	struct buf json = { 0 };
	struct tlsrpt report;

	(void)state;
	buf_add_string(&json, "{\"date-range\":{\"start-datetime\":0},"
			      "\"policies\":[],\"organization-name\":\"x");
	for (size_t i = 0; i < LIMIT_TLSRPT_TEXT; i++)
		buf_add_string(&json, "\xc3\xa4");
	buf_add_string(&json, "\"}");
	assert_int_equal(
	    tlsrpt_decode(buf_text(&json), json.len, &report, &problem),
	    STATUS_OK);
	assert_int_equal(strlen(report.organization), LIMIT_TLSRPT_TEXT - 1);
	tlsrpt_fini(&report);
	buf_fini(&json);
}

/* Of a whole certificate the begin is kept, in one piece or in several. */
static void
test_long_record(void **state)
{
	(void)state;
	for (int pieces = 0; pieces < 2; pieces++) {
		struct problem problem = { "" };
		struct buf json = { 0 };
		struct tlsrpt report;

		buf_add_string(&json,
		    "{\"date-range\":{\"start-datetime\":0},\"policies\":[{"
		    "\"policy\":{\"policy-type\":\"tlsa\","
		    "\"policy-string\":[\"3 0 0 ");
		for (int i = 0; i < 50; i++) {
			buf_add_string(&json, HEX);
			buf_add_string(&json, pieces > 0 ? " " : "");
		}
		buf_add_string(&json, "\"]}}]}");
		assert_int_equal(
		    tlsrpt_decode(buf_text(&json), json.len, &report, &problem),
		    STATUS_OK);
		assert_int_equal(report.policies[0].seen.count, 1);
		assert_int_equal(
		    strlen(report.policies[0].seen.list[0]), TLSRPT_RDATA);
		assert_memory_equal(report.policies[0].seen.list[0],
		    "3 0 0 " HEX_LOW HEX_LOW, sizeof("3 0 0 " HEX_LOW HEX) - 1);
		tlsrpt_fini(&report);
		buf_fini(&json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_long_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
