/* SPDX-License-Identifier: MIT */
#include "net/resolver.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "context.h"
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
	struct resolver_stub *stubs; /* of the options, owned */
	unsigned timeouts;           /* in a row */
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
	context = resolver_context_new(options, problem);
	if (context == NULL)
		return NULL;
	resolver = mem_new(sizeof(*resolver));
	resolver->context = context;
	resolver->options = *options;
	resolver->stubs = mem_array(
	    options->stub_count + 1, sizeof(*resolver->stubs));
	for (size_t i = 0; i < options->stub_count; i++)
		resolver->stubs[i] = options->stubs[i];
	resolver->options.stubs = resolver->stubs;
	return resolver;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	ub_ctx_delete(resolver->context);
	free(resolver->stubs);
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
	struct buf text = { 0 };
	int id = 0;
	int error;

	*ret_resolved = (struct resolved){ .what = RESOLVED_FAILED,
		.canonical = *name };
	resolver_context_unblock(context, name);
	dname_format(name->key, name->len, &text);
	error = ub_resolve_async(context, buf_text(&text), (int)type,
	    LDNS_RR_CLASS_IN, &pending, answered, &id);
	buf_fini(&text);
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
	struct buf text = { 0 };

	if (is_key ? found->what == RESOLVED_DATA && found->is_secure
		   : found->what == RESOLVED_BOGUS || is_good(found))
		return true;
	dname_format(at->key, at->len, &text);
	problem_set(problem, "%s of '%s' is: %s%s%s",
	    is_key ? "from here the DNSKEY RRset, where the trust anchor is,"
		   : "the DS RRset",
	    buf_text(&text), resolved_text(found),
	    found->reason.text[0] != '\0' ? ": " : "", found->reason.text);
	buf_fini(&text);
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
	struct dname at = resolver_context_anchor(
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
	struct ub_ctx *context = resolver_context_new(
	    &resolver->options, &problem);

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
