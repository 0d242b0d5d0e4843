/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

void
location_fini(struct location *location)
{
	free(location->file);
	free(location->target);
	free(location->warning);
	paths_fini(&location->watched);
	paths_fini(&location->next);
	paths_fini(&location->past);
	free(location->plan.server);
	*location = (struct location){ 0 };
}

const struct source_ops *
source_ops(enum source_type type)
{
	static const struct source_ops *const table[] = {
		[SOURCE_CERTBOT] = &source_certbot,
		[SOURCE_FILES] = &source_files,
	};

	return table[type];
}

enum status
source_list(const char *directory,
    void (*found)(const char *name, const char *path, void *arg), void *arg,
    struct problem *problem)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;

	if (dir == NULL && (errno == ENOENT || errno == ENOTDIR)) {
		problem_set(problem, "%s: does not exist", directory);
		return STATUS_ABSENT;
	}
	if (dir == NULL) {
		problem_set(problem, "%s: %s%s", directory, strerror(errno),
		    errno == EACCES ? "; let our user or group list it" : "");
		return STATUS_IO;
	}
	while ((entry = readdir(dir)) != NULL) {
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		path = mem_format("%s/%s", directory, entry->d_name);
		found(entry->d_name, path, arg);
		free(path);
	}
	(void)closedir(dir);
	return STATUS_OK;
}

char *
source_sibling(const char *file, const char *from, const char *to)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	size_t len = strlen(from);

	return strncmp(name, from, len) == 0
		   ? mem_format(
			 "%.*s%s%s", (int)(name - file), file, to, name + len)
		   : NULL;
}
