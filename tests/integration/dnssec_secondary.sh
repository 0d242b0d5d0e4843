#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Knot and NSD as secondaries of the own zone: they get it signed and whole,
# a renewal reaches them, and what they answer validates; also when nothing of
# the primary's machine has run for a week.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"
. "$lib/lab_secondary.sh"

WEEK=$((167 * 3600)) # seconds, less an hour
# shellcheck disable=SC2034 # for lab.sh
LAB_NS="ns1.example.net, ns2.example.net, ns3.example.net"

main() {
	lab_pdns_need bind remote
	tap_need knotd nsd ldns-verify-zone faketime
	lab_enter "$@"
	lab_begin
	test_cell polled nsec
	test_cell "at once" nsec
	test_cell "at once" nsec3
	lab_end
}

# PowerDNS looks for new serials each xfr-cycle-interval, by default once a
# minute.  Through its control socket it is told at once.
test_cell() {
	local label="$1 $2"

	lab_certificates
	RRSET=$(lab_rrset)
	if lab_try "$label: everything starts" start_cell "$@"; then
		check_arrival "$label"
		lab_renew
		RRSET=$(printf '%s\n' "$RRSET" "$(lab_rrset)" | sort -u)
		check_arrival "$label, renewed"
		check_dead "$label"
	fi
	lab_secondaries_stop
	lab_pdns_stop
	lab_tlsa_stop
}

start_cell() {
	local nsec3=''

	[ "$2" != nsec3 ] || nsec3='nsec3: "1 0 0 -"'
	lab_config "" "$ZONE $nsec3"
	lab_pdns_config unix own-bind.conf secondaries.conf
	case $1 in
	polled) lab_pdns_set xfr-cycle-interval=1 ;;
	*) lab_pdns_set xfr-cycle-interval=3600
		printf '%s\n' "powerdns:" \
		    "  control-socket: /run/pdns/pdns.controlsocket" \
		    >>"$LAB_YAML" ;;
	esac
	lab_tlsa_start && lab_database bind && lab_zones own || return
	lab_denial "$ZONE" "$2" &&
	    lab_pdnsutil set-meta "$ZONE" SOA-EDIT INCEPTION-EPOCH \
	    >/dev/null &&
	    lab_pdns_start && lab_anchors "$ZONE" || return
	rm -f "$TMP/knot.log"
	lab_knot_start
	lab_nsd_start
	[ "$1" = polled ] || forget_first_notify
}

# PowerDNS looks once when it starts, and for many seconds goes on telling what
# it found: that must not be what helps.  When it starts again, there is
# nothing to tell.
forget_first_notify() {
	wait_for 20 grep "notify, incoming" "$TMP/knot.log" || return
	lab_pdns_stop
	lab_pdns_start
}

# Within five seconds, which for a renewal is the promise.
check_arrival() {
	local SERVER

	for SERVER in "$NS2" "$NS3"; do
		tap_ok "$1: TLSA at $SERVER within 5 s" wait_for 5 has_tlsa
		tap_is "$1: it is secure at $SERVER" \
		    "$(lab_secure delv "$ALIAS")" "$RRSET"
		tap_is "$1: every denial is right at $SERVER" \
		    "$(questions | lab_wrong delv)" ""
		tap_is "$1: the serial at $SERVER" "$(serial "$SERVER")" \
		    "$(serial "$NS1")"
		check_zone_there "$1: the zone at $SERVER"
	done
}

# Signatures are good for a week at least when a zone is transferred, and the
# zone expires after two (SOA): so it stands for a week, less what a transfer
# takes.
check_dead() {
	local SERVER label="$1, dead for a week"

	lab_pdns_stop
	lab_tlsa_stop
	lab_secondaries_later +${WEEK}s
	for SERVER in "$NS2" "$NS3"; do
		tap_ok "$label: TLSA at $SERVER" wait_for 20 has_tlsa
		lab_dig "$ZONE" AXFR +noall +answer +onesoa >"$TMP/zone"
		tap_ok "$label: the zone at $SERVER is verified" \
		    ldns-verify-zone -t "+$WEEK" "$TMP/zone"
	done
	# a wrong answer would be worse than none; NSD begins with the file
	lab_secondaries_later +15d
	SERVER=$NS2
	tap_ok "$1, dead for 15 days: $SERVER no longer vouches for it" \
	    wait_for 20 is_silent
}

is_silent() {
	lab_dig "$ALIAS" TLSA +noall +comments | grep -q 'status: SERVFAIL'
}

has_tlsa() {
	[ "$(lab_dig "$ALIAS" TLSA +noall +answer | dns_tlsa_lines)" = \
	    "$RRSET" ]
}

serial() {
	SERVER=$1 lab_dig "$ZONE" SOA +noall +answer |
	    awk '$4 == "SOA" { print $7 }'
}

questions() {
	echo "answer $ZONE SOA"
	echo "nodata $ZONE TLSA"
	echo "nodata $ALIAS A"
	echo "nodata ${ALIAS#*.} TLSA"
	echo "nxdomain x.$ALIAS TLSA"
	echo "nxdomain ${ALIAS/#_25/_24} TLSA"
	echo "nxdomain z.$ZONE TLSA"
}

# Every signature, every link of the chain of denials.
check_zone_there() {
	lab_dig "$ZONE" AXFR +noall +answer +onesoa >"$TMP/zone"
	tap_is "$1 has all names" \
	    "$(awk '$4 == "TLSA" { print $1 }' "$TMP/zone" | sort -u |
	    wc -l)" "$(wc -w <<<"$LAB_HOSTS")"
	tap_ok "$1 is verified" ldns-verify-zone "$TMP/zone"
}

main "$@"
