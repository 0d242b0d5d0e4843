/* SPDX-License-Identifier: MIT */
#include "doctor/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/mem.h"
#include "launch.h"

static const char subject[] = "pdns.conf";

/* Return true if the backend, which is not ours, keeps keys of zones. */
static bool
keeps_keys(const struct pdns_conf *conf, const char *backend)
{
	if (launched_is(backend, "lmdb"))
		return true;
	if (launched_is(backend, "bind"))
		return launched_get(conf, backend, "dnssec-db", "")[0] !=
			   '\0' ||
		       pdns_conf_is_on(
			   launched_get(conf, backend, "hybrid", "no"));
	return pdns_conf_is_on(launched_get(conf, backend, "dnssec", "no"));
}

/* Return the first backend that keeps keys, or NULL. */
static const char *
key_keeper(const struct pdns_conf *conf, const struct launched *launched)
{
	for (size_t i = 0; i < launched->count; i++)
		if (!launched_is(launched->list[i], "remote") &&
		    keeps_keys(conf, launched->list[i]))
			return launched->list[i];
	return NULL;
}

/* Each own zone needs one who keeps its keys, and nobody else. */
static void
check_keys(struct doctor *doctor, const struct pdns_conf *conf,
    const struct launched *launched)
{
	const char *keeper = key_keeper(conf, launched);

	for (size_t i = 0; i < doctor->zone_count; i++) {
		const struct doctor_zone *zone = &doctor->zones[i];

		if (zone->config == NULL)
			continue;
		if (zone->config->dnssec == ZONE_DNSSEC_POWERDNS &&
		    keeper == NULL)
			finding_add(&doctor->findings, FINDING_KEYS_NOWHERE,
			    zone->subject,
			    "set bind-dnssec-db=FILE, gsqlite3-dnssec=yes or "
			    "what your backend has, or 'dnssec: self'",
			    "its keys live in PowerDNS, where no backend of "
			    "launch= keeps any");
		if (zone->config->dnssec == ZONE_DNSSEC_SELF && keeper != NULL)
			finding_add(&doctor->findings, FINDING_KEYS_HIDDEN,
			    zone->subject,
			    "set 'dnssec: powerdns' and pdnsutil secure-zone "
			    "it, or launch 'remote' alone",
			    "pdns-tlsa keeps its keys, but launch= has '%s', "
			    "which keeps keys too",
			    keeper);
	}
}

static bool
needs_dnssec(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->zone_count; i++)
		if (doctor->zones[i].config != NULL &&
		    doctor->zones[i].config->dnssec != ZONE_DNSSEC_NONE)
			return true;
	return false;
}

/* The value of `key` in a connection string, of *ret_len octets, or NULL. */
static const char *
connection_option(const char *string, const char *key, size_t *ret_len)
{
	const char *at = strchr(string, ':');
	size_t key_len = strlen(key);

	while (at != NULL) {
		at++;
		if (strncmp(at, key, key_len) == 0 && at[key_len] == '=') {
			at += key_len + 1;
			*ret_len = strcspn(at, ",");
			return at;
		}
		at = strchr(at, ',');
	}
	return NULL;
}

static void
check_unix(struct doctor *doctor, const char *string)
{
	const char *listen = doctor->config->listen;
	size_t len = 0;
	const char *path = connection_option(string, "path", &len);
	char *mend;

	if (path != NULL && len == strlen(listen) &&
	    strncmp(path, listen, len) == 0)
		return;
	mend = mem_format(
	    "remote-connection-string=unix:path=%s,timeout=2000", listen);
	finding_add(&doctor->findings, FINDING_CONNECTION_SOCKET, subject, mend,
	    "remote-connection-string has the path '%.*s', and 'listen' of "
	    "our configuration is '%s'",
	    (int)(path != NULL ? len : 0), path != NULL ? path : "", listen);
	free(mend);
}

/* Whether an option is on, as PowerDNS takes it. */
static bool
connection_is_on(const char *string, const char *key)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	size_t len = 0;
	const char *value = connection_option(string, key, &len);

	for (size_t i = 0; value != NULL && i < 4; i++)
		if (strlen(yes[i]) == len && strncmp(value, yes[i], len) == 0)
			return true;
	return false;
}

/*
 * Whether a URL cannot lead to `listen`.  Of a name, and of an address that is
 * not this machine's alone, nobody can tell from here: ports are mapped.
 */
