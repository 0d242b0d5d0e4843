/* SPDX-License-Identifier: MIT */
#include "newest.h"

#include <stdlib.h>
#include <string.h>

#include "chain_file.h"
#include "file.h"
#include "limit.h"
#include "mem.h"
#include "next_key.h"

enum { SHA256_LEN = 32 };

void
newest_fini(struct newest *newest)
{
	chain_unref(newest->chain);
	free(newest->named);
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
		newest->named = mem_string(location->file);
		newest->file = mem_string(location->target);
		if (location->issuers != NULL)
			newest->issuers = mem_string(location->issuers);
		chain_file_fini(&file);
	}
	ca_pool_fini(&pool);
	return status;
}

/* What is staged last, as the daemon sees it, or else what is live. */
static enum status
location_read(const struct location *location, struct newest *newest,
    struct problem *problem)
{
	for (size_t i = location->next.count; i > 0; i--) {
		const char *file = location->next.list[i - 1];

		if (staged_read(file, &newest->chain, NULL) == STATUS_OK) {
			newest->named = mem_string(file);
			newest->file = mem_string(file);
			return STATUS_OK;
		}
	}
	return live_read(location, newest, problem);
}

static enum status
source_read(const struct config_source *source, const char *name,
    struct newest *newest, struct problem *problem)
{
	struct location location = { 0 };
	enum status status = source_ops(source->type)
				 ->locate(
				     source, name, NULL, &location, problem);

	if (status == STATUS_OK)
		status = location_read(&location, newest, problem);
	location_fini(&location);
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
newest_find(const struct config *config, const char *lineage,
    struct newest *ret_newest, struct problem *problem)
{
	struct newest found = { 0 };
	char *name = name_of(lineage);
	enum status status = STATUS_ABSENT;

	problem_set(problem, "no source has a lineage '%.200s'", name);
	for (unsigned i = 0; i < config->source_count; i++) {
		struct problem why = { "" };
		struct newest newest = { .source = i };
		enum status read = source_read(
		    &config->sources[i], name, &newest, &why);

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
