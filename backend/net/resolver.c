/* SPDX-License-Identifier: MIT */
#include "net/resolver.h"

#include <ldns/ldns.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/packet.h"

/* Of Debian's dns-root-data, of unbound-anchor(8), and of Fedora. */
static const char *const anchors[] = {
	"/usr/share/dns/root.key",
	"/var/lib/unbound/root.key",
	"/etc/unbound/root.key",
};

struct resolver {
	struct ub_ctx *context;
	struct resolver_options options;
	unsigned timeouts; /* in a row */
};

/* What one question waits for; outlives it only if it was cancelled. */
struct pending {
	bool is_done;
	int error;
	struct ub_result *result; /* owned */
};

const char *
resolver_anchor(const char *wanted)
{
	if (wanted != NULL)
		return wanted;
	for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++)
		if (access(anchors[i], R_OK) == 0)
			return anchors[i];
	return anchors[0];
}

/* As libunbound has them. */
static char *
server_text(const struct dnsserver *server)
{
	return mem_format("%s@%u", server->address, server->port);
}

/* The same for all: what resolvers of today do, and answers from anywhere. */
static const struct {
	const char *option;
	const char *value;
} settings[] = {
	{ "qname-minimisation:", "yes" },
	{ "harden-below-nxdomain:", "yes" },
	{ "do-not-query-localhost:", "no" },
};

static int
options_set(struct ub_ctx *context, const struct resolver_options *options)
{
	const struct resolver_origin *origin = &options->origin;
	int error = 0;

	for (size_t i = 0;
	     i < sizeof(settings) / sizeof(settings[0]) && error == 0; i++)
		error = ub_ctx_set_option(
		    context, settings[i].option, settings[i].value);
	if (error == 0)
		error = ub_ctx_set_option(context,
		    "aggressive-nsec:", options->is_aggressive ? "yes" : "no");
	if (error == 0)
		error = ub_ctx_add_ta_file(context, origin->trust_anchor);
	if (error == 0 && origin->root_hints != NULL)
		error = ub_ctx_set_option(
		    context, "root-hints:", origin->root_hints);
	if (error == 0 && origin->forward != NULL) {
		char *server = server_text(origin->forward);

		error = ub_ctx_set_fwd(context, server);
		free(server);
	}
	return error == 0 ? ub_ctx_async(context, 1) : error;
}

/* Ask the server of the options about the i-th zone of the configuration. */
static bool
stub_set(struct ub_ctx *context, const struct resolver_options *options,
    size_t i, struct problem *problem)
{
	const struct config *config = options->config;
	const char *zone = i < config->zone_count
			       ? config->zones[i].name
			       : config->overlay_names[i - config->zone_count];
	char *server = server_text(options->server);
	int error = ub_ctx_set_stub(context, zone, server, 0);

	free(server);
	if (error != 0)
		problem_set(
		    problem, "libunbound: %s: %s", zone, ub_strerror(error));
	return error == 0;
}

/* Make a context, with an empty cache. */
static struct ub_ctx *
context_new(const struct resolver_options *options, struct problem *problem)
{
	const struct config *config = options->config;
	size_t stubs = options->server != NULL
			   ? config->zone_count + config->overlay_count
			   : 0;
	struct ub_ctx *context = ub_ctx_create();
	bool is_good;
	int error;

	if (context == NULL) {
		problem_set(problem, "libunbound: cannot be started");
		return NULL;
	}
	/* What it would print is in the reason of each answer. */
	(void)ub_ctx_debugout(context, NULL);
	error = options_set(context, options);
	if (error != 0)
		problem_set(problem, "libunbound: %s", ub_strerror(error));
	is_good = error == 0;
	for (size_t i = 0; i < stubs && is_good; i++)
		is_good = stub_set(context, options, i, problem);
	if (is_good)
		return context;
	ub_ctx_delete(context);
	return NULL;
}

/*
 * Switch libunbound's own zones off that `name` lies in: test, invalid, onion,
 * home.arpa, those of private addresses and whatever else it denies without
 * asking anybody (RFC 6303, RFC 6761).
 */
static void
context_unblock(struct ub_ctx *context, const struct dname *name)
{
	/* Only the name of the question is looked up in them. */
	for (struct dname at = *name; at.len > 0;
	     at.len = (uint16_t)dname_parent_len(at.key, at.len)) {
		char *text = dname_text(&at);

		(void)ub_ctx_zone_remove(context, text);
		free(text);
	}
}

/*
 * Return the name that the trust anchor file at `path` has an anchor for, and
 * that is the closest above `name` or `name` itself; the root if there is none.
 */
