#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS: a zone that two backends list is answered from the last of them,
# and transferred from the first.
#
# Versions: PowerDNS 4.9.18 (Debian 13); 5.1.5 (Debian 14) does the same.
# Expected: one of the two is the zone, for queries and for transfers; "launch"
#	is the order in which backends are asked, so the first.
# Seen: with launch=bind,gsqlite3, both good and with one and the same zone:
#
#	dig TXT	the last
#	dig SOA	2
#	AXFR TXT	the first
#	AXFR SOA	1
#
# The zone cache keeps the backend's id of the zone's last listing, and queries
# go by it; a transfer looks the zone up without an id.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-bind=$V pdns-backend-sqlite3=$V \
    pdns-tools=$V sqlite3 bind9-dnsutils
alone <<'END'
zone() {
	printf '%s\n' "@ 60 IN SOA ns.example.com. admin.example.com. $1 60 60 60 60" \
	    '@ 60 IN NS ns.example.com.' 'ns 60 IN A 127.0.0.1' \
	    "@ 60 IN TXT \"the $2\""
}
zone 1 first >first
zone 2 last >last
echo "zone \"example.com\" { type master; file \"$PWD/first\"; };" >named.conf
cat >pdns.conf <<-EOC
launch=bind,gsqlite3
bind-config=$PWD/named.conf
gsqlite3-database=$PWD/db
local-address=127.0.0.1
allow-axfr-ips=127.0.0.1
socket-dir=$PWD
EOC
sed 's/^launch=.*/launch=gsqlite3/; /^bind/d' pdns.conf >pdns-util.conf
sqlite3 db </usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
pdnsutil --config-dir=. --config-name=util load-zone example.com last
pdns_server --config-dir=. --daemon=no >&2 &
ask() { dig +noall +answer @127.0.0.1 "$@"; }
wait_for dig +tries=1 +time=1 @127.0.0.1 example.com SOA
echo "dig TXT: $(ask example.com TXT +short)"
echo "dig SOA: $(ask example.com SOA +short | cut -d' ' -f3)"
echo "AXFR TXT: $(ask example.com AXFR | awk '$4 == "TXT"' | cut -d'"' -f2)"
echo "AXFR SOA: $(ask example.com AXFR | awk '$4 == "SOA" { print $7; exit }')"
END
holds <<'END'
dig TXT: "the last"
dig SOA: 2
AXFR TXT: the first
AXFR SOA: 1
END
