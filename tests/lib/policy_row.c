/* SPDX-License-Identifier: MIT */
#include "policy_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fake.h"
#include "policy/policy.h"

enum { TYPES = 8 };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct fake_cast cast;
static struct tlsa_pool tlsas;

static size_t
records_read(const char *text, struct record_type *types)
{
	size_t count = 0;

	for (; *text != '\0'; text += 5 + (text[5] == ','))
		types[count++] = (struct record_type){ (uint8_t)(text[0] - '0'),
			(uint8_t)(text[2] - '0'), (uint8_t)(text[4] - '0') };
	return count;
}

/*
 * Drop what is not kept of a certificate whose files are read for SHA-256
 * alone; with an exclamation mark, of one that is a bare key.
 */
static void
digests_forget(const char *names)
{
	char *copy = mem_string(names);
	char *rest = NULL;

	for (char *name = strtok_r(copy, " ", &rest); name != NULL;
	     name = strtok_r(NULL, " ", &rest)) {
		char *mark = strchr(name, '!');
		struct cert *cert;

		if (mark != NULL)
			*mark = '\0';
		cert = fake_cast_cert(&cast, name);
		if (mark != NULL) {
			cert->part[CERT_SELECTOR_CERT].is_known = false;
			continue;
		}
		free(cert->part[CERT_SELECTOR_SPKI].sha512);
		cert->part[CERT_SELECTOR_SPKI].sha512 = NULL;
	}
	free(copy);
}

static void
decision_write(const struct associations *set, struct buf *text)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct association *association = &set->list[i];

		buf_add_format(text, "%s %.5s %s",
		    provenance_word(association->provenance),
		    association->tlsa->text,
		    fake_cast_name(&cast, association->cert));
		if (association->until != INT64_MAX)
			buf_add_format(
			    text, " until %lld", (long long)association->until);
		buf_add_string(text, "\n");
	}
	if (set->cut > 0)
		buf_add_format(text, "cut %zu\n", set->cut);
	if (set->failed > 0)
		buf_add_format(text, "failed %zu\n", set->failed);
	if (set->refused > 0)
		buf_add_format(text, "refused %zu\n", set->refused);
}

static bool
row_passes(const struct policy_row *row)
{
	struct record_type types[TYPES];
	const struct policy policy = { .records = types,
		.record_count = records_read(
		    row->records != NULL ? row->records : "3 1 1,2 1 1", types),
		.max_records = row->max != 0 ? row->max : 12,
		.propagation = ROW_HOLD,
		.retain = ROW_RETAIN,
		.allow_staging = row->allow_staging };
	struct lineage *lineages[LENGTH(row->lineages)];
	struct policy_input input = { .policy = &policy,
		.lineages = (const struct lineage *const *)lineages,
		.issuers = row->no_issuers ? NULL : cast.issuers,
		.now = row->now != 0 ? row->now : ROW_NOW };
	struct associations set;
	struct buf text = { 0 };
	struct dname base;
	bool passes;

	if (row->base != NULL &&
	    dname_parse(row->base, strlen(row->base), &base) == STATUS_OK)
		input.base = &base;

	while (input.count < LENGTH(lineages) &&
	       row->lineages[input.count] != NULL) {
		lineages[input.count] = fake_cast_lineage(
		    &cast, row->lineages[input.count]);
		input.count++;
	}
	policy_decide(&input, &tlsas, &set);
	decision_write(&set, &text);
	passes = strcmp(buf_text(&text), row->expected) == 0;
	if (!passes)
		(void)fprintf(stderr, "%s:\n%sinstead of\n%s", row->why,
		    buf_text(&text), row->expected);
	for (size_t i = 0; i < input.count; i++)
		lineage_free(lineages[i]);
	associations_fini(&set);
	buf_fini(&text);
	return passes;
}

size_t
policy_rows_check(const struct policy_row *rows, size_t count)
{
	size_t bad = 0;

	tlsa_pool_init(&tlsas);
	for (size_t i = 0; i < count; i++) {
		fake_cast_init(&cast);
		if (rows[i].no_sha512 != NULL)
			digests_forget(rows[i].no_sha512);
		bad += !row_passes(&rows[i]);
		fake_cast_fini(&cast);
	}
	tlsa_pool_fini(&tlsas);
	return bad;
}
