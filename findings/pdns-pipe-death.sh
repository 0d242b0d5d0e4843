#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS: a remote backend on a pipe that ended while nobody asked it is never
# started again; on a unix socket the same backend is back after one answer.
#
# Versions: PowerDNS 4.9.18 (Debian 13); 4.7.3 and 5.1.5 do the same.
# Expected: "the coprocess is restarted", as after a timeout or an answer that
#	was broken off.
# Seen: ten questions after the backend was ended (and on the socket's side
#	started again), one thread, no caches:
#
#	pipe: 0 of 10 answered
#	unix: 9 of 10 answered
#
# Only a restart of PowerDNS helps. Use the unix connector, also for a backend
# that is one small program.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-remote=$V python3 bind9-dnsutils
alone <<'END'
echo "the text" >text
cat >pdns.conf <<-EOC
launch=remote
local-address=127.0.0.1
socket-dir=$PWD
receiver-threads=1
distributor-threads=1
zone-cache-refresh-interval=0
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
EOC
chmod 755 .
printf '#!/bin/sh\ncd %s && exec python3 /root/remote.py\n' "$PWD" >backend
chmod 755 backend
ask() { dig +tries=1 +time=5 @127.0.0.1 example.com TXT; }
answered() { ask | grep -q '"the text"'; }
ten() {
	local count=0

	for _ in $(seq 10); do
		! answered || count=$((count + 1))
	done
	echo "$1: $count of 10 answered"
}
serve() {
	pdns_server --config-dir=. --daemon=no --guardian=no \
	    --remote-connection-string="$1" >&2 &
	pdns=$!
	wait_for answered
}
is_gone() { ! kill -0 "$1" || grep -q '^State:.Z' "/proc/$1/status"; }
serve "pipe:command=$PWD/backend"
backend=$(cat remote.pid)
kill "$backend"
wait_for is_gone "$backend"
ten pipe
kill $pdns
wait $pdns || :

python3 /root/remote.py "$PWD/sock" &
backend=$!
wait_for test -S sock
serve "unix:path=$PWD/sock"
kill $backend
wait $backend || :
rm sock
python3 /root/remote.py "$PWD/sock" &
wait_for test -S sock
ten unix
END
holds <<'END'
pipe: 0 of 10 answered
unix: 9 of 10 answered
END
