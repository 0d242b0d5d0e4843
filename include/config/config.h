/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

/*
 * The configuration file (pdns-tlsa.yaml(5)): read whole, checked whole, and
 * constant from then on.  Threads: any number of readers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/status.h"
#include "dns/dname.h"
#include "dns/nsec3.h"

/* Certificate usage, selector and matching type of one kind of association
 * (RFC 6698 s2.1.1-2.1.3), each within its registered range. */
struct record_type {
	uint8_t usage;    /* 0..3 */
	uint8_t selector; /* 0..1 */
	uint8_t matching; /* 0..2 */
};

enum transport {
	TRANSPORT_TCP,
	TRANSPORT_UDP,
	TRANSPORT_SCTP,
};

/* Return "tcp", "udp" or "sctp". */
const char *transport_text(enum transport transport);

struct port {
	uint16_t number; /* 1..65535 */
	enum transport transport;
};

/* What has to be seen before the hold time begins. */
enum sight {
	SIGHT_DEFAULT, /* `deploy` asks where there are other name servers */
	SIGHT_NOTHING, /* it begins with the publication */
	SIGHT_SERVERS, /* every name server of the zone answers it */
};

/* How the RRset of a service is made: the defaults, or one service's own. */
struct policy {
	uint32_t ttl;                /* seconds, 1..LIMIT_TTL */
	unsigned max_records;        /* 1..LIMIT_RECORDS */
	struct record_type *records; /* in the order configured */
	size_t record_count;         /* >= 1 */
	uint32_t propagation;        /* hold time in seconds */
	enum sight see;              /* when that begins */
	uint32_t retain;             /* seconds */
	bool allow_unusual;
	bool allow_staging;
};

enum source_type {
	SOURCE_CERTBOT,
	SOURCE_FILES,
	SOURCE_DEHYDRATED,
	SOURCE_LEGO,
	SOURCE_UACME,
	SOURCE_ACMESH,
	SOURCE_CADDY,
	SOURCE_MOD_MD,
	SOURCE_ACMETOOL,
	SOURCE_REMOTE,
	SOURCE_TYPES,
};

/* Return "certbot", "files" and so on, as the configuration spells it. */
const char *source_type_text(enum source_type type);

struct config_source {
	enum source_type type;
	char *path;   /* absolute, no trailing slash */
	char **match; /* globs of one or two parts: see source/files.c */
	size_t match_count;
	char **hosts; /* globs, lower case, no final dot; none: any host */
	size_t host_count;
};

/* The path of a source of type `remote` that names none: packaging/ makes it.
 */
#define CONFIG_REMOTE "/var/lib/pdns-tlsa-remote"

/* What `match` is unless the configuration says otherwise. */
#define CONFIG_MATCH                                                           \
	"*.pem", "*.crt", "*.cer", "*/fullchain.pem", "*/fullchain.cer",       \
	    "*/tls.crt", "*/crt.pem", "*/cert.pem", "*/*.crt"

enum zone_dnssec {
	ZONE_DNSSEC_POWERDNS, /* keys live in another backend */
	ZONE_DNSSEC_SELF,
	ZONE_DNSSEC_NONE,
};

/* How an owner name that lies in none of our zones is named in one of them. */
enum aliases {
	ALIASES_UNSAID, /* flat, and what is deep on record stays as well */
	ALIASES_FLAT,   /* one label, see dns/alias.h */
	ALIASES_DEEP,   /* all of its labels */
};

struct config_zone {
	char *name;              /* presentation form, lower case, final dot */
	struct dname dname;      /* the same */
	char **nameservers;      /* lower case, final dot */
	size_t nameserver_count; /* >= 1 */
	char *hostmaster;        /* lower case, final dot; SOA RNAME */
	enum zone_dnssec dnssec;
	struct nsec3 *nsec3; /* how PowerDNS denies there; NULL: NSEC */
};

/*
 * There may be a million: ports and policy.records are those of the defaults
 * unless the service has its own.
 */
