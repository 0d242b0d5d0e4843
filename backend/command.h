/* SPDX-License-Identifier: MIT */
#ifndef COMMAND_H
#define COMMAND_H

/*
 * The subcommands of pdns-tlsa(8), one file each, one row each in main.c.
 */

#include <stdbool.h>

#include "config.h"

/* Exit statuses; `check` has the ones of monitoring plugins besides. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	/* of doctor: */
	EXIT_WARNING = 1,
	EXIT_CRITICAL = 2,
	EXIT_UNKNOWN = 3,
};

enum format {
	FORMAT_TABLE,
	FORMAT_ZONE,
	FORMAT_JSON,
	FORMAT_PROMETHEUS,
};

/* What the command line says. */
struct options {
	const char *config; /* path of the configuration */
	bool has_config;    /* it was named, and is not the default */
	enum format format;
	const char *composition;  /* of setup; NULL: by the configuration */
	const char *backend;      /* of setup; NULL: bind */
	const char *server;       /* of doctor, and so the rest; NULL: as */
	const char *pdns_conf;    /* the configuration says */
	const char *trust_anchor; /* NULL: the system's */
	bool watch;               /* of status: again and again */
	char **operands;          /* behind the command */
	int operand_count;
};

typedef int command_fn(const struct options *options);

command_fn command_serve;
command_fn command_pipe;
command_fn command_show;
command_fn command_config;
command_fn command_issuers;
command_fn command_setup;
command_fn command_status;
command_fn command_doctor;

/* Load the configuration, or print why not and return NULL. */
struct config *command_load(const struct options *options);

#endif
