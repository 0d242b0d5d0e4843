/* SPDX-License-Identifier: MIT */
#include "via/send.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/plain.h"
#include "deploy/progress.h"
#include "lines.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "offer.h"
#include "protocol.h"
#include "ssh.h"

enum {
	HELLO_MS = 120000,  /* somebody may have to type a pass phrase */
	SILENCE_MS = 60000, /* then nobody is there any more */
	SAY_MS = 20000,
	PATIENCE = 300000,  /* for a host to come back, as for a daemon */
	PAUSE_FIRST = 1000, /* between two connections */
	PAUSE_MAX = 30000,
	CLOCK_NOTE = 60, /* seconds that two clocks may differ, silently */
	CLOCK_MAX = 3600,
};

/* How a conversation ended. */
enum ending {
	ENDED_WELL,    /* it is safe, or reported */
	ENDED_RENEWED, /* there is a newer one to send */
	ENDED_BROKEN,  /* the connection, or the host is not ready */
	ENDED_REFUSED, /* for good */
	ENDED_LATE,    /* the time is over */
	ENDED_LOST,    /* the lineage cannot be read any more */
};

struct sending {
	const struct send_wish *wish;
	const struct via_question *question;
	struct newest *newest;
	struct progress *progress;
	struct ssh ssh;
	struct lines lines;
	int64_t heard;     /* loop_now() of the last hello; 0: none */
	bool is_noted;     /* that the clocks differ */
	int64_t remaining; /* what was said last */
	struct problem problem;
};

bool
send_parse(const char *text, char **ret_destination, struct problem *problem)
{
	return ssh_parse(text, ret_destination, problem) == STATUS_OK;
}

/* ---- one conversation ---- */

/* What a shell says that is not asked for it, or another program. */
static enum ending
refuse_noise(struct sending *sending, const char *line, size_t len)
{
	char said[128];

	(void)plain_put(said, sizeof(said), line, len);
	problem_set(&sending->problem,
	    "'%s' was said there before the protocol began; 'pdns-tlsa "
	    "receive' must be the forced command of the key, and nothing that "
	    "the shell runs at its start may say anything",
	    said);
	return ENDED_REFUSED;
}

/* Whose clock is wrong, nobody can tell from here. */
static bool
clocks_agree(struct sending *sending, int64_t theirs)
{
	int64_t ahead = theirs - (int64_t)time(NULL);
	long long off = (long long)(ahead < 0 ? -ahead : ahead);
	const char *how = ahead < 0 ? "behind" : "ahead of";

	if (off > CLOCK_MAX) {
		problem_set(&sending->problem,
		    "its clock is %lld s %s the one here; set the one that is "
		    "wrong, for times on record and signatures go by it",
		    off, how);
		return false;
	}
	if (off > CLOCK_NOTE && !sending->is_noted)
		log_line(LOG_LEVEL_WARNING,
		    "'%s': its clock is %lld s %s the "
		    "one here",
		    sending->wish->destination, off, how);
	sending->is_noted |= off > CLOCK_NOTE;
	return true;
}

static enum ending
hello_read(struct sending *sending)
{
	struct via_answer answer;
	const char *line;
	size_t len;
	enum status status = lines_read(
	    &sending->lines, HELLO_MS, &line, &len, &sending->problem);

	if (status == STATUS_LIMIT)
		return refuse_noise(
		    sending, sending->lines.read.data, sending->lines.read.len);
	if (status != STATUS_OK)
		return ENDED_BROKEN;
	if (via_answer_decode(line, len, &answer, NULL) != STATUS_OK ||
	    answer.kind != VIA_HELLO)
		return refuse_noise(sending, line, len);
	if (answer.version != VIA_VERSION) {
		problem_set(&sending->problem,
		    "version %lld of the protocol is spoken there, and %d "
		    "here; install the same version of pdns-tlsa on both "
		    "hosts",
		    (long long)answer.version, VIA_VERSION);
		return ENDED_REFUSED;
	}
	sending->heard = loop_now();
	return clocks_agree(sending, answer.now) ? ENDED_WELL : ENDED_REFUSED;
}

static bool
say(struct sending *sending, const struct via_question *question)
{
	struct buf line = { 0 };
	bool is_good;

	via_question_encode(question, &line);
	is_good = lines_write(
	    &sending->lines, SAY_MS, &line, &sending->problem);
	buf_fini(&line);
	return is_good;
}

