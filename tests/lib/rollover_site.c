/* SPDX-License-Identifier: MIT */
#include "rollover_data.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "fake.h"
#include "state_world.h"

static const char *const record_lists[] = {
	"\"3 1 1\", \"2 1 1\"",
	"\"3 1 1\"",
	"\"2 1 1\"",
	"\"3 1 1\", \"3 1 2\", \"2 1 1\", \"2 1 2\"",
};

/* The daemon's clock, for what asks the system instead of its caller. */
static const struct rollover *clock_model;

time_t time(time_t *ret_time);

time_t
time(time_t *ret_time)
{
	struct timespec real;
	time_t now;

	(void)clock_gettime(CLOCK_REALTIME, &real);
	now = clock_model != NULL ? (time_t)rollover_clock(clock_model)
				  : real.tv_sec;
	if (ret_time != NULL)
		*ret_time = now;
	return now;
}

/* The time since boot is true, whatever the clock says. */
int
clock_gettime(clockid_t clock, struct timespec *ret)
{
	if (clock != CLOCK_BOOTTIME)
		return (int)syscall(SYS_clock_gettime, clock, ret);
	*ret = (struct timespec){ .tv_sec = 1000 };
	if (clock_model != NULL)
		ret->tv_sec += (time_t)(clock_model->now - ROLLOVER_EPOCH);
	return 0;
}

static void
config_init(struct rollover *model, const char *path)
{
	const struct rollover_sequence *sequence = model->sequence;
	struct problem problem = { "" };
	char *yaml = mem_format(
	    "state-directory: %s\n"
	    "sources: [{type: files, path: /nowhere}]\n"
	    "zones: [{name: tlsa.example.net, nameservers: [ns.example.net]}]\n"
	    "defaults:\n"
	    "  ttl: %d\n"
	    "  records: [%s]\n"
	    "  max-records: %u\n"
	    "  propagation: %u\n"
	    "  retain: %u\n"
	    "services:\n"
	    "  - {host: mail.example.com, lineages: [l0, l1, l2]}\n"
	    "  - {host: www.example.com, ports: [443], retain: %u,\n"
	    "     records: [\"3 1 1\"]}\n"
	    "  - {host: mx.example.com, lineages: [l1]}\n",
	    path, TTL, record_lists[sequence->records], sequence->max_records,
	    sequence->hold, sequence->retain, sequence->other_retain);

	if (config_parse("model.yaml", yaml, strlen(yaml), &model->config,
		&problem) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", problem.text);
		abort();
	}
	free(yaml);
}

/* To the daemon it is another boot if its id is another one. */
void
site_boot(struct rollover *model)
{
	char *path = mem_format("%s/clock", model->config->state_directory);
	FILE *file = fopen(path, "r+");

	if (file != NULL) {
		(void)fputc('x', file);
		(void)fclose(file);
		model->is_booted = true;
	}
	free(path);
}

/* Time without a daemon does not count if there was a boot in it. */
static void
off_settle(struct rollover *model)
{
	for (size_t i = 0; model->is_booted && i < ROLLOVER_LINEAGES; i++)
		if (model->disks[i].deleted_seen != 0)
			model->disks[i].deleted_seen += model->now -
							model->stopped;
	model->is_booted = false;
}

void
site_init(struct rollover *model, const char *path)
{
	char *clock = mem_format("%s/clock", path);

	state_remove(path);
	(void)unlink(clock);
	free(clock);
	clock_model = model;
	issue_init(model);
	config_init(model, path);
}

void
site_fini(struct rollover *model)
{
	for (size_t i = 0; i < ROLLOVER_LINEAGES; i++) {
		chain_unref(model->disks[i].stopped_with);
		for (size_t k = 0; k < model->disks[i].count; k++)
			chain_unref(model->disks[i].archive[k]);
	}
	issue_fini(model);
	config_free(model->config);
	clock_model = NULL;
}

const struct lineage *
site_lineage(const struct rollover *model, unsigned lineage)
{
	const char name[] = { 'l', (char)('0' + lineage), '\0' };

	return model->store != NULL ? store_lineage(model->store, 0, name)
				    : NULL;
}

static void
owner_changed(const struct store_change *change, void *arg)
{
	struct rollover *model = arg;

	record_put_owner(&model->record, change->owner, change->after);
}

static void
zone_changed(const struct zone *zone, void *arg)
{
	struct rollover *model = arg;

	record_put_zone(&model->record, zone);
}

/* As engine_publish() of backend/engine/engine.c. */
void
site_publish(struct rollover *model)
{
	const struct store_report report = {
		.owner = owner_changed, .zone = zone_changed, .arg = model
	};
	struct snapshot *next;

	if (model->store == NULL)
		return;
	/* Its thread may be about to write. */
	while (!record_begin(&model->record))
		(void)usleep(100);
	next = store_publish(model->store, rollover_clock(model), &report);
	record_commit(&model->record);
	snapshot_unref(model->snapshot);
	model->snapshot = next;
	if (model->issuers_now == 1 && model->issuers_seen == 0)
		model->issuers_seen = model->now;
	watch_published(model);
}

