# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# How long an answer at the socket takes while a lineage is renewed each 10 ms.

EVERY_MS=10

part_storm() {
	local before='' seconds=$((SECONDS_EACH * 2))

	part_begin "latency at the socket, in a storm of renewals and without"
	chains_need
	flip_start "$PDNS_TLSA" "$TMP/storm"
	storm_rounds "$TMP/storm" "$name" "$seconds" >"$TMP/latencies"
	if has_before; then
		before=$TMP/latencies-before
		flip_start "$BEFORE" "$TMP/storm-before"
		storm_rounds "$TMP/storm-before" "$name_before" "$seconds" \
		    >"$before"
	fi
	storm_row "p50" 1 "$before"
	storm_row "p99" 2 "$before"
	storm_row "p99.9" 3 "$before"
	part_end
}

# storm_row WHAT COLUMN [BEFORE]
storm_row() {
	info "$1, a renewal each $EVERY_MS ms, of none" \
	    "$(median_quotient "$TMP/latencies" $(($2 + 3)) "$2")" \
	    "$(before_quotient "$3" $(($2 + 3)) "$2")"
	info "$1, a renewal each $EVERY_MS ms, in ms" \
	    "$(median_of "$TMP/latencies" $(($2 + 3)))" \
	    "$(before_of "$3" $(($2 + 3)))"
	info "$1, no renewal, in ms" "$(median_of "$TMP/latencies" "$2")" \
	    "$(before_of "$3" "$2")"
}

# storm_rounds DIRECTORY OWNER SECONDS: a line a round, three percentiles in
# milliseconds without renewals and the same with them
storm_rounds() {
	local round

	first_answer "$1/pdns.sock" "$2"
	for ((round = 0; round < ROUNDS; round++)); do
		storm "$1/pdns.sock" "$2" "$3"
		storm "$1/pdns.sock" "$2" "$3" "$1/le" "$TMP/chains" "$EVERY_MS"
		echo
	done
}

storm() {
	"$OUT/bench/storm" "$@" 2>>"$TMP/log" | tee "$TMP/storms" |
	    grep '^#' >&2
	awk '{ us[$1] = $2 }
		function ms(key) { return key in us ? us[key] / 1000 : "-" }
		END { printf "%s %s %s ", ms("p50-us"), ms("p99-us"),
		    ms("p999-us") }' "$TMP/storms"
}
