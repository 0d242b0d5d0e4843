/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/chain_file.h"
#include "pace.h"
#include "pki/next_key.h"

/* Milliseconds. */
enum {
	GROWING = 50,  /* between looks at a chain that may grow */
	STAGED = 1000, /* before a generation counts as staged */
};

/*
 * A file changed a moment ago may still be written to, and an event of that
 * may be under way.  Return for how many milliseconds it is fresh yet, or 0.
 */
static int64_t
fresh_for(const struct fingerprint *print, int64_t milliseconds)
{
	const int64_t unit = 1000000;
	struct timespec now;
	int64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec * 1000 * unit + now.tv_nsec - print->modified;
	return age < 0 || age >= milliseconds * unit
		   ? 0
		   : milliseconds - age / unit;
}

/* The kernel's clock for files stands still for that long (HZ). */
static int64_t
tick(void)
{
	struct timespec tick;

	return clock_getres(CLOCK_REALTIME_COARSE, &tick) == 0
		   ? tick.tv_nsec / 1000000
		   : 0;
}

int64_t
load_fresh_for(const struct fingerprint *print, bool is_sudden)
{
	return fresh_for(print, SETTLE + (is_sudden ? tick() : 0));
}

/* Whatever it was, it does not linger. */
static void
text_forget(struct buf *text)
{
	if (text->data != NULL)
		explicit_bzero(text->data, text->room);
	buf_fini(text);
}

static int64_t
file_time(const char *file)
{
	struct fingerprint print;

	return file_fingerprint(file, &print)
		   ? print.modified / INT64_C(1000000000)
		   : 0;
}

/*
 * Without a record the archive tells what was served before: a generation was
 * replaced when the next one was written.
 */
static void
load_past(const struct loader *loader, const struct location *location,
    struct report *report)
{
	int64_t now = (int64_t)time(NULL);
	int64_t retain = loader->reading->retain;
	const char *newer = location->target;

	for (size_t i = 0; i < location->past.count; i++) {
		const char *file = location->past.list[i];
		struct generation past = { NULL, file_time(file),
			file_time(newer) };
		struct buf text = { 0 };

		if (past.replaced > now || past.replaced + retain <= now)
			return;
		if (file_read(file, LIMIT_PEM_FILE, &text, NULL, NULL) ==
			STATUS_OK &&
		    chain_parse(loader->pool, text.data, text.len,
			loader->reading->keep_all, &past.chain, NULL,
			NULL) == STATUS_OK) {
			report->past = mem_resize(report->past,
			    report->past_count + 1, sizeof(*report->past));
			report->past[report->past_count++] = past;
		}
		text_forget(&text);
		newer = file;
	}
}

/*
 * Some write the leaf first and then append the CA certificates, with a pause
 * between: what has fewer of them than there were, or none, must be older
 * before it is believed.
 */
static bool
is_growing(const struct loader *loader, const struct known *known,
    const struct chain_file *file)
{
	size_t wanted = known->has_chain ? known->ca_count : 1;

	return loader->is_complete && file->chain->ca_count < wanted &&
	       fresh_for(&file->print, WRITING) > 0;
}

/*
 * Whoever asks for it by name may serve a CA certificate, from the start: of
 * which nobody can tell as long as the record cannot be read.
 */
static bool
may_be_authority(
    const struct loader *loader, const struct known *known, const char *name)
{
	return loader->has_memory &&
	       (!known->has_chain || known->is_authority) &&
	       reading_names(loader->reading, name);
}

static void
chain_loaded(const struct loader *loader, const struct known *known,
    const struct location *location, struct chain_file *file,
    struct report *report)
{
	report->chain = chain_ref(file->chain);
	report->file = mem_string(location->file);
	report->print = file->print;
	/* What else is in the file does no harm, but is for a person. */
	if (file->remark.text[0] != '\0')
		report->remark = mem_string(file->remark.text);
	if (!known->has_chain)
		load_past(loader, location, report);
}

enum status
load_chain(const struct loader *loader, const struct known *known,
    const struct location *location, struct report *report, int64_t *ret_again,
    struct problem *problem)
{
	struct chain_file file = { 0 };
	enum status status;

