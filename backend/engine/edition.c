/* SPDX-License-Identifier: MIT */
#include "edition.h"

#include <stdlib.h>

#include "base/mem.h"
#include "config/kept.h"
#include "loop/log.h"

void
edition_fini(struct edition *edition)
{
	scan_free(edition->scan);
	store_free(edition->store);
	issuer_watch_free(edition->issuers);
	config_free(edition->config);
	*edition = (struct edition){ 0 };
}

void
edition_init(const struct edition_hooks *hooks, struct config *config,
    struct edition *ret_edition)
{
	const struct scan_hooks scan_hooks = { hooks->now, hooks->scan_changed,
		hooks->scan_complete, hooks->arg };
	struct edition edition = { .config = config };

	edition.issuers = issuer_watch_new(hooks->loop, hooks->watch, config,
	    hooks->issuers_changed, hooks->arg);
	edition.store = store_new(
	    config, hooks->tlsas, issuer_watch_sets(edition.issuers));
	edition.scan = scan_new(hooks->loop, hooks->watch, config, hooks->cas,
	    edition.store, &scan_hooks);
	*ret_edition = edition;
}

bool
edition_again(const struct edition_hooks *hooks, const struct edition *last,
    struct edition *ret_edition, struct problem *problem)
{
	struct problem unkept = { "" };
	struct config *config = NULL;
	struct buf text = { 0 };
	bool is_good = config_load_text(last->config->path, &text, &config,
			   problem) == STATUS_OK;

	if (!is_good) {
		free(last->config->fault);
		last->config->fault = mem_string(problem->text);
	} else {
		edition_init(hooks, config, ret_edition);
	}
	/* Without waiting for the disk: PowerDNS asks meanwhile. */
	if (is_good &&
	    config_kept_put(config, &text, false, &unkept) != STATUS_OK)
		log_line(LOG_LEVEL_WARNING,
		    "%s; this configuration is not kept", unkept.text);
	buf_fini(&text);
	return is_good;
}
