/* SPDX-License-Identifier: MIT */
#include "look/rivals.h"

#include <ctype.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "files/file.h"

bool
rivals_has(const struct service_view *view, const struct lineage *lineage)
{
	struct dname room;
	const struct dname *host = service_host(view->service, &room);

	return host != NULL && lineage->deleted == 0 &&
	       lineage->generation_count > 0 &&
	       cert_covers(lineage_current(lineage)->leaf, host);
}

size_t
rivals_count(const struct service_view *view)
{
	size_t count = 0;

	for (size_t i = 0; i < view->lineage_count; i++)
		count += rivals_has(view, view->lineages[i]);
	return count;
}

/* The length of NAME in NAME-0001, or of all. */
static size_t
stem_len(const char *name)
{
	size_t len = strlen(name);
	size_t digits = 0;

	while (digits < len && isdigit((unsigned char)name[len - 1 - digits]))
		digits++;
	return digits == 4 && len > 5 && name[len - 5] == '-' ? len - 5 : len;
}

static bool
are_twins(const struct lineage *a, const struct lineage *b)
{
	size_t len = stem_len(a->name);

	return a->source == b->source && stem_len(b->name) == len &&
	       strncmp(a->name, b->name, len) == 0;
}

/* Does the certificate name all that the other one does? */
static bool
names_all(const struct cert *cert, const struct cert *other)
{
	for (size_t i = 0; i < other->name_count; i++) {
		bool found = false;

		for (size_t k = 0; !found && k < cert->name_count; k++)
			found = strcmp(cert->names[k], other->names[i]) == 0;
		if (!found)
			return false;
	}
	return true;
}

static bool
is_successor(
    const struct lineage *next, const struct lineage *lineage, int64_t now)
{
	const struct cert *leaf = lineage_current(lineage)->leaf;
	const struct cert *later = lineage_current(next)->leaf;

	return next != lineage && later->not_before > leaf->not_before &&
	       later->not_after > now &&
	       later->key_algorithm == leaf->key_algorithm &&
	       names_all(later, leaf) &&
	       (leaf->not_after <= now || are_twins(next, lineage));
}

const struct lineage *
rivals_successor(
    const struct service_view *view, const struct lineage *lineage, int64_t now)
{
	for (size_t i = 0; rivals_has(view, lineage) && i < view->readable; i++)
		if (rivals_has(view, view->lineages[i]) &&
		    is_successor(view->lineages[i], lineage, now))
			return view->lineages[i];
	return NULL;
}

char *
rivals_end(const struct config_source *source, const struct lineage *lineage)
{
	return source->type == SOURCE_CERTBOT
		   ? mem_format("certbot delete --cert-name %s", lineage->name)
		   : mem_format("remove it from %s", source->path);
}

/* ---- who may write ---- */

static void
writer_add(
    struct paths *writers, const char *kind, const char *name, unsigned number)
{
	char *text = name != NULL ? mem_format("%s%s", kind, name)
				  : mem_format("%s%u", kind, number);

	paths_add(writers, text);
	free(text);
}

/* With the sticky bit only the owner of an entry replaces it. */
static void
writers_of(const char *path, struct paths *writers)
{
	const struct passwd *user;
	const struct group *group;
	struct stat st;

	if (lstat(path, &st) != 0 || S_ISLNK(st.st_mode))
		return;
	user = getpwuid(st.st_uid);
	writer_add(writers, "", user != NULL ? user->pw_name : NULL, st.st_uid);
	if ((st.st_mode & S_ISVTX) != 0)
		return;
	group = getgrgid(st.st_gid);
	if ((st.st_mode & S_IWGRP) != 0)
		writer_add(writers, "group ",
		    group != NULL ? group->gr_name : NULL, st.st_gid);
	if ((st.st_mode & S_IWOTH) != 0)
		paths_add(writers, "anybody");
}

char *
rivals_writers(const char *file)
{
	struct paths steps = { 0 };
	struct paths writers = { 0 };
	struct buf text = { 0 };
	char *target = NULL;
	char *copy;

	paths_add(&writers, "root");
	(void)path_follow(file, NULL, &steps, &target, NULL);
	for (size_t i = 0; i < steps.count; i++)
		writers_of(steps.list[i], &writers);
	for (size_t i = 0; i < writers.count; i++)
		buf_add_format(
		    &text, "%s%s", i > 0 ? ", " : "", writers.list[i]);
	copy = mem_string(buf_text(&text));
	paths_fini(&steps);
	paths_fini(&writers);
	buf_fini(&text);
	free(target);
	return copy;
}
