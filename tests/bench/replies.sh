# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# Replies per second at the socket, of a bare responder's.

part_replies() {
	local connections least round

	part_begin "replies per second over unix connections, of a bare responder's"
	world_start
	bare_start
	while read -r connections least; do
		for ((round = 0; round < ROUNDS; round++)); do
			replies_round "$connections"
		done >"$TMP/ratios"
		result "replies, $connections connections" \
		    "$(median_of "$TMP/ratios" 1)" at-least "$least" \
		    "$(before_of "$TMP/ratios" 2)"
	done < <(printf '%s\n' "1 0.8" "8 1.0")
	part_end
}

replies_round() {
	local ours bare before=-

	ours=$(replies "$TMP/world/pdns.sock" "$1" "$line")
	bare=$(replies "$TMP/bare.sock" "$1" "$line")
	! has_before || before=$(replies "$TMP/world-before/pdns.sock" "$1" \
	    "$line_before")
	echo "$(quotient "$ours" "$bare") $(quotient "$before" "$bare")"
}
