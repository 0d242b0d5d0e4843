/* SPDX-License-Identifier: MIT */
/* What is on disk and what we make of it: no question to anybody. */
#include "check/check.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/output.h"
#include "engine/described.h"
#include "look/rivals.h"
#include "source/source.h"

static char *
lineage_subject(const struct lineage *lineage)
{
	return mem_format("lineage '%s'", lineage->name);
}

void
check_config(struct check *check)
{
	if (check->config->fault != NULL)
		finding_add(&check->findings, FINDING_CONFIG_FAULT,
		    check->config->path,
		    "mend it, try it with 'config check', and reload", "%s",
		    check->config->fault);
}

void
check_sources(struct check *check)
{
	for (unsigned i = 0; i < check->config->source_count; i++) {
		const struct config_source *source = &check->config->sources[i];
		const char *problem = store_source_problem(check->store, i);

		if (problem == NULL && store_source_is_empty(check->store, i))
			finding_add(&check->findings, FINDING_SOURCE_EMPTY,
			    source->path, source_empty_mend(source),
			    "no lineage of type '%s' is in it",
			    source_type_text(source->type));
		if (problem != NULL)
			finding_add(&check->findings, FINDING_SOURCE_PROBLEM,
			    source->path,
			    "mend it, or run check as a user who may read it",
			    "%s", problem);
	}
}

void
check_issuers(struct check *check)
{
	const struct issuers *issuers = store_issuers(check->store);

	for (size_t i = 0; issuers != NULL && i < issuers->faults.count; i++) {
		const char *fault = issuers->faults.list[i];
		/* An alarm each: what is behind the path may change. */
		char *path = mem_copy(fault, strcspn(fault, ":"));

		finding_add(&check->findings, FINDING_ISSUERS_FAULT, path,
		    "mend it; see ISSUER SETS in pdns-tlsa(8)", "%s", fault);
		free(path);
	}
	for (size_t i = 0; issuers != NULL && i < issuers->count; i++) {
		const struct issuer_set *set = issuers->sets[i];
		struct problem problem;
		char *subject;

		if (!issuer_set_concern(set, check->now, &problem))
			continue;
		subject = mem_format("issuer set '%s'", set->name);
		finding_add(&check->findings, FINDING_ISSUERS_OLD, subject,
		    "bring the table up to date; see ISSUER SETS in "
		    "pdns-tlsa(8)",
		    "%s", problem.text);
		free(subject);
	}
}

/* As who runs us may; it is another process of the daemon that reads it. */
static bool
is_readable(const char *path)
{
	DIR *directory = opendir(path);

	if (directory != NULL)
		(void)closedir(directory);
	return directory != NULL ||
	       (errno == ENOTDIR && access(path, R_OK) == 0);
}

void
check_mailbox(struct check *check)
{
	static const char *const parts[] = { "", "/new", "/cur" };
	const char *path = check->config->reports_path;

	for (size_t i = 0; path != NULL && i < sizeof(parts) / sizeof(parts[0]);
	     i++) {
		char *part = mem_format("%s%s", path, parts[i]);
		char *subject = mem_format("reports '%s'", part);

		if (!is_readable(part) &&
		    (parts[i][0] == '\0' || errno == EACCES))
			finding_add(&check->findings, FINDING_REPORTS_CLOSED,
			    subject,
			    "see that it is there and that the daemon's user "
			    "may read it (REPORTS in pdns-tlsa(8))",
			    "cannot be read: %s", strerror(errno));
		free(subject);
		free(part);
	}
}

/* For who runs us: the daemon may have read all of it. */
static bool
is_closed(const char *directory)
{
	return access(directory, R_OK | X_OK) != 0 && errno == EACCES;
}

