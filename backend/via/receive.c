/* SPDX-License-Identifier: MIT */
#include "via/receive.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon.h"
#include "deploy/wait.h"
#include "held.h"
#include "lines.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "pki/next_key.h"
#include "protocol.h"
#include "shelf.h"
#include "teller.h"

enum {
	ASK_MS = 60000,     /* for the one question */
	SAY_MS = 20000,     /* to say something */
	SILENCE_MS = 60000, /* then who waits is gone */
};

struct reception {
	const struct receive_wish *wish;
	struct lines lines;
	struct via_question question;
	struct cert *leaf; /* that is offered; one reference */
	struct teller *teller;
	int64_t heard; /* loop_now() of the last word from there */
};

enum outlook {
	GO_ON,
	DONE,   /* he got what he came for */
	FAILED, /* he knows why, or is gone */
};

static bool
say(struct reception *reception, const struct via_answer *answer)
{
	struct problem problem = { "" };
	struct buf line = { 0 };
	bool is_good;

	via_answer_encode(answer, &line);
	is_good = lines_write(&reception->lines, SAY_MS, &line, &problem);
	if (!is_good)
		log_line(LOG_LEVEL_WARNING, "sender '%s': %s",
		    reception->wish->bounds->sender, problem.text);
	buf_fini(&line);
	return is_good;
}

static enum outlook
say_no(struct reception *reception, enum via_answer_kind kind,
    const struct problem *problem)
{
	struct via_answer answer = { .kind = kind };

	log_line(LOG_LEVEL_WARNING, "sender '%s': %s: %s",
	    reception->wish->bounds->sender,
	    kind == VIA_LATER ? "not now" : "refused", problem->text);
	(void)snprintf(answer.text, sizeof(answer.text), "%s", problem->text);
	(void)say(reception, &answer);
	return FAILED;
}

/* What may be otherwise in a while. */
static enum outlook
say_why(struct reception *reception, enum status status,
    const struct problem *problem)
{
	return say_no(reception,
	    status == STATUS_BUSY || status == STATUS_IO ? VIA_LATER
							 : VIA_REFUSED,
	    problem);
}

/* ---- what is offered ---- */

/*
 * Whoever names a lineage means one that he knows: it must not speak for his
 * host by its name alone.
 */
static bool
services_allow(const struct config *config, const char *name,
    const struct cert *leaf, struct problem *problem)
{
	for (size_t i = 0; i < config->service_count; i++) {
		const struct config_service *service = &config->services[i];
		struct dname host;

		for (size_t k = 0; k < service->lineage_count; k++) {
			if (strcmp(service->lineages[k], name) != 0)
				continue;
			if (dname_parse(service->host, strlen(service->host),
				&host) == STATUS_OK &&
			    cert_covers(leaf, &host))
				continue;
			problem_set(problem,
			    "lineage '%s' is named for '%s' here, which the "
			    "certificate does not name; give it another name",
			    name, service->host);
			return false;
		}
	}
	return true;
}

/* STATUS_REFUSED, with `problem`, unless it is for hosts of the sender's. */
static enum status
leaf_check(const struct reception *reception, const struct cert *leaf,
    struct problem *problem)
{
	const struct receive_wish *wish = reception->wish;

	return bounds_allow(wish->bounds, leaf, problem) &&
		       services_allow(wish->config, reception->question.name,
			   leaf, problem)
		   ? STATUS_OK
		   : STATUS_REFUSED;
}

/*
 * A leaf, and the certificates that lead from it; nothing beside them.  The
 * leaf is a new reference; NULL: not wanted.
 */
static enum status
chain_check(const struct reception *reception, struct ca_pool *pool,
    const struct via_chain *sent, struct cert **ret_leaf,
    struct problem *problem)
{
	struct chain *chain = NULL;
	struct buf pem = { 0 };
	enum status status;

	via_chain_pem(sent, &pem);
	status = chain_parse(
	    pool, pem.data, pem.len, false, &chain, NULL, problem);
	buf_fini(&pem);
	if (status != STATUS_OK)
		return STATUS_REFUSED;
	if (chain_is_authority(chain)) {
		problem_set(problem, "the first certificate is that of a CA");
		status = STATUS_REFUSED;
	} else if (chain->ca_count + 1 != sent->count) {
		problem_set(problem,
		    "%zu of %zu certificates are not on the path from the leaf",
		    sent->count - chain->ca_count - 1, sent->count);
		status = STATUS_REFUSED;
	} else {
		status = leaf_check(reception, chain->leaf, problem);
	}
	if (status == STATUS_OK && ret_leaf != NULL)
		*ret_leaf = cert_ref(chain->leaf);
	chain_unref(chain);
	return status;
}

