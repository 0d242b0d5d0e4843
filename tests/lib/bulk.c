/* SPDX-License-Identifier: MIT */
#include "bulk.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

static void
must(int good, const char *what)
{
	if (!good) {
		perror(what);
		exit(EXIT_FAILURE);
	}
}

static X509_NAME *
name_of(const char *text)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0);
	return name;
}

static void
extend(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_nconf_nid(
	    NULL, NULL, nid, value);

	must(extension != NULL && X509_add_ext(x509, extension, -1),
	    "extension");
	X509_EXTENSION_free(extension);
}

static X509 *
certify(struct bulk *bulk, const char *subject, EVP_PKEY *key,
    const char *issuer, EVP_PKEY *issuer_key, int is_ca)
{
	X509 *x509 = X509_new();
	X509_NAME *subject_name = name_of(subject);
	X509_NAME *issuer_name = name_of(issuer);
	char *alternative = mem_format("DNS:%s", subject);

	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), ++bulk->serial);
	X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), 90L * 86400);
	X509_set_subject_name(x509, subject_name);
	X509_set_issuer_name(x509, issuer_name);
	X509_set_pubkey(x509, key);
	extend(x509, NID_basic_constraints,
	    is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (!is_ca)
		extend(x509, NID_subject_alt_name, alternative);
	must(X509_sign(x509, issuer_key, EVP_sha256()) > 0, "sign");
	X509_NAME_free(subject_name);
	X509_NAME_free(issuer_name);
	free(alternative);
	return x509;
}

static void
pem_add(X509 *x509, struct buf *text)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	must(PEM_write_bio_X509(bio, x509), "PEM");
	len = BIO_get_mem_data(bio, &data);
	buf_add(text, data, (size_t)len);
	BIO_free(bio);
}

static void
directory(const char *path, const char *name)
{
	char *full = mem_format("%s%s", path, name);

	must(mkdir(full, 0755) == 0, full);
	free(full);
}

void
bulk_init(struct bulk *bulk, const char *path)
{
	EVP_PKEY *root_key = EVP_RSA_gen(2048);
	struct buf tail = { 0 };
	X509 *root;

	*bulk = (struct bulk){ .path = mem_string(path) };
	bulk->leaf_key = EVP_EC_gen("P-256");
	bulk->ca_key = EVP_RSA_gen(2048);
	must(root_key != NULL && bulk->ca_key != NULL && bulk->leaf_key != NULL,
	    "keys");
	bulk->ca = certify(
	    bulk, "Bulk R1", bulk->ca_key, "Bulk Root", root_key, 1);
	root = certify(
	    bulk, "Bulk Root", root_key, "Bulk Other Root", bulk->ca_key, 1);
	pem_add(bulk->ca, &tail);
	pem_add(root, &tail);
	bulk->tail = mem_copy(tail.data, tail.len);
	buf_fini(&tail);
	X509_free(root);
	EVP_PKEY_free(root_key);
	directory(path, "");
	directory(path, "/live");
	directory(path, "/archive");
	directory(path, "/renewal");
}

static void
file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	must(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, path);
}

static void
chain_write(struct bulk *bulk, size_t number, unsigned generation)
{
	char *host = mem_format("h%zu.example.com", number);
	char *file = mem_format(
	    "%s/archive/h%zu/fullchain%u.pem", bulk->path, number, generation);
	X509 *leaf = certify(
	    bulk, host, bulk->leaf_key, "Bulk R1", bulk->ca_key, 0);
	struct buf text = { 0 };

	pem_add(leaf, &text);
	buf_add_string(&text, bulk->tail);
	file_write(file, buf_text(&text));
	buf_fini(&text);
	X509_free(leaf);
	free(file);
	free(host);
}

static void
link_set(const struct bulk *bulk, size_t number, unsigned generation)
{
	char *link = mem_format(
	    "%s/live/h%zu/fullchain.pem", bulk->path, number);
	char *target = mem_format(
	    "../../archive/h%zu/fullchain%u.pem", number, generation);

	(void)unlink(link);
	must(symlink(target, link) == 0, link);
	free(link);
	free(target);
}

void
bulk_add(struct bulk *bulk, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		char *live = mem_format("/live/h%zu", i);
		char *archive = mem_format("/archive/h%zu", i);
		char *conf = mem_format("%s/renewal/h%zu.conf", bulk->path, i);
		char *text = mem_format("version = 2.1.0\n"
					"archive_dir = %s/archive/h%zu\n"
					"fullchain = %s/live/h%zu/fullchain.pem"
					"\n\n[renewalparams]\n"
					"key_type = ecdsa\n",
		    bulk->path, i, bulk->path, i);

		directory(bulk->path, live);
		directory(bulk->path, archive);
		chain_write(bulk, i, 1);
		link_set(bulk, i, 1);
		file_write(conf, text);
		free(live);
		free(archive);
		free(conf);
		free(text);
	}
}

void
bulk_renew(struct bulk *bulk, size_t number, unsigned generation)
{
	/* A new key, or the answer would stay the same. */
	EVP_PKEY_free(bulk->leaf_key);
	bulk->leaf_key = EVP_EC_gen("P-256");
	chain_write(bulk, number, generation);
	link_set(bulk, number, generation);
}

void
bulk_config(
    const struct bulk *bulk, const char *file, const char *run, size_t count)
{
	struct buf text = { 0 };

	buf_add_format(&text,
	    "state-directory: %s\nlisten: %s/pdns.sock\n"
	    "control: %s/control.sock\nsources:\n"
	    "  - {type: certbot, path: %s}\nzones:\n"
	    "  - {name: tlsa.example.net, nameservers: [ns1.example.net]}\n"
	    "services:\n",
	    run, run, run, bulk->path);
	for (size_t i = 0; i < count; i++)
		buf_add_format(&text, "  - {host: h%zu.example.com}\n", i);
	file_write(file, buf_text(&text));
	buf_fini(&text);
}

void
bulk_fini(struct bulk *bulk)
{
	EVP_PKEY_free(bulk->leaf_key);
	EVP_PKEY_free(bulk->ca_key);
	X509_free(bulk->ca);
	free(bulk->tail);
	free(bulk->path);
}