static void
finding_nothing(
    const struct check *check, struct check_service *service, const char *mend)
{
	bool is_unknown = service->view.owner != NULL &&
			  service->view.owner->is_unknown;
	const char *why = is_unknown
			      ? store_blindness(check->store, &service->view)
			      : NULL;
	const char *concern = service_concern_text(service->service);

	if (is_unknown && is_closed(check->config->state_directory))
		finding_add(&service->findings, FINDING_SERVICE_UNSEEN,
		    service->subject,
		    "run it as a user who may read the state directory, or ask "
		    "the daemon: pdns-tlsa status",
		    "its certificates cannot be read, nor what is on record "
		    "of them in %s",
		    check->config->state_directory);
	else if (is_unknown)
		finding_add(&service->findings, FINDING_SERVICE_UNKNOWN,
		    service->subject, mend,
		    "its certificates could never be read%s%s",
		    why != NULL ? "; what might be one: " : "",
		    why != NULL ? why : "");
	else
		finding_add(&service->findings, FINDING_SERVICE_NOTHING,
		    service->subject, mend, "nothing is published: %s",
		    concern != NULL ? concern : "no record is left");
}

/* What helps where nothing, or not enough, is published; free() it. */
static char *
concern_mend(const struct service *service)
{
	switch (service->concern) {
	case CONCERN_BARE:
		return mem_string(
		    service->config->lineages == NULL
			? "get a certificate that names the host, or name a "
			  "lineage with 'lineages'"
			: "mend the lineage, or correct 'lineages'");
	case CONCERN_EMPTY:
		return mem_string("one for tests, or self-signed, counts with "
				  "'allow-staging' alone; else see 'records'");
	case CONCERN_UNCOVERED:
		return mem_string("get a certificate that names the host");
	case CONCERN_NONE:
		break;
	}
	return mem_format("pdns-tlsa show %s says more", service->config->host);
}

void
check_records(struct check *check, struct check_service *service)
{
	const struct service_view *view = &service->view;
	size_t limit = service->service->config->policy.max_records;
	char *mend = concern_mend(service->service);
	struct buf gaps = { 0 };

	if (service->expected.count == 0 ||
	    (view->owner != NULL && view->owner->is_unknown))
		finding_nothing(check, service, mend);
	else if (service->service->concern == CONCERN_UNCOVERED)
		finding_add(&service->findings, FINDING_HOST_UNCOVERED,
		    service->subject, mend, "%s",
		    service_concern_text(service->service));
	if (chains_describe_gaps(&view->set, &gaps) > 0)
		finding_add(&service->findings, FINDING_RECORDS_CUT,
		    service->subject,
		    "raise 'max-records', shorten 'retain', or drop a type",
		    "max-records has no room to cover %s", buf_text(&gaps));
	buf_fini(&gaps);
	if (view->set.count > limit)
		finding_add(&service->findings, FINDING_RECORDS_BEYOND,
		    service->subject,
		    "raise 'max-records', name fewer 'lineages', or drop a "
		    "type",
		    "%zu records are published, for max-records (%zu) leaves "
		    "out nothing that is served by itself",
		    view->set.count, limit);
	if (service->expected.count > CHECK_RECORDS)
		finding_add(&service->findings, FINDING_RECORDS_MANY,
		    service->subject, "lower 'max-records', or drop a type",
		    "%zu records are published", service->expected.count);
	free(mend);
}

/* Who may write what speaks for the host? */
static void
rival_check(const struct check *check, struct check_service *service,
    const struct lineage *lineage)
{
	char *subject = lineage_subject(lineage);
	char *writers = check->is_glance ? NULL : rivals_writers(lineage->file);

	finding_add(&service->findings, FINDING_LINEAGES_COMPETE, subject,
	    "name those that count with 'lineages', or limit the sources with "
	    "'hosts'",
	    "names '%s', as others do%s%s", service->host,
	    writers != NULL ? "; it may be written by " : "",
	    writers != NULL ? writers : "");
	free(writers);
	free(subject);
}

static void
check_rivals(const struct check *check, struct check_service *service)
{
	const struct service_view *view = &service->view;

	if (rivals_count(view) < 2)
		return;
	for (size_t i = 0; i < view->readable; i++)
		if (rivals_has(view, view->lineages[i]))
			rival_check(check, service, view->lineages[i]);
}

