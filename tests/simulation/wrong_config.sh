#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A typing error in the configuration, and a restart: the daemon goes on with
# the last one that was right, and says so until it is mended.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"
. "$lib/generations.sh"

main() {
	program_find
	tap_need openssl
	tool_find peer
	tap_begin
	unset JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS LISTEN_PID STATE_DIRECTORY
	CONFIG=$TMP/pdns-tlsa.yaml
	SOCKET=$TMP/pdns.sock
	LOG=$TMP/pdns-tlsa.log
	generations_make "$TMP/chains"
	certbot_issue "$TMP/le" mail "$TMP/chains/a"
	tlsa_config "$CONFIG"
	# safe to serve at once
	sed -i "s/^  ttl:.*/&\n  propagation: 1/" "$CONFIG"
	cp "$CONFIG" "$TMP/good.yaml"
	test_never_right
	test_restart
	test_mended
	test_reload
	test_pipe
	tap_end
}

# NAME: a file that is wrong in one way.
break_config() {
	case $1 in
	key) sed 's/^services:/serviced:/' "$TMP/good.yaml" >"$CONFIG" ;;
	yaml) { cat "$TMP/good.yaml" && echo "  - host: ["; } >"$CONFIG" ;;
	service) sed '/host:/,$d' "$TMP/good.yaml" >"$CONFIG" ;;
	group) sed '1i listen-group: no-such-group' "$TMP/good.yaml" \
	    >"$CONFIG" ;;
	esac
}

serve() {
	: >"$LOG"
	tlsa_serve "$CONFIG"
}

# The TLSA RRset of a name, sorted.
rrset() {
	echo '{"method": "lookup", "parameters": {"qname": "'"$1"'",' \
	    '"qtype": "ANY", "zone-id": -1}}' | "$TOOL" ask "$SOCKET" 2>&1 |
	    grep -o '"content":"[^"]*"' | cut -d '"' -f 4 | LC_ALL=C sort
}

# shellcheck disable=SC2120 # for wait_for as well
answers() {
	[ "$(rrset "${1-$ALIAS.}")" = "$(cat "$TMP/chains/a/rrset")" ]
}

# COMMAND [ARGUMENT...]: its exit status and all that it prints.
said() {
	"$PDNS_TLSA" -c "$CONFIG" "$@" 2>&1
	echo "exit status $?"
}

says() {
	local text=$1
	shift
	said "$@" | grep -F "$text"
}

test_never_right() {
	break_config key
	tap_ok "never a right one: it does not start" \
	    says "exit status 1" serve
	tap_ok "and names file, line and column" \
	    says "$CONFIG:$(grep -n serviced "$CONFIG" | cut -d : -f 1):1: " \
	    serve
	tap_ok "check cannot tell" says "exit status 3" check
}

test_restart() {
	local kind

	cp "$TMP/good.yaml" "$CONFIG"
	serve
	tap_ok "a right one answers" answers
	for kind in key yaml service group; do
		stop "$TLSA_PID"
		break_config $kind
		serve
		tap_ok "$kind: answers after a restart" answers
		tap_ok "$kind: the log says where it is wrong" grep \
		    "error: $CONFIG:[0-9]*:[0-9]*: .*the last configuration" \
		    "$LOG"
		tap_ok "$kind: status says so" \
		    says "the last one that was right is used" status
		tap_ok "$kind: JSON too" says "\"problem\": \"$CONFIG:" \
		    status --format json
		tap_ok "$kind: Prometheus too" \
		    says "pdns_tlsa_config_problem 1" \
		    status --format prometheus
		tap_ok "$kind: check warns" says "config-fault" \
		    check --format json
		tap_ok "$kind: config check still fails" \
		    says "exit status 1" config check
		tap_ok "$kind: wait goes on" says "exit status 0" \
		    wait mail --timeout 120
	done
	rm "$CONFIG"
	stop -KILL "$TLSA_PID"
	STATE_DIRECTORY=$TMP/state serve
	tap_ok "the file is gone: answers after kill -9" answers
}

test_mended() {
	cp "$TMP/good.yaml" "$CONFIG"
	kill -HUP "$TLSA_PID"
	tap_ok "mended: status is content" wait_for 60 \
	    says "pdns_tlsa_config_problem 0" status --format prometheus
	tap_ok "and answers" answers
	tap_is "check has nothing to say of it" \
	    "$(said check --format json | grep -c config-fault)" 0
}

# What was reloaded, and not what there was at the start, is the last one.
test_reload() {
	local other=_465_tcp_mail_example_com.$ZONE.

	sed 's/ports: .*/ports: [25, 465]/' "$TMP/good.yaml" >"$CONFIG"
	kill -HUP "$TLSA_PID"
	tap_ok "one service more" wait_for 60 answers "$other"
	break_config yaml
	kill -HUP "$TLSA_PID"
	tap_ok "a reload that fails: status says so" wait_for 60 \
	    says "pdns_tlsa_config_problem 1" status --format prometheus
	stop "$TLSA_PID"
	serve
	tap_ok "after a restart the last one that was right counts" \
	    answers "$other"
	stop "$TLSA_PID"
}

# PowerDNS's thread would be lost with its child.
test_pipe() {
	tap_ok "the pipe connector goes on, too" eval 'echo \
	    "{\"method\": \"initialize\", \"parameters\": {}}" |
	    "$PDNS_TLSA" -c "$CONFIG" pipe | grep true'
}

main "$@"
