/* SPDX-License-Identifier: MIT */
#include "state/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "import.h"
#include "save.h"
#include "schema.h"

#define LOCK     "state.lock"
#define FILE_NEW STATE_FILE ".new"

enum {
	MODE = 0600,
	SIZE_MIN = 512,
	ASIDE_TRIES = 100,
	PATIENCE = 1000 /* milliseconds */
};

enum status
state_file_problem(const struct state_file *file, struct problem *problem)
{
	return database_problem(&file->database, file->path, problem);
}

/* Returns STATUS_MALFORMED for what is no record at all, too. */
static enum status
version_check(struct state_file *file, struct problem *problem)
{
	int64_t version = database_number(
	    &file->database, "PRAGMA user_version");

	if (version < 0)
		return state_file_problem(file, problem);
	if (version > SCHEMA_VERSION) {
		problem_set(problem,
		    "%s: was written by a later version of pdns-tlsa; update, "
		    "or set it aside by hand",
		    file->path);
		return STATUS_REFUSED;
	}
	return version == SCHEMA_VERSION ? STATUS_OK : STATUS_MALFORMED;
}

/* The inode of the -wal that has our name; 0: none. */
static uint64_t
wal_inode(const struct state_file *file)
{
	char *path = mem_format("%s-wal", file->path);
	struct stat st;
	bool is_there = lstat(path, &st) == 0;

	free(path);
	return is_there ? (uint64_t)st.st_ino : 0;
}

/*
 * Open what is there.  A file that is empty, which none of ours ever is, had
 * keys perhaps: it is damaged, and no beginning.
 */
static enum status
connect(struct state_file *file, struct problem *problem)
{
	struct database *database = &file->database;
	enum status status;
	struct stat st;

	if (lstat(file->path, &st) != 0)
		return errno == ENOENT
			   ? STATUS_ABSENT
			   : directory_problem(file->path, errno, problem);
	if (!S_ISREG(st.st_mode)) {
		problem_set(problem, "%s: is no regular file", file->path);
		return STATUS_IO;
	}
	file->inode = (uint64_t)st.st_ino;
	/* SQLite would begin one. */
	if (st.st_size < SIZE_MIN)
		return STATUS_MALFORMED;
	if (database_open(database, file->path, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		return state_file_problem(file, problem);
	if (sqlite3_db_readonly(database->handle, "main") == 1) {
		(void)access(file->path, W_OK);
		return directory_problem(file->path, errno, problem);
	}
	(void)sqlite3_busy_timeout(database->handle, PATIENCE);
	if (database_do(database,
		"PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
		"PRAGMA journal_size_limit=0") != SQLITE_OK)
		return state_file_problem(file, problem);
	file->wal = wal_inode(file);
	status = version_check(file, problem);
	if (status == STATUS_OK &&
	    database_do(database, SCHEMA_ALARM) != SQLITE_OK)
		status = state_file_problem(file, problem);
	return status;
}

/* What SQLite lays beside a file; what is there nobody uses any more. */
static void
remove_companions(const char *path)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *companion = mem_format("%s%s", path, ends[i]);

		(void)unlink(companion);
		free(companion);
	}
}

/* Write what is whole of a damaged file, or what earlier versions kept. */
static enum status
fill(const struct state_file *file, struct database *made, bool is_damaged,
    struct problem *problem)
{
	int code = database_do(
	    made, "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY");
	enum status status = STATUS_OK;

	if (code == SQLITE_OK)
		code = database_do(made, "BEGIN;" SCHEMA);
	if (code == SQLITE_OK && is_damaged)
		code = save_all(file->path, made);
	else if (code == SQLITE_OK)
		status = import_all(file->directory.path, made, problem);
	if (code == SQLITE_OK && status == STATUS_OK)
		code = database_do(made,
		    "COMMIT; PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL");
	return code != SQLITE_OK ? database_problem(made, file->path, problem)
				 : status;
}

/* Make a new file, which stands aside. */
static enum status
build(const struct state_file *file, const char *path, bool is_damaged,
    struct problem *problem)
{
	struct database made = { 0 };
	enum status status;
	int fd;

