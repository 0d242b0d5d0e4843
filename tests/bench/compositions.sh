# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# One record by each of the ways in which it may be served, behind the bind
# backend, all signed as pdns-config/ says.

COMPOSED=_25._tcp.mail.example.com.

part_compositions() {
	local own overlay round

	part_begin "own zone, alias and overlay behind the bind backend, caches off"
	world_start
	own=$(port_free) overlay=$(port_free)
	echo "$COMPOSED TLSA" >"$TMP/queries-composed"
	composed_own "$own"
	composed_overlay "$overlay"
	for ((round = 0; round < ROUNDS; round++)); do
		echo "$(qps "$own")" \
		    "$(qps "$own" "$TMP/queries-composed")" \
		    "$(qps "$overlay" "$TMP/queries-composed")" \
		    "$(qps "$own" "$TMP/queries" -D)" \
		    "$(qps "$own" "$TMP/queries-composed" -D)" \
		    "$(qps "$overlay" "$TMP/queries-composed" -D)"
	done >"$TMP/qps"
	info "own zone, queries a second" "$(median_of "$TMP/qps" 1)"
	info "alias, of own" "$(median_quotient "$TMP/qps" 2 1)"
	info "overlay, of own" "$(median_quotient "$TMP/qps" 3 1)"
	info "own with signatures, of own" "$(median_quotient "$TMP/qps" 4 1)"
	info "alias with signatures, of own" "$(median_quotient "$TMP/qps" 5 1)"
	info "overlay with signatures, of own" \
	    "$(median_quotient "$TMP/qps" 6 1)"
	part_end
}

# composed_own PORT: with alias
composed_own() {
	local dir=$TMP/own

	composed_zone "$dir" "_25._tcp.mail CNAME $name"
	composed_settings "$dir" yes "$TMP/world/pdns.sock" >"$dir/pdns.conf"
	{
		bind_util "$dir" create-bind-db "$dir/dnssec.db"
		bind_util "$dir" secure-zone "${BENCH_APEX%.}"
		bind_util "$dir" secure-zone example.com
	} >>"$TMP/log" 2>&1
	composed_server "$dir" "$1" yes "$TMP/world/pdns.sock"
}

composed_overlay() {
	local dir=$TMP/overlay name=$COMPOSED

	composed_zone "$dir" ""
	composed_settings "$dir" no "$dir/tlsa/pdns.sock" >"$dir/pdns.conf"
	tlsa_yaml "$dir/tlsa" "type: certbot, path: $TMP/le" \
	    "- {host: mail.example.com}"
	sed -i 's/^zones: .*/overlay: [example.com]/' "$dir/tlsa/c.yaml"
	tlsa_start "$PDNS_TLSA" "$dir/tlsa"
	{
		bind_util "$dir" create-bind-db "$dir/dnssec.db"
		bind_util "$dir" secure-zone example.com
		bind_util "$dir" set-nsec3 example.com '1 0 0 -' narrow
	} >>"$TMP/log" 2>&1
	composed_server "$dir" "$1" no "$dir/tlsa/pdns.sock"
}

# composed_zone DIRECTORY RECORD
composed_zone() {
	mkdir -p "$1"
	cat >"$1/example.com.zone" <<-END
	\$ORIGIN example.com.
	\$TTL 300
	@ SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 60
	@ NS ns1.example.net.
	@ MX 10 mail
	mail A 192.0.2.25
	$2
	END
	echo "zone \"example.com\" { type native; file \"$1/example.com.zone\"; };" \
	    >"$1/named.conf"
}

# composed_settings DIRECTORY yes|no SOCKET: whether we may have keys
composed_settings() {
	printf '%s\n' launch=bind,remote "bind-config=$1/named.conf" \
	    "bind-dnssec-db=$1/dnssec.db" "remote-dnssec=$2" \
	    "remote-connection-string=unix:path=$3"
}

# composed_server DIRECTORY PORT yes|no SOCKET
composed_server() {
	local lines

	mapfile -t lines < <(composed_settings "$1" "$3" "$4")
	server "$1/pdns" "$2" "$OFF" "${lines[@]}"
}
