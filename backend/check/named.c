/* SPDX-License-Identifier: MIT */
/* What the configuration names, and what nobody can name. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char mend_name[] = "correct 'lineages', or get the certificate";

static bool
is_named(const struct config_service *service, const char *name)
{
	for (size_t i = 0; i < service->lineage_count; i++)
		if (strcmp(service->lineages[i], name) == 0)
			return true;
	return false;
}

static bool
is_anywhere(const struct check *check, const char *name)
{
	for (unsigned i = 0; i < check->config->source_count; i++)
		if (store_lineage(check->store, i, name) != NULL)
			return true;
	return false;
}

/* What is bound is found by its service. */
static bool
unread_visit(const struct lineage *lineage, void *arg)
{
	struct check *check = arg;
	const struct config *config = check->config;
	char *subject;

	if (lineage->generation_count > 0 || lineage->problem == NULL)
		return true;
	for (size_t i = 0; i < config->service_count; i++)
		if (is_named(&config->services[i], lineage->name))
			return true;
	subject = mem_format("lineage '%s'", lineage->name);
	finding_add(&check->findings, FINDING_LINEAGE_UNREAD, subject,
	    "mend the file, or leave it out by 'match' or 'hosts' of the "
	    "source",
	    "%s", lineage->problem);
	free(subject);
	return true;
}

void
check_unread(struct check *check)
{
	const struct config *config = check->config;

	store_walk_lineages(check->store, unread_visit, check);
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
