#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A hidden primary: Knot, NSD, BIND and another PowerDNS as public secondaries
# of the own zone, at hosts of their own, over TSIG.  They get it signed and
# whole, a renewal reaches them, and what they answer validates; also when
# nothing of the primary's machine has run for a week.  Who lags is found.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/generations.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/hosts.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"
. "$lib/lab_secondary.sh"
. "$lib/lab_internet.sh"

WEEK=$((167 * 3600)) # seconds, less an hour
LATER=$((15 * 24 * 3600))
HOLD=2
# the primary is none of them
# shellcheck disable=SC2034 # for lab.sh
LAB_NS="knot.example.net, nsd.example.net, bind.example.net, \
powerdns.example.net"

main() {
	lab_pdns_need bind gsqlite3 remote
	tap_need knotd nsd named sqlite3 nsenter ldns-verify-zone
	tool_find faulty.so
	lab_enter "$@"
	lab_begin
	if lab_try "everything above the zone" roots_add &&
	    lab_try "four hosts" lab_secondaries_begin; then
		test_cell gsqlite3 polled nsec
		test_cell self "at once" nsec
		test_cell bind "at once" nsec3
	fi
	lab_end
}

# The key lies where those of the zone are.  PowerDNS looks for new serials
# each xfr-cycle-interval, by default once a minute.  Through its control
# socket it is told at once.
test_cell() {
	local label="$1 $2 $3"

	lab_certificates
	RRSET=$(lab_rrset)
	if lab_try "$label: everything starts" start_cell "$@"; then
		check_arrival "$label"
		check_key "$label"
		renew
		check_arrival "$label, renewed"
		check_valid "$label"
		[ "$1" != self ] || check_lagging
		check_dead "$label"
		[ "$2" != polled ] || check_too_late "$label"
	fi
	lab_internet_stop
	lab_secondaries_stop
	lab_pdns_stop
	lab_tlsa_stop
}

renew() {
	lab_renew "$@"
	RRSET=$(printf '%s\n' "$RRSET" "$(lab_rrset)" | sort -u)
}

start_cell() {
	local keys='' fragment=own-$1.conf

	[ "$3" != nsec3 ] || keys='nsec3: "1 0 0 -"'
	[ "$1" != self ] || keys='dnssec: self' fragment=alone.conf
	lab_config "" "$ZONE $keys"
	sed -i "/^defaults:/a\  propagation: {hold: $HOLD, see: servers}" \
	    $LAB_YAML
	lab_pdns_config unix "$fragment" secondaries.conf
	case $2 in
	polled) lab_pdns_set xfr-cycle-interval=1 ;;
	*) lab_pdns_set xfr-cycle-interval=3600
		printf '%s\n' "powerdns:" \
		    "  control-socket: /run/pdns/pdns.controlsocket" \
		    >>"$LAB_YAML" ;;
	esac
	lab_pdns_set "also-notify=$(addresses)"
	step lab_tlsa_start || return
	case $1 in
	# nothing else is there, and zones of others would be in the way
	self) BACKEND=remote ;;
	*) step lab_database "$1" && step lab_zones own &&
	    step lab_denial "$ZONE" "$3" || return ;;
	esac
	step lab_secondaries_settle && step lab_pdns_start &&
	    step lab_anchors "$ZONE" && step lab_secondaries_start || return
	[ "$2" = polled ] || step forget_first_notify
}

# Say which of them failed.
step() {
	"$@" && return
	echo "# failed: $*"
	return 1
}

addresses() {
	echo "${SECONDARY_ADDRESS[*]}" | tr ' ' ,
}

# PowerDNS looks once when it starts, and for many seconds goes on telling what
# it found: that must not be what helps.  When it starts again, there is
# nothing to tell.
forget_first_notify() {
	wait_for 60 grep "notify, incoming" "$TMP/knot.log" || return
	lab_pdns_stop
	lab_pdns_start
}

# Within five seconds, which for a renewal is the promise.
check_arrival() {
	local SERVER name begin
	begin=$(now_us)

	for name in $SECONDARIES; do
		SERVER=$(secondary_address "$name")
		tap_ok "$1: TLSA at $name within 5 s" wait_for 5 has_tlsa
		echo "# $name: $((($(now_us) - begin) / 1000)) ms"
	done
}

# What each has now.
check_valid() {
	local SERVER name

	for name in $SECONDARIES; do
		SERVER=$(secondary_address "$name")
		tap_is "$1: it is secure at $name" \
		    "$(lab_secure delv "$ALIAS")" "$RRSET"
		tap_is "$1: every denial is right at $name" \
		    "$(questions | lab_wrong delv)" ""
		tap_is "$1: the serial at $name" "$(serial "$SERVER")" \
		    "$(serial "$NS1")"
		check_zone_there "$1: the zone at $name"
	done
}

