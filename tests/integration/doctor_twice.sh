#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A zone of ours that a database has as well: the answers to questions are
# right, and transfers and denials are those of the database's zone.  With each
# database that needs no server, `doctor` finds it, and its remedy helps.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"
. "$lib/internet.sh"
. "$lib/findings.sh"
. "$lib/doctor.sh"

NAMES="mail.example.com direct.tlsa.example.net"
SCHEMA=/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql

main() {
	program_find
	pdns_need
	tap_need sqlite3
	internet_enter "$0" "$@"
	tap_begin
	doctor_certificate "$NAMES"
	config_write
	tlsa_serve
	internet_build
	stop "$OTHER_PID"
	test_backend gsqlite3
	test_backend lmdb
	test_bind
	tap_end
}

config_write() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	powerdns: {address: $MAIN, config: $TMP/main/pdns.conf}
	defaults: {ttl: 60}
	sources:
	  - {type: certbot, path: $TMP/le}
	zones:
	  - name: $ZONE
	    nameservers: [ns1.example.net]
	    hostmaster: hostmaster.example.net
	services:
	  - host: mail.example.com
	  - host: direct.tlsa.example.net
	END
}

# config BACKEND ALLOWED: the main server has it before 'remote', and lets
# ALLOWED transfer zones; what is done to the database goes without 'remote'
config() {
	{
		_server_config main "$MAIN" "$1,remote" | sed '/^bind/d'
		case $1 in
		gsqlite3)
			echo "gsqlite3-database=$TMP/main/zones.db"
			echo "gsqlite3-dnssec=yes"
			;;
		lmdb)
			echo "lmdb-filename=$TMP/main/zones.lmdb"
			;;
		bind)
			echo "bind-config=$TMP/main/named.conf"
			echo "bind-dnssec-db=$TMP/main/dnssec.db"
			;;
		esac
		echo "allow-axfr-ips=$2"
	} >"$TMP/main/pdns.conf"
	mkdir -p "$TMP/util"
	sed 's/^\(launch=[^,]*\),.*/\1/; /^remote/d' "$TMP/main/pdns.conf" \
	    >"$TMP/util/pdns.conf"
}

main_again() {
	stop "$MAIN_PID"
	spawn main pdns_server --config-dir="$TMP/main"
	MAIN_PID=$PID
	wait_for 30 _answers "$MAIN" || tap_bail "pdns_server does not answer"
}

# The database has nothing but its own copy of each zone.
database_make() {
	local zone

	rm -f "$TMP"/main/zones.*
	[ "$1" != gsqlite3 ] || sqlite3 "$TMP/main/zones.db" <"$SCHEMA"
	config "$1" "$2"
	for zone in example.com example.net example.org; do
		_util util load-zone "$zone" "$TMP/main/$zone.zone"
		_util util secure-zone "$zone"
	done
}

# The zones above know the keys of those below.
world_link() {
	GOOD_DS=$(ds_of main "$ZONE")
	[ -n "$GOOD_DS" ] || tap_bail "the zone has no key"
	_zones_write
	_util util load-zone example.net "$TMP/main/example.net.zone"
	_util util rectify-zone example.net
	stop "$ROOT_PID"
	_root_write
	spawn root pdns_server --config-dir="$TMP/root"
	ROOT_PID=$PID
	wait_for 30 _answers "${ROOTS%% *}" || tap_bail "no root"
	main_again
}

test_backend() {
	database_make "$1" 192.0.2.99
	main_again
	[ "$1" != gsqlite3 ] ||
	    sqlite3 "$TMP/main/zones.db" "insert into domains (name, type)
		values ('$ZONE', 'NATIVE')"
	# Without the zone's own row, lmdb fails when it has made the key.
	pdnsutil --config-dir="$TMP/main" secure-zone "$ZONE" \
	    >>"$TMP/pdnsutil.log" 2>&1
	world_link
	finds "$1: the zone is ours alone" 0 ""

	database_make "$1" 192.0.2.99
	_util util create-zone "$ZONE"
	_util util secure-zone "$ZONE"
	world_link
	tap_ok "$1: the zone twice: questions are answered right" \
	    tlsa_is "$ALIAS" "$(live_rrset mail)"
	finds "$1: the zone twice, seen by its denials" 2 \
	    "denial-bogus denial-hides denial-wrong zone-twice"
	names "$1: the zone twice: the remedy" "pdnsutil clear-zone $ZONE."
	_util util set-nsec3 "$ZONE" "1 0 0 -" narrow
	main_again
	finds "$1: the zone twice, narrow" 1 zone-twice-narrow
	_util util set-nsec3 "$ZONE" "1 0 0 -"
	config "$1" "$MAIN"
	main_again
	doctor --format json
	tap_is "$1: the zone twice, NSEC3: exit status" "$STATUS" 2
	names "$1: the zone twice, seen by its transfer" '"zone-twice"'
	names "$1: the zone twice, seen by its transfer: how" \
	    "a transfer has the SOA record 'a.misconfigured"
	_util util unset-nsec3 "$ZONE"
	main_util clear-zone "$ZONE."
	main_again
	finds "$1: after the remedy" 0 ""
}

# A copy with the names of our SOA record.
test_bind() {
	config bind "$MAIN"
	cat >"$TMP/main/$ZONE.zone" <<-END
	\$ORIGIN $ZONE.
	\$TTL 60
	@ SOA ns1.example.net. hostmaster.example.net. 1 900 300 1209600 300
	@ NS ns1.example.net.
	END
	echo "zone \"$ZONE\" { type native; file \"$TMP/main/$ZONE.zone\"; };" \
	    >>"$TMP/main/named.conf"
	main_again
	doctor --format json
	tap_is "bind: the zone twice: exit status" "$STATUS" 2
	names "bind: the zone twice" '"zone-twice"'
	names "bind: the zone twice: how" \
	    "a transfer has the SOA record 'ns1.example.net. hostmaster.example.net. 1',"
	names "bind: the zone twice: the remedy" "that bind-config= names"
}

main "$@"
