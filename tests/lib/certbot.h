/* SPDX-License-Identifier: MIT */
#ifndef CERTBOT_H
#define CERTBOT_H

/*
 * What certbot (2.x, storage.py) and people do to a store, one system call
 * after the other, with a call of the test's between any two.  A write is
 * several calls, cut where a reader would be fooled: inside a certificate, and
 * behind the leaf.
 */

#include <stddef.h>

/* The order in which certbot takes its four files. */
enum certbot_file {
	CERTBOT_CERT,
	CERTBOT_PRIVKEY,
	CERTBOT_CHAIN,
	CERTBOT_FULLCHAIN,
	CERTBOT_FILES,
};

/* The files of one generation, and what belongs into DNS for it. */
struct pems {
	char *text[CERTBOT_FILES];
	char *rrset; /* TLSA contents, one a line, sorted */
};

/* Read DIR/{cert,privkey,chain,fullchain}.pem and DIR/rrset. */
void pems_load(const char *directory, struct pems *ret_pems);
void pems_fini(struct pems *pems);

struct certbot {
	const char *store;   /* absolute */
	const char *lineage; /* its name */
	unsigned number;     /* of the generation in live/ */
	/* Called after each system call that changes something. */
	void (*step)(void *arg, const char *what);
	void *arg;
};

/* certbot certonly: links first, then the files through them. */
void certbot_issue(struct certbot *certbot, const struct pems *pems);

/* certbot renew: archive, renewal file, then link by link. */
void certbot_renew(struct certbot *certbot, const struct pems *pems);

/* certbot delete. */
void certbot_delete(struct certbot *certbot);

/* The same renewal with links that are renamed into place (#10627). */
void certbot_renew_by_rename(struct certbot *certbot, const struct pems *pems);

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

#endif
