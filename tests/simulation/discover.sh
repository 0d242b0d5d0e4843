#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A daemon whose hosts nobody lists: they come with a certificate and go with
# the last one that names them.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"

# long enough to look at what is retained
RETAIN=8

main() {
	program_find
	tap_need openssl
	tap_begin
	world_begin
	test_nothing
	tlsa_serve
	test_begins
	test_name_leaves
	test_patterns
	test_mistake
	test_restart
	test_deleted
	tap_end
}

world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	mkdir "$TMP/store"
	config '"mail.*"'
}

# config PATTERNS [STORE]
config() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {retain: ${RETAIN}s, ttl: 1, records: ["3 1 1"]}
	sources: [{type: files, path: ${2:-$TMP/store}}]
	zones: [{name: $ZONE, nameservers: [ns1.example.net]}]
	discover: {hosts: [$1], ports: [25, 465]}
	END
}

program() {
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" "$@"
}

# issue LINEAGE NAME...
issue() {
	local lineage=$1
	shift

	ca_issue "$TMP/ca" "$lineage" ecdsa E1 "$@" 2>/dev/null ||
	    tap_bail "openssl failed"
	cp "$TMP/ca/issued/$lineage/fullchain.pem" "$TMP/store/$lineage.new"
	mv "$TMP/store/$lineage.new" "$TMP/store/$lineage.pem"
}

serves() {
	program status | grep -q "^$1 .* $2/tcp  *$3 "
}

# serves_within SECONDS HOST PORT RECORDS
serves_within() {
	wait_for "$1" serves "$2" "$3" "$4"
}

is_gone_host() {
	! program status | grep -q "^$1 "
}

has_logged() {
	grep -qF -e "$1" "$TMP/pdns-tlsa.log"
}

test_nothing() {
	local status=0

	program check >"$TMP/out" 2>&1 || status=$?
	tap_is "check is not content with no service" "$status" 3
	tap_ok "and says what is missing" grep -q "there are none" "$TMP/out"
	tap_ok "who only looks makes no state directory" [ ! -e "$TMP/state" ]
	tap_ok "config check tells that there may be more" eval \
	    'program config check | grep -q "those that are discovered"'
}

test_begins() {
	issue one MAIL.a.example www.a.example "*.a.example"
	tap_ok "a host begins with its certificate" \
	    serves_within 5 mail.a.example. 25 1
	tap_ok "at each port" serves mail.a.example. 465 1
	tap_ok "a name that fits no pattern does not" is_gone_host www.a.example.
	tap_ok "setup prints its alias" eval \
	    'program setup | grep -q "^_465._tcp.mail.a.example. .*CNAME"'
}

test_name_leaves() {
	issue one www.a.example
	tap_ok "a renewal without the name keeps the old leaf" \
	    serves_within 5 mail.a.example. 25 1
	tap_ok "and warns" has_logged "no current certificate names the host"
	tap_ok "until it was retained long enough" \
	    wait_for 20 is_gone_host mail.a.example.
	tap_ok "which the log tells" has_logged \
	    "rrset '_25_tcp_mail_a_example.$ZONE.': removed"
	issue one mail.a.example
	tap_ok "it comes back with its name" \
	    serves_within 5 mail.a.example. 25 1
}

test_patterns() {
	config '"www.*", "mx?.*"'
	kill -HUP "$TLSA_PID"
	tap_ok "another pattern ends it at once" \
	    wait_for 5 is_gone_host mail.a.example.
	config '"mail.*"'
	kill -HUP "$TLSA_PID"
	tap_ok "and the first one brings it back" \
	    wait_for 20 serves mail.a.example. 25 1
}

has_reread() {
	[ "$(grep -c "read again" "$TMP/pdns-tlsa.log")" -eq "$1" ]
}

# A mistake in the configuration is no reason to withdraw what is served.
test_mistake() {
	config '"mail.*"' "$TMP/nowhere"
	kill -HUP "$TLSA_PID"
	tap_ok "a store that is nowhere is read" wait_for 5 has_reread 3
	tap_ok "that is logged" wait_for 5 has_logged "does not exist yet"
	tap_ok "the host stays" serves_within 5 mail.a.example. 25 1
	stop "$TLSA_PID"
	tlsa_serve
	tap_ok "also over a restart" serves_within 5 mail.a.example. 25 1
	config '"mail.*"'
	kill -HUP "$TLSA_PID"
	tap_ok "and when the store is back" \
	    serves_within 5 mail.a.example. 25 1
}

# What is on record names the host, though the file does not.
test_restart() {
	stop "$TLSA_PID"
	echo garbage >"$TMP/store/one.pem"
	tlsa_serve
	tap_ok "a restart over garbage answers as before" \
	    serves_within 5 mail.a.example. 25 1
}

test_deleted() {
	rm "$TMP/store/one.pem"
	issue two other.example
	tap_ok "another certificate appears" \
	    wait_for 5 has_logged "lineage 'two': new"
	tap_ok "the missing file is no deletion" serves mail.a.example. 25 1
	ln -s /dev/null "$TMP/store/one.pem"
	tap_ok "one that leads to /dev/null is" \
	    wait_for 5 has_logged "lineage 'one': was deleted"
	tap_ok "and is retained" serves mail.a.example. 25 1
	tap_ok "and then its host leaves" \
	    wait_for 20 is_gone_host mail.a.example.
}

main
