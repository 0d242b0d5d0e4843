#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS: what a backend was asked before "pdns_control purge" is cached after
# it, for the whole TTL.
#
# Versions: PowerDNS 4.9.18 (Debian 13); 4.7.3 and 5.1.5 do the same.
# Expected: who changes data and then purges the name is answered from the new
#	data; a look-up under way is thrown away, or is at most one old answer.
# Seen: a backend that needs a moment for one answer; the data change and the
#	name is purged meanwhile; then everybody gets the old text from the
#	cache, until a second purge:
#
#	answer under way: "old"
#	afterwards: "old"
#	after a second purge: "new"
#
# On a busy server some look-up is always under way: purge again, later.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-remote=$V python3 bind9-dnsutils
alone <<'END'
echo old >text
cat >pdns.conf <<-EOC
launch=remote
remote-connection-string=unix:path=$PWD/sock,timeout=60000
local-address=127.0.0.1
socket-dir=$PWD
cache-ttl=0
query-cache-ttl=3600
EOC
python3 /root/remote.py "$PWD/sock" &
wait_for test -S sock
pdns_server --config-dir=. --daemon=no --guardian=no >&2 &
ask() { dig @127.0.0.1 example.com TXT +short "$@"; }
purge() { pdns_control --config-dir=. --socket-dir=. purge 'example.com$' >&2; }
wait_for dig +tries=1 +time=1 @127.0.0.1 example.com SOA
purge
touch hold
ask +tries=1 +time=60 >answer &
asker=$!
wait_for test -e held
echo new >text
purge
rm hold
wait $asker
echo "answer under way: $(cat answer)"
echo "afterwards: $(ask)"
purge
echo "after a second purge: $(ask)"
END
holds <<'END'
answer under way: "old"
afterwards: "old"
after a second purge: "new"
END
