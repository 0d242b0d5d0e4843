/* SPDX-License-Identifier: MIT */
#include "deploy/wait.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/output.h"
#include "config/value.h"
#include "control/client.h"
#include "deploy/progress.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "sighting.h"

enum {
	POLL = 500,        /* milliseconds between two looks */
	PATIENCE = 300000, /* milliseconds for a daemon to come back */
	LOOK = 2000,       /* milliseconds between two at the name servers */
};

struct wait {
	const struct wait_wish *wish;
	struct progress progress;
	struct control_client *client; /* NULL: lost it */
	int64_t heard;                 /* when the daemon last answered */
	struct newest newest;
	struct texts see;   /* owner names that are judged by sight */
	struct texts alone; /* and those that are not; both are settled */
	/* Where each service has to be seen now, whatever is remembered: */
	struct texts confirmed;
	bool is_unconfirmed; /* some service is not in it */
	bool is_unreached;   /* look-ups need not be tried here */
	int64_t looked;      /* at the name servers; loop_now() */
	const char *state;   /* why not yet */
	int64_t remaining;   /* seconds until safe; 0: nobody knows */
	char reason[512];
};

/* Tell who waits; false: he does so no more. */
static bool
progress_tell(struct wait *wait)
{
	const struct wait_wish *wish = wait->wish;

	if (wish->tell != NULL)
		return wish->tell(wish->arg, wait->remaining, wait->state);
	progress_show(&wait->progress, wait->remaining, wait->state,
	    wait->state == wait->reason);
	return true;
}

/* The text of a key; NULL: it has none. */
static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* What the daemon says of the lineage in the source where we found it. */
static json_t *
answer_find(const struct wait *wait, const json_t *list)
{
	const char *path = wait->wish->config->sources[wait->newest.source]
			       .path;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		const char *source = text_of(item, "source");

		if (source != NULL && strcmp(source, path) == 0)
			return item;
	}
	return NULL;
}

/*
 * Where the daemon knows of another lineage of the name, one of the two is
 * absent here, perhaps for a moment: nobody knows which is meant.
 */
static bool
is_only_one(struct wait *wait, const json_t *list)
{
	const char *path = wait->wish->config->sources[wait->newest.source]
			       .path;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *source = text_of(item, "source");

		if (source == NULL || strcmp(source, path) == 0 ||
		    json_is_true(json_object_get(item, "deleted")))
			continue;
		(void)snprintf(wait->reason, sizeof(wait->reason),
		    "the daemon has one of that name in '%s', too, which "
		    "cannot be found there now: if it is gone for good, "
		    "remove it as pdns-tlsa.yaml(5) says, or that source",
		    source);
		wait->state = wait->reason;
		return false;
	}
	return true;
}

/* Is it about what we found?  False: the state says why not. */
static bool
answer_is_ours(struct wait *wait, const json_t *answer)
{
	const char *leaf = text_of(answer, "leaf");
	const char *problem = text_of(answer, "problem");

	if (problem != NULL) {
		(void)snprintf(wait->reason, sizeof(wait->reason),
		    "the daemon cannot use it: %s", problem);
		wait->state = wait->reason;
		return false;
	}
	/* certbot runs its hook before the daemon has looked. */
	if (leaf == NULL || strcmp(leaf, wait->newest.leaf) != 0) {
		wait->state = "the daemon has not read it yet";
		return false;
	}
	return true;
}

static bool
client_is_there(struct wait *wait, struct problem *problem)
{
	return wait->client != NULL ||
	       control_client_new(wait->wish->config->control, &wait->client,
		   problem) == STATUS_OK;
}

/* An answer came, or NULL: none, and none will. */
static json_t *
answer_came(struct wait *wait, json_t *answer)
{
	if (answer != NULL) {
		wait->heard = loop_now();
	} else {
		control_client_free(wait->client);
		wait->client = NULL;
	}
	return answer;
}

/* An answer of the daemon, new; NULL: there is none. */
static json_t *
ask(struct wait *wait, const char *method, json_t *parameters,
    struct problem *problem)
{
	if (!client_is_there(wait, problem)) {
		json_decref(parameters);
		return NULL;
	}
	return answer_came(
	    wait, control_ask(wait->client, method, parameters, problem));
}

/* The daemon counts from now on. */
static void
seen_tell(struct wait *wait, const char *owner, const struct texts *rrset)
{
	struct problem problem;

	/* What is lost here is seen again. */
	json_decref(ask(wait, "seen",
	    json_pack(
		"{s:s,s:o}", "owner", owner, "list", output_json_texts(rrset)),
	    &problem));
}

