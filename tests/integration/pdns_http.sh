#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The http connector, through real pdns_servers in network namespaces of their
# own: who may ask, who may not, restarts, and a peer that is in the way.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"
. "$lib/lab.sh"
. "$lib/hosts.sh"

HTTP=127.0.0.1:8053
FULL=256 # connections of one address

main() {
	pdns_need
	tap_need curl ip nsenter systemd-socket-activate
	lab_enter "$@"
	lab_begin
	test_composition remote
	test_composition bind,remote
	test_restart
	test_idle
	test_words
	test_crowd
	stop "$PDNS_PID"
	test_hosts
	test_passed
	lab_end
}

serve() {
	tlsa_config "$TMP/pdns-tlsa.yaml"
	echo "http: {$1}" >>"$TMP/pdns-tlsa.yaml"
	tlsa_serve
}

url() {
	echo "http:url=http://$1/,post=1,post_json=1,timeout=2000"
}

# Leaves pdns_server and the daemon running.
test_composition() {
	local launch=$1

	[ "$launch" = remote ] || stop "$PDNS_PID" "$TLSA_PID"
	world_make
	serve "listen: \"$HTTP\""
	pdns_start "$launch" "$(url $HTTP)"
	check_zone "$launch" "$(live_rrset mail)"
	[ "$launch" = remote ] || check_alias "$launch" "$(live_rrset mail)"
	check_transfer "$launch" "$(live_rrset mail)"
	check_renewal "$launch"
}

# PowerDNS sees that its connection has ended before it asks again.
test_restart() {
	local rrset
	rrset=$(dns_tlsa "$ALIAS")

	stop "$TLSA_PID"
	tlsa_serve
	tap_is "after a restart the first answer is right" \
	    "$(dns_tlsa "$ALIAS")" "$rrset"
	stop -KILL "$TLSA_PID"
	tap_is "without the daemon: SERVFAIL, no denial" \
	    "$(dns_outcome "$ALIAS" TLSA)" "SERVFAIL 0"
	tap_is "without the daemon: other zones still answer" \
	    "$(dns_ask mail.example.com A +short)" "192.0.2.25"
	tlsa_serve
	tap_is "and with another one it is right" "$(dns_tlsa "$ALIAS")" "$rrset"
}

# Stopped, it holds up who asks for PowerDNS's time-out, and no longer.
test_idle() {
	local rrset begin
	rrset=$(dns_tlsa "$ALIAS")

	kill -STOP "$TLSA_PID"
	begin=$SECONDS
	tap_is "a daemon that hangs: SERVFAIL, no denial" \
	    "$(dns_outcome "$ALIAS" TLSA)" "SERVFAIL 0"
	kill -CONT "$TLSA_PID"
	tap_ok "after PowerDNS's time-out" [ $((SECONDS - begin)) -ge 2 ]
	tap_ok "then it goes on" wait_for 5 tlsa_is "$ALIAS" "$rrset"
}

# curl's status, with what the daemon says; a lookup unless told otherwise.
say() {
	local status

	: >"$TMP/said"
	status=$(curl -s -o "$TMP/said" -w '%{http_code}' "$@")
	echo "$status $(head -n 1 "$TMP/said")"
}

LOOKUP='{"method":"lookup","parameters":{"qtype":"SOA","qname":"'$ZONE'."}}'

test_words() {
	local where=http://$HTTP/

	tap_ok "any path will do" grep -q '^200 {"result":\[{"qtype":"SOA"' \
	    <<<"$(say -d "$LOOKUP" "${where}dns/api")"
	tap_is "what is no request" "$(say -d '{"method":' "$where" |
	    cut -c 1-11)" "400 no JSON"
	tap_ok "PowerDNS without post_json is told what it lacks" \
	    grep -q "^405 .*post=1,post_json=1" \
	    <<<"$(say "${where}lookup/$ZONE./SOA")"
	tap_ok "and with post=1 alone" grep -q "^415 .*post=1,post_json=1" \
	    <<<"$(say -d 'parameters=%7B%7D' "${where}lookup")"
	tap_ok "the log says so, too" grep -q "of 127.0.0.1: .*post_json=1" \
	    "$TMP/pdns-tlsa.log"
	tap_is "a page in a browser" "$(say -H 'Origin: http://example.com' \
	    -d "$LOOKUP" "$where")" "403 pages may not ask here"
	tap_is "more than a request can be" "$(head -c 70000 /dev/zero |
	    say --data-binary @- "$where" | cut -c 1-3)" 413
}

