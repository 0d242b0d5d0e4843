/* SPDX-License-Identifier: MIT */
#include "config/value.h"

#include <grp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/limit.h"
#include "base/mem.h"
#include "base/plain.h"
#include "type.h"

/* ---- what they share ---- */

struct quoted
type_quote(const char *text)
{
	enum { ROOM = sizeof(((struct quoted *)NULL)->text) - sizeof("...") };
	struct quoted quoted = { "" };
	size_t len = strlen(text);

	if (plain_put(quoted.text, ROOM + 1, text, len) < len)
		memcpy(quoted.text + strlen(quoted.text), "...", sizeof("..."));
	return quoted;
}

bool
type_refuse(struct problem *problem, const char *text, const char *format, ...)
{
	char complaint[PROBLEM_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(complaint, sizeof(complaint), format, args);
	va_end(args);
	problem_set(problem, "'%s' %s", type_quote(text).text, complaint);
	return false;
}

/* Keep a copy of a text that is right; returns true. */
static bool
keep(const char *text, void *member)
{
	char **value = member;

	*value = mem_string(text);
	return true;
}

/* ---- words ---- */

static const struct words sources = {
	"source type",
	"'certbot', 'dehydrated', 'lego', 'uacme', 'acme.sh', 'caddy', "
	"'mod_md', 'acmetool', 'remote' or 'files'",
	SOURCE_CERTBOT,
	SOURCE_TYPES - 1,
	{
	    [SOURCE_CERTBOT] = "certbot",
	    [SOURCE_FILES] = "files",
	    [SOURCE_DEHYDRATED] = "dehydrated",
	    [SOURCE_LEGO] = "lego",
	    [SOURCE_UACME] = "uacme",
	    [SOURCE_ACMESH] = "acme.sh",
	    [SOURCE_CADDY] = "caddy",
	    [SOURCE_MOD_MD] = "mod_md",
	    [SOURCE_ACMETOOL] = "acmetool",
	    [SOURCE_REMOTE] = "remote",
	},
};

static const struct words dnssecs = {
	"dnssec",
	"'powerdns', 'self' or 'none'",
	ZONE_DNSSEC_POWERDNS,
	ZONE_DNSSEC_NONE,
	{
	    [ZONE_DNSSEC_POWERDNS] = "powerdns",
	    [ZONE_DNSSEC_SELF] = "self",
	    [ZONE_DNSSEC_NONE] = "none",
	},
};

static const struct words sights = {
	"sight",
	"'servers' or 'nothing'",
	SIGHT_NOTHING,
	SIGHT_SERVERS,
	{
	    [SIGHT_NOTHING] = "nothing",
	    [SIGHT_SERVERS] = "servers",
	},
};

static const struct words aliases = {
	"form of aliases",
	"'flat' or 'deep'",
	ALIASES_FLAT,
	ALIASES_DEEP,
	{
	    [ALIASES_UNSAID] = "flat",
	    [ALIASES_FLAT] = "flat",
	    [ALIASES_DEEP] = "deep",
	},
};

const char *
source_type_text(enum source_type type)
{
	return sources.list[type];
}

const char *
value_sight_text(enum sight see)
{
	return sights.list[see];
}

_Static_assert(sizeof(enum source_type) == sizeof(unsigned) &&
		   sizeof(enum zone_dnssec) == sizeof(unsigned) &&
		   sizeof(enum sight) == sizeof(unsigned) &&
		   sizeof(enum aliases) == sizeof(unsigned),
    "words are read into members as an unsigned");

static bool
read_word(const struct words *words, const char *text, void *member,
    struct problem *problem)
{
	for (unsigned i = words->min; i <= words->max; i++) {
		if (strcmp(text, words->list[i]) == 0) {
			memcpy(member, &i, sizeof(i));
			return true;
		}
	}
	problem_set(problem, "unknown %s '%s'; use %s", words->name,
	    type_quote(text).text, words->offer);
	return false;
}

bool
type_read(const struct type *type, const char *text, void *member,
    struct problem *problem)
{
	return type->words != NULL
		   ? read_word(type->words, text, member, problem)
		   : type->read(text, member, problem);
}

bool
type_write(const struct type *type, const void *member, struct buf *text)
{
	const char *value = NULL;
	unsigned word;

	if (type->write != NULL)
		return type->write(member, text);
	if (type->words == NULL) {
		memcpy(&value, member, sizeof(value));
	} else {
		memcpy(&word, member, sizeof(word));
		value = type->words->list[word];
	}
	if (value != NULL)
		buf_add_string(text, value);
	return value != NULL;
}

static bool
read_flag(const char *text, void *member, struct problem *problem)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "yes") == 0;
	bool no = strcmp(text, "false") == 0 || strcmp(text, "no") == 0;
	bool *flag = member;

	if (!yes && !no)
		return type_refuse(
		    problem, text, "is neither 'true' nor 'false'");
	*flag = yes;
	return true;
}

static bool
write_flag(const void *member, struct buf *text)
{
	const bool *flag = member;

	buf_add_string(text, *flag ? "true" : "false");
	return true;
}

static bool
read_reuse(const char *text, void *member, struct problem *problem)
{
	struct config_lineage *lineage = member;

	lineage->has_reuse_key = true;
	return read_flag(text, &lineage->reuse_key, problem);
}

static bool
write_reuse(const void *member, struct buf *text)
{
	const struct config_lineage *lineage = member;

	return lineage->has_reuse_key && write_flag(&lineage->reuse_key, text);
}

