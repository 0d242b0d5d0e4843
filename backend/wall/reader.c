/* SPDX-License-Identifier: MIT */
#include "wall/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"
#include "channel.h"
#include "loop/log.h"
#include "said.h"
#include "scan/scan.h"

enum {
	ENOUGH = 3,   /* deaths, after which what is known is published */
	GUILTY = 2,   /* deaths over one file, which is left alone then */
	CALM = 60000, /* milliseconds after which deaths before are forgotten */
	SUSPECTS = 64,  /* files remembered */
	NOTES = 1000,   /* lines of the log that it may have in a ... */
	MINUTE = 60000, /* ... minute */
};

/* A file during whose reading a reader died. */
struct suspect {
	unsigned source;
	char *name;
	struct fingerprint print;
	unsigned deaths;
};

struct reader {
	struct loop *loop;
	struct warden *warden;
	const struct reading *reading;
	struct reader_hooks hooks;
	struct scan *scan; /* this process reads, or NULL */
	struct channel channel;
	struct intern cas;
	struct loop_timer begin;
	int64_t begun; /* loop_now() */
	struct loop_timer silence;
	int64_t heard;   /* likewise, when it said something last */
	unsigned deaths; /* lately */
	unsigned moves;  /* likewise, of those that were outgrown */
	pid_t pid;       /* 0: there is none */
	unsigned locks;  /* of it, that hold */
	bool is_told;    /* all that is to be read */
	bool is_complete;
	unsigned notes;      /* of the minute that began ... */
	int64_t notes_since; /* ... then (loop_now()) */
	struct suspect list[SUSPECTS];
	size_t count;
};

static void closed(void *arg);

/* Without one of them the numbers of all others would be wrong. */
static void
put_piece(enum piece piece, json_t *object, void *arg)
{
	struct reader *reader = arg;

	reader->is_told &= channel_put(
	    &reader->channel, (enum message)(MESSAGE_PIECE + piece), object);
}

static void
put_banned(struct reader *reader, const struct suspect *suspect)
{
	json_t *object = json_object();

	wire_set(object, "source", json_integer(suspect->source));
	wire_set(object, "name", wire_text(suspect->name));
	wire_set(object, "print", wire_print(&suspect->print));
	(void)channel_put(&reader->channel, MESSAGE_BANNED, object);
}

/* Make a process, and tell it all. */
static void
begin_due(void *arg)
{
	struct reader *reader = arg;
	json_t *go = json_object();
	int fd = warden_make(reader->warden, WARD_FILES);

	reader->begun = loop_now();
	reader->heard = reader->begun;
	loop_timer_set(reader->loop, &reader->silence,
	    reader->begun + reader->hooks.patience);
	if (fd >= 0)
		channel_open(&reader->channel, reader->loop, fd);
	reader->is_told = true;
	reader->channel.is_held = true;
	reading_encode(reader->reading, put_piece, reader);
	if (!reader->is_told) {
		log_line(LOG_LEVEL_ERROR,
		    "reader: a source has more hosts than can be told; no "
		    "file is read until the configuration is mended");
		channel_close(&reader->channel);
		/* Who made us is not yet ready to hear that it is complete. */
		loop_timer_set(reader->loop, &reader->silence, reader->begun);
	}
	reader->hooks.tell(reader->hooks.scan.arg);
	for (size_t i = 0; i < reader->count; i++)
		if (reader->list[i].deaths >= GUILTY)
			put_banned(reader, &reader->list[i]);
	reader->channel.is_held = false;
	wire_set(go, "again", json_boolean(reader->is_complete));
	(void)channel_put(&reader->channel, MESSAGE_GO, go);
	if (fd < 0)
		closed(reader);
}

/* Return where the list has it, or its end. */
static size_t
suspect_find(const struct reader *reader, unsigned source, const char *name)
{
	size_t i = 0;

	while (
	    i < reader->count && (reader->list[i].source != source ||
				     strcmp(reader->list[i].name, name) != 0))
		i++;
	return i;
}

/* It may be what ended who read it; the name in it passes. */
static void
suspect_note(struct reader *reader, struct suspect *suspect)
{
	size_t i = suspect_find(reader, suspect->source, suspect->name);

	if (i == SUSPECTS)
		i = 0;
	if (i == reader->count)
		reader->count++;
	if (!fingerprint_equal(&reader->list[i].print, &suspect->print))
		reader->list[i].deaths = 0;
	suspect->deaths = reader->list[i].deaths + 1;
	log_line(LOG_LEVEL_WARNING,
	    "lineage '%s': the process that reads ended while it read this",
	    suspect->name);
	free(reader->list[i].name);
	reader->list[i] = *suspect;
}

