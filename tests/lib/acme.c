/* SPDX-License-Identifier: MIT */
#include "acme.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* Write DIRECTORY/NAME of the store in place; `name` is freed. */
static void
put(const struct acme *acme, const char *directory, char *name,
    const char *text)
{
	hand_write(&acme->hand,
	    hand_path(&acme->hand, "%s/%s", directory, name), O_TRUNC, text);
	free(name);
}

static char *
certs_of(const struct acme *acme)
{
	return mem_format("certs/%s", acme->lineage);
}

/* Its files, in the order of the links. */
static const struct {
	const char *name;
	const char *ending;
} links[] = { { "privkey", "pem" }, { "chain", "pem" }, { "fullchain", "pem" },
	{ "cert", "csr" }, { "cert", "pem" } };

enum { LINKS = sizeof(links) / sizeof(links[0]) };

static char *
dated(const struct acme *acme, const char *name, const char *ending)
{
	return mem_format("%s-%lu.%s", name, acme->number, ending);
}

/* The whole set, which nothing leads to yet. */
static void
dehydrated_make(struct acme *acme, const struct pems *pems)
{
	char *directory = certs_of(acme);
	char *cert;
	char *full;

	acme->number += 12;
	cert = dated(acme, "cert", "pem");
	full = dated(acme, "fullchain", "pem");
	put(acme, directory, dated(acme, "privkey", "pem"),
	    pems->text[PEMS_PRIVKEY]);
	put(acme, directory, dated(acme, "cert", "csr"), "request\n");
	/* Empty until the CA has issued it; then all of the chain. */
	put(acme, directory, mem_string(cert), "");
	put(acme, directory, mem_string(cert), pems->text[PEMS_FULLCHAIN]);
	hand_rename(&acme->hand,
	    hand_path(&acme->hand, "%s/%s", directory, cert),
	    hand_path(&acme->hand, "%s/%s", directory, full));
	put(acme, directory, cert, pems->text[PEMS_CERT]);
	put(acme, directory, dated(acme, "chain", "pem"),
	    pems->text[PEMS_CHAIN]);
	put(acme, "", mem_string("sync_cert"), "");
	free(full);
	free(directory);
}

static char *
link_path(const struct acme *acme, int link)
{
	return hand_path(&acme->hand, "certs/%s/%s.%s", acme->lineage,
	    links[link].name, links[link].ending);
}

static void
dehydrated_link(struct acme *acme, int link, bool unlinks)
{
	char *target = dated(acme, links[link].name, links[link].ending);
	char *aside = hand_path(
	    &acme->hand, "certs/%s/CuA0B1C2", acme->lineage);

	if (unlinks) {
		hand_unlink(&acme->hand, link_path(acme, link));
		hand_symlink(&acme->hand, target, link_path(acme, link));
		free(aside);
	} else {
		hand_symlink(&acme->hand, target, mem_string(aside));
		hand_rename(&acme->hand, aside, link_path(acme, link));
	}
}

void
dehydrated_issue(struct acme *acme, const struct pems *pems)
{
	acme->number = 1795436930;
	hand_make_any(&acme->hand, "accounts");
	hand_make_any(&acme->hand, "certs");
	hand_make_any(&acme->hand, "chains");
	hand_mkdir(
	    &acme->hand, hand_path(&acme->hand, "certs/%s", acme->lineage));
	dehydrated_make(acme, pems);
	for (int i = 0; i < LINKS; i++)
		hand_symlink(&acme->hand,
		    dated(acme, links[i].name, links[i].ending),
		    link_path(acme, i));
}

void
dehydrated_renew(struct acme *acme, const struct pems *pems)
{
	dehydrated_make(acme, pems);
	for (int i = 0; i < LINKS; i++)
		dehydrated_link(acme, i, false);
}

void
dehydrated_renew_unlinking(struct acme *acme, const struct pems *pems)
{
	dehydrated_make(acme, pems);
	for (int i = 0; i < LINKS; i++)
		dehydrated_link(acme, i, true);
}

static char *
lego_file(const struct acme *acme, const char *ending)
{
	return mem_format("%s.%s", acme->lineage, ending);
}

static const char lego_files[] = "certificates";

void
lego_renew_leaf(struct acme *acme, const struct pems *pems)
{
	put(acme, lego_files, lego_file(acme, "crt"), pems->text[PEMS_CERT]);
}

void
lego_renew_issuers(struct acme *acme, const struct pems *pems)
{
	put(acme, lego_files, lego_file(acme, "issuer.crt"),
	    pems->text[PEMS_CHAIN]);
	put(acme, lego_files, lego_file(acme, "key"), pems->text[PEMS_PRIVKEY]);
	put(acme, lego_files, lego_file(acme, "json"), "{}");
}

