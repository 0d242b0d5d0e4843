#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What happens to mail with the default configuration and stock certbot: a new
# key at each of 20 renewals, far faster than the hold time, another one of
# three intermediates at random, and a server that is told at once.  The three
# are three CAs that pebble plays, all with RSA keys, and a configured directory
# has them as an issuer set.  RENEWALS=100 for more of them.
#
# And what fills an RRset: two hosts behind one MX, each with RSA and ECDSA; and
# a lineage whose key type and CA change each time.

set -u
lib=$(dirname "$0")/../lib
. "$lib/mail.sh"

RENEWALS=${RENEWALS:-20}
ISSUERS=/etc/pdns-tlsa/issuers
DUAL="dual-a-rsa dual-b-ecdsa dual-a-ecdsa dual-b-rsa"
# what max-records is by default
ROOM=12

main() {
	# shellcheck disable=SC2034 # for lab_mail.sh
	SCENARIOS=${*:2}
	mail_need
	lab_enter "$@"
	lab_begin
	lab_try "renewals: everything starts" start || lab_end
	scenario renewals "$RENEWALS renewals, random intermediate, new keys" \
	    "$RENEWALS renewed, new intermediates, none deferred" renewals
	scenario dual "RSA and ECDSA on two hosts, each on its own day" \
	    "8 renewed, none deferred" dual
	scenario types "key type and CA change each time" \
	    "6 renewed, none deferred" types
	lab_end
}

start() {
	local number live=$LAB_STORE/live

	mail_begin own || return
	mail_host any 21 any "$live/any" 'ports: [25]'
	mail_host type 22 type "$live/type" 'ports: [25]'
	mail_host dual 23 "${DUAL// /, }" "$live/dual-a-rsa $live/dual-a-ecdsa" \
	    'ports: [25]'
	mail_host dual 24 "" "$live/dual-b-rsa $live/dual-b-ecdsa"
	mkdir -p "$ISSUERS"
	for number in 0 1 2; do
		acme_start $number || return
		acme_intermediate $number
	done >"$ISSUERS/pebble.pem" || return
	# shellcheck disable=SC2034 # for lab_mail.sh
	LAB_RECORDS=
	mail_start "" && acme_issue any rsa mx-any.example.com &&
	    acme_issue type rsa mx-type.example.com && dual_issue &&
	    world_forget
}

dual_issue() {
	local lineage

	for lineage in $DUAL; do
		acme_issue "$lineage" "${lineage##*-}" mx-dual.example.com ||
		    return
	done
}

# Half of the time resolvers have seen the last answer, half of the time they
# hold an older one.
renewals() {
	local count renewed=0 changes=0 before now most=0

	mail_warm any
	stream_start renew any
	before=$(issuer)
	for ((count = 0; count < RENEWALS; count++)); do
		[ $((count % 2)) -ne 0 ] || mail_warm any
		acme_use any $((RANDOM % 3))
		acme_renew any && wait_for 10 mail_presents any \
		    "$LAB_STORE/live/any/cert.pem" && renewed=$((renewed + 1))
		now=$(issuer)
		[ "$now" = "$before" ] || changes=$((changes + 1))
		before=$now
		count_records any
	done
	SEEN="$renewed renewed"
	[ "$changes" -eq 0 ] || SEEN="$SEEN, new intermediates"
	finish renew
}

issuer() {
	openssl x509 -in "$LAB_STORE/live/any/cert.pem" -noout -issuer
}

# count_records NAME: the largest RRset so far, in $most
count_records() {
	local now

	now=$(dig +short "@$NS1" "_25._tcp.mx-$1.example.com.$ZONE" TLSA |
	    wc -l)
	[ "$now" -le "$most" ] || most=$now
}

# finish TAG
finish() {
	SEEN="$SEEN, $(stream_end "$1")"
	if [ "$most" -eq 0 ] || [ "$most" -gt $ROOM ]; then
		SEEN="$SEEN, $most records"
	fi
}

dual() {
	local round lineage renewed=0 most=0

	mail_warm dual
	stream_start dual dual
	for round in 1 2; do
		for lineage in $DUAL; do
			[ $((renewed % 3)) -ne 0 ] || mail_warm dual
			acme_use "$lineage" $((RANDOM % 3))
			acme_renew "$lineage" && renewed=$((renewed + 1))
			count_records dual
		done
	done
	SEEN="$renewed renewed"
	finish dual
}

types() {
	local count renewed=0 most=0 kinds=(ecdsa rsa)

	mail_warm type
	stream_start type type
	for count in 0 1 2 3 4 5; do
		[ $((count % 2)) -ne 0 ] || mail_warm type
		acme_use type $(((count + 1) % 3))
		acme_renew type --key-type "${kinds[count % 2]}" &&
		    wait_for 10 mail_presents type \
		    "$LAB_STORE/live/type/cert.pem" && renewed=$((renewed + 1))
		count_records type
	done
	SEEN="$renewed renewed"
	finish type
}

main "$@"
