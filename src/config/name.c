/* SPDX-License-Identifier: MIT */
#include "type.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dns/dname.h"

/* ---- names ---- */

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
static bool
read_dname(
    const char *text, struct dname *dname, char **name, struct problem *problem)
{
	struct buf buf = { 0 };
	enum status status = dname_parse(text, strlen(text), dname);

	if (status == STATUS_LIMIT)
		return type_refuse(problem, text,
		    "is too long; a label has at most %d octets, a name %d",
		    DNAME_LABEL_MAX, DNAME_WIRE_MAX);
	if (status != STATUS_OK)
		return type_refuse(problem, text, "is not a domain name");
	dname_format(dname->key, dname->len, &buf);
	*name = mem_string(buf_text(&buf));
	buf_fini(&buf);
	return true;
}

static bool
read_name(const char *text, void *member, struct problem *problem)
{
	const char *complaint = sight_complaint(text);
	size_t len = strlen(text);
	struct dname dname;

	if (text[len - 1] == '.')
		len--;
	if (complaint == NULL && len == 0)
		complaint = "it needs at least one label";
	if (complaint == NULL)
		complaint = name_complaint(text, len);
	if (complaint != NULL)
		return type_refuse(
		    problem, text, "cannot be used: %s", complaint);
	return read_dname(text, &dname, member, problem);
}

/* People write names without the final dot. */
static bool
write_name(const void *member, struct buf *text)
{
	const char *const *name = member;

	buf_add(text, *name, strlen(*name) - 1);
	return true;
}

/* "_25._tcp." in front is a mistake. */
static bool
read_host(const char *text, void *member, struct problem *problem)
{
	if (is_owner(text))
		return type_refuse(problem, text,
		    "is the name of a TLSA record; write the name of the host "
		    "alone, and the port under 'ports'");
	return read_name(text, member, problem);
}

