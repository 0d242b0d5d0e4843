/* SPDX-License-Identifier: MIT */
#include "rollover.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rollover_data.h"

const char *
rollover_kind_text(enum rollover_kind kind)
{
	static const char *const texts[] = {
#define X(id, text) [id] = (text),
		ROLLOVER_EVENT_TABLE(X)
#undef X
	};

	return texts[kind];
}

int64_t
rollover_clock(const struct rollover *model)
{
	return model->now + model->offset;
}

void
rollover_fail(struct rollover *model, const char *format, ...)
{
	va_list args;
	int len;

	if (model->has_failed)
		return;
	model->has_failed = true;
	len = snprintf(model->failure, ROLLOVER_FAILURE,
	    "after %lld s: ", (long long)(model->now - ROLLOVER_EPOCH));
	va_start(args, format);
	(void)vsnprintf(
	    model->failure + len, ROLLOVER_FAILURE - (size_t)len, format, args);
	va_end(args);
}

/* Time passes, and stands still wherever something may happen. */
static void
run_wait(struct rollover *model, int64_t seconds)
{
	int64_t until = model->now + seconds;

	while (!model->has_failed && model->now < until) {
		int64_t next = watch_next(model, until);
		int64_t wake = model->store != NULL
				   ? store_next_wake(model->store)
				   : -1;

		if (wake >= 0 && wake - model->offset < next)
			next = wake - model->offset;
		if (next <= model->now)
			next = model->now + 1;
		model->now = next;
		if (model->store != NULL &&
		    store_is_pending(model->store, rollover_clock(model)))
			site_publish(model);
		watch_turn(model);
	}
}

/* What is in archive/, newer than what is live, counts as staged. */
static void
restage(struct rollover *model, unsigned lineage)
{
	struct disk *disk = &model->disks[lineage];
	struct chain *last = disk->count > 0 ? disk->archive[disk->count - 1]
					     : NULL;

	disk->staged = last != disk->live ? last : NULL;
}

static void
go_live(struct rollover *model, unsigned lineage, struct chain *chain)
{
	struct disk *disk = &model->disks[lineage];

	if (chain == NULL)
		return;
	disk->live = chain;
	disk->changed++;
	restage(model, lineage);
	site_look(model, lineage);
}

static void
run_stage(struct rollover *model, const struct rollover_event *event)
{
	struct disk *disk = &model->disks[event->lineage];

	if (disk->live == NULL || disk->is_broken)
		return;
	(void)issue_chain(model, event->lineage, event->number, false);
	restage(model, event->lineage);
	site_look(model, event->lineage);
}

static void
run_unstage(struct rollover *model, unsigned lineage)
{
	struct disk *disk = &model->disks[lineage];
	struct chain *staged = disk->staged;

	if (staged == NULL || disk->is_broken)
		return;
	disk->count--;
	restage(model, lineage);
	site_look(model, lineage);
	chain_unref(staged);
}

static void
run_roll_back(struct rollover *model, const struct rollover_event *event)
{
	struct disk *disk = &model->disks[event->lineage];
	struct chain *to;

	if (disk->count == 0 || disk->is_broken)
		return;
	to = disk->archive[event->number % disk->count];
	/* Of the algorithm before, the issuers are published no longer. */
	if (disk->live != NULL && !to->leaf->is_staging &&
	    (!model->sequence->is_stock ||
		to->leaf->key_algorithm == disk->live->leaf->key_algorithm))
		go_live(model, event->lineage, to);
}

static void
run_delete(struct rollover *model, unsigned lineage)
{
	struct disk *disk = &model->disks[lineage];

	if (disk->live == NULL)
		return;
	disk->live = NULL;
	disk->staged = NULL;
	disk->is_broken = false;
	disk->seen = 0;
	disk->changed++;
	/* certbot deletes the archive, too. */
	while (disk->count > 0)
		chain_unref(disk->archive[--disk->count]);
	watch_deleted(model, lineage);
	site_look(model, lineage);
}

