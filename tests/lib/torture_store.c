/* SPDX-License-Identifier: MIT */
#include "torture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "damages.h"
#include "tap.h"

enum { MANY = 400 }; /* files that are dropped in */

static const struct generation *
generation_of(const struct host *host)
{
	return &host->generations[host->current];
}

/* A file of that text is where the chain was. */
static void
text_put(const struct host *host, const char *text)
{
	damage_clear(host->path);
	damage_write_text(host->path, text);
}

static void
must(int result, const char *what)
{
	if (result != 0)
		tap_bail(what);
}

/* ---- what is no chain ---- */

static void
cut_begin(struct torture *torture, struct host *host)
{
	const char *text = generation_of(host)->pems.text[PEMS_FULLCHAIN];
	size_t leaf = strlen(generation_of(host)->pems.text[PEMS_CERT]);
	size_t len = 1 + torture_random(torture, (unsigned)strlen(text) - 2);

	/* But not just behind the leaf: that is a chain. */
	if (len + 2 >= leaf && len <= leaf)
		len = leaf / 2;
	damage_clear(host->path);
	damage_write(host->path, text, len);
}

static void
mode_begin(struct torture *torture, struct host *host)
{
	(void)torture;
	text_put(host, generation_of(host)->pems.text[PEMS_FULLCHAIN]);
	must(chmod(host->path, 0), host->path);
}

/* The path of what lies beside the stores of the two sources. */
static char *
path_aside(const struct host *host, const char *what)
{
	return mem_format("%s/%s-%s", host->store, what, host->name);
}

/* live/NAME leads to a directory that somebody just begins to fill. */
static void
flip_begin(struct torture *torture, struct host *host)
{
	const char *text = generation_of(host)->pems.text[PEMS_FULLCHAIN];
	char *away = path_aside(host, "away");
	char *half = path_aside(host, "half");
	char *file = mem_format("%s/fullchain.pem", half);

	(void)torture;
	must(mkdir(half, 0755), half);
	damage_write(file, text, strlen(text) / 3);
	must(rename(host->directory, away), away);
	must(symlink(half, host->directory), host->directory);
	free(file);
	free(half);
	free(away);
}

static void
flip_mend(struct host *host)
{
	char *away = path_aside(host, "away");
	char *half = path_aside(host, "half");
	char *file = mem_format("%s/fullchain.pem", half);

	must(unlink(host->directory), host->directory);
	must(rename(away, host->directory), away);
	must(unlink(file), file);
	must(rmdir(half), half);
	free(file);
	free(half);
	free(away);
}

/* ---- what is a chain, or leaves it ---- */

static void
crlf_begin(struct torture *torture, struct host *host)
{
	const char *text = generation_of(host)->pems.text[PEMS_FULLCHAIN];
	struct buf lines = { 0 };

	(void)torture;
	for (; *text != '\0'; text++)
		buf_add_format(&lines, *text == '\n' ? "\r%c" : "%c", *text);
	text_put(host, buf_text(&lines));
	buf_fini(&lines);
}

/* An editor's mark hides the leaf: what is left is the CA alone. */
static void
mark_begin(struct torture *torture, struct host *host)
{
	char *text = mem_format(
	    "\xef\xbb\xbf%s", generation_of(host)->pems.text[PEMS_FULLCHAIN]);

	(void)torture;
	text_put(host, text);
	free(text);
}

/*
 * KNOWN: where the leaf is a new one, and its whole chain was never seen, all
 * 2 1 1 records leave at once instead of after `retain`, and are back when the
 * chain is.  The 3 1 1 records stay.
 */
static void
leaf_begin(struct torture *torture, struct host *host)
{
	(void)torture;
	host_know_leaf(host);
	text_put(host, generation_of(host)->pems.text[PEMS_CERT]);
}

static void
order_begin(struct torture *torture, struct host *host)
{
	struct buf text = { 0 };

	(void)torture;
	host_may(host, UINT32_C(1) << LINE_ROOT);
	buf_add_string(&text, generation_of(host)->pems.text[PEMS_CERT]);
	pki_add_pem(&torture->root, &text);
	buf_add_string(&text, generation_of(host)->pems.text[PEMS_CHAIN]);
	text_put(host, buf_text(&text));
	buf_fini(&text);
}

/*
 * Of one that retains: the other is answered from here as well, and where it
 * could not be read itself, what was replaced would leave with this.
 */
static void
other_begin(struct torture *torture, struct host *host)
{
	const struct host *other = host;

	while (other == host || !other->retains)
		other = &torture->hosts[torture_random(torture, TORTURE_HOSTS)];
	text_put(host, generation_of(other)->pems.text[PEMS_FULLCHAIN]);
}

static void
expired_begin(struct torture *torture, struct host *host)
{
	const struct generation *expired = &host->generations[LINE_EXPIRED];

	(void)torture;
	host_may(host, expired->set);
	text_put(host, expired->pems.text[PEMS_FULLCHAIN]);
}

static void
away_begin(struct torture *torture, struct host *host)
{
	char *away = path_aside(host, "away");

	(void)torture;
	must(rename(host->directory, away), away);
	free(away);
}

