/* SPDX-License-Identifier: MIT */
#include "acme.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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

static const char caddy_files[] = "certificates/ca.example-directory";

static char *
caddy_file(const struct acme *acme, const char *ending)
{
	return mem_format("%s/%s.%s", acme->lineage, acme->lineage, ending);
}

/* What it keeps of a certificate, in its order. */
static const struct {
	const char *ending;
	enum pems_file file; /* PEMS_FILES: JSON */
} caddy_parts[] = { { "key", PEMS_PRIVKEY }, { "crt", PEMS_FULLCHAIN },
	{ "json", PEMS_FILES } };

enum { CADDY_PARTS = sizeof(caddy_parts) / sizeof(caddy_parts[0]) };

static const char *
caddy_text(int part, const struct pems *pems)
{
	return caddy_parts[part].file == PEMS_FILES
		   ? "{\"sans\": [\"mail.example.com\"]}"
		   : pems->text[caddy_parts[part].file];
}

void
caddy_renew(struct acme *acme, const struct pems *pems)
{
	for (int i = 0; i < CADDY_PARTS; i++)
		put(acme, caddy_files, caddy_file(acme, caddy_parts[i].ending),
		    caddy_text(i, pems));
}

void
caddy_renew_renaming(struct acme *acme, const struct pems *pems)
{
	for (int i = 0; i < CADDY_PARTS; i++) {
		char *file = caddy_file(acme, caddy_parts[i].ending);
		char *aside = mem_format("%s.tmp0123", file);

		put(acme, caddy_files, mem_string(aside), caddy_text(i, pems));
		hand_rename(&acme->hand,
		    hand_path(&acme->hand, "%s/%s", caddy_files, aside),
		    hand_path(&acme->hand, "%s/%s", caddy_files, file));
		free(aside);
		free(file);
	}
}

void
caddy_issue(struct acme *acme, const struct pems *pems)
{
	hand_make_any(&acme->hand, "certificates");
	hand_mkdir(&acme->hand, hand_path(&acme->hand, "%s", caddy_files));
	hand_mkdir(&acme->hand,
	    hand_path(&acme->hand, "%s/%s", caddy_files, acme->lineage));
	caddy_renew(acme, pems);
}

/* The name of a certificate is a digest of its address at the CA. */
static void
acmetool_link(struct acme *acme, char *target, char *path)
{
	hand_symlink(
	    &acme->hand, target, hand_path(&acme->hand, "tmp/symlink.1"));
	hand_rename(&acme->hand, hand_path(&acme->hand, "tmp/symlink.1"), path);
}

static void
acmetool_place(struct acme *acme, const char *directory, const char *name)
{
	hand_rename(&acme->hand, hand_path(&acme->hand, "tmp/tmp.%s", name),
	    hand_path(&acme->hand, "%s/%s", directory, name));
}

void
acmetool_renew(struct acme *acme, const struct pems *pems)
{
	static const struct {
		const char *name;
		enum pems_file file;
	} files[] = { { "cert", PEMS_CERT }, { "chain", PEMS_CHAIN },
		{ "fullchain", PEMS_FULLCHAIN } };
	enum { FILES = sizeof(files) / sizeof(files[0]) };
	char *directory = mem_format("certs/id%lu", ++acme->number);
	char *key = mem_format("keys/id%lu", acme->number);

	hand_mkdir(&acme->hand, hand_path(&acme->hand, "%s", key));
	put(acme, "tmp", mem_string("tmp.privkey"), pems->text[PEMS_PRIVKEY]);
	acmetool_place(acme, key, "privkey");
	hand_mkdir(&acme->hand, hand_path(&acme->hand, "%s", directory));
	put(acme, "tmp", mem_string("tmp.url"), "https://ca.example/cert/1");
	acmetool_place(acme, directory, "url");
	for (int i = 0; i < FILES; i++)
		put(acme, "tmp", mem_format("tmp.%s", files[i].name),
		    pems->text[files[i].file]);
	for (int i = 0; i < FILES; i++)
		acmetool_place(acme, directory, files[i].name);
	acmetool_link(acme, mem_format("../../%s/privkey", key),
	    hand_path(&acme->hand, "%s/privkey", directory));
	acmetool_link(acme, mem_format("../%s", directory),
	    hand_path(&acme->hand, "live/%s", acme->lineage));
	free(key);
	free(directory);
}

void
acmetool_issue(struct acme *acme, const struct pems *pems)
{
	static const char *const directories[] = { "certs", "keys", "live",
		"tmp" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]);
	     i++)
		hand_make_any(&acme->hand, directories[i]);
	acmetool_renew(acme, pems);
}

/* DIRECTORY/LINEAGE/NAME, written aside and renamed. */
static void
mod_md_put(const struct acme *acme, const char *directory, const char *name,
    const char *text)
{
	char *below = mem_format("%s/%s", directory, acme->lineage);

	put(acme, below, mem_format("%s.tmp", name), text);
	hand_rename(&acme->hand,
	    hand_path(&acme->hand, "%s/%s.tmp", below, name),
	    hand_path(&acme->hand, "%s/%s", below, name));
	free(below);
}

/* The certificate is the only file that is written in place. */
static void
mod_md_fill(struct acme *acme, const char *directory, const struct pems *pems)
{
	char *below = mem_format("%s/%s", directory, acme->lineage);

	hand_mkdir(&acme->hand, hand_path(&acme->hand, "%s", below));
	mod_md_put(acme, directory, "md.json", "{\"state\": 2}");
	mod_md_put(acme, directory, "privkey.pem", pems->text[PEMS_PRIVKEY]);
	put(acme, below, mem_string("pubcert.pem"), pems->text[PEMS_FULLCHAIN]);
	mod_md_put(acme, directory, "job.json", "{\"finished\": true}");
	free(below);
}

void
mod_md_stage(struct acme *acme, const struct pems *pems)
{
	mod_md_fill(acme, "staging", pems);
}

void
mod_md_activate(struct acme *acme, const struct pems *pems)
{
	static const char *const staged[] = { "md.json", "pubcert.pem",
		"job.json", "privkey.pem" };

	mod_md_fill(acme, "tmp", pems);
	if (++acme->number > 1)
		hand_rename(&acme->hand,
		    hand_path(&acme->hand, "domains/%s", acme->lineage),
		    hand_path(&acme->hand, "archive/%s.%lu", acme->lineage,
			acme->number));
	hand_rename(&acme->hand,
	    hand_path(&acme->hand, "tmp/%s", acme->lineage),
	    hand_path(&acme->hand, "domains/%s", acme->lineage));
	for (size_t i = 0; i < sizeof(staged) / sizeof(staged[0]); i++)
		hand_unlink(&acme->hand, hand_path(&acme->hand, "staging/%s/%s",
					     acme->lineage, staged[i]));
	hand_rmdir(
	    &acme->hand, hand_path(&acme->hand, "staging/%s", acme->lineage));
}

void
mod_md_issue(struct acme *acme, const struct pems *pems)
{
	static const char *const directories[] = { "archive", "domains",
		"staging", "tmp" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]);
	     i++)
		hand_make_any(&acme->hand, directories[i]);
	mod_md_stage(acme, pems);
	mod_md_activate(acme, pems);
}
