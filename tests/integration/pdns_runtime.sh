#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a running pdns_server, with its caches on, makes of changes: zones that
# come and go, an answer that is on its way while its name is purged; and what
# its tools show and keep of zones with keys of our own.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"

SECOND=second.example.org
OTHER=b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=
SECRET=c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0

main() {
	program_find
	pdns_need
	tap_need pdns_control python3
	tap_begin
	world_make
	config "$ZONE"
	tlsa_serve
	server_start
	test_lists
	test_metadata
	test_tsig
	test_secure
	test_zone_comes
	test_zone_goes
	test_zone_came_while_off
	test_answer_held
	test_children
	tap_end
}

# config ZONE...: each keeps its keys here
config() {
	local zone

	tlsa_config "$TMP/first.yaml"
	{
		sed '/^zones:/,$d' "$TMP/first.yaml"
		echo "powerdns: {control-socket: $TMP/pdns/pdns.controlsocket}"
		echo "zones:"
		for zone; do
			echo "  - {name: $zone, nameservers: [ns1.example.net]," \
			    "dnssec: self}"
		done
		sed -n '/^services:/,$p' "$TMP/first.yaml"
	} >"$TMP/pdns-tlsa.yaml"
}

# Between us and PowerDNS stands somebody who can hold an answer back.
# shellcheck disable=SC2034 # PORT and PDNS_PID are for pdns.sh
server_start() {
	PORT=$(port_free)
	mkdir -p "$TMP/pdns"
	spawn holder python3 "$lib/holder.py" "$TMP/held.sock" \
	    "$TMP/pdns.sock" "$TMP/hold"
	wait_for 60 [ -S "$TMP/held.sock" ] || tap_bail "the holder is not there"
	server_config "unix:path=$TMP/held.sock,timeout=10000"
	spawn pdns pdns_server --config-dir="$TMP/pdns"
	PDNS_PID=$PID
	wait_for 60 pdns_answers || tap_bail "pdns_server does not answer"
}

server_config() {
	{
		pdns_config remote "$1" | grep -v -e '-ttl=' -e ^remote-dnssec
		# no primary=yes: its thread for secondaries ends PowerDNS when
		# a connection is lost, which a restart without systemd is
		printf '%s\n' remote-dnssec=yes allow-axfr-ips= \
		    cache-ttl=600 query-cache-ttl=600 negquery-cache-ttl=600 \
		    distributor-threads=3
	} >"$TMP/pdns/pdns.conf"
}

util() {
	pdnsutil --config-dir="$TMP/pdns" "$@" 2>>"$TMP/pdnsutil.log"
}

test_lists() {
	tap_is "pdnsutil lists the zone as a primary" \
	    "$(util list-all-zones primary)" "$ZONE"
	tap_is "pdns_control lists it as well" \
	    "$(pdns_control --config-dir="$TMP/pdns" list-zones primary |
	    head -n 1)" "$ZONE."
}

test_metadata() {
	local value

	for value in "ü" "€ and 📧" 'a "quoted" \ one' $'two\nlines' ' ' \
	    $'\x01\x7f'; do
		util set-meta "$ZONE" X-NOTE "$value" >"$TMP/output"
		tap_is "metadata come back: $(printf %q "$value")" \
		    "$(util get-meta "$ZONE" X-NOTE | sed 1d)" "X-NOTE = $value"
	done
	util set-meta "$ZONE" X-NOTE good >"$TMP/output"
	tap_is "what is not UTF-8 is refused" \
	    "$(util set-meta "$ZONE" X-NOTE $'\xfc' >"$TMP/output"; echo $?)" 1
	tap_ok "and the log says why" grep -q "not UTF-8" "$TMP/pdns-tlsa.log"
	tap_is "and what was there is there still" \
	    "$(util get-meta "$ZONE" X-NOTE | sed 1d)" "X-NOTE = good"
}

test_tsig() {
	util import-tsig-key one hmac-sha256 $SECRET >"$TMP/output"
	util generate-tsig-key two hmac-sha512 >"$TMP/output"
	util activate-tsig-key "$ZONE" one primary >"$TMP/output"
	tap_is "TSIG keys are listed" \
	    "$(util list-tsig-keys | cut -d ' ' -f 1,2)" \
	    "one. hmac-sha256."$'\n'"two. hmac-sha512."
	check_transfers "signed"
	stop "$TLSA_PID"
	tlsa_serve
	check_transfers "after a restart"
	tap_is "a TSIG key is deleted" \
	    "$(util delete-tsig-key two; util list-tsig-keys |
	    cut -d ' ' -f 1)" "Deleted TSIG key two"$'\n'"one."
	tap_is "no secret is in the log" \
	    "$(grep -c -e $SECRET "$TMP/pdns-tlsa.log")" 0
}

