/* SPDX-License-Identifier: MIT */
#include "deploy/newest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/chain_file.h"
#include "files/file.h"
#include "pki/next_key.h"

enum { SHA256_LEN = 32 };

void
newest_fini(struct newest *newest)
{
	chain_unref(newest->chain);
	location_fini(&newest->location);
	paths_fini(&newest->ways);
	free(newest->told_by);
	free(newest->file);
	free(newest->issuers);
	free(newest->name);
	*newest = (struct newest){ 0 };
}

/* Read a file that may be a chain; a bare key is none (STATUS_ABSENT). */
static enum status
staged_read(const char *file, struct chain **ret_chain, struct problem *problem)
{
	struct buf text = { 0 };
	struct next_key next = { 0 };
	struct ca_pool pool;
	enum status status = file_read(
	    file, LIMIT_PEM_FILE, &text, NULL, problem);

	ca_pool_init(&pool);
	if (status == STATUS_OK) {
		status = next_key_parse(
		    &pool, text.data, text.len, false, &next, problem);
		if (status != STATUS_OK)
			problem_prefix(problem, "%s", file);
	}
	if (status == STATUS_OK && next.chain == NULL)
		status = STATUS_ABSENT;
	else if (status == STATUS_OK)
		*ret_chain = chain_ref(next.chain);
	cert_unref(next.cert);
	chain_unref(next.chain);
	ca_pool_fini(&pool);
	buf_fini(&text);
	return status;
}

static enum status
live_read(const struct location *location, struct newest *newest,
    struct problem *problem)
{
	struct chain_file file;
	struct ca_pool pool;
	enum status status;

	ca_pool_init(&pool);
	status = chain_file_read(
	    &pool, location->file, location->issuers, false, &file, problem);
	/* The lineage is there; somebody else's of that name is not meant. */
	if (status == STATUS_ABSENT && !location->is_candidate)
		status = STATUS_IO;
	if (status == STATUS_OK) {
		newest->chain = chain_ref(file.chain);
		newest->file = mem_string(location->target);
		if (location->issuers != NULL)
			newest->issuers = mem_string(location->issuers);
		chain_file_fini(&file);
	}
	ca_pool_fini(&pool);
	return status;
}

/*
 * What is staged last, as the daemon sees it, or else what is live.  Where the
 * live one lies tells where others are staged.
 */
static enum status
location_read(const struct location *location, struct newest *newest,
    struct problem *problem)
{
	if (location->told_by != NULL)
		newest->told_by = mem_string(location->told_by);
	paths_add(&newest->ways, location->file);
	for (size_t i = location->next.count; i > 0; i--) {
		const char *file = location->next.list[i - 1];

		if (staged_read(file, &newest->chain, NULL) == STATUS_OK) {
			paths_add(&newest->ways, file);
			newest->file = mem_string(file);
			return STATUS_OK;
		}
	}
	return live_read(location, newest, problem);
}

/* What is not there says nothing. */
static enum status
way_add(struct rights *rights, const char *path, struct problem *problem)
{
	enum status status = rights_add(rights, path, problem);

	return status == STATUS_ABSENT ? STATUS_OK : status;
}

/* Before it is looked for: the directory of all lineages, and what is there by
 * its name. */
static enum status
store_rights(const struct config_source *source, const char *name,
    struct rights *rights, struct problem *problem)
{
	char *all = source_ops(source->type)->directory(source, ROLE_LINEAGES);
	char *one = all != NULL ? mem_format("%s/%s", all, name) : NULL;
	enum status status = way_add(
	    rights, one != NULL ? one : source->path, problem);

	free(one);
	free(all);
	return status;
}

static enum status
location_rights(const struct location *location, struct rights *rights,
    struct problem *problem)
{
	enum status status = way_add(rights, location->file, problem);

	if (status == STATUS_OK && location->issuers != NULL)
		status = way_add(rights, location->issuers, problem);
	for (size_t i = 0; i < location->next.count && status == STATUS_OK; i++)
		status = way_add(rights, location->next.list[i], problem);
	if (status == STATUS_OK && location->told_by != NULL)
		status = rights_add_file(rights, location->told_by, problem);
	return status;
}

static enum status
location_find(const struct config_source *source, const char *name,
    const struct rights *rights, struct location *location,
    struct problem *problem)
{
	enum status status;

	if (!rights_take(rights, problem))
		return STATUS_IO;
	status = source_ops(source->type)
		     ->locate(source, name, NULL, location, problem);
	rights_return(rights);
	return status;
}

static enum status
location_read_as(const struct location *location, const struct rights *rights,
    struct newest *newest, struct problem *problem)
{
	enum status status;

