/* SPDX-License-Identifier: MIT */
#include "certbot.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"
#include "tap.h"

enum { KEPT = 5 }; /* old generations, certbot's truncate() */

static char *
archive_path(const struct certbot *certbot, int file, unsigned number)
{
	return hand_path(&certbot->hand, "archive/%s/%s%u.pem",
	    certbot->lineage, pems_names[file], number);
}

static char *
live_path(const struct certbot *certbot, const char *prefix, int file)
{
	return hand_path(&certbot->hand, "live/%s/%s%s.pem", certbot->lineage,
	    prefix, pems_names[file]);
}

/* What a link in live/ says. */
static char *
link_target(const struct certbot *certbot, int file, unsigned number)
{
	return mem_format("../../archive/%s/%s%u.pem", certbot->lineage,
	    pems_names[file], number);
}

unsigned
certbot_live_number(const struct certbot *certbot)
{
	char *path = live_path(certbot, "", PEMS_FULLCHAIN);
	char target[256];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	const char *name;
	unsigned number = 0;

	target[len > 0 ? len : 0] = '\0';
	name = strrchr(target, '/');
	if (name == NULL || sscanf(name, "/fullchain%u.pem", &number) != 1)
		tap_bail(path);
	free(path);
	return number;
}

static void
write_conf(const struct certbot *certbot, const char *suffix)
{
	const char *told = certbot->told != NULL ? certbot->told
						 : certbot->hand.store;
	char *text = mem_format("version = 2.1.0\n"
				"archive_dir = %s/archive/%s\n"
				"fullchain = %s/live/%s/fullchain.pem\n\n"
				"[renewalparams]\nkey_type = ecdsa\n",
	    told, certbot->lineage, told, certbot->lineage);

	/* ConfigObj writes twice: an append that creates, then all of it. */
	hand_write(&certbot->hand,
	    hand_path(
		&certbot->hand, "renewal/%s.conf%s", certbot->lineage, suffix),
	    O_APPEND, "");
	hand_write(&certbot->hand,
	    hand_path(
		&certbot->hand, "renewal/%s.conf%s", certbot->lineage, suffix),
	    O_TRUNC, text);
	free(text);
}

void
certbot_issue(struct certbot *certbot, const struct pems *pems)
{
	certbot->number = 1;
	hand_make_any(&certbot->hand, "");
	hand_make_any(&certbot->hand, "renewal");
	hand_make_any(&certbot->hand, "archive");
	hand_make_any(&certbot->hand, "live");
	hand_write(&certbot->hand,
	    hand_path(&certbot->hand, "renewal/%s.conf", certbot->lineage),
	    O_EXCL, "");
	hand_write(&certbot->hand, hand_path(&certbot->hand, "live/README"),
	    O_TRUNC, "keys\n");
	hand_mkdir(&certbot->hand,
	    hand_path(&certbot->hand, "archive/%s", certbot->lineage));
	hand_mkdir(&certbot->hand,
	    hand_path(&certbot->hand, "live/%s", certbot->lineage));
	for (int i = 0; i < PEMS_FILES; i++)
		hand_symlink(&certbot->hand, link_target(certbot, i, 1),
		    live_path(certbot, "", i));
	for (int i = 0; i < PEMS_FILES; i++)
		hand_write(&certbot->hand, live_path(certbot, "", i), O_TRUNC,
		    pems->text[i]);
	hand_write(&certbot->hand,
	    hand_path(&certbot->hand, "live/%s/README", certbot->lineage),
	    O_TRUNC, "keys\n");
	write_conf(certbot, "");
}

/* The next generation in the archive, and the renewal file. */
static void
save_successor(struct certbot *certbot, const struct pems *pems)
{
	static const int order[] = { PEMS_PRIVKEY, PEMS_CERT, PEMS_CHAIN,
		PEMS_FULLCHAIN };

	certbot->number++;
	for (size_t i = 0; i < PEMS_FILES; i++)
		hand_write(&certbot->hand,
		    archive_path(certbot, order[i], certbot->number),
		    order[i] == PEMS_PRIVKEY ? O_EXCL : O_TRUNC,
		    pems->text[order[i]]);
	write_conf(certbot, ".new");
	hand_rename(&certbot->hand,
	    hand_path(&certbot->hand, "renewal/%s.conf.new", certbot->lineage),
	    hand_path(&certbot->hand, "renewal/%s.conf", certbot->lineage));
}

