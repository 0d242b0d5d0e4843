/* SPDX-License-Identifier: MIT */
#include "clerk.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/wire.h"
#include "loop/log.h"
#include "scan/disk.h"
#include "hearsay.h"
#include "wall/child.h"
#include "wall/confine.h"

enum {
	MAIL_SECONDS = 5, /* of the processor's time, for one mail */
	HELLO = 10000,    /* milliseconds between two signs of life */
	SHA256_LEN = 32,
};

#define SECOND INT64_C(1000000000)

struct clerk {
	struct loop loop;
	struct channel channel;
	struct disk disk;
	struct watch_listener listener;
	struct watch_subject subject;
	struct loop_timer hello;
	char *path; /* NULL: not told yet */
	struct texts banned;
	struct collection collection;
	int64_t begun; /* see spent(), when a mail was */
	unsigned locks;
	bool has_arrived; /* told, and so nothing more is */
};

static void
put(enum message message, json_t *object, void *arg)
{
	struct clerk *clerk = arg;

	(void)channel_put(&clerk->channel, message, object);
}

static void
note(enum log_level level, const char *text, void *arg)
{
	json_t *object = json_object();

	wire_set(object, "level", json_integer((json_int_t)level));
	wire_set(object, "text", wire_text(text));
	put(MESSAGE_NOTE, object, arg);
}

static void
hello(struct clerk *clerk)
{
	json_t *object = json_object();

	wire_set(object, "pid", json_integer(getpid()));
	wire_set(object, "locks", json_integer(clerk->locks));
	put(MESSAGE_HELLO, object, clerk);
	loop_timer_set(&clerk->loop, &clerk->hello, loop_now() + HELLO);
}

static void
hello_due(void *arg)
{
	hello(arg);
}

/* ---- one mail ---- */

/* Return the nanoseconds of the processor's time that we had. */
static int64_t
spent(void)
{
	struct timespec time = { 0, 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

/* Who takes longer than that is ended, and what was read is known. */
static void
mail_limit(time_t seconds)
{
	const struct itimerval limit = { .it_value.tv_sec = seconds };

	(void)setitimer(ITIMER_PROF, &limit, NULL);
}

/*
 * By what is in it, which stays the same where a mail reader marks it as read,
 * or an mbox is written anew.
 */
static bool
mail_begins(
    const char *path, size_t number, const char *data, size_t len, void *arg)
{
	struct clerk *clerk = arg;
	json_t *object = json_object();
	uint8_t digest[SHA256_LEN] = { 0 };
	struct buf hex = { 0 };
	bool is_banned;

	(void)EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL);
	buf_add_hex(&hex, digest, sizeof(digest));
	is_banned = texts_has(&clerk->banned, buf_text(&hex));
	wire_set(object, "path", wire_text(path));
	wire_set(object, "number", json_integer((json_int_t)number));
	wire_set(object, "digest", json_string(buf_text(&hex)));
	buf_fini(&hex);
	if (is_banned) {
		json_decref(object);
		return false;
	}
	put(MESSAGE_MAIL, object, clerk);
	mail_limit(MAIL_SECONDS);
	clerk->begun = spent();
	return true;
}

/* So that it is a quarter of the processor's time at most. */
static void
mail_ended(void *arg)
{
	const struct clerk *clerk = arg;
	int64_t rest = 3 * (spent() - clerk->begun);
	const struct timespec pause = { rest / SECOND, rest % SECOND };

	mail_limit(0);
	(void)nanosleep(&pause, NULL);
}

/* ---- all of it ---- */

static void
happened(struct watch_subject *subject, enum watch_event event,
    const char *name, void *arg)
{
	struct clerk *clerk = arg;

	(void)subject;
	(void)name;
	if (event == WATCH_WRITING || clerk->has_arrived)
		return;
	clerk->has_arrived = true;
	put(MESSAGE_ARRIVED, json_object(), clerk);
}

/* Itself, its entries, and those of a Maildir, whatever it is by then. */
static void
watches_set(struct clerk *clerk)
{
	static const char *const parts[] = { "", "/", "/new/", "/cur/" };
	struct problem problem = { "" };
	struct paths paths = { 0 };
	char *target = NULL;

	(void)path_follow(clerk->path, NULL, &paths, &target, &problem);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *path = mem_format(
		    "%s%s", target != NULL ? target : clerk->path, parts[i]);

		/* A trailing slash says that all entries count. */
		if (parts[i][0] == '\0' || path_is_directory(path))
			paths_add(&paths, path);
		free(path);
	}
	free(target);
	if (watch_set(clerk->disk.watch, &clerk->subject, &paths, &problem) !=
	    STATUS_OK)
		log_line(LOG_LEVEL_WARNING,
		    "reports: what arrives is not seen at once: %s",
		    problem.text);
	paths_fini(&paths);
}