	if (!rights_take(rights, problem))
		return STATUS_IO;
	status = location_read(location, newest, problem);
	rights_return(rights);
	return status;
}

/* Is it one at all?  A directory may have the name by chance. */
static bool
is_there(const struct config_source *source, const char *name)
{
	struct location location = { 0 };
	enum status status = source_ops(source->type)
				 ->locate(source, name, NULL, &location, NULL);
	bool is_absent = status == STATUS_ABSENT ||
			 (status == STATUS_OK && location.is_candidate &&
			     access(location.file, F_OK) != 0);

	location_fini(&location);
	return !is_absent;
}

static enum status
source_read(const struct config_source *source, const char *name, bool as_owner,
    struct newest *newest, struct problem *problem)
{
	struct location location = { 0 };
	struct rights rights = { 0 };
	enum status status = STATUS_OK;
	bool is_his = false;

	if (as_owner)
		status = store_rights(source, name, &rights, problem);
	/* What was found as root may be another's: then he looks himself. */
	while (status == STATUS_OK && !is_his) {
		newest->rights = rights;
		location_fini(&location);
		status = location_find(
		    source, name, &newest->rights, &location, problem);
		if (status == STATUS_OK && as_owner)
			status = location_rights(&location, &rights, problem);
		is_his = rights.uid == newest->rights.uid;
	}
	if (status == STATUS_OK)
		status = location_read_as(&location, &rights, newest, problem);
	else if (status == STATUS_REFUSED && !is_there(source, name))
		status = STATUS_ABSENT;
	if (status == STATUS_OK)
		newest->location = location;
	else
		location_fini(&location);
	return status;
}

enum status
newest_rights(const struct newest *newest, const char *key,
    struct rights *ret_rights, struct problem *problem)
{
	struct rights rights = newest->rights;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < newest->ways.count && status == STATUS_OK; i++)
		status = rights_add(&rights, newest->ways.list[i], problem);
	/* CA certificates are read where they are needed. */
	if (status == STATUS_OK && newest->issuers != NULL)
		status = way_add(&rights, newest->issuers, problem);
	if (status == STATUS_OK && newest->told_by != NULL)
		status = rights_add_file(&rights, newest->told_by, problem);
	if (status == STATUS_OK)
		status = rights_add(&rights, key, problem);
	if (status == STATUS_OK)
		*ret_rights = rights;
	return status;
}

static void
leaf_format(struct newest *newest)
{
	struct buf text = { 0 };

	buf_add_hex(&text, newest->chain->leaf->part[CERT_SELECTOR_CERT].sha256,
	    SHA256_LEN);
	(void)strncpy(newest->leaf, buf_text(&text), sizeof(newest->leaf) - 1);
	buf_fini(&text);
}

/* "/etc/letsencrypt/live/mail/" is "mail". */
static char *
name_of(const char *lineage)
{
	size_t len = strlen(lineage);
	const char *slash;

	while (len > 1 && lineage[len - 1] == '/')
		len--;
	slash = memrchr(lineage, '/', len);
	return slash != NULL
		   ? mem_copy(slash + 1, len - (size_t)(slash + 1 - lineage))
		   : mem_copy(lineage, len);
}

enum status
newest_find(const struct config *config, const char *lineage, bool as_owner,
    struct newest *ret_newest, struct problem *problem)
{
	struct newest found = { 0 };
	char *name = name_of(lineage);
	enum status status = STATUS_ABSENT;

	problem_set(problem,
	    "no source has a lineage '%.200s'; pdns-tlsa status lists "
	    "them, and a directory is named as a whole",
	    name);
	for (unsigned i = 0; i < config->source_count; i++) {
		struct problem why = { "" };
		struct newest newest = { .source = i };
		enum status read = source_read(
		    &config->sources[i], name, as_owner, &newest, &why);

		if (read != STATUS_OK)
			newest_fini(&newest);
		if (read == STATUS_ABSENT)
			continue;
		if (read == STATUS_OK && status == STATUS_OK) {
			newest_fini(&newest);
			problem_set(problem,
			    "lineage '%.200s' is in several sources; rename "
			    "one of them",
			    name);
			status = STATUS_REFUSED;
			break;
		}
		status = read;
		if (read != STATUS_OK) {
			newest_fini(&found);
			if (problem != NULL)
				*problem = why;
			break;
		}
		found = newest;
	}
	if (status == STATUS_OK) {
		found.name = name;
		leaf_format(&found);
		*ret_newest = found;
		return status;
	}
	newest_fini(&found);
	free(name);
	return status;
}
