#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Connections that outlive the daemon under systemd, which tests/lib/keeper.py
# plays here: who is connected must not see a restart.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"
. "$lib/generations.sh"

LIMIT=512

main() {
	program_find
	tap_need openssl python3
	tool_find peer
	ldd "$PDNS_TLSA" | grep -q libsystemd ||
	    tap_skip "built without libsystemd"
	tap_begin
	# this log is checked; it must not be the journal's
	unset JOURNAL_STREAM
	SOCKET=$TMP/pdns.sock
	EVENTS=$TMP/keeper.log
	generations_make "$TMP/chains"
	certbot_issue "$TMP/le" mail "$TMP/chains/a"
	tlsa_config "$TMP/pdns-tlsa.yaml"
	mkdir "$TMP/state"
	test_unit
	keeper_start "$LIMIT"
	test_idle TERM 0
	test_idle KILL -9
	test_queued
	test_half_read
	test_half_killed
	test_refused
	test_many_restarts
	keeper_end
	test_slow_reader
	test_full
	tap_end
}

# ---- systemd ----

keeper_start() {
	: >"$EVENTS"
	rm -f "$SOCKET" "$SOCKET.notify"
	spawn keeper python3 "$lib/keeper.py" "$SOCKET" "$1" \
	    "$PDNS_TLSA" serve -c "$TMP/pdns-tlsa.yaml"
	KEEPER=$PID
	wait_for 60 grep -q "^ready" "$EVENTS" || tap_bail "it does not start"
}

keeper_end() {
	stop "$KEEPER"
	tap_is "at its end it leaves the store to systemd: status 0" \
	    "$(grep '^end' "$EVENTS" | tail -n 1)" "end 0"
}

events() {
	grep -c "^$1" "$EVENTS"
}

daemon_pid() {
	sed -n 's/^start //p' "$EVENTS" | tail -n 1
}

# restart SIGNAL: until the next one is ready
restart() {
	local ready
	ready=$(events ready)

	kill "-$1" "$(daemon_pid)"
	wait_for 60 eval "[ \$(events ready) -gt $ready ]"
}

# ---- peers ----

question() {
	echo '{"method": "lookup", "parameters": {"qname": "'"$ALIAS."'",' \
	    '"qtype": "ANY", "zone-id": -1}}'
}

# The answer to it, from a connection of its own.
answer() {
	question | "$TOOL" ask "$SOCKET"
}

# Someone who says what is written to descriptor 5; what he hears: heard.
peer_begin() {
	rm -f "$TMP/say"
	mkfifo "$TMP/say"
	"$TOOL" raw "$SOCKET" <"$TMP/say" >"$TMP/heard" &
	PEER=$!
	exec 5>"$TMP/say"
}

peer_end() {
	exec 5>&-
	wait "$PEER"
}

# heard LINES: so many right answers, and nothing else
heard() {
	[ "$(cat "$TMP/heard")" = "$(for ((i = 0; i < $1; i++)); do
		echo "$RIGHT"
	done)" ]
}

# ---- the tests ----

test_unit() {
	local top
	top=$(dirname "$0")/../..

	tap_is "the unit keeps as many as the daemon takes" \
	    "$(sed -n 's/^FileDescriptorStoreMax=//p' \
	        "$top/packaging/systemd/pdns-tlsa.service")" \
	    "$(sed -n 's/.*LIMIT_CONNECTIONS = \([0-9]*\),.*/\1/p' \
	        "$top/include/base/limit.h")"
}

test_idle() {
	local signal=$1 status=$2 dropped
	RIGHT=$(answer)
	dropped=$(events drop)

	peer_begin
	question >&5
	tap_ok "SIG$signal: an answer before" wait_for 10 heard 1
	restart "$signal"
	tap_is "with the status of the old one" \
	    "$(grep '^end' "$EVENTS" | tail -n 1)" "end $status"
	question >&5
	tap_ok "and after it, by the same connection" wait_for 10 heard 2
	restart "$signal"
	question >&5
	tap_ok "a second time" wait_for 10 heard 3
	tap_is "nothing was dropped" "$(events drop)" "$dropped"
	peer_end
	tap_ok "who leaves is kept no longer" wait_for 10 store_is_empty
}

store_is_empty() {
	[ "$(events keep)" -eq $(($(events drop) + $(events gone))) ]
}

