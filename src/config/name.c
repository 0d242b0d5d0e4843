/* SPDX-License-Identifier: MIT */
#include "config/value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789-_";

static bool
is_address(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET, text, &address) == 1 ||
	       inet_pton(AF_INET6, text, &address) == 1;
}

/* Return true if `text` begins like "_25._tcp.": the owner, not the host. */
static bool
is_owner(const char *text)
{
	size_t len = strspn(text + (text[0] == '_'), "0123456789");

	return text[0] == '_' && len > 0 &&
	       (strncasecmp(text + 1 + len, "._tcp.", 6) == 0 ||
		   strncasecmp(text + 1 + len, "._udp.", 6) == 0 ||
		   strncasecmp(text + 1 + len, "._sctp.", 7) == 0);
}

/*
 * Return what is wrong with the characters of a host name, or NULL.  `len`
 * counts without the final dot.
 */
static const char *
name_complaint(const char *text, size_t len)
{
	size_t last = len; /* start of the last label */

	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)text[i] & 0x80) != 0)
			return "an international name is written in its xn-- "
			       "form";
		if (text[i] != '.' && strchr(letters, text[i]) == NULL)
			return "only letters, digits, '-', '_' and dots can "
			       "be in it";
	}
	for (size_t i = 0; i < len;) {
		size_t label = strcspn(text + i, ".");

		if (label == 0)
			return "two dots follow each other, or one begins it";
		if (text[i] == '-' || text[i + label - 1] == '-')
			return "no label may begin or end with '-'";
		last = i;
		i += label + 1;
	}
	/* RFC 1123 s2.1: it could not be told from an address. */
	if (strspn(text + last, "0123456789") == len - last)
		return "the last label must not be a number";
	return NULL;
}

/* Return what is wrong with a host name at first sight, or NULL. */
static const char *
sight_complaint(const char *text)
{
	if (is_address(text))
		return "it is an address, not a name; write its name";
	if (strchr(text, '*') != NULL)
		return "a wildcard has no meaning here; list each name";
	if (strchr(text, ':') != NULL || strchr(text, '/') != NULL)
		return "write the name alone, without scheme, port or path";
	return NULL;
}

/* Read a domain name whose characters are in order. */
static enum status
read_dname(const char *text, char **ret_name, struct dname *ret_dname,
    struct problem *problem)
{
	struct buf buf = { 0 };
	struct dname dname;
	enum status status;

	status = dname_parse(text, strlen(text), &dname);
	if (status == STATUS_LIMIT)
		problem_set(problem,
		    "'%s' is too long; a label has at most %d octets, a name "
		    "%d",
		    value_quote(text).text, DNAME_LABEL_MAX, DNAME_WIRE_MAX);
	else if (status != STATUS_OK)
		problem_set(problem, "'%s' is not a domain name",
		    value_quote(text).text);
	if (status != STATUS_OK)
		return status;
	dname_format(dname.key, dname.len, &buf);
	*ret_name = mem_string(buf_text(&buf));
	buf_fini(&buf);
	*ret_dname = dname;
	return STATUS_OK;
}

enum status
value_name(const char *text, char **ret_name, struct dname *ret_dname,
    struct problem *problem)
{
	const char *complaint = sight_complaint(text);
	size_t len = strlen(text);

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (complaint == NULL && len == 0)
		complaint = "it needs at least one label";
	if (complaint == NULL)
		complaint = name_complaint(text, len);
	if (complaint != NULL) {
		problem_set(problem, "'%s' cannot be used: %s",
		    value_quote(text).text, complaint);
		return STATUS_MALFORMED;
	}
	return read_dname(text, ret_name, ret_dname, problem);
}

enum status
value_host(const char *text, char **ret_name, struct dname *ret_dname,
    struct problem *problem)
{
	if (is_owner(text)) {
		problem_set(problem,
		    "'%s' is the name of a TLSA record; write the name of the "
		    "host alone, and the port under 'ports'",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	return value_name(text, ret_name, ret_dname, problem);
}

enum status
value_mailbox(const char *text, char **ret_name, struct problem *problem)
{
	const char *at = strchr(text, '@');
	struct dname dname;
	enum status status;
	char *name;

	if (at != NULL || strchr(text, ' ') != NULL) {
		problem_set(problem,
		    "'%s' is not a mailbox of an SOA record; write '.' instead "
		    "of '@', and '\\.' for a dot before it",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	status = read_dname(text, &name, &dname, problem);
	if (status != STATUS_OK)
		return status;
	if (dname_labels(dname.key, dname.len) < 2) {
		problem_set(problem,
		    "'%s' is not a mailbox of an SOA record; it needs a "
		    "domain, such as hostmaster.example.com",
		    value_quote(text).text);
		free(name);
		return STATUS_MALFORMED;
	}
	*ret_name = name;
	return STATUS_OK;
}

/* Return what is wrong with a pattern without final dot, or NULL. */
static const char *
glob_complaint(const char *text, size_t len)
{
	if (is_owner(text))
		return "write the host alone, and the port under 'ports'";
	for (size_t i = 0; i < len; i++) {
		if (strchr(letters, text[i]) == NULL &&
		    strchr(".*?", text[i]) == NULL)
			return "only letters, digits, '-', '_', dots, '*' and "
			       "'?' can be in it";
	}
	if (len == 0 || text[0] == '.' || strstr(text, "..") != NULL)
		return "no name has an empty label, so it matches none";
	if (len > DNAME_WIRE_MAX)
		return "it is longer than any name";
	return NULL;
}

enum status
value_glob(const char *text, char **ret_glob, struct problem *problem)
{
	size_t len = strlen(text);
	const char *complaint;
	char *glob;

	if (len > 0 && text[len - 1] == '.')
		len--;
	complaint = glob_complaint(text, len);
	if (complaint != NULL) {
		problem_set(problem, "'%s' is not a pattern of names: %s",
		    value_quote(text).text, complaint);
		return STATUS_MALFORMED;
	}
	glob = mem_copy(text, len);
	for (size_t i = 0; i < len; i++)
		glob[i] = (char)tolower((unsigned char)glob[i]);
	*ret_glob = glob;
	return STATUS_OK;
}
