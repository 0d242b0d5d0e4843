/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_TYPE_H
#define CONFIG_TYPE_H

/*
 * The types of values in the configuration: from one text to one meaning, and
 * back.  Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "config/config.h"

/* The words for the numbers of an enumeration. */
struct words {
	const char *name;  /* of what they stand for, in "unknown NAME" */
	const char *offer; /* what could be written, in "use OFFER" */
	unsigned min;      /* the first that can be */
	unsigned max;
	const char *list[SOURCE_TYPES];
};

/* How a text is read into a member of a structure, and written from it. */
struct type {
	size_t size; /* of the member */
	bool (*read)(const char *text, void *member, struct problem *problem);
	bool (*write)(const void *member, struct buf *text); /* NULL: char * */
	const struct words *words; /* instead of both */
	bool is_owned;             /* a pointer, to be freed */
};

/* Define a type, of its name and its member. */
#define TYPE(name, of, reader, writer)                                         \
	const struct type name = {                                             \
		.size = sizeof(of), .read = (reader), .write = (writer)        \
	}
#define TYPE_OWNED(name, reader, writer)                                       \
	const struct type name = { .size = sizeof(void *),                     \
		.read = (reader),                                              \
		.write = (writer),                                             \
		.is_owned = true }

/*
 * Read `text`, not empty, into a member, which owns what it then has.  Returns
 * false with a `problem` that says what would be right, without a place.
 */
bool type_read(const struct type *type, const char *text, void *member,
    struct problem *problem);

/*
 * Append a text that type_read() understands as the same; false, and nothing,
 * if the member says nothing.
 */
bool type_write(const struct type *type, const void *member, struct buf *text);

/* ---- config/number.c; each with the type of its member ---- */

extern const struct type type_ttl;     /* uint32_t: seconds, shown as such */
extern const struct type type_span;    /* uint32_t: seconds, up to a year */
extern const struct type type_timeout; /* uint32_t: seconds, of a program */
extern const struct type type_window;  /* uint32_t: seconds, a day or more */
extern const struct type type_records; /* unsigned: 1..LIMIT_RECORDS */
extern const struct type type_mode;    /* unsigned: permissions */

/* ---- config/value.c ---- */

extern const struct type type_flag;    /* bool */
extern const struct type type_reuse;   /* struct config_lineage, two of it */
extern const struct type type_source;  /* enum source_type */
extern const struct type type_dnssec;  /* enum zone_dnssec */
extern const struct type type_sight;   /* enum sight */
extern const struct type type_aliases; /* enum aliases */
extern const struct type type_group;   /* char *: name or number, group(5) */
extern const struct type type_path;    /* char *: see value_path() */
extern const struct type type_socket;  /* char *: a path for sockaddr_un */
extern const struct type type_listen;  /* char *: an endpoint, or such a path */
extern const struct type type_network; /* char *: for network_parse() */
extern const struct type type_lineage; /* char *: one component of a path */
extern const struct type type_word;    /* char *: of a command line */
extern const struct type type_match;   /* char *: FILE or DIRECTORY/FILE */

/* ---- config/name.c ---- */

extern const struct type type_name;    /* char *: lower case, final dot */
extern const struct type type_host;    /* the same, of a service */
extern const struct type type_mailbox; /* the same, of an SOA record */
extern const struct type type_glob;   /* char *: lower case, for glob_match() */
extern const struct type type_port;   /* struct port */
extern const struct type type_record; /* struct record_type */
extern const struct type type_nsec3;  /* struct nsec3 *: NULL if none */
extern const struct type type_address; /* struct config, two of it */

/* A text made fit for a message: short, and in one line. */
struct quoted {
	char text[72];
};

/* Return the beginning of `text` without control characters. */
struct quoted type_quote(const char *text);

/* Say "'text' ..."; returns false. */
bool type_refuse(struct problem *problem, const char *text, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * Read the decimal number at the start of `text`, without sign, blank or
 * needless zero.  Returns the octets read, 0 if there is no such number or it
 * does not fit.
 */
size_t type_read_number(const char *text, uint64_t *ret_number);

#endif