static struct dname
anchor_find(const char *path, const struct dname *name)
{
	struct dname closest = { .len = 0 };
	FILE *file = fopen(path, "re");
	ldns_rdf *origin = NULL;
	ldns_rdf *last = NULL;
	uint32_t ttl = 0;

	/* What is no record, libunbound has judged. */
	while (file != NULL && !feof(file) && !ferror(file)) {
		struct dname owner;
		ldns_rr *rr = NULL;

		if (ldns_rr_new_frm_fp(&rr, file, &ttl, &origin, &last) ==
			LDNS_STATUS_OK &&
		    packet_dname(ldns_rr_owner(rr), &owner) &&
		    dname_is_within(name, &owner) && owner.len > closest.len)
			closest = owner;
		ldns_rr_free(rr);
	}
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(last);
	if (file != NULL)
		(void)fclose(file);
	return closest;
}

struct resolver *
resolver_new(const struct resolver_options *options, struct problem *problem)
{
	struct resolver *resolver;
	struct ub_ctx *context;

	/* libunbound would say so at the first question, and not why. */
	if (access(options->origin.trust_anchor, R_OK) != 0) {
		problem_set(problem, "%s: cannot be read",
		    options->origin.trust_anchor);
		return NULL;
	}
	context = context_new(options, problem);
	if (context == NULL)
		return NULL;
	resolver = mem_new(sizeof(*resolver));
	resolver->context = context;
	resolver->options = *options;
	return resolver;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	ub_ctx_delete(resolver->context);
	free(resolver);
}

static void
answered(void *arg, int error, struct ub_result *result)
{
	struct pending *pending = arg;

	pending->is_done = true;
	pending->error = error;
	pending->result = result;
}

/* Let libunbound work until the answer is there or the time is up. */
static void
await(struct ub_ctx *context, const struct pending *pending,
    const struct deadline *deadline)
{
	while (!pending->is_done &&
	       deadline_wait(deadline, ub_fd(context), POLLIN))
		(void)ub_process(context);
}

/* Take the RDATA from the whole message: there types have their spelling. */
static void
rdata_take(const struct ub_result *result, const struct dname *owner,
    ldns_rr_type type, struct texts *rdata)
{
	ldns_pkt *packet = NULL;

	if (ldns_wire2pkt(&packet, result->answer_packet,
		(size_t)result->answer_len) != LDNS_STATUS_OK)
		return;
	packet_rdata(packet, owner, type, rdata);
	ldns_pkt_free(packet);
}

static void
result_take(const struct ub_result *result, ldns_rr_type type,
    struct resolved *resolved)
{
	if (result->canonname != NULL && type != LDNS_RR_TYPE_CNAME)
		(void)dname_parse(result->canonname, strlen(result->canonname),
		    &resolved->canonical);
	resolved->is_secure = result->secure != 0;
	if (result->bogus) {
		resolved->what = RESOLVED_BOGUS;
		problem_set(&resolved->reason, "%s",
		    result->why_bogus != NULL ? result->why_bogus : "bogus");
	} else if (result->havedata) {
		resolved->what = RESOLVED_DATA;
		rdata_take(
		    result, &resolved->canonical, type, &resolved->rdata);
	} else if (result->nxdomain) {
		resolved->what = RESOLVED_NXDOMAIN;
	} else if (result->rcode == LDNS_RCODE_NOERROR) {
		resolved->what = RESOLVED_NODATA;
	} else {
		resolved->what = RESOLVED_FAILED;
		problem_set(&resolved->reason,
		    "no name server gives an answer that can be used");
	}
}

/* Ask once, in one context, which keeps what it was told. */
static void
ask(struct ub_ctx *context, const struct dname *name, ldns_rr_type type,
    const struct deadline *deadline, struct resolved *ret_resolved)
{
	struct pending pending = { .is_done = false };
	char *text = dname_text(name);
	int id = 0;
	int error;

	*ret_resolved = (struct resolved){ .what = RESOLVED_FAILED,
		.canonical = *name };
	context_unblock(context, name);
	error = ub_resolve_async(context, text, (int)type, LDNS_RR_CLASS_IN,
	    &pending, answered, &id);
	free(text);
	if (error == 0)
		await(context, &pending, deadline);
	if (error == 0 && !pending.is_done) {
		(void)ub_cancel(context, id);
		ret_resolved->what = RESOLVED_TIMEOUT;
		problem_set(&ret_resolved->reason, "no answer within %lld ms",
		    (long long)deadline->ms);
	} else if (error != 0 || pending.error != 0) {
		problem_set(&ret_resolved->reason, "libunbound: %s",
		    ub_strerror(error != 0 ? error : pending.error));
	} else {
		result_take(pending.result, type, ret_resolved);
	}
	ub_resolve_free(pending.result);
}

static bool
is_good(const struct resolved *resolved)
{
	return resolved->what == RESOLVED_DATA ||
	       resolved->what == RESOLVED_NODATA ||
	       resolved->what == RESOLVED_NXDOMAIN;
}

