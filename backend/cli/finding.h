/* SPDX-License-Identifier: MIT */
#ifndef CLI_FINDING_H
#define CLI_FINDING_H

/*
 * What `doctor` and `check` find: collected, then printed as lines for people
 * or as JSON (pdns-tlsa(8)), and summed up in an exit status.
 * Threads: one at a time.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/command.h"

/* In order of weight; UNKNOWN is "cannot tell". */
enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_UNKNOWN,
	SEVERITY_CRITICAL,
};

/*
 * One row per kind of finding: enumerator, word (stable, in the manual),
 * severity, and why it matters.
 */
#define FINDING_TABLE(X)                                                       \
	X(FINDING_CONF_UNREAD, "conf-unread", NOTE,                            \
	    "the order of its backends and its connection to us are not "      \
	    "checked")                                                         \
	X(FINDING_LAUNCH_MISSING, "launch-missing", CRITICAL,                  \
	    "PowerDNS never asks pdns-tlsa")                                   \
	X(FINDING_LAUNCH_ORDER, "launch-order", CRITICAL,                      \
	    "the backend asked first hides the keys and metadata of every "    \
	    "zone of the others, so that their DNSSEC breaks")                 \
	X(FINDING_LAUNCH_TWICE, "launch-twice", CRITICAL,                      \
	    "PowerDNS refuses to start so")                                    \
	X(FINDING_LAUNCH_IDLE, "launch-idle", NOTE,                            \
	    "it does no harm, but a zone that is put there would lose its "    \
	    "metadata, for 'remote' is asked before it")                       \
	X(FINDING_MODULE_MISSING, "module-missing", CRITICAL,                  \
	    "PowerDNS does not start without it")                              \
	X(FINDING_KEYS_NOWHERE, "keys-nowhere", CRITICAL,                      \
	    "no backend keeps the keys of the zone, so that it cannot be "     \
	    "signed")                                                          \
	X(FINDING_KEYS_HIDDEN, "keys-hidden", CRITICAL,                        \
	    "the first backend that knows about keys decides, so that the "    \
	    "zone goes out unsigned")                                          \
	X(FINDING_REMOTE_DNSSEC, "remote-dnssec", CRITICAL,                    \
	    "PowerDNS does not ask for neighbours and keys then, and denials " \
	    "of existence do not validate")                                    \
	X(FINDING_CONNECTION_MISSING, "connection-missing", CRITICAL,          \
	    "PowerDNS does not know where pdns-tlsa listens")                  \
	X(FINDING_CONNECTION_SOCKET, "connection-socket", CRITICAL,            \
	    "PowerDNS connects where this pdns-tlsa does not listen")          \
	X(FINDING_CONNECTION_OTHER, "connection-other", CRITICAL,              \
	    "pdns-tlsa does not speak that way")                               \
	X(FINDING_CONNECTION_PIPE, "connection-pipe", WARNING,                 \
	    "a coprocess that dies while it is idle stays dead for its "       \
	    "thread, which answers SERVFAIL until PowerDNS restarts")          \
	X(FINDING_ZONE_CACHE, "zone-cache", NOTE,                              \
	    "PowerDNS exits at start if the socket is missing then, and "      \
	    "learns of a new zone only when the cache is refreshed")           \
	X(FINDING_SERVER_SILENT, "server-silent", UNKNOWN,                     \
	    "nothing can be said about what it serves")                        \
	X(FINDING_SERVER_UDP, "server-udp", CRITICAL,                          \
	    "resolvers ask over UDP first")                                    \
	X(FINDING_SERVER_TCP, "server-tcp", CRITICAL,                          \
	    "signed answers that do not fit a datagram are lost")              \
	X(FINDING_ANCHOR_MISSING, "anchor-missing", UNKNOWN,                   \
	    "nothing can be validated")                                        \
	X(FINDING_ZONE_REFUSED, "zone-refused", CRITICAL,                      \
	    "no TLSA record in it reaches anybody")                            \
	X(FINDING_ZONE_SOA, "zone-soa", CRITICAL,                              \
	    "another backend answers for the zone and may hide what we "       \
	    "publish")                                                         \
	X(FINDING_ZONE_TWICE, "zone-twice", CRITICAL,                          \
	    "PowerDNS takes transfers and denials of existence from that "     \
	    "one, so that secondaries and validating resolvers learn of no "   \
	    "TLSA record")                                                     \
	X(FINDING_ZONE_TWICE_NARROW, "zone-twice-narrow", WARNING,             \
	    "nothing comes of it while the zone is narrow; otherwise "         \
	    "PowerDNS takes transfers and denials of existence from that one") \
	X(FINDING_ZONE_NS, "zone-ns", CRITICAL,                                \
	    "resolvers go to other name servers than the ones configured")     \
	X(FINDING_ZONE_UNDELEGATED, "zone-undelegated", CRITICAL,              \
	    "no resolver finds the zone")                                      \
	X(FINDING_ZONE_NO_DS, "zone-no-ds", CRITICAL,                          \
	    "nobody can validate the zone, and DANE clients ignore what is "   \
	    "not validated")                                                   \
	X(FINDING_ZONE_PARENT, "zone-parent-insecure", CRITICAL,               \
	    "the chain of trust ends above the zone, and DANE clients ignore " \
	    "what is not validated")                                           \
	X(FINDING_ZONE_UNSIGNED, "zone-unsigned", CRITICAL,                    \
	    "DANE clients ignore TLSA records that are not signed")            \
	X(FINDING_ZONE_NONE, "zone-dnssec-none", WARNING,                      \
	    "DANE clients ignore TLSA records that are not signed")            \
	X(FINDING_ZONE_BOGUS, "zone-bogus", CRITICAL,                          \
	    "validating resolvers answer SERVFAIL for all of it")              \
	X(FINDING_ZONE_UNREACHED, "zone-unreached", UNKNOWN,                   \
	    "whether the zone is delegated and validates cannot be told")      \
	X(FINDING_NSEC3_DIFFERS, "nsec3-differs", CRITICAL,                    \
	    "PowerDNS asks for neighbours in hashes of its own parameters, "   \
	    "and denials of existence do not validate")                        \
	X(FINDING_OVERLAY_NSEC, "overlay-nsec", CRITICAL,                      \
	    "its NSEC records are a validated denial of our own records: "     \
	    "resolvers learn from them that there is no TLSA")                 \
	X(FINDING_OVERLAY_NSEC3, "overlay-nsec3", CRITICAL,                    \
	    "its NSEC3 records are a validated denial of our own records: "    \
	    "resolvers learn from them that there is no TLSA")                 \
	X(FINDING_OVERLAY_UNCLEAR, "overlay-unclear", UNKNOWN,                 \
	    "whether it publishes a denial of our own records cannot be told") \
	X(FINDING_OVERLAY_WILDCARD, "overlay-wildcard", CRITICAL,              \
	    "the names we add make it exist without records, which hides the " \
	    "wildcard (RFC 4592)")                                             \
	X(FINDING_DENIAL_BOGUS, "denial-bogus", CRITICAL,                      \
	    "validating resolvers answer SERVFAIL, and mail is put off")       \
	X(FINDING_DENIAL_WRONG, "denial-wrong", CRITICAL,                      \
	    "resolvers conclude what exists from it")                          \
	X(FINDING_DENIAL_HIDES, "denial-hides", CRITICAL,                      \
	    "resolvers that use cached denials (RFC 8198) lose the TLSA "      \
	    "records")                                                         \
	X(FINDING_SERVICE_NOTHING, "service-nothing", WARNING,                 \
	    "DANE is off for the service")                                     \
	X(FINDING_SERVICE_UNKNOWN, "service-unknown", CRITICAL,                \
	    "what belongs to the name cannot be told, so that lookups fail")   \
	X(FINDING_SERVICE_UNSEEN, "service-unseen", UNKNOWN,                   \
	    "what the daemon answers cannot be told from here")                \
	X(FINDING_SERVICE_FAILS, "service-fails", CRITICAL,                    \
	    "mail from DANE senders is put off")                               \
	X(FINDING_SERVICE_HIDDEN, "service-hidden", CRITICAL,                  \
	    "the first backend with a record of the name wins, and ours is "   \
	    "never asked")                                                     \
	X(FINDING_SERVICE_DIFFERS, "service-differs", CRITICAL,                \
	    "a certificate without its record is refused by DANE senders")     \
	X(FINDING_SERVICE_EXTRA, "service-extra", WARNING,                     \
	    "old records do no harm at first, but somebody keeps them")        \
	X(FINDING_SERVICE_INSECURE, "service-insecure", CRITICAL,              \
	    "DANE clients ignore what is not validated")                       \
	X(FINDING_SERVICE_BOGUS, "service-bogus", CRITICAL,                    \
	    "validating resolvers answer SERVFAIL, and mail is put off")       \
	X(FINDING_SERVICE_DENIED, "service-denied", CRITICAL,                  \
	    "resolvers are told that there is no TLSA record")                 \
	X(FINDING_SERVICE_UNREACHED, "service-unreached", UNKNOWN,             \
	    "whether clients get the records cannot be told")                  \
	X(FINDING_ALIAS_MISSING, "alias-missing", CRITICAL,                    \
	    "clients ask for this name and find nothing")                      \
	X(FINDING_ALIAS_ELSEWHERE, "alias-elsewhere", CRITICAL,                \
	    "clients get other records than ours")                             \
	X(FINDING_ALIAS_FORMER, "alias-former", WARNING,                       \
	    "clients find nothing there once it is given up")                  \
	X(FINDING_NS_ADDRESS, "ns-address", WARNING,                           \
	    "resolvers cannot use this name server")                           \
	X(FINDING_NS_SILENT, "ns-silent", WARNING,                             \
	    "resolvers that choose it wait or fail")                           \
	X(FINDING_NS_SERIAL, "ns-serial", WARNING,                             \
	    "it answers from an older or another version of the zone")         \
	X(FINDING_NS_DIFFERS, "ns-differs", CRITICAL,                          \
	    "resolvers that choose it get other records")                      \
	X(FINDING_HOST_UNKNOWN, "host-unknown", UNKNOWN,                       \
	    "there is nothing that could be checked")                          \
	X(FINDING_SERVICE_NONE, "service-none", UNKNOWN,                       \
	    "there is nothing that could be checked")                          \
	X(FINDING_DISK_MISMATCH, "disk-mismatch", CRITICAL,                    \
	    "a server that presents this chain is refused by DANE"             \
	    " clients")                                                        \
	X(FINDING_HOST_UNCOVERED, "host-uncovered", WARNING,                   \
	    "clients that match a CA check the name, and so do "               \
	    "those without DANE")                                              \
	X(FINDING_EXPIRY_WARNING, "expiry-warning", WARNING,                   \
	    "it should have been renewed by now")                              \
	X(FINDING_EXPIRY_CRITICAL, "expiry-critical", CRITICAL,                \
	    "it should have been renewed long ago, and the end is"             \
	    " near")                                                           \
	X(FINDING_EXPIRED, "expired", CRITICAL,                                \
	    "clients that match a CA refuse it, as does Exchange "             \
	    "Online")                                                          \
	X(FINDING_NOT_YET_VALID, "not-yet-valid", WARNING,                     \
	    "clients that match a CA refuse it, as does Exchange "             \
	    "Online")                                                          \
	X(FINDING_AT_RISK, "at-risk", WARNING,                                 \
	    "after the next renewal the server may present what "              \
	    "no record matches that clients have")                             \
	X(FINDING_ISSUER_UNKNOWN, "issuer-unknown", NOTE,                      \
	    "which CA the next certificate comes from cannot be "              \
	    "foreseen")                                                        \
	X(FINDING_LINEAGE_PROBLEM, "lineage-problem", WARNING,                 \
	    "the last good generation stays published, but no "                \
	    "renewal is seen")                                                 \
	X(FINDING_LINEAGE_UNREAD, "lineage-unread", WARNING,                   \
	    "it could never be read, and nothing of it is published")          \
	X(FINDING_LINEAGE_ABSENT, "lineage-absent", WARNING,                   \
	    "nothing is published of what is not there")                       \
	X(FINDING_LINEAGE_REMARK, "lineage-remark", NOTE,                      \
	    "what a server sends of the file is published")                    \
	X(FINDING_LINEAGE_WARNING, "lineage-warning", NOTE,                    \
	    "what is published is what was read")                              \
	X(FINDING_LINEAGE_ABANDONED, "lineage-abandoned", WARNING,             \
	    "its records take room, and alarms about it never end")            \
	X(FINDING_LINEAGES_COMPETE, "lineages-compete", NOTE,                  \
	    "whoever may write one of them decides what is published")         \
	X(FINDING_LINEAGE_DELETED, "lineage-deleted", WARNING,                 \
	    "its records leave when they have been retained long "             \
	    "enough")                                                          \
	X(FINDING_SENDER_SILENT, "sender-silent", WARNING,                     \
	    "what is published stays, but no renewal of it would be known")    \
	X(FINDING_CONFIG_FAULT, "config-fault", WARNING,                       \
	    "the last configuration that was right is used, and nothing "      \
	    "that was changed since")                                          \
	X(FINDING_SOURCE_EMPTY, "source-empty", WARNING,                       \
	    "whatever is in it is not published")                              \
	X(FINDING_SOURCE_PROBLEM, "source-problem", WARNING,                   \
	    "no renewal in it is seen")                                        \
	X(FINDING_RECORDS_CUT, "records-cut", WARNING,                         \
	    "who meets one of these chains refuses it")                        \
	X(FINDING_RECORDS_BEYOND, "records-beyond", NOTE,                      \
	    "who set a limit may have had a reason")                           \
	X(FINDING_RECORDS_MANY, "records-many", WARNING,                       \
	    "Exchange Online fails with more than about 12")                   \
	X(FINDING_ISSUERS_FAULT, "issuers-fault", WARNING,                     \
	    "CAs that are only in it are not published before they issue")     \
	X(FINDING_ISSUERS_OLD, "issuers-old", WARNING,                         \
	    "a CA that is missing in it is not published before "              \
	    "it issues")                                                       \
	X(FINDING_TLSA_FAILS, "tlsa-fails", CRITICAL,                          \
	    "mail from DANE senders is put off")                               \
	X(FINDING_TLSA_BOGUS, "tlsa-bogus", CRITICAL,                          \
	    "validating resolvers answer SERVFAIL, and mail is "               \
	    "put off")                                                         \
	X(FINDING_TLSA_INSECURE, "tlsa-insecure", CRITICAL,                    \
	    "DANE clients ignore what is not validated")                       \
	X(FINDING_TLSA_DENIED, "tlsa-denied", CRITICAL,                        \
	    "DANE is off for the service")                                     \
	X(FINDING_TLSA_UNREACHED, "tlsa-unreached", UNKNOWN,                   \
	    "what clients get cannot be told")                                 \
	X(FINDING_TLSA_DIFFERS, "tlsa-differs", WARNING,                       \
	    "clients go by other records than those of the "                   \
	    "certificates on disk")                                            \
	X(FINDING_ISSUERS_RETIRED, "issuers-retired", WARNING,                 \
	    "nothing is issued from retired CAs any more, so that"             \
	    " the next certificate will not match")                            \
	X(FINDING_MX_INSECURE, "mx-insecure", CRITICAL,                        \
	    "DANE senders look for TLSA records only where the MX"             \
	    " records are validated")                                          \
	X(FINDING_MX_FAILS, "mx-fails", CRITICAL,                              \
	    "nobody finds the mail servers of the domain")                     \
	X(FINDING_MX_UNREACHED, "mx-unreached", UNKNOWN,                       \
	    "which are the mail servers of the domain cannot be "              \
	    "told")                                                            \
	X(FINDING_MX_NULL, "mx-null", NOTE, "nobody sends mail to it")         \
	X(FINDING_MX_ALIAS, "mx-alias", WARNING,                               \
	    "an MX must not be an alias (RFC 2181 s10.3), and not every "      \
	    "sender follows it")                                               \
	X(FINDING_TLSRPT_SEVERAL, "tlsrpt-several", WARNING,                   \
	    "senders take none of them then, and report to nobody (RFC 8460 "  \
	    "s3)")                                                             \
	X(FINDING_TLSRPT_MALFORMED, "tlsrpt-malformed", WARNING,               \
	    "senders that refuse a server report to nobody then")              \
	X(FINDING_NOT_PROBED, "not-probed", NOTE,                              \
	    "what the server presents is not known")                           \
	X(FINDING_HOST_ADDRESS, "host-address", CRITICAL,                      \
	    "no client can connect")                                           \
	X(FINDING_CONNECT_FAILS, "connect-fails", WARNING,                     \
	    "clients that choose this address have to try another"             \
	    " one")                                                            \
	X(FINDING_CONNECT_NONE, "connect-none", UNKNOWN,                       \
	    "what the server presents cannot be told")                         \
	X(FINDING_PROTOCOL_BROKEN, "protocol-broken", CRITICAL,                \
	    "no client gets as far as TLS")                                    \
	X(FINDING_STARTTLS_MISSING, "starttls-missing", CRITICAL,              \
	    "clients that found a TLSA record do not go on "                   \
	    "without TLS")                                                     \
	X(FINDING_TLS_FAILS, "tls-fails", CRITICAL,                            \
	    "clients that found a TLSA record do not go on "                   \
	    "without TLS")                                                     \
	X(FINDING_SERVED_MISMATCH, "served-mismatch", CRITICAL,                \
	    "DANE clients refuse it")                                          \
	X(FINDING_SERVED_NAME, "served-name", CRITICAL,                        \
	    "a match of usage 2 counts only with the right name, "             \
	    "so that DANE clients refuse it")                                  \
	X(FINDING_SERVED_EXPIRED, "served-expired", CRITICAL,                  \
	    "a match of usage 2 counts only until then, and "                  \
	    "Exchange Online refuses it in any case")                          \
	X(FINDING_SERVED_PARTLY, "served-partly", WARNING,                     \
	    "each kind of record must match what is served (RFC "              \
	    "7671 s8)")                                                        \
	X(FINDING_SERVED_UNPUBLISHED, "served-unpublished", CRITICAL,          \
	    "clients refuse it as soon as they have our records")              \
	X(FINDING_STALE_LEAF, "stale-leaf", WARNING,                           \
	    "it matches only until the record of the old leaf is "             \
	    "gone")                                                            \
	X(FINDING_LEAF_UNKNOWN, "leaf-unknown", WARNING,                       \
	    "nobody publishes the next one of it")                             \
	X(FINDING_CHAIN_INCOMPLETE, "chain-incomplete", WARNING,               \
	    "records of usage 2 match only what the server sends")             \
	X(FINDING_ADDRESSES_DIFFER, "addresses-differ", WARNING,               \
	    "which certificate a client gets is left to chance")               \
	X(FINDING_REPORT_DANE, "report-dane", CRITICAL,                        \
	    "a sender with DANE puts mail off until it goes by")               \
	X(FINDING_REPORT_TLS, "report-tls", WARNING,                           \
	    "mail of this sender went without TLS, or to a server that it "    \
	    "could not be sure of")                                            \
	X(FINDING_REPORT_STS, "report-sts", WARNING,                           \
	    "with the MTA-STS mode 'enforce' mail is put off")                 \
	X(FINDING_REPORT_UNREAD, "report-unread", WARNING,                     \
	    "what it says is not counted")                                     \
	X(FINDING_MAIL_LIBRARY, "mail-library", UNKNOWN,                       \
	    "mails cannot be read without it")                                 \
	X(FINDING_REPORTS_CLOSED, "reports-closed", WARNING,                   \
	    "what senders see is not known")                                   \
	X(FINDING_REPORTS_QUIET, "reports-quiet", NOTE,                        \
	    "either nobody who reports sent mail, or reports get lost")        \
	X(FINDING_REPORT_NONE, "report-none", UNKNOWN,                         \
	    "what senders see cannot be told")                                 \
	X(FINDING_RECORD_NONE, "record-none", NOTE,                            \
	    "what was published at that time is not looked up")                \
	X(FINDING_TIME_UP, "time-up", UNKNOWN, "the rest was not looked at")   \
	X(FINDING_LEFT_OUT, "left-out", NOTE,                                  \
	    "a look at every one would take too long")