static void
away_mend(struct host *host)
{
	char *away = path_aside(host, "away");

	must(rename(away, host->directory), away);
	free(away);
}

/* ---- what does not concern it ---- */

static void
nothing_mend(struct host *host)
{
	(void)host;
}

static void
touch_begin(struct torture *torture, struct host *host)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW },
		{ .tv_sec = 1000000000 + torture_random(torture, 500000000) } };

	must(utimensat(AT_FDCWD, host->path, times, 0), host->path);
	must(utimensat(AT_FDCWD, host->directory, times, 0), host->directory);
}

static char *
path_in(const struct host *host, const char *name)
{
	return mem_format("%s/%s", host->directory, name);
}

static void
hard_begin(struct torture *torture, struct host *host)
{
	char *copy = path_in(host, "copy");

	(void)torture;
	(void)unlink(copy);
	must(linkat(AT_FDCWD, host->path, AT_FDCWD, copy, AT_SYMLINK_FOLLOW),
	    copy);
	free(copy);
}

static void
hard_mend(struct host *host)
{
	char *copy = path_in(host, "copy");

	must(unlink(copy), copy);
	free(copy);
}

static void
many_begin(struct torture *torture, struct host *host)
{
	(void)torture;
	for (int i = 0; i < MANY; i++) {
		char *path = mem_format("%s/%d.pem", host->directory, i);

		damage_write_text(path, "not a certificate\n");
		free(path);
	}
}

static void
many_mend(struct host *host)
{
	for (int i = 0; i < MANY; i++) {
		char *path = mem_format("%s/%d.pem", host->directory, i);

		must(unlink(path), path);
		free(path);
	}
}

/* What servers need and we do not. */
static void
key_begin(struct torture *torture, struct host *host)
{
	char *path = path_in(host, "privkey.pem");

	(void)torture;
	must(unlink(path), path);
	free(path);
}

static void
key_mend(struct host *host)
{
	char *path = path_in(host, "privkey.pem");

	damage_write_text(path, "-\n");
	free(path);
}

static void
cert_begin(struct torture *torture, struct host *host)
{
	char *path = path_in(host, "cert.pem");

	(void)torture;
	must(unlink(path), path);
	free(path);
}

static void
cert_mend(struct host *host)
{
	char *target = mem_format(
	    "../../archive/%s/cert%u.pem", host->name, host->certbot.number);
	char *path = path_in(host, "cert.pem");

	must(symlink(target, path), path);
	free(path);
	free(target);
}

/* Written over many times, as by somebody who is not sure. */
static void
again_begin(struct torture *torture, struct host *host)
{
	(void)torture;
	for (int i = 0; i < 20; i++)
		host_mend(host);
}

static const struct store_fault faults[] = {
	{ "cut somewhere", cut_begin, host_mend, WHERE_ANY },
	{ "unreadable", mode_begin, host_mend, WHERE_ANY },
	{ "CRLF", crlf_begin, host_mend, WHERE_ANY },
	{ "a byte order mark", mark_begin, host_mend, WHERE_ANY },
	{ "the leaf alone (known: of a new one)", leaf_begin, host_mend,
	    WHERE_RETAINED },
	{ "the root before its issuer", order_begin, host_mend,
	    WHERE_RETAINED },
	{ "the chain of another host", other_begin, host_mend, WHERE_NAMED },
	{ "an expired leaf", expired_begin, host_mend, WHERE_RETAINED },
	{ "the lineage renamed away", away_begin, away_mend, WHERE_RETAINED },
	{ "a link to a directory half written", flip_begin, flip_mend,
	    WHERE_LINKED },
	{ "touched", touch_begin, nothing_mend, WHERE_ANY },
	{ "a hard link", hard_begin, hard_mend, WHERE_ANY },
	{ "many files beside it", many_begin, many_mend, WHERE_ANY },
	{ "no private key", key_begin, key_mend, WHERE_ANY },
	{ "no cert.pem", cert_begin, cert_mend, WHERE_LINKED },
	{ "put there again and again", again_begin, nothing_mend, WHERE_ANY },
};

enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

size_t
store_fault_count(void)
{
	return DAMAGES + FAULTS;
}

const char *
store_fault_name(size_t number)
{
	return number < DAMAGES ? damages[number].name
				: faults[number - DAMAGES].name;
}

static bool
is_for(enum store_where where, const struct host *host)
{
	switch (where) {
	case WHERE_ANY:
		return true;
	case WHERE_RETAINED:
		return host->retains;
	case WHERE_LINKED:
		return !host->is_file;
	case WHERE_NAMED:
		return host->retains && host->is_file;
	}
	return false;
}

bool
store_fault_begin(struct torture *torture, struct host *host, size_t number)
{
	const struct material material = { &generation_of(host)->pems,
		host->path };

	if (number >= DAMAGES && !is_for(faults[number - DAMAGES].where, host))
		return false;
	host->fault = store_fault_name(number);
	atomic_store(&host->subject->fault, host->fault);
	host->mend = number < DAMAGES ? host_mend
				      : faults[number - DAMAGES].mend;
	if (number < DAMAGES)
		damage_do(&damages[number], &material);
	else
		faults[number - DAMAGES].begin(torture, host);
	return true;
}