# Asked while nobody is there.
test_queued() {
	local old
	old=$(daemon_pid)

	peer_begin
	question >&5
	wait_for 10 heard 1
	kill -STOP "$old"
	question >&5
	kill -TERM "$old"
	kill -KILL "$old"
	tap_ok "asked between two daemons: the next one answers" \
	    wait_for 10 heard 2
	peer_end
}

test_half_read() {
	local text old
	text=$(question)
	old=$(daemon_pid)

	peer_begin
	question >&5
	wait_for 10 heard 1
	say_half "${text:0:40}"
	kill -TERM "$old"
	wait_for 10 grep -q "ending" "$EVENTS"
	printf '%s\n' "${text:40}" >&5
	tap_ok "SIGTERM after half a question: answered when it is whole" \
	    wait_for 10 heard 2
	wait_for 60 eval "[ \$(daemon_pid) != $old ]"
	question >&5
	tap_ok "and by the next one" wait_for 10 heard 3
	say_half "${text:0:40}"
	restart TERM
	tap_ok "half a question that stays so: closed" \
	    wait_for 10 grep -q "^closed" "$TMP/heard"
	peer_end
}

# say_half TEXT: and the daemon has read it.
say_half() {
	local io before
	io=/proc/$(daemon_pid)/io
	before=$(octets_read)

	printf '%s' "$1" >&5
	wait_for 10 eval "[ \$(octets_read) -ge $((before + ${#1})) ]"
}

octets_read() {
	sed -n 's/^rchar: //p' "$io"
}

test_half_killed() {
	local text
	text=$(question)

	peer_begin
	question >&5
	wait_for 10 heard 1
	say_half "${text:0:40}"
	restart KILL
	tap_ok "SIGKILL after half a question: the peer sees nothing" heard 1
	printf '%s\n' "${text:40}" >&5
	tap_ok "the other half is no question: closed" \
	    wait_for 10 grep -q "^closed" "$TMP/heard"
	peer_end
}

test_refused() {
	peer_begin
	question >&5
	wait_for 10 heard 1
	restart TERM
	echo "garbage" >&5
	tap_ok "garbage ends a connection from before, for its peer too" \
	    wait_for 10 grep -q "^closed" "$TMP/heard"
	tap_ok "and it is kept no longer" wait_for 10 store_is_empty
	peer_end
}

# They ask all the time, and cry "closed" if a single reply is missing.
test_many_restarts() {
	local i pids=()

	question >"$TMP/question"
	for i in {1..3}; do
		"$TOOL" watch "$SOCKET" 600000 <"$TMP/question" \
		    >"$TMP/watched$i" &
		pids+=($!)
		wait_for 10 [ -s "$TMP/watched$i" ]
	done
	for i in {1..10}; do
		restart TERM
	done
	tap_ok "10 restarts while they ask" kill -0 "${pids[@]}"
	stop "${pids[@]}"
	tap_is "and nobody of 3 missed an answer" \
	    "$(cat "$TMP"/watched* | sort | uniq -c | sed 's/^ *//')" \
	    "3 $RIGHT"
	tap_ok "they were kept" [ "$(grep -c 'connections from before' \
	    "$EVENTS")" -ge 10 ]
	tap_ok "and are kept no longer" wait_for 10 store_is_empty
}

# Who does not read his reply is cut off at the end, and never keeps it.
test_slow_reader() {
	local mute

	keeper_start "$LIMIT"
	question | "$TOOL" mute "$SOCKET" >"$TMP/mute" &
	mute=$!
	sleep 0.5
	restart TERM
	tap_ok "who never reads is cut off by a restart" \
	    wait_for 10 is_gone "$mute"
	tap_ok "and kept no longer" wait_for 10 store_is_empty
	keeper_end
	wait "$mute"
}

# More than systemd keeps: the others see the end, as without it.
test_full() {
	keeper_start 1
	peer_begin
	question >&5
	wait_for 10 heard 1
	question | "$TOOL" watch "$SOCKET" 2000 >"$TMP/watched1" &
	local watcher=$!
	wait_for 10 grep -q "^full" "$EVENTS"
	restart TERM
	question >&5
	tap_ok "a full store: who is in it, is answered on" wait_for 10 heard 2
	wait "$watcher"
	tap_is "who is not, sees the end, and comes again" \
	    "$(cat "$TMP/watched1")" "$RIGHT"$'\n'"closed"$'\n'"$RIGHT"
	peer_end
	question | "$TOOL" crowd "$SOCKET" $((LIMIT + 50)) >/dev/null
	tap_is "more than the daemon takes: all is well after it" \
	    "$(answer)" "$RIGHT"
	keeper_end
}

main
