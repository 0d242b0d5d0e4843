/* SPDX-License-Identifier: MIT */
#include "keyring/file.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/file.h"

enum { KEYRING_MODE = 0600 };

#define LOCK "keys.lock"

enum status
keyring_file_open(
    const char *path, struct keyring_file *ret_file, struct problem *problem)
{
	struct keyring_file file = { .is_open = true };
	enum status status = state_directory_open(
	    path, LOCK, &file.directory, problem);

	if (status == STATUS_OK)
		*ret_file = file;
	return status;
}

void
keyring_file_close(struct keyring_file *file)
{
	if (file->is_open)
		state_directory_fini(&file->directory);
	file->is_open = false;
}

static char *
file_path(const struct keyring_file *file)
{
	return mem_format("%s/" KEYRING_FILE, file->directory.path);
}

bool
keyring_file_is_changed(const struct keyring_file *file)
{
	struct fingerprint print = { 0 };
	char *path = file_path(file);

	(void)file_fingerprint(path, &print);
	free(path);
	return !fingerprint_equal(&print, &file->print);
}

static enum status
text_read(const char *path, struct keyring *keyring,
    struct fingerprint *ret_print, struct problem *problem)
{
	struct keyring found;
	struct fingerprint print = { 0 };
	struct buf text = { 0 };
	enum status status = file_read(
	    path, LIMIT_KEYRING_FILE, &text, &print, problem);

	if (status == STATUS_OK) {
		status = keyring_parse(text.data, text.len, &found, problem);
		if (status != STATUS_OK)
			problem_prefix(problem, "%s", path);
	} else if (status == STATUS_ABSENT) {
		print = (struct fingerprint){ 0 };
		keyring_init(&found);
		status = STATUS_OK;
	}
	if (text.data != NULL)
		explicit_bzero(text.data, text.room);
	buf_fini(&text);
	if (status == STATUS_OK) {
		keyring_fini(keyring);
		*keyring = found;
		*ret_print = print;
	}
	return status;
}

enum status
keyring_file_look(
    const char *path, struct keyring *ret_keyring, struct problem *problem)
{
	char *file = mem_format("%s/" KEYRING_FILE, path);
	struct fingerprint print;
	struct keyring keyring;
	enum status status;

	keyring_init(&keyring);
	status = text_read(file, &keyring, &print, problem);
	if (status == STATUS_OK)
		*ret_keyring = keyring;
	else
		keyring_fini(&keyring);
	free(file);
	return status;
}

enum status
keyring_file_read(
    struct keyring_file *file, struct keyring *keyring, struct problem *problem)
{
	char *path = file_path(file);
	enum status status = text_read(path, keyring, &file->print, problem);

	free(path);
	return status;
}

void
keyring_file_cancel(struct keyring_file *file)
{
	state_directory_unlock(&file->directory);
}

enum status
keyring_file_begin(
    struct keyring_file *file, struct keyring *keyring, struct problem *problem)
{
	enum status status = state_directory_wait(&file->directory, problem);

	if (status != STATUS_OK)
		return status;
	if (keyring_file_is_changed(file))
		status = keyring_file_read(file, keyring, problem);
	if (status != STATUS_OK)
		keyring_file_cancel(file);
	return status;
}

enum status
keyring_file_commit(struct keyring_file *file, const struct keyring *keyring,
    struct problem *problem)
{
	struct buf text = { 0 };
	enum status status;
	char *path = file_path(file);

	keyring_format(keyring, &text);
	status = state_directory_replace(
	    &file->directory, KEYRING_FILE, KEYRING_MODE, &text, true, problem);
	explicit_bzero(text.data, text.room);
	buf_fini(&text);
	if (status == STATUS_OK)
		(void)file_fingerprint(path, &file->print);
	free(path);
	keyring_file_cancel(file);
	return status;
}
