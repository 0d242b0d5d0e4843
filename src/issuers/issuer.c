/* SPDX-License-Identifier: MIT */
#include "issuers/issuer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

enum {
	SHA256_LEN = 32,
	DAY = 86400,
	/* Debian releases about every two years, with what is known then. */
	YEAR = 365 * DAY,
	/* Nine months: time for an update of the package to reach people. */
	SOON = 274 * DAY,
};

const char *
issuer_status_text(enum issuer_status status)
{
	static const char *const texts[] = {
#define X(id, text) [id] = (text),
		ISSUER_STATUS_TABLE(X)
#undef X
	};

	return texts[status];
}

struct issuer_set *
issuer_set_new(const char *name, const char *file)
{
	struct issuer_set *set = mem_new(sizeof(*set));

	set->refs = 1;
	set->name = mem_string(name);
	set->file = mem_string(file);
	return set;
}

void
issuer_set_add(struct issuer_set *set, char *name, enum issuer_status status,
    struct cert *cert)
{
	set->list = mem_resize(set->list, set->count + 1, sizeof(*set->list));
	set->list[set->count++] = (struct issuer){
		.name = name, .status = status, .cert = cert
	};
}

static char *
text_copy(const char *text)
{
	return text != NULL ? mem_string(text) : NULL;
}

static struct issuer_set *
set_copy(const struct issuer_set *old)
{
	struct issuer_set *set = issuer_set_new(old->name, old->file);

	set->provider = text_copy(old->provider);
	set->source = text_copy(old->source);
	set->date = old->date;
	set->is_staging = old->is_staging;
	set->servers = mem_array(old->server_count + 1, sizeof(*set->servers));
	for (size_t i = 0; i < old->server_count; i++)
		set->servers[set->server_count++] = mem_string(old->servers[i]);
	for (size_t i = 0; i < old->count; i++) {
		issuer_set_add(set, mem_string(old->list[i].name),
		    old->list[i].status, cert_ref(old->list[i].cert));
		set->list[i].seen = old->list[i].seen;
	}
	return set;
}

struct issuer_set *
issuer_set_ref(struct issuer_set *set)
{
	set->refs++;
	return set;
}

void
issuer_set_unref(struct issuer_set *set)
{
	if (set == NULL || --set->refs > 0)
		return;
	for (size_t i = 0; i < set->count; i++) {
		free(set->list[i].name);
		cert_unref(set->list[i].cert);
	}
	free(set->list);
	for (size_t i = 0; i < set->server_count; i++)
		free(set->servers[i]);
	free(set->servers);
	free(set->name);
	free(set->provider);
	free(set->file);
	free(set->source);
	free(set);
}

const struct issuer *
issuer_set_find(const struct issuer_set *set, const uint8_t *spki_sha256)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct cert *cert = set->list[i].cert;

		if (memcmp(cert->part[CERT_SELECTOR_SPKI].sha256, spki_sha256,
			SHA256_LEN) == 0)
			return &set->list[i];
	}
	return NULL;
}

static bool
is_used(const struct issuer *issuer)
{
	return issuer->status == ISSUER_ACTIVE ||
	       issuer->status == ISSUER_BACKUP || issuer->status == ISSUER_SEEN;
}

bool
issuer_may_issue(const struct issuer_set *set, const struct issuer *issuer,
    enum key_algorithm algorithm, int64_t now)
{
	if (!is_used(issuer) || issuer->cert->not_after <= now)
		return false;
	if (issuer->cert->key_algorithm == algorithm)
		return true;
	for (size_t i = 0; i < set->count; i++)
		if (is_used(&set->list[i]) &&
		    set->list[i].cert->key_algorithm == algorithm)
			return false;
	return true;
}

/* A day as people write it. */
struct day {
	char text[32];
};

static struct day
day_of(int64_t when)
{
	time_t seconds = (time_t)when;
	struct day day = { "?" };
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL)
		(void)strftime(day.text, sizeof(day.text), "%Y-%m-%d", &tm);
	return day;
}

/* When the last CA expires that may issue; 0: there is none. */
static int64_t
set_end(const struct issuer_set *set)
{
	int64_t end = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct issuer *issuer = &set->list[i];

		if ((issuer->status == ISSUER_ACTIVE ||
			issuer->status == ISSUER_BACKUP) &&
		    issuer->cert->not_after > end)
			end = issuer->cert->not_after;
	}
	return end;
}

