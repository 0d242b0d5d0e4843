#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS: of a zone that two backends have, the number of its row in the
# database decides which one is served; a transfer is always of the first.
#
# Versions: PowerDNS 4.9.18 (Debian 13).
# Expected: "launch" is the order in which backends are asked, so the first is
#	the zone, for queries and for transfers.
# Seen: launch=bind,gsqlite3, both good, with one and the same zone. First it is
#	row 1 in the database, then row 2 (another zone was made before it):
#
#	row 1: dig says "the first", AXFR "the first"
#	row 2: dig says "the last", AXFR "the first"
#
# The zone cache keeps the id that the zone's last backend gave it, and a query
# asks each backend for that id; bind's first zone has id 1 as well. A transfer
# looks the zone up without an id. So a twin that was made by mistake does no
# harm on the test machine, and serves old data, or secondaries other data,
# on the real one.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-bind=$V pdns-backend-sqlite3=$V \
    pdns-tools=$V sqlite3 bind9-dnsutils
alone <<'END'
zone() {
	printf '%s\n' '@ 60 IN SOA ns.example.com. admin.example.com. 1 60 60 60 60' \
	    '@ 60 IN NS ns.example.com.' 'ns 60 IN A 127.0.0.1' \
	    "@ 60 IN TXT \"the $1\""
}
zone first >first
zone last >last
echo "zone \"example.com\" { type master; file \"$PWD/first\"; };" >named.conf
cat >pdns-util.conf <<-EOC
gsqlite3-database=$PWD/db
local-address=127.0.0.1
allow-axfr-ips=127.0.0.1
socket-dir=$PWD
EOC
cp pdns-util.conf pdns.conf
echo launch=gsqlite3 >>pdns-util.conf
echo "launch=bind,gsqlite3" >>pdns.conf
echo "bind-config=$PWD/named.conf" >>pdns.conf
util() { pdnsutil --config-dir=. --config-name=util "$@" >&2; }
# try ROW ZONE...
try() {
	local row=$1 name pdns
	shift

	rm -f db
	sqlite3 db </usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql
	for name; do
		util load-zone "$name" last
	done
	chown -R pdns: .
	pdns_server --config-dir=. --daemon=no --guardian=no >&2 &
	pdns=$!
	wait_for dig +tries=1 +time=1 @127.0.0.1 example.com SOA
	echo "row $row: dig says $(dig @127.0.0.1 example.com TXT +short), AXFR" \
	    "$(dig @127.0.0.1 example.com AXFR | grep -o '"the .*"')"
	kill $pdns
	wait $pdns || :
}
try 1 example.com
try 2 example.net example.com
END
holds <<'END'
row 1: dig says "the first", AXFR "the first"
row 2: dig says "the last", AXFR "the first"
END
