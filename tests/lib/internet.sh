# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# An Internet of its own: a network namespace whose loopback has the addresses
# of the root servers, a signed root, and below it example.com, example.net
# and example.org at a pdns_server with pdns-tlsa behind it.
# Source it from bash after tap.sh and pdns.sh.
#
#	internet_enter SCRIPT ARG...	run the script again inside
#	internet_build			start the root, $MAIN and $OTHER
#	internet_stop			end them
#	main_util WORD...		pdnsutil for the main server
#	pdns_reload			restart the main servers
#	zones_reload			write their zones again, and restart
#	ds_of SERVER ZONE		its DS record, behind the type
#	secondary_freeze		$OTHER gets a copy of $ZONE, as it is now
#	secondary_deaf			$OTHER answers as $MAIN, but for TLSA
#
# What differs in the zones is in DS_OF_ZONE, NS_OF_ZONE (of our zone, in
# example.net), ALIAS_RECORD (in example.com) and EXTRA (in example.org).

. "$(dirname "${BASH_SOURCE[0]}")/roots.sh"
. "$(dirname "${BASH_SOURCE[0]}")/bind_util.sh"

MAIN=192.0.2.53
OTHER=192.0.2.54

# Processes end with the first one of the new namespace, whatever happens.
internet_enter() {
	local map=

	if [ -n "${TLSA_INTERNET:-}" ]; then
		_internet_addresses
		return
	fi
	[ "$(id -u)" -eq 0 ] || map=--map-root-user
	tap_need unshare ip
	# shellcheck disable=SC2086 # perhaps nothing
	unshare $map --net --mount --pid --fork --mount-proc true \
	    2>/dev/null || tap_skip "no network namespace can be made here"
	# shellcheck disable=SC2086
	TLSA_INTERNET=1 exec unshare $map --net --mount --pid --fork \
	    --mount-proc --kill-child bash "$@"
}

_internet_addresses() {
	local address

	ip link set lo up
	roots_add || tap_bail "cannot set addresses"
	for address in "$MAIN" "$OTHER"; do
		ip address add "$address/32" dev lo ||
		    tap_bail "cannot set addresses"
	done
	# For dns_ask of pdns.sh.
	PORT=53
}

dns_ask() {
	dig "@$MAIN" +norecurse +nosplit +tries=1 +time=15 "$@"
}

# Everything is signed anew, from the leaves up to the root.
internet_build() {
	local zone

	mkdir -p "$TMP/main" "$TMP/other" "$TMP/root"
	_server_config main "$MAIN" bind,remote >"$TMP/main/pdns.conf"
	_server_config other "$OTHER" bind,remote >"$TMP/other/pdns.conf"
	# shellcheck disable=SC2086
	_server_config root "$(echo $ROOTS | tr ' ' ,)" bind \
	    >"$TMP/root/pdns.conf"
	rm -f "$TMP"/*/dnssec.db
	DS_OF_ZONE= _zones_write
	main_util create-bind-db "$TMP/main/dnssec.db"
	for zone in "$ZONE" example.com example.net example.org; do
		main_util secure-zone "$zone"
	done
	main_util set-nsec3 example.org "1 0 0 -" narrow
	GOOD_DS=$(ds_of main "$ZONE")
	_root_write
	_zones_write
	_root_util create-bind-db "$TMP/root/dnssec.db"
	_root_util secure-zone .
	_ds_of root . >"$TMP/root.anchor"
	[ -s "$TMP/root.anchor" ] || tap_bail "the root is not signed"
	spawn root pdns_server --config-dir="$TMP/root"
	ROOT_PID=$PID
	_servers_start
}

internet_stop() {
	stop "$ROOT_PID" "$MAIN_PID" "$OTHER_PID"
}

_servers_start() {
	spawn main pdns_server --config-dir="$TMP/main"
	MAIN_PID=$PID
	spawn other pdns_server --config-dir="$TMP/other"
	OTHER_PID=$PID
	wait_for 60 _answers "$MAIN" && wait_for 60 _answers "$OTHER" ||
	    tap_bail "pdns_server does not answer"
}

_answers() {
	dig "@$1" +norecurse +tries=1 +time=1 example.net SOA |
	    grep -q "status:"
}

pdns_reload() {
	stop "$MAIN_PID" "$OTHER_PID"
	_servers_start
}

zones_reload() {
	_zones_write
	pdns_reload
}

main_util() {
	_util main "$@"
}

_root_util() {
	_util root "$@"
}

_util() {
	local server=$1
	shift

	bind_util "$TMP/$server" "$@" >>"$TMP/pdnsutil.log" 2>&1 ||
	    tap_bail "pdnsutil $* failed: $(tail -n 3 "$TMP/pdnsutil.log")"
}

ds_of() {
	_ds_of "$@" | sed 's/.* DS //'
}

# Each DS record with SHA-256, as a line of a zone file.
_ds_of() {
	bind_util "$TMP/$1" export-zone-ds "$2" 2>/dev/null |
	    grep ' 13 2 ' | sed 's/ ;.*//'
}

