/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/value.h"
#include "sets/trie.h"

/* Everything is compared through sets, so that the work stays linear. */
struct check {
	const struct document *document;
	const struct config *config;
	struct trie zones;   /* key of dname -> item + 1 */
	struct trie overlay; /* key of dname -> item + 1 */
	struct trie owners;  /* key of dname -> service + 1 */
	enum status status;
	struct problem *problem;
};

/*
 * Refuse what `place` says; the text of the problem is set.  Always false,
 * for the caller to return.
 */
static bool
refuse(struct check *check, struct place place, enum status status)
{
	document_blame(check->document, place, check->problem);
	check->status = status;
	return false;
}

/*
 * Put a key with its item into `set`; false, and the item that has it
 * already, if it is not new.
 */
static bool
set_add(struct trie *set, const void *key, size_t len, size_t item,
    size_t *ret_first)
{
	const void *first = trie_get(set, key, len);

	if (first != NULL) {
		*ret_first = (size_t)(uintptr_t)first - 1;
		return false;
	}
	trie_set(set, key, len, (void *)(uintptr_t)(item + 1));
	return true;
}

/* No item of a list of texts twice; `at` is the list. */
static bool
check_texts(
    struct check *check, char *const *texts, size_t count, struct place at)
{
	struct trie set;
	bool good = true;
	size_t first;

	trie_init(&set, NULL);
	for (size_t i = 0; good && i < count; i++) {
		if (set_add(&set, texts[i], strlen(texts[i]), i, &first))
			continue;
		at.index = (long)i;
		problem_set(check->problem,
		    "'%s' is in this list twice; items %zu and %zu",
		    value_quote(texts[i]).text, first + 1, i + 1);
		good = refuse(check, at, STATUS_REFUSED);
	}
	trie_fini(&set);
	return good;
}

static bool
check_ports(struct check *check, const struct port *ports, size_t count,
    struct place at)
{
	struct trie set;
	bool good = true;
	size_t first;

	trie_init(&set, NULL);
	for (size_t i = 0; good && i < count; i++) {
		uint8_t key[] = { (uint8_t)ports[i].transport,
			(uint8_t)(ports[i].number >> 8),
			(uint8_t)ports[i].number };

		if (set_add(&set, key, sizeof(key), i, &first))
			continue;
		at.index = (long)i;
		problem_set(check->problem,
		    "port %u/%s is in this list twice; items %zu and %zu",
		    (unsigned)ports[i].number,
		    transport_text(ports[i].transport), first + 1, i + 1);
		good = refuse(check, at, STATUS_REFUSED);
	}
	trie_fini(&set);
	return good;
}

/* Two of the three sockets must not be one file. */
static bool
check_sockets(struct check *check)
{
	const struct config *config = check->config;
	const struct place powerdns = place_key(
	    place_mapping("powerdns"), "control-socket");
	const char *theirs = config->powerdns_control;
	struct place place = place_top("control");

	/* remote-connection-string is a list with commas. */
	if (strchr(config->listen, ',') != NULL) {
		problem_set(check->problem,
		    "'%s' has a comma, at which PowerDNS would split it; "
		    "choose another path",
		    value_quote(config->listen).text);
		return refuse(check, place_top("listen"), STATUS_REFUSED);
	}
	if (strcmp(config->listen, config->control) == 0) {
		problem_set(check->problem,
		    "'listen' and 'control' are the same socket '%s'; choose "
		    "two paths",
		    value_quote(config->control).text);
		if (!document_has(check->document, place))
			place = place_top("listen");
		return refuse(check, place, STATUS_REFUSED);
	}
	if (theirs != NULL && (strcmp(theirs, config->listen) == 0 ||
				  strcmp(theirs, config->control) == 0)) {
		problem_set(check->problem,
		    "'control-socket' is '%s', the same as our own '%s'; write "
		    "the socket of pdns_server",
		    value_quote(theirs).text,
		    strcmp(theirs, config->listen) == 0 ? "listen" : "control");
		return refuse(check, powerdns, STATUS_REFUSED);
	}
	return true;
}

static bool
check_sources(struct check *check)
{
	const struct config *config = check->config;
	struct trie set;
	bool good = true;
	size_t first;

	trie_init(&set, NULL);
	for (size_t i = 0; good && i < config->source_count; i++) {
		const char *path = config->sources[i].path;
		struct place place = place_item("sources", i);

		if (set_add(&set, path, strlen(path), i, &first)) {
			good = check_texts(check, config->sources[i].match,
				   config->sources[i].match_count,
				   place_key(place, "match")) &&
			       check_texts(check, config->sources[i].hosts,
				   config->sources[i].host_count,
				   place_key(place, "hosts"));
			continue;
		}
		place.key = "path";
		problem_set(check->problem,
		    "source '%s' is there twice; the first is in line %zu",
		    value_quote(path).text,
		    document_line(
			check->document, place_item("sources", first)));
		good = refuse(check, place, STATUS_REFUSED);
	}
	trie_fini(&set);
	return good;
}

/*
 * Even the longest owner name below a name must fit: "_65535._sctp." and the
 * name of `len` octets in presentation form, which has no escapes.
 */
