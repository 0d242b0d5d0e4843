#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Renewals system call by system call, with lookups between any two of them:
# see tests/tools/renewals.c.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"

main() {
	program_find
	tap_need openssl
	tool_find renewals
	tap_begin
	generations_make "$TMP/chains"
	mkdir "$TMP/d"
	"$TOOL" "$PDNS_TLSA" "$TMP/d" "$TMP/chains" || exit
	# where no inotify instance is left for the user
	if unshare -Ur true 2>/dev/null; then
		mkdir "$TMP/p"
		SCENE_POLLED=1 unshare -Ur bash -c '
			echo 0 >/proc/sys/user/max_inotify_instances &&
			exec "$@"' - "$TOOL" "$PDNS_TLSA" "$TMP/p" "$TMP/chains"
	fi
	exit
}

main