	/* What is there was left by a process that was killed. */
	(void)unlink(path);
	remove_companions(path);
	fd = directory_create(&file->directory, FILE_NEW, MODE);
	if (fd < 0)
		return directory_problem(path, errno, problem);
	(void)close(fd);
	if (database_open(&made, path, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK)
		status = fill(file, &made, is_damaged, problem);
	else
		status = database_problem(&made, path, problem);
	database_close(&made);
	remove_companions(path);
	if (status != STATUS_OK)
		(void)unlink(path);
	return status;
}

/*
 * Give the damaged file a second name, for a rename would leave a moment
 * without any.  Returns it, or NULL with errno; free() it.
 */
static char *
set_aside(const struct state_file *file)
{
	char *wal = mem_format("%s-wal", file->path);
	int64_t stamp = time(NULL);
	char *aside = NULL;
	char *aside_wal;

	for (int i = 0; i < ASIDE_TRIES; i++, stamp++) {
		free(aside);
		aside = mem_format("%s.damaged-%" PRId64, file->path, stamp);
		if (link(file->path, aside) == 0)
			break;
		if (errno != EEXIST) {
			free(aside);
			free(wal);
			return NULL;
		}
	}
	aside_wal = mem_format("%s-wal", aside);
	(void)rename(wal, aside_wal);
	free(aside_wal);
	free(wal);
	return aside;
}

/* Put the new file in place; with the lock. */
static enum status
place(const struct state_file *file, const char *path, bool is_damaged,
    char **ret_warning, struct problem *problem)
{
	if (is_damaged) {
		char *aside = set_aside(file);

		if (aside == NULL)
			return directory_problem(file->path, errno, problem);
		*ret_warning = mem_format(
		    "%s: damaged; kept as '%s', and all that is whole of it "
		    "is used",
		    file->path, aside);
		free(aside);
	}
	remove_companions(file->path);
	if (rename(path, file->path) != 0 || !directory_sync(&file->directory))
		return directory_problem(file->path, errno, problem);
	if (!is_damaged)
		import_done(file->directory.path);
	return STATUS_OK;
}

/* Return true if somebody else made, or mended it, before we had the lock. */
static bool
is_made(const struct state_file *file, bool is_damaged)
{
	struct stat st;
	bool is_there = lstat(file->path, &st) == 0;

	return is_damaged ? !is_there || st.st_ino != file->inode : is_there;
}

/* Begin it anew. */
static enum status
make(struct state_file *file, bool is_damaged, bool is_patient,
    char **ret_warning, struct problem *problem)
{
	char *path = mem_format("%s.new", file->path);
	enum status status = directory_lock(
	    &file->directory, is_patient, problem);

	if (status == STATUS_OK) {
		if (!is_made(file, is_damaged)) {
			status = build(file, path, is_damaged, problem);
			if (status == STATUS_OK)
				status = place(file, path, is_damaged,
				    ret_warning, problem);
		}
		directory_unlock(&file->directory);
	}
	free(path);
	return status;
}

/* Open what is there, and make or mend it where that is needed. */
static enum status
open_or_make(struct state_file *file, bool is_patient, char **ret_warning,
    struct problem *problem)
{
	enum status status = connect(file, problem);

	for (int tries = 0; tries < 3 && (status == STATUS_ABSENT ||
					     status == STATUS_MALFORMED);
	     tries++) {
		status = make(file, status == STATUS_MALFORMED, is_patient,
		    ret_warning, problem);
		database_close(&file->database);
		if (status == STATUS_OK)
			status = connect(file, problem);
	}
	if (status != STATUS_OK)
		database_close(&file->database);
	else if (!is_patient)
		(void)sqlite3_busy_timeout(file->database.handle, 0);
	return status;
}

enum status
state_file_open(const char *directory, bool is_patient,
    struct state_file *ret_file, char **ret_warning, struct problem *problem)
{
	struct state_file file = { 0 };
	enum status status = directory_open(
	    directory, LOCK, &file.directory, problem);

	*ret_warning = NULL;
	if (status != STATUS_OK)
		return status;
	file.path = mem_format("%s/" STATE_FILE, file.directory.path);
	status = open_or_make(&file, is_patient, ret_warning, problem);
	if (status == STATUS_OK)
		*ret_file = file;
	else
		state_file_close(&file);
	return status;
}

/* Open it to be read; without locks where nothing can be written beside it. */
static enum status
look(struct state_file *file, const char *vfs, struct problem *problem)
{
	enum status status;

	if (database_open(&file->database, file->path, SQLITE_OPEN_READONLY,
		vfs) != SQLITE_OK ||
	    (vfs != NULL && database_do(&file->database,
				"PRAGMA locking_mode=EXCLUSIVE") != SQLITE_OK))
		status = state_file_problem(file, problem);
	else
		status = version_check(file, problem);
	if (status != STATUS_OK)
		database_close(&file->database);
	return status;
}

enum status
state_file_look(
    const char *directory, struct state_file *ret_file, struct problem *problem)
{
	struct state_file file = { .directory = { .fd = -1, .lock_fd = -1 } };
	char *path = mem_format("%s/" STATE_FILE, directory);
	enum status status = STATUS_ABSENT;

	file.path = realpath(path, NULL);
	if (file.path != NULL)
		status = look(&file, NULL, problem);
	else
		problem_set(problem, "%s: %s", path, strerror(errno));
	if (status == STATUS_IO)
		status = look(&file, "unix-none", problem);
	if (status == STATUS_OK)
		*ret_file = file;
	else
		state_file_close(&file);
	free(path);
	return status;
}

void
state_file_close(struct state_file *file)
{
	database_close(&file->database);
	directory_fini(&file->directory);
	free(file->path);
	file->path = NULL;
}

bool
state_file_is_replaced(const struct state_file *file)
{
	struct stat st;

	return file->database.handle == NULL || lstat(file->path, &st) != 0 ||
	       st.st_ino != file->inode;
}

enum status
state_file_renew(struct state_file *file, bool is_damaged, char **ret_warning,
    struct problem *problem)
{
	enum status status = STATUS_OK;

	*ret_warning = NULL;
	if (is_damaged)
		status = make(file, true, false, ret_warning, problem);
	/* What belongs to the old file would be taken for the new one's. */
	else if (file->wal != 0 && file->wal == wal_inode(file))
		remove_companions(file->path);
	database_close(&file->database);
	file->wal = 0;
	return status == STATUS_OK
		   ? open_or_make(file, false, ret_warning, problem)
		   : status;
}