/* Is it still the newest one?  A hold time is long. */
static enum ending
newest_check(struct sending *sending)
{
	const struct send_wish *wish = sending->wish;
	struct newest now;
	enum ending ending = ENDED_WELL;

	if (newest_find(wish->config, wish->lineage, true, &now,
		&sending->problem) != STATUS_OK)
		return ENDED_LOST;
	if (strcmp(now.leaf, sending->newest->leaf) != 0)
		ending = ENDED_RENEWED;
	newest_fini(&now);
	return ending;
}

static enum ending
waiting_take(struct sending *sending, const struct via_answer *answer)
{
	const struct via_question here = { .kind = VIA_HERE };
	enum ending ending = newest_check(sending);
	/* A moment is no news. */
	bool is_lasting = strcmp(sending->problem.text, answer->text) == 0;

	if (ending == ENDED_LOST)
		return ending;
	sending->remaining = answer->remaining;
	problem_set(&sending->problem, "%s", answer->text);
	progress_show(
	    sending->progress, answer->remaining, answer->text, is_lasting);
	if (ending == ENDED_WELL && loop_now() >= sending->wish->end)
		ending = ENDED_LATE;
	if (ending == ENDED_WELL && !say(sending, &here))
		ending = ENDED_BROKEN;
	return ending;
}

/* What the other side counts as the newest one may be another one. */
static enum ending
safe_take(struct sending *sending, const struct via_answer *answer)
{
	if (strcmp(answer->leaf, sending->question->leaf) == 0)
		return ENDED_WELL;
	problem_set(&sending->problem,
	    "another certificate than the one that was sent is the newest of "
	    "the lineage there; see 'lineages' in its configuration");
	return ENDED_REFUSED;
}

/* Read words until one ends it. */
static enum ending
answers_read(struct sending *sending)
{
	bool is_report = sending->question->kind == VIA_REPORT;
	enum ending ending = ENDED_WELL;

	while (ending == ENDED_WELL) {
		struct via_answer answer;
		const char *line;
		size_t len;

		if (lines_read(&sending->lines, SILENCE_MS, &line, &len,
			&sending->problem) != STATUS_OK ||
		    via_answer_decode(line, len, &answer, &sending->problem) !=
			STATUS_OK)
			return ENDED_BROKEN;
		if (answer.kind == VIA_WAITING && !is_report) {
			ending = waiting_take(sending, &answer);
			continue;
		}
		if (answer.kind == VIA_SAFE && !is_report)
			return safe_take(sending, &answer);
		if (answer.kind == VIA_DONE && is_report)
			return ENDED_WELL;
		problem_set(&sending->problem, "%s", answer.text);
		return answer.kind == VIA_LATER     ? ENDED_BROKEN
		       : answer.kind == VIA_REFUSED ? ENDED_REFUSED
						    : ENDED_BROKEN;
	}
	return ending;
}

static enum ending
converse(struct sending *sending)
{
	enum ending ending;
	int code;

	sending->remaining = 0;
	if (ssh_begin(sending->wish->destination, &sending->ssh,
		&sending->problem) != STATUS_OK)
		return ENDED_REFUSED;
	lines_init(&sending->lines, sending->ssh.out, sending->ssh.in);
	ending = hello_read(sending);
	if (ending == ENDED_WELL && !say(sending, sending->question))
		ending = ENDED_BROKEN;
	if (ending == ENDED_WELL)
		ending = answers_read(sending);
	lines_fini(&sending->lines);
	code = ssh_end(&sending->ssh);
	/* What ssh had to say, it said. */
	if (ending == ENDED_BROKEN && code > 0)
		problem_join(&sending->problem,
		    "ssh ended with status %d, see what it said", code);
	return ending;
}

/* ---- again and again ---- */

/* Who never got through has a mistake to mend; else it may come back. */
static bool
may_try_again(const struct sending *sending)
{
	int64_t now = loop_now();

	if (sending->wish->end != INT64_MAX)
		return now < sending->wish->end;
	return sending->heard != 0 && now < sending->heard + PATIENCE;
}

