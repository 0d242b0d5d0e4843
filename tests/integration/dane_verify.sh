#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The RRset that PowerDNS hands out, judged by somebody else: OpenSSL as a
# DANE client, against a TLS server with the certificate of the lineage.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"

HOST=mail.example.com

main() {
	program_find
	pdns_need
	tap_begin
	world_make
	tlsa_config "$TMP/pdns-tlsa.yaml"
	tlsa_serve
	pdns_start remote "unix:path=$TMP/pdns.sock,timeout=2000"
	test_chain "ECDSA"
	ca_issue "$TMP/ca" mail rsa R1 "$HOST"
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	wait_for 5 tlsa_has "$ALIAS" "$(live_rrset mail)"
	test_chain "renewed to RSA"
	tap_end
}

test_chain() {
	local label=$1 rrset record
	rrset=$(dns_tlsa "$ALIAS")

	server_start
	tap_ok "$label: the RRset is accepted" client_accepts "$HOST" "$rrset"
	while read -r record; do
		tap_ok "$label: ${record:0:5} alone is accepted" \
		    client_accepts "$HOST" "$record"
	done <<<"$(live_rrset mail)"
	tap_ok "$label: altered association data are refused" \
	    client_refuses "$HOST" "$(alter <<<"$rrset")"
	# usage 2 binds the name too, usage 3 does not (RFC 7671 s5.1)
	tap_ok "$label: usage 2 is refused for another name" \
	    client_refuses other.example.com "$(grep ^2 <<<"$rrset")"
	stop "$SERVER_PID"
}

server_start() {
	local live=$TMP/le/live/mail

	SERVER_PORT=$(port_free)
	spawn server openssl s_server -accept "127.0.0.1:$SERVER_PORT" -quiet \
	    -cert "$live/cert.pem" -key "$live/privkey.pem" \
	    -cert_chain "$live/chain.pem"
	SERVER_PID=$PID
	wait_for 60 openssl s_client -connect "127.0.0.1:$SERVER_PORT" ||
	    tap_bail "openssl s_server does not listen"
}

client_accepts() {
	local output
	output=$(client "$@") && grep "matched" <<<"$output"
}

# Refused for the right reason, not because nobody listened.
client_refuses() {
	local output
	! output=$(client "$@") && grep -i "verif" <<<"$output"
}

# No CA of the machine is trusted: only the TLSA RRset can say yes.
client() {
	local name=$1 record arguments=()

	while read -r record; do
		arguments+=(-dane_tlsa_rrdata "$record")
	done <<<"$2"
	openssl s_client -connect "127.0.0.1:$SERVER_PORT" -brief \
	    -servername "$name" -dane_tlsa_domain "$name" "${arguments[@]}" \
	    -no-CAfile -no-CApath -no-CAstore -verify_return_error \
	    </dev/null 2>&1
}

# Another first digit of the association data, in each record.
alter() {
	awk '{ $4 = (substr($4, 1, 1) == "0" ? "1" : "0") substr($4, 2) } 1'
}

main
