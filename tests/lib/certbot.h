/* SPDX-License-Identifier: MIT */
#ifndef CERTBOT_H
#define CERTBOT_H

/*
 * What certbot (2.x, storage.py) and people do to a store, one system call
 * after the other.
 */

#include <stddef.h>

#include "hand.h"
#include "pems.h"

struct certbot {
	struct hand hand;
	const char *lineage; /* its name */
	unsigned number;     /* of the generation in live/ */
	const char *told;    /* store that renewal files name; NULL: itself */
	unsigned place;      /* see certbot_place() */
};

/* The generation that is live; the test ends if there is no such lineage. */
unsigned certbot_live_number(const struct certbot *certbot);

/* certbot certonly: links first, then the files through them. */
void certbot_issue(struct certbot *certbot, const struct pems *pems);

/* certbot renew: archive, renewal file, then link by link. */
void certbot_renew(struct certbot *certbot, const struct pems *pems);

/* certbot delete. */
void certbot_delete(struct certbot *certbot);

/* The same renewal with links that are renamed into place (#10627). */
void certbot_renew_by_rename(struct certbot *certbot, const struct pems *pems);

/*
 * Links first: they lead to the begin of a chain, of so many octets, and the
 * rest follows.
 */
void certbot_renew_early(
    struct certbot *certbot, const struct pems *pems, size_t begin);

/* `cat new >live/NAME/fullchain.pem`, through the links. */
void certbot_rewrite(struct certbot *certbot, const struct pems *pems);

/* `cat cert >fullchain; cat chain >>fullchain`, as dehydrated does. */
void certbot_append(struct certbot *certbot, const struct pems *pems);

/* `mv new live/NAME/fullchain.pem`: the link becomes a file. */
void certbot_replace(struct certbot *certbot, const struct pems *pems);

/*
 * A new live/ or archive/ is made aside and takes the place of the old; there
 * must be no other lineage in the store.
 */
void certbot_exchange_live(struct certbot *certbot, const struct pems *pems);
void certbot_exchange_archive(struct certbot *certbot, const struct pems *pems);

/*
 * Make the store, an empty directory, a link current/sub/store beside it, and
 * `current` one to the directory that has that, before anything is issued.
 */
void certbot_place(struct certbot *certbot);

/*
 * Another whole store takes its place: where it lies the directory two above
 * it is exchanged, or the link to that.
 */
void certbot_exchange_above(struct certbot *certbot, const struct pems *pems);
void certbot_exchange_link(struct certbot *certbot, const struct pems *pems);

#endif
