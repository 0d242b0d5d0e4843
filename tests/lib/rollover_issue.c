/* SPDX-License-Identifier: MIT */
/* The CAs of the model, and what they issue. */
#include "rollover_data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fake.h"

/*
 * CAs: three of each algorithm, a new generation, a stranger, one of each that
 * is in no set until it was seen (ROLLOVER_SEEN), and roots.
 */
static const struct {
	const char *name;
	enum key_algorithm algorithm;
	int set; /* in the first set, only in the second (1), or never (-1) */
	enum issuer_status status;
} cas[] = {
	{ "R1", KEY_RSA, 0, ISSUER_ACTIVE },
	{ "R2", KEY_RSA, 0, ISSUER_ACTIVE },
	{ "R3", KEY_RSA, 0, ISSUER_BACKUP },
	{ "E1", KEY_ECDSA, 0, ISSUER_ACTIVE },
	{ "E2", KEY_ECDSA, 0, ISSUER_ACTIVE },
	{ "E3", KEY_ECDSA, 0, ISSUER_BACKUP },
	{ "R4", KEY_RSA, 1, ISSUER_ACTIVE },
	{ "E4", KEY_ECDSA, 1, ISSUER_ACTIVE },
	{ "X", KEY_RSA, -1, ISSUER_ACTIVE },
	{ "N", KEY_RSA, -1, ISSUER_ACTIVE },
	{ "M", KEY_ECDSA, -1, ISSUER_ACTIVE },
	{ "Root R", KEY_RSA, 0, ISSUER_ROOT },
	{ "Root E", KEY_ECDSA, 0, ISSUER_ROOT },
	{ "Root X", KEY_RSA, -1, ISSUER_ROOT },
	{ "T", KEY_RSA, -1, ISSUER_ACTIVE },
};

enum {
	CA_COUNT = sizeof(cas) / sizeof(cas[0]),
	CA_OLD = 3, /* so many of one algorithm in the first set */
	CA_NEW = 6, /* R4, then E4 */
	CA_STRANGER = 8,
	CA_ROOTS = 11,
	CA_TEST = 14,
};
static_assert(
    (int)CA_COUNT <= (int)ROLLOVER_CAS, "the model has room for them");

void
issue_init(struct rollover *model)
{
	for (size_t i = 0; i < CA_COUNT; i++) {
		const struct fake_cert facts = {
			.subject = cas[i].name,
			.key = 1000000000 + (uint32_t)i,
			.algorithm = cas[i].algorithm,
			.not_after = ROLLOVER_EPOCH + 3650 * (int64_t)DAY,
			.is_ca = true,
		};

		model->cas[i] = fake_cert_new(&facts);
	}
	for (int set = 0; set < 2; set++) {
		struct issuer_set *made = issuer_set_new("acme", "acme");

		for (size_t i = 0; i < CA_COUNT; i++)
			if (cas[i].set >= 0 && cas[i].set <= set)
				issuer_set_add(made, mem_string(cas[i].name),
				    cas[i].status, cert_ref(model->cas[i]));
		model->issuers[set] = issuers_new();
		issuers_add(model->issuers[set], made);
	}
}

void
issue_fini(struct rollover *model)
{
	for (size_t i = 0; i < CA_COUNT; i++)
		cert_unref(model->cas[i]);
	issuers_unref(model->issuers[0]);
	issuers_unref(model->issuers[1]);
}

/* Now and then the root is not sent. */
static bool
has_root(uint32_t number)
{
	return number % 16 != 0;
}

/*
 * With stock certbot only who is known, or comes with a root that is, may
 * issue without a warning: anything else is the day when mail is lost.
 */
