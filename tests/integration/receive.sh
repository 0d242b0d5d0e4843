#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deploy --via and receive: a mail host without a daemon sends its certificates
# through a real ssh and sshd to a host with one, and serves them when that says
# that they are safe.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/ssh.sh"
. "$lib/via.sh"

main() {
	program_find
	sshd_need
	tap_need openssl python3 setpriv
	tap_begin
	world_begin
	test_first
	test_renewal
	test_wire
	test_clock
	test_noise
	test_break
	test_daemon_down
	test_staged
	test_check
	test_setup
	test_unit
	sshd_end
	tap_end
}

test_first() {
	tap_is "nothing is published before" "$(tlsa_served mail.example.com)" ""
	tap_ok "a lineage is sent, and deployed" deploy mail --via ssh:mx1
	cp "$TMP/le/live/mail/fullchain.pem" "$TMP/first.pem"
	tap_ok "it is served" serves "$TMP/first.pem"
	tap_ok "with its key" cmp "$TMP/tls/mail/privkey.pem" \
	    "$TMP/le/live/mail/privkey.pem"
	tap_ok "its records are answered" answers "$TMP/first.pem"
	tap_is "it was reported" "$(status_of mail deployed)" current
	tap_is "the store is the receiver's" "$(stat -c %u \
	    "$TMP/remote/mail/fullchain.pem")" "$(stat -c %u "$TMP/remote")"
	tap_ok "its plan came with it" grep -q '"server": "https://acme' \
	    "$TMP/remote/mail/sent.json"
	deploy mail --via ssh:mx1
	tap_is "once more: nothing is loaded again" \
	    "$(wc -l <"$TMP/reloads")" 1
}

# Not before it is safe, and what was served is retained from the report on.
test_renewal() {
	config_is 1000
	renew E2
	cp "$TMP/le/live/mail/fullchain.pem" "$TMP/second.pem"
	tap_ok "a renewal is not safe at once, and that is said" \
	    fails "not yet safe to serve, in" deploy mail --via ssh:mx1 \
	    --timeout 6
	tap_ok "its records are answered" answers "$TMP/second.pem"
	tap_ok "what was served is served still" serves "$TMP/first.pem"
	tap_is "and that is known there" "$(status_of mail deployed)" older
	deploy mail --via ssh:mx1 --timeout 60 &
	WAITING=$!
	tap_ok "who waits is told each few seconds" wait_for 20 said_more
	config_is "$HOLD" 1
	wait "$WAITING"
	tap_is "until it is safe" "$?" 0
	tap_ok "then it is served" serves "$TMP/second.pem"
	tap_is "and reported" "$(status_of mail deployed)" current
	tap_ok "what was served before goes when it was retained" \
	    wait_for 20 is_forgotten
	config_is
}

said_more() {
	[ "$(grep -c '"word":"here"' "$TMP/sent")" -ge 2 ]
}

is_forgotten() {
	! tlsa_served mail.example.com |
	    grep -qF "$(tlsa_of "3 1 1" "$TMP/first.pem")"
}

# Octets of each key, in whatever lines they come.
test_wire() {
	local key

	tap_ok "what was sent can be seen" grep -q '"lineage":"mail"' \
	    "$TMP/sent"
	tap_is "and has no word of a private key" \
	    "$(grep -c 'PRIVATE' "$TMP/sent")" 0
	for key in "$TMP"/le/archive/mail/privkey*.pem; do
		tap_is "nor of ${key##*/}" "$(key_pieces "$key" |
		    grep -ciFf - "$TMP/sent")" 0
		tap_is "which would be seen" "$(key_pieces "$key" |
		    grep -ciFf - <(base64 -w 0 "$key"; base64 -w 0 <(
		    openssl pkey -in "$key" -outform DER)))" 1
	done
	tap_ok "none is in the store" store_is_public
}

