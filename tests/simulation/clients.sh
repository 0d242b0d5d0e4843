#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Renewals of other clients than certbot, system call by system call:
# see tests/tools/clients.c.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/pdns.sh"
. "$lib/generations.sh"

main() {
	program_find
	tap_need openssl
	tool_find clients
	tap_begin
	generations_make "$TMP/chains"
	mkdir "$TMP/d"
	"$TOOL" "$PDNS_TLSA" "$TMP/d" "$TMP/chains"
	exit
}

main
