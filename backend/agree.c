/* SPDX-License-Identifier: MIT */
#include "agree.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chain_file.h"
#include "dane_verify.h"
#include "loop.h"
#include "mem.h"
#include "peers.h"
#include "reach.h"
#include "starttls.h"

enum {
	AGREE_MS = 60000, /* for one service */
	PAUSE = 2,        /* seconds between two rounds of all name servers */
};

/* What is asked, and what must match. */
struct question {
	struct resolver *resolver;
	STACK_OF(X509) * chain;
	const struct reach_service *service;
};

static bool
is_match(const struct question *question, const struct texts *rrset)
{
	const struct dane_wish wish = {
		.chain = question->chain,
		.rrset = rrset,
		.host = question->service->host,
		.is_smtp = starttls_of_port(question->service->port.number) ==
			   STARTTLS_SMTP,
		.now = (int64_t)time(NULL),
	};
	struct dane_verdict verdict;

	dane_verify(&wish, &verdict);
	return verdict.outcome == DANE_OK;
}

static enum status
no_match(struct problem *problem)
{
	problem_set(problem, "does not serve it yet");
	return STATUS_BUSY;
}

static enum status
peers_ask(const struct question *question, struct peers *peers,
    const struct dname *owner, struct problem *problem)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < peers->count && status == STATUS_OK; i++) {
		struct texts rrset = { 0 };

		if (!peers_rrset(
			peers, &peers->list[i], owner, &rrset, problem))
			status = STATUS_BUSY;
		else if (!is_match(question, &rrset))
			status = no_match(problem);
		if (status != STATUS_OK)
			problem_prefix(problem, "%s", peers->list[i].subject);
		texts_fini(&rrset);
	}
	return status;
}

/* Every name server of the zone that `owner` lies in. */
static enum status
zone_ask(const struct question *question, const struct dname *owner,
    struct problem *problem)
{
	struct texts hosts = { 0 };
	struct buf name = { 0 };
	struct dname apex;
	struct peers peers = { .zone = &apex, .end = loop_now() + AGREE_MS };
	enum status status = STATUS_BUSY;

	if (peers_apex(question->resolver, owner, &apex, &hosts, problem)) {
		dname_format(apex.key, apex.len, &name);
		peers.zone_name = buf_text(&name);
		peers_find(&peers, question->resolver, &hosts, NULL);
		if (peers.count > 0)
			status = peers_ask(question, &peers, owner, problem);
		else
			problem_set(problem,
			    "zone '%s': no name server has an address",
			    peers.zone_name);
	}
	peers_fini(&peers);
	texts_fini(&hosts);
	buf_fini(&name);
	return status;
}

static enum status
service_ask(const struct question *question, struct problem *problem)
{
	const struct reach_service *service = question->service;
	char *asked = mem_format("_%u._%s.%s", service->port.number,
	    transport_text(service->port.transport), service->host);
	struct resolved tlsa;
	struct dname owner;
	enum status status = STATUS_BUSY;

	if (dname_parse(asked, strlen(asked), &owner) == STATUS_OK) {
		/* Where its CNAME leads. */
		resolver_ask(question->resolver, &owner, LDNS_RR_TYPE_TLSA,
		    PEERS_ASK_MS, &tlsa);
		status = zone_ask(question, &tlsa.canonical, problem);
		resolved_fini(&tlsa);
	}
	if (status != STATUS_OK)
		problem_prefix(problem, "'%s'", asked);
	free(asked);
	return status;
}

static STACK_OF(X509) * chain_read(const struct newest *newest)
{
	struct chain_file file = { 0 };
	struct ca_pool pool;
	STACK_OF(X509) *chain = NULL;

	ca_pool_init(&pool);
	if (chain_file_read(&pool, newest->file, newest->issuers, false, &file,
		NULL) == STATUS_OK) {
		chain = dane_chain(file.text.data, file.text.len);
		chain_file_fini(&file);
	}
	ca_pool_fini(&pool);
	return chain;
}

static enum status
servers_agree(const struct config *config, const struct newest *newest,
    const struct resolver_origin *origin, struct problem *problem)
{
	const struct resolver_options options = { .origin = *origin };
	struct question question = { .chain = chain_read(newest) };
	struct reach reach;
	enum status status = STATUS_OK;

	/* A new one each time: what it has kept may be old. */
	question.resolver = resolver_new(&options, problem);
	reach_find(config, newest, &reach);
	if (question.resolver == NULL)
		status = STATUS_IO;
	for (size_t i = 0;
	     i < reach.count && status == STATUS_OK && question.chain != NULL;
	     i++) {
		question.service = &reach.list[i];
		status = service_ask(&question, problem);
	}
	reach_fini(&reach);
	resolver_free(question.resolver);
	sk_X509_pop_free(question.chain, X509_free);
	return status;
}

enum status
servers_await(const struct config *config, const struct newest *newest,
    const struct resolver_origin *origin, int64_t end, struct problem *problem)
{
	const struct timespec pause = { .tv_sec = PAUSE };
	enum status status;

	while ((status = servers_agree(config, newest, origin, problem)) ==
		   STATUS_BUSY &&
	       loop_now() < end)
		(void)nanosleep(&pause, NULL);
	return status;
}
