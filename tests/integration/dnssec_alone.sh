#!/bin/bash
# SPDX-License-Identifier: MIT
#
# PowerDNS with no backend but ours, which keeps the zone's keys too, through
# validators: every way to deny, each connector.  SMOKE=1 for a few of them.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"

OWN=_25._tcp.mail.$ZONE

main() {
	local denial connector
	lab_pdns_need remote
	lab_enter "$@"
	lab_begin
	while read -r denial connector; do
		test_cell "$denial" "$connector"
	done < <(cells)
	test_keys_stay
	lab_end
}

cells() {
	if [ -n "${SMOKE:-}" ]; then
		echo "nsec unix"
	else
		printf '%s\n' {nsec,nsec3,narrow}\ {unix,pipe,http} \
		    {nsec3,narrow}-configured\ unix
	fi
}

test_cell() {
	local label="alone $1 $2"

	lab_certificates
	if lab_try "$label: everything starts" start_cell "$@"; then
		tap_is "$label: so it denies" "$(lab_denial_of "$ZONE")" \
		    "${1%-configured}"
		check_cell "$label" "$(questions)" "$OWN" "$ALIAS"
	fi
	lab_unbound_stop
	lab_pdns_stop
	lab_tlsa_stop
}

# No key is made by hand: the program does so at its first start.
start_cell() {
	local denial=$1 connector=$2 keys="dnssec: self"

	case $denial in
	nsec3-*) keys="$keys, nsec3: \"1 0 0 -\"" ;;
	narrow-*) keys="$keys, nsec3: \"1 0 0 - narrow\"" ;;
	esac
	lab_config "" "$ZONE $keys"
	lab_pdns_config "$connector" alone.conf
	[ "$connector" = pipe ] || lab_tlsa_start || return
	case $denial in
	nsec3 | narrow) lab_denial "$ZONE" "$denial" || return ;;
	esac
	lab_pdns_start && lab_unbound_start "$ZONE"
}

questions() {
	local type name

	for type in SOA NS DNSKEY; do
		echo "answer $ZONE $type"
	done
	echo "nodata $ZONE TLSA"
	for name in "$OWN" "$ALIAS"; do
		echo "nodata $name A"
		echo "nxdomain x.$name TLSA"
		echo "nxdomain ${name/#_25/_24} TLSA"
		echo "nxdomain ${name/#_25/_26} TLSA"
	done
	for name in _tcp.mail mail; do
		echo "nodata $name.$ZONE TLSA"
		echo "nxdomain 0.$name.$ZONE TLSA"
		echo "nxdomain ${name/#?/0}.$ZONE TLSA"
		echo "nxdomain ${name/#?/z}.$ZONE TLSA"
	done
}

# The DS in the parent zone must go on being true.
test_keys_stay() {
	local label="alone, restarted"

	lab_certificates
	lab_try "$label: everything starts first" start_cell nsec unix ||
	    return
	lab_pdns_stop
	lab_tlsa_stop
	lab_try "$label: pdns-tlsa starts" lab_tlsa_start
	lab_try "$label: PowerDNS starts" lab_pdns_start
	check_tlsa "$label" "$(lab_rrset)" "$OWN"
	tap_ok "$label: the keys are kept" key_files
	tap_is "$label: nobody else may read them" "$(key_files -perm /077)" ""
}

key_files() {
	find /var/lib/pdns-tlsa -type f "$@" \
	    -exec grep -il "private.\?key" {} +
}

main "$@"
