#!/bin/bash
# SPDX-License-Identifier: MIT
#
# status, wait and deploy against the real daemon: a certbot store whose server
# reads a copy, as a deploy hook would bring it there.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/certbot.sh"

HOLD=3
# for what must be looked at before it is over
LONG=1000

main() {
	program_find
	tap_need openssl python3
	tap_begin
	world_begin
	test_without_daemon
	tlsa_serve
	test_status
	test_wait
	test_deploy
	test_again
	test_hook_before_daemon
	test_restart
	test_late
	test_failed_reload
	test_verify
	test_rights
	test_refused
	test_retention
	test_two_places
	test_lowered
	test_caches
	tap_end
}

world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	issue E1
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" || tap_bail "store"
	tlsa_config "$TMP/pdns-tlsa.yaml" "mail.example.com mail"
	sed -i "s/^  ttl: 60/  ttl: 1\n  propagation: $LONG\n  retain: 2/" \
	    "$TMP/pdns-tlsa.yaml"
	hold_is $LONG
	mkdir "$TMP/tls"
}

# hold_is SECONDS: also for what waits already.  There is no name server that
# could be asked here.
hold_is() {
	sed -i "s/^  propagation: .*/  propagation: {hold: $1, see: nothing}/" \
	    "$TMP/pdns-tlsa.yaml"
	[ -z "${TLSA_PID:-}" ] || is_gone "$TLSA_PID" || kill -HUP "$TLSA_PID"
}

issue() {
	ca_issue "$TMP/ca" mail ecdsa "$1" mail.example.com 2>/dev/null ||
	    tap_bail "openssl failed"
}

renew() {
	issue "$1"
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
}

program() {
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" "$@"
}

# fails STATUS TEXT COMMAND...: it must end so and say so.
fails() {
	local status=$1 text=$2 got
	shift 2

	"$@" >"$TMP/out" 2>"$TMP/err"
	got=$?
	cat "$TMP/out" "$TMP/err"
	[ "$got" -eq "$status" ] && grep -qF -e "$text" "$TMP/err"
}

# The value of a path in the JSON of status, as lineages.0.safe.
status_of() {
	program status --format json | python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."):
    value = value[int(key) if key.isdigit() else key]
print(json.dumps(value))' "$1"
}

test_without_daemon() {
	tap_ok "without a daemon status says how to start it" \
	    fails 1 "systemctl start pdns-tlsa" program status
	tap_ok "so does wait" fails 1 "no daemon answers there" \
	    program wait mail
	tap_ok "and deploy" fails 1 "no daemon answers there" \
	    program deploy mail --to "$TMP/tls/mail"
	tap_ok "which leaves nothing behind" [ -z "$(ls "$TMP/tls")" ]
}

# It answers before it has read anything.
is_ready() {
	[ "$(status_of ready)" = true ]
}

test_status() {
	wait_for 60 is_ready || tap_bail "the daemon has read nothing"
	tap_is "status knows the lineage" "$(status_of lineages.0.name)" '"mail"'
	tap_is "that it waits" "$(status_of lineages.0.safe)" false
	tap_is "the service" "$(status_of services.0.records)" 2
	tap_is "the zone" "$(status_of zones.0.name)" "\"$ZONE.\""
	tap_ok "the table" grep_status "^mail .*waiting" table
	tap_ok "for Prometheus" grep_status \
	    '^pdns_tlsa_lineage_safe{lineage="mail",source=".*"} 0$' prometheus
	tap_ok "each metric has a type" metrics_are_typed
}

grep_status() {
	program status --format "$2" | grep -q -e "$1"
}

