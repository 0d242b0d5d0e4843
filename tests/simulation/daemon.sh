#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The daemon as a process: its socket, its signals, its peers, systemd, and
# stores that are not there.

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
	# this log is checked; it must not be the journal's
	unset JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS LISTEN_PID \
	    LISTEN_PIDFDID
	CONFIG=$TMP/pdns-tlsa.yaml
	SOCKET=$TMP/pdns.sock
	LOG=$TMP/pdns-tlsa.log
	generations_make "$TMP/chains"
	certbot_issue "$TMP/le" mail "$TMP/chains/a"
	configure
	test_wrong_start
	test_rights
	test_second_daemon
	test_end
	test_stale_socket
	test_not_a_socket
	test_reload
	test_reload_and_change
	test_peers
	test_crowd
	test_mute
	test_notify
	test_activation
	test_no_descriptors
	test_store_later
	test_store_unreadable
	tap_end
}

# One generation at a time, so that there is one right answer.
configure() {
	tlsa_config "$CONFIG" "$@"
	sed -i "s/^  ttl:.*/&\n  retain: 0/" "$CONFIG"
}

lookup() {
	echo '{"method": "lookup", "parameters": {"qname": "'"$1"'",' \
	    '"qtype": "ANY", "zone-id": -1}}'
}

# The TLSA RRset of a name, sorted, as the files rrset have it.
rrset() {
	lookup "$1" | "$TOOL" ask "$SOCKET" 2>&1 |
	    grep -o '"content":"[^"]*"' | cut -d '"' -f 4 | LC_ALL=C sort
}

# shellcheck disable=SC2120 # for wait_for as well
answers() {
	[ "$(rrset "${1-$ALIAS.}")" = "$(cat "$TMP/chains/${2-a}/rrset")" ]
}

serve() {
	: >"$LOG"
	tlsa_serve "$CONFIG"
}

# The log has so many lines with this text.
log_has() {
	[ "$(grep -cFe "$2" "$LOG")" -eq "$1" ]
}

# Exit status and message of a daemon that must not start.
refused() {
	local status=0

	timeout 60 "$PDNS_TLSA" serve -c "$CONFIG" >"$TMP/refused" 2>&1 ||
	    status=$?
	[ "$status" -eq 1 ] && grep -F "$1" "$TMP/refused" && return
	echo "exit status $status"
	cat "$TMP/refused"
	return 1
}

test_wrong_start() {
	cp "$CONFIG" "$TMP/good.yaml"
	tap_ok "no configuration: exit status 1" \
	    eval 'rm "$CONFIG"; refused "$CONFIG: "'
	sed 's/^services:/serviced:/' "$TMP/good.yaml" >"$CONFIG"
	tap_ok "wrong configuration: file, line and column" \
	    refused "$CONFIG:$(grep -n serviced "$CONFIG" | cut -d : -f 1):1: "
	{ cat "$TMP/good.yaml" && echo "listen-group: no-such-group"; } \
	    >"$CONFIG"
	tap_ok "unknown group: exit status 1" refused "no-such-group"
	tap_ok "and no socket is left behind" [ ! -e "$SOCKET" ]
	cp "$TMP/good.yaml" "$CONFIG"
	sed -i "s|^listen: .*|listen: /proc/none/pdns.sock|" "$CONFIG"
	tap_ok "socket where none can be: exit status 1" refused "/proc/none"
	cp "$TMP/good.yaml" "$CONFIG"
}

# A group that is not the default, if we may: root alone may use any.
test_rights() {
	local group
	group=$(id -gn)

	serve
	tap_is "the socket's rights by default" \
	    "$(stat -c '%F %a %G' "$SOCKET")" "socket 660 $group"
	tap_ok "it answers" answers
	stop "$TLSA_PID"
	[ "$(id -u)" -ne 0 ] || group=nogroup
	{ cat "$TMP/good.yaml" && echo "listen-mode: \"0606\"" &&
	    echo "listen-group: $group"; } >"$CONFIG"
	serve
	tap_is "as configured" "$(stat -c '%F %a %G' "$SOCKET")" \
	    "socket 606 $group"
	stop "$TLSA_PID"
	group=$(getent group "$group" | cut -d : -f 3)
	{ cat "$TMP/good.yaml" && echo "listen-group: $group"; } >"$CONFIG"
	serve
	tap_is "the group by its number" "$(stat -c '%g' "$SOCKET")" "$group"
	stop "$TLSA_PID"
	cp "$TMP/good.yaml" "$CONFIG"
}

