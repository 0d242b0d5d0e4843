/* SPDX-License-Identifier: MIT */
#include "files/chain_file.h"

#include <string.h>

#include "base/limit.h"
#include "files/file.h"

static enum status
text_parse(struct ca_pool *pool, const char *path, bool keep_all,
    struct chain_file *file, struct problem *problem)
{
	struct problem remark = { "" };
	struct chain *chain;
	enum status status = chain_parse(pool, file->text.data, file->text.len,
	    keep_all, &chain, &remark, problem);

	if (status != STATUS_OK) {
		problem_prefix(problem, "%s", path);
		return status;
	}
	chain_unref(file->chain);
	file->chain = chain;
	file->remark = remark;
	if (remark.text[0] != '\0')
		problem_prefix(&file->remark, "%s", path);
	return STATUS_OK;
}

static enum status
issuers_read(struct ca_pool *pool, const char *issuers, bool keep_all,
    struct chain_file *file, struct problem *problem)
{
	struct fingerprint print;
	enum status status;

	/* Not every file ends with the end of a line. */
	buf_add_string(&file->text, "\n");
	status = file_read(
	    issuers, LIMIT_PEM_FILE, &file->text, &print, problem);
	if (status == STATUS_OK)
		status = text_parse(pool, issuers, keep_all, file, problem);
	/* Only the leaf's file tells whether this is a lineage at all. */
	if (status == STATUS_FOREIGN)
		status = STATUS_REFUSED;
	/* It was emptied, or is of another leaf, and about to be written. */
	if (status == STATUS_OK && file->chain->ca_count == 0) {
		problem_set(problem,
		    "%s: holds no CA certificate that issued the leaf '%s'",
		    issuers, file->chain->leaf->subject);
		status = STATUS_MALFORMED;
	}
	if (status == STATUS_OK)
		fingerprint_join(&file->print, &print);
	return status == STATUS_ABSENT ? STATUS_IO : status;
}

enum status
chain_file_read(struct ca_pool *pool, const char *path, const char *issuers,
    bool keep_all, struct chain_file *ret_file, struct problem *problem)
{
	struct chain_file file = { 0 };
	enum status status = file_read(
	    path, LIMIT_PEM_FILE, &file.text, &file.print, problem);

	if (status == STATUS_OK)
		status = text_parse(pool, path, keep_all, &file, problem);
	if (status == STATUS_OK && file.chain->ca_count == 0 && issuers != NULL)
		status = issuers_read(pool, issuers, keep_all, &file, problem);
	if (status == STATUS_OK)
		*ret_file = file;
	else
		chain_file_fini(&file);
	return status;
}

void
chain_file_fini(struct chain_file *file)
{
	chain_unref(file->chain);
	if (file->text.data != NULL)
		explicit_bzero(file->text.data, file->text.room);
	buf_fini(&file->text);
	*file = (struct chain_file){ 0 };
}

bool
chain_file_unchanged(
    const char *path, const char *issuers, const struct fingerprint *print)
{
	struct fingerprint now;
	struct fingerprint other;

	if (!file_fingerprint(path, &now))
		return false;
	if (issuers == NULL || fingerprint_equal(&now, print))
		return fingerprint_equal(&now, print);
	if (!file_fingerprint(issuers, &other))
		return false;
	fingerprint_join(&now, &other);
	return fingerprint_equal(&now, print);
}