check_transfers() {
	tap_ok "transfer, $1: with the key" wait_for 30 transferred $SECRET
	tap_is "transfer, $1: with another secret" "$(transfer $OTHER)" 0
	tap_is "transfer, $1: without" \
	    "$(dns_ask "$ZONE" AXFR | grep -c "IN.TLSA")" 0
}

# How many TLSA records a transfer that is signed with this secret brings.
transfer() {
	dns_ask -y "hmac-sha256:one:$1" "$ZONE" AXFR | grep -c "IN.TLSA"
}

transferred() {
	[ "$(transfer "$1")" -gt 0 ]
}

# The exit status is pdnsutil's own: 1, with every backend.
test_secure() {
	local ds
	ds=$(util export-zone-ds "$ZONE")

	tap_is "secure-zone finds the zone secure" \
	    "$(pdnsutil --config-dir="$TMP/pdns" secure-zone "$ZONE" 2>&1 |
	    grep -c "'$ZONE' already secure")" 1
	tap_is "secure-all-zones has nothing to do" \
	    "$(util secure-all-zones)" "Secured: 0 zones. Errors: 0"
	tap_is "neither has made a key" "$(util export-zone-ds "$ZONE")" "$ds"
}

status_is() {
	[ "$(dns_rcode "$1" SOA)" = "$2" ]
}

# The list of zones is read each five minutes, and refusals are cached for ten.
test_zone_comes() {
	tap_is "a zone that nobody has" "$(dns_rcode $SECOND SOA)" REFUSED
	tap_is "and a name in it" "$(dns_rcode a.$SECOND A)" REFUSED
	config "$ZONE" $SECOND
	kill -HUP "$TLSA_PID"
	tap_ok "a zone that is new after a reload answers at once" \
	    wait_for 30 status_is $SECOND NOERROR
	tap_is "so does a name in it" "$(dns_rcode a.$SECOND A)" NXDOMAIN
	tap_ok "it is signed" [ "$(dns_count $SECOND DNSKEY)" -gt 0 ]
}

test_zone_goes() {
	config "$ZONE"
	kill -HUP "$TLSA_PID"
	tap_ok "a zone that is gone is refused at once" \
	    wait_for 30 status_is $SECOND REFUSED
	tap_ok "the other one answers" status_is "$ZONE" NOERROR
}

test_zone_came_while_off() {
	local third=third.example.org

	tap_is "another zone that nobody has" "$(dns_rcode $third SOA)" REFUSED
	stop "$TLSA_PID"
	config "$ZONE" $third
	tlsa_serve
	tap_ok "a zone that is new after a restart answers at once" \
	    wait_for 30 status_is $third NOERROR
}

# An answer that was given before the renewal and is cached after the PURGE.
# The second PURGE comes a second later; should this machine have slept that
# long, once more.
test_answer_held() {
	local try

	tap_ok "the RRset before" wait_for 30 tlsa_is "$ALIAS" \
	    "$(live_rrset mail)"
	for try in 1 2 3; do
		if hold_answer "$try" && wait_for 5 tlsa_has "$ALIAS" \
		    "$(live_rrset mail)"; then
			break
		fi
		try=
	done
	tap_ok "an answer that was on its way is not kept" [ -n "$try" ]
}

hold_answer() {
	local digger
	SEEN=$(purges)

	pdns_control --config-dir="$TMP/pdns" purge "$ZONE\$" >/dev/null
	rm -f "$TMP/hold.held"
	echo "$ALIAS" >"$TMP/hold"
	dns_ask +time=20 "$ALIAS" TLSA >"$TMP/held.answer" &
	digger=$!
	wait_for 30 [ -e "$TMP/hold.held" ] || return
	ca_issue "$TMP/ca" mail ecdsa "E$((1 + $1 % 2))" mail.example.com
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	wait_for 30 purged
	rm "$TMP/hold"
	wait "$digger"
	# the old one, or nothing is shown
	! tlsa_is_in "$TMP/held.answer" "$(live_rrset mail)"
}

tlsa_is_in() {
	[ -z "$(lines_missing "$2" "$(dns_tlsa_lines <"$1")")" ]
}

purges() {
	grep -c "Cache clear request for '$ALIAS'" "$TMP/pdns.log"
}

purged() {
	[ "$(purges)" -gt "$SEEN" ]
}

# To ask for zones anew, PowerDNS begins a child.
test_children() {
	stop "$PDNS_PID" "$TLSA_PID"
	ln -s "$PDNS_TLSA" "$TMP/pdns-tlsa"
	server_config "pipe:command=$TMP/pdns-tlsa pipe -c \
$TMP/pdns-tlsa.yaml,timeout=10000"
	spawn by-pipe pdns_server --config-dir="$TMP/pdns"
	tap_ok "by pipe: the zone answers" wait_for 60 status_is "$ZONE" NOERROR
	tap_is "by pipe: no child has it begin another" \
	    "$(grep -c "Rediscovery was requested" "$TMP/by-pipe.log")" 0
}

main
