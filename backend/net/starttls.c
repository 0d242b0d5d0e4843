/* SPDX-License-Identifier: MIT */
#include "net/starttls.h"

#include <ctype.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limit.h"

/* How the last line of a reply is known. */
enum reply {
	REPLY_CODE, /* "250-..." goes on, "250 ..." does not (RFC 5321 s4.2.1)*/
	REPLY_LINE, /* each line is one (RFC 1939 s3) */
	REPLY_TAG,  /* untagged lines go on (RFC 9051 s2.2.2) */
	REPLY_WORD, /* all go on but OK, NO and BYE (RFC 5804 s1.2) */
	REPLY_XML,  /* an element's end (RFC 6120 s5.4) */
	REPLY_BER,  /* one message (RFC 4511 s5.1) */
};

/* What is said, and what must come back. */
struct step {
	const char *say;   /* NULL: nothing */
	const char *rest;  /* what is said behind the server's name, or NULL */
	size_t say_len;    /* of octets that are no text, else 0 */
	const char *good;  /* the last line begins with it */
	const char *offer; /* some line must have this word; NULL: any */
	bool is_starttls;  /* what else comes back is a refusal */
};

enum { STEPS = 3 };

#define XMPP_HELLO "<?xml version='1.0'?><stream:stream to='"
#define XMPP_STREAM                                                            \
	"' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
#define XMPP_STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

/* ExtendedRequest 1.3.6.1.4.1.1466.20037 (RFC 4511 s4.14.1). */
static const char ldap_request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
				   "1.3.6.1.4.1.1466.20037";

static const struct {
	const char *text;
	uint16_t ports[2];
	enum reply reply;
	struct step steps[STEPS]; /* the last ones may be empty */
} protocols[STARTTLS_PROTOCOLS] = {
	[STARTTLS_NONE] = { .text = "tls" },
	/* RFC 3207 */
	[STARTTLS_SMTP] = { "smtp", { 25, 587 }, REPLY_CODE,
	    { { .good = "220" },
		{ .say = "EHLO pdns-tlsa.invalid\r\n",
		    .good = "250",
		    .offer = "STARTTLS" },
		{ .say = "STARTTLS\r\n",
		    .good = "220",
		    .is_starttls = true } } },
	/* RFC 9051 s6.2.1 */
	[STARTTLS_IMAP] = { "imap", { 143 }, REPLY_TAG,
	    { { .good = "* OK" },
		{ .say = "a CAPABILITY\r\n",
		    .good = "a OK",
		    .offer = "STARTTLS" },
		{ .say = "a STARTTLS\r\n",
		    .good = "a OK",
		    .is_starttls = true } } },
	/* RFC 2595 s4 */
	[STARTTLS_POP3] = { "pop3", { 110 }, REPLY_LINE,
	    { { .good = "+OK" },
		{ .say = "STLS\r\n", .good = "+OK", .is_starttls = true } } },
	/* RFC 5804 s1.7 */
	[STARTTLS_SIEVE] = { "sieve", { 4190 }, REPLY_WORD,
	    { { .good = "OK", .offer = "\"STARTTLS\"" },
		{ .say = "STARTTLS\r\n",
		    .good = "OK",
		    .is_starttls = true } } },
	/* RFC 4642 */
	[STARTTLS_NNTP] = { "nntp", { 119 }, REPLY_CODE,
	    { { .good = "20" }, { .say = "STARTTLS\r\n",
				    .good = "382",
				    .is_starttls = true } } },
	/* RFC 6120 s5 */
	[STARTTLS_XMPP_CLIENT] = { "xmpp-client", { 5222 }, REPLY_XML,
	    { { .say = XMPP_HELLO,
		  .rest = "' xmlns='jabber:client" XMPP_STREAM,
		  .good = "<stream:features",
		  .offer = "<starttls" },
		{ .say = XMPP_STARTTLS,
		    .good = "<proceed",
		    .is_starttls = true } } },
	[STARTTLS_XMPP_SERVER] = { "xmpp-server", { 5269 }, REPLY_XML,
	    { { .say = XMPP_HELLO,
		  .rest = "' xmlns='jabber:server" XMPP_STREAM,
		  .good = "<stream:features",
		  .offer = "<starttls" },
		{ .say = XMPP_STARTTLS,
		    .good = "<proceed",
		    .is_starttls = true } } },
	[STARTTLS_LDAP] = { "ldap", { 389 }, REPLY_BER,
	    { { .say = ldap_request,
		.say_len = sizeof(ldap_request) - 1,
		.is_starttls = true } } },
};

enum starttls_protocol
starttls_of_port(uint16_t port)
{
	for (int p = STARTTLS_NONE + 1; p < STARTTLS_PROTOCOLS; p++)
		for (size_t i = 0; i < 2; i++)
			if (port != 0 && protocols[p].ports[i] == port)
				return (enum starttls_protocol)p;
	return STARTTLS_NONE;
}

