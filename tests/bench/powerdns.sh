# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154 # what lib.sh reads and sets
# SPDX-License-Identifier: MIT
# One record through pdns_server, of others behind it within the same run.

part_powerdns() {
	part_begin "one record through pdns_server"
	http=127.0.0.1:$(port_free)
	world_start "http: {listen: \"$http\"}"
	bare_start
	ours=$(port_free)
	# shellcheck disable=SC2046 # a line a word
	server "$TMP/ours-off" "$ours" "$OFF" \
	    $(remote_lines "$TMP/world/pdns.sock")
	powerdns_bare
	powerdns_deep
	powerdns_http
	powerdns_cached
	part_end
}

powerdns_bare() {
	local bare round before=-

	bare=$(port_free)
	# shellcheck disable=SC2046
	server "$TMP/bare-off" "$bare" "$OFF" $(remote_lines "$TMP/bare.sock")
	! has_before || powerdns_before
	for ((round = 0; round < ROUNDS; round++)); do
		before=-
		! has_before || before=$(qps "$old" "$TMP/queries-before")
		echo "$(qps "$ours") $(qps "$bare") $before"
	done >"$TMP/qps"
	result "caches off, of the bare responder" \
	    "$(median_quotient "$TMP/qps" 1 2)" at-least 0.95 \
	    "$(before_quotient "$TMP/qps" 3 2)"
	info "caches off, queries a second" "$(median_of "$TMP/qps" 1)" \
	    "$(before_of "$TMP/qps" 3)"
}

powerdns_before() {
	local name=$name_before

	old=$(port_free)
	# shellcheck disable=SC2046
	server "$TMP/before-off" "$old" "$OFF" \
	    $(remote_lines "$TMP/world-before/pdns.sock")
}

# As the first versions had it: seven look-ups a query instead of three
# (docs/protocol.md).
powerdns_deep() {
	local deep round name=_25._tcp.mail.example.com.$BENCH_APEX

	tlsa_yaml "$TMP/deep" "type: certbot, path: $TMP/le" \
	    "- {host: mail.example.com}" "aliases: deep"
	tlsa_start "$PDNS_TLSA" "$TMP/deep"
	echo "$name TLSA" >"$TMP/queries-deep"
	deep=$(port_free)
	# shellcheck disable=SC2046
	server "$TMP/deep-off" "$deep" "$OFF" \
	    $(remote_lines "$TMP/deep/pdns.sock")
	for ((round = 0; round < ROUNDS; round++)); do
		echo "$(qps "$ours") $(qps "$deep" "$TMP/queries-deep")"
	done >"$TMP/qps"
	result "caches off, flat alias of a deep one" \
	    "$(median_quotient "$TMP/qps" 1 2)" at-least 2.0
}

# DIRECTORY PORT ADDRESS: one that asks there by http.
http_server() {
	server "$1" "$2" launch=remote "$OFF" distributor-threads=16 \
	    "remote-connection-string=http:url=http://$3/,post=1,post_json=1"
}

# What PowerDNS can reach by http at all is seen with the least that answers.
powerdns_http() {
	local by_http by_bare bare round

	by_http=$(port_free)
	http_server "$TMP/ours-http" "$by_http" "$http"
	bare=$(port_free)
	bare_start "$bare"
	by_bare=$(port_free)
	http_server "$TMP/bare-http" "$by_bare" "127.0.0.1:$bare"
	for ((round = 0; round < ROUNDS; round++)); do
		echo "$(qps "$by_http") $(qps "$ours") $(qps "$by_bare")"
	done >"$TMP/qps"
	result "caches off, http of unix" \
	    "$(median_quotient "$TMP/qps" 1 2)" at-least 0.7
	info "the same for a responder that says one thing" \
	    "$(median_quotient "$TMP/qps" 3 2)"
	result "caches off, http of that responder's" \
	    "$(median_quotient "$TMP/qps" 1 3)" at-least 0.9
}

powerdns_cached() {
	local cached bind round

	cached=$(port_free)
	# shellcheck disable=SC2046
	server "$TMP/ours-on" "$cached" $(remote_lines "$TMP/world/pdns.sock")
	zone_of "$TMP/world/c.yaml" >"$TMP/zone"
	echo "zone \"${BENCH_APEX%.}\" { type master; file \"$TMP/zone\"; };" \
	    >"$TMP/named.conf"
	bind=$(port_free)
	server "$TMP/bind" "$bind" launch=bind "bind-config=$TMP/named.conf"
	for ((round = 0; round < ROUNDS; round++)); do
		echo "$(qps "$cached") $(qps "$bind")"
	done >"$TMP/qps"
	result "default caches, of the bind backend" \
	    "$(median_quotient "$TMP/qps" 1 2)" at-least 0.95
}