/*
 * It was looked at, and who did it lives: whatever ended another one, not this.
 * What is left alone was not read, where there is no chain.
 */
static void
suspect_clear(struct reader *reader, const struct report *report)
{
	size_t i = suspect_find(reader, report->source, report->name);

	if (i < reader->count &&
	    (reader->list[i].deaths < GUILTY || report->chain != NULL))
		reader->list[i].deaths = 0;
}

static void
complete(struct reader *reader)
{
	bool is_new = !reader->is_complete;

	reader->is_complete = true;
	if (is_new)
		reader->hooks.scan.complete(reader->hooks.scan.arg);
}

/*
 * What is on record is answered, and waits for nobody; of all else it is not
 * known what the sources say.
 */
static void
give_up(struct reader *reader, const char *why)
{
	for (unsigned i = 0; i < reader->reading->source_count; i++)
		reader->hooks.scan.source(i, why, reader->hooks.scan.arg);
	complete(reader);
}

/* There is none any more, and another one is begun then. */
static void
gone(struct reader *reader, int64_t pause)
{
	reader->pid = 0;
	reader->locks = 0;
	loop_timer_clear(reader->loop, &reader->silence);
	loop_timer_set(reader->loop, &reader->begin, loop_now() + pause);
}

static void
closed(void *arg)
{
	static const int64_t pauses[] = { 0, 100, 1000, 5000 };
	struct reader *reader = arg;
	struct suspect suspect = { 0 };
	size_t at;

	if (loop_now() - reader->begun >= CALM)
		reader->deaths = 0;
	at = reader->deaths++;
	if (at >= sizeof(pauses) / sizeof(pauses[0]))
		at = sizeof(pauses) / sizeof(pauses[0]) - 1;
	log_line(LOG_LEVEL_WARNING,
	    "reader: ended; answers go on, and it is begun again");
	if (focus_take(reader->warden->focus,
		(unsigned)reader->reading->source_count, &suspect.source,
		&suspect.name, &suspect.print))
		suspect_note(reader, &suspect);
	gone(reader, pauses[at]);
	if (reader->deaths >= ENOUGH && !reader->is_complete)
		give_up(reader, "who reads it ended again and again");
}

/* A file system that hangs, for one; who waits for it cannot be ended. */
static void
silence_due(void *arg)
{
	struct reader *reader = arg;

	if (!reader->is_told) {
		give_up(reader, "has more hosts than can be told");
		return;
	}
	if (loop_now() - reader->heard < reader->hooks.patience) {
		loop_timer_set(reader->loop, &reader->silence,
		    reader->heard + reader->hooks.patience);
		return;
	}
	log_line(LOG_LEVEL_WARNING, "reader: says nothing any more");
	/* Should it wake up, it ends by that. */
	channel_close(&reader->channel);
	closed(reader);
}

/* What makes no sense is of a file, as a rule: which one, it may say. */
static void
take_nonsense(struct reader *reader, const json_t *object)
{
	/* It was decoded in place. */
	const char *name = json_string_value(json_object_get(object, "name"));
	bool is_bad = reader->reading->source_count == 0;
	struct suspect suspect = { 0 };

	suspect.source = (unsigned)wire_number(object, "source", 0,
	    (int64_t)reader->reading->source_count - 1, &is_bad);
	if (is_bad || name == NULL || strlen(name) > LIMIT_NAME ||
	    !wire_read_print(json_object_get(object, "print"), &suspect.print))
		return;
	suspect.name = mem_string(name);
	suspect_note(reader, &suspect);
}

static bool
take_report(struct reader *reader, json_t *object)
{
	struct report report;

	if (!report_decode(object, (unsigned)reader->reading->source_count,
		&reader->cas, &report)) {
		take_nonsense(reader, object);
		return false;
	}
	suspect_clear(reader, &report);
	reader->hooks.scan.looked(&report, reader->hooks.scan.arg);
	report_fini(&report);
	return true;
}

static bool
take_source(struct reader *reader, json_t *object)
{
	json_t *problem = json_object_get(object, "problem");
	const char *text = problem != NULL ? wire_octets(problem) : NULL;
	bool is_bad = reader->reading->source_count == 0 ||
		      (problem != NULL && text == NULL);
	unsigned number = (unsigned)wire_number(object, "source", 0,
	    (int64_t)reader->reading->source_count - 1, &is_bad);

	if (!is_bad)
		reader->hooks.scan.source(number, text, reader->hooks.scan.arg);
	return !is_bad;
}