static void
truncate_archive(const struct certbot *certbot)
{
	if (certbot->number <= KEPT + 1)
		return;
	for (int i = 0; i < PEMS_FILES; i++)
		hand_unlink_any(&certbot->hand,
		    archive_path(certbot, i, certbot->number - KEPT - 1));
}

/* Each link to the newest generation, with a way back meanwhile. */
static void
update_links(const struct certbot *certbot)
{
	for (int i = 0; i < PEMS_FILES; i++)
		hand_symlink(&certbot->hand,
		    archive_path(certbot, i, certbot->number - 1),
		    live_path(certbot, "previous_", i));
	for (int i = 0; i < PEMS_FILES; i++) {
		hand_unlink(&certbot->hand, live_path(certbot, "", i));
		hand_symlink(&certbot->hand,
		    link_target(certbot, i, certbot->number),
		    live_path(certbot, "", i));
	}
	for (int i = 0; i < PEMS_FILES; i++)
		hand_unlink(&certbot->hand, live_path(certbot, "previous_", i));
}

void
certbot_renew(struct certbot *certbot, const struct pems *pems)
{
	save_successor(certbot, pems);
	update_links(certbot);
	truncate_archive(certbot);
}

void
certbot_renew_early(
    struct certbot *certbot, const struct pems *pems, size_t begin)
{
	const char *whole = pems->text[PEMS_FULLCHAIN];
	struct pems half = *pems;

	half.text[PEMS_FULLCHAIN] = mem_copy(whole, begin);
	save_successor(certbot, &half);
	update_links(certbot);
	hand_write(&certbot->hand,
	    archive_path(certbot, PEMS_FULLCHAIN, certbot->number), O_APPEND,
	    whole + begin);
	free(half.text[PEMS_FULLCHAIN]);
	truncate_archive(certbot);
}

void
certbot_renew_by_rename(struct certbot *certbot, const struct pems *pems)
{
	save_successor(certbot, pems);
	for (int i = 0; i < PEMS_FILES; i++) {
		hand_symlink(&certbot->hand,
		    link_target(certbot, i, certbot->number),
		    live_path(certbot, "new_", i));
		hand_rename(&certbot->hand, live_path(certbot, "new_", i),
		    live_path(certbot, "", i));
	}
	truncate_archive(certbot);
}

void
certbot_rewrite(struct certbot *certbot, const struct pems *pems)
{
	for (int i = 0; i < PEMS_FILES; i++)
		hand_write(&certbot->hand, live_path(certbot, "", i), O_TRUNC,
		    pems->text[i]);
}

void
certbot_append(struct certbot *certbot, const struct pems *pems)
{
	hand_write(&certbot->hand, live_path(certbot, "", PEMS_FULLCHAIN),
	    O_TRUNC, pems->text[PEMS_CERT]);
	hand_write(&certbot->hand, live_path(certbot, "", PEMS_FULLCHAIN),
	    O_APPEND, pems->text[PEMS_CHAIN]);
}

void
certbot_replace(struct certbot *certbot, const struct pems *pems)
{
	for (int i = 0; i < PEMS_FILES; i++) {
		hand_write(&certbot->hand, live_path(certbot, "new_", i),
		    O_TRUNC, pems->text[i]);
		hand_rename(&certbot->hand, live_path(certbot, "new_", i),
		    live_path(certbot, "", i));
	}
}

/* DIRECTORY.new/ of links, or of the files of a generation, takes over. */
static void
exchange(
    struct certbot *certbot, const char *directory, const struct pems *pems)
{
	const char *lineage = certbot->lineage;

	hand_mkdir(
	    &certbot->hand, hand_path(&certbot->hand, "%s.new", directory));
	hand_mkdir(&certbot->hand,
	    hand_path(&certbot->hand, "%s.new/%s", directory, lineage));
	for (int i = 0; i < PEMS_FILES; i++) {
		if (pems == NULL)
			hand_symlink(&certbot->hand,
			    link_target(certbot, i, certbot->number),
			    hand_path(&certbot->hand, "%s.new/%s/%s.pem",
				directory, lineage, pems_names[i]));
		else
			hand_write(&certbot->hand,
			    hand_path(&certbot->hand, "%s.new/%s/%s%u.pem",
				directory, lineage, pems_names[i],
				certbot->number),
			    O_EXCL, pems->text[i]);
	}
	hand_rename(&certbot->hand, hand_path(&certbot->hand, "%s", directory),
	    hand_path(&certbot->hand, "%s.old", directory));
	hand_rename(&certbot->hand,
	    hand_path(&certbot->hand, "%s.new", directory),
	    hand_path(&certbot->hand, "%s", directory));
}

