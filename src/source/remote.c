/* SPDX-License-Identifier: MIT */
/*
 * Our own store of what other hosts send (backend/via/shelf.h): NAME/ has the
 * chain of the lineage NAME, the staged keys that came with it, and what is to
 * be known of both.  No private key is ever in it.
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"
#include "formats/sent.h"

static enum status
remote_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	const char *path = source->path;

	return source_find(path, source_name_directory, found, arg, problem);
}

static void
next_add(struct location *location, const char *directory, size_t count)
{
	for (size_t i = 1; i <= count; i++) {
		char *file = mem_format("%s/" SENT_NEXT, directory, i);

		paths_add(&location->next, file);
		free(file);
	}
}

/* It is written last, so that what it tells of is there. */
static void
about_read(const char *directory, struct location *location)
{
	char *file = mem_format("%s/%s", directory, SENT_ABOUT);
	struct problem problem = { "" };
	struct buf text = { 0 };
	struct sent sent = { 0 };
	enum status status = file_read(file, LIMIT_SENT, &text, NULL, &problem);

	paths_add(&location->watched, file);
	if (status == STATUS_OK) {
		status = sent_parse(text.data != NULL ? text.data : "",
		    text.len, &sent, &problem);
		if (status != STATUS_OK)
			problem_prefix(&problem, "%s", file);
	}
	if (status == STATUS_OK) {
		next_add(location, directory, sent.next);
		location->plan = sent.plan;
		sent.plan = (struct renewal_plan){ 0 };
	} else if (status != STATUS_ABSENT) {
		location->warning = mem_string(problem.text);
	}
	sent_fini(&sent);
	buf_fini(&text);
	free(file);
}

static enum status
remote_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	const char *path = source->path;
	enum status status = source_locate_in(
	    path, name, SENT_CHAIN, NULL, ret_location, problem);
	char *directory;

	(void)last;
	if (status != STATUS_OK)
		return status;
	directory = mem_format("%s/%s", path, name);
	about_read(directory, ret_location);
	free(directory);
	return STATUS_OK;
}

static char *
remote_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, NULL, role);
}

static char *
remote_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	(void)role;
	*ret_discover = false;
	return name[0] != '.' ? mem_string(name) : NULL;
}

/* It is where the chain came from. */
static char *
remote_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	(void)source;
	(void)name;
	(void)file;
	return NULL;
}

const struct source_ops source_remote = {
	.discover = remote_discover,
	.locate = remote_locate,
	.directory = remote_directory,
	.lineage_of = remote_lineage_of,
	.key_of = remote_key_of,
};
