/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/output.h"
#include "config/value.h"
#include "control/client.h"
#include "deploy/deploy.h"
#include "deploy/presents.h"
#include "deploy/reach.h"
#include "deploy/reload.h"
#include "deploy/wait.h"
#include "loop/log.h"
#include "net/origin.h"
#include "via/bare.h"
#include "via/send.h"

static bool
usage(const char *option, const char *text)
{
	(void)fprintf(stderr, "pdns-tlsa: deploy: %s: %s\n", option, text);
	return false;
}

static bool
number_read(const char *text, int base, unsigned long max, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, base);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
	       *ret <= max;
}

static bool
rights_read(const struct options *options, struct deploy_wish *wish)
{
	const struct passwd *user = options->owner != NULL
					? getpwnam(options->owner)
					: NULL;
	const struct group *group = options->group != NULL
					? getgrnam(options->group)
					: NULL;
	unsigned long number = 0;

	wish->has_owner = options->owner != NULL;
	wish->has_group = options->group != NULL;
	wish->has_mode = options->mode != NULL;
	if (user != NULL)
		wish->owner = user->pw_uid;
	else if (wish->has_owner &&
		 !number_read(options->owner, 10, UINT32_MAX - 1, &number))
		return usage("--owner", "no such user");
	else
		wish->owner = (uid_t)number;
	if (group != NULL)
		wish->group = group->gr_gid;
	else if (wish->has_group &&
		 !number_read(options->group, 10, UINT32_MAX - 1, &number))
		return usage("--group", "no such group");
	else
		wish->group = (gid_t)number;
	if (wish->has_mode && !number_read(options->mode, 8, 0777, &number))
		return usage("--mode", "must be octal, as 0640");
	if ((number & DEPLOY_NOT_OTHERS) != 0 && wish->has_mode)
		return usage("--mode", "must not let others write, as 0640");
	wish->mode = (mode_t)number;
	return true;
}

/* Tell the server, if there is a command for that. */
static bool
server_tell(const char *command, const char *lineage, const char *directory,
    struct problem *problem)
{
	if (command == NULL)
		return true;
	(void)setenv("PDNS_TLSA_LINEAGE", lineage, 1);
	(void)setenv("PDNS_TLSA_DIRECTORY", directory, 1);
	return reload_run(command, RELOAD_MAX_MS, problem);
}

/* Whom it is to be told, and what is asked of. */
struct telling {
	const struct options *options;
	const struct config *config;
	struct send_wish *via; /* NULL: the daemon that is here */
};

/* One name of the link for however it is written; free() it. */
static char *
place_name(const char *to)
{
	const char *slash = strrchr(to, '/');
	char *directory = path_directory(to);
	char *real = realpath(directory, NULL);
	char *name = mem_format("%s/%s", real != NULL ? real : directory,
	    slash != NULL ? slash + 1 : to);

	free(real);
	free(directory);
	return name;
}

/*
 * What servers present is what we deployed: the old leaf may go, in time. After
 * a run that was killed it is not known which server was told of what.
 */
static bool
daemon_tell(const struct telling *telling, const struct newest *newest,
    bool is_unsure, struct problem *problem)
{
	struct control_client *client;
	json_t *answer = NULL;
	bool is_known;
	char *place;

	if (control_client_new(telling->config->control, &client, problem) !=
	    STATUS_OK)
		return false;
	place = place_name(telling->options->to);
	answer = control_ask(client, "deployed",
	    json_pack("{s:s,s:s,s:i,s:o}", "lineage", newest->name, "leaf",
		newest->leaf, "unsure", is_unsure ? 1 : 0, "place",
		output_json_text(place)),
	    problem);
	free(place);
	is_known = json_is_true(answer);
	if (answer != NULL && !is_known)
		problem_set(problem,
		    "the daemon has no such generation of "
		    "lineage '%.200s'",
		    newest->name);
	json_decref(answer);
	control_client_free(client);
	return is_known;
}

