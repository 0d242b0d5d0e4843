#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS with primary=yes ends when its remote backend is restarted.
#
# Versions: PowerDNS 4.7.3 (Debian 12).
# Expected: as without primary=yes: the query that meets the dead connection
#	gets SERVFAIL, the next one connects anew; a backend may be restarted.
# Seen: no query is needed.  The thread that looks for changed zones at each
#	xfr-cycle-interval (60 s) has a connection of its own; its first look
#	after the restart fails, and takes the whole server down, in good order:
#
#	without primary=yes: still there
#	with primary=yes: Exiting because communicator thread died with error:
#
# Its unit starts it again; without one (and guardian=no) it stays down.

. "${0%/*}/lib/finding.sh"

V=4.7.3-2
root bookworm pdns-server=$V pdns-backend-remote=$V python3 bind9-dnsutils
alone <<'END'
echo "the text" >text
cat >pdns.conf <<-EOC
launch=remote
remote-connection-string=unix:path=$PWD/sock
local-address=127.0.0.1
socket-dir=$PWD
xfr-cycle-interval=1
EOC
backend() {
	rm -f sock
	python3 /root/remote.py "$PWD/sock" &
	remote=$!
	wait_for test -S sock
}
# restarted PRIMARY: what is left of PowerDNS
restarted() {
	backend
	pdns_server --config-dir=. --daemon=no --guardian=no --primary="$1" \
	    >"log.$1" 2>&1 &
	pdns=$!
	wait_for dig +tries=1 +time=1 @127.0.0.1 example.com SOA
	sleep 3
	kill -0 $pdns
	kill $remote
	backend
	for _ in $(seq 100); do
		kill -0 $pdns 2>/dev/null || break
		sleep 0.1
	done
	if kill $pdns 2>/dev/null; then
		echo "still there"
	else
		grep -o 'Exiting because [^:]*:' "log.$1"
	fi
	wait $pdns || :
	kill $remote
}
echo "without primary=yes: $(restarted no)"
echo "with primary=yes: $(restarted yes)"
END
holds <<'END'
without primary=yes: still there
with primary=yes: Exiting because communicator thread died with error:
END
