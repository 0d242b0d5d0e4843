# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What is above the own zone in the lab: a signed root, with example.net, which
# delegates to its secondaries and to nobody else, and example.com, whose hosts
# have aliases there.  One server has them all, at NS2 and at the
# addresses of the root's.
# Source it from bash after lab_pdns.sh and lab_secondary.sh.
#
#	lab_internet_start DS		with that DS record of the own zone
#	lab_internet_stop
#	$LAB_ANCHOR			the file with the root's
#
# shellcheck disable=SC2153,SC2154 # NS2, LAB and ALIAS come from elsewhere

. "$(dirname "${BASH_SOURCE[0]}")/roots.sh"

LAB_ANCHOR=$LAB/root.anchor
INTERNET_PID=

lab_internet_start() {
	local zone

	rm -rf $LAB/internet
	mkdir $LAB/internet
	_internet_conf >$LAB/internet/pdns.conf
	for zone in . example.net example.com; do
		echo "zone \"$zone\" { type native; file" \
		    "\"$LAB/internet/$zone.zone\"; };"
	done >$LAB/internet/named.conf
	_internet_util create-bind-db $LAB/internet/dnssec.db || return
	_internet_net "$1" >$LAB/internet/example.net.zone
	_internet_com >$LAB/internet/example.com.zone
	_internet_root >$LAB/internet/..zone
	for zone in example.net example.com .; do
		_internet_util secure-zone "$zone" || return
	done
	for zone in example.net example.com; do
		_internet_ds "$zone"
	done >>$LAB/internet/..zone
	_internet_ds . >"$LAB_ANCHOR"
	spawn internet pdns_server --config-dir=$LAB/internet
	INTERNET_PID=$PID
	wait_for 60 _internet_answers
}

lab_internet_stop() {
	[ -z "$INTERNET_PID" ] || stop "$INTERNET_PID"
	INTERNET_PID=
}

_internet_answers() {
	SERVER=$NS2 lab_dig example.net SOA | grep -q "status: NOERROR"
}

_internet_util() {
	bind_util $LAB/internet "$@" >>"$TMP/pdnsutil.log" 2>&1
}

# With SHA-256, as a line of a zone file.
_internet_ds() {
	bind_util $LAB/internet export-zone-ds "$1" 2>>"$TMP/pdnsutil.log" |
	    sed -n 's/ IN DS \([0-9]* [0-9]* 2 [^ ]*\).*/ DS \1/p'
}

_internet_conf() {
	# shellcheck disable=SC2086 # a list
	cat <<-END
	launch=bind
	bind-config=$LAB/internet/named.conf
	bind-dnssec-db=$LAB/internet/dnssec.db
	local-address=$NS2,$(echo $ROOTS | tr ' ' ,)
	socket-dir=$LAB/internet
	security-poll-suffix=
	daemon=no
	guardian=no
	write-pid=no
	disable-syslog=yes
	END
}

_internet_soa() {
	printf '%s\n' "\$ORIGIN $1" "\$TTL 60" "@ SOA ns.example.net. \
hostmaster.example.net. 1 3600 600 86400 60" "@ NS ns.example.net."
}

_internet_root() {
	_internet_soa .
	printf '%s\n' "example.net. NS ns.example.net." \
	    "example.com. NS ns.example.net." "ns.example.net. A $NS2"
}

_internet_net() {
	local name

	_internet_soa example.net.
	echo "ns A $NS2"
	for name in $SECONDARIES; do
		echo "$name A $(secondary_address "$name")"
		echo "${ZONE%.example.net} NS $name"
	done
	echo "${ZONE%.example.net} DS $1"
}

_internet_com() {
	local host

	_internet_soa example.com.
	for host in $LAB_HOSTS; do
		[[ $host != *.example.com ]] || printf '%s\n' \
		    "$host. A 192.0.2.25" \
		    "_25._tcp.$host. CNAME _25_tcp_${host//./_}.$ZONE."
	done
}
