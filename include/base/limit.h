/* SPDX-License-Identifier: MIT */
#ifndef BASE_LIMIT_H
#define BASE_LIMIT_H

/*
 * Every limit on what comes from outside, in one place.  A limit is a guard
 * against mistakes and hostility, far above what a right input needs.
 */

#include <stdint.h>

enum {
	/* One request of PowerDNS is below 2 KiB; names are at most 1005. */
	LIMIT_LINE = 65536,
	LIMIT_JSON_DEPTH = 16,
	/*
	 * PowerDNS reads 1500 octets at a time and parses all it has again
	 * each time: 64 KiB cost it 10 ms, 1 MiB more than 2 s.
	 */
	LIMIT_LONG_DOMAINS = 65536,

	/* A chain of Let's Encrypt is below 8 KiB. */
	LIMIT_PEM_FILE = 256 * 1024,
	LIMIT_CHAIN = 16, /* certificates in one file */
	/*
	 * A path has at most as many signatures as certificates; each trial of
	 * another issuer of the same name is one more.  By a key of 16,384 bits
	 * one takes as long as 60 by one of 2,048.
	 */
	LIMIT_CHECKS = 24,       /* signatures verified for one file */
	LIMIT_CA_BITS = 8192,    /* of an RSA key that may have issued */
	LIMIT_PAIRS = 65536,     /* of CAs whose signatures are remembered */
	LIMIT_FAILED = 4096,     /* and of those that are wrong */
	LIMIT_CERT_NAMES = 1000, /* DNS names of one certificate */

	/* All CAs that browsers trust, as PEM, are about 220 KiB. */
	LIMIT_ISSUER_FILE = 1024 * 1024,
	LIMIT_ISSUERS = 1000,     /* CAs of one set */
	LIMIT_ISSUER_FILES = 256, /* of one directory */

	/* Between our processes; what is in a PEM file is three times as long
	 * in JSON at most, and there are a few in one message. */
	LIMIT_MESSAGE = 4 * 1024 * 1024,
	/* What it costs to decode one: 64 generations of 16 certificates are
	 * below 2600 lists and objects. */
	LIMIT_MESSAGE_LISTS = 4096,
	LIMIT_MESSAGE_VALUES = 256 * 1024,
	/* A path is at most 4096 octets, a key of a table 65535. */
	LIMIT_NAME = 8192, /* of a lineage, or of its file */
	LIMIT_RENEWAL_FILE = 256 * 1024,
	LIMIT_CONFIG_FILE = 64 * 1024 * 1024,
	LIMIT_CONFIG_DEPTH = 8,

	LIMIT_LINEAGES = 1000000,
	/* What a lineage's directory may cost whenever it is looked at. */
	LIMIT_ENTRIES = 4096,   /* listed; more are not seen */
	LIMIT_CANDIDATES = 64,  /* of them, read to find the leaf */
	LIMIT_GENERATIONS = 64, /* of one lineage, in memory */
	LIMIT_NEXT = 8,         /* staged keys of one lineage */
	LIMIT_CONNECTIONS = 512,
	LIMIT_USER_CONNECTIONS = LIMIT_CONNECTIONS / 2, /* of one user */

	/* An RSA key of 4096 bits is below 4 KiB. */
	LIMIT_KEY = 16 * 1024,
	LIMIT_KEYS = 64,     /* of one zone */
	LIMIT_METADATA = 64, /* kinds of one zone, values of one kind */
	LIMIT_METADATA_VALUE = 4096,
	LIMIT_TSIG = 1024,        /* TSIG keys */
	LIMIT_TSIG_SECRET = 1024, /* base64; 512 bits are 88 */
	LIMIT_KEYRING_FILE = 256 * 1024 * 1024,

	/* A page has 50 rows, and a row is rarely longer than 1 KiB. */
	LIMIT_CONTROL_REPLY = 16 * 1024 * 1024,  /* one answer of the daemon */
	LIMIT_CONTROL_LIST = 1024 * 1024 * 1024, /* all pages of a list */
	LIMIT_PDNS_REPLY = 4096,                 /* to one command of ours */

	/* What a server that is looked at may say before TLS begins. */
	LIMIT_STARTTLS_LINE = 8192, /* octets of one line or element */
	LIMIT_STARTTLS = 65536,     /* of all */
	/* Its certificates are at most LIMIT_PEM_FILE, the rest is small. */
	LIMIT_HANDSHAKE = 2 * LIMIT_PEM_FILE, /* octets until TLS is there */

	/*
	 * What another host may send: its chain and staged keys in one line.
	 * A chain of Let's Encrypt is below 8 KiB.
	 */
	LIMIT_VIA_LINE = 128 * 1024,
	LIMIT_VIA_NAME = 128,    /* of a lineage; and of who sends */
	LIMIT_VIA_LINEAGES = 64, /* of one sender */
	LIMIT_VIA_STORE = 4000,  /* of all: below LIMIT_ENTRIES */
	LIMIT_SENT = 16 * 1024,  /* what is known of one beside its chain */
	LIMIT_VIA_PATTERNS = 64, /* of hosts that one may speak for */

	/*
	 * TLS reports (RFC 8460).  One of a large sender about one domain is
	 * some 10 KiB of JSON, with 8 lists and objects a policy.
	 */
	LIMIT_MAIL = 25 * 1024 * 1024,  /* octets of one message */
	LIMIT_MBOX = 256 * 1024 * 1024, /* of a file of many */
	/*
	 * GMime makes more than a KiB of each part and some 500 octets of each
	 * field, before it can be asked how many there are.
	 */
	LIMIT_MAIL_DELIMITERS = 1024, /* lines that may be one */
	LIMIT_MAIL_FIELDS = 16384,    /* lines that may begin one */
	LIMIT_MAIL_PARAMETERS = 65536,
	LIMIT_MAIL_DEPTH = 8,             /* parts in each other */
	LIMIT_MAIL_PARTS = 64,            /* of one message */
	LIMIT_MAILS = 100000,             /* of one directory, or mbox */
	LIMIT_TLSRPT = 16 * 1024 * 1024,  /* octets of JSON, unpacked */
	LIMIT_TLSRPT_LISTS = 32768,       /* and objects */
	LIMIT_TLSRPT_VALUES = 256 * 1024, /* see base/json_cost.h */
	LIMIT_TLSRPT_TEXT = 256,          /* octets of one that are kept */
	LIMIT_TLSRPT_SEEN = 64,           /* records of one policy */
	/* From so many on, of all reports, no others are told apart. */
	LIMIT_TLSRPT_FAULTS = 4096, /* some 20 KiB each, at the worst */
	LIMIT_TLSRPT_SENDERS = 65536,

	/* What is run for alarms: one line each is below 1 KiB. */
	LIMIT_ALARMS = 1000,  /* findings that are followed at a time */
	LIMIT_TIMEOUT = 3600, /* seconds of one run */
	LIMIT_WORD = 4096,    /* of its command line */

	LIMIT_SYMLINKS = 16, /* links followed to one file */
	LIMIT_TTL = 604800,  /* seconds: a week */
	LIMIT_RECORDS = 64,  /* upper bound for max-records */
};

/*
 * Seconds since 1970, before or after: of certificates (RFC 5280 s4.1.2.5, the
 * year 9999 at most) or files.  With more a sum overflows, or has no year.
 */
#define LIMIT_TIME (INT64_C(1) << 53)

#endif