/* It shows to others what was seen. */
static void
servers_tell(struct wait *wait, const struct sighting *sighting)
{
	struct problem problem;

	/* An earlier daemon does not know the question, and is asked again. */
	if (sighting->zone != NULL)
		json_decref(ask(wait, "servers",
		    json_pack("{s:s,s:O}", "zone", sighting->zone, "list",
			sighting->servers),
		    &problem));
}

/* Nobody said that it is to be seen, so it need not be. */
static bool
is_optional(const struct wait *wait, const json_t *service)
{
	return wait->wish->see == SIGHT_DEFAULT &&
	       json_is_null(json_object_get(service, "see"));
}

static bool
is_by_sight(const struct wait *wait, const json_t *service)
{
	const char *see = text_of(service, "see");

	return wait->wish->see == SIGHT_SERVERS || is_optional(wait, service) ||
	       (see != NULL &&
		   strcmp(see, value_sight_text(SIGHT_SERVERS)) == 0);
}

/* What a look at the name servers means for the service. */
static void
sighting_use(struct wait *wait, const struct sighting *sighting,
    const char *owner, bool is_optional)
{
	if (is_optional && sighting->sighted == SIGHTED_LOST)
		log_line(LOG_LEVEL_WARNING,
		    "lineage '%s': %s; its name servers are not asked, the "
		    "hold time counts from the publication",
		    wait->newest.name, sighting->problem.text);
	if (is_optional &&
	    (sighting->sighted == SIGHTED_LOST || sighting->hosts == 1)) {
		texts_add(&wait->alone, owner);
		wait->is_unreached |= sighting->is_unreached;
		return;
	}
	texts_add(&wait->see, owner);
	for (size_t i = 0; i < sighting->silent.count; i++)
		log_line(LOG_LEVEL_WARNING,
		    "lineage '%s': %s; is not waited for", wait->newest.name,
		    sighting->silent.list[i]);
	if (sighting->sighted == SIGHTED_ALL) {
		texts_add(&wait->confirmed, owner);
		seen_tell(wait, owner, &sighting->rrset);
		return;
	}
	(void)snprintf(
	    wait->reason, sizeof(wait->reason), "%s", sighting->problem.text);
	wait->state = wait->reason;
}

static bool
is_confirmed(const struct wait *wait, const char *owner)
{
	return wait->wish->see != SIGHT_SERVERS ||
	       texts_has(&wait->confirmed, owner);
}

/* An own zone of which the configuration has one name server: ours. */
static bool
is_alone(const struct wait *wait, const char *owner)
{
	const struct config *config = wait->wish->config;
	struct dname dname;

	if (dname_parse(owner, strlen(owner), &dname) != STATUS_OK)
		return false;
	for (size_t i = 0; i < config->zone_count; i++)
		if (dname_is_within(&dname, &config->zones[i].dname))
			return config->zones[i].nameserver_count == 1;
	return false;
}

/* Returns true if the daemon may give another answer now. */
static bool
service_look(struct wait *wait, const json_t *service)
{
	const char *owner = text_of(service, "owner");
	struct sighting_wish wish = {
		.newest = &wait->newest,
		.origin = wait->wish->origin,
		.host = text_of(service, "host"),
		.port = (unsigned)json_integer_value(
		    json_object_get(service, "port")),
		.transport = text_of(service, "transport"),
		.owner = owner,
		.former = text_of(service, "former"),
		.is_lenient = is_optional(wait, service),
	};
	struct sighting sighting;
	bool is_settled;
	bool is_new = false;

	if (owner == NULL || wish.host == NULL || wish.transport == NULL ||
	    !is_by_sight(wait, service) || texts_has(&wait->alone, owner) ||
	    !json_is_true(json_object_get(service, "published")))
		return false;
	/* Who wants no hold time waits for no name server either. */
	if (wish.is_lenient &&
	    (is_alone(wait, owner) || wait->is_unreached ||
		json_integer_value(json_object_get(service, "hold")) == 0)) {
		texts_add(&wait->alone, owner);
		return false;
	}
	is_settled = texts_has(&wait->see, owner);
	if (json_is_true(json_object_get(service, "seen")) &&
	    is_confirmed(wait, owner)) {
		texts_add(&wait->see, owner);
		return !is_settled;
	}
	if (!is_settled || loop_now() >= wait->looked + LOOK) {
		sighting_take(&wish, &sighting);
		servers_tell(wait, &sighting);
		sighting_use(
		    wait, &sighting, owner, is_optional(wait, service));
		sighting_fini(&sighting);
		is_new = true;
	}
	wait->is_unconfirmed |= !is_confirmed(wait, owner);
	return is_new;
}

