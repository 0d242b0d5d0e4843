/* SPDX-License-Identifier: MIT */
/*
 * acme.sh's home, or the directory of --cert-home: DOMAIN/ or, with an ECDSA
 * key, DOMAIN_ecc/ is a lineage.  fullchain.cer in it is the chain, written in
 * place; DOMAIN.conf has the settings, of which those about renewals are
 * written behind the chain (acme.sh 3).
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"
#include "formats/assignment.h"

static const char ecc[] = "_ecc";

/* What else lies there, if it is the home. */
static bool
is_other(const char *entry)
{
	static const char *const names[] = { "account.conf", "acme.sh",
		"acme.sh.csh", "acme.sh.env", "acme.sh.log", "ca", "deploy",
		"dnsapi", "http.header", "notify" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(entry, names[i]) == 0)
			return true;
	return entry[0] == '.';
}

static char *
name_of(const char *entry, const char *path)
{
	return is_other(entry) ? NULL : source_name_directory(entry, path);
}

static enum status
acmesh_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	const char *path = source->path;
	return source_find(path, name_of, found, arg, problem);
}

/* Its settings; a value that only a shell knows makes the plan unknown. */
struct settings {
	struct renewal_plan *plan;
	bool is_complete; /* what acme.sh writes last is there */
	bool is_unknown;
	bool forces_new;
};

/* A number of bits, or "ec-" and the size of the curve. */
static void
length_take(const char *value, struct renewal_plan *plan)
{
	plan->has_key_type = value != NULL && value[0] != '\0';
	if (plan->has_key_type)
		plan->key_type = strncmp(value, "ec-", 3) == 0 ? KEY_ECDSA
							       : KEY_RSA;
}

/* Of the window that the CA suggests, or counted by acme.sh; or 0. */
static int64_t
seconds_of(const char *value)
{
	char *end;
	long long seconds;

	if (value == NULL || value[0] < '1' || value[0] > '9')
		return 0;
	seconds = strtoll(value, &end, 10);
	return *end == '\0' && seconds <= LIMIT_TIME ? seconds : 0;
}

static void
setting_take(const char *name, const char *value, void *arg)
{
	struct settings *settings = arg;
	struct renewal_plan *plan = settings->plan;

	if (strcmp(name, "Le_ForceNewDomainKey") == 0) {
		settings->is_unknown |= value == NULL;
		settings->forces_new = value != NULL && strcmp(value, "1") == 0;
	} else if (strcmp(name, "Le_NextRenewTime") == 0) {
		settings->is_complete = true;
		plan->renews = seconds_of(value);
	} else if (strcmp(name, "Le_Keylength") == 0) {
		length_take(value, plan);
	} else if (strcmp(name, "Le_API") == 0) {
		free(plan->server);
		plan->server = value != NULL && value[0] != '\0'
				   ? mem_string(value)
				   : NULL;
	}
}

/*
 * The key is reused unless the settings ask for a new one each time.  Where
 * there is none, the certificate is for a request of somebody else.
 */
static void
plan_fill(const char *directory, const char *domain, struct location *location)
{
	struct settings settings = { .plan = &location->plan };
	struct problem problem = { "" };
	struct buf text = { 0 };
	char *conf = mem_format("%s/%s.conf", directory, domain);
	char *key = mem_format("%s/%s.key", directory, domain);
	enum status status = file_read(
	    conf, LIMIT_RENEWAL_FILE, &text, NULL, &problem);

	paths_add(&location->watched, conf);
	if (status == STATUS_OK) {
		status = assignments_read(
		    text.data, text.len, setting_take, &settings, &problem);
		if (status != STATUS_OK)
			location->warning = mem_format(
			    "%s: %s; how it will be renewed is not known", conf,
			    problem.text);
	}
	location->plan.is_known = status == STATUS_OK && settings.is_complete &&
				  !settings.is_unknown &&
				  path_presence(key, NULL) == PRESENCE_YES;
	location->plan.reuse_key = location->plan.is_known &&
				   !settings.forces_new;
	buf_fini(&text);
	free(conf);
	free(key);
}

static char *
domain_of(const char *name)
{
	char *domain = source_stem(name, ecc);

	return domain != NULL ? domain : mem_string(name);
}

static enum status
acmesh_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	const char *path = source->path;
	enum status status = source_locate_in(
	    path, name, "fullchain.cer", name_of, ret_location, problem);
	char *directory;
	char *domain;

	(void)last;
	if (status != STATUS_OK)
		return status;
	directory = mem_format("%s/%s", path, name);
	domain = domain_of(name);
	source_add_public(ret_location, directory);
	plan_fill(directory, domain, ret_location);
	free(domain);
	free(directory);
	return STATUS_OK;
}

static char *
acmesh_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, NULL, role);
}

static char *
acmesh_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	(void)role;
	*ret_discover = false;
	return is_other(name) ? NULL : mem_string(name);
}

static char *
acmesh_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	char *domain = domain_of(name);
	char *key = mem_format("%s/%s/%s.key", source->path, name, domain);

	(void)file;
	free(domain);
	return key;
}

const struct source_ops source_acmesh = {
	.discover = acmesh_discover,
	.locate = acmesh_locate,
	.directory = acmesh_directory,
	.lineage_of = acmesh_lineage_of,
	.key_of = acmesh_key_of,
};