# The number that is the key, in hexadecimal and in base64 wherever it begins;
# the file of the key has the public half as well.
key_pieces() {
	openssl pkey -in "$1" -noout -text 2>/dev/null |
	    sed -n '/^priv:/,/^pub:/p' | tr -d ' \n' |
	    sed 's/^priv://; s/pub:$//; s/://g' | python3 -c '
import base64, sys
key = bytes.fromhex(sys.stdin.read())[-32:]
print(key.hex())
for before in range(3):
    print(base64.b64encode(bytes(before) + key)[4:40].decode())'
}

store_is_public() {
	! grep -rq PRIVATE "$TMP/remote"
}

# A hello as another program, or another time, would say it.
hello_is() {
	ssh_key "$1" "echo '{\\\"pdns-tlsa\\\":\\\"receive\\\",$2}'; sleep 9"
}

test_clock() {
	hello_is old "\\\"version\\\":7"
	tap_ok "another version there is named" \
	    fails "version 7 of the protocol is spoken there, and 1 here" \
	    deploy mail --via ssh:old
	hello_is slow "\\\"version\\\":1,\\\"now\\\":$(($(date +%s) - 7200))"
	tap_ok "so is a clock that is far off" \
	    fails "the one here; set the one that" deploy mail --via ssh:slow
	tap_ok "what was served is served still" serves "$TMP/second.pem"
}

test_noise() {
	ssh_key motd "echo 'Welcome to mx!'; $(receive mx1 'mail.*')"
	tap_ok "what a shell says first is named" \
	    fails "'Welcome to mx!' was said there before the protocol" \
	    deploy mail --via ssh:motd
	ssh_key none
	tap_ok "a key that is not known is said to be" \
	    fails "ssh ended with status 255" deploy mail --via ssh:none
}

# The connection of the test's own sshd that serves one client.
connection_pid() {
	pgrep -f "ssh -F $TMP/ssh/config" | head -n 1
}

ssh_is_there() {
	[ -n "$(connection_pid)" ] && waits_there
}

waits_there() {
	[ "$(grep -c '"word":"here"' "$TMP/sent")" -gt "$HEARD" ]
}

test_break() {
	config_is 1000
	renew E1
	cp "$TMP/le/live/mail/fullchain.pem" "$TMP/third.pem"
	HEARD=$(grep -c '"word":"here"' "$TMP/sent")
	deploy mail --via ssh:mx1 --timeout 120 &
	WAITING=$!
	tap_ok "one waits" wait_for 30 ssh_is_there
	tap_ok "a second one is told so" \
	    fails "another deploy of it waits here already" \
	    deploy mail --via ssh:mx1 --timeout 1
	kill "$(connection_pid)"
	HEARD=$(grep -c '"word":"here"' "$TMP/sent")
	tap_ok "a connection that is cut is taken up again" \
	    wait_for 60 ssh_is_there
	tap_ok "and it was said" grep -q "'mx1'" "$TMP/err"
	stop "$SSHD_PID"
	kill "$(connection_pid)"
	sleep 2
	tap_ok "so is one to a host that is down for a while" \
	    kill -0 "$WAITING"
	sshd_start
	config_is
	wait "$WAITING"
	tap_is "and all ends well" "$?" 0
	tap_ok "it is served" serves "$TMP/third.pem"
	tap_is "and reported" "$(status_of mail deployed)" current
}

test_daemon_down() {
	stop "$TLSA_PID"
	renew E2
	cp "$TMP/le/live/mail/fullchain.pem" "$TMP/fourth.pem"
	tap_ok "without a daemon there it ends, and says so" \
	    fails "no daemon answers there" deploy mail --via ssh:mx1 \
	    --timeout 3
	tap_ok "what was served is served still" serves "$TMP/third.pem"
	deploy mail --via ssh:mx1 --timeout 120 &
	WAITING=$!
	sleep 1
	tlsa_serve
	wait "$WAITING"
	tap_is "it goes on when the daemon is back" "$?" 0
	tap_ok "and is served" serves "$TMP/fourth.pem"
	tap_ok "and answered" answers "$TMP/fourth.pem"
}

