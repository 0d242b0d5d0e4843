# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# One look-up among many owner names, and what a name takes of memory.

part_names() {
	part_begin "one lookup among many owner names"
	"$OUT/bench/lookup" | tee "$TMP/lookup" | grep '^#'
	result "in the process, 1,000,000 : 10" \
	    "$(lookup_figure lookup-time)" at-most 1.2
	info "one read of memory in no cache, of a lookup among 10" \
	    "$(lookup_figure read-time)"
	wildcard_need
	names_measure "$PDNS_TLSA" "$TMP/names" "$name" >"$TMP/names-ours"
	part_end
	if has_before; then
		names_measure "$BEFORE" "$TMP/names-before" "$name_before" \
		    >"$TMP/names-before.out"
		part_end
	fi
	result "round trip, 1,000,000 : 10" \
	    "$(sed 1d "$TMP/names-ours" | median)" at-most 1.5 \
	    "$(! has_before || sed 1d "$TMP/names-before.out" | median)"
	result "octets a service of a million, beyond 10 MiB" \
	    "$(names_octets "$TMP/names-ours")" at-most 512 \
	    "$(! has_before || names_octets "$TMP/names-before.out")"
}

lookup_figure() {
	awk -v word="$1" '$1 == word { is = $2 }
	    END { print is ? is : "-" }' "$TMP/lookup"
}

names_octets() { sed 1q "$1" | octets_each 1000000; }

# octets_each COUNT: of KiB
octets_each() {
	local kib

	read -r kib
	note "$kib KiB with $1 pairs" >&2
	if is_number "$kib"; then
		echo $(((kib * 1024 - 10485760) / $1))
	else
		echo "-"
	fi
}

# names_measure PROGRAM DIRECTORY OWNER: its memory, and a line a round.  Not in
# a subshell, so that part_end knows the daemons.
names_measure() {
	local few many round lines_few lines_many

	hosts_start "$1" "$2-few" 10 && names_lines "$3" 10 lines_few
	hosts_start "$1" "$2-many" 1000000 && names_lines "$3" 1000000 lines_many
	first_answer "$2-many/pdns.sock" "${3/mail/h1}"
	memory "${PIDS[-1]}"
	for ((round = 0; round < ROUNDS; round++)); do
		few=$(replies "$2-few/pdns.sock" 1 "${lines_few[@]}")
		many=$(replies "$2-many/pdns.sock" 1 "${lines_many[@]}")
		quotient "$few" "$many"
	done
}

# names_lines OWNER COUNT ARRAY: some of the names, from everywhere
names_lines() {
	mapfile -t "$3" < <(seq 1 500 | awk -v n="$2" -v line="$(lookup_of "$1")" '{
		text = line
		sub(/mail/, "h" (1 + ($1 * 7919 * 131) % n), text)
		print text
	}')
}
