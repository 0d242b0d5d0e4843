/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/installed.h"
#include "cli/command.h"
#include "loop/journal.h"
#include "loop/log.h"
#include "reports/clerk.h"
#include "wall/warden.h"

/* Options that not every command has; the bits of command.options. */
enum {
	HAS_FORMAT = 1,
	HAS_ZONE_FORMAT = 2,
	HAS_COMPOSITION = 4,
	HAS_SERVER = 8,
	HAS_PDNS_CONF = 256,
	HAS_ANCHOR = 512,
	HAS_CHECK = 1024,
	HAS_SERVERS = 2048,
	HAS_PROMETHEUS_FORMAT = 16,
	HAS_WATCH = 32,
	HAS_TIMEOUT = 64,
	HAS_DEPLOY = 128,
	HAS_RECEIVE = 4096,
	HAS_SINCE = 8192,
};

static const struct command {
	const char *name;
	command_fn *run;
	int operands_max;
	unsigned options;
	const char *text;
} commands[] = {
	{ "serve", command_serve, 0, 0,
	    "the daemon: answers PowerDNS on a unix socket" },
	{ "pipe", command_pipe, 0, 0, "answers JSON lines on standard input" },
	{ "show", command_show, 1, HAS_FORMAT | HAS_ZONE_FORMAT,
	    "what is published, and why: show [HOST]" },
	{ "issuers", command_issuers, 0, HAS_FORMAT,
	    "the CAs that may issue next, by provider" },
	{ "setup", command_setup, 0, HAS_COMPOSITION,
	    "what PowerDNS and the zones still need, ready to paste" },
	{ "wait", command_wait, 1, HAS_TIMEOUT | HAS_SERVERS | HAS_ANCHOR,
	    "until a lineage is safe to serve: wait LINEAGE" },
	{ "deploy", command_deploy, 1,
	    HAS_TIMEOUT | HAS_SERVERS | HAS_ANCHOR | HAS_DEPLOY,
	    "wait, then install it for a server: deploy LINEAGE --to DIR" },
	{ "receive", command_receive, 0, HAS_RECEIVE | HAS_ANCHOR,
	    "takes what deploy --via sends: the forced command of a key" },
	{ "status", command_status, 1,
	    HAS_FORMAT | HAS_PROMETHEUS_FORMAT | HAS_WATCH,
	    "what the running daemon says of itself: status [HOST]" },
	{ "check", command_check, 1,
	    HAS_FORMAT | HAS_SERVER | HAS_ANCHOR | HAS_CHECK,
	    "certificates, records and servers agree: check [HOST]" },
	{ "reports", command_reports, INT_MAX, HAS_FORMAT | HAS_SINCE,
	    "what senders saw, by their TLS reports: reports PATH..." },
	{ "doctor", command_doctor, 0,
	    HAS_FORMAT | HAS_SERVER | HAS_PDNS_CONF | HAS_ANCHOR,
	    "what in the running PowerDNS would break answers" },
	{ "config", command_config, 1, 0,
	    "config check: validates; config show: with all defaults" },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* One row per long option of some commands only. */
static const struct {
	const char *name;
	unsigned bit;
	bool is_flag;  /* its member is a bool, or else a const char * */
	size_t offset; /* of that in struct options; 0: --format */
	const char *text;
} extras[] = {
	{ "format", HAS_FORMAT, false, 0,
	    "table, json, zone or prometheus; see the manual" },
	{ "composition", HAS_COMPOSITION, false,
	    offsetof(struct options, composition),
	    "own, alias, overlay or alone" },
	{ "backend", HAS_COMPOSITION, false, offsetof(struct options, backend),
	    "gsqlite3, bind, lmdb, gmysql or gpgsql" },
	{ "connector", HAS_COMPOSITION, false,
	    offsetof(struct options, connector), "unix or http" },
	{ "powerdns", HAS_COMPOSITION, false,
	    offsetof(struct options, powerdns),
	    "VERSION of PowerDNS, as 5.1; of the one that is here" },
	{ "server", HAS_SERVER, false, offsetof(struct options, server),
	    "ADDRESS[:PORT] of pdns_server" },
	{ "pdns-conf", HAS_PDNS_CONF, false,
	    offsetof(struct options, pdns_conf), "FILE: its configuration" },
	{ "trust-anchor", HAS_ANCHOR, false,
	    offsetof(struct options, trust_anchor),
	    "FILE of DS or DNSKEY records to validate from" },
	{ "root-hints", HAS_ANCHOR, false, offsetof(struct options, root_hints),
	    "FILE of the root's name servers, to begin at others" },
	{ "forward", HAS_ANCHOR, false, offsetof(struct options, forward),
	    "ADDRESS[:PORT] of a resolver to ask instead of name servers" },
	{ "timeout", HAS_TIMEOUT, false, offsetof(struct options, timeout),
	    "DURATION, as 90 or 2h" },
	{ "to", HAS_DEPLOY, false, offsetof(struct options, to),
	    "DIR: a link to what is installed" },
	{ "owner", HAS_DEPLOY, false, offsetof(struct options, owner),
	    "USER of the files; as the key has" },
	{ "group", HAS_DEPLOY, false, offsetof(struct options, group),
	    "GROUP, likewise" },
	{ "mode", HAS_DEPLOY, false, offsetof(struct options, mode),
	    "MODE of the key, likewise" },
	{ "reload", HAS_DEPLOY, false, offsetof(struct options, reload),
	    "COMMAND that makes the server read it" },
	{ "verify", HAS_DEPLOY, false, offsetof(struct options, verify),
	    "HOST:PORT that must present it; as the configuration says" },
	{ "no-verify", HAS_DEPLOY, true, offsetof(struct options, no_verify),
	    "not to look at what is presented" },
	{ "adopt", HAS_DEPLOY, true, offsetof(struct options, adopts),
	    "move a directory that is there aside" },
	{ "instead-of", HAS_DEPLOY, false, offsetof(struct options, instead_of),
	    "LINEAGE that is deployed there, and is to be no more" },
	{ "via", HAS_DEPLOY, false, offsetof(struct options, via),
	    "DESTINATION, as ssh:HOST, which publishes it" },
	{ "hosts", HAS_RECEIVE, false, offsetof(struct options, hosts),
	    "PATTERN,... that the key may speak for, as mx1.*" },
	{ "as", HAS_RECEIVE, false, offsetof(struct options, as),
	    "NAME of who sends; the patterns" },
	{ "remote", HAS_COMPOSITION, false, offsetof(struct options, remote),
	    "HOST that is to send its certificates here" },
	{ "online", HAS_CHECK, true, offsetof(struct options, is_online),
	    "ask the DNS and the servers as well" },
	{ "warning", HAS_CHECK, false, offsetof(struct options, warning),
	    "DURATION before expiry, as 21d" },
	{ "critical", HAS_CHECK, false, offsetof(struct options, critical),
	    "DURATION, likewise" },
	{ "since", HAS_SINCE, false, offsetof(struct options, since),
	    "DURATION before now, as 7d, of which reports count" },
	{ "servers", HAS_SERVERS, true, offsetof(struct options, is_servers),
	    "until every name server serves it" },
	{ "watch", HAS_WATCH, true, offsetof(struct options, watch),
	    "again and again" },
};

enum {
	EXTRAS = sizeof(extras) / sizeof(extras[0]),
	FIRST_EXTRA =
	    256, /* of what getopt_long() returns for them, a row each */
};

static void
usage(FILE *stream)
{
	(void)fputs("usage: pdns-tlsa [-v] [-c FILE] COMMAND [OPERAND] "
		    "[OPTION...]\n\ncommands:\n",
	    stream);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(
		    stream, "  %-8s %s\n", commands[i].name, commands[i].text);
	(void)fprintf(stream,
	    "\noptions:\n"
	    "  -c FILE   configuration (%s)\n"
	    "  -v        log each request\n"
	    "  --version, --help\n",
	    installed_config);
	for (size_t e = 0; e < EXTRAS; e++) {
		(void)fprintf(
		    stream, "  --%-13s%s; of", extras[e].name, extras[e].text);
		for (size_t i = 0; i < COMMANDS; i++)
			if ((commands[i].options & extras[e].bit) != 0)
				(void)fprintf(stream, " %s", commands[i].name);
		(void)fputs("\n", stream);
	}
}

static bool
format_parse(const char *text, enum format *ret)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table",
		[FORMAT_ZONE] = "zone",
		[FORMAT_JSON] = "json",
		[FORMAT_PROMETHEUS] = "prometheus",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], text) == 0) {
			*ret = (enum format)i;
			return true;
		}
	}
	(void)fprintf(stderr,
	    "pdns-tlsa: unknown format '%s': table, zone, json or "
	    "prometheus\n",
	    text);
	return false;
}

