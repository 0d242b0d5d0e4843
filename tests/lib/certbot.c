/* SPDX-License-Identifier: MIT */
#include "certbot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "tap.h"

enum { KEPT = 5 }; /* old generations, certbot's truncate() */

static const char *const names[CERTBOT_FILES] = {
	[CERTBOT_CERT] = "cert",
	[CERTBOT_PRIVKEY] = "privkey",
	[CERTBOT_CHAIN] = "chain",
	[CERTBOT_FULLCHAIN] = "fullchain",
};

static char *
text_load(const char *directory, const char *name)
{
	char *path = mem_format("%s/%s", directory, name);
	FILE *file = fopen(path, "r");
	char *text = mem_new(65536);

	if (file == NULL || fread(text, 1, 65535, file) == 0)
		tap_bail(path);
	(void)fclose(file);
	free(path);
	return text;
}

void
pems_load(const char *directory, struct pems *ret_pems)
{
	for (int i = 0; i < CERTBOT_FILES; i++) {
		char *name = mem_format("%s.pem", names[i]);

		ret_pems->text[i] = text_load(directory, name);
		free(name);
	}
	ret_pems->rrset = text_load(directory, "rrset");
}

void
pems_fini(struct pems *pems)
{
	for (int i = 0; i < CERTBOT_FILES; i++)
		free(pems->text[i]);
	free(pems->rrset);
}