static enum status
next_check(const struct reception *reception, struct ca_pool *pool,
    const struct via_next *next, struct problem *problem)
{
	struct next_key key = { NULL, NULL };
	struct buf pem = { 0 };
	enum status status;

	if (next->chain.count > 0)
		return chain_check(
		    reception, pool, &next->chain, NULL, problem);
	via_next_pem(next, &pem);
	status = next_key_parse(pool, pem.data, pem.len, false, &key, problem);
	buf_fini(&pem);
	cert_unref(key.cert);
	chain_unref(key.chain);
	return status == STATUS_OK ? STATUS_OK : STATUS_REFUSED;
}

static enum status
offer_check(struct reception *reception, struct problem *problem)
{
	const struct via_question *offer = &reception->question;
	struct ca_pool pool;
	enum status status;

	ca_pool_init(&pool);
	status = chain_check(
	    reception, &pool, &offer->chain, &reception->leaf, problem);
	for (size_t i = 0; i < offer->next_count && status == STATUS_OK; i++) {
		status = next_check(reception, &pool, &offer->next[i], problem);
		if (status != STATUS_OK)
			problem_prefix(problem, "staged key %zu", i + 1);
	}
	ca_pool_fini(&pool);
	return status;
}

/* ---- until it is safe ---- */

static enum status
shelf_find(
    struct reception *reception, struct shelf *shelf, struct problem *problem)
{
	const char *path = reception->wish->source->path;
	const char *sender = reception->wish->bounds->sender;
	const char *name = reception->question.name;
	enum status status = shelf_open(path, name, sender, shelf, problem);
	bool is_there = status == STATUS_OK;

	if (is_there)
		shelf_close(shelf);
	else if (status != STATUS_ABSENT)
		return status;
	status = daemon_name_check(
	    reception->wish->config->control, path, name, problem);
	/* It goes on being sent, and counts when there is a daemon again. */
	if (status == STATUS_IO && is_there)
		status = STATUS_OK;
	/* Also for one that is there: it is his from now on. */
	return status == STATUS_OK
		   ? shelf_make(path, name, sender, shelf, problem)
		   : status;
}

/* Take what came meanwhile; false: nobody waits any more. */
static bool
is_waited_for(struct reception *reception)
{
	struct via_question question;
	const char *line;
	size_t len;
	enum status status;

	while ((status = lines_read(&reception->lines, 0, &line, &len, NULL)) ==
	       STATUS_OK) {
		if (via_question_decode(line, len, &question, NULL) !=
		    STATUS_OK)
			return false;
		reception->heard = loop_now();
		via_question_fini(&question);
	}
	return status == STATUS_BUSY &&
	       loop_now() < reception->heard + SILENCE_MS;
}

static bool
wait_tell(void *arg, int64_t remaining, const char *state)
{
	struct reception *reception = arg;

	return teller_set(reception->teller, remaining, state) &&
	       is_waited_for(reception);
}

static enum outlook
safe_say(struct reception *reception, const struct newest *newest)
{
	struct via_answer answer = { .kind = VIA_SAFE };

	memcpy(answer.leaf, newest->leaf, sizeof(answer.leaf));
	log_line(LOG_LEVEL_NOTICE, "lineage '%s': sender '%s' may serve it",
	    newest->name, reception->wish->bounds->sender);
	return say(reception, &answer) ? DONE : FAILED;
}

/* Other stores are the daemon's to read, and need not be ours. */
static struct config
config_alone(const struct receive_wish *wish)
{
	struct config ours = *wish->config;

	ours.sources += wish->source - wish->config->sources;
	ours.source_count = 1;
	return ours;
}

static enum outlook
offer_wait(struct reception *reception)
{
	const struct via_question *offer = &reception->question;
	struct config ours = config_alone(reception->wish);
	struct wait_wish wish = { .config = &ours,
		.lineage = offer->name,
		.end = INT64_MAX,
		.see = offer->is_servers ? SIGHT_SERVERS : SIGHT_DEFAULT,
		.origin = reception->wish->origin,
		.tell = wait_tell,
		.arg = reception };
	struct problem problem = { "" };
	struct newest newest;
	enum outlook outlook;
	enum status status;

	reception->heard = loop_now();
	reception->teller = teller_new(reception->lines.out);
	status = wait_until_safe(&wish, &newest, &problem);
	teller_free(reception->teller);
	if (status == STATUS_BUSY) {
		log_line(LOG_LEVEL_NOTICE,
		    "lineage '%s': sender '%s' waits no more", offer->name,
		    reception->wish->bounds->sender);
		return FAILED;
	}
	if (status != STATUS_OK)
		return say_why(reception, status, &problem);
	outlook = safe_say(reception, &newest);
	newest_fini(&newest);
	return outlook;
}

