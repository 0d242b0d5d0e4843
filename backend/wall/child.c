/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wire.h"
#include "channel.h"
#include "confine.h"
#include "files/denied.h"
#include "loop/log.h"
#include "scan/disk.h"
#include "scan/scan.h"

enum {
	LOOK_SECONDS = 5, /* of the processor's time, for one file */
	LOOK_AGAIN = 500, /* milliseconds until that limit is set anew */
	HELLO = 10000,    /* milliseconds between two signs of life */
	BAN = 3600000,    /* for which a file is left alone */
};

struct child {
	struct loop loop;
	struct channel channel;
	struct reading *reading;
	struct ca_pool cas;
	struct disk disk;
	struct confine confine;
	struct scan *scan; /* NULL: not all is told that is to be read */
	struct loop_timer hello;
	struct focus *focus;
	bool is_first;    /* look at all, for which all wait */
	int64_t limited;  /* loop_now(), when a look was limited; 0: none */
	bool is_outgrown; /* what is seen now may come of our own locks */
};

/* Nothing is told any more that another one may see otherwise. */
static void
put(struct child *child, enum message message, json_t *object)
{
	if (child->is_outgrown)
		json_decref(object);
	else
		(void)channel_put(&child->channel, message, object);
}

/* A file is refused: before that is told, another one tries. */
static void
denied(const char *path, void *arg)
{
	struct child *child = arg;

	if (child->is_outgrown || !confine_is_outgrown(&child->confine, path))
		return;
	put(child, MESSAGE_OUTGROWN, json_object());
	channel_flush(&child->channel);
	child->is_outgrown = true;
}

/* Who takes longer than that is ended, and what was looked at is known. */
static void
look_limit(struct child *child)
{
	const struct itimerval limit = { .it_value.tv_sec = LOOK_SECONDS };
	int64_t now = loop_now();

	/* Two calls for each of thousands of files would cost what they do. */
	if (child->limited != 0 && now - child->limited < LOOK_AGAIN)
		return;
	child->limited = now;
	(void)setitimer(ITIMER_PROF, &limit, NULL);
}

static void
look_unlimit(struct child *child)
{
	const struct itimerval none = { 0 };

	child->limited = 0;
	(void)setitimer(ITIMER_PROF, &none, NULL);
}

static void
looking(unsigned source, const char *name, const char *file,
    const struct fingerprint *print, void *arg)
{
	struct child *child = arg;

	(void)file;
	focus_begin(child->focus, source, name, print);
	look_limit(child);
}

static void
idle(void *arg)
{
	struct child *child = arg;

	focus_end(child->focus);
	if (!child->is_first && child->limited != 0)
		look_unlimit(child);
}

/* Leave away what may be more than a message holds; false: nothing is. */
static bool
report_shorten(struct report *report)
{
	if (report->past_count > 0) {
		chain_unref(report->past[--report->past_count].chain);
		return true;
	}
	if (!report->has_next)
		return false;
	log_line(LOG_LEVEL_WARNING,
	    "lineage '%s': its staged keys are too long to be told",
	    report->name);
	next_keys_free(report->next, report->next_count);
	report->next = NULL;
	report->next_count = 0;
	report->has_next = false;
	return true;
}

static void
looked(struct report *report, void *arg)
{
	struct child *child = arg;

	while (!child->is_outgrown &&
	       !channel_put(
		   &child->channel, MESSAGE_LOOKED, report_encode(report)) &&
	       report_shorten(report))
		continue;
}

static void
source(unsigned number, const char *problem, void *arg)
{
	struct child *child = arg;
	json_t *object = json_object();

	wire_set(object, "source", json_integer(number));
	if (problem != NULL)
		wire_set(object, "problem", wire_text(problem));
	put(child, MESSAGE_SOURCE, object);
}

static void
complete(void *arg)
{
	struct child *child = arg;

	put(child, MESSAGE_COMPLETE, json_object());
	child->is_first = false;
	child->channel.is_held = false;
	channel_flush(&child->channel);
}

static void
note(enum log_level level, const char *text, void *arg)
{
	struct child *child = arg;
	json_t *object = json_object();

	wire_set(object, "level", json_integer((json_int_t)level));
	wire_set(object, "text", wire_text(text));
	put(child, MESSAGE_NOTE, object);
}