test_second_daemon() {
	serve
	tap_ok "a second daemon is refused" \
	    refused "another pdns-tlsa serves this socket"
	tap_ok "and the first one serves on" answers
	stop "$TLSA_PID"
}

# ends_well DESCRIPTION [-SIGNAL] PID: within 2 s, with status 0
ends_well() {
	local description=$1 signal=-TERM is_late=0 status
	shift
	case $1 in
	-*) signal=$1 && shift ;;
	esac

	kill "$signal" "$1"
	wait_for 2 is_gone "$1" || is_late=1
	stop "$1"
	status=$?
	tap_is "$description: status 0" "$status" 0
	tap_ok "and within 2 s" [ $is_late -eq 0 ]
}

test_end() {
	local signal idle

	for signal in TERM INT; do
		serve
		ends_well "SIG$signal ends it" "-$signal" "$TLSA_PID"
		tap_ok "and the socket is gone" [ ! -e "$SOCKET" ]
	done
	serve
	mkfifo "$TMP/hold"
	"$TOOL" ask "$SOCKET" <"$TMP/hold" >"$TMP/idle.log" &
	idle=$!
	exec 5>"$TMP/hold"
	lookup "$ALIAS." >&5
	wait_for 60 grep -q result "$TMP/idle.log"
	ends_well "SIGTERM with an idle connection" "$TLSA_PID"
	exec 5>&-
	wait "$idle"
	rm "$TMP/hold"
}

test_stale_socket() {
	serve
	stop -KILL "$TLSA_PID"
	tap_ok "killed, it leaves its socket" [ -S "$SOCKET" ]
	serve
	tap_ok "which the next one replaces" answers
	stop "$TLSA_PID"
}

test_not_a_socket() {
	echo "precious" >"$SOCKET"
	tap_ok "a file in the socket's place: refused" refused "is no socket"
	tap_is "and left alone" "$(cat "$SOCKET")" "precious"
	mv "$SOCKET" "$TMP/precious"
	ln -s "$TMP/precious" "$SOCKET"
	tap_ok "so is a link" refused "is no socket"
	tap_is "with what it leads to" "$(cat "$SOCKET")" "precious"
	rm "$SOCKET"
	mkdir "$SOCKET"
	tap_ok "and a directory" refused "is no socket"
	rmdir "$SOCKET"
}

reload() {
	local before
	before=$(grep -c "$1" "$LOG")

	kill -HUP "$TLSA_PID"
	wait_for 5 eval "[ \$(grep -c '$1' '$LOG') -gt $before ]"
}

soa_of() {
	lookup "$1" | "$TOOL" ask "$SOCKET" |
	    grep -o '"SOA"[^}]*"domain_id":[0-9]*'
}

# zones NAME... behind the first one
zones() {
	local zone

	for zone; do
		echo "  - {name: $zone, nameservers: [ns1.example.net]}"
	done >"$TMP/zones"
	sed "/^    hostmaster:/r $TMP/zones" "$TMP/good.yaml" >"$CONFIG"
}

test_reload() {
	local other=_25_tcp_other_example_com.$ZONE. soa second

	zones second.example.net
	serve
	soa=$(soa_of "$ZONE.")
	second=$(soa_of second.example.net.)
	tap_ok "SIGHUP, nothing new" reload "ready: "
	tap_is "the SOA stays the same" "$(soa_of "$ZONE.")" "$soa"
	zones third.example.net second.example.net
	printf '  - host: other.example.com\n    lineages: [mail]\n' >>"$CONFIG"
	tap_ok "SIGHUP, a service and a zone more" reload "ready: "
	tap_ok "the new service is answered" wait_for 5 answers "$other"
	tap_ok "the old one too" answers
	tap_is "a zone keeps its id wherever it stands in the file" \
	    "$(soa_of second.example.net.)" "$second"
	tap_ok "and the new one gets another" \
	    [ "$(soa_of third.example.net. | cut -d : -f 5)" != \
	    "${second##*:}" ]
	soa=$(soa_of "$ZONE.")
	echo "  - host: [" >>"$CONFIG"
	tap_ok "SIGHUP, wrong: the log names file, line and column" \
	    reload "error: $CONFIG:[0-9]*:[0-9]*: .*stays as it was"
	tap_ok "the old configuration answers on" answers "$other"
	rm "$CONFIG"
	tap_ok "SIGHUP, no file: an error too" reload "error: $CONFIG: "
	tap_ok "and it answers on" answers "$other"
	tap_is "nothing of that changed the SOA" "$(soa_of "$ZONE.")" "$soa"
	cp "$TMP/good.yaml" "$CONFIG"
	tap_ok "SIGHUP, the service is gone from the file" reload "ready: "
	tap_ok "and from the zone" wait_for 5 eval "[ -z \"\$(rrset '$other')\" ]"
	tap_ok "the other one stays" answers
	stop "$TLSA_PID"
}

