/* SPDX-License-Identifier: MIT */
#ifndef TORTURE_H
#define TORTURE_H

/*
 * A daemon, its stores and its disk, and all that can go wrong with them, while
 * the judge asks.  One thread does it; see tests/tools/torture.c.
 */

#include <stdbool.h>
#include <stdint.h>

#include "certbot.h"
#include "daemon.h"
#include "faulty.h"
#include "judge.h"
#include "pki.h"
#include "state/database.h"

enum {
	TORTURE_HOSTS = 8,
	TORTURE_FILES = 2, /* of them, the last: in a directory of files */
	TORTURE_GENERATIONS = 4,
	TORTURE_CAS = 2,
	/* The lines of a subject, by what they are of. */
	LINE_EXPIRED = TORTURE_GENERATIONS,
	LINE_CA,
	LINE_ROOT = LINE_CA + TORTURE_CAS,
	LINES,
};

struct generation {
	struct pems pems;
	uint32_t set;
};

struct host {
	char name[8]; /* of its lineage; it is NAME.example.com */
	struct subject *subject;
	struct certbot certbot;
	bool is_file; /* no links: the chain lies in its directory */
	bool retains; /* what was replaced stays */
	char *path;   /* of the file of its chain */
	char *directory;
	const char *store; /* both stores lie in it */
	/* The last one has expired. */
	struct generation generations[TORTURE_GENERATIONS + 1];
	unsigned current;
	const char *fault; /* what is wrong with it at present; NULL: nothing */
	void (*mend)(struct host *host);
	int64_t until;    /* loop_now() when it is mended */
	bool is_awaited;  /* the current one has not been answered yet */
	unsigned waited;  /* turns */
	unsigned renewed; /* torture->epoch when that began */
};

struct torture {
	const char *program;
	const char *preload; /* NULL: none */
	const char *directory;
	char *store, *disk, *state;
	struct pki root, cas[TORTURE_CAS];
	struct host hosts[TORTURE_HOSTS];
	struct subject subjects[TORTURE_HOSTS];
	struct judge judge;
	struct daemon daemon;
	struct client client; /* of who does all this */
	unsigned since;       /* judge.ends when it was made */
	struct faulty *faulty;
	bool has_mounts;
	unsigned random;
	/* What is wrong with the machine at present; NULL: nothing. */
	const struct machine_fault *fault;
	int64_t until;
	struct database holder; /* of the lock of who writes */
	pid_t halted; /* who reads, as long as something is wrong with it */
	/*
	 * Something may not be on record: until a renewal that began later is,
	 * nobody ends the process.
	 */
	bool is_unsafe;
	unsigned epoch;
	/* What the report says. */
	unsigned long renewals, kills, stops, deaths, late, bad_ends;
};

/* Which hosts a fault is for. */
enum store_where {
	WHERE_ANY,
	WHERE_RETAINED, /* it makes a chain, or none: what was there stays */
	WHERE_LINKED,   /* live/ has links */
	/* Names tell whose it is, where a service lists no lineages: of those
	 * that it lists it publishes whatever they have. */
	WHERE_NAMED,
};

/* What can happen to one lineage. */
struct store_fault {
	const char *name;
	void (*begin)(struct torture *torture, struct host *host);
	void (*mend)(struct host *host);
	enum store_where where;
};

/* What else a fault of the machine means. */
enum {
	FAULT_DEAF = 1,   /* no new connection is answered */
	FAULT_HIDES = 2,  /* nobody can change the stores meanwhile */
	FAULT_FORGETS = 4 /* what is new may not be on record */
};

/* What can happen to the machine, or to all lineages. */
struct machine_fault {
	const char *name;
	/* Returns false if it cannot be had here or now. */
	bool (*begin)(struct torture *torture);
	void (*end)(struct torture *torture);
	unsigned marks;
};

/* All of them, and how often each was begun. */
size_t store_fault_count(void);
const char *store_fault_name(size_t number);
/* Returns false if this host is not for it. */
bool store_fault_begin(
    struct torture *torture, struct host *host, size_t number);

extern const struct machine_fault machine_faults[];
size_t machine_fault_count(void);

/* A number below `below`. */
unsigned torture_random(struct torture *torture, unsigned below);

/* End the process by the signal, and start the next one. */
void torture_restart(struct torture *torture, int signal);

/* Certificates, stores and configuration; the daemon is not started. */
void torture_make(struct torture *torture);
void torture_fini(struct torture *torture);
void torture_start(struct torture *torture);

/* What is there now is the chain of the current generation again. */
void host_mend(struct host *host);

/* These may be answered for it from now on. */
void host_may(struct host *host, uint32_t set);

/* For a moment its file may be cut just behind the leaf. */
void host_know_leaf(struct host *host);

/* Another generation takes over, by one of the ways that this store has. */
void host_renew(struct torture *torture, struct host *host);

#endif
