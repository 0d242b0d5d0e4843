#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The daemon on its unix socket, asked through a real pdns_server: alone, and
# behind the bind backend with an alias in an ordinary zone.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"

main() {
	program_find
	pdns_need
	tap_begin
	test_composition remote
	test_composition bind,remote
	test_second_lineage
	test_damage
	test_crash
	test_restart
	test_delete
	test_cannot_tell
	tap_end
}

# Leaves pdns_server and the daemon running.
test_composition() {
	local launch=$1 serial

	[ "$launch" = remote ] || stop "$PDNS_PID" "$TLSA_PID"
	world_make
	tlsa_config "$TMP/pdns-tlsa.yaml"
	tlsa_serve
	pdns_start "$launch" "unix:path=$TMP/pdns.sock,timeout=2000"
	check_zone "$launch" "$(live_rrset mail)"
	case $launch in
	bind*) check_alias "$launch" "$(live_rrset mail)" ;;
	esac
	check_transfer "$launch" "$(live_rrset mail)"
	serial=$(dns_serial)
	check_renewal "$launch"
	tap_ok "$launch: the serial grew" [ "$(dns_serial)" -gt "$serial" ]
}

# A server with an RSA and an ECDSA certificate shows either: both must be
# published, and a lineage that is new in the store must be noticed.
test_second_lineage() {
	local both

	ca_issue "$TMP/ca" mail-rsa rsa R1 "*.example.com" example.com
	certbot_issue "$TMP/le" mail-rsa "$TMP/ca/issued/mail-rsa"
	both=$({ live_rrset mail; live_rrset mail-rsa; } | sort -u)
	tap_ok "a second lineage that covers the host is added" \
	    wait_for 5 tlsa_has "$ALIAS" "$both"
}

# The last good chain stays when the file turns bad.
test_damage() {
	local rrset file=$TMP/le/live/mail/fullchain.pem
	rrset=$(live_rrset mail)

	cp "$file" "$TMP/good.pem"
	head -c 700 "$TMP/good.pem" >"$file"
	settle
	tap_ok "a file cut short takes nothing away" tlsa_has "$ALIAS" "$rrset"
	cat "$TMP/good.pem" >"$file"
}

# Another lineage's renewal, seen in the answer, shows that the daemon has met
# what happened in the store before.
settle() {
	ca_issue "$TMP/ca" mail-rsa rsa R2 "*.example.com" example.com
	certbot_renew "$TMP/le" mail-rsa "$TMP/ca/issued/mail-rsa"
	wait_for 5 tlsa_has "$ALIAS" "$(live_rrset mail-rsa)" ||
	    tap_bail "the daemon does not follow the store"
}

test_crash() {
	local rrset serial
	rrset=$(dns_tlsa "$ALIAS")
	serial=$(dns_serial)

	wait_for 10 clock_has_passed "$serial"
	stop -KILL "$TLSA_PID"
	tap_is "without the daemon: SERVFAIL, no denial" \
	    "$(dns_outcome "$ALIAS" TLSA)" "SERVFAIL 0"
	tap_is "without the daemon: other zones still answer" \
	    "$(dns_ask mail.example.com A +short)" "192.0.2.25"
	tlsa_serve
	tap_ok "PowerDNS reconnects to the new daemon" \
	    wait_for 5 tlsa_is "$ALIAS" "$rrset"
	tap_ok "the serial did not go back" [ "$(dns_serial)" -ge "$serial" ]
}

test_restart() {
	local rrset serial status
	rrset=$(dns_tlsa "$ALIAS")
	serial=$(dns_serial)

	wait_for 10 clock_has_passed "$serial"
	stop "$TLSA_PID"
	status=$?
	tap_is "SIGTERM ends the daemon with status 0" "$status" 0
	tlsa_serve
	tap_ok "the answer is the same after a restart" \
	    wait_for 5 tlsa_is "$ALIAS" "$rrset"
	tap_ok "nor did the serial go back" [ "$(dns_serial)" -ge "$serial" ]
}

# Several changes in one second put the serial before the clock.  It is not
# kept on disk: a daemon that starts before the clock has passed it would begin
# with a lower one.
clock_has_passed() {
	[ "$(date +%s)" -gt "$1" ]
}

# A deleted lineage may still be served by a running mail server: it stays
# for the time that "retain" gives it.
test_delete() {
	local rrset
	rrset=$(live_rrset mail)

	certbot_delete "$TMP/le" mail
	settle
	tap_ok "a deleted lineage is retained" tlsa_has "$ALIAS" "$rrset"
}

test_cannot_tell() {
	stop "$PDNS_PID" "$TLSA_PID"
	world_make
	world_break
	tlsa_config "$TMP/pdns-tlsa.yaml" mail.example.com \
	    "broken.example.com broken"
	tlsa_serve
	pdns_start bind,remote "unix:path=$TMP/pdns.sock,timeout=2000"
	check_cannot_tell unix
}

main