# A deploy hook reloads the daemon just when certbot has changed the store.
test_reload_and_change() {
	local i

	serve
	for i in {1..10}; do
		# both must be there when it looks the next time
		kill -STOP "$TLSA_PID"
		wait_for 60 grep -q "^State:.*T" "/proc/$TLSA_PID/status"
		kill -HUP "$TLSA_PID"
		: >"$TMP/le/live/mail/touched"
		kill -CONT "$TLSA_PID"
		rm "$TMP/le/live/mail/touched"
		answers
	done
	tap_ok "SIGHUP together with a change in the store" answers
	for i in {1..50}; do
		kill -HUP "$TLSA_PID"
		certbot_renew "$TMP/le" mail \
		    "$TMP/chains/$([ $((i % 2)) -eq 0 ] && echo a || echo b)"
	done
	tap_ok "SIGHUP with each of 50 renewals" wait_for 5 answers
	ends_well "SIGTERM after all that" "$TLSA_PID"
}

test_peers() {
	serve
	tap_is "garbage ends the connection" \
	    "$(printf 'hello\a\033[31m\n' | "$TOOL" ask "$SOCKET")" "closed"
	tap_ok "and is one line in the log, without its control characters" \
	    grep -q "warning: request of user $(id -u): process [0-9]*: no JSON: " "$LOG"
	tap_ok "really without" eval "! grep -q '[[:cntrl:]]' '$LOG'"
	tap_ok "others go on" answers
	stop "$TLSA_PID"
}

# silent COUNT: connections that ask nothing, by another user; prints how many
# of them are open when the last one was taken, which asks.
silent() {
	# shellcheck disable=SC2046 # words
	PATH=/usr/bin:/bin $(as_nobody) python3 - "$SOCKET" "$1" <<-'END'
	import json, resource, socket, sys
	count = int(sys.argv[2])
	limits = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
	peers = []
	for _ in range(count):
	    peer = socket.socket(socket.AF_UNIX)
	    peer.connect(sys.argv[1])
	    peers.append(peer)
	peers[-1].sendall(b'{"method":"initialize","parameters":{}}\n')
	json.loads(peers[-1].makefile().readline())
	still = 0
	for peer in peers:
	    peer.setblocking(False)
	    try:
	        still += peer.recv(1) != b""
	    except BlockingIOError:
	        still += 1
	print(still)
	END
}

test_crowd() {
	serve
	tap_is "200 connections at once get the same answer" \
	    "$(lookup "$ALIAS." | "$TOOL" crowd "$SOCKET" 200)" "1 1000"
	stop "$TLSA_PID"
	sed -i "s/^listen: .*/&\nlisten-mode: 0666/" "$CONFIG"
	chmod 755 "$TMP"
	serve
	exec 3> >(exec "$TOOL" ask "$SOCKET" >"$TMP/first")
	tap_is "600 silent ones of a user: his own longest idle ones are closed" \
	    "$(silent 600)" 256
	tap_ok "which is logged, with the user and in few lines" \
	    log_has 60 "warning: connections: user"
	lookup "$ALIAS." >&3
	exec 3>&-
	tap_ok "who connected before him is still answered" \
	    wait_for 10 grep -q '"content"' "$TMP/first"
	tap_ok "and when they have gone, all is well" wait_for 5 answers
	stop "$TLSA_PID"
	configure
}

