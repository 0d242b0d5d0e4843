/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_H
#define LEDGER_H

/*
 * What a state told, as text that can be compared: one line for each zone,
 * owner, lineage and alarm, with every member, as it was last told.
 */

#include "base/buf.h"
#include "sets/trie.h"
#include "state/state.h"

struct ledger {
	struct trie lines; /* key -> line */
	size_t told;       /* calls of the hooks */
	char order[64];    /* z, o, l and a, one for each of the first calls */
};

void ledger_init(struct ledger *ledger);
void ledger_fini(struct ledger *ledger);

/* Hooks that write into `ledger`. */
struct state_hooks ledger_hooks(struct ledger *ledger);

/* What those hooks do, to write down what is expected; arg is a ledger. */
void ledger_zone(const struct state_zone *zone, void *arg);
void ledger_owner(const struct state_owner *owner, void *arg);
void ledger_lineage(const struct state_lineage *lineage, void *arg);
void ledger_alarm(const struct state_alarm *alarm, void *arg);

/* Return all lines in order of their keys; free() it. */
char *ledger_text(const struct ledger *ledger);

/* End the test, and show both, unless they are equal. */
void ledger_must_equal(const struct ledger *got, const struct ledger *expected);

/* End the test, and say what should have been, unless it is so. */
void must(bool is_so, const char *what);

/*
 * Return true if each line of `got` is one of `before` or of `after`, and none
 * lacks that both have.
 */
bool ledger_is_between(const struct ledger *got, const struct ledger *before,
    const struct ledger *after);

#endif
