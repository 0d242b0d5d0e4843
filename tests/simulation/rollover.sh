#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The rollover engine in the real program: what is retained, staged, known of
# the CA, remembered over a restart, and agreed upon by several processes.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"
. "$lib/generations.sh"

CONFIG= SOCKET= CA=

main() {
	program_find
	tap_need openssl
	tool_find peer
	tap_begin
	CONFIG=$TMP/pdns-tlsa.yaml
	SOCKET=$TMP/pdns.sock
	CA=$TMP/ca
	ca_init "$CA" 2>/dev/null || tap_bail "openssl failed"
	issue ecdsa E1
	certbot_issue "$TMP/le" mail "$CA/issued/mail"
	tlsa_config "$CONFIG"
	mkdir "$TMP/issuers"
	echo "issuers: [$TMP/issuers]" >>"$CONFIG"
	test_unknown_issuer
	test_issuer_set
	test_staged
	test_garbage
	test_damaged_state
	test_retention
	test_processes
	tap_end
}

issue() {
	ca_issue "$CA" mail "$1" "$2" mail.example.com 2>/dev/null ||
	    tap_bail "openssl failed"
}

renew() {
	issue ecdsa "$1"
	certbot_renew "$TMP/le" mail "$CA/issued/mail"
}

ask() {
	echo '{"method": "lookup", "parameters": {"qname": "'"$1"'",' \
	    '"qtype": "'"$2"'", "zone-id": -1}}'
}

contents() {
	grep -o '"content":"[^"]*"' | cut -d '"' -f 4 | LC_ALL=C sort
}

rrset() { ask "$ALIAS." ANY | "$TOOL" ask "$SOCKET" 2>/dev/null | contents; }
serial() {
	ask "$ZONE." SOA | "$TOOL" ask "$SOCKET" 2>/dev/null | contents |
	    cut -d ' ' -f 3
}

leaf() { tlsa_of "3 1 1" "$CA/issued/mail/cert.pem"; }
issuer() { tlsa_of "2 1 1" "$CA/$1.pem"; }
has() { rrset | grep -qxF "$1"; }
lacks() { [ -n "$(rrset)" ] && ! has "$1"; }
logged() { grep -qF "$1" "$TMP/pdns-tlsa.log"; }
shown() { "$PDNS_TLSA" show -c "$CONFIG" 2>/dev/null | grep -F "$1"; }

test_unknown_issuer() {
	tlsa_serve "$CONFIG"
	tap_ok "it serves" wait_for 5 has "$(leaf)"
	tap_ok "an unknown issuer is published" has "$(issuer E1)"
	tap_ok "it raises an alarm" logged "is not in any issuer set"
	tap_ok "show says at risk" shown "at risk: issuer not in any issuer set"
}

# No restart, no signal: a file in the directory is enough.
test_issuer_set() {
	cat "$CA/E1.pem" "$CA/E2.pem" "$CA/R1.pem" >"$TMP/issuers/demo.pem"
	tap_ok "a new issuer set is noticed" wait_for 5 has "$(issuer E2)"
	tap_ok "but not for another algorithm" lacks "$(issuer R1)"
	tap_ok "show says protected" shown "protected: any of Demo E1, Demo E2 is published"
	tap_ok "show says why" shown "the CA may issue from it"
}

