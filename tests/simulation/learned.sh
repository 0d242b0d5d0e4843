#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The day a CA issues from an intermediate that its set does not have: the one
# lineage that got it tells all others.  And what nobody learns from.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"

main() {
	program_find
	tap_need openssl python3
	tap_begin
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	mkdir -p "$TMP/issuers" "$TMP/store/"{a,b}
	for name in a b; do
		ca_issue "$TMP/ca" $name ecdsa E1 $name.example.com
		renew $name
	done
	{
		echo "# role: root"
		cat "$TMP/ca/root.pem" "$TMP/ca/E1.pem"
	} >"$TMP/issuers/own.pem"
	config >"$TMP/pdns-tlsa.yaml"
	tlsa_serve
	test_forged
	test_seen
	stop "$TLSA_PID"
	tlsa_serve
	tap_ok "after a restart it is known" wait_for 5 has b "$TMP/ca/E2.pem"
	test_known
	stop "$TLSA_PID"
	tap_end
}

config() {
	cat <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	issuers: [$TMP/issuers]
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net]}
	sources:
	  - {type: files, path: $TMP/store}
	services:
	  - {host: a.example.com}
	  - {host: b.example.com}
	END
}

# renew NAME [FILE...]: what was issued last, and what the server sends besides
renew() {
	local name=$1
	shift

	cat "$TMP/ca/issued/$name/fullchain.pem" "$@" >"$TMP/new.pem"
	mv "$TMP/new.pem" "$TMP/store/$name/fullchain.pem"
}

has() {
	tlsa_served "$1.example.com" | grep -qx "$(tlsa_of "2 1 1" "$2")"
}

lacks() {
	! "$@"
}

issuers() {
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" issuers 2>/dev/null
}

# Its name is that of the root, and its signature is its own.
test_forged() {
	ca_init "$TMP/forged" || tap_bail "openssl failed"
	ca_issue "$TMP/forged" a ecdsa E2 a.example.com
	cat "$TMP/forged/issued/a/fullchain.pem" "$TMP/ca/root.pem" \
	    >"$TMP/new.pem"
	mv "$TMP/new.pem" "$TMP/store/a/fullchain.pem"
	tap_ok "a forged one is served, and so it is published" \
	    wait_for 5 has a "$TMP/forged/E2.pem"
	tap_ok "but nobody learns from it" lacks has b "$TMP/forged/E2.pem"
	tap_ok "nor is it listed" lacks eval 'issuers | grep -q " seen "'
}

test_seen() {
	ca_issue "$TMP/ca" a ecdsa E2 a.example.com
	renew a
	tap_ok "another intermediate, without its root" \
	    wait_for 5 has a "$TMP/ca/E2.pem"
	tap_ok "proves nothing" lacks has b "$TMP/ca/E2.pem"
	ca_issue "$TMP/ca" a ecdsa E2 a.example.com
	renew a "$TMP/ca/root.pem"
	tap_ok "with its root, it is published for the other lineage" \
	    wait_for 5 has b "$TMP/ca/E2.pem"
	tap_is "the log says so, once" \
	    "$(grep -c "does not have 'Demo E2'" "$TMP/pdns-tlsa.log")" 1
	tap_ok "issuers lists it, with the day" eval \
	    'issuers | grep -q "Demo E2 .* seen .* since 20"'
	tap_ok "check says that the set is behind" eval '"$PDNS_TLSA" check \
	    -c "$TMP/pdns-tlsa.yaml" 2>/dev/null | grep -q "is behind"'
	tap_ok "show says that the other is protected by it" eval \
	    '"$PDNS_TLSA" show -c "$TMP/pdns-tlsa.yaml" b.example.com \
	    2>/dev/null | grep -q "protected: any of Demo E1, Demo E2"'
}

# The set has it, and there is nothing to learn any more.
test_known() {
	cat "$TMP/ca/E2.pem" >>"$TMP/issuers/own.pem"
	tap_ok "once the set has it" wait_for 10 eval \
	    'issuers | grep -q "Demo E2 .* active "'
	tap_ok "nothing is behind" lacks eval '"$PDNS_TLSA" check \
	    -c "$TMP/pdns-tlsa.yaml" 2>/dev/null | grep -q "is behind"'
	tap_ok "and it stays published" has b "$TMP/ca/E2.pem"
}

main
