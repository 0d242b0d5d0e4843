/* SPDX-License-Identifier: MIT */
/* What the configuration names, and what nobody can name. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { UNREAD_NAMED = 100 };

static const char mend_name[] = "correct 'lineages', or get the certificate";

static bool
is_anywhere(const struct check *check, const char *name)
{
	for (unsigned i = 0; i < check->config->source_count; i++)
		if (store_lineage(check->store, i, name) != NULL)
			return true;
	return false;
}

/* Of thousands the first ones say what is wrong. */
struct unread {
	struct check *check;
	size_t left;
};

/* What is bound is found by its service. */
static bool
unread_visit(const struct lineage *lineage, void *arg)
{
	struct unread *unread = arg;
	char *subject = mem_format("lineage '%s'", lineage->name);

	finding_add(&unread->check->findings, FINDING_LINEAGE_UNREAD, subject,
	    "mend the file, or leave it out by 'match' or 'hosts' of the "
	    "source",
	    "%s", lineage->problem);
	free(subject);
	return --unread->left > 0;
}

void
check_unread(struct check *check)
{
	const struct config *config = check->config;
	struct unread unread = { check, UNREAD_NAMED };

	store_walk_unread(check->store, unread_visit, &unread);
	for (size_t i = 0; i < config->lineage_count; i++)
		if (!is_anywhere(check, config->lineages[i].name))
			finding_add(&check->findings, FINDING_LINEAGE_ABSENT,
			    config->path, mend_name,
			    "'lineages' names '%s', which no source has",
			    config->lineages[i].name);
}

static bool
is_bound(const struct service_view *view, const char *name)
{
	for (size_t i = 0; i < view->lineage_count; i++)
		if (strcmp(view->lineages[i]->name, name) == 0)
			return true;
	return false;
}

void
check_named(struct check *check, struct check_service *service)
{
	const struct config_service *config = service->service != NULL
						  ? service->service->config
						  : NULL;

	for (size_t i = 0; config != NULL && i < config->lineage_count; i++) {
		const char *name = config->lineages[i];
		bool is_there = is_anywhere(check, name);

		if (!is_bound(&service->view, name))
			finding_add(&service->findings, FINDING_LINEAGE_ABSENT,
			    service->subject,
			    is_there ? "add the host to 'hosts' of the source, "
				       "or correct 'lineages'"
				     : mend_name,
			    "its 'lineages' names '%s', %s", name,
			    is_there ? "whose source does not speak for the "
				       "host"
				     : "which no source has");
	}
}