/* It is no fault of its own; the more often, the longer the next one waits. */
static void
outgrown(struct reader *reader)
{
	int64_t pause = 0;

	if (loop_now() - reader->begun >= CALM)
		reader->moves = 0;
	if (reader->moves > 0)
		pause = INT64_C(16) << reader->moves;
	if (pause < MINUTE)
		reader->moves++;
	log_line(LOG_LEVEL_NOTICE,
	    "reader: what it may read was moved, or is new; another one reads");
	channel_close(&reader->channel);
	focus_end(reader->warden->focus);
	gone(reader, pause);
}

/* Also who was taken over by a file must not fill the log. */
static bool
is_noisy(struct reader *reader)
{
	int64_t now = loop_now();

	if (now - reader->notes_since >= MINUTE) {
		reader->notes_since = now;
		reader->notes = 0;
	}
	if (++reader->notes == NOTES)
		log_line(LOG_LEVEL_WARNING,
		    "reader: what more it says in this minute is left out");
	return reader->notes >= NOTES;
}

static bool
take(enum message message, json_t *object, void *arg)
{
	struct reader *reader = arg;

	reader->heard = loop_now();
	switch (message) {
	case MESSAGE_HELLO:
		return said_hello(object, &reader->pid, &reader->locks);
	case MESSAGE_NOTE:
		return said_note(object, is_noisy(reader));
	case MESSAGE_LOOKED:
		return take_report(reader, object);
	case MESSAGE_SOURCE:
		return take_source(reader, object);
	case MESSAGE_COMPLETE:
		complete(reader);
		return true;
	case MESSAGE_OUTGROWN:
		outgrown(reader);
		return true;
	default:
		return false;
	}
}

struct reader *
reader_new(struct loop *loop, struct warden *warden, struct watch *watch,
    struct ca_pool *cas, const struct reading *reading,
    const struct reader_hooks *hooks)
{
	struct reader *reader = mem_new(sizeof(*reader));

	reader->loop = loop;
	reader->warden = warden;
	reader->reading = reading;
	reader->hooks = *hooks;
	codec_cas(&reader->cas);
	reader->begin = (struct loop_timer){ .due = begin_due, .arg = reader };
	reader->silence = (struct loop_timer){ .due = silence_due,
		.arg = reader };
	reader->channel = (struct channel){ .loop = loop,
		.io.fd = -1,
		.take = take,
		.closed = closed,
		.arg = reader };
	if (warden == NULL)
		reader->scan = scan_new(
		    loop, watch, reading, cas, &reader->hooks.scan);
	return reader;
}

void
reader_free(struct reader *reader)
{
	if (reader == NULL)
		return;
	scan_free(reader->scan);
	channel_close(&reader->channel);
	loop_timer_clear(reader->loop, &reader->begin);
	loop_timer_clear(reader->loop, &reader->silence);
	for (size_t i = 0; i < reader->count; i++)
		free(reader->list[i].name);
	intern_fini(&reader->cas);
	free(reader);
}

void
reader_start(struct reader *reader)
{
	if (reader->scan == NULL) {
		begin_due(reader);
		return;
	}
	reader->hooks.tell(reader->hooks.scan.arg);
	scan_start(reader->scan, false);
}

void
reader_know(struct reader *reader, unsigned source, const char *name,
    struct known *known)
{
	if (reader->scan != NULL)
		scan_know(reader->scan, source, name, known);
	else
		(void)channel_put(&reader->channel, MESSAGE_KNOWN,
		    known_encode(source, name, known));
	known_fini(known);
}

void
reader_know_problem(struct reader *reader, unsigned source)
{
	json_t *object;

	if (reader->scan != NULL) {
		scan_know_problem(reader->scan, source);
		return;
	}
	object = json_object();
	wire_set(object, "source", json_integer(source));
	(void)channel_put(&reader->channel, MESSAGE_TROUBLED, object);
}

void
reader_set_memory(struct reader *reader, bool has_memory)
{
	json_t *object;

	if (reader->scan != NULL) {
		scan_set_memory(reader->scan, has_memory);
		return;
	}
	object = json_object();
	wire_set(object, "has", json_boolean(has_memory));
	(void)channel_put(&reader->channel, MESSAGE_MEMORY, object);
}

pid_t
reader_pid(const struct reader *reader)
{
	return reader->pid;
}

unsigned
reader_locks(const struct reader *reader)
{
	return reader->locks;
}
