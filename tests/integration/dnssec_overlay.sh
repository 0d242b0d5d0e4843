#!/bin/bash
# SPDX-License-Identifier: MIT
#
# TLSA records laid over a zone of another backend, through validators: every
# database, each connector; and doctor, which must refuse zones that are not
# NSEC3 narrow.  SMOKE=1 for a few of them.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"

# One host with an address in the database, one that the database lacks.
MAIL=_25._tcp.mail.example.com
DEEP=_25._tcp.deep.sub.example.com

main() {
	local backend denial connector
	lab_pdns_need bind gsqlite3 lmdb remote
	lab_enter "$@"
	lab_begin
	while read -r backend denial connector; do
		test_cell "$backend" "$denial" "$connector"
	done < <(cells)
	lab_end
}

cells() {
	if [ -n "${SMOKE:-}" ]; then
		printf '%s\n' "gsqlite3 narrow unix" "bind nsec unix"
	else
		printf '%s\n' {bind,gsqlite3,lmdb}\ narrow\ {unix,pipe,http} \
		    {bind,gsqlite3,lmdb}\ {nsec,nsec3}\ unix
	fi
}

test_cell() {
	local label="overlay $1 $2 $3"

	lab_certificates
	if lab_try "$label: everything starts" start_cell "$@"; then
		tap_is "$label: so it denies" "$(lab_denial_of example.com)" "$2"
		check_denial "$label" "$2"
	fi
	lab_unbound_stop
	lab_pdns_stop
	lab_tlsa_stop
}

check_denial() {
	case $2 in
	narrow) check_cell "$1" "$(questions)" $MAIL $DEEP ;;
	*) check_refusal "$1" ;;
	esac
}

start_cell() {
	local backend=$1 denial=$2 connector=$3

	lab_config example.com
	lab_pdns_config "$connector" "overlay-$backend.conf"
	[ "$connector" = pipe ] || lab_tlsa_start || return
	lab_database "$backend" && lab_zones overlay || return
	lab_denial example.com "$denial" || return
	lab_pdns_start && lab_unbound_start example.com
}

# Names around ours, in the database or not, and everything above them.
questions() {
	local name

	echo "nodata example.com TLSA"
	echo "answer example.com MX"
	echo "answer mail.example.com A"
	for name in mail.example.com _tcp.mail.example.com \
	    deep.sub.example.com sub.example.com _tcp.deep.sub.example.com; do
		echo "nodata $name TLSA"
		echo "nxdomain 0.$name TLSA"
		echo "nxdomain ${name/#?/0} A"
		echo "nxdomain ${name/#?/z} TLSA"
	done
	for name in $MAIL $DEEP; do
		echo "nodata $name A"
		echo "nxdomain x.$name TLSA"
		echo "nxdomain ${name/#_25/_24} TLSA"
		echo "nxdomain ${name/#_25/_26} TLSA"
	done
}

# The denials of such a zone deny our records: nothing to try, but to see.
check_refusal() {
	local status

	/usr/sbin/pdns-tlsa doctor --server "$NS1:53" \
	    --trust-anchor "$LAB/anchors" >"$TMP/doctor.log" 2>&1
	status=$?
	tap_is "$1: doctor says that it is critical" "$status" 2
	tap_ok "$1: doctor names the zone" grep -w example.com "$TMP/doctor.log"
	tap_ok "$1: doctor says that it must be narrow" \
	    grep -w narrow "$TMP/doctor.log"
}

main "$@"
