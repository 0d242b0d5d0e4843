#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The record cannot be opened when the daemon starts: somebody holds its lock,
# or it is not there for a moment.  What was published is what is answered,
# at once or as soon as that is over.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"

main() {
	# mounts of its own
	if [ -z "${LATE_MOUNTS-}" ] && unshare --mount true 2>/dev/null; then
		LATE_MOUNTS=1 exec unshare --mount "$0" "$@"
	fi
	program_find
	tap_need openssl sqlite3
	tap_begin
	world_begin
	test_locked
	test_absent
	test_read_only
	stop "$TLSA_PID"
	tap_end
}

world_begin() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	mkdir -p "$TMP/store/mail" "$TMP/store/post"
	ca_issue "$TMP/ca" post ecdsa E1 post.example.com 2>/dev/null &&
	    cp "$TMP/ca/issued/post/fullchain.pem" "$TMP/store/post" ||
	    tap_bail "openssl failed"
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
	  - {host: mail.example.com}
	  - {host: post.example.com, lineages: [post]}
	END
	tlsa_serve
	POST=$(tlsa_served post.example.com)
	wait_for 30 has E1 || tap_bail "nothing is served"
	renew E2
	wait_for 30 has E2 || tap_bail "the renewal is not served"
	BEFORE=$(tlsa_served mail.example.com)
	stop "$TLSA_PID"
}

renew() {
	ca_issue "$TMP/ca" mail ecdsa "$1" mail.example.com 2>/dev/null &&
	    cp "$TMP/ca/issued/mail/fullchain.pem" "$TMP/store/mail/new" &&
	    mv "$TMP/store/mail/new" "$TMP/store/mail/fullchain.pem"
}

has() {
	tlsa_served mail.example.com |
	    grep -qx "$(tlsa_of "2 1 1" "$TMP/ca/$1.pem")"
}

is_as_before() {
	[ "$(tlsa_served mail.example.com)" = "$BEFORE" ]
}

test_locked() {
	# it goes on to hold the lock of who writes
	mkfifo "$TMP/holder"
	spawn holder sqlite3 "$TMP/state/state.db" \
	    "BEGIN IMMEDIATE" ".read $TMP/holder"
	HOLDER=$PID
	wait_for 30 is_locked || tap_bail "it is not locked"
	tlsa_serve
	tap_ok "a lock that is taken: what was published is answered" \
	    wait_for 30 is_as_before
	renew E1
	tap_ok "and what comes new" wait_for 30 has E1
	stop "$HOLDER"
	tap_ok "it goes on record when the lock is given up" \
	    wait_for 90 is_on_record "$(tlsa_of "3 1 1" \
	    "$TMP/ca/issued/mail/cert.pem" | tail -c 30)"
	BEFORE=$(tlsa_served mail.example.com)
	stop "$TLSA_PID"
}

is_locked() {
	! sqlite3 "$TMP/state/state.db" "BEGIN IMMEDIATE" 2>/dev/null
}

is_on_record() {
	sqlite3 "$TMP/state/state.db" "SELECT rdata FROM published" |
	    grep -q "$1"
}

test_absent() {
	mv "$TMP/state" "$TMP/state.aside"
	: >"$TMP/state"
	cat "$TMP/ca/E1.pem" "$TMP/ca/issued/post/cert.pem" \
	    >"$TMP/store/post/fullchain.pem"
	spawn pdns-tlsa "$PDNS_TLSA" serve -c "$TMP/pdns-tlsa.yaml"
	TLSA_PID=$PID
	wait_for 60 tlsa_listens || tap_bail "pdns-tlsa does not listen"
	tap_ok "no record: it says so" wait_for 30 grep -q \
	    "tried again and again" "$TMP/pdns-tlsa.log"
	tap_ok "what is there is answered" wait_for 30 has E1
	tap_ok "and what was is not known" lacks is_as_before
	tap_ok "nor that a CA is somebody's leaf" lacks grep -qx \
	    "$(tlsa_of "3 1 1" "$TMP/ca/E1.pem")" \
	    <<<"$(tlsa_served post.example.com 2>/dev/null)"
	rm "$TMP/state"
	mv "$TMP/state.aside" "$TMP/state"
	tap_ok "until it is back" wait_for 90 is_as_before
	tap_ok "with what stood before that CA" \
	    [ "$(tlsa_served post.example.com)" = "$POST" ]
	stop "$TLSA_PID"
	tlsa_serve
	tap_ok "from then on it is on record" wait_for 30 is_as_before
}

test_read_only() {
	stop "$TLSA_PID"
	if [ -z "${LATE_MOUNTS-}" ]; then
		tap_ok "read-only # SKIP it needs to be root" true
		tlsa_serve
		return
	fi
	mount --bind "$TMP/state" "$TMP/state" &&
	    mount -o remount,bind,ro "$TMP/state" ||
	    tap_bail "it cannot be mounted"
	: >"$TMP/pdns-tlsa.log"
	tlsa_serve
	tap_ok "a record that can only be read is read" wait_for 30 is_as_before
	tap_ok "and it says so" grep -q "nothing new goes on record" \
	    "$TMP/pdns-tlsa.log"
	renew E2
	wait_for 30 has E2
	BEFORE=$(tlsa_served mail.example.com)
	umount "$TMP/state"
	tap_ok "what came new goes on record when it can be written" \
	    wait_for 90 grep -q "known again" "$TMP/pdns-tlsa.log"
	tap_ok "and nothing is lost by that" is_as_before
	stop "$TLSA_PID"
	tlsa_serve
	tap_ok "nor by a start after it" wait_for 30 is_as_before
}

lacks() {
	! "$@"
}

main "$@"