const char *
starttls_text(enum starttls_protocol protocol)
{
	return protocols[protocol].text;
}

static bool
is_step(const struct step *step)
{
	return step->good != NULL || step->say != NULL;
}

/* Say what the step begins with, or be ready when there is none left. */
static void
step_begin(struct starttls *starttls)
{
	const struct step *step = &protocols[starttls->protocol]
				       .steps[starttls->step];

	if (starttls->step == STEPS || !is_step(step)) {
		starttls->state = STARTTLS_READY;
		return;
	}
	starttls->is_offered = step->offer == NULL;
	if (step->say_len > 0)
		buf_add(&starttls->out, step->say, step->say_len);
	else if (step->say != NULL)
		buf_add_string(&starttls->out, step->say);
	if (step->rest != NULL) {
		buf_add_string(&starttls->out, starttls->name);
		buf_add_string(&starttls->out, step->rest);
	}
}

void
starttls_init(struct starttls *starttls, enum starttls_protocol protocol,
    const char *name)
{
	*starttls = (struct starttls){ .protocol = protocol, .name = name };
	step_begin(starttls);
}

void
starttls_fini(struct starttls *starttls)
{
	buf_fini(&starttls->in);
	buf_fini(&starttls->out);
}

/* Say why not, with what the server said, in characters that can be shown. */
static void
give_up(struct starttls *starttls, enum starttls_state state, const char *what,
    const char *said, size_t len)
{
	char shown[80];
	size_t i;

	for (i = 0; i < len && i < sizeof(shown) - 1; i++)
		shown[i] = said[i] >= ' ' && said[i] <= '~' ? said[i] : '?';
	shown[i] = '\0';
	starttls->state = state;
	if (len > 0)
		problem_set(&starttls->reason, "%s: '%s'", what, shown);
	else
		problem_set(&starttls->reason, "%s", what);
}

static bool
begins(const char *line, size_t len, const char *with)
{
	return len >= strlen(with) &&
	       strncasecmp(line, with, strlen(with)) == 0;
}

/* Is the word in the line, with no letter or digit beside it? */
static bool
has_word(const char *line, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	for (size_t i = 0; i + word_len <= len; i++) {
		bool is_begin = i == 0 || !isalnum((unsigned char)line[i - 1]);
		bool is_end = i + word_len == len ||
			      !isalnum((unsigned char)line[i + word_len]);

		if (is_begin && is_end &&
		    strncasecmp(line + i, word, word_len) == 0)
			return true;
	}
	return false;
}

/* The reply is whole, and this is its last line. */
static void
step_end(struct starttls *starttls, const char *line, size_t len)
{
	const struct step *step = &protocols[starttls->protocol]
				       .steps[starttls->step];

	if (!begins(line, len, step->good)) {
		if (step->is_starttls)
			give_up(starttls, STARTTLS_MISSING,
			    "the server refuses it", line, len);
		else
			give_up(starttls, STARTTLS_BROKEN, "the server says",
			    line, len);
		return;
	}
	if (!starttls->is_offered) {
		give_up(starttls, STARTTLS_MISSING,
		    "the server does not offer it", NULL, 0);
		return;
	}
	starttls->step++;
	step_begin(starttls);
}

/* Is this the last line of a reply? */
static bool
is_last(const struct starttls *starttls, const char *line, size_t len)
{
	switch (protocols[starttls->protocol].reply) {
	case REPLY_CODE:
		return len < 4 || line[3] != '-';
	case REPLY_TAG:
		return starttls->step == 0 ||
		       !(begins(line, len, "* ") || begins(line, len, "+")) ||
		       begins(line, len, "* BYE");
	case REPLY_WORD:
		return begins(line, len, "OK") || begins(line, len, "NO") ||
		       begins(line, len, "BYE");
	case REPLY_LINE:
	case REPLY_XML:
	case REPLY_BER:
		break;
	}
	return true;
}

/* Take one line; false if there is none. */
static bool
line_take(struct starttls *starttls)
{
	const struct step *step = &protocols[starttls->protocol]
				       .steps[starttls->step];
	char *line = starttls->in.data;
	const char *end = starttls->in.len > 0
			      ? memchr(line, '\n', starttls->in.len)
			      : NULL;
	size_t len;

	if (end == NULL)
		return false;
	len = (size_t)(end - line);
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (step->offer != NULL && has_word(line, len, step->offer))
		starttls->is_offered = true;
	if (is_last(starttls, line, len))
		step_end(starttls, line, len);
	buf_consume(&starttls->in, (size_t)(end - line) + 1);
	return true;
}

/*
 * Find the end of the element that begins at `data`: of its start tag, but for
 * those whose end counts.  NULL: it is not whole.  Tags are looked for as
 * texts: of all that may come, no other text has them.
 */
