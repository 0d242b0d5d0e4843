/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { DIGEST = 32, DIGEST_HEX = 64, LONG_DIGEST = 64, FOR_EVER = 1000000 };

/* Any numbers that differ give octets that differ (splitmix64). */
static void
octets_fill(uint64_t number, uint8_t *octets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t z = number += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		octets[i] = (uint8_t)(z >> 56);
	}
}

static void
part_fill(struct cert_part *part, uint64_t number)
{
	part->is_known = true;
	octets_fill(number, part->sha256, DIGEST);
	part->sha512 = mem_new(LONG_DIGEST);
	memcpy(part->sha512, part->sha256, DIGEST);
}

struct cert *
fake_cert_new(const struct fake_cert *facts)
{
	struct cert *cert = cert_new_known(facts->subject,
	    facts->issuer != NULL ? facts->issuer : "", &facts->host,
	    facts->host != NULL);

	part_fill(&cert->part[CERT_SELECTOR_SPKI], facts->key);
	part_fill(&cert->part[CERT_SELECTOR_CERT],
	    ((uint64_t)facts->serial + 1) << 32 | facts->key);
	cert->key_algorithm = facts->algorithm;
	cert->key_bits = facts->algorithm == KEY_RSA ? 2048 : 256;
	cert->not_before = facts->not_before;
	cert->not_after = facts->not_after;
	cert->is_ca = facts->is_ca;
	cert->is_self_issued = facts->is_self_issued;
	cert->is_staging = facts->is_staging;
	return cert;
}

/* "3 1 1 ...": usage and selector, then from the seventh on the data. */
bool
fake_same_data(const char *left, const char *right)
{
	return strncmp(left, right, 4) == 0 &&
	       strncmp(left + 6, right + 6, DIGEST_HEX) == 0;
}

struct chain *
fake_chain_new(struct cert *leaf, struct cert *const *cas, size_t count)
{
	struct chain *chain = mem_new(
	    sizeof(*chain) + count * sizeof(chain->ca[0]));

	chain->refs = 1;
	chain->leaf = leaf;
	chain->ca_count = count;
	for (size_t i = 0; i < count; i++)
		chain->ca[i] = cert_ref(cas[i]);
	return chain;
}

static const struct fake_cert leafs[] = {
	{ .subject = "L1", .key = 1, .not_before = 10 },
	{ .subject = "L2", .key = 2, .not_before = 20 },
	{ .subject = "K2", .key = 2, .serial = 1, .not_before = 25 },
	{ .subject = "L3", .key = 3, .not_before = 30 },
	{ .subject = "L4", .key = 4, .not_before = 40 },
	{ .subject = "M1", .key = 5, .not_before = 10, .algorithm = KEY_ECDSA },
	{ .subject = "M2", .key = 6, .not_before = 20, .algorithm = KEY_ECDSA },
	{ .subject = "S3", .key = 7, .not_before = 30, .is_staging = true },
	{ .subject = "Z3", .key = 8, .not_before = 30, .is_self_issued = true },
};

static const struct ca {
	struct fake_cert facts;
	int set; /* -1: nobody's */
	enum issuer_status status;
} cas[] = {
	{ { .subject = "YR1", .key = 101 }, 0, ISSUER_ACTIVE },
	{ { .subject = "YE1", .key = 102, .algorithm = KEY_ECDSA }, 0,
	    ISSUER_ACTIVE },
	{ { .subject = "YE3", .key = 103, .algorithm = KEY_ECDSA }, 0,
	    ISSUER_BACKUP },
	{ { .subject = "YR3", .key = 104 }, 0, ISSUER_BACKUP },
	{ { .subject = "YR2", .key = 105 }, 0, ISSUER_ACTIVE },
	{ { .subject = "YE2", .key = 106, .algorithm = KEY_ECDSA }, 0,
	    ISSUER_ACTIVE },
	{ { .subject = "OLDR", .key = 107 }, 0, ISSUER_RETIRED },
	{ { .subject = "DEADR", .key = 108, .not_after = 500 }, 0,
	    ISSUER_ACTIVE },
	{ { .subject = "RootYR", .key = 109 }, 0, ISSUER_ROOT },
	{ { .subject = "RootYE", .key = 110, .algorithm = KEY_ECDSA }, 0,
	    ISSUER_ROOT },
	{ { .subject = "OR1", .key = 111 }, 1, ISSUER_ACTIVE },
	{ { .subject = "OE1", .key = 112, .algorithm = KEY_ECDSA }, 1,
	    ISSUER_ACTIVE },
	{ { .subject = "TR1", .key = 113 }, 2, ISSUER_ACTIVE },
	{ { .subject = "PX", .key = 114 }, -1, ISSUER_ACTIVE },
	{ { .subject = "RootPX", .key = 115 }, -1, ISSUER_ACTIVE },
};

static const struct {
	const char *name;
	const char *server;
	bool is_staging;
} sets[] = {
	{ "acme", "https://acme.example/directory", false },
	{ "other", "https://other.example/directory", false },
	{ "test", "https://test.example/directory", true },
};

static void
cast_add(struct fake_cast *cast, const struct fake_cert *given, bool is_ca)
{
	struct fake_cert facts = *given;

	facts.is_ca = is_ca;
	facts.host = is_ca ? NULL : "mail.example.com";
	if (facts.not_after == 0)
		facts.not_after = FOR_EVER;
	assert(cast->count < LENGTH(cast->certs));
	cast->names[cast->count] = given->subject;
	cast->certs[cast->count++] = fake_cert_new(&facts);
}

