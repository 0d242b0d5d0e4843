/* SPDX-License-Identifier: MIT */
#include "net/denial.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

/* Count one up; the greatest is followed by zero. */
static void
hash_next(uint8_t *hash)
{
	size_t i = NSEC3_HASH;

	while (i > 0 && ++hash[i - 1] == 0)
		i--;
}

bool
denial_is_narrow(const uint8_t *owner, const uint8_t *next)
{
	uint8_t hash[NSEC3_HASH];

	memcpy(hash, owner, NSEC3_HASH);
	for (int distance = 1; distance <= 2; distance++) {
		hash_next(hash);
		if (memcmp(hash, next, NSEC3_HASH) == 0)
			return true;
	}
	return false;
}

/* Read the parameters of an NSEC3 or NSEC3PARAM record; false if malformed. */
static bool
nsec3_read_param(const ldns_rr *rr, struct nsec3 *ret)
{
	const ldns_rdf *salt = ldns_nsec3_salt(rr);
	struct nsec3 nsec3 = { .iterations = ldns_nsec3_iterations(rr) };

	/* The first octet counts the others. */
	if (salt == NULL || ldns_rdf_size(salt) < 1 ||
	    ldns_rdf_size(salt) > NSEC3_SALT_MAX + 1)
		return false;
	nsec3.salt_len = (uint8_t)(ldns_rdf_size(salt) - 1);
	memcpy(nsec3.salt, ldns_rdf_data(salt) + 1, nsec3.salt_len);
	*ret = nsec3;
	return true;
}

/* Read the two hashes of an NSEC3 record; false if malformed. */
static bool
nsec3_read_hashes(const ldns_rr *rr, uint8_t *owner, uint8_t *next)
{
	const ldns_rdf *hash = ldns_nsec3_next_owner(rr);
	char *name = ldns_rdf2str(ldns_rr_owner(rr));
	bool is_good = name != NULL && hash != NULL &&
		       ldns_rdf_size(hash) == NSEC3_HASH + 1 &&
		       nsec3_label_parse(name, strcspn(name, "."), owner);

	if (is_good)
		memcpy(next, ldns_rdf_data(hash) + 1, NSEC3_HASH);
	free(name);
	return is_good;
}

void
denial_read(const ldns_pkt *packet, struct denial *ret_denial)
{
	const ldns_rr_list *authority = ldns_pkt_authority(packet);
	uint8_t owner[NSEC3_HASH];
	uint8_t next[NSEC3_HASH];

	*ret_denial = (struct denial){ .mode = DENIAL_NONE };
	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(authority, i);
		enum denial_mode mode = DENIAL_NONE;

		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC) {
			mode = DENIAL_NSEC;
		} else if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC3) {
			(void)nsec3_read_param(rr, &ret_denial->nsec3);
			/* What we cannot read is not known to be harmless. */
			mode = nsec3_read_hashes(rr, owner, next) &&
				       denial_is_narrow(owner, next)
				   ? DENIAL_NARROW
				   : DENIAL_NSEC3;
		}
		if (mode > ret_denial->mode)
			ret_denial->mode = mode;
	}
	ret_denial->nsec3.is_narrow = ret_denial->mode == DENIAL_NARROW;
}

void
denial_read_param(const ldns_pkt *packet, struct denial *denial)
{
	const ldns_rr_list *answer = ldns_pkt_answer(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);

		if (denial->mode == DENIAL_NONE &&
		    ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC3PARAM &&
		    nsec3_read_param(rr, &denial->nsec3))
			denial->mode = DENIAL_NSEC3;
	}
}

/* The types that an NSEC or NSEC3 record says are there; NULL: another. */
static const ldns_rdf *
rr_bitmap(const ldns_rr *rr)
{
	switch (ldns_rr_get_type(rr)) {
	case LDNS_RR_TYPE_NSEC:
		return ldns_rr_rdf(rr, 1);
	case LDNS_RR_TYPE_NSEC3:
		return ldns_nsec3_bitmap(rr);
	default:
		return NULL;
	}
}

bool
denial_is_foreign(
    const ldns_pkt *packet, uint32_t longest, struct problem *ret_why)
{
	const ldns_rr_list *list = ldns_pkt_authority(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		const ldns_rdf *bitmap = rr_bitmap(rr);

		if (bitmap == NULL)
			continue;
		if (ldns_rr_ttl(rr) > longest) {
			problem_set(ret_why,
			    "the records that deny have the TTL %u, and those "
			    "of our SOA record at most %u",
			    ldns_rr_ttl(rr), longest);
			return true;
		}
		if (ldns_nsec_bitmap_covers_type(bitmap, LDNS_RR_TYPE_SOA) &&
		    !ldns_nsec_bitmap_covers_type(bitmap, LDNS_RR_TYPE_NS)) {
			problem_set(ret_why,
			    "the records that deny say that there are no NS "
			    "records");
			return true;
		}
	}
	return false;
}

void
denial_format(const struct denial *denial, struct buf *text)
{
	switch (denial->mode) {
	case DENIAL_NONE:
		buf_add_string(text, "nothing");
		break;
	case DENIAL_NSEC:
		buf_add_string(text, "NSEC");
		break;
	case DENIAL_NSEC3:
	case DENIAL_NARROW:
		buf_add_string(text, "NSEC3 (");
		nsec3_format(&denial->nsec3, text);
		buf_add_string(text, ")");
		break;
	}
}

bool
denial_agrees(const struct denial *served, const struct nsec3 *configured)
{
	switch (served->mode) {
	case DENIAL_NSEC:
		return configured == NULL;
	case DENIAL_NSEC3:
		return configured != NULL &&
		       nsec3_equal(&served->nsec3, configured);
	case DENIAL_NARROW:
	case DENIAL_NONE:
		return true;
	}
	return true;
}