static void
pause_take(int64_t *milliseconds, int64_t end)
{
	int64_t left = end == INT64_MAX ? *milliseconds : end - loop_now();
	int64_t now = left < *milliseconds ? left : *milliseconds;
	struct timespec pause = { .tv_sec = (time_t)(now / 1000),
		.tv_nsec = (long)(now % 1000) * 1000000L };

	if (now > 0)
		(void)nanosleep(&pause, NULL);
	*milliseconds = *milliseconds * 2 < PAUSE_MAX ? *milliseconds * 2
						      : PAUSE_MAX;
}

static enum ending
converse_until(struct sending *sending)
{
	int64_t pause = PAUSE_FIRST;

	for (;;) {
		int64_t before = sending->heard;
		enum ending ending = converse(sending);

		if (ending != ENDED_BROKEN)
			return ending;
		problem_prefix(
		    &sending->problem, "'%s'", sending->wish->destination);
		if (!may_try_again(sending))
			return ending;
		/* One that was good is tried again at once, or nearly so. */
		if (sending->heard != before &&
		    loop_now() > sending->heard + PAUSE_MAX)
			pause = PAUSE_FIRST;
		progress_show(
		    sending->progress, 0, sending->problem.text, true);
		pause_take(&pause, sending->wish->end);
	}
}

static enum status
ending_status(struct sending *sending, enum ending ending, const char *name,
    struct problem *problem)
{
	const char *text = sending->problem.text;

	if (ending == ENDED_REFUSED)
		problem_set(problem, "lineage '%.200s': '%s': %s", name,
		    sending->wish->destination, text);
	else if (ending == ENDED_LATE && sending->remaining > 0)
		problem_set(problem,
		    "lineage '%.200s': not yet safe to serve, in %lld s", name,
		    (long long)sending->remaining);
	else if (ending == ENDED_LATE)
		problem_set(problem,
		    "lineage '%.200s': not yet safe to serve: %s", name, text);
	else if (ending == ENDED_LOST)
		problem_set(problem, "%s", text);
	else
		problem_set(problem, "lineage '%.200s': %s", name, text);
	return ending == ENDED_REFUSED ? STATUS_REFUSED
	       : ending == ENDED_LATE  ? STATUS_BUSY
				       : STATUS_IO;
}

/* Send what is newest now; ENDED_RENEWED: there is another one. */
static enum status
newest_send(const struct send_wish *wish, struct newest *newest,
    bool *ret_again, struct problem *problem)
{
	struct via_question offer;
	struct progress progress;
	struct sending sending = { .wish = wish,
		.question = &offer,
		.newest = newest,
		.progress = &progress };
	enum status status = offer_make(wish->config, newest, &offer, problem);
	enum ending ending;

	*ret_again = false;
	if (status != STATUS_OK)
		return status;
	offer.is_servers = wish->is_servers;
	progress_begin(&progress, newest->name);
	ending = converse_until(&sending);
	progress_end(&progress);
	via_question_fini(&offer);
	*ret_again = ending == ENDED_RENEWED;
	return ending == ENDED_WELL || *ret_again
		   ? STATUS_OK
		   : ending_status(&sending, ending, newest->name, problem);
}

enum status
send_until_safe(const struct send_wish *wish, struct newest *ret_newest,
    struct problem *problem)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct newest newest = { 0 };
	bool is_again = true;
	enum status status = STATUS_OK;

	while (is_again && status == STATUS_OK) {
		newest_fini(&newest);
		status = newest_find(
		    wish->config, wish->lineage, true, &newest, problem);
		if (status == STATUS_OK)
			status = newest_send(wish, &newest, &is_again, problem);
	}
	(void)signal(SIGPIPE, before);
	if (status == STATUS_OK)
		*ret_newest = newest;
	else
		newest_fini(&newest);
	return status;
}

enum status
send_report(const struct send_wish *wish, const struct newest *newest,
    bool is_unsure, struct problem *problem)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct via_question report = { .kind = VIA_REPORT,
		.version = VIA_VERSION,
		.name = newest->name, /* borrowed */
		.is_unsure = is_unsure };
	struct progress progress;
	struct sending sending = { .wish = wish,
		.question = &report,
		.progress = &progress,
		.heard = loop_now() /* it was there when it was safe */ };
	enum ending ending;

	memcpy(report.leaf, newest->leaf, sizeof(report.leaf));
	progress_begin(&progress, newest->name);
	ending = converse_until(&sending);
	progress_end(&progress);
	(void)signal(SIGPIPE, before);
	return ending == ENDED_WELL
		   ? STATUS_OK
		   : ending_status(&sending, ending, newest->name, problem);
}
