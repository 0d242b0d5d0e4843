# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# From the flip of a link to the answer, at the socket and through PowerDNS.

part_flip() {
	local ours before

	part_begin "from the flip of a link to the answer"
	chains_need
	flip_start "$PDNS_TLSA" "$TMP/flip"
	ours=$(port_free) before=''
	flip_server "$TMP/flip" "$ours" "$name"
	if has_before && flip_start "$BEFORE" "$TMP/flip-before"; then
		before=$(port_free)
		flip_server "$TMP/flip-before" "$before" "$name_before"
	fi
	result "ms, at our socket" \
	    "$(flip "$TMP/flip" "$TMP/flip/pdns.sock" "$name")" at-most 2 \
	    "$(flip_before "$TMP/flip-before/pdns.sock")"
	result "ms, through default caches" \
	    "$(flip "$TMP/flip" "$ours" "$name")" at-most 8 \
	    "$(flip_before "$before")"
	part_end
}

# Generations a and b of one lineage, once.
chains_need() {
	[ -d "$TMP/chains" ] || generations_make "$TMP/chains"
}

# flip_start PROGRAM DIRECTORY
flip_start() {
	rm -rf "$2"
	certbot_issue "$2/le" mail "$TMP/chains/a"
	tlsa_yaml "$2" "type: certbot, path: $2/le" \
	    "- {host: mail.example.com, retain: 0}" \
	    "powerdns: {control-socket: $2/pdns/pdns.controlsocket}"
	tlsa_start "$1" "$2"
}

# flip_server DIRECTORY PORT OWNER
flip_server() {
	local name=$3

	server "$1/pdns" "$2" launch=remote \
	    "remote-connection-string=unix:path=$1/pdns.sock"
}

# flip DIRECTORY SOCKET|PORT OWNER: milliseconds, the median of so many renewals
flip() {
	"$OUT/bench/flip" "$1/le" "$TMP/chains" "${RENEWALS:-100}" "$2" "$3" \
	    2>>"$TMP/log" | tee "$TMP/flips" | grep '^#' >&2
	awk '$1 == "flip-ms" { ms = $2 } END { print ms == "" ? "-" : ms }' \
	    "$TMP/flips"
}

flip_before() {
	has_before || return 0
	if [ -n "$1" ]; then
		flip "$TMP/flip-before" "$1" "$name_before"
	else
		echo "-"
	fi
}