metrics_are_typed() {
	program status --format prometheus | awk '
	/^# TYPE/ { type[$3] = 1; next }
	/^#/ { next }
	{ name = $1; sub(/\{.*/, "", name); if (!(name in type)) exit 1 }'
}

test_wait() {
	tap_ok "wait with a timeout tells how long it would take" \
	    fails 1 "not yet safe to serve, in" program wait mail --timeout 0
	hold_is $HOLD
	tap_ok "wait returns when it is safe" program wait mail
	tap_is "and that is after the hold time" "$(age_is_enough)" yes
	tap_ok "a lineage that is none" fails 1 "no source has a lineage" \
	    program wait nosuch
	tap_ok "without a lineage" fails 2 "is missing" program wait
	tap_ok "with an empty one" fails 2 "is empty" program wait ""
	tap_ok "with a bad timeout" fails 2 "is not a duration" \
	    program wait mail --timeout soon
	tap_ok "as certbot names it" program wait "$TMP/le/live/mail"
}

# Since the daemon read it.
age_is_enough() {
	local since
	since=$(status_of lineages.0.since | tr -d '"')

	[ $(($(date +%s) - $(date -d "$since" +%s))) -lt $HOLD ] || echo yes
}

# A server that is told to look, in a file.
deploy() {
	program deploy mail --to "$TMP/tls/mail" --reload \
	    "cat '$TMP/tls/mail/fullchain.pem' >'$TMP/served.pem'" "$@"
}

served_is_live() {
	cmp "$TMP/served.pem" "$TMP/le/live/mail/fullchain.pem" &&
	    cmp "$TMP/tls/mail/privkey.pem" "$TMP/le/live/mail/privkey.pem"
}

test_deploy() {
	tap_ok "deploy" deploy
	tap_ok "the server has certificate and key" served_is_live
	tap_is "the key has its rights" \
	    "$(stat -c %a "$TMP/tls/mail/privkey.pem")" 600
	tap_is "leaf and chain are apart" \
	    "$(cat "$TMP/tls/mail/cert.pem" "$TMP/tls/mail/chain.pem")" \
	    "$(cat "$TMP/le/live/mail/fullchain.pem")"
	tap_is "the daemon knows" "$(status_of lineages.0.deployed)" '"current"'
}

test_again() {
	rm "$TMP/served.pem"
	tap_ok "a second deploy has nothing to do" deploy
	tap_ok "and disturbs no server" [ ! -e "$TMP/served.pem" ]
	spawn watch "$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" status --watch
	tap_ok "status again and again" wait_for 10 grep -q "^mail " \
	    "$TMP/watch.log"
	stop "$PID"
}

# The hook runs in the moment of the renewal: the old generation is safe, but
# that was not the question.
test_hook_before_daemon() {
	local begin
	kill -STOP "$TLSA_PID"
	renew E2
	begin=$(date +%s)
	{ sleep 0.5; kill -CONT "$TLSA_PID"; } &
	tap_ok "deploy in the moment of a renewal" deploy
	tap_ok "waited for the new generation" \
	    [ $(($(date +%s) - begin)) -ge $((HOLD - 1)) ]
	tap_ok "and installed it" served_is_live
	tap_is "beside the one before" "$(generations)" 2
}

# A hold can be days; the daemon is upgraded meanwhile.
test_restart() {
	local waiting
	hold_is $LONG
	renew R1
	wait_for 5 newest_is_unsafe || tap_bail "the renewal is not seen"
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" wait mail 2>"$TMP/err" &
	waiting=$!
	wait_for 60 is_connected "$waiting" || tap_bail "wait does not ask"
	stop "$TLSA_PID"
	tap_ok "a wait outlives the daemon" kill -0 "$waiting"
	hold_is $HOLD
	tlsa_serve
	wait "$waiting"
	tap_is "and ends when the next one says so" "$?" 0
	tap_ok "which has waited as well" deploy
}

# The daemon has taken the connection (St 03, proc_net_unix): a socket alone may
# be one that connects yet.
is_connected() {
	local socket

	socket=$(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' |
	    sed -n 's/socket:\[\([0-9]*\)\]/\1/p' | head -n 1)
	[ -n "$socket" ] && awk -v inode="$socket" '
	    $7 == inode && $6 == "03" { found = 1 }
	    END { exit !found }' /proc/net/unix
}

newest_is_unsafe() {
	[ "$(status_of lineages.0.safe)" = false ]
}

generations() {
	find "$TMP/tls" -mindepth 1 -maxdepth 1 -type d | wc -l
}

# systemd takes what starts a unit that runs for done: whoever runs must see what
# was renewed while it told the server.
test_late() {
	renew E1
	program deploy mail --to "$TMP/tls/mail" --reload \
	    "echo >>'$TMP/telling'
	    until [ -e '$TMP/told' ]; do sleep 0.1; done
	    cat '$TMP/tls/mail/fullchain.pem' >'$TMP/served.pem'" &
	wait_for 60 [ -e "$TMP/telling" ] || tap_bail "no server is told"
	renew E2
	touch "$TMP/told"
	wait "$!"
	tap_is "renewed while the server is told: it ends well" "$?" 0
	tap_ok "and what was renewed is deployed by the same run" served_is_live
	tap_is "the server was told of each" "$(wc -l <"$TMP/telling")" 2
}

test_failed_reload() {
	local before
	before=$(readlink "$TMP/tls/mail")

	renew E1
	tap_ok "a reload that fails is an error" \
	    fails 1 "the reload failed" program deploy mail \
	    --to "$TMP/tls/mail" --reload "echo x >>'$TMP/reloads'; false"
	tap_is "the link is as it was" "$(readlink "$TMP/tls/mail")" "$before"
	tap_is "the server was told again" "$(wc -l <"$TMP/reloads")" 2
	tap_is "the daemon goes by what is served" \
	    "$(status_of lineages.0.deployed)" '"older"'
}

# A real server, which loads its certificate again when it is told to.
test_verify() {
	local before port
	port=$(port_free)

	tap_ok "no server to be seen is a warning" warns \
	    "cannot be seen: localhost port $port" deploy \
	    --verify "localhost:$port"
	tap_ok "and it is deployed" served_is_live
	spawn server python3 "$lib/mailserver.py" 127.0.0.1 "$port=tls" \
	    "$TMP/tls/mail/fullchain.pem" "$TMP/tls/mail/privkey.pem"
	wait_for 60 is_open "$port" || tap_bail "no server"
	before=$(readlink "$TMP/tls/mail")
	renew E2
	tap_ok "a server that does not load it is an error" fails 1 \
	    "the server does not present it" deploy --verify "localhost:$port"
	tap_is "the link is as it was" "$(readlink "$TMP/tls/mail")" "$before"
	tap_ok "a server that loads it" program deploy mail \
	    --to "$TMP/tls/mail" --reload "kill -HUP $PID" \
	    --verify "localhost:$port"
	renew E1
	tap_ok "one that is slow" program deploy mail \
	    --to "$TMP/tls/mail" --reload "(sleep 2; kill -HUP $PID) &" \
	    --verify "localhost:$port"
	renew E2
	tap_ok "not to look at it" deploy --no-verify
	tap_ok "no port" fails 2 "must be HOST:PORT" deploy --verify localhost
	tap_ok "no host" fails 2 "must be HOST:PORT" deploy --verify "a b:25"
	tap_ok "an address in brackets" fails 1 "the server does not present" \
	    deploy --verify "[127.0.0.1]:$port"
	tap_ok "both" fails 2 "contradicts" deploy --verify localhost:1 \
	    --no-verify
	stop "$PID"
	renew E1
}

is_open() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1")
}

