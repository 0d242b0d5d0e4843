/* SPDX-License-Identifier: MIT */
#include "collection.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/file.h"
#include "gmime.h"
#include "mail.h"
#include "tlsrpt/report.h"
#include "tlsrpt/unpack.h"

enum {
	UNREAD_NAMED = 20, /* of a mailbox full of them */
	AHEAD = 2 * 86400, /* seconds that a sender's clock may be */
};

/* What is read at the moment. */
struct place {
	struct collection *collection;
	const char *path;
	size_t mail;  /* its number in an mbox, from 1; 0: the only one */
	size_t found; /* reports in it, and what should be one */
};

/* ---- what cannot be read ---- */

static const char *
mend_of(enum status status)
{
	switch (status) {
	case STATUS_IO:
	case STATUS_ABSENT:
	case STATUS_REFUSED:
		return "see that it is there, and that you may read it";
	case STATUS_FOREIGN:
		return "name files of reports, or mails that they came by";
	case STATUS_LIMIT:
		return "look who sent it, and move it away";
	default:
		return "fetch it once more if it was cut on the way, or ask "
		       "the sender";
	}
}

static void
unread_add(struct place *place, enum status status, const char *what)
{
	struct collection *collection = place->collection;
	char *subject;

	place->found++;
	collection->refused += status == STATUS_IO || status == STATUS_ABSENT ||
			       status == STATUS_REFUSED;
	if (collection->unread++ >= UNREAD_NAMED)
		return;
	subject = place->mail > 0
		      ? mem_format("%s: mail %zu", place->path, place->mail)
		      : mem_string(place->path);
	finding_add(&collection->findings, FINDING_REPORT_UNREAD, subject,
	    mend_of(status), "%s", what);
	free(subject);
}

static void
finding_library(struct findings *findings, const char *what)
{
	finding_add(findings, FINDING_MAIL_LIBRARY, "GMime",
	    "apt-get install libgmime-3.0-0t64 (libgmime-3.0-0 before Debian "
	    "13), or save what is attached, and name that",
	    "is not there: %s", what);
}

void
collection_find_library(struct findings *findings)
{
	struct problem problem;

	if (gmime_get(&problem) == NULL)
		finding_library(findings, problem.text);
}

static void
library_missing(struct place *place, const char *what)
{
	place->found++;
	place->collection->unread++;
	finding_library(&place->collection->findings, what);
}

/* ---- what can ---- */

static void
report_take(struct place *place, const struct tlsrpt *report)
{
	struct collection *collection = place->collection;

	if (report->to > (int64_t)time(NULL) + AHEAD)
		unread_add(place, STATUS_MALFORMED,
		    "is of days that are still to come");
	else if (report->to < collection->since)
		collection->old++;
	else if (tlsrpt_sums_add(&collection->sums, report))
		tlsrpt_tally_add(&collection->tally, report);
}

/* `is_report`: it says that it is one. */
static void
content_take(struct place *place, const char *data, size_t len, bool is_report)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	struct tlsrpt report;
	enum status status = unpack_text(data, len, &text, &problem);

	if (status == STATUS_OK)
		status = tlsrpt_decode(
		    buf_text(&text), text.len, &report, &problem);
	if (status == STATUS_OK) {
		place->found++;
		report_take(place, &report);
		tlsrpt_fini(&report);
	} else if (is_report) {
		unread_add(place, status, problem.text);
	}
	buf_fini(&text);
}

static void
part_take(const struct mail_part *part, void *arg)
{
	content_take(arg, part->data, part->len, part->is_report);
}

static void
mail_take(struct place *place, const char *data, size_t len)
{
	struct problem problem = { "" };
	enum status status;

	status = mail_walk(data, len, part_take, place, &problem);
	if (status == STATUS_ABSENT)
		library_missing(place, problem.text);
	else if (status != STATUS_OK)
		unread_add(place, status, problem.text);
	else if (place->found == 0)
		place->collection->others++;
}

/* What somebody sent, by itself or in an mbox. */
static void
item_take(struct place *place, const char *data, size_t len)
{
	const struct collection_hooks *hooks = place->collection->hooks;

	place->found = 0;
	if (hooks != NULL &&
	    !hooks->begins(place->path, place->mail, data, len, hooks->arg)) {
		unread_add(place, STATUS_LIMIT,
		    "ended who read it, twice, and is left alone");
		return;
	}
	if (place->mail == 0 &&
	    (unpack_is_gzip(data, len) || unpack_is_object(data, len)))
		content_take(place, data, len, true);
	else
		mail_take(place, data, len);
	if (hooks != NULL)
		hooks->ended(hooks->arg);
}

static void
mbox_take(struct place *place, const char *data, size_t len)
{
	while (len > 0) {
		size_t line;
		size_t mail = mbox_first(data, len, &line);

		if (place->mail++ == LIMIT_MAILS) {
			unread_add(place, STATUS_LIMIT,
			    "and those behind it are more than are read of "
			    "one mbox");
			return;
		}
		item_take(place, data + line, mail - line);
		data += mail;
		len -= mail;
	}
}

