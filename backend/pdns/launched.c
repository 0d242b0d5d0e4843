/* SPDX-License-Identifier: MIT */
#include "pdns/launched.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool
launched_is(const char *backend, const char *type)
{
	size_t len = strlen(type);

	return strncmp(backend, type, len) == 0 &&
	       (backend[len] == '\0' || backend[len] == ':');
}

void
launched_read(const struct pdns_conf *conf, struct launched *ret)
{
	const char *value = pdns_conf_get(conf, "launch", "");
	const char *at = value;
	const char *word;
	size_t len;

	*ret = (struct launched){ 0 };
	while ((len = pdns_conf_word(&at, &word)) > 0) {
		ret->list = mem_resize(
		    ret->list, ret->count + 1, sizeof(*ret->list));
		ret->files = mem_resize(
		    ret->files, ret->count + 1, sizeof(*ret->files));
		ret->files[ret->count] = pdns_conf_file(
		    conf, "launch", (size_t)(word - value));
		ret->list[ret->count++] = mem_copy(word, len);
	}
	while (ret->first_remote < ret->count &&
	       !launched_is(ret->list[ret->first_remote], "remote"))
		ret->first_remote++;
}

void
launched_fini(struct launched *launched)
{
	for (size_t i = 0; i < launched->count; i++)
		free(launched->list[i]);
	free(launched->list);
	free(launched->files);
}

const char *
launched_get(const struct pdns_conf *conf, const char *backend,
    const char *setting, const char *fallback)
{
	char *name = mem_format("%s-%s", backend, setting);
	char *colon = strchr(name, ':');
	const char *value;

	if (colon != NULL)
		*colon = '-';
	value = pdns_conf_get(conf, name, fallback);
	free(name);
	return value;
}

size_t
launched_twice(const struct launched *launched)
{
	for (size_t i = 1; i < launched->count; i++)
		for (size_t other = 0; other < i; other++)
			if (strcmp(launched->list[i], launched->list[other]) ==
			    0)
				return i;
	return launched->count;
}
