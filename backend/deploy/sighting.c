/* SPDX-License-Identifier: MIT */
#include "sighting.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "net/dane_verify.h"
#include "net/peers.h"
#include "net/starttls.h"

enum { ZONE_MS = 60000 }; /* for the name servers of one zone */

/* A look that is under way. */
struct look {
	const struct sighting_wish *wish;
	struct sighting *sighting;
	struct resolver *resolver;
	STACK_OF(X509) * chain;
	bool has_serials; /* the name servers were asked for them */
};

static bool
is_match(const struct look *look, const struct texts *rrset)
{
	const struct dane_wish wish = {
		.chain = look->chain,
		.rrset = rrset,
		.host = look->wish->host,
		.is_smtp = starttls_of_port((uint16_t)look->wish->port) ==
			   STARTTLS_SMTP,
		.now = (int64_t)time(NULL),
	};
	struct dane_verdict verdict;

	dane_verify(&wish, &verdict);
	return verdict.outcome == DANE_OK;
}

/* Leave in `common` what `rrset` has as well. */
static void
intersect(struct texts *common, const struct texts *rrset)
{
	struct texts both = { 0 };

	for (size_t i = 0; i < common->count; i++)
		if (texts_has(rrset, common->list[i]))
			texts_add(&both, common->list[i]);
	texts_fini(common);
	*common = both;
}

static void
serials_ask(struct look *look, struct peers *peers)
{
	if (!look->has_serials)
		peers_zone(peers, NULL);
	look->has_serials = true;
}

/* How far it is behind, where its serial says so. */
static void
behind_describe(struct look *look, struct peers *peers, const struct peer *peer)
{
	struct problem *problem = &look->sighting->problem;
	uint32_t newest;

	serials_ask(look, peers);
	if (peer->is_served && peers_newest(peers, &newest) &&
	    peer->serial != newest)
		problem_set(problem,
		    "%s does not serve it yet: its serial is %u, the newest is "
		    "%u",
		    peer->subject, peer->serial, newest);
	else
		problem_set(problem, "%s does not serve it yet", peer->subject);
}

/* Ask one: true if it is no reason to wait. */
static bool
peer_look(struct look *look, struct peers *peers, struct peer *peer,
    const struct dname *owner, size_t *answered)
{
	struct sighting *sighting = look->sighting;
	struct texts rrset = { 0 };
	bool is_good = false;

	if (!peers_rrset(peers, peer, owner, &rrset, &sighting->problem)) {
		peer->is_silent = true;
		problem_prefix(&sighting->problem, "%s", peer->subject);
		is_good = look->wish->is_lenient;
		if (is_good)
			texts_add(&sighting->silent, sighting->problem.text);
	} else if (!is_match(look, &rrset)) {
		behind_describe(look, peers, peer);
	} else {
		is_good = true;
		if ((*answered)++ == 0) {
			sighting->rrset = rrset;
			rrset = (struct texts){ 0 };
		} else {
			intersect(&sighting->rrset, &rrset);
		}
	}
	texts_fini(&rrset);
	return is_good;
}

static void
peers_look(struct look *look, struct peers *peers, const struct dname *owner)
{
	size_t answered = 0;

	for (size_t i = 0; i < peers->count; i++) {
		if (!peer_look(
			look, peers, &peers->list[i], owner, &answered)) {
			look->sighting->sighted = SIGHTED_BEHIND;
			return;
		}
	}
	if (peers->count == 0)
		problem_set(&look->sighting->problem,
		    "zone '%s': no name server has an address",
		    peers->zone_name);
	look->sighting->sighted = answered > 0 ? SIGHTED_ALL : SIGHTED_LOST;
}

/* What each of them serves, for who looks at the daemon's page. */
static void
servers_note(struct look *look, struct peers *peers)
{
	json_t *list = json_array();

	serials_ask(look, peers);
	for (size_t i = 0; i < peers->count; i++) {
		const struct peer *peer = &peers->list[i];

		(void)json_array_append_new(list,
		    json_pack("{s:s,s:s,s:o*}", "name", peer->host, "address",
			peer->server.address, "serial",
			peer->is_served ? json_integer(peer->serial) : NULL));
	}
	look->sighting->servers = list;
	look->sighting->zone = mem_string(peers->zone_name);
}