static bool
owner_fits(size_t len)
{
	return strlen("_65535._sctp.") + len + 1 <= DNAME_WIRE_MAX;
}

static bool
check_zone(struct check *check, size_t item)
{
	const struct config_zone *zone = &check->config->zones[item];
	struct place place = place_item("zones", item);
	size_t first;

	place.key = "name";
	if (!owner_fits(strlen(zone->name))) {
		problem_set(check->problem,
		    "zone '%s' is too long to hold '_65535._sctp' labels",
		    value_quote(zone->name).text);
		return refuse(check, place, STATUS_LIMIT);
	}
	if (!set_add(&check->zones, zone->dname.key, zone->dname.len, item,
		&first)) {
		problem_set(check->problem,
		    "zone '%s' is there twice; the first is in line %zu",
		    value_quote(zone->name).text,
		    document_line(check->document, place_item("zones", first)));
		return refuse(check, place, STATUS_REFUSED);
	}
	if (zone->nsec3 != NULL && zone->dnssec == ZONE_DNSSEC_NONE) {
		place.key = "nsec3";
		problem_set(check->problem,
		    "'nsec3' is about a signed zone, and 'dnssec' is 'none'; "
		    "leave one of them out");
		return refuse(check, place, STATUS_REFUSED);
	}
	place.key = "nameservers";
	return check_texts(
	    check, zone->nameservers, zone->nameserver_count, place);
}

/*
 * The outer one would have to delegate the inner one, or its NSEC chain would
 * deny it; and for TLSA records nobody needs both.
 */
static bool
check_nesting(struct check *check, size_t item)
{
	const struct config_zone *zone = &check->config->zones[item];
	const struct dname *dname = &zone->dname;
	const void *outer = trie_get_longest(&check->zones, dname->key,
	    dname_parent_len(dname->key, dname->len));
	struct place place = place_item("zones", item);
	size_t first;

	if (outer == NULL)
		return true;
	first = (size_t)(uintptr_t)outer - 1;
	place.key = "name";
	problem_set(check->problem,
	    "zone '%s' lies within the zone in line %zu; leave one of them out",
	    value_quote(zone->name).text,
	    document_line(check->document, place_item("zones", first)));
	return refuse(check, place, STATUS_REFUSED);
}

static bool
check_overlay(struct check *check, size_t item)
{
	const struct dname *dname = &check->config->overlay[item];
	const char *name = check->config->overlay_names[item];
	const void *zone = trie_get(&check->zones, dname->key, dname->len);
	struct place place = place_item("overlay", item);
	size_t first;

	if (!owner_fits(strlen(name))) {
		problem_set(check->problem,
		    "zone '%s' is too long to hold '_65535._sctp' labels",
		    value_quote(name).text);
		return refuse(check, place, STATUS_LIMIT);
	}
	if (zone != NULL) {
		first = (size_t)(uintptr_t)zone - 1;
		problem_set(check->problem,
		    "'%s' is an overlay and, in line %zu, one of 'zones'; it "
		    "can only be one of them",
		    value_quote(name).text,
		    document_line(check->document, place_item("zones", first)));
		return refuse(check, place, STATUS_REFUSED);
	}
	if (!set_add(&check->overlay, dname->key, dname->len, item, &first)) {
		problem_set(check->problem,
		    "overlay '%s' is there twice; the first is in line %zu",
		    value_quote(name).text,
		    document_line(
			check->document, place_item("overlay", first)));
		return refuse(check, place, STATUS_REFUSED);
	}
	return true;
}

/* Read a name that was put together from checked parts. */
static bool
owner_parse(struct buf *text, struct dname *ret_owner)
{
	return dname_parse(buf_text(text), text->len, ret_owner) == STATUS_OK;
}

/*
 * Find the name under which a service is served: its own if a zone or an
 * overlay holds it, else an alias in the first zone.  False: nowhere.
 */
static bool
owner_find(struct check *check, const struct config_service *service,
    const struct port *port, struct dname *ret_owner)
{
	const struct config *config = check->config;
	struct buf text = { 0 };
	bool good;

	buf_add_format(&text, "_%u._%s.%s", (unsigned)port->number,
	    transport_text(port->transport), service->host);
	good = owner_parse(&text, ret_owner);
	if (good &&
	    trie_get_longest(&check->zones, ret_owner->key, ret_owner->len) ==
		NULL &&
	    trie_get_longest(&check->overlay, ret_owner->key, ret_owner->len) ==
		NULL) {
		good = config->zone_count > 0;
		if (good) {
			buf_add_string(&text, config->zones[0].name);
			good = owner_parse(&text, ret_owner);
		}
	}
	buf_fini(&text);
	return good;
}