static void
remove_old_files(
    const struct certbot *certbot, const char *directory, const char *number)
{
	for (int i = 0; i < PEMS_FILES; i++)
		hand_unlink_any(&certbot->hand,
		    hand_path(&certbot->hand, "%s.old/%s/%s%s.pem", directory,
			certbot->lineage, pems_names[i], number));
}

static void
remove_old(const struct certbot *certbot, const char *directory)
{
	hand_unlink_any(
	    &certbot->hand, hand_path(&certbot->hand, "%s.old/%s/README",
				directory, certbot->lineage));
	hand_unlink_any(&certbot->hand,
	    hand_path(&certbot->hand, "%s.old/README", directory));
	hand_rmdir(&certbot->hand, hand_path(&certbot->hand, "%s.old/%s",
				       directory, certbot->lineage));
	hand_rmdir(
	    &certbot->hand, hand_path(&certbot->hand, "%s.old", directory));
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

/* The hand that works in the directory where the store lies. */
static struct hand
hand_beside(const struct certbot *certbot, const char *directory)
{
	struct hand hand = certbot->hand;

	hand.store = directory;
	return hand;
}

static void
place_make(const struct hand *beside, const char *name)
{
	hand_mkdir(beside, hand_path(beside, "%s", name));
	hand_mkdir(beside, hand_path(beside, "%s/sub", name));
	hand_mkdir(beside, hand_path(beside, "%s/sub/store", name));
}

void
certbot_place(struct certbot *certbot)
{
	char *directory = path_directory(certbot->hand.store);
	const struct hand beside = hand_beside(certbot, directory);

	place_make(&beside, "0");
	hand_symlink(&beside, mem_string("0"), hand_path(&beside, "current"));
	hand_rmdir(&beside, mem_string(certbot->hand.store));
	hand_symlink(&beside, mem_string("current/sub/store"),
	    mem_string(certbot->hand.store));
	free(directory);
}

/* Issue in a store of another place. */
static void
issue_beside(struct certbot *certbot, const struct hand *beside,
    const char *name, const struct pems *pems)
{
	struct certbot other = *certbot;
	char *store = hand_path(beside, "%s/sub/store", name);

	place_make(beside, name);
	other.told = certbot->hand.store;
	other.hand.store = store;
	certbot_issue(&other, pems);
	certbot->number = other.number;
	free(store);
}

void
certbot_exchange_above(struct certbot *certbot, const struct pems *pems)
{
	char *directory = path_directory(certbot->hand.store);
	const struct hand beside = hand_beside(certbot, directory);

	issue_beside(certbot, &beside, "new", pems);
	hand_rename(&beside, hand_path(&beside, "0"),
	    hand_path(&beside, "old%u", ++certbot->place));
	hand_rename(
	    &beside, hand_path(&beside, "new"), hand_path(&beside, "0"));
	free(directory);
}

void
certbot_exchange_link(struct certbot *certbot, const struct pems *pems)
{
	char *directory = path_directory(certbot->hand.store);
	const struct hand beside = hand_beside(certbot, directory);
	char *name = mem_format("%u", ++certbot->place);

	issue_beside(certbot, &beside, name, pems);
	hand_symlink(&beside, name, hand_path(&beside, "current.new"));
	hand_rename(&beside, hand_path(&beside, "current.new"),
	    hand_path(&beside, "current"));
	free(directory);
}

void
certbot_delete(struct certbot *certbot)
{
	hand_unlink(&certbot->hand,
	    hand_path(&certbot->hand, "renewal/%s.conf", certbot->lineage));
	for (int i = 0; i < PEMS_FILES; i++)
		hand_unlink(&certbot->hand, live_path(certbot, "", i));
	hand_unlink_any(&certbot->hand,
	    hand_path(&certbot->hand, "live/%s/README", certbot->lineage));
	hand_rmdir(&certbot->hand,
	    hand_path(&certbot->hand, "live/%s", certbot->lineage));
	for (unsigned number = 1; number <= certbot->number; number++)
		for (int i = 0; i < PEMS_FILES; i++)
			hand_unlink_any(
			    &certbot->hand, archive_path(certbot, i, number));
	hand_rmdir(&certbot->hand,
	    hand_path(&certbot->hand, "archive/%s", certbot->lineage));
}
