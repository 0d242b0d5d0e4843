/* SPDX-License-Identifier: MIT */
#include "postbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limit.h"
#include "base/mem.h"
#include "base/plain.h"
#include "base/wire.h"
#include "loop/log.h"
#include "wall/said.h"

/* Milliseconds. */
enum {
	QUIET = 1000,      /* after something arrived: more may */
	SHARE = 10,        /* and so many times what the last look took */
	AGAIN = 3600000,   /* for what leaves by its age */
	TROUBLE = 600000,  /* the same, where nothing could be read */
	PATIENCE = 120000, /* of silence, after which it is dead */
	CALM = 60000,      /* after which deaths before are forgotten */
};

enum {
	ENOUGH = 3,    /* deaths, after which it is a problem */
	GUILTY = 2,    /* deaths over one mail, which is left alone then */
	SUSPECTS = 64, /* mails remembered */
	NOTES = 100,   /* lines of the log that one look may have */
	DIGEST = 64,   /* digits */
};

/* A mail during whose reading the process died. */
struct suspect {
	char digest[DIGEST + 1];
	unsigned deaths;
};

struct postbox {
	struct loop *loop;
	struct warden *warden;
	char *path; /* NULL: nothing is read */
	uint32_t since;
	struct channel channel;
	struct loop_timer begin;
	struct loop_timer silence;
	int64_t begun; /* loop_now(), as the next ones */
	int64_t heard;
	int64_t took; /* milliseconds of the last whole look */
	unsigned deaths;
	unsigned notes; /* of this look */
	pid_t pid;
	unsigned locks;
	bool is_settled;
	bool is_whole;       /* this look is */
	int64_t looked;      /* seconds since 1970; 0: never */
	char *problem;       /* NULL: none */
	struct hearsay next; /* of this look */
	struct hearsay last; /* of the last whole one */
	char *mail; /* that is being read, as the log has it, or NULL */
	char digest[DIGEST + 1];
	struct suspect suspects[SUSPECTS];
	size_t suspect_count;
};

static void
problem_say(struct postbox *postbox, const char *text)
{
	bool is_new = text != NULL && (postbox->problem == NULL ||
					  strcmp(postbox->problem, text) != 0);

	if (text == NULL && postbox->problem != NULL)
		log_line(LOG_LEVEL_NOTICE, "reports: '%s' is read again",
		    plain_of(postbox->path).text);
	if (is_new)
		log_line(LOG_LEVEL_WARNING, "reports: '%s': %s",
		    plain_of(postbox->path).text, text);
	if (text == NULL || is_new) {
		free(postbox->problem);
		postbox->problem = text != NULL ? mem_string(text) : NULL;
	}
}

static void
mail_forget(struct postbox *postbox)
{
	free(postbox->mail);
	postbox->mail = NULL;
}

/* ---- one process after the other ---- */

static void
gone(struct postbox *postbox, int64_t pause)
{
	postbox->pid = 0;
	postbox->locks = 0;
	mail_forget(postbox);
	hearsay_fini(&postbox->next);
	loop_timer_clear(postbox->loop, &postbox->silence);
	loop_timer_set(postbox->loop, &postbox->begin, loop_now() + pause);
}

/* What it was reading may be what ended it. */
static void
suspect_note(struct postbox *postbox)
{
	struct suspect *list = postbox->suspects;
	size_t i = 0;

	if (postbox->mail == NULL)
		return;
	while (i < postbox->suspect_count &&
	       strcmp(list[i].digest, postbox->digest) != 0)
		i++;
	if (i == postbox->suspect_count) {
		/* The one that was noted first makes room. */
		if (i == SUSPECTS)
			memmove(&list[0], &list[1], (--i) * sizeof(list[0]));
		postbox->suspect_count = i + 1;
		memcpy(list[i].digest, postbox->digest, sizeof(list[i].digest));
		list[i].deaths = 0;
	}
	list[i].deaths++;
	log_line(LOG_LEVEL_WARNING,
	    "reports: %s: the process that reads ended while it read this%s",
	    postbox->mail,
	    list[i].deaths >= GUILTY ? ", twice; it is left alone" : "");
}

static void
closed(void *arg)
{
	static const int64_t pauses[] = { 0, 100, 1000, 10000, 60000 };
	struct postbox *postbox = arg;
	size_t at;

	if (loop_now() - postbox->begun >= CALM)
		postbox->deaths = 0;
	at = postbox->deaths++;
	if (at >= sizeof(pauses) / sizeof(pauses[0]))
		at = sizeof(pauses) / sizeof(pauses[0]) - 1;
	log_line(LOG_LEVEL_WARNING,
	    "reports: who reads them ended, and is begun again");
	if (postbox->deaths >= ENOUGH) {
		problem_say(postbox, "who reads it ended again and again");
		postbox->is_settled = true;
	}
	suspect_note(postbox);
	gone(postbox, pauses[at]);
}

