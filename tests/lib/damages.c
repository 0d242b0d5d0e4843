/* SPDX-License-Identifier: MIT */
#include "damages.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "tap.h"

void
damage_write(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
		tap_bail(path);
}

void
damage_write_text(const char *path, const char *text)
{
	damage_write(path, text, strlen(text));
}

static void
damage_absent(const struct material *material)
{
	(void)material;
}

static void
damage_empty(const struct material *material)
{
	damage_write_text(material->path, "");
}

static void
damage_garbage(const struct material *material)
{
	damage_write_text(material->path, "this is not PEM\n");
}

static void
damage_zeros(const struct material *material)
{
	static const char zeros[4096];

	damage_write(material->path, zeros, sizeof(zeros));
}

/* In the middle of the leaf, or of the certificate behind it. */
static void
damage_half_leaf(const struct material *material)
{
	damage_write(material->path, material->pems->text[PEMS_FULLCHAIN],
	    strlen(material->pems->text[PEMS_CERT]) / 2);
}

static void
damage_half_issuer(const struct material *material)
{
	const char *text = material->pems->text[PEMS_FULLCHAIN];

	damage_write(material->path, text,
	    strlen(material->pems->text[PEMS_CERT]) + 300);
}

static void
damage_one_octet(const struct material *material)
{
	char *text = mem_string(material->pems->text[PEMS_FULLCHAIN]);
	char *octet = text + strlen(material->pems->text[PEMS_CERT]) + 200;

	*octet = '*';
	damage_write_text(material->path, text);
	free(text);
}

static void
damage_issuer_first(const struct material *material)
{
	char *text = mem_format("%s%s", material->pems->text[PEMS_CHAIN],
	    material->pems->text[PEMS_CERT]);

	damage_write_text(material->path, text);
	free(text);
}

static void
damage_private_key(const struct material *material)
{
	damage_write_text(material->path, material->pems->text[PEMS_PRIVKEY]);
}

/* Some servers want both in one file; we never want to hold a key. */
static void
damage_key_behind(const struct material *material)
{
	char *text = mem_format("%s%s", material->pems->text[PEMS_FULLCHAIN],
	    material->pems->text[PEMS_PRIVKEY]);

	damage_write_text(material->path, text);
	free(text);
}

static void
damage_link_to_key(const struct material *material)
{
	if (symlink("privkey.pem", material->path) != 0)
		tap_bail(material->path);
}

/* In one piece: its first half alone would be a chain to take. */
static void
damage_oversized(const struct material *material)
{
	size_t len = 300 * 1024;
	char *text = mem_new(len + 1);
	char *aside = mem_format("%s.new", material->path);

	memset(text, '\n', len);
	memcpy(text, material->pems->text[PEMS_FULLCHAIN],
	    strlen(material->pems->text[PEMS_FULLCHAIN]));
	damage_write_text(aside, text);
	if (rename(aside, material->path) != 0)
		tap_bail(material->path);
	free(aside);
	free(text);
}

static void
damage_directory(const struct material *material)
{
	if (mkdir(material->path, 0755) != 0)
		tap_bail(material->path);
}

static void
damage_fifo(const struct material *material)
{
	if (mkfifo(material->path, 0644) != 0)
		tap_bail(material->path);
}

static void
damage_socket(const struct material *material)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)strncpy(
	    address.sun_path, material->path, sizeof(address.sun_path) - 1);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		tap_bail(material->path);
	(void)close(fd);
}

static void
damage_dangling(const struct material *material)
{
	if (symlink("../../archive/nowhere/fullchain9.pem", material->path) !=
	    0)
		tap_bail(material->path);
}

static void
damage_loop(const struct material *material)
{
	if (symlink("fullchain.pem", material->path) != 0)
		tap_bail(material->path);
}

static void
damage_device(const struct material *material)
{
	if (symlink("/dev/zero", material->path) != 0)
		tap_bail(material->path);
}

const struct damage damages[DAMAGES] = {
	{ "absent", damage_absent },
	{ "empty", damage_empty },
	{ "garbage", damage_garbage },
	{ "zeros", damage_zeros },
	{ "half a leaf", damage_half_leaf },
	{ "half an issuer", damage_half_issuer },
	{ "one wrong octet", damage_one_octet },
	{ "issuer first", damage_issuer_first },
	{ "a private key", damage_private_key },
	{ "a private key behind the chain", damage_key_behind },
	{ "a link to the private key", damage_link_to_key },
	{ "oversized", damage_oversized },
	{ "a directory", damage_directory },
	{ "a FIFO", damage_fifo },
	{ "a socket", damage_socket },
	{ "a dangling link", damage_dangling },
	{ "a link to itself", damage_loop },
	{ "a device", damage_device },
};

void
damage_clear(const char *path)
{
	if (unlink(path) != 0 && rmdir(path) != 0 && access(path, F_OK) == 0)
		tap_bail(path);
}

void
damage_do(const struct damage *damage, const struct material *material)
{
	damage_clear(material->path);
	damage->make(material);
}