static enum outlook
offer_take(struct reception *reception)
{
	struct problem problem = { "" };
	struct shelf shelf;
	enum outlook outlook = GO_ON;
	enum status status = offer_check(reception, &problem);

	if (status == STATUS_OK)
		status = shelf_find(reception, &shelf, &problem);
	if (status != STATUS_OK)
		return say_why(reception, status, &problem);
	shelf_alone(&shelf);
	status = shelf_lock(&shelf, &problem);
	if (status == STATUS_OK && shelf.is_sent)
		status = held_check(&shelf, reception->wish->bounds->sender,
		    reception->leaf, (int64_t)time(NULL), &problem);
	if (status == STATUS_OK)
		status = shelf_put(&shelf, &reception->question,
		    (int64_t)time(NULL), &problem);
	outlook = status == STATUS_OK ? offer_wait(reception)
				      : say_why(reception, status, &problem);
	shelf_close(&shelf);
	return outlook;
}

/* ---- the report ---- */

static enum status
report_hand_on(const struct reception *reception, const struct shelf *shelf,
    struct problem *problem)
{
	const struct receive_wish *wish = reception->wish;
	enum status status = daemon_report(wish->config->control,
	    wish->source->path, &reception->question, problem);

	return status == STATUS_OK
		   ? shelf_report(shelf, (int64_t)time(NULL), problem)
		   : status;
}

static enum outlook
report_take(struct reception *reception)
{
	const struct receive_wish *wish = reception->wish;
	const struct via_answer done = { .kind = VIA_DONE };
	struct problem problem = { "" };
	struct shelf shelf;
	enum status status = shelf_open(wish->source->path,
	    reception->question.name, wish->bounds->sender, &shelf, &problem);

	if (status != STATUS_OK)
		return say_why(reception, status, &problem);
	shelf_alone(&shelf);
	status = report_hand_on(reception, &shelf, &problem);
	shelf_close(&shelf);
	if (status != STATUS_OK)
		return say_why(reception, status, &problem);
	log_line(LOG_LEVEL_NOTICE, "lineage '%s': sender '%s' serves it",
	    reception->question.name, wish->bounds->sender);
	return say(reception, &done) ? DONE : FAILED;
}

/* ---- the conversation ---- */

static enum outlook
question_read(struct reception *reception)
{
	struct problem problem = { "" };
	const char *line;
	size_t len;
	enum status status = lines_read(
	    &reception->lines, ASK_MS, &line, &len, &problem);

	if (status == STATUS_OK)
		status = via_question_decode(
		    line, len, &reception->question, &problem);
	if (status == STATUS_ABSENT || status == STATUS_IO)
		return FAILED;
	if (status == STATUS_OK && reception->question.kind != VIA_HERE &&
	    reception->question.version != VIA_VERSION) {
		problem_set(&problem,
		    "version %lld of the protocol is spoken there, and %d "
		    "here; install the same version of pdns-tlsa on both "
		    "hosts",
		    (long long)reception->question.version, VIA_VERSION);
		status = STATUS_REFUSED;
	}
	return status == STATUS_OK ? GO_ON
				   : say_no(reception, VIA_REFUSED, &problem);
}

static enum outlook
converse(struct reception *reception)
{
	const struct via_answer hello = { .kind = VIA_HELLO,
		.version = VIA_VERSION,
		.now = (int64_t)time(NULL) };
	enum outlook outlook = say(reception, &hello) ? GO_ON : FAILED;
	struct problem problem = { "the question comes first" };

	if (outlook == GO_ON)
		outlook = question_read(reception);
	if (outlook != GO_ON)
		return outlook;
	if (reception->question.kind == VIA_OFFER)
		return offer_take(reception);
	return reception->question.kind == VIA_REPORT
		   ? report_take(reception)
		   : say_no(reception, VIA_REFUSED, &problem);
}

void
receive_refuse(int out, const char *text)
{
	const struct via_answer hello = { .kind = VIA_HELLO,
		.version = VIA_VERSION,
		.now = (int64_t)time(NULL) };
	struct via_answer refused = { .kind = VIA_REFUSED };
	struct lines lines;
	struct buf line = { 0 };

	(void)snprintf(refused.text, sizeof(refused.text), "%s", text);
	via_answer_encode(&hello, &line);
	via_answer_encode(&refused, &line);
	lines_init(&lines, -1, out);
	(void)lines_write(&lines, SAY_MS, &line, NULL);
	lines_fini(&lines);
	buf_fini(&line);
}

bool
receive_run(const struct receive_wish *wish, int in, int out)
{
	struct reception reception = { .wish = wish };
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	enum outlook outlook;

	lines_init(&reception.lines, in, out);
	outlook = converse(&reception);
	via_question_fini(&reception.question);
	cert_unref(reception.leaf);
	lines_fini(&reception.lines);
	(void)signal(SIGPIPE, before);
	return outlook == DONE;
}
