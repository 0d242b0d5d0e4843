#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What happens to mail with the default configuration and stock certbot: a new
# key at each of 20 renewals, another one of three intermediates at random, and
# a server that is told at once.  The three are three CAs that pebble plays,
# and a configured directory has them as an issuer set.

set -u
lib=$(dirname "$0")/../lib
. "$lib/mail.sh"

RENEWALS=20
ISSUERS=/etc/pdns-tlsa/issuers

main() {
	# shellcheck disable=SC2034 # for lab_mail.sh
	SCENARIOS=${*:2}
	mail_need
	lab_enter "$@"
	lab_begin
	lab_try "renewals: everything starts" start || lab_end
	scenario renewals "$RENEWALS renewals, random intermediate, new keys" \
	    "$RENEWALS renewed, new intermediates, none deferred" renewals
	lab_end
}

# All but the retention is as by default: 20 old leafs, which nobody has within
# 7 days, would fill the RRset, and the CAs of old ones would help the new ones.
start() {
	local number

	mail_begin own || return
	mail_host any 21 any "$LAB_STORE/live/any" 'ports: [25]'
	mkdir -p "$ISSUERS"
	for number in 0 1 2; do
		acme_start $number || return
		acme_intermediate $number
	done >"$ISSUERS/pebble.pem" || return
	# shellcheck disable=SC2034 # for lab_mail.sh
	LAB_RECORDS=
	mail_start "defaults: {retain: 3}" &&
	    acme_issue any rsa mx-any.example.com && world_forget
}

# Half of the time resolvers have seen the last answer, half of the time they
# hold an older one.
renewals() {
	local count renewed=0 changes=0 before now

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
	done
	SEEN="$renewed renewed"
	[ "$changes" -eq 0 ] || SEEN="$SEEN, new intermediates"
	SEEN="$SEEN, $(stream_end renew)"
}

issuer() {
	openssl x509 -in "$LAB_STORE/live/any/cert.pem" -noout -issuer
}

main "$@"
