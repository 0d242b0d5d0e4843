#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Files that are cut, wrong, unreadable or no files at all, and mended again:
# see tests/tools/damage.c.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"

main() {
	program_find
	tap_need openssl
	tool_find damage
	tap_begin
	generations_make "$TMP/chains"
	mkdir "$TMP/d"
	"$TOOL" "$PDNS_TLSA" "$TMP/d" "$TMP/chains"
	exit
}

main
