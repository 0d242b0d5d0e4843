/* SPDX-License-Identifier: MIT */
#include "deploy.h"

#include <dirent.h>
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

#include "chain_file.h"
#include "limit.h"
#include "mem.h"

enum {
	LEAF_DIGITS = 16, /* of the leaf's digest in a directory's name */
	READABLE = 0444,
};

static const char *const file_names[] = { "fullchain.pem", "cert.pem",
	"chain.pem", "privkey.pem" };

/* The files of one generation on their way. */
struct files {
	struct buf chain; /* the whole file */
	size_t leaf_len;  /* octets of it that are the leaf */
	struct buf key;
	uid_t owner;
	gid_t group;
	mode_t mode; /* of the key */
};

static enum status
problem_errno(struct problem *problem, const char *path)
{
	problem_set(problem, "%s: %s", path, strerror(errno));
	return STATUS_IO;
}

void
deployment_fini(struct deployment *deployment)
{
	free(deployment->to);
	free(deployment->directory);
	free(deployment->before);
	*deployment = (struct deployment){ 0 };
}

static void
files_fini(struct files *files)
{
	buf_fini(&files->chain);
	if (files->key.data != NULL)
		explicit_bzero(files->key.data, files->key.room);
	buf_fini(&files->key);
}

/* Nobody is there to ask. */
static int
no_password(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/* A server with a key of another certificate would not even start. */
static enum status
files_match(
    const struct files *files, const char *key_path, struct problem *problem)
{
	BIO *chain = BIO_new_mem_buf(files->chain.data, (int)files->chain.len);
	BIO *text = BIO_new_mem_buf(files->key.data, (int)files->key.len);
	X509 *leaf = PEM_read_bio_X509(chain, NULL, NULL, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_password, NULL);
	bool matches = leaf != NULL && key != NULL &&
		       X509_check_private_key(leaf, key) == 1;

	if (key == NULL)
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

/* Keys are not for file_read(), and this is the only place that reads one. */
static enum status
key_read(const char *path, struct files *files, struct problem *problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			(void)close(fd);
		return problem_errno(problem, path);
	}
	files->owner = st.st_uid;
	files->group = st.st_gid;
	files->mode = st.st_mode & 0777;
	buf_reserve(&files->key, LIMIT_PEM_FILE);
	while (files->key.len < LIMIT_PEM_FILE &&
	       (got = read(fd, files->key.data + files->key.len,
		    LIMIT_PEM_FILE - files->key.len)) > 0)
		files->key.len += (size_t)got;
	(void)close(fd);
	return got == 0 && files->key.len > 0 ? STATUS_OK
					      : problem_errno(problem, path);
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

/* The leaf ends where the second block begins. */
static size_t
leaf_len(const struct buf *chain)
{
	static const char begin[] = "-----BEGIN ";
	const char *first = NULL;
	const char *second = NULL;

	if (chain->len > 0)
		first = memmem(
		    chain->data, chain->len, begin, sizeof(begin) - 1);
	if (first != NULL)
		second = memmem(first + 1,
		    chain->len - (size_t)(first + 1 - chain->data), begin,
		    sizeof(begin) - 1);
	return second != NULL ? (size_t)(second - chain->data) : chain->len;
}

static enum status
files_read(const struct deploy_wish *wish, const struct newest *newest,
    struct files *files, struct problem *problem)
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
	status = chain_read(newest, &files->chain, problem);
	if (status == STATUS_OK)
		status = key_read(key, files, problem);
	if (status == STATUS_OK)
		status = files_match(files, key, problem);
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
file_write(int directory, const char *name, const char *data, size_t len,
    const struct files *files, mode_t mode)
{
	int fd = openat(directory, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool is_good = fd >= 0;

	for (size_t at = 0; is_good && at < len;) {
		ssize_t wrote = write(fd, data + at, len - at);

		is_good = wrote > 0 || (wrote < 0 && errno == EINTR);
		at += wrote > 0 ? (size_t)wrote : 0;
	}
	/* The owner first: changing it takes rights away. */
	is_good = is_good && fchown(fd, files->owner, files->group) == 0 &&
		  fchmod(fd, mode) == 0 && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		is_good = false;
	return is_good;
}

/* Who can read the key can search the directory. */
static mode_t
directory_mode(mode_t mode)
{
	return (mode | 0600) | ((mode | 0600) & READABLE) >> 2;
}

static bool
directory_fill(int fd, const struct files *files)
{
	const struct {
		const char *data;
		size_t len;
		mode_t mode;
	} parts[] = {
		{ files->chain.data, files->chain.len,
		    files->mode | (READABLE & directory_mode(files->mode)) },
		{ files->chain.data, files->leaf_len,
		    files->mode | (READABLE & directory_mode(files->mode)) },
		{ files->chain.data + files->leaf_len,
		    files->chain.len - files->leaf_len,
		    files->mode | (READABLE & directory_mode(files->mode)) },
		{ files->key.data, files->key.len, files->mode },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!file_write(fd, file_names[i], parts[i].data, parts[i].len,
			files, parts[i].mode))
			return false;
	return fchown(fd, files->owner, files->group) == 0 &&
	       fchmod(fd, directory_mode(files->mode)) == 0 && fsync(fd) == 0;
}

/* Remove a generation; what else is in there stays, and it with it. */
static void
directory_remove(const char *path)
{
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]);
	     i++) {
		char *file = mem_format("%s/%s", path, file_names[i]);

		(void)unlink(file);
		free(file);
	}
	(void)rmdir(path);
}