/* Go down from *at by one label towards `name`; false if it is there. */
static bool
name_next(const struct dname *name, struct dname *at)
{
	struct dname next = *name;
	size_t parent;

	if (at->len >= name->len)
		return false;
	while ((parent = dname_parent_len(next.key, next.len)) > at->len)
		next.len = (uint16_t)parent;
	*at = next;
	return true;
}

/* Is the answer about a zone above of use, whatever it is? */
static bool
is_told(ldns_rr_type type, const struct dname *at, const struct resolved *found,
    struct problem *problem)
{
	bool is_key = type == LDNS_RR_TYPE_DNSKEY;
	char *name;

	if (is_key ? found->what == RESOLVED_DATA && found->is_secure
		   : found->what == RESOLVED_BOGUS || is_good(found))
		return true;
	name = dname_text(at);
	problem_set(problem, "%s of '%s' is: %s%s%s",
	    is_key ? "from here the DNSKEY RRset, where the trust anchor is,"
		   : "the DS RRset",
	    name, resolved_text(found),
	    found->reason.text[0] != '\0' ? ": " : "", found->reason.text);
	free(name);
	return false;
}

/*
 * Ask for the keys of the anchor's zone, and then for each DS record on the
 * way down to `name`.  False with `problem` if the anchor does not validate,
 * or one is not answered at all: nothing can be said of what is below.
 */
static bool
is_judged(const struct resolver *resolver, struct ub_ctx *context,
    const struct dname *name, const struct deadline *deadline,
    struct problem *problem)
{
	struct dname at = anchor_find(
	    resolver->options.origin.trust_anchor, name);
	ldns_rr_type type = LDNS_RR_TYPE_DNSKEY;
	bool is_clear;
	bool is_end;

	do {
		struct resolved found;

		ask(context, &at, type, deadline, &found);
		is_clear = is_told(type, &at, &found, problem);
		/* Here it ends for everybody. */
		is_end = found.what == RESOLVED_BOGUS ||
			 found.what == RESOLVED_NXDOMAIN;
		resolved_fini(&found);
		type = LDNS_RR_TYPE_DS;
	} while (is_clear && !is_end && name_next(name, &at));
	return is_clear;
}

/*
 * What failed or was bogus, once more and with an empty cache: libunbound
 * keeps a failure for seconds, and a key that it did not get for a minute.
 */
static void
ask_again(struct resolver *resolver, const struct dname *name,
    ldns_rr_type type, const struct deadline *deadline,
    struct resolved *ret_resolved)
{
	struct problem problem;
	struct deadline judging;
	struct ub_ctx *context = context_new(&resolver->options, &problem);

	if (context == NULL)
		return;
	resolved_fini(ret_resolved);
	ask(context, name, type, deadline, ret_resolved);
	judging = deadline_in(deadline->ms);
	if (ret_resolved->what == RESOLVED_BOGUS &&
	    !is_judged(resolver, context, name, &judging, &problem)) {
		ret_resolved->what = RESOLVED_FAILED;
		ret_resolved->reason = problem;
	}
	if (is_good(ret_resolved)) {
		ub_ctx_delete(resolver->context);
		resolver->context = context;
	} else {
		ub_ctx_delete(context);
	}
}

void
resolver_ask(struct resolver *resolver, const struct dname *name,
    ldns_rr_type type, const struct deadline *deadline,
    struct resolved *ret_resolved)
{
	if (resolver->timeouts >= RESOLVER_PATIENCE) {
		*ret_resolved = (struct resolved){ .what = RESOLVED_TIMEOUT,
			.canonical = *name };
		problem_set(&ret_resolved->reason,
		    "nor were earlier questions answered");
		return;
	}
	ask(resolver->context, name, type, deadline, ret_resolved);
	if (!is_good(ret_resolved) && ret_resolved->what != RESOLVED_TIMEOUT)
		ask_again(resolver, name, type, deadline, ret_resolved);
	if (ret_resolved->what == RESOLVED_TIMEOUT)
		resolver->timeouts++;
	else
		resolver->timeouts = 0;
}

void
resolved_fini(struct resolved *resolved)
{
	texts_fini(&resolved->rdata);
}

const char *
resolved_text(const struct resolved *resolved)
{
	static const char *const texts[][2] = {
		[RESOLVED_DATA] = { "insecure", "secure" },
		[RESOLVED_NODATA] = { "insecure NODATA", "secure NODATA" },
		[RESOLVED_NXDOMAIN] = { "insecure NXDOMAIN",
		    "secure NXDOMAIN" },
		[RESOLVED_BOGUS] = { "bogus", "bogus" },
		[RESOLVED_FAILED] = { "no answer", "no answer" },
		[RESOLVED_TIMEOUT] = { "no answer", "no answer" },
	};

	return texts[resolved->what][resolved->is_secure];
}