static bool
services_look(struct wait *wait, const json_t *answer)
{
	const json_t *services = json_object_get(answer, "services");
	bool is_other = false;

	wait->is_unconfirmed = false;
	for (size_t i = 0; i < json_array_size(services); i++)
		is_other |= service_look(wait, json_array_get(services, i));
	if (is_other)
		wait->looked = loop_now();
	return is_other;
}

/* Take over what the daemon says; STATUS_OK: it is safe. */
static enum status
answer_use(struct wait *wait, const json_t *answer)
{
	if (!json_is_true(json_object_get(answer, "published")))
		wait->state = "nothing that is published matches it";
	wait->remaining = json_integer_value(
	    json_object_get(answer, "remaining"));
	return json_is_true(json_object_get(answer, "safe")) &&
		       !wait->is_unconfirmed
		   ? STATUS_OK
		   : STATUS_BUSY;
}

/*
 * Ask the daemon; if the name servers have to be asked first, once more behind
 * that.  STATUS_BUSY: not safe yet; STATUS_IO with `problem`: no answer.
 */
static enum status
safety_ask(struct wait *wait, bool may_look, struct problem *problem)
{
	json_t *list;
	const json_t *answer;
	enum status status = STATUS_BUSY;
	bool is_other = false;

	if (!client_is_there(wait, problem))
		return STATUS_IO;
	list = answer_came(
	    wait, control_ask_safety(wait->client, wait->newest.name,
		      output_json_texts(&wait->see), problem));
	if (list == NULL)
		return STATUS_IO;
	answer = answer_find(wait, list);
	if (is_only_one(wait, list) && answer_is_ours(wait, answer)) {
		is_other = may_look && services_look(wait, answer);
		if (!is_other)
			status = answer_use(wait, answer);
	}
	json_decref(list);
	return is_other ? safety_ask(wait, false, problem) : status;
}

/* Look once: STATUS_OK if it is safe, STATUS_BUSY if it is not yet.  A daemon
 * that was there may be away for a restart: a hold is longer than that. */
static enum status
wait_look(struct wait *wait, struct problem *problem)
{
	enum status status;

	newest_fini(&wait->newest);
	status = newest_find(wait->wish->config, wait->wish->lineage,
	    wait->wish->as_owner, &wait->newest, problem);
	if (status != STATUS_OK)
		return status;
	wait->remaining = 0;
	wait->state = wait->reason;
	status = safety_ask(wait, true, problem);
	if (status != STATUS_IO)
		return status;
	if (wait->heard == 0 || loop_now() > wait->heard + PATIENCE)
		return STATUS_IO;
	wait->state = "the daemon does not answer any more";
	return STATUS_BUSY;
}

static void
problem_describe(const struct wait *wait, struct problem *problem)
{
	if (wait->remaining > 0)
		problem_set(problem,
		    "lineage '%.200s': not yet safe to serve, in %lld s",
		    wait->wish->lineage, (long long)wait->remaining);
	else
		problem_set(problem,
		    "lineage '%.200s': not yet safe to serve: %s",
		    wait->wish->lineage, wait->state);
}

enum status
wait_until_safe(const struct wait_wish *wish, struct newest *ret_newest,
    struct problem *problem)
{
	const struct timespec pause = { .tv_nsec = POLL * 1000000L };
	/* A name server may close a connection that ldns writes to. */
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct wait wait = { .wish = wish };
	enum status status;

	progress_begin(&wait.progress, wish->lineage);
	while ((status = wait_look(&wait, problem)) == STATUS_BUSY &&
	       loop_now() < wish->end && progress_tell(&wait))
		(void)nanosleep(&pause, NULL);
	if (wish->tell == NULL)
		progress_end(&wait.progress);
	control_client_free(wait.client);
	texts_fini(&wait.see);
	texts_fini(&wait.alone);
	texts_fini(&wait.confirmed);
	(void)signal(SIGPIPE, before);
	if (status == STATUS_OK) {
		*ret_newest = wait.newest;
		return status;
	}
	if (status == STATUS_BUSY)
		problem_describe(&wait, problem);
	newest_fini(&wait.newest);
	return status;
}
