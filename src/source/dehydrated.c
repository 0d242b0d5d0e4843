/* SPDX-License-Identifier: MIT */
/*
 * dehydrated's base directory: certs/NAME/fullchain.pem, a link to
 * fullchain-TIME.pem beside it, is the chain of the lineage NAME.  A generation
 * is complete before the links are exchanged, and waits for that while the
 * hook sync_cert runs (dehydrated 0.7).
 */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#include "base/installed.h"
#include "base/limit.h"
#include "base/mem.h"
#include "entries.h"
#include "formats/assignment.h"
#include "generations.h"

static const char below[] = "certs";

static enum status
dehydrated_discover(const struct config_source *source,
    void (*found)(const char *name, void *arg), void *arg,
    struct problem *problem)
{
	char *directory = source_directory(source->path, below, ROLE_LINEAGES);
	enum status status = source_find(
	    directory, source_name_directory, found, arg, problem);

	free(directory);
	return status;
}

/* What counts of its configuration. */
enum setting {
	BASEDIR,
	CONFIG_D,
	DOMAINS_D,
	PRIVATE_KEY_RENEW,
	PRIVATE_KEY_ROLLOVER,
	KEY_ALGO,
	CA,
	SETTINGS,
};

struct settings {
	char *value[SETTINGS]; /* NULL: not set, or only a shell knows */
	bool is_unknown[SETTINGS];
};

static void
setting_take(const char *name, const char *value, void *arg)
{
	static const char *const names[SETTINGS] = {
		[BASEDIR] = "BASEDIR",
		[CONFIG_D] = "CONFIG_D",
		[DOMAINS_D] = "DOMAINS_D",
		[PRIVATE_KEY_RENEW] = "PRIVATE_KEY_RENEW",
		[PRIVATE_KEY_ROLLOVER] = "PRIVATE_KEY_ROLLOVER",
		[KEY_ALGO] = "KEY_ALGO",
		[CA] = "CA",
	};
	struct settings *settings = arg;

	for (int i = 0; i < SETTINGS; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		free(settings->value[i]);
		settings->value[i] = value != NULL && value[0] != '\0'
					 ? mem_string(value)
					 : NULL;
		settings->is_unknown[i] = value == NULL;
	}
}

static void
settings_fini(struct settings *settings)
{
	for (int i = 0; i < SETTINGS; i++)
		free(settings->value[i]);
	*settings = (struct settings){ 0 };
}

static bool
setting_is(const struct settings *settings, enum setting setting,
    const char *value, const char *preset)
{
	const char *set = settings->value[setting];

	return !settings->is_unknown[setting] &&
	       strcmp(set != NULL ? set : preset, value) == 0;
}

/* Read one file; a change of it concerns the lineage. */
static enum status
settings_read(
    struct settings *settings, const char *file, struct location *location)
{
	struct problem problem = { "" };
	struct buf text = { 0 };
	enum status status = file_read(
	    file, LIMIT_RENEWAL_FILE, &text, NULL, &problem);

	paths_add(&location->watched, file);
	if (status == STATUS_OK)
		status = assignments_read(
		    text.data, text.len, setting_take, settings, &problem);
	buf_fini(&text);
	return status;
}

static void
script_found(const char *name, const char *path, void *arg)
{
	char *stem = source_stem(name, ".sh");

	if (stem != NULL)
		paths_add(arg, path);
	free(stem);
}

/* The files of CONFIG_D, each after the other. */
static enum status
settings_read_more(struct settings *settings, struct location *location)
{
	char *directory = settings->value[CONFIG_D];
	struct paths scripts = { 0 };
	enum status status = STATUS_OK;
	char *inside;

	if (settings->is_unknown[CONFIG_D])
		return STATUS_MALFORMED;
	if (directory == NULL)
		return STATUS_OK;
	inside = mem_format("%s/", directory);
	paths_add(&location->watched, inside);
	status = source_list(
	    directory, LIMIT_ENTRIES, script_found, &scripts, NULL);
	paths_sort(&scripts, 0);
	for (size_t i = 0; status == STATUS_OK && i < scripts.count; i++)
		status = settings_read(settings, scripts.list[i], location);
	paths_fini(&scripts);
	free(inside);
	return status;
}

/* A configuration is that of its BASEDIR, by default its own directory. */
static bool
is_config_of(
    const struct settings *settings, const char *config, const char *path)
{
	char *own = path_directory(config);
	const char *base = settings->value[BASEDIR];
	size_t len = strlen(path);
	bool is;

	if (base == NULL)
		base = own;
	is = !settings->is_unknown[BASEDIR] && strncmp(base, path, len) == 0 &&
	     (base[len] == '\0' || strcmp(base + len, "/") == 0);
	free(own);
	return is;
}

/*
 * dehydrated's own order of places is another one, but one that is not for
 * this directory does not count.  Returns false if it cannot be told how
 * dehydrated is configured.
 */
static bool
settings_load(
    struct settings *settings, const char *path, struct location *location)
{
	char *own = mem_format("%s/config", path);
	const char *const files[] = { installed_dehydrated, own };
	enum status status = STATUS_ABSENT;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		settings_fini(settings);
		status = settings_read(settings, files[i], location);
		if (status == STATUS_OK &&
		    !is_config_of(settings, files[i], path))
			status = STATUS_ABSENT;
		if (status != STATUS_ABSENT)
			break;
	}
	free(own);
	return status == STATUS_OK &&
	       settings_read_more(settings, location) == STATUS_OK;
}