# Milliseconds that most of 20 answers took at most, or of fewer: who does not
# read for half a minute is cut off.  WRONG counts those that were none.
answer_time() {
	local i start end=$((SECONDS + 10))

	for i in {1..20}; do
		[ "$i" -le 3 ] || [ $SECONDS -lt $end ] || break
		start=$(now_us)
		answers || WRONG=$((WRONG + 1))
		echo $((($(now_us) - start) / 1000)) >>"$TMP/$1.times"
	done
	sort -n "$TMP/$1.times" |
	    awk '{ ms[NR] = $1 } END { print ms[int(NR / 2) + 1] }'
}

# Before and with him: half a second more for most is holding up, whatever
# else the machine has to do.
test_mute() {
	local mute alone beside WRONG=0

	serve
	answer_time alone >"$TMP/alone"
	lookup "$ALIAS." | "$TOOL" mute "$SOCKET" >"$TMP/mute.log" &
	mute=$!
	sleep 0.5
	answer_time beside >"$TMP/beside"
	alone=$(cat "$TMP/alone") beside=$(cat "$TMP/beside")
	tap_is "who asks and never reads takes nobody's answer" "$WRONG" 0
	tap_ok "and holds nobody up: $alone ms, $beside ms beside him" \
	    [ "$beside" -lt $((4 * alone + 400)) ]
	tap_ok "and is still there" kill -0 "$mute"
	ends_well "SIGTERM while he does not read" "$TLSA_PID"
	wait "$mute"
	tap_ok "at which he is cut off" [ -s "$TMP/mute.log" ]
}

test_notify() {
	"$TOOL" notify "$TMP/notify" >"$TMP/notify.log" &
	local notified=$!

	wait_for 60 [ -S "$TMP/notify" ]
	export NOTIFY_SOCKET=$TMP/notify WATCHDOG_USEC=200000
	serve
	tap_ok "systemd hears READY=1" \
	    wait_for 5 grep -q "^READY=1" "$TMP/notify.log"
	reload "ready: "
	tap_ok "again after a reload" wait_for 5 eval \
	    "[ \$(grep -c '^READY=1' '$TMP/notify.log') -ge 2 ]"
	tap_ok "and WATCHDOG=1, again and again" wait_for 30 eval \
	    "[ \$(grep -c '^WATCHDOG=1' '$TMP/notify.log') -ge 5 ]"
	stop "$TLSA_PID"
	tap_ok "and STOPPING=1" \
	    wait_for 5 grep -q "^STOPPING=1" "$TMP/notify.log"
	unset NOTIFY_SOCKET WATCHDOG_USEC
	kill "$notified"
	wait "$notified"
}

test_activation() {
	if ! command -v systemd-socket-activate >/dev/null ||
	    ! ldd "$PDNS_TLSA" | grep -q libsystemd; then
		tap_ok "socket activation # SKIP no systemd here" true
		return
	fi
	: >"$LOG"
	spawn pdns-tlsa systemd-socket-activate -l "$SOCKET" \
	    "$PDNS_TLSA" serve -c "$CONFIG"
	TLSA_PID=$PID
	wait_for 60 [ -S "$SOCKET" ]
	tap_ok "started by the first connection, it answers" answers
	ends_well "SIGTERM under systemd" "$TLSA_PID"
	tap_ok "and leaves systemd's socket alone" [ -S "$SOCKET" ]
	rm "$SOCKET"
}

test_store_later() {
	mv "$TMP/le" "$TMP/later"
	serve
	tap_ok "a store that is not there yet is logged" \
	    wait_for 5 log_has 1 "does not exist yet; waiting for it"
	mv "$TMP/later" "$TMP/le"
	tap_ok "when it appears, it is answered within a second" \
	    wait_for 1 answers
	mv "$TMP/le" "$TMP/later"
	sleep 2.2
	tap_ok "when it goes, the answer stays" answers
	mv "$TMP/later" "$TMP/le"
	certbot_renew "$TMP/le" mail "$TMP/chains/b"
	tap_ok "when it is back, renewals are followed" \
	    wait_for 2 answers "$ALIAS." b
	stop "$TLSA_PID"
}

