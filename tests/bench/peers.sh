# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# The same records in the backends that PowerDNS brings, and with us.

PEERS="bind lmdb gsqlite3"
MANY=${MANY:-$([ "$ROUNDS" -gt 1 ] && echo 1000000 || echo 100000)}

part_peers() {
	local count

	wildcard_need
	for count in 10 10000; do
		part_begin "$count names through pdns_server, of its own backends"
		peers_run "$count" "$PEERS"
		part_end
	done
	# LMDB and SQLite are minutes in being loaded with as many.
	part_begin "$MANY names through pdns_server, of its own backends"
	peers_run "$MANY" bind
	part_end
}

# peers_run COUNT PEERS
peers_run() {
	local count=$1 peer caches name=_25_tcp_h1_example_com.$BENCH_APEX
	declare -A port=()

	rm -rf "$TMP/peers" && mkdir -p "$TMP/peers"
	hosts_start "$PDNS_TLSA" "$TMP/peers/ours" "$count"
	first_answer "$TMP/peers/ours/pdns.sock" "$name"
	zone_of "$TMP/peers/ours/c.yaml" >"$TMP/peers/zone"
	awk '$4 == "TLSA" && !seen[$1]++ { print $1, "TLSA" }' \
	    "$TMP/peers/zone" | shuf -n 10000 \
	    --random-source="$TMP/peers/zone" >"$TMP/peers/queries"
	head -n 500 "$TMP/peers/queries" >"$TMP/peers/warm-off"
	ln "$TMP/peers/queries" "$TMP/peers/warm-on"
	for peer in ours $2; do
		for caches in off on; do
			port[$peer-$caches]=$(port_free)
			peer_start "$peer" $caches "${port[$peer-$caches]}"
		done
	done
	for caches in off on; do
		peers_compare "$count" $caches "$2"
	done
}

# peer_start PEER off|on PORT
peer_start() {
	local peer=$1 dir=$TMP/peers/$1 lines SERVER_TURNS=1200

	mkdir -p "$dir"
	[ -e "$dir/lines" ] || "peer_$peer" "$dir" >"$dir/lines"
	mapfile -t lines <"$dir/lines"
	[ "$2" = on ] || lines+=("$OFF")
	server "$dir/pdns-$2" "$3" "${lines[@]}"
}

# Each loads the records, and prints the settings.
peer_ours() { remote_lines "$1/pdns.sock"; }

peer_bind() {
	echo "zone \"${BENCH_APEX%.}\" { type master; file \"$TMP/peers/zone\"; };" \
	    >"$1/named.conf"
	printf '%s\n' launch=bind "bind-config=$1/named.conf"
}

peer_lmdb() {
	printf '%s\n' launch=lmdb "lmdb-filename=$1/db" | peer_load "$1"
}

peer_gsqlite3() {
	sqlite3 "$1/db" \
	    </usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
	printf '%s\n' launch=gsqlite3 "gsqlite3-database=$1/db" | peer_load "$1"
}

peer_load() {
	tee "$1/pdns.conf"
	pdnsutil --config-dir="$1" load-zone "${BENCH_APEX%.}" \
	    "$TMP/peers/zone" >>"$TMP/log" 2>&1
}

# peers_compare COUNT off|on PEERS
peers_compare() {
	local count=$1 caches=$2 peer round column=1 what="caches off"

	[ "$caches" = off ] || what="default caches"
	for ((round = 0; round < ROUNDS; round++)); do
		for peer in ours $3; do
			[ "$round" -gt 0 ] || warm "${port[$peer-$caches]}" \
			    "$TMP/peers/warm-$caches"
			printf '%s ' "$(qps "${port[$peer-$caches]}" \
			    "$TMP/peers/queries")"
		done
		echo
	done >"$TMP/qps"
	for peer in $3; do
		column=$((column + 1))
		info "$count names, $what, of $peer" \
		    "$(median_quotient "$TMP/qps" 1 $column)"
	done
	info "$count names, $what, queries a second" "$(median_of "$TMP/qps" 1)"
}
