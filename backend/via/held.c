/* SPDX-License-Identifier: MIT */
#include "held.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/plain.h"
#include "files/chain_file.h"

/* A name, or a wildcard that stands for it. */
static bool
names(const struct cert *cert, const char *name)
{
	struct dname host;

	for (size_t i = 0; i < cert->name_count; i++)
		if (strcmp(cert->names[i], name) == 0)
			return true;
	return dname_parse(name, strlen(name), &host) == STATUS_OK &&
	       cert_covers(cert, &host);
}

static bool
have_common(const struct cert *a, const struct cert *b)
{
	for (size_t i = 0; i < a->name_count; i++)
		if (names(b, a->names[i]))
			return true;
	for (size_t i = 0; i < b->name_count; i++)
		if (names(a, b->names[i]))
			return true;
	return false;
}

static enum status
leaf_check(const struct shelf *shelf, const char *sender,
    const struct cert *before, const struct cert *leaf, struct problem *problem)
{
	/* Nobody loses anything by it. */
	if (before->name_count == 0 || have_common(before, leaf))
		return STATUS_OK;
	problem_set(problem,
	    "lineage '%s' is one for '%.64s' there, sent by '%.64s' as this "
	    "one for '%.64s' is: two hosts need an --as each in the lines of "
	    "their keys, and lineages of different names; or, if it names "
	    "other hosts now, remove %s/%s/%s there",
	    shelf->name, plain_of(before->names[0]).text, plain_of(sender).text,
	    plain_of(leaf->names[0]).text, shelf->path, shelf->name,
	    SENT_SENDER);
	return STATUS_REFUSED;
}

enum status
held_check(const struct shelf *shelf, const char *sender,
    const struct cert *leaf, int64_t now, struct problem *problem)
{
	char *path = mem_format(
	    "%s/%s/%s", shelf->path, shelf->name, SENT_CHAIN);
	struct ca_pool pool;
	struct chain_file file;
	enum status status = STATUS_OK;

	ca_pool_init(&pool);
	if (chain_file_read(&pool, path, NULL, false, &file, NULL) ==
	    STATUS_OK) {
		if (file.chain->leaf->not_after >= now)
			status = leaf_check(
			    shelf, sender, file.chain->leaf, leaf, problem);
		chain_file_fini(&file);
	}
	ca_pool_fini(&pool);
	free(path);
	return status;
}
