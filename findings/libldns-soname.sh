#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libldns.so.3 of ldns 1.9 is not the libldns.so.3 of ldns 1.8: a program made
# with the one finds every symbol in the other, and can send nothing.
#
# Versions: a program made with ldns 1.8.3 (Debian 12), run with 1.8.3 and with
#	1.9.2 (Debian 14).
# Expected: one soname, one interface.
# Seen: the same binary asks a server that answers:
#
#	ldns 1.8.3 here, made with 1.8.3: NOERROR
#	ldns 1.9.2 here, made with 1.8.3: Could not send or receive, because of network error
#	ldns 1.9.2 here, made with 1.9.2: NOERROR
#
# No loader and no package manager can say so: build anew for each release.

. "${0%/*}/lib/finding.sh"

program() {
	cat >"$ROOT/root/ask.c" <<'END'
#include <stdio.h>
#include <ldns/ldns.h>

int
main(void)
{
	ldns_resolver *resolver = ldns_resolver_new();
	ldns_rdf *server = ldns_rdf_new_frm_str(LDNS_RDF_TYPE_A, "127.0.0.1");
	ldns_rdf *name = ldns_dname_new_frm_str("example.com.");
	ldns_pkt *question, *answer = NULL;
	ldns_status status;

	ldns_resolver_push_nameserver(resolver, server);
	question = ldns_pkt_query_new(name, LDNS_RR_TYPE_TXT,
	    LDNS_RR_CLASS_IN, LDNS_RD);
	status = ldns_resolver_send_pkt(&answer, resolver, question);
	if (status != LDNS_STATUS_OK)
		puts(ldns_get_errorstr_by_id(status));
	else
		puts(ldns_pkt_rcode2str(ldns_pkt_get_rcode(answer)));
	return 0;
}
END
	"$root_sh" enter "$ROOT" gcc -o "/root/made-with-$1" ask.c -lldns \
	    2>"$TMP/errors" || fail "gcc" "$TMP/errors"
}
# It answers everything, with nothing.
ask() {
	alone <<-END
	cat >answers.py <<EOP
	import socket
	server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	server.bind(("127.0.0.1", 53))
	open("ready", "w").close()
	while True:
	    data, peer = server.recvfrom(512)
	    server.sendto(data[:2] + bytes([0x85, 0]) + data[4:], peer)
	EOP
	python3 answers.py &
	wait_for test -e ready
	echo "ldns $1 here, made with $2: \$(/root/made-with-$2)"
	END
}
root bookworm libldns-dev=1.8.3-1+b1 libldns3=1.8.3-1+b1 gcc libc6-dev python3
program 1.8.3
cp "$ROOT/root/made-with-1.8.3" "$TMP/"
ask 1.8.3 1.8.3
root forky libldns-dev=1.9.2-1+b1 libldns3t64=1.9.2-1+b1 gcc libc6-dev python3
cp "$TMP/made-with-1.8.3" "$ROOT/root/"
ask 1.9.2 1.8.3
program 1.9.2
ask 1.9.2 1.9.2
holds <<'END'
ldns 1.8.3 here, made with 1.8.3: NOERROR
ldns 1.9.2 here, made with 1.8.3: Could not send or receive, because of network error
ldns 1.9.2 here, made with 1.9.2: NOERROR
END