/* A lineage may have settings of its own. */
static bool
settings_load_own(struct settings *settings, const char *directory,
    const char *name, struct location *location)
{
	char *file = settings->value[DOMAINS_D] != NULL
			 ? mem_format("%s/%s", settings->value[DOMAINS_D], name)
			 : mem_format("%s/config", directory);
	enum status status = settings->is_unknown[DOMAINS_D]
				 ? STATUS_MALFORMED
				 : settings_read(settings, file, location);

	free(file);
	return status == STATUS_OK || status == STATUS_ABSENT;
}

/* The names that dehydrated has for ACME directories; others are URLs. */
static char *
server_of(const struct settings *settings)
{
	static const char *const presets[][2] = {
		{ "letsencrypt",
		    "https://acme-v02.api.letsencrypt.org/directory" },
		{ "letsencrypt-test",
		    "https://acme-staging-v02.api.letsencrypt.org/directory" },
		{ "zerossl", "https://acme.zerossl.com/v2/DV90" },
		{ "buypass", "https://api.buypass.com/acme/directory" },
		{ "buypass-test",
		    "https://api.test4.buypass.no/acme/directory" },
	};
	const char *ca = settings->value[CA];

	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (setting_is(settings, CA, presets[i][0], "letsencrypt"))
			return mem_string(presets[i][1]);
	return ca != NULL && strncmp(ca, "https://", 8) == 0 ? mem_string(ca)
							     : NULL;
}

/* The algorithm of a key that will be made; its preset changed in 0.7. */
static void
type_fill(const struct settings *settings, struct renewal_plan *plan)
{
	static const struct {
		const char *text;
		enum key_algorithm algorithm;
	} types[] = { { "rsa", KEY_RSA }, { "prime256v1", KEY_ECDSA },
		{ "secp384r1", KEY_ECDSA } };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!setting_is(settings, KEY_ALGO, types[i].text, ""))
			continue;
		plan->has_key_type = true;
		plan->key_type = types[i].algorithm;
	}
}

static void
plan_fill(const char *path, const char *directory, const char *name,
    struct location *location)
{
	struct renewal_plan *plan = &location->plan;
	struct settings settings = { 0 };
	char *key = mem_format("%s/privkey.pem", directory);
	bool is_read = settings_load(&settings, path, location) &&
		       settings_load_own(&settings, directory, name, location);
	bool renews = setting_is(&settings, PRIVATE_KEY_RENEW, "yes", "yes");

	if (is_read) {
		/* Without a key, a hook supplies the request for one. */
		plan->is_known = path_presence(key, NULL) == PRESENCE_YES &&
				 (renews ||
				     setting_is(&settings, PRIVATE_KEY_RENEW,
					 "no", "yes"));
		plan->reuse_key = plan->is_known && !renews;
		plan->server = server_of(&settings);
	}
	/* The key that was rolled in advance has its own algorithm. */
	if (is_read && renews &&
	    setting_is(&settings, PRIVATE_KEY_ROLLOVER, "no", "no"))
		type_fill(&settings, plan);
	settings_fini(&settings);
	free(key);
}

static enum status
dehydrated_locate(const struct config_source *source, const char *name,
    const char *last, struct location *ret_location, struct problem *problem)
{
	const char *path = source->path;
	/* A key there is not: it may be one for all of them. */
	static const char *const others[] = { "cert-", "chain-", NULL };
	char *all = source_directory(path, below, ROLE_LINEAGES);
	char *directory = mem_format("%s/%s", all, name);
	enum status status = source_locate_in(
	    all, name, "fullchain.pem", NULL, ret_location, problem);

	(void)last;
	if (status == STATUS_OK) {
		source_add_generations(ret_location, "fullchain-", others);
		source_add_public(ret_location, directory);
		plan_fill(path, directory, name, ret_location);
	}
	free(directory);
	free(all);
	return status;
}

static char *
dehydrated_directory(const struct config_source *source, enum source_role role)
{
	return source_directory(source->path, below, role);
}

static char *
dehydrated_lineage_of(const struct config_source *source, enum source_role role,
    const char *name, bool *ret_discover)
{
	(void)source;
	*ret_discover = role == ROLE_ROOT && strcmp(name, below) == 0;
	return role == ROLE_LINEAGES && name[0] != '.' ? mem_string(name)
						       : NULL;
}

/* A generation without a key of its own has that of the one before. */
static char *
dehydrated_key_of(
    const struct config_source *source, const char *name, const char *file)
{
	char *key = source_sibling(file, "fullchain", "privkey");

	if (key == NULL || path_presence(key, NULL) == PRESENCE_NO) {
		free(key);
		key = mem_format(
		    "%s/%s/%s/privkey.pem", source->path, below, name);
	}
	return key;
}

const struct source_ops source_dehydrated = {
	.discover = dehydrated_discover,
	.locate = dehydrated_locate,
	.directory = dehydrated_directory,
	.lineage_of = dehydrated_lineage_of,
	.key_of = dehydrated_key_of,
};