/* All is told that is to be read. */
static void
scan_begin(struct child *child)
{
	const struct scan_hooks hooks = { looking, idle, looked, source,
		complete, child };

	disk_init(&child->disk, &child->loop, false);
	child->scan = scan_new(&child->loop, child->disk.watch, child->reading,
	    &child->cas, &hooks);
}

static bool
take_known(struct child *child, json_t *object)
{
	struct known known;
	unsigned number;
	const char *name;

	if (!known_decode(object, (unsigned)child->reading->source_count,
		&number, &name, &known))
		return false;
	scan_know(child->scan, number, name, &known);
	return true;
}

static bool
take_banned(struct child *child, const json_t *object, unsigned number)
{
	const char *name = wire_octets(json_object_get(object, "name"));
	struct fingerprint print;

	if (name == NULL ||
	    !wire_read_print(json_object_get(object, "print"), &print))
		return false;
	scan_ban(child->scan, number, name, &print, loop_now() + BAN);
	return true;
}

/* Messages about a source that come when there is a scanner. */
static bool
take_told(struct child *child, enum message message, json_t *object)
{
	bool is_bad = child->reading->source_count == 0;
	unsigned number = (unsigned)wire_number(object, "source", 0,
	    (int64_t)child->reading->source_count - 1, &is_bad);

	if (is_bad)
		return false;
	if (message == MESSAGE_BANNED)
		return take_banned(child, object, number);
	scan_know_problem(child->scan, number);
	return true;
}

static void
hello_due(void *arg)
{
	struct child *child = arg;
	json_t *object = json_object();

	wire_set(object, "pid", json_integer(getpid()));
	wire_set(object, "locks", json_integer(child->confine.locks));
	put(child, MESSAGE_HELLO, object);
	channel_flush(&child->channel);
	loop_timer_set(&child->loop, &child->hello, loop_now() + HELLO);
}

/* All is known, from who answers; what comes from now on is from files. */
static void
begin(struct child *child, bool again)
{
	confine_reading(&child->confine, child->reading, !again);
	denied_hook(denied, child);
	hello_due(child);
	child->is_first = !again;
	child->channel.is_held = child->is_first;
	scan_start(child->scan, again);
}

static bool
take(enum message message, json_t *object, void *arg)
{
	struct child *child = arg;

	if (child->scan == NULL) {
		if (message >= (enum message)PIECES ||
		    !reading_add(child->reading, (enum piece)message, object))
			return false;
		if (message == (enum message)PIECE_WAY)
			scan_begin(child);
		return true;
	}
	switch (message) {
	case MESSAGE_MEMORY:
		scan_set_memory(
		    child->scan, json_is_true(json_object_get(object, "has")));
		return true;
	case MESSAGE_KNOWN:
		return take_known(child, object);
	case MESSAGE_TROUBLED:
	case MESSAGE_BANNED:
		return take_told(child, message, object);
	case MESSAGE_GO:
		begin(child, json_is_true(json_object_get(object, "again")));
		return true;
	default:
		return false;
	}
}

static void
closed(void *arg)
{
	struct child *child = arg;

	loop_stop(&child->loop);
}

void
child_run(int fd, struct focus *focus)
{
	struct child child = { .channel = { .is_patient = true,
				   .take = take,
				   .closed = closed },
		.focus = focus };

	child.channel.arg = &child;
	child.reading = reading_empty();
	loop_init(&child.loop);
	ca_pool_init(&child.cas);
	channel_open(&child.channel, &child.loop, fd);
	log_set_sink(note, &child);
	child.hello = (struct loop_timer){ .due = hello_due, .arg = &child };
	hello_due(&child);
	loop_run(&child.loop);
	log_set_sink(NULL, NULL);
	denied_hook(NULL, NULL);
	confine_fini(&child.confine);
	if (child.scan != NULL) {
		scan_free(child.scan);
		disk_fini(&child.disk);
	}
	loop_timer_clear(&child.loop, &child.hello);
	channel_close(&child.channel);
	reading_free(child.reading);
	ca_pool_fini(&child.cas);
	loop_fini(&child.loop);
}
