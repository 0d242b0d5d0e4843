/* SPDX-License-Identifier: MIT */
#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"
#include "pdns/bind_zones.h"
#include "word.h"

/* A file of Debian's packages that launches their backend, in pdns.d. */
static const char *const stock[] = { "bind", "lmdb" };

static char *
include_directory(const struct setup *setup)
{
	const char *set = pdns_conf_get(&setup->present, "include-dir", "");
	char *directory;
	char *path;

	if (*set != '\0')
		return mem_string(set);
	directory = path_directory(setup->config->powerdns_config);
	path = mem_format("%s/pdns.d", directory);
	free(directory);
	return path;
}

/*
 * Milliseconds that PowerDNS waits for an answer.  The longest is the list of
 * all zones: 10,000 of them cost PowerDNS 0.8 s of CPU, which grows with the
 * square (it parses again with each 1500 octets), and ten times that where
 * the machine is busy.
 */
static size_t
timeout_ms(size_t zones)
{
	size_t wait = 2000 + zones * zones / 12500;

	return (wait + 999) / 1000 * 1000;
}

/*
 * The bind backend that Debian's bind.conf launches serves nothing until
 * somebody fills its named.conf.
 */
static bool
is_idle(const struct setup *setup, const char *word, size_t len)
{
	const char *path = pdns_conf_get(&setup->present, "bind-config", "");

	return len == 4 && strncmp(word, "bind", 4) == 0 &&
	       (bind_zones(path) == PRESENCE_NO ||
		   path_presence(path, NULL) == PRESENCE_NO);
}

void
setup_print_present(const struct setup *setup)
{
	const char *at = pdns_conf_get(&setup->present, "launch", "");
	const char *word;
	size_t len;

	while ((len = pdns_conf_word(&at, &word)) > 0) {
		if (strncmp(word, "remote", len) == 0 ||
		    (setup_needs_database(setup) &&
			strlen(setup->backend->name) == len &&
			strncmp(word, setup->backend->name, len) == 0) ||
		    is_idle(setup, word, len))
			continue;
		(void)printf(
		    "# ATTENTION: PowerDNS launches '%.*s' now, and would not "
		    "any more: its zones go.\n"
		    "# Stop here if it has some: setup --backend %.*s keeps "
		    "them.  Otherwise remove its\n"
		    "# settings from pdns.conf.\n",
		    (int)len, word, (int)len, word);
	}
}

/*
 * A file that Debian's package put there, unless it is of the backend that is
 * wanted, whose other settings it holds: its launch+= is overruled.
 */
static void
print_stock(const struct setup *setup, const char *directory)
{
	(void)puts("# Debian's packages launch their backends from here, and "
		   "PowerDNS does not start\n"
		   "# with settings of a backend that is not launched.");
	for (size_t i = 0; i < sizeof(stock) / sizeof(stock[0]); i++) {
		char *path = mem_format("%s/%s.conf", directory, stock[i]);

		if (!setup_needs_database(setup) ||
		    strcmp(setup->backend->name, stock[i]) != 0) {
			(void)fputs("test ! -e ", stdout);
			setup_print_word(path);
			(void)fputs(" || mv ", stdout);
			setup_print_word(path);
			(void)fputs(" ", stdout);
			setup_print_word(path);
			(void)puts(".off");
		}
		free(path);
	}
}

static void
print_launch(const struct setup *setup)
{
	if (!setup_needs_database(setup)) {
		(void)puts(
		    "# No other backend, for one that knows of keys would say "
		    "that ours have none.\n"
		    "launch=remote");
		return;
	}
	(void)printf(
	    "# The database first: what comes first answers for the metadata "
	    "and keys of all\n"
	    "# zones.\n"
	    "launch=%s,remote\n",
	    setup->backend->name);
	if (strcmp(setup->backend->name, "bind") == 0)
		(void)printf("bind-config=%s\n",
		    pdns_conf_get(&setup->present, "bind-config",
			"/etc/powerdns/named.conf"));
	if (setup->backend->schema != NULL || setup->backend->more == NULL)
		(void)printf(
		    "%s=%s\n", setup->backend->setting, setup_database(setup));
	if (setup->backend->more != NULL)
		(void)fputs(setup->backend->more, stdout);
}

/*
 * Where a PowerDNS of another machine finds an address that stands for all of
 * ours, nobody here can tell.
 */
static void
print_http(const char *listen, size_t wait)
{
	const char *port = strrchr(listen, ':');
	bool is_all = strncmp(listen, "0.0.0.0:", 8) == 0 ||
		      strncmp(listen, "[::]:", 5) == 0;

	if (is_all)
		(void)puts(
		    "# The name or address of this machine, as PowerDNS has "
		    "it:");
	(void)printf("remote-connection-string=http:url=http://%s%s/,post=1,"
		     "post_json=1,timeout=%zu\n",
	    is_all ? "ADDRESS" : listen, is_all ? port : "", wait);
	(void)puts("# By http PowerDNS waits a millisecond before each "
		   "request: let more threads wait.\n"
		   "distributor-threads=16");
}

static void
print_remote(const struct setup *setup, bool needs_dnssec)
{
	const struct config *config = setup->config;
	size_t wait = timeout_ms(config->zone_count);

	if (!setup->is_http)
		(void)puts("# A socket, not a pipe: PowerDNS never starts a "
			   "pipe's program again that ended\n# while nobody "
			   "asked.");
	if (wait > 2000)
		(void)printf(
		    "# PowerDNS reads the list of all zones (now %zu) when it "
		    "starts, in a time that\n"
		    "# grows with their square, and exits if it takes longer "
		    "than this.\n",
		    config->zone_count);
	if (setup->is_http)
		print_http(config->http_listen, wait);
	else
		(void)printf(
		    "remote-connection-string=unix:path=%s,timeout=%zu\n",
		    config->listen, wait);
	(void)puts(
	    needs_dnssec
		? "# We tell the neighbours of names, of which denials are "
		  "made.\nremote-dnssec=yes"
		: "# Keys and denials are the other backend's.\n"
		  "remote-dnssec=no");
}

void
setup_print_conf(const struct setup *setup)
{
	const struct config *config = setup->config;
	char *directory = include_directory(setup);
	bool needs_dnssec = setup->wanted[COMPOSITION_OWN] ||
			    setup->wanted[COMPOSITION_ALONE];

	(void)puts("\n## SHELL\n");
	print_stock(setup, directory);
	(void)puts("# A file of our own, read after theirs; pdns.conf stays as "
		   "it is.");
	(void)fputs("mkdir -p ", stdout);
	setup_print_word(directory);
	(void)fputs("\ngrep -qs '^include-dir=' ", stdout);
	setup_print_word(config->powerdns_config);
	(void)fputs(" ||\n    echo include-dir=", stdout);
	setup_print_word(directory);
	(void)fputs(" >>", stdout);
	setup_print_word(config->powerdns_config);
	(void)fputs("\ncat >", stdout);
	setup_print_word(directory);
	(void)puts("/pdns-tlsa.conf <<'END'");
	print_launch(setup);
	print_remote(setup, needs_dnssec);
	if (config->powerdns_control != NULL)
		(void)puts("# Lets the group use the control socket, through "
			   "which we purge caches.\nsetgid=pdns");
	if (needs_dnssec)
		(void)puts(
		    "# With secondaries, and their addresses instead of these:"
		    "\n#primary=yes\n#allow-axfr-ips=192.0.2.2\n"
		    "#also-notify=192.0.2.2");
	(void)puts("END");
	free(directory);
}
