/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/chain_file.h"
#include "loop/log.h"
#include "pace.h"
#include "pki/next_key.h"
#include "policy/learn.h"

enum { SHA256_LEN = 32 };

/* Milliseconds. */
enum {
	GROWING = 50,  /* between looks at a chain that may grow */
	STAGED = 1000, /* before a generation counts as staged */
};

/* Only matching types 0 and 2 need more than SHA-256 digests. */
static bool
policy_needs_all(const struct policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (policy->records[i].matching != 1)
			return true;
	return false;
}

static bool
needs_all(const struct config *config)
{
	for (size_t i = 0; i < config->service_count; i++)
		if (policy_needs_all(&config->services[i].policy))
			return true;
	return config->discover.host_count > 0 &&
	       policy_needs_all(&config->defaults);
}

void
loader_init(struct loader *loader, const struct config *config,
    struct ca_pool *pool, struct store *store, const struct scan_hooks *hooks)
{
	*loader = (struct loader){ .config = config,
		.pool = pool,
		.store = store,
		.hooks = hooks,
		.keep_all = needs_all(config) };
	trie_init(&loader->unknown_issuers, NULL);
}

void
loader_fini(struct loader *loader)
{
	trie_fini(&loader->unknown_issuers);
}

int64_t
loader_now(const struct loader *loader)
{
	return loader->hooks->now(loader->hooks->arg);
}

const struct lineage *
load_lineage(const struct loader *loader, const struct load *load)
{
	return store_lineage(loader->store, load->source, load->name);
}

/*
 * A file changed a moment ago may still be written to, and an event of that
 * may be under way.
 */
static bool
is_fresh(const struct fingerprint *print, int64_t milliseconds)
{
	struct timespec now;
	int64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	age = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - print->modified;
	return age >= 0 && age < milliseconds * INT64_C(1000000);
}

/* Whatever it was, it does not linger. */
static void
text_forget(struct buf *text)
{
	if (text->data != NULL)
		explicit_bzero(text->data, text->room);
	buf_fini(text);
}

