/* SPDX-License-Identifier: MIT */
/*
 * The time of a lookup, from request line to reply line, among few and many
 * owner names; and beside it, of one read of memory that is in no cache, for a
 * lookup among many has at least one of those more than one among few.
 *	lookup [MANY]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer/snapshot.h"
#include "base/mem.h"
#include "config/config.h"
#include "remote/method.h"

enum { FEW = 10, MANY = 1000000, LOOKUPS = 200000, ROUNDS = 7 };

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
zone_free_value(void *value)
{
	zone_free(value);
}

static int
owner_text(char *text, size_t size, size_t number)
{
	return snprintf(text, size,
	    "_25_tcp_h%zu_example_com.tlsa.example."
	    "net.",
	    number);
}

/* A zone of `count` owners, which share their RDATA. */
static struct snapshot *
snapshot_of(size_t count, struct tlsa *tlsa)
{
	char server[] = "ns1.example.net.";
	char *servers[] = { server };
	char name_text[] = "tlsa.example.net.";
	struct config_zone config = { .name = name_text,
		.nameservers = servers,
		.nameserver_count = 1,
		.hostmaster = server };
	struct trie zones;
	struct zone *zone;
	struct snapshot *snapshot;

	(void)dname_parse(name_text, strlen(name_text), &config.dname);
	zone = zone_new(zone_apex_new(&config, ZONE_ID_FIRST, 3600));
	for (size_t i = 0; i < count; i++) {
		struct dname dname;
		struct owner *owner;
		char text[128];
		int len = owner_text(text, sizeof(text), i);

		(void)dname_parse(text, (size_t)len, &dname);
		owner = owner_new(3600, 2);
		owner->rdata[0] = tlsa_ref(tlsa);
		owner->rdata[1] = tlsa_ref(tlsa);
		zone_set(zone, &dname, owner);
	}
	trie_init(&zones, zone_free_value);
	trie_set(&zones, config.dname.key, config.dname.len, zone);
	snapshot = snapshot_freeze(&zones);
	trie_fini(&zones);
	return snapshot;
}

/* Return the seconds of one lookup; names are asked for all over the zone. */
static double
measure(const struct snapshot *snapshot, size_t count)
{
	const struct method_context context = { .snapshot = snapshot };
	struct buf reply = { 0 };
	struct problem problem;
	size_t number = 1;
	double start = seconds();

	for (int i = 0; i < LOOKUPS; i++) {
		char line[512];
		char owner[128];
		int len;

		number = (number * 1103515245 + 12345) & 0x7fffffff;
		(void)owner_text(owner, sizeof(owner), number % count);
		len = snprintf(line, sizeof(line),
		    "{\"method\": \"lookup\", \"parameters\": {\"local\": "
		    "\"0.0.0.0\", \"qname\": \"%s\", \"qtype\": \"ANY\", "
		    "\"real-remote\": \"127.0.0.1/32\", \"remote\": "
		    "\"127.0.0.1\", \"zone-id\": %d}}",
		    owner, ZONE_ID_FIRST);
		buf_clear(&reply);
		if (method_answer(&context, line, (size_t)len, &reply,
			&problem) != OUTCOME_REPLY ||
		    reply.len < 200)
			abort();
	}
	buf_fini(&reply);
	return (seconds() - start) / LOOKUPS;
}

/* A line of memory, which says which one is read next. */
struct spot {
	struct spot *next;
	char rest[64 - sizeof(struct spot *)];
};

/* One ring of all of them, in no order: each is put in behind one before it. */
static void
spots_shuffle(struct spot *spots, size_t count)
{
	uint64_t number = 1;

	spots[0].next = &spots[0];
	for (size_t i = 1; i < count; i++) {
		struct spot *before;

		number = number * UINT64_C(6364136223846793005) + 1;
		before = &spots[(size_t)(number >> 33) % i];
		spots[i].next = before->next;
		before->next = &spots[i];
	}
}

/* Seconds a read, among as many lines as there are names. */
static double
measure_read(size_t count)
{
	struct spot *spots = mem_array(count, sizeof(*spots));
	const struct spot *spot = spots;
	double start;
	double end;

	spots_shuffle(spots, count);
	start = seconds();
	for (size_t i = 0; i < count; i++)
		spot = spot->next;
	end = seconds();
	if (spot != spots)
		abort();
	free(spots);
	return (end - start) / (double)count;
}

static int
by_size(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

int
main(int argc, char **argv)
{
	size_t many = argc > 1 ? strtoul(argv[1], NULL, 10) : MANY;
	struct tlsa *tlsa = mem_new(sizeof(*tlsa) + 80);
	struct snapshot *small;
	struct snapshot *large;
	double ratios[ROUNDS];
	double reads[ROUNDS];

	tlsa->refs = 1;
	tlsa->len = 70;
	memset(tlsa->text, 'a', 70);
	small = snapshot_of(FEW, tlsa);
	large = snapshot_of(many, tlsa);
	for (int round = 0; round < ROUNDS; round++) {
		double few = measure(small, FEW);
		double lot = measure(large, many);
		double read = measure_read(many);

		ratios[round] = lot / few;
		reads[round] = read / few;
		(void)printf("# %.0f ns among %d names, %.0f ns among %zu; "
			     "a read of memory %.0f ns\n",
		    few * 1e9, FEW, lot * 1e9, many, read * 1e9);
	}
	qsort(ratios, ROUNDS, sizeof(ratios[0]), by_size);
	qsort(reads, ROUNDS, sizeof(reads[0]), by_size);
	(void)printf("lookup-time %.2f\n", ratios[ROUNDS / 2]);
	(void)printf("read-time %.2f\n", reads[ROUNDS / 2]);
	snapshot_unref(small);
	snapshot_unref(large);
	tlsa_unref(tlsa);
	return EXIT_SUCCESS;
}
