/* SPDX-License-Identifier: MIT */
#include "pdns/module.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"

/* Where the name of Debian's package is not that of the backend. */
static const struct {
	const char *type;
	const char *package;
} packages[] = {
	{ "bind", "bind" },
	{ "geoip", "geoip" },
	{ "gmysql", "mysql" },
	{ "godbc", "odbc" },
	{ "gpgsql", "pgsql" },
	/* setup has commands for sqlite3(1). */
	{ "gsqlite3", "sqlite3 sqlite3" },
	{ "ldap", "ldap" },
	{ "lmdb", "lmdb" },
	{ "lua2", "lua2" },
	{ "pipe", "pipe" },
	{ "remote", "remote" },
	{ "tinydns", "tinydns" },
};

/* One for each architecture: of several nobody knows which. */
static char *
directory_find(void)
{
	DIR *dir = opendir("/usr/lib");
	const struct dirent *entry;
	char *found = NULL;
	size_t count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *path = mem_format("/usr/lib/%s/pdns", entry->d_name);

		if (entry->d_name[0] != '.' && path_is_directory(path)) {
			count++;
			free(found);
			found = path;
		} else {
			free(path);
		}
	}
	if (dir != NULL)
		(void)closedir(dir);
	if (count == 1)
		return found;
	free(found);
	return NULL;
}

char *
module_directory(const char *configured)
{
	if (configured[0] == '\0')
		return directory_find();
	return path_is_directory(configured) ? mem_string(configured) : NULL;
}

char *
module_path(const char *directory, const char *type, size_t len)
{
	return mem_format("%s/lib%.*sbackend.so", directory, (int)len, type);
}

char *
module_package(const char *type, size_t len)
{
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		if (strlen(packages[i].type) == len &&
		    strncmp(packages[i].type, type, len) == 0)
			return mem_format(
			    "pdns-backend-%s", packages[i].package);
	return NULL;
}
