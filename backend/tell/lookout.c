/* SPDX-License-Identifier: MIT */
#include "lookout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "letter.h"
#include "loop/log.h"
#include "notices.h"
#include "page/glance.h"
#include "page/sweep.h"

enum {
	LOOK_EVERY = 30 * 1000, /* milliseconds */
	LOOK_LEAST = 1000,
	SHARE = 10, /* and so many times what a look took */
	/* A failure is not believed at once; what is not yet is no end. */
	SETTLE = 5 * 1000,
	PAUSE_MAX = 3600 * 1000, /* between a run that failed and the next */
};

struct lookout {
	struct loop *loop;
	const struct control *control;
	struct runner *runner;
	struct loop_timer timer; /* of the next look */
	struct sweep sweep;
	struct sweep_hooks hooks;
	int64_t begun;          /* the look under way; loop_now() */
	uint64_t edition;       /* what `settled` is of */
	int64_t settled;        /* when all was read; loop_now(); 0: not yet */
	int64_t pause;          /* milliseconds; 0: the last run went well */
	int64_t again;          /* not before; loop_now() */
	struct notices notices; /* of what the run under way tells */
};

/* Where a run puts what it tells. */
struct telling {
	struct letter letter;
	struct notices *notices;
};

static const struct config *
config_now(const struct lookout *lookout)
{
	return engine_config(lookout->control->engine);
}

/* As often as a finding has to stand, or half a minute. */
static int64_t
period(const struct lookout *lookout)
{
	int64_t after = INT64_C(1000) * config_now(lookout)->alarm_after;

	if (after > LOOK_EVERY)
		after = LOOK_EVERY;
	return after > LOOK_LEAST ? after : LOOK_LEAST;
}

bool
lookout_check(const struct config *config, struct problem *problem)
{
	const char *path = config->alarm_command_count > 0
			       ? config->alarm_command[0]
			       : NULL;
	struct stat st;

	if (path == NULL)
		return true;
	errno = 0;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EACCES;
	if (errno == 0 && access(path, X_OK) == 0)
		return true;
	problem_set(problem,
	    "%s:%u: the program of 'alarm', '%s', cannot be run: %s; install "
	    "it, or name another one in 'command'",
	    config->path, config->alarm_line, path, strerror(errno));
	return false;
}

/* ---- looks ---- */

static void
see(const struct lookout *lookout, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];
		char *name;
		char *facts;

		if (finding_severity(finding->kind) < SEVERITY_WARNING)
			continue;
		name = letter_name(finding);
		facts = letter_facts(finding);
		alarms_see(
		    engine_alarms(lookout->control->engine), name, facts);
		free(facts);
		free(name);
	}
}

static void
service_look(void *arg, size_t at, int64_t now)
{
	const struct lookout *lookout = arg;
	struct check check;

	glance_service(&check, lookout->control, at, now);
	see(lookout, &check.services[0].findings);
	check_fini(&check);
}

/* What is about no service. */
static void
rest_look(const struct lookout *lookout, int64_t now)
{
	const struct engine *engine = lookout->control->engine;
	struct check check;

	check_init(&check, engine_config(engine), engine_store(engine), now);
	check_config(&check);
	check_sources(&check);
	check_issuers(&check);
	check_unread(&check);
	glance_reports(&check.findings, lookout->control);
	see(lookout, &check.findings);
	check_fini(&check);
}

/* ---- runs ---- */

static void
telling_add(const struct alarm *alarm, void *arg)
{
	struct telling *telling = arg;

	letter_add(alarm, &telling->letter);
	notices_add(alarm, telling->notices);
}

static void
run(struct lookout *lookout, int64_t now)
{
	struct alarms *alarms = engine_alarms(lookout->control->engine);
	const struct config *config = config_now(lookout);
	struct telling telling = { .notices = &lookout->notices };
	char host[256] = "";
	struct buf text = { 0 };
	struct letter_frame frame = { host, now, alarms_standing(alarms),
		alarms->more };

	(void)gethostname(host, sizeof(host) - 1);
	if (alarms_tell(
		alarms, now, config->alarm_after, telling_add, &telling) == 0)
		return;
	letter_end(&telling.letter, &frame, &text);
	runner_run(lookout->runner, &text, config->alarm_timeout);
	buf_fini(&text);
}