static void
lego_begin(struct acme *acme)
{
	hand_make_any(&acme->hand, "accounts");
	hand_make_any(&acme->hand, lego_files);
}

void
lego_issue(struct acme *acme, const struct pems *pems)
{
	lego_begin(acme);
	lego_renew(acme, pems);
}

void
lego_renew(struct acme *acme, const struct pems *pems)
{
	put(acme, lego_files, lego_file(acme, "crt"),
	    pems->text[PEMS_FULLCHAIN]);
	lego_renew_issuers(acme, pems);
}

void
lego_issue_apart(struct acme *acme, const struct pems *pems)
{
	lego_begin(acme);
	lego_renew_apart(acme, pems);
}

void
lego_renew_apart(struct acme *acme, const struct pems *pems)
{
	lego_renew_leaf(acme, pems);
	lego_renew_issuers(acme, pems);
}

void
lego_archive(struct acme *acme)
{
	static const char *const endings[] = { "crt", "issuer.crt", "json",
		"key" };

	/* Somebody else's certificate, so that the store is not empty. */
	put(acme, lego_files, mem_string("other.key"), "key\n");
	hand_make_any(&acme->hand, "archives");
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		hand_rename(&acme->hand,
		    hand_path(&acme->hand, "certificates/%s.%s", acme->lineage,
			endings[i]),
		    hand_path(&acme->hand, "archives/1795436930.%s.%s",
			acme->lineage, endings[i]));
}

static char *
uacme_path(const struct acme *acme, const char *name)
{
	return hand_path(&acme->hand, "%s/%s", acme->lineage, name);
}

static void
uacme_write(struct acme *acme, const struct pems *pems)
{
	put(acme, acme->lineage, mem_string("cert.pem.tmp"),
	    pems->text[PEMS_FULLCHAIN]);
	if (acme->number > 0) {
		char *past = mem_format("cert-%lu.pem", acme->number);

		hand_link(&acme->hand, uacme_path(acme, "cert.pem"),
		    uacme_path(acme, past));
		free(past);
	}
	hand_rename(&acme->hand, uacme_path(acme, "cert.pem.tmp"),
	    uacme_path(acme, "cert.pem"));
}

void
uacme_issue(struct acme *acme, const struct pems *pems)
{
	char *keys = mem_format("private/%s", acme->lineage);

	hand_make_any(&acme->hand, "private");
	put(acme, "private", mem_string("key.pem"), "account\n");
	hand_mkdir(&acme->hand, hand_path(&acme->hand, "%s", keys));
	hand_mkdir(&acme->hand, hand_path(&acme->hand, "%s", acme->lineage));
	put(acme, keys, mem_string("key.pem"), pems->text[PEMS_PRIVKEY]);
	uacme_write(acme, pems);
	free(keys);
}

void
uacme_renew(struct acme *acme, const struct pems *pems)
{
	acme->number = acme->number > 0 ? acme->number + 12 : 1795436930;
	uacme_write(acme, pems);
}

/* Each setting that is saved rewrites the file. */
static void
acmesh_conf(const struct acme *acme, const char *text)
{
	put(acme, acme->lineage, mem_format("%s.conf", acme->lineage), text);
}

void
acmesh_issue(struct acme *acme, const struct pems *pems)
{
	hand_make_any(&acme->hand, "ca");
	put(acme, "", mem_string("account.conf"), "LOG_LEVEL='1'\n");
	hand_mkdir(&acme->hand, hand_path(&acme->hand, "%s", acme->lineage));
	acmesh_renew(acme, pems);
}

void
acmesh_renew(struct acme *acme, const struct pems *pems)
{
	const char *directory = acme->lineage;
	char *cert = mem_format("%s.cer", acme->lineage);

	put(acme, directory, mem_format("%s.key", acme->lineage),
	    pems->text[PEMS_PRIVKEY]);
	put(acme, directory, mem_format("%s.csr", acme->lineage), "request\n");
	acmesh_conf(acme, "Le_Domain='mail'\nLe_Keylength='ec-256'\n");
	put(acme, directory, mem_string(cert), pems->text[PEMS_FULLCHAIN]);
	put(acme, directory, mem_string("fullchain.cer"),
	    pems->text[PEMS_FULLCHAIN]);
	put(acme, directory, cert, pems->text[PEMS_CERT]);
	put(acme, directory, mem_string("ca.cer"), pems->text[PEMS_CHAIN]);
	acmesh_conf(acme, "Le_Domain='mail'\nLe_Keylength='ec-256'\n"
			  "Le_NextRenewTime='1800534930'\n");
}
