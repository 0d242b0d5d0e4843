#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Who reads files is another process than who answers: it may be killed, stand
# still or die of a file, and answers go on.  Neither has what the other needs.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"
. "$lib/faulty.sh"
. "$lib/asker.sh"

HOST=mail.example.com

main() {
	program_find
	tap_need openssl python3 strace
	faulty_begin
	tap_begin
	world_begin
	test_killed
	test_stopped
	test_deadly
	test_endless
	test_deadly_start
	test_warden
	test_apart
	test_orphans
	test_pipe
	tap_end
}

world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	mkdir -p "$TMP/store/mail"
	renew E1
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	defaults: {ttl: 60}
	zones: [{name: $ZONE, nameservers: [ns1.example.net]}]
	sources: [{type: files, path: $TMP/store}]
	services: [{host: $HOST}, {host: other.example.com}]
	END
	faulty_serve
	wait_for 30 has "$NEW" || tap_bail "nothing is served"
}

# issue NAME INTERMEDIATE HOST FILE
issue() {
	ca_issue "$TMP/ca" "$1" ecdsa "$2" "$3" 2>/dev/null ||
	    tap_bail "no renewal"
	cp "$TMP/ca/issued/$1/fullchain.pem" "$4.new"
	mv "$4.new" "$4"
}

renew() {
	issue mail "$1" "$HOST" "$TMP/store/mail/fullchain.pem"
	NEW=$(tlsa_of "3 1 1" "$TMP/ca/issued/mail/cert.pem")
}

lacks() { ! has "$1"; }
has() { tlsa_served "$HOST" | grep -qx "$1"; }

# another_than PID: there is one
another_than() {
	local pid

	pid=$(tlsa_reader)
	[ -n "$pid" ] && [ "$pid" != "$1" ]
}

test_killed() {
	local pid count=0

	asker_start "$HOST" "$NEW"
	for _ in 1 2 3 4 5; do
		pid=$(tlsa_reader)
		kill -KILL "$pid" && wait_for 30 another_than "$pid" &&
		    count=$((count + 1))
	done
	renew E2
	tap_ok "who reads is killed five times, and is there again" \
	    [ "$count" -eq 5 ]
	tap_ok "a renewal after that is answered" wait_for 30 has "$NEW"
	asker_end
	tap_ok "of $ASKED answers none was wrong, the longest $LONGEST ms" \
	    [ "$ASKED" -gt 100 -a "$WRONG" -eq 0 ]
	tap_ok "what was said of it is in the log" grep -q \
	    "reader: ended; answers go on" "$TMP/pdns-tlsa.log"
	tap_ok "and the status says who reads" [ "$("$PDNS_TLSA" status \
	    -c "$TMP/pdns-tlsa.yaml" --format json |
	    python3 -c 'import json, sys; print(json.load(sys.stdin)["reader"])'
	    )" = "$(tlsa_reader)" ]
}

test_stopped() {
	local pid

	pid=$(tlsa_reader)
	asker_start "$HOST" "$NEW"
	kill -STOP "$pid"
	renew E1
	asker_goes_on
	asker_goes_on
	asker_end
	tap_ok "who reads stands still: $ASKED answers, none wrong" \
	    [ "$ASKED" -gt 100 -a "$WRONG" -eq 0 ]
	tap_ok "and of what is new nothing is known" lacks "$NEW"
	kill -CONT "$pid"
	tap_ok "until it goes on" wait_for 30 has "$NEW"
}

other_has() {
	tlsa_served other.example.com | grep -qx "$(tlsa_of "3 1 1" \
	    "$TMP/ca/issued/other/cert.pem")"
}

test_deadly() {
	faulty_set 0 0 11
	issue other E1 other.example.com "$TMP/store/deadly.pem"
	tap_ok "a file that is deadly to read is left alone" wait_for 60 \
	    grep -q "deadly.*left alone until it changes" "$TMP/pdns-tlsa.log"
	renew E2
	tap_ok "others are read" wait_for 30 has "$NEW"
	faulty_set 0
	issue other E2 other.example.com "$TMP/store/deadly.pem"
	tap_ok "and so is that one when it is another" wait_for 30 other_has
}

# Nothing ends it but its processor time.
test_endless() {
	faulty_set 0 0 -1
	issue other E1 other.example.com "$TMP/store/endless.deadly.pem"
	tap_ok "so is a file that is read without end" wait_for 180 grep -q \
	    "endless.*left alone until it changes" "$TMP/pdns-tlsa.log"
	faulty_set 0
	rm "$TMP/store/endless.deadly.pem"
	renew E1
	tap_ok "and others are read on" wait_for 60 has "$NEW"
}

# Who makes those who read is needed for the next one, and for a reload.
test_warden() {
	local warden reader

	reader=$(tlsa_reader)
	read -r warden _ <<<"$(<"/proc/$TLSA_PID/task/$TLSA_PID/children")"
	kill -KILL "$warden" "$reader"
	renew E2
	tap_ok "who makes readers is killed, and a renewal is answered" \
	    wait_for 60 has "$NEW"
	read -r warden _ <<<"$(<"/proc/$TLSA_PID/task/$TLSA_PID/children")"
	kill -KILL "$warden"
	kill -HUP "$TLSA_PID"
	renew E1
	tap_ok "and once more, with a reload" wait_for 60 has "$NEW"
}

