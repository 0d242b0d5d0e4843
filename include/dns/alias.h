/* SPDX-License-Identifier: MIT */
#ifndef DNS_ALIAS_H
#define DNS_ALIAS_H

/*
 * Where the records of a name in somebody else's zone are kept in one of ours.
 * PowerDNS looks up each name between that and the apex (docs/protocol.md), so
 * an alias is one label, right below the apex.
 *
 * The label says what the name was as long as that is possible:
 *
 *	_25._tcp.mail.example.com       _25_tcp_mail_example_com
 *
 * which is each dot as an underscore, but for the one that has an underscore
 * behind it already.  So it is for a name of two labels that begin with an
 * underscore, followed by one label or more, all of letters, digits and hyphens
 * else, where that has 63 octets at most.
 *
 * Any other name has as its label as much of itself as there is place for (29
 * octets; what is no letter, digit or hyphen is a hyphen), two underscores, and
 * 160 bits of the SHA-256 of its wire form in lower case, in base32hex:
 *
 *	_25_tcp_host-with-a-very-long__crj3o8siq5dg417pol0s08jbrn0ki9ke
 *
 * So each name has a label (whatever octets and however many labels are in it),
 * and no two have the same one.  Of the first form the name can be read back,
 * alias_name(): what is between two underscores has none itself, and is never
 * empty.  Nothing of the first form has two underscores in a row, and all of
 * the second form has.  Two of the second form are the same only if SHA-256,
 * cut to 160 bits, has a collision there: there are more names than labels.
 *
 * Pure.  Threads: any, nothing is shared.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/status.h"
#include "dns/dname.h"

/* Append the label of `name`: 1 to 63 of a-z, 0-9, '-' and '_'. */
void alias_label(const struct dname *name, struct buf *label);

/*
 * Make the alias of `name` in the zone `apex`.  Returns STATUS_OK, or
 * STATUS_LIMIT if that would have more than 255 octets.
 */
enum status alias_flat(const struct dname *name, const struct dname *apex,
    struct dname *ret_alias);

/*
 * The same as it was in the first versions, `name` with all of its labels in
 * front of `apex`: _25._tcp.mail.example.com.tlsa.example.net.
 */
enum status alias_deep(const struct dname *name, const struct dname *apex,
    struct dname *ret_alias);

/*
 * Find the name of which `alias` is the flat alias in the zone `apex`.  Returns
 * false if it is none, or has a digest.
 */
bool alias_name(const struct dname *alias, const struct dname *apex,
    struct dname *ret_name);

#endif
