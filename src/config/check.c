/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/buf.h"
#include "config/alias.h"
#include "records.h"
#include "sets/trie.h"
#include "type.h"

/*
 * Everything is compared through sets, so that the work stays linear.  Each
 * has the node that was first for a key.
 */
struct check {
	struct document *document;
	const struct config *config;
	struct trie sources;  /* path */
	struct trie zones;    /* key of dname */
	struct trie overlay;  /* key of dname */
	struct trie owners;   /* key of dname */
	struct trie lineages; /* name */
};

/* Return what is written at a key of the file, or the file. */
static const struct node *
top(const struct check *check, const char *key)
{
	return node_at(&check->document->root, key);
}

/* Return the node of an item of a list there. */
static const struct node *
item_of(const struct check *check, const char *key, size_t item)
{
	return node_item(top(check, key), item);
}

/* ---- duplicates ---- */

/* Put a key with its node into `set`; returns the node that it had before. */
static const struct node *
set_add(struct trie *set, const void *key, size_t len, const struct node *node)
{
	const struct node *first = trie_get(set, key, len);

	if (first == NULL)
		trie_set(set, key, len, (void *)(uintptr_t)node);
	return first;
}

/* A `what`, such as a zone, of this name is there once; `at` is to blame. */
static bool
check_once(struct check *check, const struct node *first, const char *what,
    const char *name, const struct node *at)
{
	return first == NULL ||
	       document_refuse(check->document, at,
		   "%s '%s' is there twice; the first is in line %u", what,
		   type_quote(name).text, (unsigned)first->line);
}

/* No item of a list of texts twice. */
static bool
check_texts(struct check *check, char *const *texts, size_t count,
    const struct node *list)
{
	struct trie set = { 0 };
	bool good = true;

	for (size_t i = 0; good && i < count; i++) {
		const struct node *node = node_item(list, i);
		const struct node *first = set_add(
		    &set, texts[i], strlen(texts[i]), node);

		good = first == NULL ||
		       document_refuse(check->document, node,
			   "'%s' is in this list twice; items %zu and %zu",
			   type_quote(texts[i]).text,
			   (size_t)(first - list->items) + 1, i + 1);
	}
	trie_fini(&set);
	return good;
}

static bool
check_ports(struct check *check, const struct port *ports, size_t count,
    const struct node *list)
{
	struct trie set = { 0 };
	bool good = true;

	for (size_t i = 0; good && i < count; i++) {
		const struct node *node = node_item(list, i);
		uint8_t key[] = { (uint8_t)ports[i].transport,
			(uint8_t)(ports[i].number >> 8),
			(uint8_t)ports[i].number };
		const struct node *first = set_add(
		    &set, key, sizeof(key), node);

		good = first == NULL ||
		       document_refuse(check->document, node,
			   "port %u/%s is in this list twice; items %zu and "
			   "%zu",
			   (unsigned)ports[i].number,
			   transport_text(ports[i].transport),
			   (size_t)(first - list->items) + 1, i + 1);
	}
	trie_fini(&set);
	return good;
}

/* ---- sockets, sources, lineages ---- */

/* Two of the three sockets must not be one file. */
static bool
check_sockets(struct check *check)
{
	const struct config *config = check->config;
	const struct node *listen = top(check, "listen");
	const struct node *control = top(check, "control");
	const struct node *root = &check->document->root;
	const char *theirs = config->powerdns_control;

	/* remote-connection-string is a list with commas. */
	if (strchr(config->listen, ',') != NULL)
		return document_refuse(check->document, listen,
		    "'%s' has a comma, at which PowerDNS would split it; "
		    "choose another path",
		    type_quote(config->listen).text);
	if (strcmp(config->listen, config->control) == 0)
		return document_refuse(check->document,
		    control != root ? control : listen,
		    "'listen' and 'control' are the same socket '%s'; choose "
		    "two paths",
		    type_quote(config->control).text);
	if (theirs != NULL && (strcmp(theirs, config->listen) == 0 ||
				  strcmp(theirs, config->control) == 0))
		return document_refuse(check->document,
		    node_at(top(check, "powerdns"), "control-socket"),
		    "'control-socket' is '%s', the same as our own '%s'; write "
		    "the socket of pdns_server",
		    type_quote(theirs).text,
		    strcmp(theirs, config->listen) == 0 ? "listen" : "control");
	return true;
}

/* A path has the rights of a file instead. */
static bool
check_networks(
    struct check *check, const char *key, char *const *networks, size_t count)
{
	const struct node *node = node_at(top(check, "http"), key);

	if (count > 0 && check->config->http_listen[0] == '/')
		return document_refuse(check->document, node,
		    "'%s' is about addresses, and 'listen' is a path; who may "
		    "connect is said by 'listen-mode' and 'listen-group'",
		    key);
	return check_texts(check, networks, count, node);
}

