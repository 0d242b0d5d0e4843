#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is seen from outside when PowerDNS restarts, and when the program is
# killed under load, is missing, hangs: SERVFAIL, seldom, and never a denial
# of the TLSA RRset.  The zones of other backends go on.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"

KILLS=5
# enough for every thread of PowerDNS to have a question
ASKED=8
# one for each thread of PowerDNS that answers: three for UDP, one for TCP
CONNECTIONS=4

main() {
	lab_pdns_need bind remote
	tap_need dnsperf systemd-socket-activate
	lab_enter "$@"
	lab_begin
	lab_certificates
	RRSET=$(lab_rrset)
	build_zones
	test_pdns_restart
	test_missing
	test_start_without
	test_hang
	test_kills
	test_pipe
	lab_end
}

build_zones() {
	lab_config "" "$ZONE"
	lab_pdns_config unix own-bind.conf
	{ lab_tlsa_start && lab_database bind && lab_zones own &&
	    lab_pdns_start && lab_unbound_start example.net example.com; } ||
	    tap_bail "the zones could not be built"
}

test_pdns_restart() {
	lab_pdns_stop
	lab_try "PowerDNS starts again" lab_pdns_start
	check_tlsa "PowerDNS restarted" "$RRSET" "$ALIAS"
}

# A validator must not learn in such a time that nothing is there.
test_missing() {
	lab_tlsa_stop
	lab_forget "$ALIAS"
	check_trouble "without the socket"
	tap_is "without the socket: unbound's answer" \
	    "$(lab_ask unbound "$ALIAS" TLSA)" "servfail insecure"
	lab_try "the socket appears: pdns-tlsa starts" lab_tlsa_start
	check_recovery "the socket appears"
	# what failed is remembered for a few seconds
	tap_ok "the socket appears: right through unbound too" \
	    wait_for 10 secure_again
}

# With its zone cache PowerDNS does not start at all.  Without, it starts, and
# asks us about every name: all zones depend on the socket.
test_start_without() {
	lab_pdns_stop
	lab_tlsa_stop
	lab_pdns_set zone-cache-refresh-interval=0
	lab_try "PowerDNS starts without the socket" lab_pdns_start
	tap_is "started without the socket: SERVFAIL, no denial" \
	    "$(outcomes "$ALIAS" TLSA)" "$ASKED SERVFAIL 0"
	lab_try "started without: pdns-tlsa starts" lab_tlsa_start
	check_recovery "started without the socket"
	lab_pdns_stop
	lab_pdns_unset
	lab_try "PowerDNS starts as before" lab_pdns_start
}

# As good as dead, but it still holds the connections: each question takes a
# thread of PowerDNS until its timeout.
test_hang() {
	local ASKED=3

	kill -STOP "$TLSA_PID"
	check_trouble "hanging"
	kill -CONT "$TLSA_PID"
	check_recovery "hanging no more"
}

check_trouble() {
	tap_is "$1: SERVFAIL, no denial" "$(outcomes "$ALIAS" TLSA)" \
	    "$ASKED SERVFAIL 0"
	tap_is "$1: other zones answer" "$(outcomes mail.example.com A)" \
	    "$ASKED NOERROR 1"
	tap_is "$1: other zones deny" "$(outcomes mail.example.com AAAA)" \
	    "$ASKED NOERROR 0"
}

check_recovery() {
	tap_ok "$1: right answers come back by themselves" \
	    wait_for 5 all_is_well
}

all_is_well() {
	[ "$(outcomes "$ALIAS" TLSA)" = "$ASKED NOERROR 2" ]
}

secure_again() {
	[ "$(lab_secure unbound "$ALIAS")" = "$RRSET" ]
}

# Print "COUNT RCODE RECORDS" for ASKED questions at a time.
outcomes() {
	yes "$1 $2" | head -n "$ASKED" | xargs -P "$ASKED" -L 1 \
	    dig "@$NS1" +norecurse +tries=1 +time=15 +noall +comments |
	    count_outcomes
}

# Of the RRset, which has two records.
denials() {
	grep -o "NXDOMAIN\|NOERROR [^2]"
}

count_outcomes() {
	awk '
		/^;; ->>HEADER/ { status = $6 }
		/^;; flags:/ { sub(/.* ANSWER: /, ""); print status, $0 + 0 }
		/no servers could be reached/ { print "TIMEOUT" }' |
	    tr -d , | sort | uniq -c | xargs
}