static bool
may_be_new(const struct rollover *model, unsigned lineage, bool is_ecdsa,
    uint32_t number)
{
	if (!model->sequence->is_stock)
		return true;
	for (size_t s = 0; s < SERVICES; s++)
		if (watch_is_bound(s, lineage) && watch_has_cas(s) &&
		    !watch_knows(model, s, ROLLOVER_SEEN + is_ecdsa) &&
		    !(has_root(number) &&
			watch_knows(model, s, CA_ROOTS + is_ecdsa)))
			return false;
	return true;
}

/* Who issues it: of the set, of the next generation, a new one, a stranger. */
static size_t
issuer_choose(const struct rollover *model, unsigned lineage,
    enum key_algorithm algorithm, uint32_t number)
{
	bool is_ecdsa = algorithm == KEY_ECDSA;
	uint32_t choice = number / 8 % 9;

	if (choice == 8 && may_be_new(model, lineage, is_ecdsa, number))
		return ROLLOVER_SEEN + is_ecdsa;

	if (choice == 7 && (!model->sequence->is_stock ||
			       (model->issuers_seen != 0 &&
				   model->issuers_seen + TTL < model->now)))
		return CA_NEW + is_ecdsa;
	if (choice == 6 && !model->sequence->is_stock)
		return CA_STRANGER;
	return choice % 3 + (is_ecdsa ? CA_OLD : 0);
}

static enum key_algorithm
algorithm_choose(
    const struct rollover *model, const struct disk *disk, uint32_t number)
{
	bool is_ecdsa = number / 64 % 2 == 1;

	/* The next algorithm was announced for as long as a cache lives. */
	if (disk->key_type_seen != 0 && disk->key_type_seen + TTL < model->now)
		return disk->key_type;
	if (disk->live != NULL &&
	    (model->sequence->is_stock || number % 4 != 0))
		return disk->live->leaf->key_algorithm;
	return is_ecdsa ? KEY_ECDSA : KEY_RSA;
}

struct chain *
issue_chain(
    struct rollover *model, unsigned lineage, uint32_t number, bool is_test)
{
	struct disk *disk = &model->disks[lineage];
	enum key_algorithm algorithm = algorithm_choose(model, disk, number);
	size_t issuer = is_test
			    ? CA_TEST
			    : issuer_choose(model, lineage, algorithm, number);
	size_t root = issuer == CA_STRANGER    ? CA_ROOTS + 2
		      : algorithm == KEY_ECDSA ? CA_ROOTS + 1
					       : CA_ROOTS;
	struct cert *above[] = { model->cas[issuer], model->cas[root] };
	struct fake_cert facts = {
		.subject = "leaf",
		.issuer = cas[issuer].name,
		.host = lineage == 1 ? "mail.example.com" : "www.example.com",
		.algorithm = algorithm,
		.key = number % 1000000000,
		.serial = number,
		.not_before = model->now + (int64_t)disk->count,
		.not_after = model->now + 90 * (int64_t)DAY,
		.is_staging = is_test,
	};
	size_t count = 2;
	struct chain *chain;
	struct cert *leaf;

	if (disk->count == ARCHIVE)
		return NULL;
	leaf = fake_cert_new(&facts);
	if (!model->sequence->is_stock && !is_test && number / 128 % 4 == 0 &&
	    disk->live != NULL && disk->live->leaf->key_algorithm == algorithm)
		memcpy(leaf->part[CERT_SELECTOR_SPKI].sha256,
		    disk->live->leaf->part[CERT_SELECTOR_SPKI].sha256, 32);
	memcpy(leaf->part[CERT_SELECTOR_SPKI].sha512,
	    leaf->part[CERT_SELECTOR_SPKI].sha256, 32);
	/* The stranger's root is not sent, nor that of tests. */
	if (issuer == CA_STRANGER || issuer == CA_TEST || !has_root(number))
		count--;
	/* cert.pem instead of fullchain.pem */
	if (!model->sequence->is_stock && number % 11 == 0)
		count = 0;
	chain = fake_chain_new(leaf, above, count);
	disk->archive[disk->count++] = chain;
	return chain;
}
