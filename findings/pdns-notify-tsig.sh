#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS: the key that may fetch a zone (TSIG-ALLOW-AXFR) also signs the
# NOTIFY of that zone, so a secondary that knows the address only drops it.
#
# Versions: PowerDNS 4.9.18 (Debian 13); 5.1.5 does the same.
# Expected: the metadata says who is *allowed to fetch*; a NOTIFY goes out as
#	before.
# Seen: the NOTIFY for one zone, before and after
#	"pdnsutil activate-tsig-key example.com transfer primary":
#
#	before: no TSIG
#	after: TSIG transfer.
#
# Knot's rule "address, action: notify" without the key no longer fits, and says
# nothing; NSD wants "allow-notify: ADDRESS transfer". Until then the secondary
# learns of a change only by its refresh timer.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-sqlite3=$V pdns-tools=$V sqlite3 \
    python3-dnspython bind9-dnsutils
alone <<'END'
cat >pdns.conf <<-EOC
launch=gsqlite3
gsqlite3-database=$PWD/db
local-address=127.0.0.1
socket-dir=$PWD
primary=yes
only-notify=
also-notify=192.0.2.53
EOC
cat >notified.py <<'EOP'
import socket, dns.message, dns.opcode
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("192.0.2.53", 53))
open("ready", "w").close()
while True:
    data, peer = server.recvfrom(4096)
    # the record of type 250 (TSIG) with the name of the key
    signed = b"\x08transfer\x00\x00\xfa\x00\xff" in data
    if (data[2] >> 3) & 15 == dns.opcode.NOTIFY:
        with open("notified", "w") as file:
            print("TSIG transfer." if signed else "no TSIG", file=file)
EOP
sqlite3 db </usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql
util() { pdnsutil --config-dir=. "$@" >&2; }
util create-zone example.com ns.example.com
util set-kind example.com primary
util generate-tsig-key transfer hmac-sha256
chown -R pdns: .
python3 notified.py &
wait_for test -e ready
pdns_server --config-dir=. --daemon=no --guardian=no >&2 &
wait_for dig +tries=1 +time=1 @127.0.0.1 example.com SOA
notified() {
	rm -f notified
	wait_for pdns_control --config-dir=. --socket-dir=. \
	    notify-host example.com 192.0.2.53
	wait_for test -s notified
	cat notified
}
echo "before: $(notified)"
util activate-tsig-key example.com transfer primary
echo "after: $(notified)"
END
holds <<'END'
before: no TSIG
after: TSIG transfer.
END