/* The CA that was learned last, or NULL. */
static const struct issuer *
last_seen(const struct issuer_set *set)
{
	const struct issuer *last = NULL;

	for (size_t i = 0; i < set->count; i++)
		if (set->list[i].status == ISSUER_SEEN)
			last = &set->list[i];
	return last;
}

bool
issuer_set_concern(
    const struct issuer_set *set, int64_t now, struct problem *problem)
{
	static const char remedy[] =
	    "update pdns-tlsa, or put a newer file of this name into a "
	    "directory of 'issuers'";
	const struct issuer *seen = last_seen(set);
	int64_t end = set_end(set);

	if (set->is_staging)
		return false;
	if (end == 0)
		problem_set(problem,
		    "issuer set '%s' has no active or backup CA; %s", set->name,
		    remedy);
	else if (seen != NULL)
		problem_set(problem,
		    "issuer set '%s' is behind: '%s' issues since %s; %s",
		    set->name, seen->name, day_of(seen->seen).text, remedy);
	else if (end - now < SOON)
		problem_set(problem,
		    "the last active or backup CA of issuer set '%s' expire%s "
		    "on %s; %s",
		    set->name, end < now ? "d" : "s", day_of(end).text, remedy);
	else if (set->date != 0 && now - set->date > YEAR)
		problem_set(problem,
		    "issuer set '%s' is as of %s, more than a year ago; %s",
		    set->name, day_of(set->date).text, remedy);
	else
		return false;
	return true;
}

struct issuers *
issuers_new(void)
{
	struct issuers *issuers = mem_new(sizeof(*issuers));

	issuers->refs = 1;
	return issuers;
}

/*
 * A table knows more of a provider than a PEM file of some of its CAs, so it
 * must be found before that one.
 */
static int
set_compare(const struct issuer_set *a, const struct issuer_set *b)
{
	bool a_table = a->date != 0;
	bool b_table = b->date != 0;

	if (a_table != b_table)
		return a_table ? -1 : 1;
	return strcmp(a->name, b->name);
}

void
issuers_add(struct issuers *issuers, struct issuer_set *set)
{
	size_t at = issuers->count;

	issuers->sets = mem_resize(
	    issuers->sets, issuers->count + 1, sizeof(struct issuer_set *));
	for (; at > 0 && set_compare(set, issuers->sets[at - 1]) < 0; at--)
		issuers->sets[at] = issuers->sets[at - 1];
	issuers->sets[at] = set;
	issuers->count++;
}

struct issuers *
issuers_with_seen(
    const struct issuers *issuers, size_t at, struct cert *ca, int64_t seen)
{
	struct issuers *more = issuers_new();

	more->sets = mem_array(issuers->count, sizeof(struct issuer_set *));
	more->count = issuers->count;
	for (size_t i = 0; i < issuers->faults.count; i++)
		texts_add(&more->faults, issuers->faults.list[i]);
	for (size_t i = 0; i < issuers->count; i++)
		more->sets[i] = i == at ? set_copy(issuers->sets[i])
					: issuer_set_ref(issuers->sets[i]);
	issuer_set_add(
	    more->sets[at], mem_string(ca->subject), ISSUER_SEEN, cert_ref(ca));
	more->sets[at]->list[more->sets[at]->count - 1].seen = seen;
	return more;
}

struct issuers *
issuers_ref(struct issuers *issuers)
{
	issuers->refs++;
	return issuers;
}

void
issuers_unref(struct issuers *issuers)
{
	if (issuers == NULL || --issuers->refs > 0)
		return;
	for (size_t i = 0; i < issuers->count; i++)
		issuer_set_unref(issuers->sets[i]);
	texts_fini(&issuers->faults);
	free(issuers->sets);
	free(issuers);
}

const struct issuer *
issuers_find(const struct issuers *issuers, const uint8_t *spki_sha256,
    const struct issuer_set **ret_set)
{
	for (size_t i = 0; i < issuers->count; i++) {
		const struct issuer_set *set = issuers->sets[i];
		const struct issuer *issuer = issuer_set_find(set, spki_sha256);

		if (issuer == NULL)
			continue;
		if (ret_set != NULL)
			*ret_set = set;
		return issuer;
	}
	return NULL;
}

const struct issuer_set *
issuers_find_server(const struct issuers *issuers, const char *url)
{
	for (size_t i = 0; i < issuers->count; i++) {
		const struct issuer_set *set = issuers->sets[i];

		for (size_t j = 0; j < set->server_count; j++)
			if (strcmp(set->servers[j], url) == 0)
				return set;
	}
	return NULL;
}