static void
lineage_check(struct check_service *service, const struct lineage *lineage)
{
	const struct {
		enum finding_kind kind;
		const char *what;
		const char *mend;
	} rows[] = {
		{ lineage->generation_count > 0 ? FINDING_LINEAGE_PROBLEM
						: FINDING_LINEAGE_UNREAD,
		    lineage->problem, "mend the file" },
		{ FINDING_LINEAGE_REMARK, lineage->remark,
		    "take the rest out of the file" },
		{ FINDING_LINEAGE_WARNING, lineage->warning,
		    "see pdns-tlsa show" },
		{ FINDING_LINEAGE_DELETED,
		    lineage->deleted != 0 ? "was deleted" : NULL,
		    "take the service out of the configuration, or get another "
		    "certificate" },
	};
	char *subject = lineage_subject(lineage);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].what != NULL)
			finding_add(&service->findings, rows[i].kind, subject,
			    rows[i].mend, "%s", rows[i].what);
	free(subject);
}

void
check_lineages(struct check *check, struct check_service *service)
{
	check_rivals(check, service);
	for (size_t i = 0; i < service->view.lineage_count; i++)
		lineage_check(service, service->view.lineages[i]);
}

/* Read what is on disk now, where the source has it; NULL if it cannot be. */
static STACK_OF(X509) *
    live_read(const struct check *check, const struct lineage *lineage)
{
	const struct config_source *source = &check->config
						  ->sources[lineage->source];
	struct location location = { 0 };
	STACK_OF(X509) *chain = NULL;

	if (source_ops(source->type)
		->locate(source, lineage->name, lineage->file, &location,
		    NULL) == STATUS_OK)
		chain = dane_chain_file(location.file, location.issuers);
	location_fini(&location);
	return chain;
}

/* NULL also if it has changed since the store read it. */
static STACK_OF(X509) *
    chain_read(const struct check *check, const struct lineage *lineage)
{
	const struct cert *leaf = lineage_current(lineage)->leaf;
	STACK_OF(X509) *chain = live_read(check, lineage);
	uint8_t digest[32];

	if (chain == NULL)
		return NULL;
	dane_digest(sk_X509_value(chain, 0), digest);
	if (memcmp(digest, leaf->part[CERT_SELECTOR_CERT].sha256,
		sizeof(digest)) == 0)
		return chain;
	sk_X509_pop_free(chain, X509_free);
	return NULL;
}

/* Verify the chain by all records, and by those of usage 2 alone. */
static void
chain_check(const struct check *check, struct check_service *service,
    const struct lineage *lineage, STACK_OF(X509) * chain)
{
	char *subject = lineage_subject(lineage);
	struct dane_verdict verdict = check_verify(
	    check, service, chain, &service->expected, NULL);
	enum dane_outcome outcome = verdict.outcome;

	/* That it has expired is said by check_expiry(). */
	if (outcome != DANE_OK && outcome != DANE_EXPIRED)
		finding_add(&service->findings, FINDING_DISK_MISMATCH, subject,
		    "pdns-tlsa show says what is published, and why",
		    "its chain does not match what is published: %s (%s)",
		    dane_text(outcome), verdict.reason);
	if (check_has_usage(&service->expected, '2'))
		outcome = check_verify(
		    check, service, chain, &service->expected, "2")
			      .outcome;
	if (outcome == DANE_NAME)
		finding_add(&service->findings, FINDING_HOST_UNCOVERED, subject,
		    "get a certificate that names the host",
		    "its certificate does not name '%s'", service->host);
	free(subject);
}

void
check_chains(struct check *check, struct check_service *service)
{
	if (service->expected.count == 0)
		return;
	for (size_t i = 0; i < service->view.readable; i++) {
		const struct lineage *lineage = service->view.lineages[i];
		STACK_OF(X509) *chain = chain_read(check, lineage);

		if (chain != NULL)
			chain_check(check, service, lineage, chain);
		sk_X509_pop_free(chain, X509_free);
	}
}

/* Certificates are renewed when a third of their life is left. */
static int64_t
threshold(int64_t wanted, const struct cert *leaf, int part)
{
	return wanted >= 0 ? wanted
			   : (leaf->not_after - leaf->not_before) / part;
}