	if (file_is_key(location->target)) {
		problem_set(problem,
		    "%s: is a private key by its name, which is never opened",
		    location->target);
		return STATUS_REFUSED;
	}
	status = chain_file_read(loader->pool, location->file,
	    location->issuers, loader->reading->keep_all, &file, problem);
	if (status == STATUS_OK && chain_is_authority(file.chain) &&
	    !may_be_authority(loader, known, report->name)) {
		problem_set(problem,
		    "%s: certificate 1 is the CA certificate '%s'; the leaf "
		    "must come first",
		    location->file, file.chain->leaf->subject);
		status = STATUS_FOREIGN;
	}
	if (status == STATUS_OK && is_growing(loader, known, &file)) {
		*ret_again = GROWING;
		status = STATUS_BUSY;
	}
	if (status == STATUS_OK)
		chain_loaded(loader, known, location, &file, report);
	chain_file_fini(&file);
	return status;
}

/* Staged keys under way to the report. */
struct staged {
	const char *lineage;
	struct next_key *list;
	size_t count;
	char **warning; /* of the lineage, or NULL */
	bool is_told;   /* and it is in that */
	bool is_unsure; /* one cannot be read now: keep what is known */
	int64_t again;  /* milliseconds until one can be judged, or 0 */
};

/* The first that is wrong, behind what else is said of the lineage. */
static void
staged_report(struct staged *staged, const char *text)
{
	char *before = *staged->warning;

	staged->is_unsure = true;
	if (staged->is_told)
		return;
	staged->is_told = true;
	*staged->warning = mem_format(
	    "%s%sstaged key: %s; what was staged before stays",
	    before != NULL ? before : "", before != NULL ? "; " : "", text);
	free(before);
}

static void
staged_parse(const struct loader *loader, const char *file,
    const struct buf *text, struct staged *staged)
{
	struct problem problem = { "" };
	struct next_key next;

	if (staged->is_unsure || staged->count == LIMIT_NEXT)
		return;
	if (next_key_parse(loader->pool, text->data, text->len,
		loader->reading->keep_all, &next, &problem) != STATUS_OK) {
		problem_prefix(&problem, "%s", file);
		staged_report(staged, problem.text);
		return;
	}
	staged->list = mem_resize(
	    staged->list, staged->count + 1, sizeof(*staged->list));
	staged->list[staged->count++] = next;
}

/*
 * certbot writes a generation and makes it live within the same second, so
 * that only one that stays behind in the archive is staged.  To be asked behind
 * a reading, which what was written meanwhile has spoilt.
 */
static bool
is_settling(const struct loader *loader, const char *file)
{
	struct fingerprint print;

	return loader->is_complete && file_fingerprint(file, &print) &&
	       fresh_for(&print, STAGED) > 0;
}

static void
staged_add(const struct loader *loader, const char *file, bool was_there,
    struct staged *staged)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	enum status status = file_read(
	    file, LIMIT_PEM_FILE, &text, NULL, &problem);

	if (status == STATUS_ABSENT && was_there) {
		/* It went since: to become what is live, as a rule. */
		staged->again = GROWING;
		staged->is_unsure = true;
	} else if (is_settling(loader, file)) {
		staged->again = STAGED;
		staged->is_unsure = true;
	} else if (status != STATUS_OK) {
		staged_report(staged, problem.text);
	} else {
		staged_parse(loader, file, &text, staged);
	}
	text_forget(&text);
}

/* Keys that the configuration says come next. */
static void
staged_add_configured(const struct loader *loader, struct staged *staged)
{
	const struct reading *reading = loader->reading;

	for (size_t i = 0; i < reading->lineage_count; i++) {
		const struct config_lineage *lineage = &reading->lineages[i];

		if (strcmp(lineage->name, staged->lineage) != 0)
			continue;
		for (size_t k = 0; k < lineage->next_count; k++)
			staged_add(loader, lineage->next[k], false, staged);
	}
}

int64_t
load_next(const struct loader *loader, const struct location *location,
    struct report *report)
{
	struct staged staged = { .lineage = report->name,
		.warning = &report->warning };

	for (size_t i = 0; i < location->next.count; i++)
		staged_add(loader, location->next.list[i], true, &staged);
	staged_add_configured(loader, &staged);
	if (staged.is_unsure) {
		next_keys_free(staged.list, staged.count);
		return staged.again;
	}
	report->has_next = true;
	report->next = staged.list;
	report->next_count = staged.count;
	return 0;
}