static const char *
element_end(const char *data, size_t len)
{
	static const char *const tags[][2] = {
		{ "<stream:features", "</stream:features>" },
		{ "<proceed", "</proceed>" },
	};
	const char *end = memchr(data, '>', len);

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (end == NULL || !begins(data, len, tags[i][0]) ||
		    end[-1] == '/')
			continue;
		end = memmem(data, len, tags[i][1], strlen(tags[i][1]));
		return end != NULL ? end + strlen(tags[i][1]) : NULL;
	}
	return end != NULL ? end + 1 : NULL;
}

/* Take one element, or a blank; false if there is none. */
static bool
element_take(struct starttls *starttls)
{
	const struct step *step = &protocols[starttls->protocol]
				       .steps[starttls->step];
	const char *data = starttls->in.data;
	size_t len = starttls->in.len;
	const char *end;

	if (isspace((unsigned char)data[0])) {
		buf_consume(&starttls->in, 1);
		return true;
	}
	end = element_end(data, len);
	if (end == NULL)
		return false;
	len = (size_t)(end - data);
	if (!begins(data, len, "<?xml") &&
	    !begins(data, len, "<stream:stream")) {
		if (step->offer != NULL &&
		    memmem(data, len, step->offer, strlen(step->offer)) != NULL)
			starttls->is_offered = true;
		step_end(starttls, data, len);
	}
	buf_consume(&starttls->in, len);
	return true;
}

/* Enter the BER element at *data; false if it is not whole. */
static bool
element_enter(const unsigned char **data, size_t size, long *ret_len)
{
	int tag;
	int class;
	int form = ASN1_get_object(data, ret_len, &tag, &class, (long)size);

	ERR_clear_error();
	return (form & 0x80) == 0;
}

/*
 * The result code of an LDAPMessage's content: INTEGER 1, [APPLICATION 24]
 * { ENUMERATED resultCode, ... } (RFC 4511 s4.12); -1: it is none.
 */
static int
result_code(const unsigned char *data, size_t len)
{
	static const char begin[] = "\x02\x01\x01\x78";
	long inner;

	if (len < 4 || memcmp(data, begin, 4) != 0)
		return -1;
	data += 3;
	if (!element_enter(&data, len - 3, &inner) || inner < 3 ||
	    memcmp(data, "\x0a\x01", 2) != 0)
		return -1;
	return data[2];
}

/* Take one LDAPMessage: a SEQUENCE; false if there is none. */
static bool
message_take(struct starttls *starttls)
{
	const unsigned char *begin = (unsigned char *)starttls->in.data;
	const unsigned char *at = begin + 1;
	long len = 0;
	int code = -1;
	char result[32];

	if (begin[0] == 0x30) {
		at = begin;
		if (!element_enter(&at, starttls->in.len, &len))
			return false;
		code = result_code(at, (size_t)len);
	}
	if (code == 0) {
		starttls->state = STARTTLS_READY;
	} else if (code > 0) {
		(void)snprintf(result, sizeof(result), "result code %d", code);
		give_up(starttls, STARTTLS_MISSING, "the server refuses it",
		    result, strlen(result));
	} else {
		give_up(starttls, STARTTLS_BROKEN,
		    "the server does not speak LDAP", NULL, 0);
	}
	buf_consume(&starttls->in, (size_t)(at - begin + len));
	return true;
}

enum starttls_state
starttls_feed(struct starttls *starttls, const char *data, size_t len)
{
	static bool (*const takers[])(struct starttls * starttls) = {
		[REPLY_CODE] = line_take,
		[REPLY_LINE] = line_take,
		[REPLY_TAG] = line_take,
		[REPLY_WORD] = line_take,
		[REPLY_XML] = element_take,
		[REPLY_BER] = message_take,
	};
	enum reply reply = protocols[starttls->protocol].reply;

	starttls->total += len;
	if (starttls->total > LIMIT_STARTTLS) {
		give_up(starttls, STARTTLS_BROKEN, "the server says too much",
		    NULL, 0);
		return starttls->state;
	}
	buf_add(&starttls->in, data, len);
	while (starttls->state == STARTTLS_TALKING && starttls->in.len > 0 &&
	       takers[reply](starttls))
		continue;
	if (starttls->state == STARTTLS_TALKING &&
	    starttls->in.len > LIMIT_STARTTLS_LINE)
		give_up(starttls, STARTTLS_BROKEN,
		    "the server sends a line without an end", NULL, 0);
	/* Nothing may come before our first octet of TLS. */
	if (starttls->state == STARTTLS_READY && starttls->in.len > 0)
		give_up(starttls, STARTTLS_BROKEN,
		    "the server goes on after its consent", starttls->in.data,
		    starttls->in.len);
	return starttls->state;
}