test_staged() {
	local before next
	before=$(serial)
	ca_issue "$CA" next ecdsa E2 mail.example.com 2>/dev/null
	next=$(tlsa_of "3 1 1" "$CA/issued/next/cert.pem")
	# what is written just now is not judged, nor complained of
	cp "$CA/issued/next/privkey.pem" "$TMP/le/archive/mail/fullchain2.pem"
	for _ in $(seq 5); do
		rrset >/dev/null
		touch "$TMP/le/archive/mail/fullchain2.pem"
	done
	for kind in privkey cert chain fullchain; do
		cp "$CA/issued/next/$kind.pem" "$TMP/le/archive/mail/${kind}2.pem"
	done
	tap_ok "a generation that is not live is published" wait_for 5 has "$next"
	tap_is "and nothing is said of how it came" \
	    "$(grep -c 'staged key: ' "$TMP/pdns-tlsa.log")" 0
	tap_ok "beside the one that is" has "$(leaf)"
	tap_ok "the serial moved" [ "$(serial)" -gt "$before" ]
	tap_ok "show says so" shown "staged for the next generation"
	rm "$TMP"/le/archive/mail/*2.pem
}

# The daemon is stopped, the store replaced by garbage, the daemon started.
test_garbage() {
	local before
	renew E2
	wait_for 5 has "$(leaf)"
	before=$(rrset && serial)
	stop "$TLSA_PID"
	mv "$TMP/le" "$TMP/le.good"
	mkdir -p "$TMP/le/live/mail" "$TMP/le/renewal"
	echo garbage >"$TMP/le/live/mail/fullchain.pem"
	echo "no renewal file" >"$TMP/le/renewal/mail.conf"
	tlsa_serve "$CONFIG"
	wait_for 5 has "$(leaf)"
	tap_is "garbage in the store changes no answer" "$(rrset && serial)" "$before"
	stop "$TLSA_PID"
	rm -r "$TMP/le"
	tlsa_serve "$CONFIG"
	wait_for 5 has "$(leaf)"
	tap_is "nor does a store that is gone" "$(rrset && serial)" "$before"
	mv "$TMP/le.good" "$TMP/le"
	stop "$TLSA_PID"
	tlsa_serve "$CONFIG"
	wait_for 5 has "$(leaf)"
	tap_is "nor does its return" "$(rrset && serial)" "$before"
}

test_damaged_state() {
	local before
	before=$(rrset)
	stop "$TLSA_PID"
	sed -i 's/\[\["\([23]\) 1 1/[["\1 1 2/' "$TMP/state/state.db"
	tlsa_serve "$CONFIG"
	tap_ok "it starts with a damaged state" wait_for 5 has "$(leaf)"
	tap_ok "the file is set aside" ls "$TMP"/state/state.db.damaged-*
	tap_ok "the log says so" logged damaged
	tap_is "and the answer is the same" "$(rrset)" "$before"
	stop "$TLSA_PID"
}

# What is replaced leaves at its moment, without any event.
test_retention() {
	local old before file
	sed -i "s/^  ttl:.*/&\n  retain: 1000s/" "$CONFIG"
	tlsa_serve "$CONFIG"
	old=$(leaf)
	wait_for 5 has "$old"
	renew E1
	tap_ok "the new leaf is there" wait_for 5 has "$(leaf)"
	tap_ok "and the old one" has "$old"
	tap_ok "show says until when" shown "published until"
	file=$(realpath "$TMP/le/live/mail/fullchain.pem")
	cp "$file" "$TMP/whole.pem"
	before=$(rrset)
	cp "$CA/issued/mail/cert.pem" "$file"
	tap_ok "a file that is cut behind the leaf is named" \
	    wait_for 10 logged "0 CA certificates where there were 1"
	tap_is "and changes no answer" "$(rrset)" "$before"
	before=$(serial)
	sed -i "s/^  retain: .*/  retain: 3s/" "$CONFIG"
	kill -HUP "$TLSA_PID"
	tap_ok "the old one leaves when it is time" wait_for 6 lacks "$old"
	tap_ok "the new one stays" has "$(leaf)"
	tap_ok "the serial moved with it" [ "$(serial)" -gt "$before" ]
	tap_ok "and with it the CA that was cut off" wait_for 6 lacks "$(issuer E1)"
	cp "$TMP/whole.pem" "$file"
	tap_ok "until the file is whole again" wait_for 6 has "$(issuer E1)"
}

# Start a process on PowerDNS's pipe connector: descriptors 5 and 6, or 7, 8.
pipe_start() {
	mkfifo "$TMP/$1.in" "$TMP/$1.out"
	"$PDNS_TLSA" pipe -c "$CONFIG" <"$TMP/$1.in" >"$TMP/$1.out" \
	    2>>"$TMP/pipes.log" &
}

# What it answers to both questions, on one line.
pipe_view() {
	local reply
	{ ask "$ALIAS." ANY && ask "$ZONE." SOA; } >&"$1"
	for _ in 1 2; do
		read -r -t 60 reply <&"$2"
		echo "$reply"
	done | contents | tr '\n' ' '
	echo
}

# TLSA RRset and serial as each process gives them.
views() {
	pipe_view 5 6
	pipe_view 7 8
	{ ask "$ALIAS." ANY && ask "$ZONE." SOA; } | "$TOOL" ask "$SOCKET" |
	    contents | tr '\n' ' '
	echo
}
agreed() { [ "$(views | LC_ALL=C sort -u | wc -l)" -eq 1 ] && has "$(leaf)"; }

test_processes() {
	local last=0 ca now
	pipe_start a
	exec 5>"$TMP/a.in" 6<"$TMP/a.out"
	pipe_start b
	exec 7>"$TMP/b.in" 8<"$TMP/b.out"
	tap_ok "three processes of one state agree" wait_for 10 agreed
	for ca in E2 E1 R1 E2; do
		renew $ca
		tap_ok "they agree after a renewal by $ca" wait_for 10 agreed
		now=$(serial)
		tap_ok "and the serial went forward" [ "$now" -gt "$last" ]
		last=$now
	done
	exec 5>&- 6<&- 7>&- 8<&-
	stop "$TLSA_PID"
}

main