# Both servers have the same keys.
_server_config() {
	local keys=main

	[ "$1" != root ] || keys=root
	cat <<-END
	launch=$3
	local-address=$2
	local-port=53
	socket-dir=$TMP/$1
	bind-config=$TMP/$1/named.conf
	bind-dnssec-db=$TMP/$keys/dnssec.db
	cache-ttl=0
	query-cache-ttl=0
	negquery-cache-ttl=0
	zone-metadata-cache-ttl=0
	dnssec-key-cache-ttl=0
	security-poll-suffix=
	daemon=no
	guardian=no
	write-pid=no
	END
	[ "$1" = root ] || cat <<-END
	remote-connection-string=unix:path=$TMP/pdns.sock,timeout=2000
	remote-dnssec=yes
	END
}

_named() {
	local name
	shift

	for name; do
		echo "zone \"$name\" { type native; file" \
		    "\"$TMP/main/$name.zone\"; };"
	done
}

_zones_write() {
	local soa="ns1.example.net. hostmaster.example.net. 1 3600 600 86400 60"

	_named main example.com example.net example.org | tee \
	    "$TMP/main/named.conf" >"$TMP/other/named.conf"
	cat >"$TMP/main/example.com.zone" <<-END
	\$ORIGIN example.com.
	\$TTL 60
	@ SOA $soa
	@ NS ns1.example.net.
	mail A 192.0.2.25
	${ALIAS_RECORD-_25._tcp.mail CNAME $ALIAS.}
	END
	cat >"$TMP/main/example.org.zone" <<-END
	\$ORIGIN example.org.
	\$TTL 60
	@ SOA $soa
	@ NS ns1.example.net.
	mx A 192.0.2.25
	${EXTRA-}
	END
	cat >"$TMP/main/example.net.zone" <<-END
	\$ORIGIN example.net.
	\$TTL 60
	@ SOA $soa
	@ NS ns1
	ns1 A $MAIN
	ns2 A $OTHER
	${NS_OF_ZONE-tlsa NS ns1
	tlsa NS ns2}
	END
	_ds_line >>"$TMP/main/example.net.zone"
}

_ds_line() {
	local ds=${DS_OF_ZONE-$GOOD_DS}

	[ -z "$ds" ] || echo "tlsa DS $ds"
}

_root_write() {
	echo "zone \".\" { type native; file \"$TMP/root/root.zone\"; };" \
	    >"$TMP/root/named.conf"
	cat >"$TMP/root/root.zone" <<-END
	\$TTL 60
	. SOA a.root-servers.net. nobody.example.net. 1 3600 600 86400 60
	. NS a.root-servers.net.
	a.root-servers.net. A 198.41.0.4
	example.com. NS ns1.example.net.
	example.net. NS ns1.example.net.
	example.org. NS ns1.example.net.
	ns1.example.net. A $MAIN
	END
	for zone in example.com example.net example.org; do
		_ds_of main "$zone"
	done >>"$TMP/root/root.zone"
}

# A copy of the zone as it is transferred now, signatures and all.
secondary_freeze() {
	stop "$OTHER_PID"
	wait_for 60 _copied || tap_bail "there is nothing to copy"
	echo "zone \"$ZONE\" { type native; file \"$TMP/other/copy.zone\"; };" \
	    >"$TMP/other/named.conf"
	sed -i "s|^launch=.*|launch=bind|; /^remote/d
	    s|^bind-dnssec-db=.*|bind-dnssec-db=$TMP/other/dnssec.db|" \
	    "$TMP/other/pdns.conf"
	rm -f "$TMP/other/dnssec.db"
	_util other create-bind-db "$TMP/other/dnssec.db"
	_util other set-presigned "$ZONE"
	spawn other pdns_server --config-dir="$TMP/other"
	OTHER_PID=$PID
	wait_for 60 _serves "$OTHER" || tap_bail "the copy is not served"
}

secondary_deaf() {
	stop "$OTHER_PID"
	spawn deaf python3 "$(dirname "${BASH_SOURCE[0]}")/deaf.py" \
	    "$OTHER" "$MAIN"
	OTHER_PID=$PID
	wait_for 60 _serves "$OTHER" || tap_bail "nobody is deaf"
}

# The first question after a restart may fail.
_copied() {
	dns_ask -b 127.0.0.1 "$ZONE" AXFR +onesoa +noall +answer \
	    >"$TMP/other/copy.zone" &&
	    grep -q "	SOA	" "$TMP/other/copy.zone"
}

_serves() {
	dig "@$1" +norecurse +tries=1 +time=1 "$ZONE" SOA |
	    grep -q "status: NOERROR"
}