# Nobody tells when there are descriptors again: it looks before the minute that
# it looks at everything.
test_no_descriptors() {
	local limit reader
	if ! command -v prlimit >/dev/null; then
		tap_ok "no descriptors # SKIP prlimit is not installed" true
		return
	fi
	certbot_renew "$TMP/le" mail "$TMP/chains/a"
	serve
	wait_for 5 answers
	reader=$(tlsa_reader)
	limit=$(prlimit --pid "$reader" --nofile --output SOFT --noheadings)
	prlimit --pid "$reader" --nofile=3:
	certbot_renew "$TMP/le" mail "$TMP/chains/b"
	tap_ok "without descriptors a renewal cannot be read" \
	    wait_for 10 grep -q "mail.*Too many open files" "$LOG"
	prlimit --pid "$reader" --nofile="${limit// /}:"
	tap_ok "and with them it soon is" wait_for 20 answers "$ALIAS." b
	certbot_renew "$TMP/le" mail "$TMP/chains/a"
	wait_for 5 answers
	stop "$TLSA_PID"
}

# Rights do not hold root up, so that root runs the daemon as somebody else.
test_store_unreadable() {
	local path watched i

	if [ "$(id -u)" -eq 0 ] && ! command -v setpriv >/dev/null; then
		tap_ok "unreadable store # SKIP setpriv is not installed" true
		return
	fi
	# enough others that "mail" is not loaded in the same moment
	for i in {1..100}; do
		cp -a "$TMP/le/live/mail" "$TMP/le/live/other$i"
	done
	printf '#!/bin/sh\nexec %s "$@"\n' "$(as_nobody) $PDNS_TLSA" \
	    >"$TMP/nobody"
	chmod 755 "$TMP/nobody" "$TMP"
	mkdir -m 777 "$TMP/run" 2>/dev/null
	configure "mail.example.com mail"
	# nothing is known from before
	rm -rf "$TMP/state"
	mkdir -m 777 "$TMP/state"
	sed -i "s|^listen: .*|listen: $TMP/run/pdns.sock|" "$CONFIG"
	SOCKET=$TMP/run/pdns.sock
	chmod 700 "$TMP/le"
	unreadable_serve
	tap_ok "a store that may not be read is logged" \
	    wait_for 5 log_has 1 "warning: source '$TMP/le': "
	tap_is "and lookups fail" "$(lookup "$ALIAS." | "$TOOL" ask "$SOCKET")" \
	    "closed"
	# look again: what is known is not repeated
	kill -HUP "$TLSA_PID"
	for path in "$TMP/le/x" "$TMP/x" "$TMP/le"; do
		touch "$path"
	done
	sleep 0.5
	tap_ok "lookups fail on" eval "[ \"\$(lookup '$ALIAS.' |
	    '$TOOL' ask '$SOCKET')\" = closed ]"
	lookup "$ALIAS." | "$TOOL" watch "$SOCKET" 1500 >"$TMP/watched" &
	watched=$!
	sleep 0.3
	chmod 755 "$TMP/le/live" "$TMP/le/archive" "$TMP/le"
	tap_ok "readable at last, it is answered within a second" \
	    wait_for 1 answers "$ALIAS." b
	wait "$watched"
	tap_is "and never denied meanwhile" "$(grep -c '\[\]' "$TMP/watched")" 0
	chmod 700 "$TMP/le/archive"
	certbot_renew "$TMP/le" mail "$TMP/chains/a"
	wait_for 5 log_has 1 "warning: lineage 'mail': $TMP"
	sleep 2.2
	tap_ok "unreadable again, the answer stays" answers "$ALIAS." b
	tap_ok "and that is logged once" log_has 1 "warning: lineage 'mail': $TMP"
	chmod 755 "$TMP/le/archive"
	tap_ok "readable again, the renewal is answered" wait_for 2 answers
	stop "$TLSA_PID"
}

as_nobody() {
	[ "$(id -u)" -ne 0 ] ||
	    echo "setpriv --reuid=65534 --regid=65534 --clear-groups"
}

unreadable_serve() {
	: >"$LOG"
	spawn pdns-tlsa "$TMP/nobody" serve -c "$CONFIG"
	TLSA_PID=$PID
	wait_for 60 [ -S "$SOCKET" ] || tap_bail "it does not listen"
}

main
