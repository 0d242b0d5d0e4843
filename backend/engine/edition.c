/* SPDX-License-Identifier: MIT */
#include "edition.h"

#include <stdlib.h>

#include "base/mem.h"
#include "config/kept.h"
#include "loop/log.h"

void
edition_fini(struct edition *edition)
{
	reader_free(edition->reader);
	reading_free(edition->reading);
	intake_fini(&edition->intake);
	store_free(edition->store);
	issuer_watch_free(edition->issuers);
	config_free(edition->config);
	*edition = (struct edition){ 0 };
}

void
edition_init(const struct edition_hooks *hooks, struct config *config,
    const struct edition *last, struct edition *ret_edition)
{
	struct edition edition = { .config = config };
	const struct issuers *old = last != NULL
					? issuer_watch_sets(last->issuers)
					: NULL;

	edition.issuers = issuer_watch_new(hooks->loop, hooks->watch, config,
	    old, hooks->issuers_changed, hooks->arg);
	edition.store = store_new(
	    config, hooks->tlsas, issuer_watch_sets(edition.issuers));
	intake_init(&edition.intake, config, edition.store);
	edition.reading = reading_new(config);
	edition.reader = reader_new(hooks->loop, hooks->warden, hooks->watch,
	    hooks->cas, edition.reading, hooks->reader);
	*ret_edition = edition;
}

static bool
lineage_visit(const struct lineage *lineage, void *arg)
{
	const struct edition *edition = arg;
	struct known known = { 0 };

	known_set(&known, lineage);
	reader_know(edition->reader, lineage->source, lineage->name, &known);
	return true;
}

void
edition_tell(struct edition *edition)
{
	reader_set_memory(edition->reader, store_has_memory(edition->store));
	for (unsigned i = 0; i < edition->reading->source_count; i++)
		if (store_source_problem(edition->store, i) != NULL)
			reader_know_problem(edition->reader, i);
	store_walk_lineages(edition->store, lineage_visit, edition);
}

void
edition_start(struct edition *edition, bool is_thorough)
{
	edition->reading->is_thorough = is_thorough;
	reader_start(edition->reader);
}

bool
edition_again(const struct edition_hooks *hooks, const struct edition *last,
    struct edition *ret_edition, struct problem *problem)
{
	struct problem unkept = { "" };
	struct config *config = NULL;
	struct buf text = { 0 };
	bool is_good = config_load(last->config->path, &text, &config,
			   problem) == STATUS_OK;

	if (!is_good) {
		free(last->config->fault);
		last->config->fault = mem_string(problem->text);
	} else {
		edition_init(hooks, config, last, ret_edition);
	}
	/* Without waiting for the disk: PowerDNS asks meanwhile. */
	if (is_good &&
	    config_kept_put(config, &text, false, &unkept) != STATUS_OK)
		log_line(LOG_LEVEL_WARNING,
		    "%s; this configuration is not kept", unkept.text);
	buf_fini(&text);
	return is_good;
}