/* ---- names and paths ---- */

/*
 * Whether the system says that there is none: not to be able to ask (a
 * directory service that is away, getgrnam_r(3)) is not to know.
 */
static bool
is_no_group(const char *text)
{
	enum { SCRATCH = 65536 };
	char *scratch;
	struct group group;
	struct group *found = NULL;
	int failed;

	if (text[strspn(text, "0123456789")] == '\0')
		return false;
	scratch = mem_new(SCRATCH);
	failed = getgrnam_r(text, &group, scratch, SCRATCH, &found);
	free(scratch);
	return failed == 0 && found == NULL;
}

/* Who starts with one that is not there could open no socket. */
static bool
read_group(const char *text, void *member, struct problem *problem)
{
	enum { GROUP_MAX = 32 }; /* groupadd(8) */
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(text);

	if (len > GROUP_MAX || text[0] == '-' || strspn(text, allowed) != len)
		return type_refuse(
		    problem, text, "cannot be the name of a group");
	if (is_no_group(text))
		return type_refuse(problem, text,
		    "is no group of this system; groupadd(8) makes one");
	return keep(text, member);
}

bool
value_path(const char *text, char **ret_path, struct problem *problem)
{
	size_t len = strlen(text);
	size_t to = 0;
	char *path;

	if (text[0] != '/') {
		(void)type_refuse(problem, text,
		    "is not an absolute path; begin it with '/'");
		return false;
	}
	if (len >= PATH_MAX) {
		problem_set(problem, "a path of %zu octets; at most %d work",
		    len, PATH_MAX - 1);
		return false;
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
	return true;
}

static bool
read_path(const char *text, void *member, struct problem *problem)
{
	return value_path(text, member, problem);
}

static bool
read_socket(const char *text, void *member, struct problem *problem)
{
	/* Octets of a path in sockaddr_un, without the NUL (unix(7)). */
	enum { SOCKET_PATH_MAX = 107 };
	char **ret_path = member;
	char *path;

	if (!value_path(text, &path, problem))
		return false;
	if (strlen(path) > SOCKET_PATH_MAX || strcmp(path, "/") == 0) {
		(void)type_refuse(problem, path,
		    "cannot be a socket; its path must have 2 to %d octets",
		    SOCKET_PATH_MAX);
		free(path);
		return false;
	}
	*ret_path = path;
	return true;
}

static bool
read_listen(const char *text, void *member, struct problem *problem)
{
	struct endpoint endpoint;

	if (text[0] == '/')
		return read_socket(text, member, problem);
	if (!endpoint_parse(text, &endpoint))
		return type_refuse(problem, text,
		    "is nowhere to listen; write an address with a port, such "
		    "as 127.0.0.1:8053 or [::1]:8053, or the path of a socket");
	return keep(text, member);
}

static bool
read_network(const char *text, void *member, struct problem *problem)
{
	struct network network;

	if (!network_parse(text, &network))
		return type_refuse(problem, text,
		    "is no address and no network; write 192.0.2.1, "
		    "192.0.2.0/24 or 2001:db8::/32, with no bit set beyond "
		    "the length");
	return keep(text, member);
}

static bool
read_lineage(const char *text, void *member, struct problem *problem)
{
	if (strchr(text, '/') != NULL || strcmp(text, ".") == 0 ||
	    strcmp(text, "..") == 0 || strlen(text) > NAME_MAX)
		return type_refuse(problem, text,
		    "is not the name of a lineage; write the name of its "
		    "directory alone, such as mail.example.com");
	return keep(text, member);
}

static bool
read_argument(const char *text, void *member, struct problem *problem)
{
	if (strlen(text) > LIMIT_WORD)
		return type_refuse(problem, text,
		    "is longer than %d octets; have a script say it",
		    LIMIT_WORD);
	return keep(text, member);
}

static bool
read_match(const char *text, void *member, struct problem *problem)
{
	const char *slash = strchr(text, '/');

	if (text[0] == '/' || text[0] == '.' ||
	    (slash != NULL && (slash[1] == '\0' || slash[1] == '.' ||
				  strchr(slash + 1, '/') != NULL)))
		return type_refuse(problem, text,
		    "matches no file; write a pattern such as *.pem for files "
		    "of the source, or */fullchain.pem for those of its "
		    "directories");
	return keep(text, member);
}

/* ---- the types ---- */

TYPE(type_flag, bool, read_flag, write_flag);
TYPE(type_reuse, struct config_lineage, read_reuse, write_reuse);
const struct type type_source = { .size = sizeof(enum source_type),
	.words = &sources };
const struct type type_dnssec = { .size = sizeof(enum zone_dnssec),
	.words = &dnssecs };
const struct type type_sight = { .size = sizeof(enum sight), .words = &sights };
const struct type type_aliases = { .size = sizeof(enum aliases),
	.words = &aliases };
TYPE_OWNED(type_group, read_group, NULL);
TYPE_OWNED(type_path, read_path, NULL);
TYPE_OWNED(type_socket, read_socket, NULL);
TYPE_OWNED(type_listen, read_listen, NULL);
TYPE_OWNED(type_network, read_network, NULL);
TYPE_OWNED(type_lineage, read_lineage, NULL);
TYPE_OWNED(type_word, read_argument, NULL);
TYPE_OWNED(type_match, read_match, NULL);
