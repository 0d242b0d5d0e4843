/* SPDX-License-Identifier: MIT */
#include "doctor/doctor.h"

#include <stdlib.h>

#include "base/mem.h"

/* Whatever it says about a zone of ours: is anybody there? */
static bool
answers(struct doctor *doctor, enum dnsquery_transport transport,
    struct problem *problem)
{
	ldns_pkt *packet = doctor_ask(doctor, &doctor->zones[0].dname,
	    LDNS_RR_TYPE_SOA, transport, problem);
	bool is_there = packet != NULL;

	ldns_pkt_free(packet);
	return is_there;
}

void
doctor_server(struct doctor *doctor)
{
	struct problem udp = { "" };
	struct problem tcp = { "" };
	bool has_udp = answers(doctor, DNSQUERY_UDP, &udp);
	bool has_tcp = answers(doctor, DNSQUERY_TCP, &tcp);
	struct buf server = { 0 };
	char *subject;

	dnsserver_format(&doctor->server, &server);
	subject = mem_format("server '%s'", buf_text(&server));
	if (!has_udp && !has_tcp) {
		finding_add(&doctor->findings, FINDING_SERVER_SILENT, subject,
		    "start pdns_server, or say with --server or 'powerdns: "
		    "address:' where it answers",
		    "does not answer over UDP or TCP: %s", udp.text);
		doctor->is_silent = true;
	} else if (!has_udp) {
		finding_add(&doctor->findings, FINDING_SERVER_UDP, subject,
		    "let UDP through to it", "does not answer over UDP: %s",
		    udp.text);
	} else if (!has_tcp) {
		finding_add(&doctor->findings, FINDING_SERVER_TCP, subject,
		    "let TCP through to it", "does not answer over TCP: %s",
		    tcp.text);
	}
	free(subject);
	buf_fini(&server);
}