/* At least two labels, whose first is the part before the "@". */
static bool
read_mailbox(const char *text, void *member, struct problem *problem)
{
	struct dname dname;
	char **name = member;

	if (strpbrk(text, "@ ") != NULL)
		return type_refuse(problem, text,
		    "is not a mailbox of an SOA record; write '.' instead of "
		    "'@', and '\\.' for a dot before it");
	if (!read_dname(text, &dname, name, problem))
		return false;
	if (dname_labels(dname.key, dname.len) >= 2)
		return true;
	free(*name);
	*name = NULL;
	return type_refuse(problem, text,
	    "is not a mailbox of an SOA record; it needs a domain, such as "
	    "hostmaster.example.com");
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

static bool
read_glob(const char *text, void *member, struct problem *problem)
{
	size_t len = strlen(text);
	const char *complaint;
	char **ret_glob = member;
	char *glob;

	if (text[len - 1] == '.')
		len--;
	complaint = glob_complaint(text, len);
	if (complaint != NULL)
		return type_refuse(
		    problem, text, "is not a pattern of names: %s", complaint);
	glob = mem_copy(text, len);
	for (size_t i = 0; i < len; i++)
		glob[i] = (char)tolower((unsigned char)glob[i]);
	*ret_glob = glob;
	return true;
}

/* ---- ports and records ---- */

static const char *const transports[] = {
	[TRANSPORT_TCP] = "tcp",
	[TRANSPORT_UDP] = "udp",
	[TRANSPORT_SCTP] = "sctp",
};

const char *
transport_text(enum transport transport)
{
	return transports[transport];
}

/* Read what follows the port's number. */
static bool
read_transport(const char *text, enum transport *ret_transport)
{
	if (text[0] == '\0') {
		*ret_transport = TRANSPORT_TCP;
		return true;
	}
	for (enum transport i = TRANSPORT_TCP; i <= TRANSPORT_SCTP; i++) {
		if (text[0] == '/' && strcmp(text + 1, transports[i]) == 0) {
			*ret_transport = i;
			return true;
		}
	}
	return false;
}

static bool
read_port(const char *text, void *member, struct problem *problem)
{
	enum transport transport;
	struct port *port = member;
	uint64_t number;
	size_t len = type_read_number(text, &number);

	if (len == 0 || number < 1 || number > UINT16_MAX ||
	    !read_transport(text + len, &transport))
		return type_refuse(problem, text,
		    "is not a port; write 1 to 65535, with /tcp, /udp or "
		    "/sctp unless it is TCP");
	*port = (struct port){ (uint16_t)number, transport };
	return true;
}

static bool
write_port(const void *member, struct buf *text)
{
	const struct port *port = member;

	buf_add_format(
	    text, "%u/%s", (unsigned)port->number, transports[port->transport]);
	return true;
}

/* Usage, selector and matching type (RFC 6698 s2.1.1-2.1.3). */
static bool
read_record(const char *text, void *member, struct problem *problem)
{
	struct record_type *record = member;

	if (fnmatch("[0-3] [01] [0-2]", text, 0) != 0)
		return type_refuse(problem, text,
		    "is not a record type; write usage 0..3, selector 0..1 and "
		    "matching type 0..2, such as \"3 1 1\"");
	*record = (struct record_type){
		.usage = (uint8_t)(text[0] - '0'),
		.selector = (uint8_t)(text[2] - '0'),
		.matching = (uint8_t)(text[4] - '0'),
	};
	return true;
}

static bool
write_record(const void *member, struct buf *text)
{
	const struct record_type *record = member;

	buf_add_format(text, "%d %d %d", record->usage, record->selector,
	    record->matching);
	return true;
}

static bool
read_nsec3(const char *text, void *member, struct problem *problem)
{
	struct nsec3 nsec3;
	struct nsec3 **parameters = member;

	if (nsec3_parse(text, &nsec3, problem) != STATUS_OK)
		return false;
	*parameters = mem_copy(&nsec3, sizeof(nsec3));
	return true;
}

static bool
write_nsec3(const void *member, struct buf *text)
{
	const struct nsec3 *const *nsec3 = member;

	if (*nsec3 == NULL)
		return false;
	nsec3_format(*nsec3, text);
	return true;
}

/* ---- addresses ---- */

/* An IP address, in brackets or without, and a port (53). */
static bool
read_address(const char *text, void *member, struct problem *problem)
{
	bool is_bracketed = text[0] == '[';
	const char *at = is_bracketed ? text + 1 : text;
	size_t len = strcspn(at, is_bracketed ? "]" : ":");
	struct config *config = member;
	struct port port = { .number = 53 };
	const char *rest;
	char *address;
	bool good;

	/* Without brackets, several colons are all of an IPv6 address. */
	if (!is_bracketed && strchr(at, ':') != strrchr(at, ':'))
		len = strlen(at);
	address = mem_copy(at, len);
	rest = at + len;
	good = is_address(address) && (!is_bracketed || *rest++ == ']');
	if (good && *rest != '\0')
		good = *rest == ':' && strchr(rest, '/') == NULL &&
		       read_port(rest + 1, &port, NULL);
	if (!good) {
		free(address);
		return type_refuse(problem, text,
		    "is not an address; write 192.0.2.1, 192.0.2.1:5300 or "
		    "[2001:db8::1]:5300");
	}
	config->powerdns_address = address;
	config->powerdns_port = port.number;
	return true;
}

static bool
write_address(const void *member, struct buf *text)
{
	const struct config *config = member;
	bool is_ipv6 = strchr(config->powerdns_address, ':') != NULL;

	buf_add_format(text, "%s%s%s:%u", is_ipv6 ? "[" : "",
	    config->powerdns_address, is_ipv6 ? "]" : "",
	    (unsigned)config->powerdns_port);
	return true;
}

/* ---- the types ---- */

TYPE_OWNED(type_name, read_name, write_name);
TYPE_OWNED(type_host, read_host, write_name);
TYPE_OWNED(type_mailbox, read_mailbox, write_name);
TYPE_OWNED(type_glob, read_glob, NULL);
TYPE(type_port, struct port, read_port, write_port);
TYPE(type_record, struct record_type, read_record, write_record);
TYPE_OWNED(type_nsec3, read_nsec3, write_nsec3);
TYPE(type_address, struct config, read_address, write_address);
