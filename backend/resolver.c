/* SPDX-License-Identifier: MIT */
#include "resolver.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>
#include <unistd.h>

#include "loop.h"
#include "mem.h"
#include "packet.h"

/* Of Debian's dns-root-data, of unbound-anchor(8), and of Fedora. */
static const char *const anchors[] = {
	"/usr/share/dns/root.key",
	"/var/lib/unbound/root.key",
	"/etc/unbound/root.key",
};

struct resolver {
	struct ub_ctx *context;
	unsigned timeouts; /* in a row */
};

/* What one question waits for; outlives it only if it was cancelled. */
struct pending {
	bool is_done;
	int error;
	struct ub_result *result; /* owned */
};

/* The same for all: what resolvers of today do, and answers from anywhere. */
static const struct {
	const char *option;
	const char *value;
} settings[] = {
	{ "qname-minimisation:", "yes" },
	{ "harden-below-nxdomain:", "yes" },
	{ "do-not-query-localhost:", "no" },
};

static bool
options_set(struct ub_ctx *context, const struct resolver_options *options,
    struct problem *problem)
{
	int error = 0;

	for (size_t i = 0;
	     i < sizeof(settings) / sizeof(settings[0]) && error == 0; i++)
		error = ub_ctx_set_option(
		    context, settings[i].option, settings[i].value);
	if (error == 0)
		error = ub_ctx_set_option(context,
		    "aggressive-nsec:", options->is_aggressive ? "yes" : "no");
	if (error == 0)
		error = ub_ctx_add_ta_file(context, options->trust_anchor);
	if (error == 0)
		error = ub_ctx_async(context, 1);
	if (error != 0)
		problem_set(problem, "libunbound: %s", ub_strerror(error));
	return error == 0;
}

static bool
stubs_set(struct ub_ctx *context, const struct resolver_options *options,
    struct problem *problem)
{
	for (size_t i = 0; i < options->stub_count; i++) {
		const struct resolver_stub *stub = &options->stubs[i];
		char *server = mem_format(
		    "%s@%u", stub->server.address, stub->server.port);
		int error = ub_ctx_set_stub(context, stub->zone, server, 0);

		free(server);
		if (error != 0) {
			problem_set(problem, "libunbound: %s: %s", stub->zone,
			    ub_strerror(error));
			return false;
		}
	}
	return true;
}

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

struct resolver *
resolver_new(const struct resolver_options *options, struct problem *problem)
{
	struct resolver *resolver;
	struct ub_ctx *context;

	/* libunbound would say so at the first question, and not why. */
	if (access(options->trust_anchor, R_OK) != 0) {
		problem_set(
		    problem, "%s: cannot be read", options->trust_anchor);
		return NULL;
	}
	context = ub_ctx_create();
	if (context == NULL) {
		problem_set(problem, "libunbound: cannot be started");
		return NULL;
	}
	/* What it would print is in the reason of each answer. */
	(void)ub_ctx_debugout(context, NULL);
	if (!options_set(context, options, problem) ||
	    !stubs_set(context, options, problem)) {
		ub_ctx_delete(context);
		return NULL;
	}
	resolver = mem_new(sizeof(*resolver));
	resolver->context = context;
	return resolver;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver != NULL)
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
await(struct resolver *resolver, struct pending *pending, int timeout_ms)
{
	int64_t end = loop_now() + timeout_ms;
	int64_t rest = timeout_ms;

	while (!pending->is_done && rest > 0) {
		struct pollfd ready = { .fd = ub_fd(resolver->context),
			.events = POLLIN };

		if (poll(&ready, 1, (int)rest) > 0)
			(void)ub_process(resolver->context);
		rest = end - loop_now();
	}
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

void
resolver_ask(struct resolver *resolver, const struct dname *name,
    ldns_rr_type type, int timeout_ms, struct resolved *ret_resolved)
{
	struct pending pending = { .is_done = false };
	struct buf text = { 0 };
	int id = 0;
	int error;

	*ret_resolved = (struct resolved){ .what = RESOLVED_FAILED,
		.canonical = *name };
	if (resolver->timeouts >= RESOLVER_PATIENCE) {
		ret_resolved->what = RESOLVED_TIMEOUT;
		problem_set(&ret_resolved->reason,
		    "nor were earlier questions answered");
		return;
	}
	dname_format(name->key, name->len, &text);
	error = ub_resolve_async(resolver->context, buf_text(&text), (int)type,
	    LDNS_RR_CLASS_IN, &pending, answered, &id);
	buf_fini(&text);
	if (error == 0)
		await(resolver, &pending, timeout_ms);
	if (error == 0 && !pending.is_done) {
		(void)ub_cancel(resolver->context, id);
		resolver->timeouts++;
		ret_resolved->what = RESOLVED_TIMEOUT;
		problem_set(&ret_resolved->reason, "no answer within %d ms",
		    timeout_ms);
	} else if (error != 0 || pending.error != 0) {
		problem_set(&ret_resolved->reason, "libunbound: %s",
		    ub_strerror(error != 0 ? error : pending.error));
	} else {
		resolver->timeouts = 0;
		result_take(pending.result, type, ret_resolved);
	}
	ub_resolve_free(pending.result);
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