static struct fingerprint
fingerprint_of(const struct disk *disk)
{
	return (struct fingerprint){ .modified = disk->changed };
}

/*
 * Staged keys are not on record: what was staged, and is gone when the daemon
 * can read the lineage again after a start, is forgotten.
 */
static void
staged_forget(struct rollover *model, struct disk *disk)
{
	struct chain *chain = disk->stopped_with;

	if (chain != NULL && chain != disk->live && chain != disk->staged)
		watch_forget(model, chain);
	chain_unref(chain);
	disk->stopped_with = NULL;
}

/* As entry_look_whole() of backend/scan/entry.c. */
static void
look_whole(struct rollover *model, unsigned lineage)
{
	struct disk *disk = &model->disks[lineage];
	const struct lineage *known = site_lineage(model, lineage);
	const char name[] = { 'l', (char)('0' + lineage), '\0' };
	struct fingerprint print = fingerprint_of(disk);
	struct renewal_plan plan = { .is_known = true,
		.has_key_type = disk->has_key_type,
		.key_type = disk->key_type };
	struct next_key *next = NULL;

	if (!disk->is_broken)
		staged_forget(model, disk);
	if (disk->live == NULL) {
		/* Of one that was never read, nothing was ever published. */
		bool was_read = known != NULL && known->generation_count > 0;

		if (store_set_deleted(
			model->store, 0, name, rollover_clock(model)) &&
		    was_read)
			disk->deleted_seen = model->now;
		return;
	}
	disk->deleted_seen = 0;
	if (disk->is_broken) {
		(void)store_set_problem(model->store, 0, name, "is broken");
		return;
	}
	if (known == NULL || known->problem != NULL || known->deleted != 0 ||
	    known->file == NULL || !fingerprint_equal(&known->print, &print))
		(void)store_set_chain(model->store, 0, name,
		    chain_ref(disk->live), name, &print, rollover_clock(model));
	if (disk->seen == 0)
		disk->seen = model->now;
	if (disk->staged != NULL) {
		next = mem_array(1, sizeof(*next));
		next->chain = chain_ref(disk->staged);
		next->cert = cert_ref(disk->staged->leaf);
	}
	(void)store_set_next(model->store, 0, name, next, disk->staged != NULL,
	    rollover_clock(model));
	store_set_plan(model->store, 0, name, &plan);
	if (disk->has_key_type && disk->key_type_seen == 0)
		disk->key_type_seen = model->now;
}

void
site_look(struct rollover *model, unsigned lineage)
{
	if (model->store == NULL)
		return;
	look_whole(model, lineage);
	site_publish(model);
}

/* As entry_look_short(): what is on record and has not changed. */
static bool
look_short(const struct rollover *model, unsigned lineage)
{
	const struct disk *disk = &model->disks[lineage];
	const struct lineage *known = site_lineage(model, lineage);
	struct fingerprint print = fingerprint_of(disk);

	return known != NULL && disk->live != NULL && !disk->is_broken &&
	       known->file != NULL && known->deleted == 0 &&
	       fingerprint_equal(&known->print, &print);
}

void
site_check_clock(struct rollover *model)
{
	int64_t step = clock_step(&model->clock);

	if (step == 0)
		return;
	store_shift_times(model->store, step);
	record_clock_set(&model->record, step);
}

void
site_start(struct rollover *model, uint32_t number)
{
	bool later[ROLLOVER_LINEAGES];

	if (model->store != NULL)
		return;
	off_settle(model);
	tlsa_pool_init(&model->tlsas);
	notified_init(&model->notified);
	alarms_init(&model->alarms);
	model->store = store_new(
	    model->config, &model->tlsas, model->issuers[model->issuers_now]);
	clock_begin(&model->clock);
	model->offset += model->step;
	model->step = 0;
	record_init(&model->record, &model->clock, &model->notified,
	    &model->alarms, false);
	if (model->sequence->has_restarts) {
		record_open(&model->record, model->config, model->store);
		assert(model->record.state != NULL);
	} else {
		record_set_store(&model->record, model->config, model->store);
	}
	site_check_clock(model);
	for (unsigned i = 0; i < ROLLOVER_LINEAGES; i++) {
		unsigned lineage = (i + number) % ROLLOVER_LINEAGES;

		later[lineage] = look_short(model, lineage);
		if (!later[lineage])
			look_whole(model, lineage);
	}
	site_publish(model);
	for (unsigned i = 0; i < ROLLOVER_LINEAGES; i++)
		if (later[i])
			site_look(model, i);
}

void
site_stop(struct rollover *model)
{
	if (model->store == NULL)
		return;
	watch_stopped(model);
	model->stopped = model->now;
	for (size_t i = 0; i < ROLLOVER_LINEAGES; i++) {
		struct disk *disk = &model->disks[i];

		chain_unref(disk->stopped_with);
		disk->stopped_with = disk->staged != NULL
					 ? chain_ref(disk->staged)
					 : NULL;
	}
	snapshot_unref(model->snapshot);
	model->snapshot = NULL;
	record_close(&model->record);
	store_free(model->store);
	notified_fini(&model->notified);
	alarms_fini(&model->alarms);
	tlsa_pool_fini(&model->tlsas);
	model->store = NULL;
}