/* Who may connect to where HTTP is spoken. */
static bool
check_http(struct check *check)
{
	const struct config *config = check->config;
	const char *listen = config->http_listen;
	const struct node *node = node_at(top(check, "http"), "listen");
	struct endpoint endpoint;

	if (listen == NULL)
		return true;
	if (strcmp(listen, config->listen) == 0 ||
	    strcmp(listen, config->control) == 0)
		return document_refuse(check->document, node,
		    "'%s' is the socket of '%s', too; choose another path",
		    type_quote(listen).text,
		    strcmp(listen, config->listen) == 0 ? "listen" : "control");
	if (config->http_allow_count + config->http_viewer_count == 0 &&
	    endpoint_parse(listen, &endpoint) &&
	    !endpoint_is_loopback(&endpoint))
		return document_refuse(check->document, node,
		    "others can reach '%s'; say who may ask, as in 'allow: "
		    "[192.0.2.53]', or only look, by 'viewers'",
		    type_quote(listen).text);
	return check_networks(check, "allow", config->http_allow,
		   config->http_allow_count) &&
	       check_networks(check, "viewers", config->http_viewers,
		   config->http_viewer_count);
}

static bool
check_source(struct check *check, size_t item)
{
	const struct config_source *source = &check->config->sources[item];
	const struct node *node = item_of(check, "sources", item);

	return check_once(check,
		   set_add(&check->sources, source->path, strlen(source->path),
		       node),
		   "source", source->path, node_at(node, "path")) &&
	       check_texts(check, source->match, source->match_count,
		   node_at(node, "match")) &&
	       check_texts(check, source->hosts, source->host_count,
		   node_at(node, "hosts"));
}

static bool
check_lineage(struct check *check, size_t item)
{
	const struct config_lineage *lineage = &check->config->lineages[item];
	const struct node *node = item_of(check, "lineages", item);

	return check_once(check,
		   set_add(&check->lineages, lineage->name,
		       strlen(lineage->name), node),
		   "lineage", lineage->name, node_at(node, "name")) &&
	       check_texts(check, lineage->next, lineage->next_count,
		   node_at(node, "next"));
}

/* ---- zones ---- */

/*
 * Even the longest owner name below a name must fit: "_65535._sctp." and the
 * name in presentation form, which has no escapes.
 */
static bool
owner_fits(const char *name)
{
	return strlen("_65535._sctp.") + strlen(name) + 1 <= DNAME_WIRE_MAX;
}

static bool
check_apex(struct check *check, const char *name, const struct node *node)
{
	return owner_fits(name) ||
	       document_refuse(check->document, node,
		   "zone '%s' is too long to hold '_65535._sctp' labels",
		   type_quote(name).text);
}

static bool
check_zone(struct check *check, size_t item)
{
	const struct config_zone *zone = &check->config->zones[item];
	const struct node *node = item_of(check, "zones", item);
	const struct node *name = node_at(node, "name");

	if (!check_apex(check, zone->name, name) ||
	    !check_once(check,
		set_add(&check->zones, zone->dname.key, zone->dname.len, node),
		"zone", zone->name, name))
		return false;
	if (zone->nsec3 != NULL && zone->dnssec == ZONE_DNSSEC_NONE)
		return document_refuse(check->document, node_at(node, "nsec3"),
		    "'nsec3' is about a signed zone, and 'dnssec' is 'none'; "
		    "leave one of them out");
	return check_texts(check, zone->nameservers, zone->nameserver_count,
	    node_at(node, "nameservers"));
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
	const struct node *outer = trie_get_longest(&check->zones, dname->key,
	    dname_parent_len(dname->key, dname->len));

	return outer == NULL ||
	       document_refuse(check->document,
		   node_at(item_of(check, "zones", item), "name"),
		   "zone '%s' lies within the zone in line %u; leave one of "
		   "them out",
		   type_quote(zone->name).text, (unsigned)outer->line);
}

static bool
check_overlay(struct check *check, size_t item)
{
	const struct dname *dname = &check->config->overlay[item];
	const char *name = check->config->overlay_names[item];
	const struct node *node = item_of(check, "overlay", item);
	const struct node *zone = trie_get(
	    &check->zones, dname->key, dname->len);

	if (!check_apex(check, name, node))
		return false;
	if (zone != NULL)
		return document_refuse(check->document, node,
		    "'%s' is an overlay and, in line %u, one of 'zones'; it "
		    "can only be one of them",
		    type_quote(name).text, (unsigned)zone->line);
	return check_once(check,
	    set_add(&check->overlay, dname->key, dname->len, node), "overlay",
	    name, node);
}

/* ---- services ---- */

static bool
is_within(const struct trie *apexes, const struct dname *name)
{
	return trie_get_longest(apexes, name->key, name->len) != NULL;
}

/*
 * Find the name under which a service is served: its own if a zone or an
 * overlay holds it, else an alias in the first zone.  False: nowhere.
 */
static bool
owner_find(const struct check *check, const struct config_service *service,
    const struct port *port, struct dname *ret_owner)
{
	const struct config *config = check->config;
	struct buf text = { 0 };
	bool good;

	buf_add_format(&text, "_%u._%s.%s", (unsigned)port->number,
	    transport_text(port->transport), service->host);
	good = dname_parse(buf_text(&text), text.len, ret_owner) == STATUS_OK;
	if (good && !is_within(&check->zones, ret_owner) &&
	    !is_within(&check->overlay, ret_owner))
		good = alias_make(
		    config, alias_form(config), ret_owner, ret_owner);
	buf_fini(&text);
	return good;
}