# Neither the address alone is enough, nor is the name of the key.
check_key() {
	local name

	for name in $SECONDARIES; do
		tap_is "$1: $name without the key gets nothing" \
		    "$(transfer "$name")" 0
	done
	tap_is "$1: nor does it with another secret" "$(transfer powerdns \
	    -y "hmac-sha256:$SECONDARY_KEY:$(openssl rand -base64 32)")" 0
	tap_ok "$1: but with the right one" [ "$(transfer powerdns \
	    -y "hmac-sha256:$SECONDARY_KEY:$SECONDARY_SECRET")" -gt 0 ]
}

# How many TLSA records that host gets.
transfer() {
	local host=$1
	shift

	there "$host" dig "@$NS1" +tries=1 +time=15 "$@" "$ZONE" AXFR |
	    grep -c "IN.TLSA"
}

# One whose secret is no longer that of the primary has what it had.
check_lagging() {
	local SERVER which name
	which="name server 'bind.example.net.' ($(secondary_address bind)) of \
zone '$ZONE.'"

	lab_try "lagging: the Internet" lab_internet_start \
	    "$(sed 's/.* DS //' $LAB/anchors)" || return
	tap_ok "all four have it: wait" program wait mail --servers --timeout 60
	program check --online --format json
	tap_is "all four have it: check finds nothing with them" \
	    "$(grep -o '"kind": "ns-[a-z]*"' "$TMP/out")" ""
	secondary_again bind "$(openssl rand -base64 32)"
	renew R1 # with nothing that was there before
	for name in knot nsd powerdns; do
		SERVER=$(secondary_address $name)
		wait_for 60 has_tlsa
	done
	tap_ok "lagging: wait names it" says 1 "$which does not serve it yet" \
	    wait mail --timeout 0
	tap_ok "lagging: deploy names it" says 1 "$which" \
	    deploy mail --to "$TMP/deployed" --timeout $((HOLD + 1))
	tap_ok "lagging: deploy installs nothing" [ ! -e "$TMP/deployed" ]
	program check --online --format json
	tap_is "lagging: check finds it" \
	    "$(grep -o '"kind": "ns-[a-z]*"' "$TMP/out" | sort -u)" \
	    $'"kind": "ns-differs"\n"kind": "ns-serial"'
	tap_ok "lagging: check names it" grep -qF "$which" "$TMP/out"
	secondary_again bind
	SERVER=$(secondary_address bind)
	wait_for 60 answers
	# BIND that starts with a zone waits with its first question for up to
	# the SOA's retry
	pdns_control notify "$ZONE" >/dev/null
	tap_ok "the right secret again: it has it when it is told" \
	    wait_for 20 has_tlsa
	tap_ok "the right secret again: deploy goes on" \
	    program deploy mail --to "$TMP/deployed" --timeout 60
}

answers() {
	lab_dig "$ZONE" SOA | grep -q "status: NOERROR"
}

program() {
	pdns-tlsa "$@" --trust-anchor "$LAB_ANCHOR" >"$TMP/out" 2>"$TMP/err"
}

# says STATUS TEXT COMMAND...: it ends so, and says so
says() {
	local status=$1 text=$2
	shift 2

	program "$@"
	[ "$?" -eq "$status" ] && grep -qF -e "$text" "$TMP/out" "$TMP/err"
}

# Signatures are good for a week at least when a zone is transferred, and the
# zone expires after two (SOA): so it stands for a week, less what a transfer
# takes.
check_dead() {
	local SERVER name label="$1, dead for a week"

	lab_pdns_stop
	lab_tlsa_stop
	lab_secondaries_later "$WEEK"
	for name in $SECONDARIES; do
		SERVER=$(secondary_address "$name")
		tap_ok "$label: TLSA at $name" wait_for 20 has_tlsa
		lab_dig "$ZONE" AXFR +noall +answer +onesoa >"$TMP/zone"
		tap_ok "$label: the zone at $name is verified" \
		    ldns-verify-zone -t "+$WEEK" "$TMP/zone"
	done
}

# A wrong answer would be worse than none.  BIND and Knot give none; NSD may
# begin with its file, and PowerDNS knows no end: but nothing of it validates.
check_too_late() {
	local SERVER name

	lab_secondaries_later "$LATER"
	for name in $SECONDARIES; do
		SERVER=$(secondary_address "$name")
		case $name in
		knot | bind) tap_ok "$1, dead for 15 days: $name is silent" \
		    wait_for 20 is_silent ;;
		*) tap_ok "$1, dead for 15 days: nobody believes $name" \
		    wait_for 20 is_worthless ;;
		esac
	done
}

is_silent() {
	lab_dig "$ALIAS" TLSA +noall +comments | grep -q 'status: SERVFAIL'
}

is_worthless() {
	! is_silent || return 0
	lab_dig "$ZONE" AXFR +noall +answer +onesoa >"$TMP/zone"
	! ldns-verify-zone -t "+$LATER" "$TMP/zone" >"$TMP/verified" 2>&1 &&
	    grep -qi "expired" "$TMP/verified"
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