static void
silence_due(void *arg)
{
	struct postbox *postbox = arg;

	if (loop_now() - postbox->heard < PATIENCE) {
		loop_timer_set(postbox->loop, &postbox->silence,
		    postbox->heard + PATIENCE);
		return;
	}
	log_line(LOG_LEVEL_WARNING, "reports: who reads them says nothing");
	postbox->is_settled = true;
	channel_close(&postbox->channel);
	closed(postbox);
}

/* All that is read is told anew: what has left the time is left out so. */
static void
begin_due(void *arg)
{
	struct postbox *postbox = arg;
	json_t *object = json_object();
	json_t *banned = json_array();
	int fd;

	channel_close(&postbox->channel);
	gone(postbox, AGAIN);
	fd = warden_make(postbox->warden, WARD_MAIL);
	postbox->begun = loop_now();
	postbox->heard = postbox->begun;
	postbox->is_whole = false;
	postbox->notes = 0;
	for (size_t i = 0; i < postbox->suspect_count; i++)
		if (postbox->suspects[i].deaths >= GUILTY)
			wire_append(
			    banned, json_string(postbox->suspects[i].digest));
	wire_set(object, "path", wire_text(postbox->path));
	wire_set(object, "since",
	    json_integer((json_int_t)time(NULL) - postbox->since));
	wire_set(object, "banned", banned);
	if (fd < 0) {
		json_decref(object);
		closed(postbox);
		return;
	}
	channel_open(&postbox->channel, postbox->loop, fd);
	(void)channel_put(&postbox->channel, MESSAGE_MAILBOX, object);
	loop_timer_set(
	    postbox->loop, &postbox->silence, postbox->begun + PATIENCE);
}

/* ---- what it says ---- */

static bool
take_mail(struct postbox *postbox, json_t *object)
{
	const char *path = wire_octets(json_object_get(object, "path"));
	const char *digest = json_string_value(
	    json_object_get(object, "digest"));
	bool is_bad = false;
	int64_t number = wire_number(object, "number", 0, LIMIT_MAILS, &is_bad);

	if (is_bad || path == NULL || strlen(path) > LIMIT_NAME ||
	    digest == NULL || strlen(digest) != DIGEST ||
	    strspn(digest, "0123456789abcdef") != DIGEST)
		return false;
	mail_forget(postbox);
	postbox->mail = number > 0 ? mem_format("%s: mail %" PRId64,
					 plain_of(path).text, number)
				   : mem_string(plain_of(path).text);
	memcpy(postbox->digest, digest, sizeof(postbox->digest));
	return true;
}

/* What is about the path itself need not name it. */
static char *
obstacle_text(const struct postbox *postbox, const struct finding *finding)
{
	return strcmp(finding->subject, plain_of(postbox->path).text) == 0
		   ? mem_string(finding->what)
		   : mem_format("%s: %s", finding->subject, finding->what);
}

/* Where nothing at all could be opened; free() it; NULL: something was. */
static char *
obstacle(const struct postbox *postbox)
{
	const struct collection *collection = &postbox->next.collection;
	const struct findings *findings = &collection->findings;

	if (collection->refused == 0 ||
	    collection->sums.reports + collection->old + collection->others > 0)
		return NULL;
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].kind == FINDING_REPORT_UNREAD)
			return obstacle_text(postbox, &findings->list[i]);
	return NULL;
}

/* What ended one process, and not the next one, was no fault of its. */
static void
suspects_clear(struct postbox *postbox)
{
	size_t kept = 0;

	for (size_t i = 0; i < postbox->suspect_count; i++)
		if (postbox->suspects[i].deaths >= GUILTY)
			postbox->suspects[kept++] = postbox->suspects[i];
	postbox->suspect_count = kept;
}

static void
look_end(struct postbox *postbox)
{
	char *problem = obstacle(postbox);

	problem_say(postbox, problem);
	free(problem);
	suspects_clear(postbox);
	postbox->is_whole = true;
	postbox->is_settled = true;
	postbox->deaths = 0;
	postbox->took = loop_now() - postbox->begun;
	postbox->looked = (int64_t)time(NULL);
	mail_forget(postbox);
	hearsay_fini(&postbox->last);
	postbox->last = postbox->next;
	postbox->next = (struct hearsay){ .recent_count = 0 };
	loop_timer_set(postbox->loop, &postbox->begin,
	    loop_now() + (postbox->problem != NULL ? TROUBLE : AGAIN));
}