void
collection_add(struct collection *collection, const char *name,
    const char *data, size_t len)
{
	struct place place = { .collection = collection, .path = name };

	if (mbox_is_one(data, len))
		mbox_take(&place, data, len);
	else
		item_take(&place, data, len);
}

/* ---- files and directories ---- */

/* Who reads a file names it in front, as a finding does. */
static const char *
behind_path(const char *text, const char *path)
{
	size_t len = strlen(path);

	return strncmp(text, path, len) == 0 &&
		       strncmp(text + len, ": ", 2) == 0
		   ? text + len + 2
		   : text;
}

static void
file_take(struct collection *collection, const char *path, size_t limit)
{
	struct place place = { .collection = collection, .path = path };
	struct problem problem = { "" };
	struct buf text = { 0 };
	enum status status = file_read(path, limit, &text, NULL, &problem);

	if (status == STATUS_OK)
		collection_add(collection, path, buf_text(&text), text.len);
	else
		unread_add(&place, status, behind_path(problem.text, path));
	buf_fini(&text);
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* What was written before cannot hold a report of later. */
static bool
is_recent(const struct collection *collection, const char *path)
{
	struct fingerprint print;

	return !collection->is_recent || !file_fingerprint(path, &print) ||
	       print.modified / 1000000000 >= collection->since;
}

/* A mail that is moved from new to cur meanwhile is seen there. */
static void
entry_take(struct collection *collection, const char *directory,
    const char *name, bool is_maildir)
{
	char *path = mem_format("%s/%s", directory, name);
	struct problem problem = { "" };

	if (!path_is_directory(path) && is_recent(collection, path) &&
	    (!is_maildir || path_presence(path, &problem) != PRESENCE_NO))
		file_take(
		    collection, path, is_maildir ? LIMIT_MAIL : LIMIT_MBOX);
	free(path);
}

static void
directory_take(struct collection *collection, const char *path, bool is_maildir)
{
	struct place place = { .collection = collection, .path = path };
	struct dirent **list = NULL;
	int count = scandir(path, &list, is_shown, alphasort);

	if (count < 0) {
		unread_add(&place, STATUS_IO, strerror(errno));
		return;
	}
	if (count > LIMIT_MAILS)
		unread_add(&place, STATUS_LIMIT,
		    "holds more files than are looked at in one directory");
	for (int i = 0; i < count; i++) {
		if (i < LIMIT_MAILS)
			entry_take(
			    collection, path, list[i]->d_name, is_maildir);
		free(list[i]);
	}
	free(list);
}

/* Return true if that is one; tmp/ holds what is not there yet. */
static bool
maildir_take(struct collection *collection, const char *path)
{
	static const char *const parts[] = { "new", "cur" };
	bool is_one = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *part = mem_format("%s/%s", path, parts[i]);

		if (path_is_directory(part)) {
			directory_take(collection, part, true);
			is_one = true;
		}
		free(part);
	}
	return is_one;
}

/* What is read by others goes by absolute paths. */
static char *
path_absolute(const char *path)
{
	char *directory = path[0] != '/' ? get_current_dir_name() : NULL;
	char *whole = directory != NULL ? mem_format("%s/%s", directory, path)
					: mem_string(path);

	free(directory);
	return whole;
}

void
collection_add_path(struct collection *collection, const char *path)
{
	char *whole = path_absolute(path);

	if (!path_is_directory(whole))
		file_take(collection, whole, LIMIT_MBOX);
	else if (!maildir_take(collection, whole))
		directory_take(collection, whole, false);
	free(whole);
}

void
collection_end(struct collection *collection)
{
	struct tlsrpt_sums *sums = &collection->sums;

	tlsrpt_sums_close(sums);
	if (collection->unread > UNREAD_NAMED)
		finding_add(&collection->findings, FINDING_REPORT_UNREAD,
		    "others", "begin with those that are named",
		    "%zu more could not be read",
		    collection->unread - UNREAD_NAMED);
	if (sums->senders_left > 0 || sums->faults_left > 0)
		finding_add(&collection->findings, FINDING_LEFT_OUT, "reports",
		    "look who sent so many, or shorten the time by --since",
		    "%zu failures and %zu policies are in the sums of all "
		    "alone",
		    sums->faults_left, sums->senders_left);
	if (sums->reports == 0)
		finding_add(&collection->findings, FINDING_REPORT_NONE,
		    "reports",
		    "see that they are collected here, and that "
		    "_smtp._tls.DOMAIN has the TXT record 'v=TLSRPTv1; "
		    "rua=mailto:...'",
		    "there are none, but %zu that are older, and %zu mails "
		    "without any",
		    collection->old, collection->others);
}

void
collection_fini(struct collection *collection)
{
	tlsrpt_sums_fini(&collection->sums);
	findings_fini(&collection->findings);
}