static enum status
directory_make(
    const char *path, const struct files *files, struct problem *problem)
{
	enum status status = STATUS_OK;
	int fd;

	/* What an earlier attempt left is not linked to. */
	directory_remove(path);
	if (mkdir(path, 0700) != 0)
		return problem_errno(problem, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || !directory_fill(fd, files))
		status = problem_errno(problem, path);
	if (fd >= 0)
		(void)close(fd);
	if (status != STATUS_OK)
		directory_remove(path);
	return status;
}

/* Let the link at `to` lead to `target`, in one step. */
static enum status
link_exchange(const char *to, const char *target, struct problem *problem)
{
	char *parent = path_directory(to);
	char *new = mem_format("%s.new", to);
	enum status status = STATUS_OK;
	int fd;

	(void)unlink(new);
	if (symlink(target, new) != 0 || rename(new, to) != 0) {
		status = problem_errno(problem, to);
		(void)unlink(new);
	}
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	free(new);
	free(parent);
	return status;
}

/* Where the link leads; NULL and STATUS_OK if there is none yet. */
static enum status
link_read(const char *to, char **ret_target, struct problem *problem)
{
	char target[4096];
	ssize_t len = readlink(to, target, sizeof(target) - 1);

	*ret_target = NULL;
	if (len >= 0) {
		*ret_target = mem_copy(target, (size_t)len);
		return STATUS_OK;
	}
	if (errno == ENOENT)
		return STATUS_OK;
	if (errno != EINVAL)
		return problem_errno(problem, to);
	problem_set(problem,
	    "%s: is there and no symbolic link; move it away, for its place "
	    "is taken by a link to what is deployed",
	    to);
	return STATUS_REFUSED;
}

enum status
deploy_install(const struct deploy_wish *wish, const struct newest *newest,
    struct deployment *ret_deployment, struct problem *problem)
{
	struct deployment deployment = { .to = mem_string(wish->to),
		.directory = mem_format(
		    "%s.%.*s", wish->to, LEAF_DIGITS, newest->leaf) };
	/* Relative, for somebody may see the directory elsewhere. */
	const char *name = strrchr(deployment.directory, '/') + 1;
	struct files files = { 0 };
	enum status status = link_read(wish->to, &deployment.before, problem);

	deployment.is_new = deployment.before == NULL ||
			    strcmp(deployment.before, name) != 0;
	if (status == STATUS_OK && deployment.is_new) {
		status = files_read(wish, newest, &files, problem);
		if (status == STATUS_OK)
			status = directory_make(
			    deployment.directory, &files, problem);
		if (status == STATUS_OK)
			status = link_exchange(wish->to, name, problem);
	}
	files_fini(&files);
	if (status == STATUS_OK)
		*ret_deployment = deployment;
	else
		deployment_fini(&deployment);
	return status;
}

bool
deploy_roll_back(const struct deployment *deployment, struct problem *problem)
{
	bool is_good;

	if (!deployment->is_new)
		return true;
	if (deployment->before != NULL)
		is_good = link_exchange(deployment->to, deployment->before,
			      problem) == STATUS_OK;
	else
		is_good = unlink(deployment->to) == 0;
	if (is_good)
		directory_remove(deployment->directory);
	return is_good;
}

/* Is it the name of a generation of this link? */
static bool
is_generation(const char *name, const char *link)
{
	size_t len = strlen(link);

	return strncmp(name, link, len) == 0 && name[len] == '.' &&
	       strlen(name + len + 1) == LEAF_DIGITS &&
	       strspn(name + len + 1, "0123456789abcdef") == LEAF_DIGITS;
}

void
deploy_clean(const struct deployment *deployment)
{
	char *parent = path_directory(deployment->to);
	const char *link = strrchr(deployment->to, '/') + 1;
	const char *now = strrchr(deployment->directory, '/') + 1;
	DIR *directory = opendir(parent);
	const struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		char *path;

		if (!is_generation(entry->d_name, link) ||
		    strcmp(entry->d_name, now) == 0 ||
		    (deployment->before != NULL &&
			strcmp(entry->d_name, deployment->before) == 0))
			continue;
		path = mem_format("%s/%s", parent, entry->d_name);
		directory_remove(path);
		free(path);
	}
	if (directory != NULL)
		(void)closedir(directory);
	free(parent);
}
