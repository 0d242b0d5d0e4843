/* SPDX-License-Identifier: MIT */
#ifndef LOOP_EVENT_H
#define LOOP_EVENT_H

/*
 * Lines of the log that programs may wait for: each kind has a message id
 * (journalctl MESSAGE_ID=...), and says in fields what it is about.
 */

/*
 * One row per kind: enumerator, word, message id.  Ids never change: whoever
 * waits for one has it by heart.  The manual (JOURNAL) and
 * packaging/systemd/pdns-tlsa.catalog have each.
 */
#define EVENT_TABLE(X)                                                         \
	X(EVENT_READY, "ready", "263199f89f9f4844a9f9eb7d79ca4c49")            \
	X(EVENT_PUBLISHED, "published", "15acf85366ae44efadd9156476993195")    \
	X(EVENT_WITHDRAWN, "withdrawn", "a6035ca1bf2040a68cacb827dfb027bc")    \
	X(EVENT_RENEWED, "renewed", "45c41385575641c5a5dcca9d354d0f91")        \
	X(EVENT_LINEAGE_BAD, "lineage-bad",                                    \
	    "bc286a7cdfab4a828c27a199b9b3fa9e")                                \
	X(EVENT_LINEAGE_GOOD, "lineage-good",                                  \
	    "8aca46a6b15640beb61f6e0a6beb9510")                                \
	X(EVENT_SOURCE_BAD, "source-bad", "05f3b84bfd124dccbc11b02859503748")  \
	X(EVENT_SOURCE_GOOD, "source-good",                                    \
	    "2c1f20ac072d46189e0806c67da1245b")                                \
	X(EVENT_SERVICE_BAD, "service-bad",                                    \
	    "4c23c4b2579445c09b819f27b596b49a")                                \
	X(EVENT_SERVICE_GOOD, "service-good",                                  \
	    "a167d67657f74736834098f98266150d")                                \
	X(EVENT_RELOADED, "reloaded", "8550993f91144ef18de4f195ec80a132")      \
	X(EVENT_NOT_RELOADED, "not-reloaded",                                  \
	    "c81f922aa6d94bf99f839fcadc7443b1")                                \
	X(EVENT_ALARM_TOLD, "alarm-told", "7fa5864a1f5340c4b924761ecdf44bcf")  \
	X(EVENT_ALARM_FAILED, "alarm-failed",                                  \
	    "32d3ef8ef5f54f05892996a19c561512")                                \
	X(EVENT_ALARM_BEGUN, "alarm-begun",                                    \
	    "527072c567ce4918a214a4d62a2a98fc")                                \
	X(EVENT_ALARM_ENDED, "alarm-ended", "98c921c1b1c1469abc853626b69e32c7")

enum event_kind {
#define X(id, word, message_id) id,
	EVENT_TABLE(X)
#undef X
	    EVENT_KINDS,
};

/* What one is about; the journal has them with PDNS_TLSA_ in front. */
#define EVENT_FIELD_TABLE(X)                                                   \
	X(EVENT_HOST, "HOST")       /* of a service, with final dot */         \
	X(EVENT_PORT, "PORT")       /* "25/tcp" */                             \
	X(EVENT_OWNER, "OWNER")     /* of an RRset */                          \
	X(EVENT_LINEAGE, "LINEAGE") /* its name */                             \
	X(EVENT_SOURCE, "SOURCE")   /* its path */                             \
	X(EVENT_CODE, "CODE")       /* a word, which does not change */        \
	/* Of a finding, as in the letter of an alarm: */                      \
	X(EVENT_SEVERITY, "SEVERITY")                                          \
	X(EVENT_SUBJECT, "SUBJECT")                                            \
	X(EVENT_SINCE, "SINCE")                                                \
	X(EVENT_UNTIL, "UNTIL")                                                \
	X(EVENT_WHAT, "WHAT")

enum event_field {
#define X(id, name) id,
	EVENT_FIELD_TABLE(X)
#undef X
	    EVENT_FIELDS,
};

struct event {
	enum event_kind kind;
	const char *field[EVENT_FIELDS]; /* NULL: it has none */
};

const char *event_word(enum event_kind kind);

/* Return 32 digits: a 128 bit id as sd-id128(3) has it. */
const char *event_id(enum event_kind kind);

/* Return "HOST" and so on. */
const char *event_field_name(enum event_field field);

#endif
