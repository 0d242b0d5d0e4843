/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
must(bool is_so, const char *what)
{
	if (is_so)
		return;
	(void)fprintf(stderr, "must be so: %s\n", what);
	abort();
}

void
ledger_init(struct ledger *ledger)
{
	*ledger = (struct ledger){ 0 };
	trie_init(&ledger->lines, free);
}

void
ledger_fini(struct ledger *ledger)
{
	trie_fini(&ledger->lines);
}

/* Note that the line of `key` is now `line`; both are taken over. */
static void
note(struct ledger *ledger, char letter, char *key, struct buf *line)
{
	if (ledger->told < sizeof(ledger->order) - 1)
		ledger->order[ledger->told] = letter;
	ledger->told++;
	trie_set(
	    &ledger->lines, key, strlen(key), mem_copy(line->data, line->len));
	free(key);
	buf_fini(line);
}

void
ledger_zone(const struct state_zone *zone, void *arg)
{
	struct buf line = { 0 };

	buf_add_format(&line, "zone %s %" PRId32 " %" PRIu32 " %" PRIu32 " ",
	    zone->name, zone->id, zone->serial, zone->notified);
	buf_add_hex(&line, zone->content, sizeof(zone->content));
	note(arg, 'z', mem_format("zone %s", zone->name), &line);
}

void
ledger_owner(const struct state_owner *owner, void *arg)
{
	struct buf line = { 0 };

	buf_add_format(&line, "owner %s %" PRIu32, owner->name, owner->ttl);
	for (size_t i = 0; i < owner->count; i++)
		buf_add_format(&line, " [%s %" PRId64 " %" PRId64 "]",
		    owner->list[i].rdata, owner->list[i].since,
		    owner->list[i].seen);
	note(arg, 'o', mem_format("owner %s", owner->name), &line);
}

static void
add_cert(struct buf *line, const struct cert *cert)
{
	buf_add_format(line, " {%d%d%d %d %u %" PRId64 " %" PRId64, cert->is_ca,
	    cert->is_self_issued, cert->is_staging, cert->key_algorithm,
	    cert->key_bits, cert->not_before, cert->not_after);
	for (size_t i = 0; i < CERT_SELECTORS; i++) {
		const struct cert_part *part = &cert->part[i];

		buf_add_format(line, " %d:", part->is_known);
		buf_add_hex(line, part->sha256, sizeof(part->sha256));
		buf_add(line, ":", 1);
		if (part->sha512 != NULL)
			buf_add_hex(line, part->sha512, 64);
		buf_add(line, ":", 1);
		buf_add_hex(line, part->der, part->der_len);
	}
	buf_add_format(line, " '%s' '%s'", cert->subject, cert->issuer);
	for (size_t i = 0; i < cert->name_count; i++)
		buf_add_format(line, " %s", cert->names[i]);
	buf_add_string(line, "}");
}

void
ledger_lineage(const struct state_lineage *lineage, void *arg)
{
	const struct fingerprint *print = &lineage->print;
	struct buf line = { 0 };

	buf_add_format(&line,
	    "lineage %s %s %s (%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64
	    " %" PRId64 ") %" PRId64,
	    lineage->source, lineage->name, lineage->file, print->device,
	    print->inode, print->size, print->modified, print->changed,
	    lineage->deleted);
	for (size_t i = 0; i < lineage->count; i++) {
		const struct state_generation *generation = &lineage->list[i];

		buf_add_format(&line, " <%" PRId64 " %" PRId64,
		    generation->since, generation->replaced);
		add_cert(&line, generation->chain->leaf);
		for (size_t k = 0; k < generation->chain->ca_count; k++)
			add_cert(&line, generation->chain->ca[k]);
		buf_add_string(&line, ">");
	}
	note(arg, 'l',
	    mem_format("lineage %s %s", lineage->source, lineage->name), &line);
}

void
ledger_alarm(const struct state_alarm *alarm, void *arg)
{
	struct buf line = { 0 };

	if (alarm->facts != NULL)
		buf_add_format(&line, "%s since %lld ended %lld told %d",
		    alarm->facts, (long long)alarm->since,
		    (long long)alarm->ended, (int)alarm->is_told);
	note(arg, 'a', mem_format("alarm %s", alarm->name), &line);
}

struct state_hooks
ledger_hooks(struct ledger *ledger)
{
	return (struct state_hooks){
		.zone = ledger_zone,
		.owner = ledger_owner,
		.lineage = ledger_lineage,
		.alarm = ledger_alarm,
		.arg = ledger,
	};
}

static bool
add_entry(const struct trie_entry *entry, void *arg)
{
	buf_add_string(arg, entry->value);
	buf_add_string(arg, "\n");
	return true;
}

char *
ledger_text(const struct ledger *ledger)
{
	struct buf text = { 0 };

	(void)trie_walk(&ledger->lines, "", 0, add_entry, &text);
	(void)buf_text(&text);
	return text.data;
}

void
ledger_must_equal(const struct ledger *got, const struct ledger *expected)
{
	char *got_text = ledger_text(got);
	char *expected_text = ledger_text(expected);

	if (strcmp(got_text, expected_text) != 0)
		(void)fprintf(
		    stderr, "got:\n%sexpected:\n%s", got_text, expected_text);
	must(strcmp(got_text, expected_text) == 0, "as expected");
	free(got_text);
	free(expected_text);
}

struct between {
	const struct ledger *got;
	const struct ledger *before;
	const struct ledger *after;
	bool failed;
};

static bool
has_line(const struct ledger *ledger, const struct trie_entry *entry)
{
	const char *line = trie_get(&ledger->lines, entry->key, entry->len);

	return line != NULL && strcmp(line, entry->value) == 0;
}

static bool
between_got(const struct trie_entry *entry, void *arg)
{
	struct between *between = arg;

	between->failed = !has_line(between->before, entry) &&
			  !has_line(between->after, entry);
	return !between->failed;
}

static bool
between_lost(const struct trie_entry *entry, void *arg)
{
	struct between *between = arg;

	between->failed = trie_get(&between->got->lines, entry->key,
			      entry->len) == NULL &&
			  trie_get(&between->after->lines, entry->key,
			      entry->len) != NULL;
	return !between->failed;
}

bool
ledger_is_between(const struct ledger *got, const struct ledger *before,
    const struct ledger *after)
{
	struct between between = { got, before, after, false };

	(void)trie_walk(&got->lines, "", 0, between_got, &between);
	if (!between.failed)
		(void)trie_walk(&before->lines, "", 0, between_lost, &between);
	return !between.failed;
}
