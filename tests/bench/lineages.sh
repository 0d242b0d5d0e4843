# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# Many lineages: the first scan, a restart, a renewal, memory.

LINEAGES=${LINEAGES:-10000}

part_lineages() {
	part_begin "$LINEAGES lineages"
	rm -rf "$TMP/bulk" && mkdir "$TMP/bulk"
	"$OUT/bench/scan" "$TMP/bulk" "$LINEAGES" | tee "$TMP/scan" | grep '^#'
	result "first scan, of bare reading" "$(scanned first-scan)" \
	    at-most 0.45
	result "restart, of bare reading" "$(scanned restart)" at-most 0.03
	result "ms from the flip to the answer" \
	    "$(scanned "renewal-ms-$LINEAGES")" at-most 20
	result "work of a renewal, $LINEAGES : 10" "$(scanned renewal-work)" \
	    at-most 1.5
	lineages_starts
	part_end
}

scanned() {
	awk -v name="$1" '$1 == name { is = $2 }
		END { print is == "" ? "-" : is }' "$TMP/scan"
}

# As a whole: from the start of the program to its first answer.
lineages_starts() {
	local bare

	bare=$(awk '/ s bare,/ { print $2 * 1000 }' "$TMP/scan" | median)
	lineages_measure "$PDNS_TLSA" "$TMP/bulk/ours" "$name" >"$TMP/starts"
	part_end
	if has_before; then
		lineages_measure "$BEFORE" "$TMP/bulk/before" "$name_before" \
		    >"$TMP/starts-before"
		part_end
	fi
	info "first start until the answer, of bare reading" \
	    "$(quotient "$(sed -n 1p "$TMP/starts")" "$bare")" \
	    "$(! has_before || quotient "$(sed -n 1p "$TMP/starts-before")" \
	    "$bare")"
	info "restart until the answer, of bare reading" \
	    "$(quotient "$(sed -n 2p "$TMP/starts")" "$bare")" \
	    "$(! has_before || quotient "$(sed -n 2p "$TMP/starts-before")" \
	    "$bare")"
	result "octets a pair of service and lineage, beyond 10 MiB" \
	    "$(sed -n 3p "$TMP/starts" | octets_each "$LINEAGES")" \
	    at-most 1024 "$(! has_before || sed -n 3p "$TMP/starts-before" |
	    octets_each "$LINEAGES")"
}

# lineages_measure PROGRAM DIRECTORY OWNER: milliseconds of the first start and
# of the next, and its memory 2 s later.  Not in a subshell, so that part_end
# knows the daemons.
lineages_measure() {
	local round begin

	mkdir -p "$2"
	sed -E "s#^(state-directory|listen|control): [^ ]*/bulk#&/${2##*/}#" \
	    "$TMP/bulk/large.yaml" >"$2/c.yaml"
	for round in 1 2; do
		part_end
		begin=$(now_us)
		if tlsa_start "$1" "$2" &&
		    first_answer "$2/pdns.sock" "${3/mail/h1}"; then
			awk -v us=$(($(now_us) - begin)) \
			    'BEGIN { print us / 1000 }'
		else
			echo "-"
		fi
	done
	"$OUT/bench/storm" "$2/pdns.sock" "${3/mail/h1}" 2 >/dev/null \
	    2>>"$TMP/log"
	memory "${PIDS[-1]}"
}
