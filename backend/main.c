/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "log.h"

static const struct {
	const char *name;
	command_fn *run;
	int operands_max;
	const char *text;
} commands[] = {
	{ "serve", command_serve, 0,
	    "the daemon: answers PowerDNS on a unix socket" },
	{ "pipe", command_pipe, 0, "answers JSON lines on standard input" },
	{ "show", command_show, 1, "what is published, and why: show [HOST]" },
	{ "issuers", command_issuers, 0,
	    "the CAs that may issue next, by provider" },
	{ "config", command_config, 1,
	    "config check: validates; config show: with all defaults" },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
usage(FILE *stream)
{
	(void)fputs("usage: pdns-tlsa [-v] [-c FILE] COMMAND [OPERAND] "
		    "[--format table|zone|json]\n\ncommands:\n",
	    stream);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(
		    stream, "  %-8s %s\n", commands[i].name, commands[i].text);
	(void)fputs("\noptions:\n"
		    "  -c FILE   configuration (" CONFIG_DEFAULT_PATH ")\n"
		    "  -v        log each request\n"
		    "  --format  of show; of issuers (not zone)\n"
		    "  --version, --help\n",
	    stream);
}

static bool
format_parse(const char *text, enum format *ret)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table",
		[FORMAT_ZONE] = "zone",
		[FORMAT_JSON] = "json",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], text) == 0) {
			*ret = (enum format)i;
			return true;
		}
	}
	(void)fprintf(stderr,
	    "pdns-tlsa: unknown format '%s': table, zone or "
	    "json\n",
	    text);
	return false;
}

static int
command_run(const char *name, const struct options *options)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		if (options->operand_count > commands[i].operands_max) {
			(void)fprintf(stderr,
			    "pdns-tlsa: %s: too many "
			    "operands\n",
			    name);
			return EXIT_USAGE;
		}
		return commands[i].run(options);
	}
	(void)fprintf(stderr,
	    "pdns-tlsa: unknown command '%s'; "
	    "see pdns-tlsa --help\n",
	    name);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "format", required_argument, NULL, 'f' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .config = CONFIG_DEFAULT_PATH };
	int option;

	while ((option = getopt_long(argc, argv, "c:vh", longs, NULL)) != -1) {
		switch (option) {
		case 'c':
			options.config = optarg;
			options.has_config = true;
			break;
		case 'f':
			if (!format_parse(optarg, &options.format))
				return EXIT_USAGE;
			break;
		case 'v':
			log_set_level(LOG_LEVEL_DEBUG);
			break;
		case 'V':
			(void)puts("pdns-tlsa " VERSION);
			return EXIT_OK;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	options.operands = argv + optind + 1;
	options.operand_count = argc - optind - 1;
	return command_run(argv[optind], &options);
}