static void
look(struct clerk *clerk)
{
	const struct collection_hooks hooks = { mail_begins, mail_ended,
		clerk };

	disk_init(&clerk->disk, &clerk->loop, false);
	clerk->listener = (struct watch_listener){ .happened = happened,
		.arg = clerk };
	clerk->subject.listener = &clerk->listener;
	watch_listen(clerk->disk.watch, &clerk->listener);
	watches_set(clerk);
	clerk->locks = confine_mail(clerk->path, true);
	hello(clerk);
	clerk->collection.hooks = &hooks;
	collection_add_path(&clerk->collection, clerk->path);
	collection_end(&clerk->collection);
	clerk->collection.hooks = NULL;
	clerk->channel.is_held = true;
	hearsay_tell(&clerk->collection, put, clerk);
	clerk->channel.is_held = false;
	hello(clerk);
	/* What is not needed any more while we wait. */
	collection_fini(&clerk->collection);
	mem_trim();
}

static bool
take_mailbox(struct clerk *clerk, json_t *object)
{
	const json_t *banned = json_object_get(object, "banned");
	const char *path = wire_octets(json_object_get(object, "path"));
	bool is_bad = path == NULL;

	clerk->collection.since = wire_number(
	    object, "since", -LIMIT_TIME, LIMIT_TIME, &is_bad);
	clerk->collection.is_recent = true;
	for (size_t i = 0; i < json_array_size(banned); i++)
		if (json_is_string(json_array_get(banned, i)))
			texts_add(&clerk->banned,
			    json_string_value(json_array_get(banned, i)));
	if (is_bad)
		return false;
	clerk->path = mem_string(path);
	look(clerk);
	return true;
}

static bool
take(enum message message, json_t *object, void *arg)
{
	struct clerk *clerk = arg;

	return message == MESSAGE_MAILBOX && clerk->path == NULL &&
	       take_mailbox(clerk, object);
}

static void
closed(void *arg)
{
	struct clerk *clerk = arg;

	loop_stop(&clerk->loop);
}

void
clerk_run(int fd)
{
	struct clerk clerk = { .channel = { .is_patient = true,
				   .take = take,
				   .closed = closed } };

	clerk.channel.arg = &clerk;
	loop_init(&clerk.loop);
	channel_open(&clerk.channel, &clerk.loop, fd);
	log_set_sink(note, &clerk);
	clerk.hello = (struct loop_timer){ .due = hello_due, .arg = &clerk };
	loop_run(&clerk.loop);
	log_set_sink(NULL, NULL);
	loop_timer_clear(&clerk.loop, &clerk.hello);
	channel_close(&clerk.channel);
	if (clerk.path != NULL) {
		watch_drop(clerk.disk.watch, &clerk.subject);
		watch_unlisten(clerk.disk.watch, &clerk.listener);
		disk_fini(&clerk.disk);
	}
	free(clerk.path);
	texts_fini(&clerk.banned);
	loop_fini(&clerk.loop);
}

void
clerk_ward_run(int fd, enum ward ward, struct focus *focus)
{
	if (ward == WARD_MAIL)
		clerk_run(fd);
	else
		child_run(fd, focus);
}
