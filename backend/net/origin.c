/* SPDX-License-Identifier: MIT */
#include "net/origin.h"

#include <errno.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <string.h>

static bool
hints_parse(FILE *file, ldns_rr_list *records, struct problem *problem)
{
	ldns_rdf *origin = NULL;
	ldns_rdf *last = NULL;
	uint32_t ttl = 3600;
	int line = 0;
	bool is_good = true;

	/* A directory can be opened, but not read. */
	while (is_good && !feof(file) && !ferror(file)) {
		ldns_rr *rr = NULL;
		ldns_status status = ldns_rr_new_frm_fp_l(
		    &rr, file, &ttl, &origin, &last, &line);

		if (status == LDNS_STATUS_OK) {
			(void)ldns_rr_list_push_rr(records, rr);
		} else if (status != LDNS_STATUS_SYNTAX_EMPTY &&
			   status != LDNS_STATUS_SYNTAX_TTL &&
			   status != LDNS_STATUS_SYNTAX_ORIGIN) {
			problem_set(
			    problem, "line %d: no resource record", line);
			is_good = false;
		}
	}
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(last);
	return is_good;
}

/* An address of the name server? */
static bool
is_address_of(const ldns_rr *rr, const ldns_rdf *server)
{
	return (ldns_rr_get_type(rr) == LDNS_RR_TYPE_A ||
		   ldns_rr_get_type(rr) == LDNS_RR_TYPE_AAAA) &&
	       ldns_dname_compare(ldns_rr_owner(rr), server) == 0;
}

static bool
hints_check(const ldns_rr_list *records, struct problem *problem)
{
	const char *what = "has no NS record of the root";
	size_t count = ldns_rr_list_rr_count(records);

	for (size_t s = 0; s < count; s++) {
		const ldns_rr *rr = ldns_rr_list_rr(records, s);

		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_NS ||
		    ldns_dname_label_count(ldns_rr_owner(rr)) != 0)
			continue;
		for (size_t a = 0; a < count; a++)
			if (is_address_of(ldns_rr_list_rr(records, a),
				ldns_rr_rdf(rr, 0)))
				return true;
		what = "has no address of a name server of the root";
	}
	problem_set(problem, "%s", what);
	return false;
}

bool
origin_hints(const char *path, struct problem *problem)
{
	ldns_rr_list *records = ldns_rr_list_new();
	FILE *file = fopen(path, "re");
	bool is_good = false;

	if (file == NULL) {
		problem_set(problem, "%s", strerror(errno));
	} else {
		is_good = hints_parse(file, records, problem) &&
			  hints_check(records, problem);
		(void)fclose(file);
	}
	ldns_rr_list_deep_free(records);
	return is_good;
}

bool
origin_read(const struct options *options, struct origin *ret_origin)
{
	struct problem problem = { "" };

	ret_origin->resolver = (struct resolver_origin){
		.trust_anchor = resolver_anchor(options->trust_anchor),
		.root_hints = options->root_hints,
	};
	if (options->forward != NULL && options->root_hints != NULL) {
		(void)fputs("pdns-tlsa: --forward and --root-hints contradict "
			    "each other\n",
		    stderr);
		return false;
	}
	if (options->forward != NULL) {
		if (!dnsserver_parse(options->forward, &ret_origin->forward)) {
			(void)fprintf(stderr,
			    "pdns-tlsa: --forward: '%s' is no IP address with "
			    "a port or without\n",
			    options->forward);
			return false;
		}
		ret_origin->resolver.forward = &ret_origin->forward;
	}
	if (options->root_hints != NULL &&
	    !origin_hints(options->root_hints, &problem)) {
		(void)fprintf(stderr, "pdns-tlsa: --root-hints: '%s': %s\n",
		    options->root_hints, problem.text);
		return false;
	}
	return true;
}

struct resolver *
origin_resolver(
    const struct resolver_options *options, struct findings *findings)
{
	struct problem problem;
	struct resolver *resolver = resolver_new(options, &problem);

	if (resolver == NULL)
		finding_add(findings, FINDING_ANCHOR_MISSING, "trust anchor",
		    "apt-get install dns-root-data, or name a file with "
		    "--trust-anchor",
		    "%s", problem.text);
	return resolver;
}
