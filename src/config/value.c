/* SPDX-License-Identifier: MIT */
#include "config/value.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "base/mem.h"
#include "base/plain.h"

static const char digits[] = "0123456789";

struct quoted
value_quote(const char *text)
{
	enum { ROOM = sizeof(((struct quoted *)NULL)->text) - sizeof("...") };
	struct quoted quoted = { "" };
	size_t len = strlen(text);

	if (plain_put(quoted.text, ROOM + 1, text, len) < len)
		memcpy(quoted.text + strlen(quoted.text), "...", sizeof("..."));
	return quoted;
}

/*
 * Read the decimal number at the start of `text`, without sign, blank or
 * needless zero.  Returns the octets read, 0 if there is no such number or it
 * does not fit.
 */
static size_t
read_number(const char *text, uint64_t *ret_number)
{
	size_t len = strspn(text, digits);
	uint64_t number = 0;

	if (len == 0 || len > 18 || (text[0] == '0' && len > 1))
		return 0;
	for (size_t i = 0; i < len; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	*ret_number = number;
	return len;
}

/* Return the seconds of a unit, 0 if there is no such unit. */
static uint64_t
unit_seconds(const char *unit)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = {
		{ "", 1 },
		{ "s", 1 },
		{ "m", 60 },
		{ "h", 3600 },
		{ "d", 86400 },
		{ "w", 604800 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].unit) == 0)
			return units[i].seconds;
	}
	return 0;
}

