#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PowerDNS as a secondary goes on answering a zone for ever, whatever the SOA
# record says about its expiry.
#
# Versions: PowerDNS 4.9.18 beside Knot DNS 3.4.6 (Debian 13); PowerDNS 4.7.3
#	does the same.
# Expected: RFC 1034 s4.3.5: a secondary that could not reach the primary for
#	"expire" seconds takes its copy for obsolete, and answers from it no more.
# Seen: expire 10 s, the primary ended, and Knot gave the zone up:
#
#	knot: SERVFAIL
#	pdns, as long again: NOERROR, authoritative
#
# With a signed zone resolvers notice when the signatures are over, for which a
# hidden primary's SOA-EDIT and the signatures' life decide; without one nobody
# ever does. A name server that is silent would be passed over by resolvers; one
# that answers from an old copy is not, so a dead primary has to be noticed by
# whoever watches it.

. "${0%/*}/lib/finding.sh"

V=4.9.18-0+deb13u1
root trixie pdns-server=$V pdns-backend-sqlite3=$V sqlite3 knot=3.4.6-2 \
    bind9-dnsutils
alone <<'END'
for kind in primary secondary; do
	port=5302
	[ $kind = secondary ] || port=5301
	mkdir $kind
	cat >$kind/knot.conf <<-EOC
	server:
	    rundir: $PWD/$kind
	    listen: 127.0.0.1@$port
	database:
	    storage: $PWD/$kind
	remote:
	  - id: primary
	    address: 127.0.0.1@5301
	acl:
	  - id: all
	    address: 127.0.0.1
	    action: [transfer, notify]
	zone:
	  - domain: example.com
	    storage: $PWD/$kind
	    acl: all
	EOC
done
echo "    master: primary" >>secondary/knot.conf
cat >primary/example.com.zone <<-EOC
@ 3600 SOA ns. hostmaster. 1 1 1 10 60
@ NS ns.
@ TXT "the text"
EOC
mkdir pdns
cat >pdns/pdns.conf <<-EOC
launch=gsqlite3
gsqlite3-database=$PWD/pdns/db
local-address=127.0.0.1
local-port=5303
socket-dir=$PWD/pdns
secondary=yes
xfr-cycle-interval=1
cache-ttl=0
query-cache-ttl=0
EOC
sqlite3 pdns/db </usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql
pdnsutil --config-dir=pdns create-secondary-zone example.com 127.0.0.1:5301 >&2
chown -R pdns: pdns
chmod 755 .
knotd -c primary/knot.conf >&2 &
primary=$!
ask() { dig +tries=1 +time=2 -p "$1" @127.0.0.1 example.com TXT; }
answers() { ask "$1" | grep -q '"the text"'; }
wait_for answers 5301
knotd -c secondary/knot.conf >&2 &
pdns_server --config-dir=pdns --daemon=no --guardian=no >&2 &
wait_for answers 5302
wait_for answers 5303
kill $primary
wait $primary || :
begun=$(date +%s)
gave_up() { ask 5302 | grep -q 'status: SERVFAIL'; }
wait_for gave_up
echo "knot: SERVFAIL"
# as long again
end=$((2 * $(date +%s) - begun))
is_later() { [ "$(date +%s)" -gt $end ]; }
wait_for is_later
ask 5303 >answer
grep -q 'flags:.* aa[ ;]' answer && grep -q '"the text"' answer &&
    echo "pdns, as long again: $(sed -n 's/.*status: \([A-Z]*\).*/\1/p' \
    answer), authoritative"
END
holds <<'END'
knot: SERVFAIL
pdns, as long again: NOERROR, authoritative
END