/* Why it was not told; NULL: it was. */
static const char *
failure(const struct run_result *result, char *room, size_t size)
{
	switch ((enum run_end)result->end) {
	case RUN_EXITED:
		(void)snprintf(
		    room, size, "ended with status %d", (int)result->value);
		return result->value != 0 ? room : NULL;
	case RUN_KILLED:
		(void)snprintf(room, size, "was ended by signal %d (%s)",
		    (int)result->value, strsignal(result->value));
		break;
	case RUN_REFUSED:
		(void)snprintf(
		    room, size, "cannot be run: %s", strerror(result->value));
		break;
	case RUN_OVERTIME:
		(void)snprintf(
		    room, size, "took longer than 'timeout', and was ended");
		break;
	case RUN_GONE:
		(void)snprintf(room, size,
		    "has nobody who runs it, for that process was ended; "
		    "restart pdns-tlsa");
		break;
	}
	return room;
}

static void
pause_grow(struct lookout *lookout)
{
	lookout->pause = lookout->pause == 0 ? period(lookout)
					     : 2 * lookout->pause;
	if (lookout->pause > PAUSE_MAX)
		lookout->pause = PAUSE_MAX;
	lookout->again = loop_now() + lookout->pause;
}

static void
run_done(void *arg, const struct run_result *result)
{
	struct lookout *lookout = arg;
	struct engine *engine = lookout->control->engine;
	char room[256];
	const char *why = failure(result, room, sizeof(room));
	const struct event event = { .kind = why == NULL ? EVENT_ALARM_TOLD
							 : EVENT_ALARM_FAILED };

	if (why == NULL) {
		lookout->pause = 0;
		log_event(LOG_LEVEL_NOTICE, &event,
		    "alarm: told of %zu findings", lookout->notices.count);
		notices_log(&lookout->notices);
	} else if (!runner_is_free(lookout->runner)) {
		log_event(
		    LOG_LEVEL_ERROR, &event, "alarm: the program %s", why);
	} else {
		pause_grow(lookout);
		log_event(LOG_LEVEL_ERROR, &event,
		    "alarm: the program %s; what it was not told of is told "
		    "again, in %lld s at the earliest",
		    why, (long long)(lookout->pause / 1000));
	}
	notices_drop(&lookout->notices);
	alarms_told(engine_alarms(engine), why == NULL, engine_now(engine));
	engine_put_alarms(engine);
}

/* ---- when ---- */

/* What was just begun, or read again, may not know of all failures. */
static bool
is_settled(struct lookout *lookout)
{
	const struct engine *engine = lookout->control->engine;
	uint64_t edition = engine_counters(engine)->reloads;

	if (!engine_is_settled(engine) ||
	    !postbox_is_settled(lookout->control->postbox) ||
	    edition != lookout->edition)
		lookout->settled = 0;
	else if (lookout->settled == 0)
		lookout->settled = loop_now();
	lookout->edition = edition;
	return lookout->settled != 0 && loop_now() - lookout->settled >= SETTLE;
}

static void
look_due(void *arg)
{
	struct lookout *lookout = arg;

	if (config_now(lookout)->alarm_command_count == 0 ||
	    !is_settled(lookout)) {
		loop_timer_set(
		    lookout->loop, &lookout->timer, loop_now() + LOOK_LEAST);
		return;
	}
	lookout->begun = loop_now();
	alarms_look(engine_alarms(lookout->control->engine),
	    engine_now(lookout->control->engine));
	sweep_begin(&lookout->sweep, &lookout->hooks);
}

static void
look_done(void *arg, bool is_whole)
{
	struct lookout *lookout = arg;
	struct engine *engine = lookout->control->engine;
	int64_t now = engine_now(engine);
	int64_t took = loop_now() - lookout->begun;

	if (is_whole && is_settled(lookout)) {
		rest_look(lookout, now);
		alarms_looked(engine_alarms(engine), now);
		if (runner_is_free(lookout->runner) &&
		    loop_now() >= lookout->again)
			run(lookout, now);
		engine_put_alarms(engine);
	}
	loop_timer_set(lookout->loop, &lookout->timer,
	    loop_now() + (took * SHARE > period(lookout) ? took * SHARE
							 : period(lookout)));
}

struct lookout *
lookout_new(
    struct loop *loop, const struct control *control, struct runner *runner)
{
	struct lookout *lookout = mem_new(sizeof(*lookout));

	lookout->loop = loop;
	lookout->control = control;
	lookout->runner = runner;
	lookout->timer = (struct loop_timer){ .due = look_due, .arg = lookout };
	lookout->hooks = (struct sweep_hooks){ .service = service_look,
		.arg = lookout };
	sweep_init(&lookout->sweep, loop, control, look_done, lookout);
	runner_join(runner, loop, run_done, lookout);
	loop_timer_set(loop, &lookout->timer, loop_now());
	return lookout;
}

void
lookout_free(struct lookout *lookout)
{
	if (lookout == NULL)
		return;
	sweep_fini(&lookout->sweep);
	loop_timer_clear(lookout->loop, &lookout->timer);
	notices_drop(&lookout->notices);
	free(lookout);
}