static bool
url_misses(const char *url, size_t len, const char *listen)
{
	static const char scheme[] = "http://";
	const char *at = url + strlen(scheme);
	struct endpoint wanted;
	struct endpoint own;
	char *text;
	bool is_read;

	if (len < strlen(scheme) || strncmp(url, scheme, strlen(scheme)) != 0)
		return true;
	text = mem_copy(at, strcspn(at, "/,"));
	is_read = endpoint_parse(text, &wanted);
	free(text);
	return is_read && endpoint_is_loopback(&wanted) &&
	       endpoint_parse(listen, &own) &&
	       (wanted.port != own.port ||
		   (endpoint_is_loopback(&own) &&
		       memcmp(&wanted.address, &own.address,
			   sizeof(own.address)) != 0));
}

static void
check_http(struct doctor *doctor, const char *string)
{
	const char *listen = doctor->config->http_listen;
	size_t len = 0;
	const char *url = connection_option(string, "url", &len);
	char *mend;

	if (listen == NULL) {
		finding_add(&doctor->findings, FINDING_CONNECTION_SOCKET,
		    subject,
		    "add 'http: {listen: \"ADDRESS:PORT\"}', or use the unix "
		    "connector: see pdns-tlsa setup",
		    "PowerDNS uses the http connector, and our configuration "
		    "has no 'http'");
		return;
	}
	mend = mem_format("remote-connection-string=http:url=http://%s/,"
			  "post=1,post_json=1,timeout=2000",
	    listen);
	if (url == NULL || url_misses(url, len, listen))
		finding_add(&doctor->findings, FINDING_CONNECTION_SOCKET,
		    subject, mend,
		    "remote-connection-string has the url '%.*s', and 'listen' "
		    "of 'http' is '%s'",
		    (int)len, url != NULL ? url : "", listen);
	if (!connection_is_on(string, "post") ||
	    !connection_is_on(string, "post_json"))
		finding_add(&doctor->findings, FINDING_CONNECTION_OTHER,
		    subject, mend,
		    "'remote-connection-string' lacks post=1 or post_json=1");
	free(mend);
}

static void
check_connection(
    struct doctor *doctor, const struct pdns_conf *conf, const char *backend)
{
	static const char mend[] =
	    "use remote-connection-string=unix:path=SOCKET, with the path of "
	    "'listen'";
	const char *string = launched_get(
	    conf, backend, "connection-string", "");

	if (string[0] == '\0')
		finding_add(&doctor->findings, FINDING_CONNECTION_MISSING,
		    subject, mend, "no connection string for '%s'", backend);
	else if (strncmp(string, "unix:", 5) == 0)
		check_unix(doctor, string);
	else if (strncmp(string, "http:", 5) == 0)
		check_http(doctor, string);
	else if (strncmp(string, "pipe:", 5) == 0)
		finding_add(&doctor->findings, FINDING_CONNECTION_PIPE, subject,
		    mend, "'%s' uses the pipe connector", backend);
	else
		finding_add(&doctor->findings, FINDING_CONNECTION_OTHER,
		    subject, mend, "'%s' uses the connector '%.*s'", backend,
		    (int)strcspn(string, ":"), string);
	if (needs_dnssec(doctor) &&
	    !pdns_conf_is_on(launched_get(conf, backend, "dnssec", "no")))
		finding_add(&doctor->findings, FINDING_REMOTE_DNSSEC, subject,
		    "set remote-dnssec=yes, and restart PowerDNS",
		    "remote-dnssec is not on for '%s'", backend);
}

static void
check_zone_cache(struct doctor *doctor, const struct pdns_conf *conf)
{
	const char *refresh = pdns_conf_get(
	    conf, "zone-cache-refresh-interval", "300");

	/* Restarts are no matter for a coprocess, new zones are. */
	if (strcmp(refresh, "0") != 0)
		finding_add(&doctor->findings, FINDING_ZONE_CACHE, subject,
		    "start pdns-tlsa.socket before PowerDNS, and 'pdns_control "
		    "rediscover' after a new zone",
		    "the zone cache is on, refreshed every %s s", refresh);
}

void
doctor_conf(struct doctor *doctor)
{
	struct pdns_conf conf = { 0 };
	struct launched launched;
	struct problem problem;

	if (pdns_conf_load(doctor->pdns_conf, &conf, &problem) != STATUS_OK) {
		finding_add(&doctor->findings, FINDING_CONF_UNREAD, subject,
		    "run doctor as a user who may read it, or name it with "
		    "--pdns-conf or 'powerdns: config:'",
		    "%s", problem.text);
		return;
	}
	launched_read(&conf, &launched);
	doctor_launch(doctor, &conf, &launched);
	check_keys(doctor, &conf, &launched);
	for (size_t i = launched.first_remote; i < launched.count; i++)
		if (launched_is(launched.list[i], "remote"))
			check_connection(doctor, &conf, launched.list[i]);
	if (launched.first_remote < launched.count)
		check_zone_cache(doctor, &conf);
	launched_fini(&launched);
	pdns_conf_fini(&conf);
}
