#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS: pdnsutil check-zone takes two labels off the owner of any TLSA
# record, and looks for the host that is left in the zone, even where that is
# above the zone.
#
# Versions: PowerDNS 4.9.18 (Debian 13).
# Expected: a TLSA record below a port and a transport (RFC 6698 section 3) is
#	looked at for its host; another one, to which a CNAME leads, is not.
# Seen: a warning that a zone's parent, which is another one's, has no record:
#
#	0 [Warning] No record for 'net' exists, but a TLSA record for
#	'mail.example.net' does.
#
# (in one line). The status is 0. That the owner of a TLSA record is a CNAME is
# what RFC 7671 section 6 proposes, and its target may have any name.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-sqlite3=$V pdns-tools=$V sqlite3
alone <<'END'
echo "launch=gsqlite3
gsqlite3-database=$PWD/db" >pdns.conf
sqlite3 db </usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql
printf '%s\n' '@ 60 IN SOA ns.example.com. admin.example.com. 1 60 60 60 60' \
    '@ 60 IN NS ns.example.com.' \
    "mail 60 IN TLSA 3 1 1 $(printf '%064d' 0)" >zone
pdnsutil --config-dir=. load-zone example.net zone >&2
pdnsutil --config-dir=. check-zone example.net >said 2>&1
echo "$? $(grep -o "\[Warning\].* does\." said)"
END
holds <<'END'
0 [Warning] No record for 'net' exists, but a TLSA record for 'mail.example.net' does.
END
