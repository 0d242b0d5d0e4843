#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How tests/fuzz/seeds/chain/ was made: an octet is a certificate of the deck in
# fuzz_chain.c.
#	tests/fuzz/make-chain.sh
set -eu
cd "$(dirname "$0")"
seeds=$PWD/seeds/chain
mkdir -p "$seeds"

# deal NAME CARD...
deal() {
	local name=$1 card
	shift
	for card; do
		# shellcheck disable=SC2059 # the format is the octet
		printf "\\x$(printf %02x "$card")"
	done >"$seeds/$name"
}

: >"$seeds/empty"
deal usual 0 4 5
deal root-first 0 5 4
deal leaf-alone 0
deal own-leaf 3 4
deal no-leaf 4 5
deal circle 0 6 7 8
deal crosses 2 9 10 11
deal long-way 0 13 10 12 4 9 11 5
deal strangers 0 14 15 16 17 18 19 20 21 22 23 24 25 26 4
deal strangers-then-way 0 18 19 20 21 14 15 16 17 7 8 6 22 23 4 5
deal large-keys 0 27 28 29 4 5
deal seventeen 0 14 15 16 17 18 19 20 21 22 23 24 25 26 27 29 4 5
