/* SPDX-License-Identifier: MIT */
#ifndef ACME_H
#define ACME_H

/*
 * What other ACME clients than certbot do to their stores, one system call
 * after the other, as strace(1) saw dehydrated 0.7.0, uacme 1.7.4, lego 4.9.1,
 * Caddy 2.6.2, mod_md 2.4.19 (Apache 2.4) and acmetool 0.2.2, and as acme.sh 3
 * is written.
 */

#include "hand.h"
#include "pems.h"

struct acme {
	struct hand hand;
	const char *lineage;  /* its name */
	unsigned long number; /* of the generation that is live */
};

/*
 * dehydrated: a new set of files with the time in their names, the hook
 * "sync_cert", then link by link, by rename as coreutils do it.
 */
void dehydrated_issue(struct acme *acme, const struct pems *pems);
void dehydrated_renew(struct acme *acme, const struct pems *pems);

/* The same with links that are removed and made anew, as busybox does it. */
void dehydrated_renew_unlinking(struct acme *acme, const struct pems *pems);

/* lego: in place, the chain first. */
void lego_issue(struct acme *acme, const struct pems *pems);
void lego_renew(struct acme *acme, const struct pems *pems);

/* With --no-bundle: the leaf first, and the CA certificates then. */
void lego_issue_apart(struct acme *acme, const struct pems *pems);
void lego_renew_apart(struct acme *acme, const struct pems *pems);

/* The same in two steps, between which the two do not belong together. */
void lego_renew_leaf(struct acme *acme, const struct pems *pems);
void lego_renew_issuers(struct acme *acme, const struct pems *pems);

/* Its files are moved to archives/. */
void lego_archive(struct acme *acme);

/* uacme: renamed over the old one, which gets a second name before. */
void uacme_issue(struct acme *acme, const struct pems *pems);
void uacme_renew(struct acme *acme, const struct pems *pems);

/* acme.sh: in place, the leaf's file first and twice. */
void acmesh_issue(struct acme *acme, const struct pems *pems);
void acmesh_renew(struct acme *acme, const struct pems *pems);

/* Caddy: in place, the key first. */
void caddy_issue(struct acme *acme, const struct pems *pems);
void caddy_renew(struct acme *acme, const struct pems *pems);

/* As releases since 2.11 do: file by file, renamed into place. */
void caddy_renew_renaming(struct acme *acme, const struct pems *pems);

/* acmetool: a directory for each certificate, and a link to that of now. */
void acmetool_issue(struct acme *acme, const struct pems *pems);
void acmetool_renew(struct acme *acme, const struct pems *pems);

/*
 * mod_md: in staging/; a reload then moves the domain's directory away, and a
 * new one to its place.
 */
void mod_md_issue(struct acme *acme, const struct pems *pems);
void mod_md_stage(struct acme *acme, const struct pems *pems);
void mod_md_activate(struct acme *acme, const struct pems *pems);

#endif