static void
abandoned_note(const struct check *check, struct check_service *service,
    const struct lineage *lineage, const struct lineage *next)
{
	char *subject = lineage_subject(lineage);
	char *end = rivals_end(
	    &check->config->sources[lineage->source], lineage);

	finding_add(&service->findings, FINDING_LINEAGE_ABANDONED, subject, end,
	    "is abandoned, unless a server still presents it: lineage '%s' "
	    "was issued later and names all that it does",
	    next->name);
	free(end);
	free(subject);
}

static void
leaf_check(const struct check *check, struct check_service *service,
    const struct lineage *lineage)
{
	const char *mend =
	    check->config->sources[lineage->source].type == SOURCE_REMOTE
		? "see on the host that sends it why it was not renewed"
		: "see why it was not renewed: certbot renew, its timer, its "
		  "log";
	const struct cert *leaf = lineage_current(lineage)->leaf;
	char *subject = lineage_subject(lineage);
	int64_t rest = leaf->not_after - check->now;
	char date[OUTPUT_DATE_SIZE];

	if (leaf->not_after < service->expires)
		service->expires = leaf->not_after;
	output_date(leaf->not_after, date, sizeof(date));
	if (rest <= 0)
		finding_add(&service->findings, FINDING_EXPIRED, subject, mend,
		    "its certificate expired at %s", date);
	else if (rest <= threshold(check->critical, leaf, 10))
		finding_add(&service->findings, FINDING_EXPIRY_CRITICAL,
		    subject, mend, "its certificate expires at %s", date);
	else if (rest <= threshold(check->warning, leaf, 4))
		finding_add(&service->findings, FINDING_EXPIRY_WARNING, subject,
		    mend, "its certificate expires at %s", date);
	output_date(leaf->not_before, date, sizeof(date));
	if (leaf->not_before > check->now)
		finding_add(&service->findings, FINDING_NOT_YET_VALID, subject,
		    "see that the clock is right, or wait",
		    "its certificate is not valid before %s", date);
	free(subject);
}

void
check_expiry(struct check *check, struct check_service *service)
{
	for (size_t i = 0; i < service->view.readable; i++) {
		const struct lineage *lineage = service->view.lineages[i];
		const struct lineage *next = rivals_successor(
		    &service->view, lineage, check->now);

		if (lineage->deleted != 0)
			continue;
		if (next != NULL)
			abandoned_note(check, service, lineage, next);
		else
			leaf_check(check, service, lineage);
	}
}

/* Is the CA that issued the leaf in no issuer set? */
static void
issuer_check(const struct check *check, struct check_service *service,
    const struct lineage *lineage)
{
	const struct chain *chain = lineage_current(lineage);
	const struct issuers *issuers = store_issuers(check->store);
	char *subject;

	if (chain->ca_count == 0 || issuers == NULL ||
	    issuers_find(issuers, chain->ca[0]->part[CERT_SELECTOR_SPKI].sha256,
		NULL) != NULL)
		return;
	subject = lineage_subject(lineage);
	finding_add(&service->findings, FINDING_ISSUER_UNKNOWN, subject,
	    "add a table of its CAs, or their certificates; see ISSUER SETS "
	    "in pdns-tlsa(8)",
	    "its issuer '%s' is in no issuer set", chain->ca[0]->subject);
	free(subject);
}

void
check_protection(struct check *check, struct check_service *service)
{
	if (service->expected.count == 0)
		return;
	if (!service->view.protection.is_protected)
		finding_add(&service->findings, FINDING_AT_RISK,
		    service->subject,
		    "publish 2 1 1 as well and know the issuers, reuse the "
		    "key, stage the next one, or deploy with pdns-tlsa",
		    "%s", service->view.protection.text);
	for (size_t i = 0; i < service->view.readable; i++)
		if (service->view.lineages[i]->deleted == 0)
			issuer_check(check, service, service->view.lineages[i]);
}

void
check_glance(struct check *check, size_t at)
{
	struct check_service *service;

	check->is_glance = true;
	check_add(check, at);
	service = &check->services[check->service_count - 1];
	check_records(check, service);
	check_lineages(check, service);
	check_named(check, service);
	check_expiry(check, service);
	check_protection(check, service);
}
