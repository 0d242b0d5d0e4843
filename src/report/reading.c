/* SPDX-License-Identifier: MIT */
#include "report/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"
#include "pieces.h"

static char **
texts_copy(char *const *texts, size_t count)
{
	char **copy = mem_array(count, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = mem_string(texts[i]);
	return copy;
}

static void
source_copy(const struct config_source *from, struct config_source *source)
{
	*source = *from;
	source->path = mem_string(from->path);
	source->match = texts_copy(from->match, from->match_count);
	source->hosts = texts_copy(from->hosts, from->host_count);
}

static void
lineage_copy(const struct config_lineage *from, struct config_lineage *lineage)
{
	*lineage = *from;
	lineage->name = mem_string(from->name);
	lineage->next = texts_copy(from->next, from->next_count);
}

/* Only matching types 0 and 2 need more than SHA-256 digests. */
static bool
policy_needs_all(const struct policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (policy->records[i].matching != 1)
			return true;
	return false;
}

static void
services_note(struct reading *reading, const struct config *config)
{
	for (size_t i = 0; i < config->service_count; i++) {
		const struct config_service *service = &config->services[i];

		reading->keep_all |= policy_needs_all(&service->policy);
		if (reading->retain < service->policy.retain)
			reading->retain = service->policy.retain;
		for (size_t k = 0; k < service->lineage_count; k++)
			trie_set(&reading->named, service->lineages[k],
			    strlen(service->lineages[k]), reading);
	}
}

struct reading *
reading_empty(void)
{
	struct reading *reading = mem_new(sizeof(*reading));

	trie_init(&reading->named, NULL);
	return reading;
}

/* Our own record, and the configuration of PowerDNS, which has passwords. */
static void
closed_note(struct reading *reading, const struct config *config)
{
	char *directory = path_directory(config->powerdns_config);
	char *list[] = { config->state_directory, config->powerdns_config,
		mem_format("%s/pdns.d", directory) };

	reading->closed_count = sizeof(list) / sizeof(list[0]);
	reading->closed = texts_copy(list, reading->closed_count);
	free(list[2]);
	free(directory);
}

struct reading *
reading_new(const struct config *config)
{
	struct reading *reading = reading_empty();

	reading->source_count = config->source_count;
	reading->sources = mem_array(
	    config->source_count, sizeof(*reading->sources));
	for (size_t i = 0; i < config->source_count; i++)
		source_copy(&config->sources[i], &reading->sources[i]);
	reading->lineage_count = config->lineage_count;
	reading->lineages = mem_array(
	    config->lineage_count, sizeof(*reading->lineages));
	for (size_t i = 0; i < config->lineage_count; i++)
		lineage_copy(&config->lineages[i], &reading->lineages[i]);
	services_note(reading, config);
	closed_note(reading, config);
	/* What is discovered has the defaults. */
	if (config->discover.host_count > 0) {
		reading->keep_all |= policy_needs_all(&config->defaults);
		if (reading->retain < config->defaults.retain)
			reading->retain = config->defaults.retain;
	}
	return reading;
}

void
reading_free(struct reading *reading)
{
	if (reading == NULL)
		return;
	for (size_t i = 0; i < reading->source_count; i++)
		source_drop(&reading->sources[i]);
	for (size_t i = 0; i < reading->lineage_count; i++)
		lineage_drop(&reading->lineages[i]);
	for (size_t i = 0; i < reading->closed_count; i++)
		free(reading->closed[i]);
	free(reading->closed);
	free(reading->sources);
	free(reading->lineages);
	trie_fini(&reading->named);
	free(reading);
}

bool
reading_names(const struct reading *reading, const char *name)
{
	return trie_get(&reading->named, name, strlen(name)) != NULL;
}

static void
chain_set(struct known *known, const struct chain *chain)
{
	known->has_chain = chain != NULL;
	known->ca_count = chain != NULL ? chain->ca_count : 0;
	known->is_authority = chain != NULL && chain_is_authority(chain);
	known->has_all = chain != NULL && chain->leaf->part[0].der != NULL;
}

void
known_set(struct known *known, const struct lineage *lineage)
{
	free(known->file);
	*known = (struct known){
		.file = lineage->file != NULL ? mem_string(lineage->file)
					      : NULL,
		.print = lineage->print,
		.has_problem = lineage->problem != NULL,
		.is_deleted = lineage->deleted != 0,
	};
	chain_set(known, lineage_current(lineage));
}

void
known_set_chain(struct known *known, const struct chain *chain,
    const char *file, const struct fingerprint *print)
{
	free(known->file);
	*known = (struct known){ .file = mem_string(file), .print = *print };
	chain_set(known, chain);
}

void
known_fini(struct known *known)
{
	free(known->file);
	*known = (struct known){ 0 };
}
