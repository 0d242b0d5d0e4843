/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

/*
 * The subcommands of pdns-tlsa(8), one file each, one row each in
 * commands/main.c.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

/* Exit statuses. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	/* of doctor and check: */
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
	const char *backend;      /* of setup; NULL: gsqlite3 */
	const char *connector;    /* of setup; NULL: unix */
	const char *powerdns;     /* of setup: its version; NULL: look */
	const char *server;       /* of doctor, which by default asks as the */
	const char *pdns_conf;    /* configuration says, and of check */
	const char *trust_anchor; /* NULL: the system's */
	const char *root_hints;   /* see net/origin.h; NULL: the Internet's */
	const char *forward;      /* likewise; NULL: nobody */
	const char *warning;      /* of check; NULL: by the lifetime */
	const char *critical;     /* likewise */
	const char *timeout;      /* of wait and deploy; NULL: none */
	const char *to;           /* of deploy, and so the rest */
	const char *owner;
	const char *group;
	const char *mode;
	const char *reload;
	const char *verify; /* HOST:PORT; NULL: what the configuration has */
	bool no_verify;
	bool adopts;
	const char *instead_of;
	const char *via;    /* of deploy: ssh:HOST; NULL or "": nobody */
	const char *hosts;  /* of receive: patterns */
	const char *as;     /* likewise: who sends; NULL: by the patterns */
	const char *remote; /* of setup: a host that sends; NULL: none */
	const char *since;  /* of reports; NULL: all of them */
	bool watch;         /* of status: again and again */
	bool is_online;     /* of check */
	bool is_servers;    /* of wait, deploy: ask the name servers as well */
	char **operands;    /* behind the command */
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
command_fn command_wait;
command_fn command_deploy;
command_fn command_receive;
command_fn command_doctor;
command_fn command_check;
command_fn command_reports;

/* Return true if there is an operand; else say that `what` is missing. */
bool command_operand(const struct options *options, const char *what);

/*
 * Read --timeout, a duration as in the configuration: when it will be over, by
 * loop_now(); INT64_MAX if there is none.  Returns false, and has said so, if
 * it is no duration.
 */
bool command_end(const struct options *options, int64_t *ret_end);

/* Load the configuration, or print why not and return NULL. */
struct config *command_load(const struct options *options);

/*
 * The same for what must go on while the file is wrong: then with the last one
 * that was right, with a line in the log.  `text` (may be NULL) receives what
 * it was made from.
 */
struct config *command_load_kept(
    const struct options *options, struct buf *text);

/* Keep that configuration as the last one that was right; `text` is ended. */
void command_keep(const struct config *config, struct buf *text);

#endif