# warns TEXT COMMAND...: it must go well, and say so.
warns() {
	local text=$1
	shift

	"$@" 2>"$TMP/err" && grep -qF -e "$text" "$TMP/err"
}

test_rights() {
	tap_ok "deploy with rights" deploy --owner 65534 --group 65534 \
	    --mode 0640
	tap_is "the key" "$(stat -c '%u %g %a' "$TMP/tls/mail/privkey.pem")" \
	    "65534 65534 640"
	tap_is "the directory" "$(stat -Lc '%u %g %a' "$TMP/tls/mail")" \
	    "0 65534 751"
	tap_is "only one before is kept" "$(generations)" 2
}

test_refused() {
	mkdir "$TMP/tls/plain"
	tap_ok "a directory in the place of the link" \
	    fails 1 "with --adopt it is moved aside" \
	    program deploy mail --to "$TMP/tls/plain"
	tap_ok "without a place" fails 2 "--to: is missing" program deploy mail
	tap_ok "a relative place" fails 2 "not an absolute path" \
	    program deploy mail --to tls
	tap_ok "an unknown user" fails 2 "no such user" \
	    program deploy mail --to "$TMP/tls/mail" --owner no-such-user
	tap_ok "a bad mode" fails 2 "must be octal" \
	    program deploy mail --to "$TMP/tls/mail" --mode rw
	renew E2
	cp "$TMP/ca/E1.key" "$TMP/le/live/mail/privkey.pem"
	tap_ok "the key of another certificate" \
	    fails 1 "is not the key of the certificate" deploy
}

