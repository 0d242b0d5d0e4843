#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Thousands of renewals in a row while somebody asks without pause: see
# tests/tools/soak.c.  RENEWALS sets how many; 10,000 take about a minute.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"

main() {
	program_find
	tap_need openssl
	tool_find soak
	tap_begin
	generations_make "$TMP/chains"
	mkdir "$TMP/d"
	"$TOOL" "$PDNS_TLSA" "$TMP/d" "$TMP/chains" "${RENEWALS:-$(default)}"
	exit
}

# Sanitizers find what they find in fewer.
default() {
	case ${OUT:-build} in
	*/address* | */thread*) echo 1000 ;;
	*) echo 10000 ;;
	esac
}

main