static bool
deployed_tell(const struct telling *telling, const struct newest *newest,
    bool is_unsure, struct problem *problem)
{
	return telling->via != NULL
		   ? send_report(telling->via, newest, is_unsure, problem) ==
			 STATUS_OK
		   : daemon_tell(telling, newest, is_unsure, problem);
}

static int
failed(const struct problem *problem)
{
	log_line(LOG_LEVEL_ERROR, "%s", problem->text);
	return EXIT_FAILED;
}

/* With the old generation in place again, which the server knows. */
static int
undo(struct deployment *deployment, const struct options *options,
    const struct newest *newest, const char *why)
{
	struct problem problem = { "" };

	log_line(LOG_LEVEL_ERROR, "lineage '%s': %s", newest->name, why);
	if (!deploy_roll_back(deployment, &problem))
		return failed(&problem);
	log_line(LOG_LEVEL_ERROR, "lineage '%s': '%s' is as it was before",
	    newest->name, deployment->place.to);
	if (deployment->record.link == NULL)
		return EXIT_FAILED;
	if (!server_tell(
		options->reload, newest->name, deployment->place.to, &problem))
		log_line(LOG_LEVEL_ERROR,
		    "lineage '%s': nor does the reload work now: %s",
		    newest->name, problem.text);
	else if (!deploy_confirm(deployment, options->reload != NULL, &problem))
		return failed(&problem);
	return EXIT_FAILED;
}

/* Read HOST:PORT; `host` is a copy, free() it. */
static bool
target_read(const char *text, char **ret_host, uint16_t *ret_port)
{
	const char *colon = strrchr(text, ':');
	bool is_quoted = text[0] == '[' && colon != NULL && colon[-1] == ']';
	const char *host = text + is_quoted;
	unsigned long port;
	size_t len;

	if (colon == NULL || colon == text ||
	    !number_read(colon + 1, 10, UINT16_MAX, &port) || port == 0)
		return false;
	len = (size_t)(colon - host) - is_quoted;
	if (len == 0 || strcspn(host, " \t[]/") < len)
		return false;
	*ret_host = mem_copy(host, len);
	*ret_port = (uint16_t)port;
	return true;
}

/* Return false if another certificate is presented, or none. */
static bool
target_verify(
    const struct newest *newest, const char *host, uint16_t port, bool is_named)
{
	const struct cert *leaf = newest->chain->leaf;
	struct problem problem = { "" };
	enum presents seen = probe_presents(host, port,
	    leaf->part[CERT_SELECTOR_CERT].sha256,
	    leaf->key_algorithm == KEY_RSA ? KEY_RSA : KEY_ECDSA, is_named,
	    &problem);

	if (seen == PRESENTS_OTHER || seen == PRESENTS_BROKEN)
		log_line(LOG_LEVEL_ERROR, "lineage '%s': %s", newest->name,
		    problem.text);
	else if (seen == PRESENTS_NOTHING)
		log_line(LOG_LEVEL_WARNING,
		    "lineage '%s': what is presented cannot be seen: %s",
		    newest->name, problem.text);
	return seen != PRESENTS_OTHER && seen != PRESENTS_BROKEN;
}

/*
 * Does the server present it now?  Without a command to reload it nobody knows
 * when it will: then only what was named is looked at.
 */
static bool
deploy_verify(const struct deploy_wish *wish, const struct options *options,
    const struct newest *newest)
{
	struct reach reach;
	char *host = NULL;
	uint16_t port;
	bool is_good = true;

	if (options->verify != NULL) {
		if (target_read(options->verify, &host, &port))
			is_good = target_verify(newest, host, port, true);
		free(host);
		return is_good;
	}
	if (options->no_verify || options->reload == NULL)
		return true;
	reach_find(wish->config, newest, &reach);
	for (size_t i = 0; i < reach.count && is_good; i++)
		if (reach.list[i].port.transport == TRANSPORT_TCP)
			is_good = target_verify(newest, reach.list[i].host,
			    reach.list[i].port.number, false);
	reach_fini(&reach);
	return is_good;
}