static bool
take_part(struct postbox *postbox, enum message message, json_t *object)
{
	if (postbox->is_whole ||
	    !hearsay_take(&postbox->next, message, object, (int64_t)time(NULL)))
		return false;
	if (message == MESSAGE_HEARD)
		look_end(postbox);
	return true;
}

/* Before the end of a look it would be read by that. */
static bool
arrived(struct postbox *postbox)
{
	if (postbox->is_whole)
		loop_timer_set(postbox->loop, &postbox->begin,
		    loop_now() + QUIET + SHARE * postbox->took);
	return postbox->is_whole;
}

static bool
take(enum message message, json_t *object, void *arg)
{
	struct postbox *postbox = arg;

	postbox->heard = loop_now();
	switch (message) {
	case MESSAGE_HELLO:
		return said_hello(object, &postbox->pid, &postbox->locks);
	case MESSAGE_NOTE:
		/* Also who was taken over by a mail must not fill the log. */
		return said_note(object, ++postbox->notes >= NOTES);
	case MESSAGE_MAIL:
		return !postbox->is_whole && take_mail(postbox, object);
	case MESSAGE_ARRIVED:
		return arrived(postbox);
	default:
		return take_part(postbox, message, object);
	}
}

/* ---- for others ---- */

struct postbox *
postbox_new(struct loop *loop, struct warden *warden)
{
	struct postbox *postbox = mem_new(sizeof(*postbox));

	postbox->loop = loop;
	postbox->warden = warden;
	postbox->begin = (struct loop_timer){ .due = begin_due,
		.arg = postbox };
	postbox->silence = (struct loop_timer){ .due = silence_due,
		.arg = postbox };
	postbox->channel = (struct channel){ .loop = loop,
		.io.fd = -1,
		.take = take,
		.closed = closed,
		.arg = postbox };
	return postbox;
}

/* As it was new. */
static void
postbox_empty(struct postbox *postbox)
{
	channel_close(&postbox->channel);
	gone(postbox, 0);
	loop_timer_clear(postbox->loop, &postbox->begin);
	hearsay_fini(&postbox->last);
	free(postbox->problem);
	free(postbox->path);
	postbox->problem = NULL;
	postbox->path = NULL;
	postbox->looked = 0;
	postbox->deaths = 0;
	postbox->took = 0;
	postbox->suspect_count = 0;
}

void
postbox_free(struct postbox *postbox)
{
	if (postbox == NULL)
		return;
	postbox_empty(postbox);
	free(postbox);
}

void
postbox_configure(struct postbox *postbox, const struct config *config)
{
	bool is_same = config->reports_path != NULL && postbox->path != NULL &&
		       strcmp(config->reports_path, postbox->path) == 0 &&
		       config->reports_since == postbox->since;

	if (is_same) {
		postbox->suspect_count = 0;
		loop_timer_set(postbox->loop, &postbox->begin, loop_now());
		return;
	}
	postbox_empty(postbox);
	postbox->is_settled = config->reports_path == NULL;
	if (config->reports_path == NULL)
		return;
	postbox->path = mem_string(config->reports_path);
	postbox->since = config->reports_since;
	loop_timer_set(postbox->loop, &postbox->begin, loop_now());
}

bool
postbox_view(const struct postbox *postbox, struct postbox_view *ret_view)
{
	if (postbox == NULL || postbox->path == NULL)
		return false;
	*ret_view = (struct postbox_view){ postbox->path, postbox->since,
		postbox->problem, postbox->looked, postbox->pid, postbox->locks,
		&postbox->last };
	return true;
}

bool
postbox_is_settled(const struct postbox *postbox)
{
	return postbox == NULL || postbox->is_settled;
}

void
postbox_find(const struct postbox *postbox, const char *host, int64_t now,
    struct findings *findings)
{
	if (postbox != NULL)
		hearsay_find(&postbox->last, host, now, findings);
}

void
postbox_find_problem(const struct postbox *postbox, struct findings *findings)
{
	const struct findings *seen;
	char *subject;

	if (postbox == NULL)
		return;
	seen = &postbox->last.collection.findings;
	for (size_t i = 0; i < seen->count; i++)
		if (seen->list[i].kind == FINDING_MAIL_LIBRARY)
			finding_add(findings, FINDING_MAIL_LIBRARY,
			    seen->list[i].subject, seen->list[i].mend, "%s",
			    seen->list[i].what);
	if (postbox->problem == NULL)
		return;
	subject = mem_format("reports '%s'", postbox->path);
	finding_add(findings, FINDING_REPORTS_CLOSED, subject,
	    "see that it is there and that our user may read it (REPORTS in "
	    "pdns-tlsa(8))",
	    "cannot be read: %s", postbox->problem);
	free(subject);
}
