/* SPDX-License-Identifier: MIT */
#ifndef PEMS_H
#define PEMS_H

/* One generation of a lineage, as the shell side of a test left it in files. */

/* In the order in which certbot takes them. */
enum pems_file {
	PEMS_CERT,
	PEMS_PRIVKEY,
	PEMS_CHAIN,
	PEMS_FULLCHAIN,
	PEMS_FILES,
};

/* "cert", "privkey" and so on. */
extern const char *const pems_names[PEMS_FILES];

/* The files of one generation, and what belongs into DNS for it. */
struct pems {
	char *text[PEMS_FILES];
	char *rrset; /* TLSA contents, one a line, sorted */
};

/* Read DIR/{cert,privkey,chain,fullchain}.pem and DIR/rrset. */
void pems_load(const char *directory, struct pems *ret_pems);
void pems_fini(struct pems *pems);

#endif