static const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	(void)fprintf(stderr,
	    "pdns-tlsa: unknown command '%s'; "
	    "see pdns-tlsa --help\n",
	    name);
	return NULL;
}

static bool
has_format(const struct command *command, enum format format)
{
	if ((format != FORMAT_ZONE ||
		(command->options & HAS_ZONE_FORMAT) != 0) &&
	    (format != FORMAT_PROMETHEUS ||
		(command->options & HAS_PROMETHEUS_FORMAT) != 0))
		return true;
	(void)fprintf(stderr,
	    "pdns-tlsa: %s: has no such format; there are table, json%s%s\n",
	    command->name,
	    (command->options & HAS_ZONE_FORMAT) != 0 ? ", zone" : "",
	    (command->options & HAS_PROMETHEUS_FORMAT) != 0 ? ", prometheus"
							    : "");
	return false;
}

/* As a hook gives it whose client does not set the variable. */
static bool
has_words(const struct command *command, const struct options *options)
{
	for (int i = 0; i < options->operand_count; i++) {
		if (options->operands[i][0] != '\0')
			continue;
		(void)fprintf(stderr,
		    "pdns-tlsa: %s: an operand is empty; is a variable not "
		    "set, such as RENEWED_LINEAGE?\n",
		    command->name);
		return false;
	}
	return true;
}

