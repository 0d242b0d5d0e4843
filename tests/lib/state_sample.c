/* SPDX-License-Identifier: MIT */
#include "state_sample.h"

#include <string.h>

#include "base/mem.h"

struct cert *
sample_cert(const char *subject, unsigned seed, bool full)
{
	const char *names[] = { subject, "*.example.org" };
	struct cert *cert = cert_new_known(
	    subject, "Issuer \"of\" it", names, 2);

	cert->is_ca = seed % 2 == 1;
	cert->is_self_issued = seed % 3 == 1;
	cert->is_staging = seed % 5 == 1;
	cert->key_algorithm = (enum key_algorithm)(seed % 3);
	cert->key_bits = 256 + seed;
	cert->not_before = -1;
	cert->not_after = 4102444800 + seed;
	for (unsigned i = 0; i < CERT_SELECTORS; i++) {
		struct cert_part *part = &cert->part[i];
		uint8_t octets[64];

		for (unsigned k = 0; k < sizeof(octets); k++)
			octets[k] = (uint8_t)(seed + 7 * i + k);
		part->is_known = true;
		memcpy(part->sha256, octets, sizeof(part->sha256));
		memcpy(part->sha256, &seed, sizeof(seed));
		if (!full)
			continue;
		part->sha512 = mem_copy(octets, 64);
		/* Every remainder that base64 knows. */
		part->der_len = 1 + (seed + i) % 40;
		part->der = mem_copy(octets, part->der_len);
	}
	return cert;
}

struct chain *
sample_chain(struct cert *leaf, struct cert *const *ca, size_t count)
{
	struct chain *chain = mem_new(
	    sizeof(*chain) + count * sizeof(chain->ca[0]));

	chain->refs = 1;
	chain->leaf = leaf;
	for (size_t i = 0; i < count; i++)
		chain->ca[chain->ca_count++] = cert_ref(ca[i]);
	return chain;
}

/* Names are octets: quotes, control characters, Latin-1, percent signs. */
const char *const sample_names[SAMPLE_NAMES] = { "", "a", "mail.example.org",
	"quote\"back\\slash", "\x01\x1f\x7f\n\t", "latin \xe9\xff", "100%",
	"%41%", "caf\xc3\xa9 % \xf0\x9f\x94\x91", "cut \xf0\x9f", "{},[]:" };

static void
put_zone(struct state_world *world, const struct state_zone *zone)
{
	state_put_zone(world->state[0], zone);
	ledger_zone(zone, &world->expected);
}

static void
put_zones(struct state_world *world)
{
	for (size_t i = 0; i < SAMPLE_NAMES; i++) {
		struct state_zone zone = {
			.name = sample_names[i],
			.id = i % 2 == 0 ? INT32_MAX : INT32_MIN,
			.serial = UINT32_MAX - (uint32_t)i,
			.notified = (uint32_t)i,
		};

		memset(zone.content, (int)(250 + i), sizeof(zone.content));
		put_zone(world, &zone);
	}
}

static void
put_owners(struct state_world *world)
{
	struct state_association list[64];

	for (size_t i = 0; i < (sizeof(list) / sizeof((list)[0])); i++)
		list[i] = (struct state_association){
			.rdata = sample_names[i % SAMPLE_NAMES],
			.since = i == 0 ? INT64_MIN : (int64_t)i - 10,
			.seen = i % 3 == 0 ? 0 : (int64_t)i,
		};
	list[1].since = INT64_MAX;
	list[1].seen = INT64_MAX;
	for (size_t i = 0; i < SAMPLE_NAMES; i++) {
		const struct state_owner owner = {
			.name = sample_names[i],
			.ttl = i == 0 ? UINT32_MAX : (uint32_t)i,
			.list = list,
			.count = i == 1 ? (sizeof(list) / sizeof((list)[0]))
					: i + 1,
		};

		state_put_owner(world->state[0], &owner);
		ledger_owner(&owner, &world->expected);
	}
}

static void
put_lineages(struct state_world *world)
{
	struct cert *ca[16];

	for (unsigned i = 0; i < (sizeof(ca) / sizeof((ca)[0])); i++)
		ca[i] = sample_cert("CA", 1000 + 2 * i, i % 4 == 0);
	for (unsigned i = 0; i < SAMPLE_NAMES; i++) {
		struct state_generation list[3] = { { .since = 100 + i } };
		const struct state_lineage lineage = {
			.source = sample_names[(i + 1) % SAMPLE_NAMES],
			.name = sample_names[i],
			.file = sample_names[(i + 2) % SAMPLE_NAMES],
			.print = { UINT64_MAX, UINT64_MAX - i, INT64_MAX, -1,
			    INT64_MIN },
			.deleted = i % 3,
			.list = list,
			.count = 1 + i % 3,
		};

		for (unsigned k = 0; k < 3; k++) {
			list[k].since = 300 - k;
			list[k].replaced = k > 0 ? 301 - k : 0;
			list[k].chain = sample_chain(
			    sample_cert(sample_names[i], 3 * i + k, k == 1), ca,
			    (i + k) % 16);
		}
		state_put_lineage(world->state[0], &lineage);
		ledger_lineage(&lineage, &world->expected);
		for (size_t k = 0; k < 3; k++)
			chain_unref(list[k].chain);
	}
	for (size_t i = 0; i < (sizeof(ca) / sizeof((ca)[0])); i++)
		cert_unref(ca[i]);
}

static void
put_alarms(struct state_world *world)
{
	for (size_t i = 0; i < SAMPLE_NAMES; i++) {
		const struct state_alarm alarm = {
			.name = sample_names[i],
			.facts = sample_names[SAMPLE_NAMES - 1 - i],
			.since = i == 0 ? INT64_MIN : (int64_t)i,
			.ended = i == 1 ? INT64_MAX : (int64_t)i % 3,
			.is_told = i % 2 == 0,
		};

		state_put_alarm(world->state[0], &alarm);
		ledger_alarm(&alarm, &world->expected);
	}
}

void
sample_put_all(struct state_world *world)
{
	state_begun(world->state[0]);
	put_zones(world);
	put_owners(world);
	put_lineages(world);
	put_alarms(world);
	state_committed(world->state[0]);
}

void
sample_put_lineage(struct state *state, const char *name,
    struct cert *const *ca, size_t ca_count)
{
	struct state_generation generation = {
		.chain = sample_chain(
		    sample_cert(name, 2, false), ca, ca_count),
		.since = 1,
	};
	const struct state_lineage lineage = {
		.source = "s",
		.name = name,
		.file = "f",
		.list = &generation,
		.count = 1,
	};

	state_put_lineage(state, &lineage);
	chain_unref(generation.chain);
}
