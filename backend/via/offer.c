/* SPDX-License-Identifier: MIT */
#include "offer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/chain_file.h"
#include "pki/next_key.h"

static void
der_take(const struct cert_part *part, struct via_der *der)
{
	der->data = mem_copy(part->der, part->der_len);
	der->len = part->der_len;
}

static void
chain_take(const struct chain *parsed, struct via_chain *chain)
{
	for (size_t i = 0; i <= parsed->ca_count && i < LIMIT_CHAIN; i++) {
		const struct cert *cert = i == 0 ? parsed->leaf
						 : parsed->ca[i - 1];

		der_take(&cert->part[CERT_SELECTOR_CERT],
		    &chain->list[chain->count++]);
	}
}

static enum status
live_read(const struct location *location, struct via_question *offer,
    struct problem *problem)
{
	struct chain_file file;
	struct ca_pool pool;
	enum status status;

	ca_pool_init(&pool);
	status = chain_file_read(
	    &pool, location->file, location->issuers, true, &file, problem);
	if (status == STATUS_OK) {
		chain_take(file.chain, &offer->chain);
		chain_file_fini(&file);
	}
	ca_pool_fini(&pool);
	return status;
}

static enum status
next_parse(
    const struct buf *text, struct via_question *offer, struct problem *problem)
{
	struct via_next *next = &offer->next[offer->next_count];
	struct next_key key = { NULL, NULL };
	struct ca_pool pool;
	enum status status;

	ca_pool_init(&pool);
	status = next_key_parse(
	    &pool, text->data, text->len, true, &key, problem);
	if (status == STATUS_OK && key.chain != NULL)
		chain_take(key.chain, &next->chain);
	else if (status == STATUS_OK)
		der_take(&key.cert->part[CERT_SELECTOR_SPKI], &next->key);
	if (status == STATUS_OK)
		offer->next_count++;
	cert_unref(key.cert);
	chain_unref(key.chain);
	ca_pool_fini(&pool);
	return status;
}

/* As the daemon has it: what went meanwhile is about to be live. */
static enum status
next_read(const char *file, struct via_question *offer, struct problem *problem)
{
	struct buf text = { 0 };
	enum status status = STATUS_OK;

	if (offer->next_count < LIMIT_NEXT) {
		status = file_read(file, LIMIT_PEM_FILE, &text, NULL, problem);
		if (status == STATUS_OK && text.len > 0) {
			status = next_parse(&text, offer, problem);
			if (status != STATUS_OK)
				problem_prefix(problem, "%s", file);
		}
	}
	buf_fini(&text);
	return status == STATUS_ABSENT ? STATUS_OK : status;
}

/* What pdns-tlsa.yaml(5) says of it here. */
static enum status
configured_read(const struct config *config, const char *name,
    struct via_question *offer, struct problem *problem)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < config->lineage_count; i++) {
		const struct config_lineage *lineage = &config->lineages[i];

		if (strcmp(lineage->name, name) != 0)
			continue;
		for (size_t k = 0;
		     k < lineage->next_count && status == STATUS_OK; k++)
			status = next_read(lineage->next[k], offer, problem);
		if (!lineage->has_reuse_key)
			continue;
		offer->plan.is_known = true;
		offer->plan.reuse_key = lineage->reuse_key;
		if (lineage->reuse_key)
			offer->plan.has_key_type = false;
	}
	return status;
}

static enum status
location_read(const struct newest *newest, struct via_question *offer,
    struct problem *problem)
{
	const struct location *location = &newest->location;
	enum status status;

	if (!rights_take(&newest->rights, problem))
		return STATUS_IO;
	status = live_read(location, offer, problem);
	for (size_t i = 0; i < location->next.count && status == STATUS_OK; i++)
		status = next_read(location->next.list[i], offer, problem);
	rights_return(&newest->rights);
	return status;
}

enum status
offer_make(const struct config *config, const struct newest *newest,
    struct via_question *ret_offer, struct problem *problem)
{
	struct via_question offer = { .kind = VIA_OFFER,
		.version = VIA_VERSION,
		.name = mem_string(newest->name),
		.plan = newest->location.plan };
	enum status status = STATUS_OK;

	memcpy(offer.leaf, newest->leaf, sizeof(offer.leaf));
	if (offer.plan.server != NULL)
		offer.plan.server = mem_string(offer.plan.server);
	if (!via_name_is_safe(newest->name)) {
		problem_set(problem,
		    "lineage '%.200s' has a name that is not sent: letters, "
		    "digits and . _ * @ + , = ~ -, %d at most; rename it",
		    newest->name, LIMIT_VIA_NAME);
		status = STATUS_REFUSED;
	}
	if (status == STATUS_OK)
		status = location_read(newest, &offer, problem);
	if (status == STATUS_OK)
		status = configured_read(config, newest->name, &offer, problem);
	if (status == STATUS_OK)
		*ret_offer = offer;
	else
		via_question_fini(&offer);
	return status;
}