/* `given`: a bit for each row of the extras that is there; false: not so. */
static bool
is_callable(const struct command *command, const struct options *options,
    unsigned given)
{
	for (size_t e = 0; e < EXTRAS; e++) {
		if ((given & 1U << e) == 0 ||
		    (command->options & extras[e].bit) != 0)
			continue;
		(void)fprintf(stderr,
		    "pdns-tlsa: %s: has no option --%s; see pdns-tlsa "
		    "--help\n",
		    command->name, extras[e].name);
		return false;
	}
	if (!has_format(command, options->format))
		return false;
	if (options->operand_count > command->operands_max) {
		(void)fprintf(stderr,
		    "pdns-tlsa: %s: too many "
		    "operands\n",
		    command->name);
		return false;
	}
	return has_words(command, options);
}

/* `is_good`: all options were understood, and else it was said. */
static int
command_run(const char *name, const struct options *options, unsigned given,
    bool is_good)
{
	const struct command *command = command_find(name);

	if (command == NULL)
		return EXIT_USAGE;
	if (is_good && is_callable(command, options, given))
		return command->run(options);
	if (!is_good)
		usage(stderr);
	/* A monitoring system must not take a wrong command for a fault. */
	return (command->options & (HAS_CHECK | HAS_SINCE)) != 0 ? EXIT_UNKNOWN
								 : EXIT_USAGE;
}

_Static_assert(EXTRAS <= 32, "which are given is noted in an unsigned");

/* Take an option that only some commands have; false: a bad value. */
static bool
extra_take(int id, struct options *options, unsigned *given)
{
	size_t e = (size_t)(id - FIRST_EXTRA);

	if (id < FIRST_EXTRA)
		return true;
	*given |= 1U << e;
	if (extras[e].offset == 0)
		return format_parse(optarg, &options->format);
	if (extras[e].is_flag)
		*(bool *)((char *)options + extras[e].offset) = true;
	else
		memcpy((char *)options + extras[e].offset, &optarg,
		    sizeof(optarg));
	return true;
}

/* The long options: those of all commands, then the others. */
static void
longs_fill(struct option *longs)
{
	static const struct option common[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
	};
	size_t count = sizeof(common) / sizeof(common[0]);

	memcpy(longs, common, sizeof(common));
	for (size_t e = 0; e < EXTRAS; e++)
		longs[count++] = (struct option){ extras[e].name,
			extras[e].is_flag ? no_argument : required_argument,
			NULL, FIRST_EXTRA + (int)e };
	longs[count] = (struct option){ NULL, 0, NULL, 0 };
}

/*
 * What is opened next gets the lowest number that is free: without this, lines
 * of the log could go into what a command writes.
 */
static void
standard_open(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

int
main(int argc, char **argv)
{
	struct option longs[EXTRAS + 5];
	struct options options = { .config = installed_config };
	unsigned given = 0;
	bool is_good = true;
	int option;

	warden_become(argc, argv, clerk_ward_run);
	standard_open();
	log_to_journal(JOURNAL_SOCKET);
	longs_fill(longs);
	while ((option = getopt_long(argc, argv, "c:vh", longs, NULL)) != -1) {
		switch (option) {
		case 'c':
			options.config = optarg;
			options.has_config = true;
			break;
		case 'v':
			log_set_level(LOG_LEVEL_DEBUG);
			break;
		case 'V':
			(void)printf("pdns-tlsa %s\n", installed_version);
			return EXIT_OK;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		case '?':
			is_good = false;
			break;
		default:
			if (!extra_take(option, &options, &given))
				is_good = false;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	options.operands = argv + optind + 1;
	options.operand_count = argc - optind - 1;
	return command_run(argv[optind], &options, given, is_good);
}
