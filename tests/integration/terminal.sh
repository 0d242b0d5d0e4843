#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What commands show on a terminal (a pty of a certain size), and only there:
# drawings, colours, what is shown again and again, and how far a long look is.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"

TERMINAL=$(realpath "$lib/terminal.py")
ESC=$(printf '\033')
HOST=mail.example.com
SHADE=█
BAR="^  [23] 1 1 [0-9a-f]\{8\} "
export LC_ALL=C.UTF-8 TERM=xterm
unset NO_COLOR

main() {
	program_find
	tap_need python3 openssl gzip
	tap_begin
	world
	test_show
	test_looks
	test_check
	test_status
	test_watch
	test_watch_pipe
	test_working
	tap_end
}

world() {
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	mkdir -p "$TMP/issuers"
	cat "$TMP"/ca/[ER][12].pem >"$TMP/issuers/demo.pem"
	ca_issue "$TMP/ca" mail ecdsa E1 $HOST
	certbot_issue "$TMP/le" mail "$TMP/ca/issued/mail" ||
	    tap_bail "no store"
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	issuers: [$TMP/issuers]
	sources:
	  - {type: certbot, path: $TMP/le}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net],
	     hostmaster: hostmaster.example.net}
	services:
	  - {host: $HOST, ports: [25]}
	  - {host: none.example.com, ports: [25]}
	END
	tlsa_serve
}

# on COLUMNS [VARIABLE=VALUE...] COMMAND...: on a terminal; it is in $TMP/seen,
# and with the line that says where it is in $TMP/told
on() {
	on_until - 24 "$@"
}