void
fake_cast_init(struct fake_cast *cast)
{
	struct issuer_set *made[LENGTH(sets)];

	*cast = (struct fake_cast){ .issuers = issuers_new() };
	for (size_t i = 0; i < LENGTH(leafs); i++)
		cast_add(cast, &leafs[i], false);
	for (size_t i = 0; i < LENGTH(sets); i++) {
		made[i] = issuer_set_new(sets[i].name, sets[i].name);
		made[i]->date = 1;
		made[i]->is_staging = sets[i].is_staging;
		made[i]->servers = mem_array(1, sizeof(char *));
		made[i]->servers[0] = mem_string(sets[i].server);
		made[i]->server_count = 1;
	}
	for (size_t i = 0; i < LENGTH(cas); i++) {
		cast_add(cast, &cas[i].facts, true);
		if (cas[i].set >= 0)
			issuer_set_add(made[cas[i].set],
			    mem_string(cas[i].facts.subject), cas[i].status,
			    cert_ref(cast->certs[cast->count - 1]));
	}
	for (size_t i = 0; i < LENGTH(sets); i++)
		issuers_add(cast->issuers, made[i]);
}

void
fake_cast_fini(struct fake_cast *cast)
{
	for (size_t i = 0; i < cast->count; i++)
		cert_unref(cast->certs[i]);
	issuers_unref(cast->issuers);
}

struct cert *
fake_cast_cert(const struct fake_cast *cast, const char *name)
{
	for (size_t i = 0; i < cast->count; i++)
		if (strcmp(cast->names[i], name) == 0)
			return cast->certs[i];
	(void)fprintf(stderr, "no certificate '%s' in the cast\n", name);
	abort();
}

const char *
fake_cast_name(const struct fake_cast *cast, const struct cert *cert)
{
	for (size_t i = 0; i < cast->count; i++)
		if (cast->certs[i] == cert)
			return cast->names[i];
	return "?";
}

struct chain *
fake_cast_chain(const struct fake_cast *cast, const char *text)
{
	char *copy = mem_string(text);
	char *rest = NULL;
	struct cert *leaf = fake_cast_cert(cast, strtok_r(copy, "<", &rest));
	struct cert *above[8];
	size_t count = 0;
	struct chain *chain;

	for (char *name; (name = strtok_r(NULL, "<", &rest)) != NULL;)
		above[count++] = fake_cast_cert(cast, name);
	chain = fake_chain_new(cert_ref(leaf), above, count);
	free(copy);
	return chain;
}

/* Add "CHAIN@SINCE" or "CHAIN@SINCE-REPLACED". */
static void
generation_add(
    const struct fake_cast *cast, struct lineage *lineage, char *word)
{
	char *at = strchr(word, '@');
	long long since = 0;
	long long replaced = 0;

	assert(at != NULL);
	*at = '\0';
	if (sscanf(at + 1, "%lld-%lld", &since, &replaced) < 1)
		abort();
	lineage_restore(lineage, fake_cast_chain(cast, word), since, replaced);
}

static void
next_add(const struct fake_cast *cast, struct lineage *lineage,
    const char *text, bool with_chain)
{
	struct next_key *next;

	lineage->next = mem_resize(
	    lineage->next, lineage->next_count + 1, sizeof(*next));
	next = &lineage->next[lineage->next_count++];
	next->chain = with_chain ? fake_cast_chain(cast, text) : NULL;
	next->cert = cert_ref(
	    with_chain ? next->chain->leaf : fake_cast_cert(cast, text));
}

static void
server_set(struct lineage *lineage, const char *name)
{
	lineage->plan.server = mem_format("https://%s.example/directory", name);
}

static void
word_read(const struct fake_cast *cast, struct lineage *lineage, char *word)
{
	struct renewal_plan *plan = &lineage->plan;

	if (strncmp(word, "next=", 5) == 0)
		next_add(cast, lineage, word + 5, true);
	else if (strncmp(word, "nextkey=", 8) == 0)
		next_add(cast, lineage, word + 8, false);
	else if (strncmp(word, "deleted=", 8) == 0)
		lineage->deleted = strtoll(word + 8, NULL, 10);
	else if (strncmp(word, "server=", 7) == 0)
		server_set(lineage, word + 7);
	else if (strncmp(word, "key=", 4) == 0)
		plan->key_type = word[4] == 'r' ? KEY_RSA : KEY_ECDSA;
	else if (strcmp(word, "reuse") == 0)
		plan->reuse_key = true;
	else if (strcmp(word, "conf") != 0)
		generation_add(cast, lineage, word);
	plan->has_key_type |= strncmp(word, "key=", 4) == 0;
	plan->is_known |= strcmp(word, "conf") == 0;
}

struct lineage *
fake_cast_lineage(const struct fake_cast *cast, const char *text)
{
	char *copy = mem_string(text);
	char *rest = NULL;
	struct lineage *lineage = lineage_new(strtok_r(copy, " ", &rest), 0);

	for (char *word; (word = strtok_r(NULL, " ", &rest)) != NULL;)
		word_read(cast, lineage, word);
	free(copy);
	return lineage;
}
