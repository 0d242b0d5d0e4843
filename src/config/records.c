/* SPDX-License-Identifier: MIT */
#include "records.h"

#include <stdint.h>

enum { PORT_SMTP = 25, SHA2_256 = 1, SHA2_512 = 2 };

static bool
has_type(const struct policy *policy, size_t count, uint8_t usage,
    uint8_t selector, uint8_t matching)
{
	for (size_t i = 0; i < count; i++) {
		const struct record_type *type = &policy->records[i];

		if (type->usage == usage && type->selector == selector &&
		    type->matching == matching)
			return true;
	}
	return false;
}

/* Return what is unusual about a record type of this list, or NULL. */
static const char *
unusual(const struct policy *policy, const struct record_type *type, bool smtp)
{
	if (smtp && type->usage < 2)
		return "usages 0 and 1 are not for port 25 (RFC 7672 s3.1.3)";
	if (type->usage == 2 && type->selector == 0)
		return "a CA's certificate can be replaced by another of the "
		       "same key, so selector 0 fails with usage 2";
	if (type->matching == SHA2_512 &&
	    !has_type(policy, policy->record_count, type->usage, type->selector,
		SHA2_256))
		return "not every client knows SHA2-512 (RFC 7671 s9), so "
		       "matching type 1 must be there too";
	return NULL;
}

static bool
has_smtp(const struct port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (ports[i].number == PORT_SMTP)
			return true;
	}
	return false;
}

/* Check one list of record types; `node` is the mapping that may have it. */
static bool
check_records(struct document *document, const struct policy *policy, bool smtp,
    const struct node *node)
{
	const struct node *list = node_at(node, "records");
	const struct record_type *type = policy->records;

	for (size_t i = 0; i < policy->record_count; i++, type++) {
		if (has_type(
			policy, i, type->usage, type->selector, type->matching))
			return document_refuse(document, node_item(list, i),
			    "record type \"%d %d %d\" is in this list twice",
			    type->usage, type->selector, type->matching);
	}
	type = policy->records;
	for (size_t i = 0; i < policy->record_count; i++, type++) {
		const char *reason = unusual(policy, type, smtp);

		if (reason != NULL && !policy->allow_unusual)
			return document_refuse(document, node_item(list, i),
			    "record type \"%d %d %d\": %s; use \"3 1 1\" or "
			    "\"2 1 1\", or set 'allow-unusual: true'",
			    type->usage, type->selector, type->matching,
			    reason);
	}
	return true;
}

bool
config_check_records(struct document *document, const struct config *config)
{
	const struct node *root = &document->root;
	/* What is discovered has the defaults, and may have other ports. */
	bool smtp = has_smtp(config->ports, config->port_count) ||
		    has_smtp(
			config->discover.ports, config->discover.port_count);
	bool good = check_records(
	    document, &config->defaults, smtp, node_at(root, "defaults"));

	for (size_t i = 0; good && i < config->service_count; i++) {
		const struct config_service *service = &config->services[i];

		good = check_records(document, &service->policy,
		    has_smtp(service->ports, service->port_count),
		    node_item(node_at(root, "services"), i));
	}
	return good;
}