/* Have it loaded, and look: `why` says what went wrong. */
static bool
deploy_load(const struct deploy_wish *wish, const struct options *options,
    const struct newest *newest, struct problem *why)
{
	void (*before)(int);
	bool is_good;

	if (!server_tell(options->reload, newest->name, wish->to, why)) {
		problem_prefix(why, "the reload failed");
		return false;
	}
	/* A server may close a connection; commands inherit nothing of it. */
	before = signal(SIGPIPE, SIG_IGN);
	is_good = deploy_verify(wish, options, newest);
	(void)signal(SIGPIPE, before);
	if (!is_good)
		problem_set(why, "the server does not present it");
	return is_good;
}

/* Under the lock of the place: install, have it loaded, or go back. */
static int
deploy_there(const struct deploy_wish *wish, const struct telling *telling,
    const struct newest *newest, struct deployment *deployment)
{
	const struct options *options = telling->options;
	struct problem problem = { "" };
	struct problem why = { "" };

	if (deploy_install(wish, newest, deployment, &problem) != STATUS_OK)
		return failed(&problem);
	/* What was named is looked at each time. */
	if (!deployment->is_due && options->verify != NULL)
		deployment->is_due = !deploy_verify(wish, options, newest);
	if (!deployment->is_due)
		log_line(LOG_LEVEL_NOTICE, "lineage '%s': is deployed already",
		    newest->name);
	else if (!deploy_load(wish, options, newest, &why))
		return undo(deployment, options, newest, why.text);
	else if (!deploy_confirm(deployment, options->reload != NULL, &problem))
		return failed(&problem);
	if (!deployed_tell(telling, newest, deployment->is_resumed, &problem) ||
	    !deploy_clean(deployment, &problem))
		return failed(&problem);
	return EXIT_OK;
}

/* One that cannot be told is being written, and told of when it is there. */
static bool
is_renewed(const struct deploy_wish *wish, const struct newest *newest)
{
	struct newest now;
	bool is_other;

	if (newest_find(wish->config, newest->name, true, &now, NULL) !=
	    STATUS_OK)
		return false;
	is_other = strcmp(now.leaf, newest->leaf) != 0;
	newest_fini(&now);
	return is_other;
}

/*
 * Wait for the lock of the place: what is newest may be another one behind it,
 * or while it was told, and may come while it is deployed; systemd starts no
 * second run for that while there is one.  *ret_again: then it has to be waited
 * for.
 */
static int
deploy_run(const struct deploy_wish *wish, const struct telling *telling,
    const struct newest *newest, bool *ret_again)
{
	struct deployment deployment;
	struct newest now;
	struct problem problem = { "" };
	int status = EXIT_OK;

	if (deploy_begin(wish, newest->name, &deployment, &problem) !=
	    STATUS_OK)
		return failed(&problem);
	if (newest_find(wish->config, newest->name, true, &now, &problem) !=
	    STATUS_OK) {
		status = failed(&problem);
	} else {
		*ret_again = strcmp(now.leaf, newest->leaf) != 0;
		newest_fini(&now);
	}
	if (status == EXIT_OK && !*ret_again) {
		status = deploy_there(wish, telling, newest, &deployment);
		*ret_again = status == EXIT_OK && is_renewed(wish, newest);
	}
	deployment_fini(&deployment);
	return status;
}

static bool
verify_is_good(const struct options *options)
{
	char *host = NULL;
	uint16_t port;
	bool is_good = options->verify == NULL ||
		       target_read(options->verify, &host, &port);

	free(host);
	if (!is_good)
		return usage("--verify", "must be HOST:PORT");
	if (options->verify != NULL && options->no_verify)
		return usage("--verify", "contradicts --no-verify");
	return true;
}