struct config_service {
	char *host; /* lower case, final dot */
	struct port *ports;
	size_t port_count; /* >= 1 */
	char **lineages;   /* names; NULL: every lineage that covers */
	size_t lineage_count;
	struct policy policy; /* complete: defaults and overrides */
};

/* What a lineage will be, told by hand: one of the two at least. */
struct config_lineage {
	char *name;
	char **next; /* absolute paths */
	size_t next_count;
	bool has_reuse_key;
	bool reuse_key; /* at renewals, whatever its store says */
};

/* Services without listing them; host_count is 0 if there are none such. */
struct config_discover {
	char **hosts; /* globs, lower case, no final dot */
	size_t host_count;
	struct port *ports; /* those of the defaults unless it has its own */
	size_t port_count;  /* >= 1 */
};

struct config {
	char *path; /* the file it came from */
	/*
	 * What is wrong with that file now, this being the last one that was
	 * right; NULL: nothing is.  See config/kept.h.
	 */
	char *fault;
	char *state_directory;
	char *listen;         /* unix socket for PowerDNS */
	unsigned listen_mode; /* permissions, default 0660 */
	char *listen_group;   /* or NULL: the process's own */
	char *control;        /* unix socket for our commands */
	char *http_listen;    /* an endpoint or a unix socket; NULL: no HTTP */
	/* Networks; none of both: who can connect may ask and look. */
	char **http_allow; /* may ask, and look */
	size_t http_allow_count;
	char **http_viewers; /* may look */
	size_t http_viewer_count;
	/* What is run when somebody is needed: a path and arguments. */
	char **alarm_command;
	size_t alarm_command_count; /* 0: nothing is */
	uint32_t alarm_after;       /* seconds that a finding has to stand */
	uint32_t alarm_timeout;     /* seconds that a run may take */
	unsigned alarm_line;        /* of the file, where the command is */
	char *reports_path;         /* of TLS reports, or NULL */
	uint32_t reports_since;     /* seconds that are looked back */
	char *powerdns_control;     /* PowerDNS's socket, or NULL */
	char *powerdns_config;      /* its pdns.conf */
	char *powerdns_address;     /* where it answers: an IP address */
	uint16_t powerdns_port;
	struct policy defaults;
	struct port *ports; /* default ports */
	size_t port_count;
	struct config_source *sources;
	size_t source_count;
	struct config_zone *zones;
	size_t zone_count;
	enum aliases aliases;
	struct dname *overlay;
	char **overlay_names; /* lower case, final dot */
	size_t overlay_count;
	struct config_service *services;
	size_t service_count;
	char *hosts;    /* of all services in one piece; see config/load.c */
	char **issuers; /* directories, the lowest first */
	size_t issuer_count; /* >= 1 */
	struct config_lineage *lineages;
	size_t lineage_count;
	struct config_discover discover;
};

/*
 * Read and check the file at `path`.  Its octets are appended to `text`, which
 * may be NULL, as far as they came.
 *
 * Returns STATUS_OK and a new configuration, freed by config_free(); or
 * STATUS_ABSENT, STATUS_IO, STATUS_LIMIT (a file too large) or STATUS_MALFORMED
 * with a `problem` that reads "FILE:LINE:COLUMN: what is wrong; remedy" (no
 * line and column when the file could not be read).
 */
enum status config_load(const char *path, struct buf *text,
    struct config **ret_config, struct problem *problem);

/*
 * The same for `len` octets in memory; `path` names them in messages.  Reads
 * nothing from disk.
 */
enum status config_parse(const char *path, const char *text, size_t len,
    struct config **ret_config, struct problem *problem);

void config_free(struct config *config);

/*
 * Write the whole configuration with all defaults as YAML that config_load()
 * accepts and that gives the same configuration, but for `aliases`: what it
 * writes there is said from then on.  Returns false if `stream` refused it.
 */
bool config_write(const struct config *config, FILE *stream);

#endif