# certbot's, complete and not live: the newest one, as for the daemon.
test_staged() {
	local number kind
	number=$(($(certbot_newest "$TMP/le" mail) + 1))

	issue mail E1 mail.example.com
	for kind in privkey cert chain fullchain; do
		cp "$TMP/ca/issued/mail/$kind.pem" \
		    "$TMP/le/archive/mail/$kind$number.pem"
	done
	tap_ok "what is staged is sent as well" deploy mail --via ssh:mx1
	tap_ok "and is what is served" serves \
	    "$TMP/ca/issued/mail/fullchain.pem"
	tap_ok "it is answered" answers "$TMP/ca/issued/mail/fullchain.pem"
	tap_ok "as is what is live" answers "$TMP/fourth.pem"
	rm "$TMP"/le/archive/mail/*"$number.pem"
	tap_ok "what is staged no more" deploy mail --via ssh:mx1
	tap_ok "is not kept" [ ! -e "$TMP/remote/mail/next-1.pem" ]
}

check_says() {
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" check >"$TMP/out" 2>&1
	grep -q -e "$1" "$TMP/out" || { cat "$TMP/out"; false; }
}

test_check() {
	tap_ok "check has nothing to say of a sender that reports" \
	    check_is_silent
	sed -i 's/"reported": [0-9]*/"reported": 0/;
	    s/"received": [0-9]*/"received": 1000000/' \
	    "$TMP/remote/mail/sent.json"
	tap_ok "one that sent and never reported is named" \
	    check_says "'mail': sender 'mx1' sent it at 1970-01-12T.*reported"
	tap_ok "its records stay" answers "$TMP/fourth.pem"
}

check_is_silent() {
	! check_says "sender 'mx1'"
}

setup() {
	"$PDNS_TLSA" -c "$TMP/pdns-tlsa.yaml" setup --remote "$@" \
	    >"$TMP/out" 2>"$TMP/err"
}

test_setup() {
	tap_ok "setup prints what a host that sends needs" \
	    setup mx1.example.com
	tap_ok "with the line of its key" grep -qF \
	    "receive --as mx1.example.com --hosts 'mx1.example.com'\",restrict" \
	    "$TMP/out"
	tap_ok "and no line for what is no host" \
	    fails "no host name" setup "a\"b"
}

# What the unit runs for its hooks, with settings as systemd.exec(5) has them.
test_unit() {
	renew E1
	cp "$TMP/le/live/mail/fullchain.pem" "$TMP/fifth.pem"
	tap_ok "the unit of the hooks sends what its settings say" \
	    unit_run mail VIA=ssh:mx1 LINEAGE="$TMP/le/live/mail" \
	    TO="$TMP/tls/mail" RELOAD=true OPTIONS="--timeout 60"
	tap_ok "and deploys it" serves "$TMP/fifth.pem"
	tap_ok "and without VIA asks the daemon that is here" \
	    fails "create it or name another" unit_run mail LINEAGE=mail \
	    TO="$TMP/tls/mail" RELOAD=true OPTIONS="-c $TMP/none.yaml"
}

# unit_run NAME SETTING...
unit_run() {
	local words=() word line
	line=$(sed -n "s|@PREFIX@/sbin/pdns-tlsa|$PDNS_TLSA|
	    s|%i|$1|g; s|^ExecStart=||p" \
	    "$lib/../../packaging/systemd/pdns-tlsa-deploy@.service")
	shift

	for word in $line; do
		case $word in
		'${'*) words+=("$(setting "${word:2:-1}" "$@")") ;;
		'$'*)
			# shellcheck disable=SC2207 # it is split there, too
			words+=($(setting "${word:1}" "$@"))
			;;
		*) words+=("$word") ;;
		esac
	done
	"${words[@]}" >"$TMP/out" 2>"$TMP/err"
}

setting() {
	local name=$1 one
	shift

	for one; do
		[ "${one%%=*}" != "$name" ] || echo "${one#*=}"
	done
}

main "$@"
