/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

/*
 * The values of the configuration: from one text to one meaning.  Every
 * `problem` says what is wrong and what would be right, without a place.
 * Every `ret_` is written only on STATUS_OK.  For config_*.c and for options of
 * commands.
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "config/config.h"

enum {
	/* Octets of a path in sockaddr_un, without the NUL (unix(7)). */
	SOCKET_PATH_MAX = 107,
	/* Longest "propagation" and "retain" in seconds: a year. */
	SPAN_MAX = 365 * 86400,
};

/* A text made fit for a message: short, and in one line. */
struct quoted {
	char text[72];
};

/* Return the beginning of `text` without control characters. */
struct quoted value_quote(const char *text);

/*
 * Read a duration: a whole number of seconds, or of the unit s, m, h, d or w
 * that follows it.  Returns STATUS_OK with min..max seconds, or
 * STATUS_MALFORMED.
 */
enum status value_seconds(const char *text, uint32_t min, uint32_t max,
    uint32_t *ret_seconds, struct problem *problem);

/* Read a whole number in min..max, or STATUS_MALFORMED. */
enum status value_count(const char *text, unsigned min, unsigned max,
    unsigned *ret_count, struct problem *problem);

/* Read true, yes, false or no, or STATUS_MALFORMED. */
enum status value_bool(
    const char *text, bool *ret_value, struct problem *problem);

/* Read permissions: three or four octal digits up to 0777. */
enum status value_mode(
    const char *text, unsigned *ret_mode, struct problem *problem);

/* Read a group's name or number as group(5) may hold it. */
enum status value_group(
    const char *text, char **ret_group, struct problem *problem);

/* Read NUMBER or NUMBER/TRANSPORT; the transport is TCP if it is not there. */
enum status value_port(
    const char *text, struct port *ret_port, struct problem *problem);

/* Read "USAGE SELECTOR MATCHING" (RFC 6698 s2.1.1-2.1.3). */
enum status value_record_type(
    const char *text, struct record_type *ret_type, struct problem *problem);

/*
 * Read an absolute path; repeated and trailing slashes are left out.
 * *ret_path is new, freed by the caller.
 */
enum status value_path(
    const char *text, char **ret_path, struct problem *problem);

/* The same for a Unix socket, at most SOCKET_PATH_MAX octets. */
enum status value_socket(
    const char *text, char **ret_path, struct problem *problem);

/*
 * Read the name of a zone or host: letters, digits, hyphens and underscores, no
 * wildcard, no address.  *ret_name is new: lower case with final dot;
 * *ret_dname is the same name.  STATUS_MALFORMED, or STATUS_LIMIT if it is too
 * long.
 */
enum status value_name(const char *text, char **ret_name,
    struct dname *ret_dname, struct problem *problem);

/* The same for a service, where "_25._tcp." in front is a mistake. */
enum status value_host(const char *text, char **ret_name,
    struct dname *ret_dname, struct problem *problem);

/*
 * Read the mailbox of an SOA record (RFC 1035 s3.3.13): a domain name of at
 * least two labels whose first is the part before the "@".
 */
enum status value_mailbox(
    const char *text, char **ret_name, struct problem *problem);

/* Read the name of a lineage: one component of a path. */
enum status value_lineage(
    const char *text, char **ret_name, struct problem *problem);

/*
 * Read a pattern of host names for glob_match(): letters, digits and "-_.*?".
 * *ret_glob is new: lower case, without the final dot.
 */
enum status value_glob(
    const char *text, char **ret_glob, struct problem *problem);

/*
 * Read a pattern for files of a source, or of its directories, for
 * glob_match(): FILE or DIRECTORY/FILE.
 */
enum status value_match(
    const char *text, char **ret_match, struct problem *problem);

/* Read the type of a source. */
enum status value_source_type(
    const char *text, enum source_type *ret_type, struct problem *problem);

/* Read who signs a zone. */
enum status value_dnssec(
    const char *text, enum zone_dnssec *ret_dnssec, struct problem *problem);

/* Read what has to be seen, but for SIGHT_DEFAULT. */
enum status value_sight(
    const char *text, enum sight *ret_see, struct problem *problem);

/*
 * Read an IP address, with a port or without (53).  *ret_address is new, in
 * numbers, without brackets.
 */
enum status value_address(const char *text, char **ret_address,
    uint16_t *ret_port, struct problem *problem);

/* Return "powerdns", "self" or "none". */
const char *value_dnssec_text(enum zone_dnssec dnssec);

/* Return "nothing" or "servers"; NULL for SIGHT_DEFAULT. */
const char *value_sight_text(enum sight see);

#endif
