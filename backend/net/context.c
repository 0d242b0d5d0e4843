/* SPDX-License-Identifier: MIT */
#include "context.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/packet.h"

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
origin_set(struct ub_ctx *context, const struct resolver_origin *origin)
{
	char *server;
	int error = ub_ctx_add_ta_file(context, origin->trust_anchor);

	if (error == 0 && origin->root_hints != NULL)
		error = ub_ctx_set_option(
		    context, "root-hints:", origin->root_hints);
	if (error == 0 && origin->forward != NULL) {
		server = mem_format(
		    "%s@%u", origin->forward->address, origin->forward->port);
		error = ub_ctx_set_fwd(context, server);
		free(server);
	}
	return error;
}

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
		error = origin_set(context, &options->origin);
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

struct ub_ctx *
resolver_context_new(
    const struct resolver_options *options, struct problem *problem)
{
	struct ub_ctx *context = ub_ctx_create();

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
	return context;
}

void
resolver_context_unblock(struct ub_ctx *context, const struct dname *name)
{
	struct buf text = { 0 };

	/* Only the name of the question is looked up in them. */
	for (struct dname at = *name; at.len > 0;
	     at.len = (uint16_t)dname_parent_len(at.key, at.len)) {
		buf_clear(&text);
		dname_format(at.key, at.len, &text);
		(void)ub_ctx_zone_remove(context, buf_text(&text));
	}
	buf_fini(&text);
}

struct dname
resolver_context_anchor(const char *path, const struct dname *name)
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