enum status
value_seconds(const char *text, uint32_t min, uint32_t max,
    uint32_t *ret_seconds, struct problem *problem)
{
	uint64_t number = 0;
	size_t len = read_number(text, &number);
	uint64_t unit = len > 0 ? unit_seconds(text + len) : 0;

	if (unit == 0) {
		problem_set(problem,
		    "'%s' is not a duration; write seconds, or a whole number "
		    "with s, m, h, d or w, such as 1h",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	if (number > max / unit || number * unit < min) {
		problem_set(problem,
		    "'%s' is out of range; it must be %u to %u seconds",
		    value_quote(text).text, (unsigned)min, (unsigned)max);
		return STATUS_MALFORMED;
	}
	*ret_seconds = (uint32_t)(number * unit);
	return STATUS_OK;
}

enum status
value_count(const char *text, unsigned min, unsigned max, unsigned *ret_count,
    struct problem *problem)
{
	uint64_t number;
	size_t len = read_number(text, &number);

	if (len == 0 || text[len] != '\0' || number < min || number > max) {
		problem_set(problem, "'%s' is not a whole number in %u..%u",
		    value_quote(text).text, min, max);
		return STATUS_MALFORMED;
	}
	*ret_count = (unsigned)number;
	return STATUS_OK;
}

enum status
value_bool(const char *text, bool *ret_value, struct problem *problem)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "yes") == 0;
	bool no = strcmp(text, "false") == 0 || strcmp(text, "no") == 0;

	if (!yes && !no) {
		problem_set(problem, "'%s' is neither 'true' nor 'false'",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_value = yes;
	return STATUS_OK;
}

enum status
value_mode(const char *text, unsigned *ret_mode, struct problem *problem)
{
	size_t len = strlen(text);
	unsigned long mode = ULONG_MAX;

	if ((len == 3 || len == 4) && strspn(text, "01234567") == len)
		mode = strtoul(text, NULL, 8);
	if (mode > 0777) {
		problem_set(problem,
		    "'%s' is not a mode; write octal digits up to 0777, such "
		    "as 0660",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_mode = (unsigned)mode;
	return STATUS_OK;
}

enum status
value_group(const char *text, char **ret_group, struct problem *problem)
{
	enum { GROUP_MAX = 32 }; /* groupadd(8) */
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(text);

	if (len > GROUP_MAX || text[0] == '-' || strspn(text, allowed) != len) {
		problem_set(problem, "'%s' cannot be the name of a group",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_group = mem_string(text);
	return STATUS_OK;
}

/* Read what follows the port's number. */
static bool
read_transport(const char *text, enum transport *ret_transport)
{
	static const enum transport all[] = { TRANSPORT_TCP, TRANSPORT_UDP,
		TRANSPORT_SCTP };

	if (text[0] == '\0') {
		*ret_transport = TRANSPORT_TCP;
		return true;
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (text[0] == '/' &&
		    strcmp(text + 1, transport_text(all[i])) == 0) {
			*ret_transport = all[i];
			return true;
		}
	}
	return false;
}

enum status
value_port(const char *text, struct port *ret_port, struct problem *problem)
{
	enum transport transport;
	uint64_t number;
	size_t len = read_number(text, &number);

	if (len == 0 || number < 1 || number > UINT16_MAX ||
	    !read_transport(text + len, &transport)) {
		problem_set(problem,
		    "'%s' is not a port; write 1 to 65535, with /tcp, /udp or "
		    "/sctp unless it is TCP",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_port = (struct port){ .number = (uint16_t)number,
		.transport = transport };
	return STATUS_OK;
}

enum status
value_record_type(
    const char *text, struct record_type *ret_type, struct problem *problem)
{
	static const char most[] = "3 1 2";
	bool good = strlen(text) == strlen(most);

	for (size_t i = 0; good && i < strlen(most); i++) {
		if (most[i] == ' ')
			good = text[i] == ' ';
		else
			good = text[i] >= '0' && text[i] <= most[i];
	}
	if (!good) {
		problem_set(problem,
		    "'%s' is not a record type; write usage 0..3, selector "
		    "0..1 and matching type 0..2, such as \"3 1 1\"",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_type = (struct record_type){
		.usage = (uint8_t)(text[0] - '0'),
		.selector = (uint8_t)(text[2] - '0'),
		.matching = (uint8_t)(text[4] - '0'),
	};
	return STATUS_OK;
}

enum status
value_path(const char *text, char **ret_path, struct problem *problem)
{
	size_t len = strlen(text);
	size_t to = 0;
	char *path;

	if (text[0] != '/') {
		problem_set(problem,
		    "'%s' is not an absolute path; begin it with '/'",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	if (len >= PATH_MAX) {
		problem_set(problem, "a path of %zu octets; at most %d work",
		    len, PATH_MAX - 1);
		return STATUS_LIMIT;
	}
	path = mem_copy(text, len);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '/' || to == 0 || path[to - 1] != '/')
			path[to++] = text[i];
	}
	if (to > 1 && path[to - 1] == '/')
		to--;
	path[to] = '\0';
	*ret_path = path;
	return STATUS_OK;
}

enum status
value_socket(const char *text, char **ret_path, struct problem *problem)
{
	enum status status;
	char *path;

	status = value_path(text, &path, problem);
	if (status != STATUS_OK)
		return status;
	if (strlen(path) > SOCKET_PATH_MAX || strcmp(path, "/") == 0) {
		problem_set(problem,
		    "'%s' cannot be a socket; its path must have 2 to %d "
		    "octets",
		    value_quote(path).text, SOCKET_PATH_MAX);
		free(path);
		return STATUS_LIMIT;
	}
	*ret_path = path;
	return STATUS_OK;
}

enum status
value_lineage(const char *text, char **ret_name, struct problem *problem)
{
	if (strchr(text, '/') != NULL || strcmp(text, ".") == 0 ||
	    strcmp(text, "..") == 0 || strlen(text) > NAME_MAX) {
		problem_set(problem,
		    "'%s' is not the name of a lineage; write the name of its "
		    "directory alone, such as mail.example.com",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_name = mem_string(text);
	return STATUS_OK;
}

enum status
value_match(const char *text, char **ret_match, struct problem *problem)
{
	const char *slash = strchr(text, '/');

	if (text[0] == '\0' || text[0] == '/' || text[0] == '.' ||
	    (slash != NULL && (slash[1] == '\0' || slash[1] == '.' ||
				  strchr(slash + 1, '/') != NULL))) {
		problem_set(problem,
		    "'%s' matches no file; write a pattern such as *.pem for "
		    "files of the source, or */fullchain.pem for those of its "
		    "directories",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_match = mem_string(text);
	return STATUS_OK;
}

enum status
value_source_type(
    const char *text, enum source_type *ret_type, struct problem *problem)
{
	for (enum source_type i = SOURCE_CERTBOT; i < SOURCE_TYPES; i++) {
		if (strcmp(text, source_type_text(i)) == 0) {
			*ret_type = i;
			return STATUS_OK;
		}
	}
	problem_set(problem,
	    "unknown source type '%s'; use 'certbot', 'dehydrated', 'lego', "
	    "'uacme', 'acme.sh', 'caddy', 'mod_md', 'acmetool' or 'files'",
	    value_quote(text).text);
	return STATUS_MALFORMED;
}

const char *
value_dnssec_text(enum zone_dnssec dnssec)
{
	static const char *const texts[] = {
		[ZONE_DNSSEC_POWERDNS] = "powerdns",
		[ZONE_DNSSEC_SELF] = "self",
		[ZONE_DNSSEC_NONE] = "none",
	};

	return texts[dnssec];
}

enum status
value_dnssec(
    const char *text, enum zone_dnssec *ret_dnssec, struct problem *problem)
{
	for (enum zone_dnssec i = ZONE_DNSSEC_POWERDNS; i <= ZONE_DNSSEC_NONE;
	     i++) {
		if (strcmp(text, value_dnssec_text(i)) == 0) {
			*ret_dnssec = i;
			return STATUS_OK;
		}
	}
	problem_set(problem,
	    "unknown dnssec '%s'; use 'powerdns', 'self' or 'none'",
	    value_quote(text).text);
	return STATUS_MALFORMED;
}

const char *
value_sight_text(enum sight see)
{
	static const char *const texts[] = {
		[SIGHT_DEFAULT] = NULL,
		[SIGHT_NOTHING] = "nothing",
		[SIGHT_SERVERS] = "servers",
	};

	return texts[see];
}

enum status
value_sight(const char *text, enum sight *ret_see, struct problem *problem)
{
	for (enum sight i = SIGHT_NOTHING; i <= SIGHT_SERVERS; i++) {
		if (strcmp(text, value_sight_text(i)) == 0) {
			*ret_see = i;
			return STATUS_OK;
		}
	}
	problem_set(problem, "unknown sight '%s'; use 'servers' or 'nothing'",
	    value_quote(text).text);
	return STATUS_MALFORMED;
}

enum status
value_address(const char *text, char **ret_address, uint16_t *ret_port,
    struct problem *problem)
{
	size_t bracket = text[0] == '[' ? strcspn(text, "]") : 0;
	const char *colon = strrchr(text, ':');
	struct in6_addr octets;
	struct port port = { .number = 53 };
	char *address;

	/* Without brackets, several colons are all of an IPv6 address. */
	if (colon != NULL && (colon < text + bracket ||
				 (bracket == 0 && strchr(text, ':') != colon)))
		colon = NULL;
	if (bracket > 0)
		address = mem_copy(text + 1, bracket - 1);
	else
		address = mem_copy(text,
		    colon != NULL ? (size_t)(colon - text) : strlen(text));
	if ((bracket > 0 && strcmp(text + bracket, "]") != 0 &&
		colon != text + bracket + 1) ||
	    (inet_pton(AF_INET, address, &octets) != 1 &&
		inet_pton(AF_INET6, address, &octets) != 1) ||
	    (colon != NULL &&
		(strchr(colon, '/') != NULL ||
		    value_port(colon + 1, &port, NULL) != STATUS_OK))) {
		free(address);
		problem_set(problem,
		    "'%s' is not an address; write 192.0.2.1, "
		    "192.0.2.1:5300 or [2001:db8::1]:5300",
		    value_quote(text).text);
		return STATUS_MALFORMED;
	}
	*ret_address = address;
	*ret_port = port.number;
	return STATUS_OK;
}
