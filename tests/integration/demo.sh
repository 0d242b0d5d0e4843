#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make demo itself: its verdict, that nothing stays behind, that KEEP=1 keeps
# what it says, and that a real store is only read.

set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
. "$here/../lib/ca.sh"
. "$here/../lib/certbot.sh"
. "$here/../lib/pdns.sh"
. "$here/../lib/answers.sh"

main() {
	program_find
	pdns_need
	tap_begin
	export PDNS_TLSA
	test_plain
	test_keep
	test_store
	tap_end
}

test_plain() {
	tap_ok "the demo finds the answers right" run_demo
	tap_ok "it says so" grep -q "^== Right" "$TMP/demo.log"
	tap_is "nothing is left running" "$(demo_processes)" ""
}

test_keep() {
	local pids

	tap_ok "the demo with KEEP=1" run_demo KEEP=1
	pids=$(sed -n 's/^  kill //p' "$TMP/demo.log")
	SPAWNED="$SPAWNED $pids"
	tap_is "runs on as it says" "$(xargs -n 1 <<<"$pids" | sort)" \
	    "$(demo_begun)"
	tap_ok "a second demo refuses to start beside it" demo_fails
	# shellcheck disable=SC2086 # a list of numbers
	stop $pids
	tap_is "and ends as it says" "$(demo_processes)" ""
}

test_store() {
	local before

	world_make
	ca_issue "$TMP/ca" wild rsa R1 "*.example.org" example.org
	certbot_issue "$TMP/le" wild "$TMP/ca/issued/wild"
	before=$(store_state)
	tap_ok "the demo with STORE" run_demo STORE="$TMP/le"
	tap_is "shows every lineage" \
	    "$(grep -c "^== TLSA of" "$TMP/demo.log")" 2
	tap_is "leaves the store as it was" "$(store_state)" "$before"
	tap_is "leaves nothing running" "$(demo_processes)" ""
	tap_ok "a store that is not there is an error" \
	    demo_fails STORE="$TMP/nothing"
}

run_demo() {
	env DEMO_DIR="$TMP/demo" PORT="$(port_free)" KEEP= STORE= "$@" \
	    "$here/../demo.sh" >"$TMP/demo.log" 2>&1
}

demo_fails() {
	! run_demo "$@"
}

# The ids of all processes that were started with a path of the demo's.  The
# brackets keep grep from finding itself.
demo_processes() {
	grep -ls "$TMP/[d]emo/" /proc/[0-9]*/cmdline | cut -d / -f 3 | sort
}

# Of these, the ones that no other of them made.
demo_begun() {
	local all pid parent

	all=$(demo_processes)
	for pid in $all; do
		parent=$(sed -n 's/^PPid:\t//p' "/proc/$pid/status")
		grep -qx "$parent" <<<"$all" || echo "$pid"
	done
}

store_state() {
	find "$TMP/le" -printf '%p %i %s %m %T@ %C@ %l\n' | sort
}

main