/* Every name server of the zone that `owner` lies in. */
static void
zone_look(struct look *look, const struct dname *owner)
{
	struct texts hosts = { 0 };
	char *name = NULL;
	struct dname apex;
	struct peers peers = { .zone = &apex,
		.deadline = deadline_in(ZONE_MS) };

	if (peers_apex(look->resolver, owner, &apex, &hosts,
		&look->sighting->problem)) {
		name = dname_text(&apex);
		peers.zone_name = name;
		look->sighting->hosts = hosts.count;
		peers_find(&peers, look->resolver, &hosts, NULL);
		peers_look(look, &peers, owner);
		servers_note(look, &peers);
	}
	peers_fini(&peers);
	texts_fini(&hosts);
	free(name);
}

static bool
is_former(const struct look *look, const struct dname *name)
{
	const char *former = look->wish->former;
	struct dname dname;

	return former != NULL &&
	       dname_parse(former, strlen(former), &dname) == STATUS_OK &&
	       dname_equal(&dname, name);
}

/*
 * What clients ask for has to lead to where we serve it, or did before: both
 * are in one zone, with the same RRset.
 */
static bool
leads_to(
    struct look *look, const struct dname *asked, const struct dname *owner)
{
	const struct deadline deadline = deadline_in(PEERS_ASK_MS);
	struct resolved tlsa;
	char *where;
	bool is_right;

	resolver_ask(
	    look->resolver, asked, LDNS_RR_TYPE_TLSA, &deadline, &tlsa);
	look->sighting->is_unreached = tlsa.what == RESOLVED_TIMEOUT ||
				       tlsa.what == RESOLVED_FAILED;
	is_right = dname_equal(&tlsa.canonical, owner) ||
		   is_former(look, &tlsa.canonical);
	if (!is_right && dname_equal(&tlsa.canonical, asked)) {
		problem_set(&look->sighting->problem,
		    "does not lead to '%s': %s", look->wish->owner,
		    resolved_text(&tlsa));
	} else if (!is_right) {
		where = dname_text(&tlsa.canonical);
		problem_set(&look->sighting->problem,
		    "leads to '%s', and not to '%s'", where, look->wish->owner);
		free(where);
	}
	resolved_fini(&tlsa);
	return is_right;
}

static void
service_look(struct look *look)
{
	const struct sighting_wish *wish = look->wish;
	char *asked = mem_format(
	    "_%u._%s.%s", wish->port, wish->transport, wish->host);
	struct dname name;
	struct dname owner;

	if (dname_parse(asked, strlen(asked), &name) == STATUS_OK &&
	    dname_parse(wish->owner, strlen(wish->owner), &owner) ==
		STATUS_OK &&
	    leads_to(look, &name, &owner))
		zone_look(look, &owner);
	if (look->sighting->sighted != SIGHTED_ALL)
		problem_prefix(&look->sighting->problem, "'%s'", asked);
	free(asked);
}

void
sighting_take(const struct sighting_wish *wish, struct sighting *ret_sighting)
{
	const struct resolver_options options = { .origin = *wish->origin };
	struct look look = { .wish = wish, .sighting = ret_sighting };

	*ret_sighting = (struct sighting){ .sighted = SIGHTED_LOST };
	/* A new one each time: what it has kept may be old. */
	look.resolver = resolver_new(&options, &ret_sighting->problem);
	look.chain = dane_chain_file(wish->newest->file, wish->newest->issuers);
	if (look.chain == NULL)
		problem_set(&ret_sighting->problem, "%s: cannot be read again",
		    wish->newest->file);
	else if (look.resolver != NULL)
		service_look(&look);
	sk_X509_pop_free(look.chain, X509_free);
	resolver_free(look.resolver);
}

void
sighting_fini(struct sighting *sighting)
{
	texts_fini(&sighting->rrset);
	texts_fini(&sighting->silent);
	json_decref(sighting->servers);
	free(sighting->zone);
}
