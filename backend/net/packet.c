/* SPDX-License-Identifier: MIT */
#include "net/packet.h"

#include <stdlib.h>
#include <string.h>

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
packet_has(const ldns_pkt *packet, ldns_rr_type type)
{
	const ldns_rr_list *answer = ldns_pkt_answer(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++)
		if (ldns_rr_get_type(ldns_rr_list_rr(answer, i)) == type)
			return true;
	return false;
}
