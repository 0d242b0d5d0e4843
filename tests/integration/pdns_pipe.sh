#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The program as a child of a real pdns_server, several of them at a time, on
# PowerDNS's pipe connector.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"

main() {
	local command
	program_find
	pdns_need
	tap_begin
	# PowerDNS splits the command at each space and knows no quotes
	ln -s "$PDNS_TLSA" "$TMP/pdns-tlsa"
	command="$TMP/pdns-tlsa pipe -c $TMP/pdns-tlsa.yaml"

	world_make
	world_break
	tlsa_config "$TMP/pdns-tlsa.yaml" mail.example.com \
	    "broken.example.com broken"
	pdns_start bind,remote "pipe:command=$command,timeout=2000"
	check_zone pipe "$(live_rrset mail)"
	check_alias pipe "$(live_rrset mail)"
	check_cannot_tell pipe
	check_renewal pipe
	tap_ok "every child follows the renewal" wait_for 5 all_children_follow
	test_end
	tap_end
}

# PowerDNS spreads the questions over its threads, each with its own child.
all_children_follow() {
	local new
	new=$(live_rrset mail)

	for _ in {1..12}; do
		tlsa_has "$ALIAS" "$new" || return
	done
}

# The end of the pipe ends the child: none may outlive PowerDNS.
test_end() {
	tap_ok "PowerDNS runs the program as its children" children_are_there
	stop "$PDNS_PID"
	tap_ok "the children end with PowerDNS" \
	    wait_for 5 children_are_gone
}

# By what grep prints: processes that end meanwhile make its status an error.
children_are_there() {
	# shellcheck disable=SC2143 # grep -q does not help against that error
	[ -n "$(grep -lzs "^$TMP/pdns-tlsa.yaml$" /proc/[0-9]*/cmdline)" ]
}

children_are_gone() {
	! children_are_there
}

main