# The socket stays, as with systemd: nobody finds the door closed.
test_kills() {
	lab_pdns_stop
	lab_tlsa_stop
	rm -f /run/pdns-tlsa/pdns.sock
	supervise
	lab_try "PowerDNS starts by socket activation" lab_pdns_start
	load
	tap_ok "killed under load: at most one SERVFAIL for each connection" \
	    [ "$(load_count tlsa SERVFAIL)" -le $((KILLS * CONNECTIONS)) ]
	tap_is "killed under load: nothing but NOERROR and SERVFAIL" \
	    "$(load_count tlsa NXDOMAIN) $(load_lost tlsa)" "0 0"
	tap_is "killed under load: never without the records" \
	    "$(denials <"$TMP/watched")" ""
	tap_is "killed under load: the other zones don't notice" \
	    "$(load_count other SERVFAIL) $(load_lost other)" "0 0"
	check_recovery "killed no more"
	lab_pdns_stop
	stop "$SUPERVISOR"
}

# What systemd does with our socket and service units.  From release 258 on a
# process is also named by LISTEN_PIDFDID.
supervise() {
	local loop
	# shellcheck disable=SC2016 # for the other bash
	loop='unset LISTEN_PIDFDID
		trap "kill \$child; wait; exit" TERM
		while :; do
			(LISTEN_PID=$BASHPID exec pdns-tlsa serve) &
			child=$!
			echo $child >"$0"
			wait $child
		done'

	spawn supervisor systemd-socket-activate -E LC_ALL -E PATH \
	    -l /run/pdns-tlsa/pdns.sock bash -c "$loop" "$TMP/child"
	SUPERVISOR=$PID
	wait_for 60 chgrp pdns /run/pdns-tlsa/pdns.sock ||
	    tap_bail "no supervisor"
	chmod 660 /run/pdns-tlsa/pdns.sock
}

# Meanwhile the program is killed, KILLS times.
load() {
	local jobs=() i

	echo "$ALIAS TLSA" >"$TMP/questions.tlsa"
	printf '%s\n' "mail.example.com A" "example.com MX" \
	    "ns1.example.net A" >"$TMP/questions.other"
	for i in tlsa other; do
		dnsperf -s "$NS1" -d "$TMP/questions.$i" -l 4 -c 4 -q 10 -t 30 \
		    >"$TMP/load.$i" 2>&1 &
		jobs+=($!)
	done
	watch_records &
	jobs+=($!)
	for ((i = 0; i < KILLS; i++)); do
		sleep 0.5
		kill -KILL "$(cat "$TMP/child")"
	done
	wait "${jobs[@]}"
}

# dnsperf does not tell an empty answer from a full one.
watch_records() {
	local end=$(($(now_us) + 4000000))

	while [ "$(now_us)" -lt "$end" ]; do
		outcomes "$ALIAS" TLSA
	done >"$TMP/watched"
}

load_count() {
	sed -n "s/.*Response codes:.* $2 \([0-9]*\) .*/\1/p" "$TMP/load.$1" |
	    grep . || echo 0
}

load_lost() {
	sed -n 's/.*Queries lost: *\([0-9]*\) .*/\1/p' "$TMP/load.$1"
}

# PowerDNS ends a child that hangs, and makes a new one.  It does not notice
# one that was killed while idle: then only its restart helps.
test_pipe() {
	lab_pdns_config pipe pipe.conf
	lab_try "pipe: PowerDNS starts" lab_pdns_start
	tap_ok "pipe: it answers" wait_for 5 all_is_well
	signal_children STOP
	tap_is "pipe, hanging: no denial" \
	    "$(outcomes "$ALIAS" TLSA | denials)" ""
	check_recovery "pipe, hanging no more"
	signal_children KILL
	tap_is "pipe, killed: no denial" \
	    "$(outcomes "$ALIAS" TLSA | denials)" ""
	tap_is "pipe, killed: other zones answer" \
	    "$(outcomes mail.example.com A)" "$ASKED NOERROR 1"
	lab_pdns_stop
	lab_try "pipe: PowerDNS starts again" lab_pdns_start
	check_recovery "pipe, PowerDNS restarted"
}

signal_children() {
	local children
	read -ra children < <(cat "/proc/$PDNS_PID"/task/*/children | xargs)

	kill "-$1" "${children[@]}"
}

main "$@"