# From one address as many as it gets, which leaves room for others.
test_crowd() {
	local rrset
	rrset=$(dns_tlsa "$ALIAS")

	spawn crowd python3 -c '
import socket, sys, time
crowd = []
for _ in range(int(sys.argv[1]) + 50):
    peer = socket.create_connection(("127.0.0.1", 8053),
                                    source_address=("127.0.0.2", 0))
    try:
        peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le")
        crowd.append(peer)
    except OSError:
        pass
print("there", flush=True)
time.sleep(600)' $FULL
	tap_ok "a crowd is there" wait_for 30 grep -q there "$TMP/crowd.log"
	tap_is "and PowerDNS is answered" "$(dns_tlsa "$ALIAS")" "$rrset"
	tap_ok "by a new connection, too" grep -q '^200 ' \
	    <<<"$(say -d "$LOOKUP" http://$HTTP/)"
	tap_is "but to those of its address nobody listens" \
	    "$(say --interface 127.0.0.2 -m 5 -d "$LOOKUP" http://$HTTP/)" \
	    "000 "
	stop "$PID"
}

# Two name servers with a PowerDNS each; the third host may not ask.
test_hosts() {
	local host

	stop "$TLSA_PID"
	for host in 1 2 3; do
		lab_try "host $host" host_begin $host 198.51.100.1$host
	done
	serve "listen: \"$HUB:8053\", allow: [198.51.100.11, \
198.51.100.12/32]"
	for host in 1 2 3; do
		host_serve $host "$HUB:8053"
	done
	for host in 1 2; do
		tap_ok "host $host is answered" wait_for 60 host_has $host
	done
	tap_ok "host 3 is not, and PowerDNS ends" \
	    wait_for 60 is_gone "$(host_pid 3)"
	tap_ok "which the log says" grep -q \
	    "http: 198.51.100.13 may not connect; if it should" \
	    "$TMP/pdns-tlsa.log"
	certbot_renew_anew
	for host in 1 2; do
		tap_ok "host $host: a renewal is answered" \
		    wait_for 10 host_has $host
	done
	stop "$TLSA_PID"
	tlsa_serve
	for host in 1 2; do
		tap_ok "host $host: after a restart it is right at once" \
		    host_has $host
	done
	stop "$(host_pid 1)" "$(host_pid 2)" "$TLSA_PID"
}

certbot_renew_anew() {
	ca_issue "$TMP/ca" mail ecdsa E2 mail.example.com &&
	    certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
}

host_serve() {
	local ENTER directory=$TMP/pdns$1

	mkdir -p "$directory"
	PORT=53
	pdns_config remote "$(url "$2")" |
	    sed "s|$TMP/pdns\$|$directory|" >"$directory/pdns.conf"
	host_enter "$1"
	spawn "pdns$1" "${ENTER[@]}" pdns_server --config-dir="$directory"
	PDNS[$1]=$PID
}

host_pid() {
	echo "${PDNS[$1]}"
}

host_has() {
	[ -z "$(lines_missing "$(live_rrset mail)" "$(there "$1" \
	    dig @127.0.0.1 +norecurse +nosplit +tries=1 +time=5 "$ALIAS" TLSA \
	    +noall +answer | dns_tlsa_lines)")" ]
}

# As the package's unit has it.
test_passed() {
	tlsa_config "$TMP/pdns-tlsa.yaml"
	echo "http: {listen: \"$HTTP\"}" >>"$TMP/pdns-tlsa.yaml"
	passed_start $HTTP
	tap_ok "a socket of systemd's is answered at" grep -q '^200 ' \
	    <<<"$(say -d "$LOOKUP" http://$HTTP/)"
	tap_ok "and PowerDNS's own is not taken for it" wait_for 10 \
	    test -S "$TMP/pdns.sock"
	stop "$PID"
	passed_start 127.0.0.1:8054
	tap_ok "one elsewhere is answered at" grep -q '^200 ' \
	    <<<"$(say -d "$LOOKUP" http://127.0.0.1:8054/)"
	tap_ok "but told of" grep -q "systemd listens elsewhere than at $HTTP" \
	    "$TMP/passed.log"
	stop "$PID"
	tlsa_config "$TMP/pdns-tlsa.yaml"
	passed_start $HTTP
	say -m 1 -d "$LOOKUP" http://$HTTP/ >/dev/null
	tap_ok "one that is not wanted is told of" wait_for 10 \
	    grep -q "nobody is answered there; add 'http'" "$TMP/passed.log"
	stop "$PID"
}

# It begins the daemon at the first connection.
passed_start() {
	rm -f "$TMP/passed.log" # what an earlier one said is no news
	spawn passed systemd-socket-activate -l "$1" --fdname=http \
	    -E LD_LIBRARY_PATH "$PDNS_TLSA" serve -c "$TMP/pdns-tlsa.yaml"
	wait_for 10 grep -q "Listening on" "$TMP/passed.log"
}

declare -a PDNS
main "$@"
