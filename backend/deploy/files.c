/* SPDX-License-Identifier: MIT */
#include "deploy/files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "deploy/trusted.h"
#include "files/chain_file.h"
#include "files/file.h"
#include "pki/pem.h"
#include "source/source.h"

enum { READABLE = 0444 };

static const char *const file_names[] = { "fullchain.pem", "cert.pem",
	"chain.pem", "privkey.pem" };

void
deploy_files_fini(struct deploy_files *files)
{
	buf_fini(&files->chain);
	if (files->key.data != NULL)
		explicit_bzero(files->key.data, files->key.room);
	buf_fini(&files->key);
}

/* Is its SHA-256 this one, in hexadecimal? */
static bool
is_leaf(X509 *leaf, const char *digest)
{
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	struct buf text = { 0 };
	bool is_same;

	if (X509_digest(leaf, EVP_sha256(), octets, &len) != 1)
		return false;
	buf_add_hex(&text, octets, len);
	is_same = strcmp(buf_text(&text), digest) == 0;
	buf_fini(&text);
	return is_same;
}

/* A server with a key of another certificate would not even start. */
static enum status
files_match(const struct deploy_files *files, const char *path,
    const char *digest, const char *key_path, struct problem *problem)
{
	BIO *chain = BIO_new_mem_buf(files->chain.data, (int)files->chain.len);
	BIO *text = BIO_new_mem_buf(files->key.data, (int)files->key.len);
	X509 *leaf = PEM_read_bio_X509(chain, NULL, pem_no_password, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(
	    text, NULL, pem_no_password, NULL);
	bool matches = leaf != NULL && is_leaf(leaf, digest) && key != NULL &&
		       X509_check_private_key(leaf, key) == 1;

	if (leaf != NULL && !is_leaf(leaf, digest))
		problem_set(problem,
		    "%s: is another certificate than a moment ago; a renewal "
		    "may be under way, try again",
		    path);
	else if (key == NULL)
		problem_set(problem,
		    "%s: holds no private key that can be read; one with a "
		    "password cannot be deployed",
		    key_path);
	else if (!matches)
		problem_set(problem,
		    "%s: is not the key of the certificate; a renewal may be "
		    "under way, try again",
		    key_path);
	EVP_PKEY_free(key);
	X509_free(leaf);
	BIO_free(text);
	BIO_free(chain);
	ERR_clear_error();
	return matches ? STATUS_OK : STATUS_REFUSED;
}

static enum status
key_refuse(struct problem *problem, const char *path, const char *why)
{
	problem_set(problem, "%s: %s", path, why);
	return STATUS_REFUSED;
}

/*
 * Keys are not for file_read(), and this is the only place that reads one.  A
 * hard link may lie in a lineage of somebody who cannot read it; but it is not
 * his, and cannot be made so.
 */
static enum status
key_read(const char *path, const struct rights *rights,
    struct deploy_files *files, struct problem *problem)
{
	int fd = -1;
	struct stat st;
	enum status status = file_open(path, &fd, &st, problem);
	ssize_t got = 0;

	/* Not that he should be let read it. */
	if (status == STATUS_ABSENT || status == STATUS_IO)
		status = problem_errno(problem, path);
	if (status == STATUS_OK && rights->uid != 0 && st.st_uid != rights->uid)
		status = key_refuse(problem, path,
		    "is not a file of the lineage's owner; chown it");
	if (status == STATUS_OK) {
		files->owner = st.st_uid;
		files->group = st.st_gid;
		/* Nobody needs to write to a copy. */
		files->mode = st.st_mode & 0777 & ~(mode_t)DEPLOY_NOT_OTHERS;
		buf_reserve(&files->key, LIMIT_PEM_FILE);
		while (files->key.len < LIMIT_PEM_FILE &&
		       (got = read(fd, files->key.data + files->key.len,
			    LIMIT_PEM_FILE - files->key.len)) > 0)
			files->key.len += (size_t)got;
		if (got < 0)
			status = problem_errno(problem, path);
		else if (files->key.len == 0)
			status = key_refuse(problem, path, "is empty");
		else if (files->key.len == LIMIT_PEM_FILE)
			status = key_refuse(problem, path, "is too large");
	}
	if (fd >= 0)
		(void)close(fd);
	return status;
}

static enum status
chain_read(
    const struct newest *newest, struct buf *ret_text, struct problem *problem)
{
	struct chain_file file;
	struct ca_pool pool;
	enum status status;

	ca_pool_init(&pool);
	status = chain_file_read(
	    &pool, newest->file, newest->issuers, false, &file, problem);
	if (status == STATUS_OK) {
		*ret_text = file.text;
		file.text = (struct buf){ 0 };
		chain_file_fini(&file);
	}
	ca_pool_fini(&pool);
	return status;
}

/*
 * The leaf is the first certificate, and ends where the next block begins;
 * before it may be others, as "EC PARAMETERS".
 */
static size_t
leaf_len(const struct buf *chain)
{
	static const char begin[] = "-----BEGIN ";
	/* Also "X509 CERTIFICATE", and "TRUSTED CERTIFICATE", which OpenSSL
	 * takes for one (PEM_STRING_X509_OLD and _TRUSTED). */
	static const char *const labels[] = { "CERTIFICATE-----",
		"X509 CERTIFICATE-----", "TRUSTED CERTIFICATE-----" };
	const char *end = chain->data + chain->len;
	const char *at = chain->data;
	bool is_behind = false;

	while (chain->len > 0 && (at = memmem(at, (size_t)(end - at), begin,
				      sizeof(begin) - 1)) != NULL) {
		bool is_line = at == chain->data || at[-1] == '\n';

		if (is_behind && is_line)
			return (size_t)(at - chain->data);
		at += sizeof(begin) - 1;
		for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
			is_behind |= is_line &&
				     (size_t)(end - at) >= strlen(labels[i]) &&
				     memcmp(at, labels[i], strlen(labels[i])) ==
					 0;
	}
	return chain->len;
}

static enum status
files_open(const struct newest *newest, const char *key,
    struct deploy_files *files, struct problem *problem)
{
	struct rights rights;
	enum status status = newest_rights(newest, key, &rights, problem);

	if (status != STATUS_OK)
		return status;
	if (!rights_take(&rights, problem))
		return STATUS_IO;
	status = chain_read(newest, &files->chain, problem);
	if (status == STATUS_OK)
		status = key_read(key, &rights, files, problem);
	rights_return(&rights);
	return status;
}

enum status
deploy_files_read(const struct deploy_wish *wish, const struct newest *newest,
    struct deploy_files *files, struct problem *problem)
{
	const struct config_source *source = &wish->config
						  ->sources[newest->source];
	char *key = source_ops(source->type)
			->key_of(source, newest->name, newest->file);
	enum status status = STATUS_REFUSED;

	if (key == NULL) {
		problem_set(problem,
		    "%s: nobody knows where its private key is", newest->file);
		return status;
	}
	status = files_open(newest, key, files, problem);
	if (status == STATUS_OK)
		status = files_match(
		    files, newest->file, newest->leaf, key, problem);
	if (status == STATUS_OK)
		files->leaf_len = leaf_len(&files->chain);
	if (wish->has_owner)
		files->owner = wish->owner;
	if (wish->has_group)
		files->group = wish->group;
	if (wish->has_mode)
		files->mode = wish->mode;
	free(key);
	return status;
}

/* Returns false with errno. */
static bool
file_make(int directory, const char *name, const char *data, size_t len,
    const struct deploy_files *files, mode_t mode)
{
	int fd = openat(directory, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool is_good = fd >= 0 && file_write(fd, data, len);

	/* The owner first: changing it takes rights away. */
	is_good = is_good && fchown(fd, files->owner, files->group) == 0 &&
		  fchmod(fd, mode) == 0 && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		is_good = false;
	return is_good;
}

/* Certificates are for whoever can read the key. */
static mode_t
public_mode(mode_t mode)
{
	return mode | 0400;
}

/*
 * The directory stays ours, for who owns it may exchange what root's reload, or
 * a server, will read there.  Everybody may search it, who knows the names, for
 * its owner need not be in the group; who can read the key may list it.
 */
static mode_t
directory_mode(mode_t mode)
{
	return 0711 | (mode & 0044);
}

bool
deploy_files_write(int fd, const struct deploy_files *files)
{
	const struct {
		const char *data;
		size_t len;
		mode_t mode;
	} parts[] = {
		{ files->chain.data, files->chain.len,
		    public_mode(files->mode) },
		{ files->chain.data, files->leaf_len,
		    public_mode(files->mode) },
		{ files->chain.data + files->leaf_len,
		    files->chain.len - files->leaf_len,
		    public_mode(files->mode) },
		{ files->key.data, files->key.len, files->mode },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!file_make(fd, file_names[i], parts[i].data, parts[i].len,
			files, parts[i].mode))
			return false;
	return fchown(fd, (uid_t)-1, files->group) == 0 &&
	       fchmod(fd, directory_mode(files->mode)) == 0 && fsync(fd) == 0;
}

void
deploy_files_remove(int fd)
{
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++)
		(void)unlinkat(fd, file_names[i], 0);
}

/* Is the file at `name` just this, with these rights? */
static bool
is_file(int directory, const char *name, const char *data, size_t len,
    const struct deploy_files *files, mode_t mode)
{
	int fd = openat(
	    directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *there = mem_array(len + 1, 1);
	struct stat st;
	size_t got = 0;
	ssize_t more = 0;
	bool is_same = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		       st.st_uid == files->owner && st.st_gid == files->group &&
		       (st.st_mode & 0777) == mode;

	while (is_same && got <= len &&
	       (more = read(fd, there + got, len + 1 - got)) > 0)
		got += (size_t)more;
	is_same = is_same && more == 0 && got == len &&
		  memcmp(there, data, len) == 0;
	if (fd >= 0)
		(void)close(fd);
	explicit_bzero(there, len + 1);
	free(there);
	return is_same;
}

bool
deploy_files_are_there(int fd, const struct deploy_files *files)
{
	mode_t public = public_mode(files->mode);

	return is_file(fd, file_names[0], files->chain.data, files->chain.len,
		   files, public) &&
	       is_file(fd, file_names[1], files->chain.data, files->leaf_len,
		   files, public) &&
	       is_file(fd, file_names[2], files->chain.data + files->leaf_len,
		   files->chain.len - files->leaf_len, files, public) &&
	       is_file(fd, file_names[3], files->key.data, files->key.len,
		   files, files->mode);
}