static void
log_loaded(const struct load *load, const struct chain *chain, bool known,
    bool backwards)
{
	const struct cert *leaf = chain->leaf;
	time_t not_after = (time_t)leaf->not_after;
	char until[32];
	struct tm tm;

	(void)strftime(
	    until, sizeof(until), "%Y-%m-%d", gmtime_r(&not_after, &tm));
	log_line(LOG_LEVEL_NOTICE,
	    "lineage '%s': %s, leaf by '%s' until %s, %zu CA certificates",
	    load->name, known ? "renewed" : "new", leaf->issuer, until,
	    chain->ca_count);
	if (backwards)
		log_line(LOG_LEVEL_WARNING,
		    "lineage '%s': went back to an older certificate; the "
		    "newer one stays published as well, until the store has a "
		    "newer one again",
		    load->name);
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
load_past(const struct loader *loader, const struct load *load,
    const struct location *location)
{
	int64_t now = loader_now(loader);
	int64_t retain = store_retain_max(loader->store);
	const char *newer = location->target;

	for (size_t i = 0; i < location->past.count; i++) {
		const char *file = location->past.list[i];
		int64_t replaced = file_time(newer);
		struct chain *chain = NULL;
		struct buf text = { 0 };

		if (replaced > now || replaced + retain <= now)
			return;
		if (file_read(file, LIMIT_PEM_FILE, &text, NULL, NULL) ==
			STATUS_OK &&
		    chain_parse(loader->pool, text.data, text.len,
			loader->keep_all, &chain, NULL, NULL) == STATUS_OK)
			store_add_past(loader->store, load->source, load->name,
			    chain, file_time(file), replaced);
		text_forget(&text);
		newer = file;
	}
}

/* The day on which a CA begins to issue is the day to hear of it. */
static void
warn_unknown_issuer(
    struct loader *loader, const struct load *load, const struct chain *chain)
{
	const struct issuers *issuers = store_issuers(loader->store);
	const uint8_t *key;

	if (issuers == NULL || chain->ca_count == 0)
		return;
	key = chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256;
	/* What teaches the set gets a word of its own: see
	 * engine_log_learned(). */
	if (learn_set(issuers, load_lineage(loader, load), chain,
		loader_now(loader)) != SIZE_MAX)
		return;
	/* Once for each issuer: thousands of lineages may share it. */
	if (issuers_find(issuers, key, NULL) != NULL ||
	    trie_get(&loader->unknown_issuers, key, SHA256_LEN) != NULL)
		return;
	trie_set(&loader->unknown_issuers, key, SHA256_LEN, loader);
	log_line(LOG_LEVEL_WARNING,
	    "lineage '%s': the issuer '%s' is not in any issuer set, so the "
	    "next one cannot be published in advance; see pdns-tlsa issuers",
	    load->name, chain->ca[0]->subject);
}

/* What is in the file besides the chain does no harm, but is for a person. */
static void
load_remark(const struct loader *loader, const struct load *load,
    const struct problem *remark)
{
	const char *text = remark->text[0] != '\0' ? remark->text : NULL;

	if (store_set_remark(loader->store, load->source, load->name, text))
		log_line(
		    LOG_LEVEL_WARNING, "lineage '%s': %s", load->name, text);
}

/* A chain that lost CA certificates under the same leaf: see policy/policy.h.
 */
static void
remark_cut(const struct loader *loader, const struct load *load,
    struct problem *remark)
{
	const struct lineage *lineage = load_lineage(loader, load);
	const struct generation *now = lineage->generations;

	if (lineage->generation_count > 1 &&
	    chain_is_cut(now[0].chain, now[1].chain))
		problem_join(remark,
		    "%zu CA certificates where there were %zu with the same "
		    "leaf: their records stay for as long as 'retain' says; "
		    "write the file whole again",
		    now[0].chain->ca_count, now[1].chain->ca_count);
}

static void
chain_loaded(struct loader *loader, struct load *load,
    const struct location *location, struct chain_file *file)
{
	struct chain *chain = file->chain;
	const struct lineage *lineage = load_lineage(loader, load);
	const struct chain *old = lineage != NULL ? lineage_current(lineage)
						  : NULL;
	bool was_deleted = lineage != NULL && lineage->deleted != 0;
	bool backwards = old != NULL &&
			 old->leaf->not_before > chain->leaf->not_before;

	if (load->is_reported || was_deleted)
		log_line(LOG_LEVEL_NOTICE, "lineage '%s': is good again",
		    load->name);
	load->is_reported = false;
	if (store_set_chain(loader->store, load->source, load->name,
		chain_ref(chain), location->file, &file->print,
		loader_now(loader))) {
		if (old != NULL || loader->is_complete)
			log_loaded(load, chain, old != NULL, backwards);
		warn_unknown_issuer(loader, load, chain);
	}
	remark_cut(loader, load, &file->remark);
	load_remark(loader, load, &file->remark);
	if (old == NULL)
		load_past(loader, load, location);
}

/*
 * Some write the leaf first and then append the CA certificates, with a pause
 * between: what has fewer of them than there were, or none, must be older
 * before it is believed.
 */
static bool
is_growing(const struct loader *loader, const struct load *load,
    const struct chain *chain, const struct fingerprint *print)
{
	const struct lineage *lineage = load_lineage(loader, load);
	const struct chain *old = lineage != NULL ? lineage_current(lineage)
						  : NULL;
	size_t wanted = old != NULL ? old->ca_count : 1;

	return loader->is_complete && chain->ca_count < wanted &&
	       is_fresh(print, WRITING);
}

/* As chain_file_read(), but not what may still be written to. */
static enum status
chain_look(const struct loader *loader, const struct location *location,
    struct chain_file *file, int64_t *ret_again, struct problem *problem)
{
	struct fingerprint print;

	if (loader->is_complete && file_fingerprint(location->file, &print) &&
	    is_fresh(&print, SETTLE)) {
		*ret_again = SETTLE;
		return STATUS_BUSY;
	}
	return chain_file_read(loader->pool, location->file, location->issuers,
	    loader->keep_all, file, problem);
}

/*
 * Whoever asks for it by name may serve a CA certificate, from the start: of
 * which nobody can tell as long as the record cannot be read.
 */
static bool
may_be_authority(const struct loader *loader, const struct load *load)
{
	const struct lineage *lineage = load_lineage(loader, load);

	return store_has_memory(loader->store) &&
	       (lineage == NULL || lineage->generation_count == 0 ||
		   chain_is_authority(lineage_current(lineage))) &&
	       store_names_lineage(loader->store, load->name);
}

enum status
load_chain(struct loader *loader, struct load *load,
    const struct location *location, int64_t *ret_again,
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
	status = chain_look(loader, location, &file, ret_again, problem);
	if (status == STATUS_OK && chain_is_authority(file.chain) &&
	    !may_be_authority(loader, load)) {
		problem_set(problem,
		    "%s: certificate 1 is the CA certificate '%s'; the leaf "
		    "must come first",
		    location->file, file.chain->leaf->subject);
		status = STATUS_FOREIGN;
	}
	if (status == STATUS_OK &&
	    is_growing(loader, load, file.chain, &file.print)) {
		*ret_again = GROWING;
		status = STATUS_BUSY;
	}
	if (status == STATUS_OK)
		chain_loaded(loader, load, location, &file);
	chain_file_fini(&file);
	return status;
}

/* Staged keys under way to the store. */
struct staged {
	struct next_key *list;
	size_t count;
	bool is_unsure; /* one cannot be read now: keep what is known */
	int64_t again;  /* milliseconds until one can be judged, or 0 */
};

static void
staged_report(struct load *load, struct staged *staged, const char *text)
{
	staged->is_unsure = true;
	if (!load->is_next_reported)
		log_line(LOG_LEVEL_WARNING,
		    "lineage '%s': staged key: %s; what was staged before "
		    "stays",
		    load->name, text);
	load->is_next_reported = true;
}

static void
staged_parse(const struct loader *loader, struct load *load, const char *file,
    const struct buf *text, struct staged *staged)
{
	struct problem problem = { "" };
	struct next_key next;

	if (staged->is_unsure || staged->count == LIMIT_NEXT)
		return;
	if (next_key_parse(loader->pool, text->data, text->len,
		loader->keep_all, &next, &problem) != STATUS_OK) {
		problem_prefix(&problem, "%s", file);
		staged_report(load, staged, problem.text);
		return;
	}
	staged->list = mem_resize(
	    staged->list, staged->count + 1, sizeof(*staged->list));
	staged->list[staged->count++] = next;
}

/*
 * certbot writes a generation and makes it live within the same second, so
 * that only one that stays behind in the archive is staged.
 */
static void
staged_add(const struct loader *loader, struct load *load, const char *file,
    bool was_there, struct staged *staged)
{
	struct problem problem = { "" };
	struct fingerprint print;
	struct buf text = { 0 };
	enum status status = file_read(
	    file, LIMIT_PEM_FILE, &text, &print, &problem);

	if (status == STATUS_ABSENT && was_there) {
		/* It went since: to become what is live, as a rule. */
		staged->again = GROWING;
		staged->is_unsure = true;
	} else if (status != STATUS_OK) {
		staged_report(load, staged, problem.text);
	} else if (loader->is_complete && is_fresh(&print, STAGED)) {
		staged->again = STAGED;
		staged->is_unsure = true;
	} else {
		staged_parse(loader, load, file, &text, staged);
	}
	text_forget(&text);
}

/* Keys that the configuration says come next. */
static void
staged_add_configured(
    const struct loader *loader, struct load *load, struct staged *staged)
{
	const struct config *config = loader->config;

	for (size_t i = 0; i < config->lineage_count; i++) {
		const struct config_lineage *lineage = &config->lineages[i];

		if (strcmp(lineage->name, load->name) != 0)
			continue;
		for (size_t k = 0; k < lineage->next_count; k++)
			staged_add(
			    loader, load, lineage->next[k], false, staged);
	}
}

int64_t
load_next(
    struct loader *loader, struct load *load, const struct location *location)
{
	struct staged staged = { 0 };

	for (size_t i = 0; i < location->next.count; i++)
		staged_add(loader, load, location->next.list[i], true, &staged);
	staged_add_configured(loader, load, &staged);
	if (staged.is_unsure) {
		next_keys_free(staged.list, staged.count);
		return staged.again;
	}
	load->is_next_reported = false;
	if (store_set_next(loader->store, load->source, load->name, staged.list,
		staged.count, loader_now(loader)) &&
	    staged.count > 0)
		log_line(LOG_LEVEL_NOTICE, "lineage '%s': %zu staged keys",
		    load->name, staged.count);
	return 0;
}
