#!/bin/bash
# SPDX-License-Identifier: MIT
#
# An own zone whose keys live in another backend, and an alias into it from a
# zone of that backend, through validators: every database, every way to deny,
# the connectors.  SMOKE=1 for a few of them; CONNECTORS="unix pipe http" for
# each of them with everything.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"

# shellcheck disable=SC2153 # $ZONE comes from pdns.sh
OWN=_25._tcp.mail.$ZONE

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
	local connector

	if [ -n "${SMOKE:-}" ]; then
		printf '%s\n' "bind nsec unix" "lmdb nsec3 pipe"
		return
	fi
	for connector in ${CONNECTORS:-unix pipe}; do
		printf "%s $connector\\n" \
		    {bind,gsqlite3,lmdb}\ {nsec,nsec3,narrow}
	done
	[ -n "${CONNECTORS:-}" ] ||
	    printf '%s http\n' "bind nsec" "gsqlite3 nsec3" "lmdb narrow"
}

test_cell() {
	local label="own $1 $2 $3"

	lab_certificates
	if lab_try "$label: everything starts" start_cell "$@"; then
		tap_is "$label: so it denies" "$(lab_denial_of "$ZONE")" "$2"
		check_cell "$label" "$(questions)" "$OWN" "$ALIAS" \
		    alias:_25._tcp.mail.example.com
	fi
	lab_unbound_stop
	lab_pdns_stop
	lab_tlsa_stop
}

start_cell() {
	local backend=$1 denial=$2 connector=$3 nsec3='' file=own-$1.conf zone

	case $denial in
	nsec3) nsec3='nsec3: "1 0 0 -"' ;;
	narrow) nsec3='nsec3: "1 0 0 - narrow"' ;;
	esac
	[ "$backend $connector" = "bind unix" ] || [ "$backend" != bind ] ||
	    file=$connector.conf
	lab_config "" "$ZONE $nsec3"
	lab_pdns_config "$connector" "$file"
	[ "$connector" = pipe ] || lab_tlsa_start || return
	lab_database "$backend" && lab_zones own || return
	for zone in "$ZONE" example.net example.com; do
		lab_denial "$zone" "$denial" || return
	done
	lab_pdns_start && lab_unbound_start example.net example.com
}

# Names around ours in canonical order, and everything above them.
questions() {
	local type name

	for type in SOA NS DNSKEY DS; do
		echo "answer $ZONE $type"
	done
	echo "nodata $ZONE TLSA"
	for name in "$OWN" "$ALIAS" _25._tcp.mail.example.com; do
		echo "nodata $name A"
		echo "nxdomain x.$name TLSA"
		echo "nxdomain ${name/#_25/_24} TLSA"
		echo "nxdomain ${name/#_25/_26} TLSA"
	done
	for name in _25._tcp.mail.example.com mail.example.com com; do
		echo "nxdomain $name.$ZONE TLSA"
	done
	for name in _tcp.mail mail; do
		echo "nodata $name.$ZONE AAAA"
		echo "nxdomain 0.$name.$ZONE TLSA"
		echo "nxdomain ${name/#?/0}.$ZONE TLSA"
		echo "nxdomain ${name/#?/z}.$ZONE TLSA"
	done
	echo "nodata _tcp.mail.example.com TLSA"
	echo "answer mail.example.com A"
	echo "nodata example.com TLSA"
}

main "$@"