enum finding_kind {
#define X(id, word, severity, why) id,
	FINDING_TABLE(X)
#undef X
	    FINDING_KINDS,
};

/* Return the stable word of JSON output. */
const char *finding_word(enum finding_kind kind);
enum severity finding_severity(enum finding_kind kind);

/* Return "note", "warning", "unknown" or "critical". */
const char *severity_word(enum severity severity);

struct finding {
	enum finding_kind kind;
	char *subject; /* "zone 'example.com.'", ... */
	char *what;
	char *mend; /* what to do about it */
};

struct findings {
	struct finding *list; /* owned, in the order found */
	size_t count;
};

void findings_fini(struct findings *findings);

/*
 * Add one: `subject` and `mend` are copied, and the rest is what was found.
 * The same kind about the same subject again is not added.
 */
void finding_add(struct findings *findings, enum finding_kind kind,
    const char *subject, const char *mend, const char *what, ...)
    __attribute__((format(printf, 5, 6)));

/* Return the exit status of pdns-tlsa(8): of the worst one. */
int findings_exit_status(const struct findings *findings);

/* Return the severity of the worst one; notes, if there is none. */
enum severity findings_worst(const struct findings *findings);

/* Return the word of the worst one's severity; "ok" if notes are all. */
const char *findings_word(const struct findings *findings);

/* Return the exit status that goes with such a word. */
int findings_word_status(const char *word);

/* Return it as a JSON object, new. */
json_t *finding_json(const struct finding *finding);

/* Return all, the worst first, as a JSON array, new. */
json_t *findings_json(const struct findings *findings);

/* Print all, the worst first, one a line behind `indent`. */
void findings_lines(
    const struct findings *findings, const char *indent, FILE *stream);

/* What `doctor` looked at, for its summary. */
struct findings_scope {
	const char *server; /* ADDRESS:PORT */
	size_t zones;
	size_t services;
	size_t services_left_out;
	size_t questions;
	int64_t duration_ms;
};

/*
 * Print all that `doctor` found, the worst first, and a summary.  Returns false
 * if the stream refused something.
 */
bool findings_print(const struct findings *findings,
    const struct findings_scope *scope, enum format format, FILE *stream);

#endif