/* A path of the store; %s of `format` may be the lineage's name. */
static char *path_of(const struct certbot *certbot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static char *
path_of(const struct certbot *certbot, const char *format, ...)
{
	char path[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return mem_format("%s/%s", certbot->store, path);
}

/* Tell of the system call; a failed one ends the test.  Frees `path`. */
static void
done(const struct certbot *certbot, int result, const char *call, char *path)
{
	char *what = mem_format(
	    "%s %s", call, path + strlen(certbot->store) + 1);

	if (result < 0) {
		perror(path);
		tap_bail(what);
	}
	if (certbot->step != NULL)
		certbot->step(certbot->arg, what);
	free(what);
	free(path);
}

static void
do_mkdir(const struct certbot *certbot, char *path)
{
	done(certbot, mkdir(path, 0755), "mkdir", path);
}

static void
do_rmdir(const struct certbot *certbot, char *path)
{
	done(certbot, rmdir(path), "rmdir", path);
}

static void
do_unlink(const struct certbot *certbot, char *path)
{
	done(certbot, unlink(path), "unlink", path);
}

/* Some of what is deleted may never have been there. */
static void
do_unlink_any(const struct certbot *certbot, char *path)
{
	int result = unlink(path);

	done(certbot, result < 0 && errno == ENOENT ? 0 : result, "unlink",
	    path);
}

static void
do_symlink(const struct certbot *certbot, char *target, char *path)
{
	done(certbot, symlink(target, path), "symlink", path);
	free(target);
}

static void
do_rename(const struct certbot *certbot, char *from, char *to)
{
	done(certbot, rename(from, to), "rename to", to);
	free(from);
}

/* Where the next write ends: inside a certificate, or behind the leaf. */
static size_t
next_cut(const char *text, size_t at)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	const char *leaf = strstr(text, end);
	size_t leaf_len = leaf != NULL ? (size_t)(leaf - text) + sizeof(end) - 1
				       : strlen(text);
	size_t cuts[] = { leaf_len / 2, leaf_len, leaf_len + 100,
		strlen(text) - 1, strlen(text) };

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		if (cuts[i] > at && cuts[i] <= strlen(text))
			return cuts[i];
	return strlen(text);
}

static void
do_write(const struct certbot *certbot, char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
	size_t at = 0;

	done(certbot, fd, "open", mem_string(path));
	while (at < strlen(text)) {
		size_t cut = next_cut(text, at);

		done(certbot, (int)write(fd, text + at, cut - at), "write",
		    mem_string(path));
		at = cut;
	}
	done(certbot, close(fd), "close", path);
}

static char *
archive_path(const struct certbot *certbot, int file, unsigned number)
{
	return path_of(certbot, "archive/%s/%s%u.pem", certbot->lineage,
	    names[file], number);
}

static char *
live_path(const struct certbot *certbot, const char *prefix, int file)
{
	return path_of(
	    certbot, "live/%s/%s%s.pem", certbot->lineage, prefix, names[file]);
}

/* What a link in live/ says. */
static char *
link_target(const struct certbot *certbot, int file, unsigned number)
{
	return mem_format(
	    "../../archive/%s/%s%u.pem", certbot->lineage, names[file], number);
}

static void
write_conf(const struct certbot *certbot, const char *suffix)
{
	char *text = mem_format("version = 2.1.0\n"
				"archive_dir = %s/archive/%s\n"
				"fullchain = %s/live/%s/fullchain.pem\n\n"
				"[renewalparams]\nkey_type = ecdsa\n",
	    certbot->store, certbot->lineage, certbot->store, certbot->lineage);

	/* ConfigObj writes twice: an append that creates, then all of it. */
	do_write(certbot,
	    path_of(certbot, "renewal/%s.conf%s", certbot->lineage, suffix),
	    O_APPEND, "");
	do_write(certbot,
	    path_of(certbot, "renewal/%s.conf%s", certbot->lineage, suffix),
	    O_TRUNC, text);
	free(text);
}

static void
make_any_directory(const struct certbot *certbot, const char *name)
{
	char *path = name[0] != '\0' ? path_of(certbot, "%s", name)
				     : mem_string(certbot->store);

	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		tap_bail(path);
	free(path);
}

void
certbot_issue(struct certbot *certbot, const struct pems *pems)
{
	certbot->number = 1;
	make_any_directory(certbot, "");
	make_any_directory(certbot, "renewal");
	make_any_directory(certbot, "archive");
	make_any_directory(certbot, "live");
	do_write(certbot, path_of(certbot, "renewal/%s.conf", certbot->lineage),
	    O_EXCL, "");
	do_write(certbot, path_of(certbot, "live/README"), O_TRUNC, "keys\n");
	do_mkdir(certbot, path_of(certbot, "archive/%s", certbot->lineage));
	do_mkdir(certbot, path_of(certbot, "live/%s", certbot->lineage));
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_symlink(certbot, link_target(certbot, i, 1),
		    live_path(certbot, "", i));
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_write(
		    certbot, live_path(certbot, "", i), O_TRUNC, pems->text[i]);
	do_write(certbot, path_of(certbot, "live/%s/README", certbot->lineage),
	    O_TRUNC, "keys\n");
	write_conf(certbot, "");
}

/* The next generation in the archive, and the renewal file. */
static void
save_successor(struct certbot *certbot, const struct pems *pems)
{
	static const int order[] = { CERTBOT_PRIVKEY, CERTBOT_CERT,
		CERTBOT_CHAIN, CERTBOT_FULLCHAIN };

	certbot->number++;
	for (size_t i = 0; i < CERTBOT_FILES; i++)
		do_write(certbot,
		    archive_path(certbot, order[i], certbot->number),
		    order[i] == CERTBOT_PRIVKEY ? O_EXCL : O_TRUNC,
		    pems->text[order[i]]);
	write_conf(certbot, ".new");
	do_rename(certbot,
	    path_of(certbot, "renewal/%s.conf.new", certbot->lineage),
	    path_of(certbot, "renewal/%s.conf", certbot->lineage));
}

static void
truncate_archive(const struct certbot *certbot)
{
	if (certbot->number <= KEPT + 1)
		return;
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_unlink_any(certbot,
		    archive_path(certbot, i, certbot->number - KEPT - 1));
}

void
certbot_renew(struct certbot *certbot, const struct pems *pems)
{
	save_successor(certbot, pems);
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_symlink(certbot,
		    archive_path(certbot, i, certbot->number - 1),
		    live_path(certbot, "previous_", i));
	for (int i = 0; i < CERTBOT_FILES; i++) {
		do_unlink(certbot, live_path(certbot, "", i));
		do_symlink(certbot, link_target(certbot, i, certbot->number),
		    live_path(certbot, "", i));
	}
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_unlink(certbot, live_path(certbot, "previous_", i));
	truncate_archive(certbot);
}

void
certbot_renew_by_rename(struct certbot *certbot, const struct pems *pems)
{
	save_successor(certbot, pems);
	for (int i = 0; i < CERTBOT_FILES; i++) {
		do_symlink(certbot, link_target(certbot, i, certbot->number),
		    live_path(certbot, "new_", i));
		do_rename(certbot, live_path(certbot, "new_", i),
		    live_path(certbot, "", i));
	}
}

void
certbot_rewrite(struct certbot *certbot, const struct pems *pems)
{
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_write(
		    certbot, live_path(certbot, "", i), O_TRUNC, pems->text[i]);
}

void
certbot_append(struct certbot *certbot, const struct pems *pems)
{
	do_write(certbot, live_path(certbot, "", CERTBOT_FULLCHAIN), O_TRUNC,
	    pems->text[CERTBOT_CERT]);
	do_write(certbot, live_path(certbot, "", CERTBOT_FULLCHAIN), O_APPEND,
	    pems->text[CERTBOT_CHAIN]);
}

void
certbot_replace(struct certbot *certbot, const struct pems *pems)
{
	for (int i = 0; i < CERTBOT_FILES; i++) {
		do_write(certbot, live_path(certbot, "new_", i), O_TRUNC,
		    pems->text[i]);
		do_rename(certbot, live_path(certbot, "new_", i),
		    live_path(certbot, "", i));
	}
}

/* DIRECTORY.new/ of links, or of the files of a generation, takes over. */
static void
exchange(
    struct certbot *certbot, const char *directory, const struct pems *pems)
{
	const char *lineage = certbot->lineage;

	do_mkdir(certbot, path_of(certbot, "%s.new", directory));
	do_mkdir(certbot, path_of(certbot, "%s.new/%s", directory, lineage));
	for (int i = 0; i < CERTBOT_FILES; i++) {
		if (pems == NULL)
			do_symlink(certbot,
			    link_target(certbot, i, certbot->number),
			    path_of(certbot, "%s.new/%s/%s.pem", directory,
				lineage, names[i]));
		else
			do_write(certbot,
			    path_of(certbot, "%s.new/%s/%s%u.pem", directory,
				lineage, names[i], certbot->number),
			    O_EXCL, pems->text[i]);
	}
	do_rename(certbot, path_of(certbot, "%s", directory),
	    path_of(certbot, "%s.old", directory));
	do_rename(certbot, path_of(certbot, "%s.new", directory),
	    path_of(certbot, "%s", directory));
}

static void
remove_old_files(
    const struct certbot *certbot, const char *directory, const char *number)
{
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_unlink_any(
		    certbot, path_of(certbot, "%s.old/%s/%s%s.pem", directory,
				 certbot->lineage, names[i], number));
}

static void
remove_old(const struct certbot *certbot, const char *directory)
{
	do_unlink_any(certbot,
	    path_of(certbot, "%s.old/%s/README", directory, certbot->lineage));
	do_unlink_any(certbot, path_of(certbot, "%s.old/README", directory));
	do_rmdir(certbot,
	    path_of(certbot, "%s.old/%s", directory, certbot->lineage));
	do_rmdir(certbot, path_of(certbot, "%s.old", directory));
}

void
certbot_exchange_live(struct certbot *certbot, const struct pems *pems)
{
	save_successor(certbot, pems);
	exchange(certbot, "live", NULL);
	remove_old_files(certbot, "live", "");
	remove_old(certbot, "live");
}

void
certbot_exchange_archive(struct certbot *certbot, const struct pems *pems)
{
	exchange(certbot, "archive", pems);
	for (unsigned number = 1; number <= certbot->number; number++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "%u", number);
		remove_old_files(certbot, "archive", text);
	}
	remove_old(certbot, "archive");
}

void
certbot_delete(struct certbot *certbot)
{
	do_unlink(
	    certbot, path_of(certbot, "renewal/%s.conf", certbot->lineage));
	for (int i = 0; i < CERTBOT_FILES; i++)
		do_unlink(certbot, live_path(certbot, "", i));
	do_unlink_any(
	    certbot, path_of(certbot, "live/%s/README", certbot->lineage));
	do_rmdir(certbot, path_of(certbot, "live/%s", certbot->lineage));
	for (unsigned number = 1; number <= certbot->number; number++)
		for (int i = 0; i < CERTBOT_FILES; i++)
			do_unlink_any(
			    certbot, archive_path(certbot, i, number));
	do_rmdir(certbot, path_of(certbot, "archive/%s", certbot->lineage));
}
