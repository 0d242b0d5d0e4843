#!/bin/bash
# SPDX-License-Identifier: MIT
#
# pdnsutil against the program: it must find nothing to complain of, and where
# the program keeps the keys itself, everything that pdnsutil does with keys
# works.  And ten thousand zones, which PowerDNS wants to know at its start.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"

MANY=10000

main() {
	lab_pdns_need bind gsqlite3 lmdb remote
	lab_enter "$@"
	lab_begin
	# that of PowerDNS 5.1 cannot load the bind backend
	! bind_util_loads || test_own bind
	test_own gsqlite3
	test_own lmdb
	test_alone
	test_many
	lab_end
}

test_own() {
	lab_certificates
	if lab_try "own $1: everything starts" start_own "$1"; then
		check_zone_clean "own $1"
		# there the row that the keys hang on is a second, empty zone
		# of that name, which is what pdnsutil lists
		[ "$1" = gsqlite3 ] || check_all_zones "own $1" 3
	fi
	lab_tlsa_stop
}

start_own() {
	lab_config "" "$ZONE"
	lab_pdns_config unix "own-$1.conf"
	lab_tlsa_start && lab_database "$1" && lab_zones own
}

check_zone_clean() {
	run check-zone "$ZONE"
	check_clean "$1: check-zone"
	run show-zone "$ZONE"
	check_clean "$1: show-zone"
	tap_ok "$1: it shows the key" said_key 257 Active
}

# check_all_zones LABEL HOW-MANY
check_all_zones() {
	run list-zone "$ZONE"
	check_clean "$1: list-zone"
	tap_is "$1: list-zone has the TLSA records" \
	    "$(awk '$4 == "TLSA"' "$TMP/output" | wc -l)" 6
	run check-all-zones
	check_clean "$1: check-all-zones"
	tap_ok "$1: it finds all zones" said "Checked $2 zones, 0 had errors"
}

# run ARGUMENT...: the words in $TMP/output, the status in $STATUS
run() {
	_lab_as pdns pdnsutil "$@" >"$TMP/output" 2>&1
	STATUS=$?
}

said() {
	grep -q "$1" "$TMP/output"
}

said_key() {
	said "ID = .*flags = $1.*[[:space:]]$2.*ECDSAP256SHA256"
}

# It warns of each alias, for it takes the first two labels of any TLSA record
# for a port and a transport (findings/pdns-check-tlsa.sh), and of nothing else.
check_clean() {
	local alias="No record for 'example.net' exists, but a TLSA record for"

	tap_is "$1 has no error and no warning" \
	    "$STATUS $(grep -i "warning\|error" "$TMP/output" |
	    grep -v "$alias '_25_tcp_[a-z_]*example_com[.]$ZONE' does" |
	    grep -v " 0 errors, [02] warnings\| 0 had errors")" "0 "
}

# check_run DESCRIPTION PATTERN ARGUMENT...
check_run() {
	local description=$1 pattern=$2
	shift 2

	run "$@"
	tap_is "alone: $description" \
	    "$STATUS $(grep -c "$pattern" "$TMP/output")" "0 1"
}

test_alone() {
	lab_certificates
	lab_config "" "$ZONE dnssec: self"
	lab_pdns_config unix alone.conf
	if lab_try "alone: everything starts" lab_tlsa_start; then
		check_zone_clean alone
		check_all_zones alone 1
		check_first_key
		check_second_key
		check_denial
		check_secure_again
	fi
	lab_tlsa_stop
}

# Made by the program itself, with nobody's help.
check_first_key() {
	check_run "export-zone-ds" "IN DS [0-9]* 13 2 " export-zone-ds "$ZONE"
	check_run "list-keys" "^$ZONE .*CSK.*ECDSAP256SHA256" list-keys "$ZONE"
	run secure-zone "$ZONE"
	tap_ok "alone: secure-zone finds it" said "already secure"
}