# What is deployed stays, however long ago it was replaced in the store.
test_retention() {
	local old
	old=$(tlsa_of "3 1 1" "$TMP/tls/mail/cert.pem")

	wait_for 15 retention_is_over || tap_bail "nothing leaves"
	tap_ok "the leaf that is served is published still" published "$old"
	cp "$TMP/ca/issued/mail/privkey.pem" "$TMP/le/live/mail/privkey.pem"
	tap_ok "deploy" deploy
	tap_ok "and then it leaves" wait_for 15 not_published "$old"
}

# One lineage for two servers, of which one is not told of a renewal.
test_two_places() {
	local old

	hold_is 1
	tap_ok "to a second place" deploy_second
	renew R1
	tap_ok "a renewal to the first alone" deploy
	old=$(tlsa_of "3 1 1" "$TMP/tls/two/cert.pem")
	# as long as it is retained, and more
	sleep 4
	tap_ok "what the second has is published still" published "$old"
	tap_is "and is told" "$(status_of lineages.0.deployed)" '"older"'
	tap_ok "the second follows" deploy_second
	tap_ok "and then it leaves" wait_for 15 not_published "$old"
	tap_is "which is told" "$(status_of lineages.0.deployed)" '"current"'
}

deploy_second() {
	program deploy mail --to "$TMP/tls/two"
}

# A resolver may hold for a day what it got with a TTL of a day.
test_lowered() {
	ttl_is 1d
	wait_for 30 served_with 86400 || tap_bail "the TTL is not served"
	hold_is 1
	ttl_is 1
	wait_for 30 served_with 1 || tap_bail "the shorter TTL is not served"
	renew R1
	wait_for 10 newest_is_unsafe || tap_bail "the renewal is not seen"
	tap_ok "the TTL of before counts" \
	    fails 1 "not yet safe to serve, in 86" program wait mail --timeout 3
	stop "$TLSA_PID"
	tlsa_serve
	wait_for 60 is_ready || tap_bail "the daemon has read nothing"
	tap_ok "and after a restart" \
	    fails 1 "not yet safe to serve, in 86" program wait mail --timeout 3
}

ttl_is() {
	sed -i "s/^  ttl: .*/  ttl: $1/" "$TMP/pdns-tlsa.yaml"
	kill -HUP "$TLSA_PID"
}

served_with() {
	asked '{"method":"lookup","parameters":{"qtype":"TLSA","qname":"'"$ALIAS"'."}}' |
	    grep "\"ttl\": *$1[,}]"
}

# asked QUESTION: what the daemon says to it.
asked() {
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall((sys.argv[2] + "\n").encode())
print(s.makefile().readline())' "$TMP/pdns.sock" "$1"
}

# Who was asked may have answered into a cache, also where he was started anew.
test_caches() {
	hold_is $LONG
	tap_ok "PowerDNS says that it is there" initialized
	renew R1
	wait_for 10 newest_is_unsafe || tap_bail "the renewal is not seen"
	stop "$TLSA_PID"
	hold_is 1
	tlsa_serve
	wait_for 60 is_ready || tap_bail "the daemon has read nothing"
	tap_ok "after a restart PowerDNS's caches count as before" \
	    fails 1 "not yet safe to serve, in" program wait mail --timeout 4
	tap_ok "show says the same" \
	    eval 'program show | grep "safe to serve in [0-9]* s"'
}

initialized() {
	asked '{"method":"initialize","parameters":{}}' | grep true
}

# The generation before that one was served no longer.
retention_is_over() {
	[ "$(status_of lineages.0.generations)" = 2 ]
}

published() {
	program show --format zone | grep -qF "$1"
}

not_published() {
	! published "$1"
}

main