# on_until STOP ROWS COLUMNS ...: the same; see terminal.py
on_until() {
	local stop=$1 rows=$2 columns=$3 env=() begin=${EPOCHREALTIME//[!0-9]/}
	shift 3

	while [[ $1 = *=* ]]; do
		env+=("$1") && shift
	done
	env "${env[@]}" "$TERMINAL" "$columns" "$rows" "$stop" \
	    "$PDNS_TLSA" "$1" -c "$TMP/pdns-tlsa.yaml" "${@:2}" \
	    </dev/null >"$TMP/raw" 2>"$TMP/err"
	STATUS=$?
	TOOK=$((${EPOCHREALTIME//[!0-9]/} - begin))
	tr -d '\r' <"$TMP/raw" >"$TMP/told"
	# a busy machine gets there, and of the log nothing is in a pipe
	sed "s/\r[^\r$ESC]\+$ESC\[K\r//g; s/\r$ESC\[K//g; s/\r//g" "$TMP/raw" |
	    grep -v '^pdns-tlsa: warning: ' >"$TMP/seen"
}

# Into a pipe; it is in $TMP/piped
pipe() {
	"$PDNS_TLSA" "$1" -c "$TMP/pdns-tlsa.yaml" "${@:2}" 2>"$TMP/err" |
	    cat >"$TMP/piped"
}

has() { grep -qF -e "$1" "$TMP/seen"; }
lacks() { [ -s "$TMP/seen" ] && ! has "$1"; }
drawn() { has " 3 1 1 " && has "$SHADE" && has " now "; }
told() { grep -qF -e "$1" "$TMP/told"; }
untold() { [ -s "$TMP/told" ] && ! told "$1"; }
# what took no second says nothing of where it was
quick() { [ "$TOOK" -ge 1000000 ] || untold "$1"; }

# Without what only a terminal has, it is what a pipe gets.
same_as_pipe() {
	sed "s/$ESC\[[0-9;]*m//g" "$TMP/seen" | grep -v -e "$BAR" \
	    -e '^  *now' -e '^ *renewal  *expiry$' \
	    -e '^ *[0-9][0-9]-[0-9][0-9] ' | timeless |
	    diff - <(timeless <"$TMP/piped")
}

timeless() {
	sed 's/ in [0-9]* s;/ in N s;/; s/ expiry=.*//; s/"remaining": [0-9]*//'
}

test_show() {
	on 80 show
	tap_is "show on a terminal" "$STATUS" 0
	tap_ok "show is drawn" drawn
	tap_ok "an expected renewal and the expiry are in it" \
	    grep -q 'renewal  *expiry' "$TMP/seen"
	tap_is "each record has a line of it" \
	    "$(grep -c "$BAR" "$TMP/seen")" \
	    "$(grep -c "^  [23] 1 1 [0-9a-f]\{64\}" "$TMP/seen")"
	pipe show
	tap_ok "the rest is what a pipe gets" same_as_pipe
	tap_is "of which nothing is drawn, or coloured" \
	    "$(grep -c -e "$BAR" -e "$ESC" "$TMP/piped")" 0
	for format in json zone; do
		on 80 show --format $format
		pipe show --format $format
		tap_ok "$format is the same on a terminal" \
		    diff <(timeless <"$TMP/seen") <(timeless <"$TMP/piped")
	done
}

test_looks() {
	on 80 show
	tap_ok "it has colours" has "${ESC}[34m"
	on 80 NO_COLOR=1 show
	tap_ok "with NO_COLOR it is drawn" drawn
	tap_ok "without colours" lacks "$ESC"
	on 80 NO_COLOR= show
	tap_ok "an empty NO_COLOR is none" has "${ESC}[34m"
	on 80 TERM=dumb show
	tap_ok "a dumb terminal has the drawing" drawn
	tap_ok "and no colours" lacks "$ESC"
	on 80 LC_ALL=C show
	tap_ok "without UTF-8 it is drawn in ASCII" has "##"
	tap_is "all of it" "$(LC_ALL=C grep -c '[^ -~]' <(
		sed "s/$ESC//g" "$TMP/seen"))" 0
	on 40 NO_COLOR=1 show
	grep -e "$SHADE" -e ' now ' "$TMP/seen" >"$TMP/drawing"
	tap_is "40 columns: it is drawn" "$(grep -c "$SHADE" "$TMP/drawing")" \
	    "$(grep -c '^  [23] [a-z]' "$TMP/drawing")"
	tap_is "and fits" "$(awk 'length($0) > 39' "$TMP/drawing")" ""
	on 39 show
	tap_ok "39 columns: it is not drawn" lacks "$SHADE"
}

test_check() {
	on 80 check $HOST
	tap_ok "check: what is well is not drawn" lacks "$SHADE"
	on 80 check --warning 100d $HOST
	tap_is "check: what is not" "$STATUS" 1
	tap_ok "check: is drawn" drawn
	pipe check --warning 100d $HOST
	tap_ok "check: the rest is what a pipe gets" same_as_pipe
}

test_status() {
	on 80 status
	tap_ok "status: a few services are drawn" drawn
	pipe status
	tap_is "status: not in a pipe" "$(grep -c "$SHADE" "$TMP/piped")" 0
	on 80 status --format json
	tap_ok "status: no drawing is in JSON" lacks timeline
	on 80 status MAIL.example.com
	tap_ok "status of a host is drawn" drawn
	tap_is "and is of no other one" "$(grep -c '^none' "$TMP/seen")" 0
	tap_ok "nor of certificates" lacks LINEAGE
	on 80 status nosuch.example.com
	tap_is "status of another host" "$STATUS" 1
	tap_ok "says so" has "no service of the host 'nosuch.example.com'"
	on 80 status a..b
	tap_is "status of no host" "$STATUS" 2
}

test_watch() {
	on_until 'NEXT CHANGE:2' 40 80 status --watch
	tap_is "watch: Ctrl-C is no failure" "$STATUS" 0
	tap_ok "watch: it is drawn" drawn
	tap_is "watch: the screen is cleared once" \
	    "$(grep -o "$ESC\[2J" "$TMP/seen" | wc -l)" 1
	tap_is "watch: and then each takes the place of the one before" \
	    "$(grep -o "$ESC\[Hpdns-tlsa " "$TMP/seen" | wc -l)" \
	    "$(grep -o "pdns-tlsa [0-9]" "$TMP/seen" | wc -l)"
	on_until 'no room:2' 10 60 status --watch
	tap_is "watch: on a small screen" "$STATUS" 0
	sed "s/$ESC\[H/\n&/g" "$TMP/seen" | sed "s/$ESC\[[0-9;]*[a-zA-Z]//g" \
	    >"$TMP/lines"
	tap_ok "watch: no line is too long" \
	    awk 'length($0) > 60 { exit 1 }' "$TMP/lines"
	tap_ok "watch: nor are there too many" \
	    awk '/^pdns-tlsa /{ n = 0 } ++n > 10 { exit 1 }' "$TMP/lines"
	on_until 'NEXT CHANGE:2' 40 80 TERM=dumb status --watch
	tap_is "watch: on a dumb terminal" "$STATUS" 0
	tap_ok "watch: one stands below the other" lacks "$ESC"
}

test_watch_pipe() {
	set -o pipefail
	"$PDNS_TLSA" status -c "$TMP/pdns-tlsa.yaml" --watch 2>"$TMP/err" |
	    head -n 3 >"$TMP/piped"
	tap_is "watch: who closes the pipe ends it" $? 0
	set +o pipefail
	tap_is "watch: without a word" "$(cat "$TMP/err")" ""
	tap_is "watch: a full disk is a failure" \
	    "$("$PDNS_TLSA" status -c "$TMP/pdns-tlsa.yaml" --watch \
		2>"$TMP/err" >/dev/full; echo $?)" 1
	tap_ok "watch: which is said" grep -q "cannot be written" "$TMP/err"
	"$PDNS_TLSA" status -c "$TMP/pdns-tlsa.yaml" --watch \
	    >"$TMP/frames" 2>"$TMP/err" &
	watch=$!
	tap_ok "watch: into a file, one behind the other" \
	    wait_for 60 frames 2
	stop "$TLSA_PID"
	wait $watch
	tap_is "watch: until the daemon is gone" $? 1
	tap_ok "watch: which is said as well" \
	    grep -q "no daemon answers there" "$TMP/err"
}

# A name server that hears, and says nothing.
test_working() {
	local silent
	silent=$(port_free)

	spawn silent python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
print("bound", flush=True)
time.sleep(600)' "$silent"
	wait_for 60 grep -q bound "$TMP/silent.log" || tap_bail "no server"
	on 80 doctor --server "127.0.0.1:$silent"
	tap_ok "doctor says what takes so long" \
	    told "PowerDNS: asking the server${ESC}[K"
	tap_ok "and at the end no more" told "server${ESC}[K${ESC}[K"
	on 80 TERM=dumb doctor --server "127.0.0.1:$silent"
	tap_ok "not on a dumb terminal" untold "asking the server$ESC"
	pipe doctor --server "127.0.0.1:$silent"
	tap_is "nor in a pipe" "$(cat "$TMP/err" "$TMP/piped" |
	    grep -c "asking the server")" 0
	on 80 show
	tap_ok "nor what is quick" quick "reading the certificates"
	tap_ok "reports says what it reads" many_reports
}

# As many of what takes its time as take a second here.
many_reports() {
	local doing="reading '$TMP/slow'$ESC[K"

	{
		printf '{'
		head -c 15000000 /dev/zero | tr '\0' ' '
		echo '"date-range": {"start-datetime": 0}, "policies": []}'
	} | gzip >"$TMP/slow"
	set -- "$TMP/slow"
	while [ $# -le 1024 ]; do
		on 80 reports "$@"
		! told "$doing" || return 0
		set -- "$@" "$@" "$@" "$@"
	done
	return 1
}

frames() { [ "$(grep -c '^pdns-tlsa ' "$TMP/frames")" -ge "$1" ]; }

main "$@"
