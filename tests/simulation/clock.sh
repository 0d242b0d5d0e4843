#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The clock is set while the daemon runs, and the next thing that it sees is a
# renewal: what is replaced now stays as long as it would have otherwise.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"
. "$lib/faulty.sh"

DAY=86400

main() {
	program_find
	tap_need openssl python3
	faulty_begin
	tap_begin
	world_begin
	test_safe
	test_renewal E2 "ahead"
	faulty_set 0
	test_renewal E1 "back"
	test_full
	stop "$TLSA_PID"
	tap_end
}

# The first to hear of a step is who asks whether the certificate is safe.
test_safe() {
	faulty_set $((30 * DAY))
	tap_ok "the clock is set ahead, and nothing is safe by that" \
	    grep -q "not yet safe to serve, in 7" <<<"$("$PDNS_TLSA" wait mail \
	    -c "$TMP/pdns-tlsa.yaml" --timeout 1 2>&1)"
}

# Nothing can be written when it is set back: what it was before is not on
# record, and must not be believed at the next start.
test_full() {
	faulty_set $((30 * DAY))
	test_renewal E2 "ahead again"
	faulty_set 0 28
	test_renewal E1 "back on a full disk"
	faulty_set 0
	test_renewal E2 "still, with room"
	wait_for 90 grep -q "can be written again" "$TMP/pdns-tlsa.log" ||
	    tap_bail "the record is not written"
	stop -KILL "$TLSA_PID"
	faulty_serve
	tap_ok "it starts again" wait_for 30 has "$NEW"
	test_renewal E1 "still"
}

world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	mkdir -p "$TMP/store/mail"
	renew E1
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	sources:
	  - {type: files, path: $TMP/store}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net]}
	services:
	  - {host: mail.example.com, retain: 7d}
	END
	faulty_serve
	wait_for 30 has "$NEW" || tap_bail "nothing is served"
	OLD=$NEW
}

renew() {
	ca_issue "$TMP/ca" mail ecdsa "$1" mail.example.com 2>/dev/null &&
	    cp "$TMP/ca/issued/mail/fullchain.pem" "$TMP/store/mail/new" &&
	    mv "$TMP/store/mail/new" "$TMP/store/mail/fullchain.pem" ||
	    tap_bail "no renewal"
	NEW=$(tlsa_of "3 1 1" "$TMP/ca/issued/mail/cert.pem")
}

has() {
	tlsa_served mail.example.com | grep -qx "$1"
}

# All that was ever served there: nothing is older than a minute.
test_renewal() {
	local line

	renew "$1"
	tap_ok "the clock is set $2, and a renewal is answered" \
	    wait_for 30 has "$NEW"
	while read -r line; do
		tap_ok "and so is what it replaced: ${line:0:20}" has "$line"
	done <<<"$OLD"
	OLD+=$'\n'$NEW
}

main