static bool
check_owner(struct check *check, const struct config_service *service,
    const struct port *port, const struct node *node)
{
	const struct config *config = check->config;
	const struct node *host = node_at(node, "host");
	const struct quoted name = type_quote(service->host);
	const char *transport = transport_text(port->transport);
	const struct node *first;
	struct dname owner;
	bool found = owner_find(check, service, port, &owner);

	if (!found && config->zone_count == 0)
		return document_refuse(check->document, host,
		    "'_%u._%s.%s' lies below no overlay and there is no own "
		    "zone to hold an alias; add one to 'zones', or the zone "
		    "of the host to 'overlay'",
		    (unsigned)port->number, transport, name.text);
	if (!found)
		return document_refuse(check->document, host,
		    "'%s' is too long for an alias in '%s'; use a shorter "
		    "zone, or one that holds the host",
		    name.text, type_quote(config->zones[0].name).text);
	first = set_add(&check->owners, owner.key, owner.len, node);
	return first == NULL ||
	       document_refuse(check->document, host,
		   "'%s' port %u/%s is there twice; the first is the service "
		   "in line %u",
		   name.text, (unsigned)port->number, transport,
		   (unsigned)first->line);
}

static bool
check_service(struct check *check, size_t item)
{
	const struct config_service *service = &check->config->services[item];
	const struct node *node = item_of(check, "services", item);

	if (!check_ports(check, service->ports, service->port_count,
		node_at(node, "ports")) ||
	    !check_texts(check, service->lineages, service->lineage_count,
		node_at(node, "lineages")))
		return false;
	if (!owner_fits(service->host))
		return document_refuse(check->document, node_at(node, "host"),
		    "host '%s' is too long to have '_65535._sctp' in front",
		    type_quote(service->host).text);
	for (size_t i = 0; i < service->port_count; i++) {
		if (!check_owner(check, service, &service->ports[i], node))
			return false;
	}
	return true;
}

/* No shell looks for it, and the directory that we run in is anybody's. */
static bool
check_alarm(struct check *check)
{
	const struct config *config = check->config;
	const struct node *node = node_at(top(check, "alarm"), "command");

	return config->alarm_command_count == 0 ||
	       config->alarm_command[0][0] == '/' ||
	       document_refuse(check->document, node_item(node, 0),
		   "'%s' is no absolute path; write the whole path of the "
		   "program, and each argument as an item of its own",
		   type_quote(config->alarm_command[0]).text);
}

static bool
check_discover(struct check *check)
{
	const struct config *config = check->config;
	const struct config_discover *discover = &config->discover;
	const struct node *node = top(check, "discover");

	if (discover->host_count > 0 && config->zone_count == 0 &&
	    config->overlay_count == 0)
		return document_refuse(check->document, node,
		    "what 'discover' finds could be served nowhere; add a "
		    "zone to 'zones' or 'overlay'");
	return check_texts(check, discover->hosts, discover->host_count,
		   node_at(node, "hosts")) &&
	       check_ports(check, discover->ports, discover->port_count,
		   node_at(node, "ports"));
}

/* Who may connect to our socket may ask for the keys of zones. */
static bool
check_keys(struct check *check, size_t item)
{
	const struct config *config = check->config;
	const struct config_zone *zone = &config->zones[item];

	return (config->listen_mode & 07) == 0 ||
	       zone->dnssec != ZONE_DNSSEC_SELF ||
	       document_refuse(check->document, top(check, "listen-mode"),
		   "'listen-mode' %04o lets everybody read the private keys of "
		   "zone '%s', which has 'dnssec: self'; use 0660 and "
		   "'listen-group'",
		   config->listen_mode, type_quote(zone->name).text);
}

/* Check each of `count` items, up to the first that is refused. */
static bool
each(struct check *check, size_t count, bool (*one)(struct check *, size_t))
{
	for (size_t i = 0; i < count; i++) {
		if (!one(check, i))
			return false;
	}
	return true;
}

bool
config_check(struct document *document, const struct config *config)
{
	struct check check = { .document = document, .config = config };
	struct check *all = &check;
	bool good;

	good = check_sockets(all) && check_http(all) && check_alarm(all) &&
	       each(all, config->source_count, check_source) &&
	       check_ports(all, config->ports, config->port_count,
		   node_at(top(all, "defaults"), "ports")) &&
	       each(all, config->zone_count, check_zone) &&
	       each(all, config->zone_count, check_nesting) &&
	       each(all, config->overlay_count, check_overlay) &&
	       each(all, config->service_count, check_service) &&
	       check_texts(all, config->issuers, config->issuer_count,
		   top(all, "issuers")) &&
	       each(all, config->lineage_count, check_lineage) &&
	       check_discover(all) && config_check_records(document, config) &&
	       each(all, config->zone_count, check_keys);
	trie_fini(&check.sources);
	trie_fini(&check.zones);
	trie_fini(&check.overlay);
	trie_fini(&check.owners);
	trie_fini(&check.lineages);
	return good;
}