static void
run_plan(struct rollover *model, const struct rollover_event *event)
{
	struct disk *disk = &model->disks[event->lineage];

	disk->has_key_type = true;
	disk->key_type = event->number % 2 == 0 ? KEY_RSA : KEY_ECDSA;
	disk->key_type_seen = 0;
	site_look(model, event->lineage);
}

static void
run_issuers(struct rollover *model)
{
	model->issuers_now = 1;
	if (model->store == NULL)
		return;
	store_set_issuers(model->store, model->issuers[1]);
	site_publish(model);
}

/* A running daemon sees it at once; one that is stopped, when it starts: what
 * is set by less is a drift. */
static void
run_clock(struct rollover *model, int64_t seconds)
{
	model->offset += seconds;
	if (model->store == NULL)
		return;
	site_check_clock(model);
	site_publish(model);
}

/* The hardware clock says something else than the machine's. */
static void
run_boot(struct rollover *model, int64_t seconds)
{
	if (model->store != NULL)
		return;
	model->offset += seconds;
	site_boot(model);
}

static void
run_start(struct rollover *model, uint32_t number)
{
	if (model->store != NULL)
		return;
	site_start(model, number);
}

static void
run_event(struct rollover *model, const struct rollover_event *event)
{
	struct disk *disk = &model->disks[event->lineage];

	switch (event->kind) {
	case ROLLOVER_WAIT:
		run_wait(model, event->seconds);
		break;
	case ROLLOVER_RENEW:
	case ROLLOVER_TEST:
		if (!disk->is_broken)
			go_live(model, event->lineage,
			    issue_chain(model, event->lineage, event->number,
				event->kind == ROLLOVER_TEST));
		break;
	case ROLLOVER_ROLL_BACK:
		run_roll_back(model, event);
		break;
	case ROLLOVER_STAGE:
		run_stage(model, event);
		break;
	case ROLLOVER_GO_LIVE:
		if (!disk->is_broken)
			go_live(model, event->lineage, disk->staged);
		break;
	case ROLLOVER_UNSTAGE:
		run_unstage(model, event->lineage);
		break;
	case ROLLOVER_DELETE:
		run_delete(model, event->lineage);
		break;
	case ROLLOVER_BREAK:
	case ROLLOVER_MEND:
		disk->is_broken = disk->live != NULL &&
				  event->kind == ROLLOVER_BREAK;
		disk->changed++;
		site_look(model, event->lineage);
		break;
	case ROLLOVER_PLAN:
		run_plan(model, event);
		break;
	case ROLLOVER_ISSUERS:
		run_issuers(model);
		break;
	case ROLLOVER_STOP:
		site_stop(model);
		break;
	case ROLLOVER_START:
		run_start(model, event->number);
		break;
	case ROLLOVER_STEP:
		if (model->store == NULL)
			model->step = event->seconds;
		run_start(model, event->number);
		break;
	case ROLLOVER_CLOCK:
		run_clock(model, event->seconds);
		break;
	case ROLLOVER_BOOT:
		run_boot(model, event->seconds);
		break;
	case ROLLOVER_KINDS:
		break;
	}
}

bool
rollover_run(
    const struct rollover_sequence *sequence, const char *path, char *failure)
{
	struct rollover *model = calloc(1, sizeof(*model));
	bool passed;

	if (model == NULL)
		abort();
	model->sequence = sequence;
	model->failure = failure;
	model->now = ROLLOVER_EPOCH;
	site_init(model, path);
	site_start(model, 0);
	for (size_t i = 0; i < sequence->count && !model->has_failed; i++) {
		run_event(model, &sequence->events[i]);
		watch_turn(model);
	}
	passed = !model->has_failed;
	site_stop(model);
	watch_fini(model);
	site_fini(model);
	free(model);
	return passed;
}
