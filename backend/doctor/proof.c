/* SPDX-License-Identifier: MIT */
/*
 * Denials around each owner name: they must validate, deny nothing that
 * exists, and leave the TLSA RRset alone when a resolver has cached them.
 */
#include "doctor/doctor.h"

#include <stdlib.h>

#include "base/mem.h"

/* Before and after "_25" and "_tcp" in canonical order. */
static const char *const neighbours[] = {
	"0-pdns-tlsa-doctor",
	"zz-pdns-tlsa-doctor",
};

/* `exists`: at least as an empty non-terminal. */
static void
check_denial(struct doctor *doctor, const struct doctor_zone *zone,
    const struct dname *name, ldns_rr_type type, bool exists)
{
	struct resolved resolved;
	char *text = dname_text(name);
	char *mend = mem_format(
	    "pdnsutil check-zone %s; see the findings about the zone",
	    zone->name);
	bool has_failed;

	doctor_resolve(doctor, doctor->denier, name, type, &resolved);
	has_failed = resolved.what == RESOLVED_BOGUS ||
		     resolved.what == RESOLVED_FAILED ||
		     resolved.what == RESOLVED_TIMEOUT;
	/* A wildcard may give a neighbour records: that is no denial. */
	if (has_failed)
		finding_add(&doctor->findings, FINDING_DENIAL_BOGUS,
		    zone->subject, mend,
		    "the denial at '%s' does not validate: %s", text,
		    resolved.reason.text);
	else if (exists && resolved.what == RESOLVED_NXDOMAIN)
		finding_add(&doctor->findings, FINDING_DENIAL_WRONG,
		    zone->subject, mend,
		    "the name '%s' exists, but is denied as a whole", text);
	resolved_fini(&resolved);
	free(mend);
	free(text);
}

static bool
is_due(const struct doctor *doctor, const struct doctor_service *service)
{
	return doctor->denier != NULL && service->zone->is_secure &&
	       service->expected.count > 0 && !service->is_unknown;
}

/* The owner name, what is above it up to the apex, and neighbours of each. */
void
doctor_proof(struct doctor *doctor, struct doctor_service *service)
{
	const struct doctor_zone *zone = service->zone;
	struct dname name = service->owner;
	struct dname neighbour;

	if (!is_due(doctor, service))
		return;
	check_denial(doctor, zone, &name, LDNS_RR_TYPE_A, true);
	while (name.len > zone->dname.len) {
		size_t labels = dname_labels(name.key, name.len);

		for (size_t i = 0;
		     i < sizeof(neighbours) / sizeof(neighbours[0]); i++)
			if (doctor_sibling(
				&name, labels - 1, neighbours[i], &neighbour))
				check_denial(doctor, zone, &neighbour,
				    LDNS_RR_TYPE_TLSA, false);
		name = doctor_parent(&name);
		check_denial(doctor, zone, &name, LDNS_RR_TYPE_HINFO, true);
	}
}

void
doctor_survival(struct doctor *doctor, struct doctor_service *service)
{
	struct resolved resolved;
	char *mend;

	if (!is_due(doctor, service) || !service->is_right)
		return;
	/* An own zone has the names in its denials, if they are its own. */
	mend = service->zone->config == NULL
		   ? mem_format("pdnsutil set-nsec3 %s '1 0 0 -' narrow",
			 service->zone->name)
		   : mem_format("see the findings about zone '%s'",
			 service->zone->name);
	doctor_resolve(doctor, doctor->denier, &service->owner,
	    LDNS_RR_TYPE_TLSA, &resolved);
	if (resolved.what == RESOLVED_NODATA ||
	    resolved.what == RESOLVED_NXDOMAIN)
		finding_add(&doctor->findings, FINDING_DENIAL_HIDES,
		    service->subject, mend,
		    "after denials of other names, '%s' is %s",
		    service->owner_name, resolved_text(&resolved));
	free(mend);
	resolved_fini(&resolved);
}
