/* SPDX-License-Identifier: MIT */
#include "net/packet.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where they are among the fields of an SOA's RDATA (RFC 1035 s3.3.13). */
enum { SOA_SERIAL = 2, SOA_MINIMUM = 6, SOA_FIELDS = 7 };

bool
packet_dname(const ldns_rdf *rdf, struct dname *ret_name)
{
	char *text = ldns_rdf2str(rdf);
	bool is_name = text != NULL &&
		       dname_parse(text, strlen(text), ret_name) == STATUS_OK;

	free(text);
	return is_name;
}

static bool
is_owned(const ldns_rr *rr, const struct dname *owner)
{
	struct dname name;

	return packet_dname(ldns_rr_owner(rr), &name) &&
	       dname_equal(&name, owner);
}

/* The RDATA with one blank between its fields, but none inside hexadecimal. */
static void
add_rdata(const ldns_rr *rr, struct texts *texts)
{
	struct buf line = { 0 };

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *field = ldns_rdf2str(ldns_rr_rdf(rr, i));

		if (i > 0)
			buf_add_string(&line, " ");
		if (field != NULL)
			buf_add_string(&line, field);
		free(field);
	}
	/* What is said in TXT may depend on it, as in RFC 8460. */
	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_TXT)
		texts_add_exact(texts, buf_text(&line));
	else
		texts_add(texts, buf_text(&line));
	buf_fini(&line);
}

void
packet_rdata(const ldns_pkt *packet, const struct dname *owner,
    ldns_rr_type type, struct texts *texts)
{
	const ldns_rr_list *answer = ldns_pkt_answer(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);

		if (ldns_rr_get_type(rr) == type && is_owned(rr, owner))
			add_rdata(rr, texts);
	}
}

void
packet_types(
    const ldns_pkt *packet, const struct dname *owner, struct texts *texts)
{
	const ldns_rr_list *answer = ldns_pkt_answer(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		ldns_rr_type type = ldns_rr_get_type(rr);
		char *word;

		if (type == LDNS_RR_TYPE_RRSIG || type == LDNS_RR_TYPE_NSEC ||
		    !is_owned(rr, owner))
			continue;
		word = ldns_rr_type2str(type);
		if (word != NULL)
			texts_add(texts, word);
		free(word);
	}
}

bool
packet_soa(const ldns_pkt *packet, const struct dname *owner,
    struct packet_soa *ret_soa)
{
	const ldns_rr_list *answer = ldns_pkt_answer(packet);
	const ldns_rr *rr = NULL;
	struct texts rdata = { 0 };
	size_t len;

	for (size_t i = 0; rr == NULL && i < ldns_rr_list_rr_count(answer); i++)
		if (ldns_rr_get_type(ldns_rr_list_rr(answer, i)) ==
			LDNS_RR_TYPE_SOA &&
		    is_owned(ldns_rr_list_rr(answer, i), owner))
			rr = ldns_rr_list_rr(answer, i);
	if (rr == NULL || ldns_rr_rd_count(rr) != SOA_FIELDS)
		return false;
	add_rdata(rr, &rdata);
	/* What is a blank in a name is escaped. */
	len = strcspn(rdata.list[0], " ") + 1;
	len += strcspn(rdata.list[0] + len, " ");
	(void)snprintf(ret_soa->names, sizeof(ret_soa->names), "%.*s", (int)len,
	    rdata.list[0]);
	texts_fini(&rdata);
	ret_soa->serial = ldns_rdf2native_int32(ldns_rr_rdf(rr, SOA_SERIAL));
	ret_soa->minimum = ldns_rdf2native_int32(ldns_rr_rdf(rr, SOA_MINIMUM));
	ret_soa->ttl = ldns_rr_ttl(rr);
	return true;
}

bool
packet_has(const ldns_pkt *packet, ldns_rr_type type)
{
	const ldns_rr_list *answer = ldns_pkt_answer(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++)
		if (ldns_rr_get_type(ldns_rr_list_rr(answer, i)) == type)
			return true;
	return false;
}