check_second_key() {
	local id

	check_run "add-zone-key" "Added a ZSK" \
	    add-zone-key "$ZONE" zsk inactive published ecdsa256
	run show-zone "$ZONE"
	tap_ok "alone: the new key is not active" said_key 256 Inactive
	id=$(sed -n 's/^ID = \([0-9]*\) .*flags = 256.*/\1/p' "$TMP/output")
	run activate-zone-key "$ZONE" "$id"
	check_shown "activate-zone-key" "flags = 256.*[[:space:]]Active"
	run deactivate-zone-key "$ZONE" "$id"
	check_shown "deactivate-zone-key" "flags = 256.*Inactive"
	run unpublish-zone-key "$ZONE" "$id"
	check_shown "unpublish-zone-key" "flags = 256.*Unpublished"
	run publish-zone-key "$ZONE" "$id"
	check_shown "publish-zone-key" "flags = 256.*[[:space:]]Published"
	run remove-zone-key "$ZONE" "$id"
	check_shown "remove-zone-key" "^ID = .*flags = 257"
	tap_ok "alone: the key is gone" [ "$(grep -c "^ID = " \
	    "$TMP/output")" -eq 1 ]
}

# check_shown COMMAND PATTERN
check_shown() {
	local status=$STATUS

	run show-zone "$ZONE"
	tap_is "alone: $1" "$status $(grep -c "$2" "$TMP/output")" "0 1"
}

check_denial() {
	run set-nsec3 "$ZONE" '1 0 0 -'
	check_shown set-nsec3 "has hashed NSEC3 semantics.*: 1 0 0 -"
	run set-nsec3 "$ZONE" '1 0 0 -' narrow
	check_shown "set-nsec3 narrow" "has NARROW hashed NSEC3.*: 1 0 0 -"
	run unset-nsec3 "$ZONE"
	check_shown unset-nsec3 "has NSEC semantics"
	run set-meta "$ZONE" SOA-EDIT INCEPTION-EPOCH
	check_run "get-meta" "SOA-EDIT.*INCEPTION-EPOCH" \
	    get-meta "$ZONE" SOA-EDIT
}

check_secure_again() {
	local id
	run show-zone "$ZONE"

	id=$(sed -n 's/^ID = \([0-9]*\) .*/\1/p' "$TMP/output")
	run remove-zone-key "$ZONE" "$id"
	check_shown "remove-zone-key of the last one" "not actively secured"
	check_run "secure-zone" "$ZONE secured" secure-zone "$ZONE"
	check_run "export-zone-ds of the new key" "IN DS [0-9]* 13 2 " \
	    export-zone-ds "$ZONE"
}

# Its reading time grows with the square of what we say; the timeout is what
# setup prints for so many.
test_many() {
	local zones=() i
	for ((i = 1; i <= MANY; i++)); do
		zones+=("z$i.example.org")
	done

	lab_certificates
	lab_config "" "$ZONE" "${zones[@]}"
	lab_pdns_config unix own-lmdb.conf
	sed -i "s/timeout=.*/$(pdns-tlsa setup --backend lmdb |
	    grep -o 'timeout=[0-9]*')/" $LAB_D/*.conf
	tap_ok "$MANY zones: setup tells to wait longer" \
	    grep -h 'timeout=[0-9]\{5\}' $LAB_D/*.conf
	lab_try "$MANY zones: pdns-tlsa starts" lab_tlsa_start
	lab_database lmdb && lab_zones own
	lab_try "$MANY zones: PowerDNS starts" lab_pdns_start
	tap_is "$MANY zones: the last one is in its cache" \
	    "$(lab_dig "z$MANY.example.org" NS +short)" ns1.example.net.
	run list-all-zones
	tap_is "$MANY zones: pdnsutil lists them all" \
	    "$(grep -c '^z[0-9]*\.example\.org' "$TMP/output")" $MANY
	lab_pdns_stop
	lab_tlsa_stop
}

main "$@"