/* Refuse a service whose name is served nowhere. */
static bool
refuse_homeless(struct check *check, size_t item, const struct port *port)
{
	const struct config *config = check->config;
	const char *host = config->services[item].host;
	struct place place = place_item("services", item);

	place.key = "host";
	if (config->zone_count == 0) {
		problem_set(check->problem,
		    "'_%u._%s.%s' lies below no overlay and there is no own "
		    "zone to hold an alias; add one to 'zones', or the zone "
		    "of the host to 'overlay'",
		    (unsigned)port->number, transport_text(port->transport),
		    value_quote(host).text);
		return refuse(check, place, STATUS_REFUSED);
	}
	problem_set(check->problem,
	    "'%s' is too long for an alias in '%s'; use a shorter zone, or "
	    "one that holds the host",
	    value_quote(host).text, value_quote(config->zones[0].name).text);
	return refuse(check, place, STATUS_LIMIT);
}

static bool
check_owner(struct check *check, size_t item, const struct port *port)
{
	const struct config_service *service = &check->config->services[item];
	struct place place = place_item("services", item);
	struct dname owner;
	size_t first;

	if (!owner_find(check, service, port, &owner))
		return refuse_homeless(check, item, port);
	if (set_add(&check->owners, owner.key, owner.len, item, &first))
		return true;
	place.key = "host";
	problem_set(check->problem,
	    "'%s' port %u/%s is there twice; the first is the service in line "
	    "%zu",
	    value_quote(service->host).text, (unsigned)port->number,
	    transport_text(port->transport),
	    document_line(check->document, place_item("services", first)));
	return refuse(check, place, STATUS_REFUSED);
}

static bool
check_service(struct check *check, size_t item)
{
	const struct config_service *service = &check->config->services[item];
	struct place place = place_item("services", item);

	place.key = "ports";
	if (!check_ports(check, service->ports, service->port_count, place))
		return false;
	place.key = "lineages";
	if (!check_texts(
		check, service->lineages, service->lineage_count, place))
		return false;
	place.key = "host";
	if (!owner_fits(strlen(service->host))) {
		problem_set(check->problem,
		    "host '%s' is too long to have '_65535._sctp' in front",
		    value_quote(service->host).text);
		return refuse(check, place, STATUS_LIMIT);
	}
	for (size_t i = 0; i < service->port_count; i++) {
		if (!check_owner(check, item, &service->ports[i]))
			return false;
	}
	return true;
}

static bool
check_lineages(struct check *check)
{
	const struct config *config = check->config;
	struct trie set;
	bool good = true;
	size_t first;

	trie_init(&set, NULL);
	for (size_t i = 0; good && i < config->lineage_count; i++) {
		const struct config_lineage *lineage = &config->lineages[i];
		struct place place = place_item("lineages", i);

		if (set_add(&set, lineage->name, strlen(lineage->name), i,
			&first)) {
			good = check_texts(check, lineage->next,
			    lineage->next_count, place_key(place, "next"));
			continue;
		}
		problem_set(check->problem,
		    "lineage '%s' is there twice; the first is in line %zu",
		    value_quote(lineage->name).text,
		    document_line(
			check->document, place_item("lineages", first)));
		good = refuse(check, place_key(place, "name"), STATUS_REFUSED);
	}
	trie_fini(&set);
	return good;
}

static bool
check_discover(struct check *check)
{
	const struct config *config = check->config;
	const struct config_discover *discover = &config->discover;
	const struct place at = place_mapping("discover");

	if (discover->host_count > 0 && config->zone_count == 0 &&
	    config->overlay_count == 0) {
		problem_set(check->problem,
		    "what 'discover' finds could be served nowhere; add a "
		    "zone to 'zones' or 'overlay'");
		return refuse(check, at, STATUS_REFUSED);
	}
	return check_texts(check, discover->hosts, discover->host_count,
		   place_key(at, "hosts")) &&
	       check_ports(check, discover->ports, discover->port_count,
		   place_key(at, "ports"));
}

static bool
check_all(struct check *check)
{
	const struct config *config = check->config;
	const struct place ports = place_key(
	    place_mapping("defaults"), "ports");

	if (!check_sockets(check) || !check_sources(check) ||
	    !check_ports(check, config->ports, config->port_count, ports))
		return false;
	for (size_t i = 0; i < config->zone_count; i++) {
		if (!check_zone(check, i))
			return false;
	}
	for (size_t i = 0; i < config->zone_count; i++) {
		if (!check_nesting(check, i))
			return false;
	}
	for (size_t i = 0; i < config->overlay_count; i++) {
		if (!check_overlay(check, i))
			return false;
	}
	for (size_t i = 0; i < config->service_count; i++) {
		if (!check_service(check, i))
			return false;
	}
	return check_texts(check, config->issuers, config->issuer_count,
		   place_top("issuers")) &&
	       check_lineages(check) && check_discover(check);
}

enum status
config_check(const struct document *document, const struct config *config,
    struct problem *problem)
{
	struct check check = {
		.document = document, .config = config, .problem = problem
	};

	trie_init(&check.zones, NULL);
	trie_init(&check.overlay, NULL);
	trie_init(&check.owners, NULL);
	if (check_all(&check))
		check.status = config_check_policies(document, config, problem);
	if (check.status == STATUS_OK)
		check.status = config_check_keys(document, config, problem);
	trie_fini(&check.owners);
	trie_fini(&check.overlay);
	trie_fini(&check.zones);
	return check.status;
}
