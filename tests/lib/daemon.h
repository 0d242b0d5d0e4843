/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_H
#define DAEMON_H

/*
 * `pdns-tlsa serve` as a child process of a test, in a directory of its own:
 * DIR/pdns-tlsa.yaml, DIR/le (a store), DIR/pdns.sock, DIR/log.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "client.h"

struct daemon {
	pid_t pid;
	const char *directory; /* absolute and short, for the socket */
	char *socket;
};

/*
 * Write the configuration: a store of the type, the zone tlsa.example.net, and
 * `services` (YAML, items of the list).
 */
void daemon_configure(
    const char *directory, const char *type, const char *services);

/* The same with any state directory, and `sources`: items of a YAML list. */
void daemon_configure_at(const char *directory, const char *state,
    const char *sources, const char *services);

/* Start `program` and wait until it listens; a failure ends the test. */
void daemon_start(
    struct daemon *daemon, const char *program, const char *directory);

/* The same; `prepare` is called in the child before it is the daemon. */
void daemon_start_prepared(struct daemon *daemon, const char *program,
    const char *directory, void (*prepare)(void *arg), void *arg);

/* End it; returns its wait status. */
int daemon_stop(struct daemon *daemon);
int daemon_end(struct daemon *daemon, int signal);

/* A connection to it; a failure ends the test. */
void daemon_connect(const struct daemon *daemon, struct client *client);

/* Return the process that reads files for it, or 0 if there is none now. */
pid_t daemon_reader(const struct daemon *daemon);

/* Return how many descriptors a process has open. */
unsigned process_descriptors(pid_t pid);

/* The same of the daemon, and its resident memory in KiB, with its reader's. */
unsigned daemon_descriptors(const struct daemon *daemon);
unsigned long daemon_memory(const struct daemon *daemon);

/* Show the lines of its log that contain `text`. */
void daemon_log_note(const struct daemon *daemon, const char *text);

/*
 * Return how many lines of its log contain `text`; but that the CAs of tests
 * are in no issuer set is no news, nor that there is no inotify.
 */
unsigned daemon_log_count(const struct daemon *daemon, const char *text);

#endif