/* As a setting that is missing gives it; it would pass for one that works. */
static bool
reload_is_good(const struct options *options)
{
	return options->reload == NULL || options->reload[0] != '\0' ||
	       usage("--reload",
		   "is empty; name a command ('true' does nothing)");
}

/*
 * Read --via; *ret_destination (NULL: there is none) is to be freed.  An empty
 * one is none, as a setting that is missing gives it.
 */
static bool
via_read(const struct options *options, char **ret_destination)
{
	struct problem problem = { "" };

	*ret_destination = NULL;
	if (options->via == NULL || options->via[0] == '\0')
		return true;
	if (options->trust_anchor != NULL || options->root_hints != NULL ||
	    options->forward != NULL)
		return usage("--via",
		    "looks nothing up here; give --trust-anchor, --root-hints "
		    "and --forward to 'receive' there");
	return send_parse(options->via, ret_destination, &problem) ||
	       usage("--via", problem.text);
}

/* Who has another host publish it may do without a configuration. */
static struct config *
config_find(const struct options *options, bool is_via)
{
	struct problem problem = { "" };
	struct config *config = NULL;

	if (!is_via || options->has_config ||
	    access(options->config, F_OK) == 0 || errno != ENOENT)
		return command_load_kept(options, NULL);
	if (bare_config(options->operands[0], &config, &problem) != STATUS_OK)
		(void)failed(&problem);
	return config;
}

static enum status
safe_wait(const struct wait_wish *wait, const struct telling *telling,
    struct newest *newest, struct problem *problem)
{
	return telling->via != NULL
		   ? send_until_safe(telling->via, newest, problem)
		   : wait_until_safe(wait, newest, problem);
}

static int
deploy_newest(const struct deploy_wish *wish, const struct wait_wish *wait,
    const struct telling *telling)
{
	struct problem problem = { "" };
	struct newest newest;
	bool is_again = true;
	int status = EXIT_FAILED;

	while (is_again) {
		is_again = false;
		if (safe_wait(wait, telling, &newest, &problem) == STATUS_OK) {
			status = deploy_run(wish, telling, &newest, &is_again);
			newest_fini(&newest);
		} else {
			status = failed(&problem);
		}
	}
	return status;
}

int
command_deploy(const struct options *options)
{
	struct deploy_wish wish = { .adopts = options->adopts,
		.instead_of = options->instead_of,
		.reloads = options->reload != NULL };
	struct origin origin;
	struct config *config;
	struct problem problem = { "" };
	struct wait_wish wait = { .see = options->is_servers ? SIGHT_SERVERS
							     : SIGHT_DEFAULT,
		.origin = &origin.resolver,
		.as_owner = true };
	struct send_wish via = { .is_servers = options->is_servers };
	struct telling telling = { .options = options };
	char *to = NULL;
	char *destination = NULL;
	int status = EXIT_FAILED;

	if (!command_operand(options, "the name of a lineage") ||
	    !command_end(options, &wait.end))
		return EXIT_USAGE;
	if (options->to == NULL)
		return usage("--to", "is missing") ? 0 : EXIT_USAGE;
	if (!value_path(options->to, &to, &problem))
		return usage("--to", problem.text) ? 0 : EXIT_USAGE;
	if (!reload_is_good(options) || !verify_is_good(options) ||
	    !rights_read(options, &wish) || !origin_read(options, &origin) ||
	    !via_read(options, &destination)) {
		free(to);
		return EXIT_USAGE;
	}
	config = config_find(options, destination != NULL);
	wish.config = wait.config = via.config = telling.config = config;
	wish.to = to;
	wish.end = via.end = wait.end;
	wait.lineage = via.lineage = options->operands[0];
	via.destination = destination;
	telling.via = destination != NULL ? &via : NULL;
	if (config != NULL)
		status = deploy_newest(&wish, &wait, &telling);
	config_free(config);
	free(destination);
	free(to);
	return status;
}
