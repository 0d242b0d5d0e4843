/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <string.h>

#include "config/value.h"

enum { PORT_SMTP = 25, SHA2_256 = 1, SHA2_512 = 2 };

/* A set of record types. */
struct types {
	bool has[4][2][3];
};

/* Add one; returns false if it is there already. */
static bool
types_add(struct types *types, const struct record_type *type)
{
	bool *has = &types->has[type->usage][type->selector][type->matching];
	bool added = !*has;

	*has = true;
	return added;
}

/* Return what is unusual about a record type of this list, or NULL. */
static const char *
unusual(const struct types *types, const struct record_type *type, bool smtp)
{
	const bool *has = types->has[type->usage][type->selector];

	if (smtp && type->usage < 2)
		return "usages 0 and 1 are not for port 25 (RFC 7672 s3.1.3)";
	if (type->usage == 2 && type->selector == 0)
		return "a CA's certificate can be replaced by another of the "
		       "same key, so selector 0 fails with usage 2";
	if (type->matching == SHA2_512 && !has[SHA2_256])
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

/* Check one list of record types; `at` is its mapping. */
static enum status
check_policy(const struct document *document, const struct policy *policy,
    bool smtp, struct place at, struct problem *problem)
{
	struct types types = { 0 };
	const struct record_type *type = policy->records;
	const char *reason;

	at.key = "records";
	for (size_t i = 0; i < policy->record_count; i++, type++) {
		if (types_add(&types, type))
			continue;
		at.index = (long)i;
		problem_set(problem,
		    "record type \"%d %d %d\" is in this list twice",
		    type->usage, type->selector, type->matching);
		document_blame(document, at, problem);
		return STATUS_REFUSED;
	}
	type = policy->records;
	for (size_t i = 0; i < policy->record_count; i++, type++) {
		reason = unusual(&types, type, smtp);
		if (reason == NULL || policy->allow_unusual)
			continue;
		at.index = (long)i;
		problem_set(problem,
		    "record type \"%d %d %d\": %s; use \"3 1 1\" or \"2 1 1\", "
		    "or set 'allow-unusual: true'",
		    type->usage, type->selector, type->matching, reason);
		document_blame(document, at, problem);
		return STATUS_REFUSED;
	}
	return STATUS_OK;
}

enum status
config_check_policies(const struct document *document,
    const struct config *config, struct problem *problem)
{
	struct place at = place_mapping("defaults");
	enum status status;

	/* What is discovered has the defaults, and may have other ports. */
	status = check_policy(document, &config->defaults,
	    has_smtp(config->ports, config->port_count) ||
		has_smtp(config->discover.ports, config->discover.port_count),
	    at, problem);
	for (size_t i = 0; status == STATUS_OK && i < config->service_count;
	     i++) {
		const struct config_service *service = &config->services[i];

		at.list = "services";
		at.item = (long)i;
		status = check_policy(document, &service->policy,
		    has_smtp(service->ports, service->port_count), at, problem);
	}
	return status;
}

enum status
config_check_keys(const struct document *document, const struct config *config,
    struct problem *problem)
{
	if ((config->listen_mode & 07) == 0)
		return STATUS_OK;
	for (size_t i = 0; i < config->zone_count; i++) {
		if (config->zones[i].dnssec != ZONE_DNSSEC_SELF)
			continue;
		problem_set(problem,
		    "'listen-mode' %04o lets everybody read the private keys "
		    "of zone '%s', which has 'dnssec: self'; use 0660 and "
		    "'listen-group'",
		    config->listen_mode,
		    value_quote(config->zones[i].name).text);
		document_blame(document, place_top("listen-mode"), problem);
		return STATUS_REFUSED;
	}
	return STATUS_OK;
}
