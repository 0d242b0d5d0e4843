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
# a lineage whose key type and CA change each time.  And what nobody knew before:
# an intermediate that one lineage got first.  And what finds no room: exactly
# that defers which show calls uncovered.

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
	scenario learned "a new intermediate, which one lineage got first" \
	    "unknown: none deferred, learned: none deferred" learned
	scenario room "max-records: 3, of three CAs one has no room" \
	    "covered: none deferred, covered: none deferred, uncovered: deferred" \
	    room
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
	mail_host first 25 first "$live/first" 'ports: [25]'
	mail_host second 26 second "$live/second" 'ports: [25]'
	mail_host room 27 room "$live/room" 'ports: [25], max-records: 3'
	mkdir -p "$ISSUERS"
	{
		echo "# role: root"
		cat "$TMP/ca/root.pem" "$TMP/ca/R1.pem"
	} >"$ISSUERS/own.pem"
	own_issue first R1 "$TMP/ca/root.pem" && own_issue second R1 || return
	for number in 0 1 2; do
		acme_start $number || return
		acme_intermediate $number
	done >"$ISSUERS/pebble.pem" || return
	# shellcheck disable=SC2034 # for lab_mail.sh
	LAB_RECORDS=
	mail_start "" && acme_issue any rsa mx-any.example.com &&
	    acme_issue type rsa mx-type.example.com &&
	    acme_issue room rsa mx-room.example.com && dual_issue &&
	    world_forget
}

# own_issue LINEAGE INTERMEDIATE [CA...]: by a CA of our own, which sends these
# as well; certbot's files, and then what its hook does
own_issue() {
	local lineage=$1 files=$TMP/ca/issued/$1 certbot=certbot_renew
	ca_issue "$TMP/ca" "$1" rsa "$2" "mx-$1.example.com" || return
	cat "$files/chain.pem" "${@:3}" >"$files/chain.new" &&
	    mv "$files/chain.new" "$files/chain.pem" &&
	    cat "$files/cert.pem" "$files/chain.pem" >"$files/fullchain.pem" ||
	    return
	[ -e "$LAB_STORE/renewal/$lineage.conf" ] || certbot=certbot_issue
	$certbot "$LAB_STORE" "$lineage" "$files"
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

	now=$(dig +short "@$NS1" "_25_tcp_mx-${1}_example_com.$ZONE" TLSA |
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

# Each renewal while the resolver holds what was published just before.
learned() {
	SEEN="unknown: $(own_renew first R2 "$TMP/ca/root.pem")"
	wait_for 30 has_ca second R2 || SEEN="$SEEN, R2 was not learned"
	SEEN="$SEEN, learned: $(own_renew second R2)"
}

own_renew() {
	mail_warm "$1"
	stream_start "own-$1-" "$1"
	own_issue "$@" >&2 && postfix -c "$RECV/etc" reload >&2 &&
	    wait_for 10 mail_presents "$1" "$LAB_STORE/live/$1/cert.pem" ||
	    echo "not renewed,"
	stream_end "own-$1-"
} 2>>"$TMP/own.log"

has_ca() {
	dig +short "@$NS1" "_25_tcp_mx-${1}_example_com.$ZONE" TLSA |
	    tr -d ' ' | grep -qix "$(tlsa_of "2 1 1" "$TMP/ca/$2.pem" |
		tr -d ' ')"
}

# Twice by a CA that is covered, and then by the one that is not.
room() {
	local want uncovered

	for want in covered covered uncovered; do
		mail_warm room
		uncovered=$(uncovered_cas)
		SEEN="${SEEN:+$SEEN, }$want: $(room_renew "$want" "$uncovered" |
		    sed 's/^[0-9]* deferred/deferred/')"
	done
}

# What show says of the next certificate's CA, a subject a line.
uncovered_cas() {
	"$PDNS_TLSA" show mx-room.example.com --format json -c "$LAB_YAML" \
	    2>>"$TMP/show.log" |
	    python3 -c '
import json, sys
for service in json.load(sys.stdin)["services"]:
    for chain in service["chains"]:
        if chain["class"] == "next" and not chain["covered"]:
            print(chain["certificate"])'
}

# room_renew covered|uncovered SUBJECTS: by the first CA that is so
room_renew() {
	local number is

	for number in 0 1 2; do
		is=covered
		! grep -qxF "$(acme_intermediate $number |
		    openssl x509 -noout -subject -nameopt multiline |
		    sed -n 's/^ *commonName *= //p')" <<<"$2" || is=uncovered
		[ "$is" != "$1" ] || break
	done
	[ "$is" = "$1" ] || echo "none is $1,"
	stream_start "room-$1-" room
	acme_use room "$number"
	acme_renew room && wait_for 10 mail_presents room \
	    "$LAB_STORE/live/room/cert.pem" || echo "not renewed,"
	# It is over when the resolver asks again, which it does in an hour.
	[ "$1" = covered ] ||
	    ! wait_for 30 mail_was "room-$1-[0-9]*" deferred || mail_warm room
	stream_end "room-$1-"
}

main "$@"