# reply HOST: what the daemon says, in JSON
reply() {
	printf '{"method":"lookup","parameters":{"qtype":"ANY","qname":"%s"}}\n' \
	    "_25_tcp_${1//./_}.$ZONE" | python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read())
print(s.makefile().readline().strip())' "$TMP/pdns.sock"
}

# Before anything was ever read, and with nothing on record: more files than it
# takes until answers wait no longer.
test_deadly_start() {
	local text denied=0

	faulty_set 0 0 11
	stop "$TLSA_PID"
	rm -rf "$TMP/state"
	cp "$TMP/store/deadly.pem" "$TMP/store/second.deadly.pem"
	faulty_serve
	for _ in {1..600}; do
		text=$(reply "$HOST")
		[[ $text != *'"result":[]'* ]] || denied=$((denied + 1))
		[[ $text != *"${NEW:6}"* ]] || break
	done
	tap_ok "a start with two deadly files: others are answered" has "$NEW"
	tap_is "and never denied before" "$denied" 0
	# see "cannot tell" in docs/protocol.md
	tap_is "who is not known is not denied, his connection ends" \
	    "$(reply other.example.com)" ""
	tap_ok "and it is known what is wrong" wait_for 60 grep -q \
	    "second.*left alone until it changes" "$TMP/pdns-tlsa.log"
	faulty_set 0
	rm "$TMP/store/second.deadly.pem"
}

# traced PID FILE CALLS: what it does during a renewal
traced() {
	strace -f -p "$1" -o "$2" -e "trace=$3" 2>"$TMP/strace.$1" &
	TRACER=$!
	wait_for 30 grep -q attached "$TMP/strace.$1"
}

test_apart() {
	local pid main reader

	pid=$(tlsa_reader)
	if ! traced "$pid" "$TMP/reader.trace" %network; then
		tap_ok "apart # SKIP nobody may be traced here" true
		return
	fi
	reader=$TRACER
	traced "$TLSA_PID" "$TMP/main.trace" %file,%desc
	main=$TRACER
	renew E1
	wait_for 30 has "$NEW"
	kill -INT "$reader" "$main"
	wait "$reader" "$main" 2>/dev/null
	tap_ok "who answers opens nothing below a store" \
	    without "$TMP/store" "$TMP/main.trace"
	tap_ok "and was watched" grep -q epoll_wait "$TMP/main.trace"
	sed -E '/^[0-9]+ +((sendto|recvfrom)\([0-9]+, |---)/d' \
	    "$TMP/reader.trace" >"$TMP/others"
	tap_ok "who reads makes no socket, and speaks to nobody else" \
	    without . "$TMP/others"
	find "/proc/$pid/fd" -printf '%f %l\n' >"$TMP/descriptors"
	tap_ok "nor has it a record" without "$TMP/state" "$TMP/descriptors"
	tap_is "one socket is all" "$(grep -v '^[012] ' \
	    "$TMP/descriptors" | grep -c socket:)" 1
}

# without TEXT FILE: what has it goes to the log
without() { ! grep -e "$1" "$2" >&2; }

gone() { ! kill -0 "$1" 2>/dev/null; }

test_orphans() {
	local pid

	pid=$(tlsa_reader)
	stop -KILL "$TLSA_PID"
	tap_ok "who answers is killed, and who reads ends" wait_for 30 gone "$pid"
}

# Over standard input, as PowerDNS has it: nothing of it is left at the end.
test_pipe() {
	local pids reply child

	coproc PIPE { exec "$PDNS_TLSA" pipe -c "$TMP/pdns-tlsa.yaml" 2>&1; }
	TLSA_PID=$PIPE_PID
	exec 8<&"${PIPE[0]}" 9>&"${PIPE[1]}"
	echo '{"method":"initialize","parameters":{}}' >&9
	read -r -u 8 reply
	tap_ok "as a pipe it answers" grep -q '"result":true' <<<"$reply"
	read -r child _ <<<"$(<"/proc/$TLSA_PID/task/$TLSA_PID/children")"
	pids=("$child" "$(tlsa_reader)")
	kill -KILL "${pids[1]}"
	echo '{"method":"lookup","parameters":{"qtype":"ANY","zone-id":-1,' \
	    '"qname":"'"_25_tcp_${HOST//./_}.$ZONE"'."}}' | tr -d '\n' >&9
	echo >&9
	while read -r -u 8 reply && [[ $reply != *result* ]]; do :; done
	tap_ok "and goes on without who reads" grep -qi "${NEW:6}" <<<"$reply"
	exec 9>&-
	eval "exec ${PIPE[1]}>&-"
	wait "$TLSA_PID"
	tap_ok "it ends with its input, and all of it" wait_for 30 none "${pids[@]}"
	exec 8<&-
}

none() {
	local pid

	for pid; do
		gone "$pid" || return
	done
}

main
