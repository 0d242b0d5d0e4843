# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The whole of the DNS around PowerDNS in the lab: a signed root at the
# addresses of the root servers, and unbound, which validates from there.  The
# machine's resolver and trust anchor are these, for every program in the lab.
# Source it from bash after roots.sh, lab.sh and lab_pdns.sh.
#
#	world_begin			addresses, resolv.conf
#	world_start own|overlay|alone [FILE...]
#					PowerDNS, with these fragments as well,
#					the root, unbound; until lab_end.
#					$WORLD_SETTLE: a command before it
#	world_forget			no cache knows anything any more
#
# Alone, PowerDNS has no zone but ours: the root's server has the others too.

WORLD=$LAB/world
WORLD_SETTLE=true
ROOT_PID=

world_begin() {
	roots_add || return
	mkdir -p "$WORLD" && touch "$LAB/anchors" || return
	printf '%s\n' "nameserver $RESOLVER" "options trust-ad edns0" \
	    >/etc/resolv.conf
	echo "127.0.0.1 localhost" >/etc/hosts
	mount --bind "$LAB/anchors" /usr/share/dns/root.key
}

# The daemon must run already.
world_start() {
	case $1 in
	alone) lab_pdns_config unix alone.conf "${@:2}" ;;
	*) lab_pdns_config unix "$1-gsqlite3.conf" "${@:2}" ;;
	esac || return
	# the caches as they are by default; with setgid the daemon may purge them
	lab_pdns_set setgid=pdns cache-ttl=20 query-cache-ttl=20 \
	    negquery-cache-ttl=60 zone-metadata-cache-ttl=60 \
	    dnssec-key-cache-ttl=30
	case $1 in
	alone) ;;
	*) lab_database gsqlite3 && lab_zones "$1" ;;
	esac || return
	[ "$1" != overlay ] || lab_denial example.com narrow || return
	"$WORLD_SETTLE" && _world_root "$1" && lab_pdns_start && _world_resolver
}

world_forget() {
	_lab_as pdns pdns_control purge >/dev/null
	unbound-control -c "$LAB/unbound.conf" reload >/dev/null
	wait_for 60 unbound-control -c "$LAB/unbound.conf" status
}

_world_util() {
	bind_util "$WORLD" "$@" 2>>"$TMP/pdnsutil.log"
}

_world_root() {
	local zones="example.com example.net"

	rm -rf "${WORLD:?}"/*
	_world_config >"$WORLD/pdns.conf"
	: >"$WORLD/named.conf"
	_world_util create-bind-db "$WORLD/dnssec.db" >/dev/null || return
	case $1 in
	alone) _world_zones_here || return ;;
	overlay) zones=example.com ;;
	esac
	# shellcheck disable=SC2086 # a list
	_world_delegate "$1" $zones | _world_zone . || return
	_world_ds . _world_util >"$LAB/anchors"
	[ -s "$LAB/anchors" ] || return
	spawn root pdns_server --config-dir="$WORLD"
	ROOT_PID=$PID
	wait_for 60 _world_answers
}

_world_answers() {
	! is_gone "$ROOT_PID" &&
	    dig "@${ROOTS%% *}" +norecurse +tries=1 +time=1 . SOA |
	    grep -q "status: NOERROR"
}

_world_config() {
	cat <<-END
	launch=bind
	local-address=$(echo "$ROOTS" | xargs | tr ' ' ,)
	local-port=53
	socket-dir=$WORLD
	bind-config=$WORLD/named.conf
	bind-dnssec-db=$WORLD/dnssec.db
	security-poll-suffix=
	daemon=no
	guardian=no
	write-pid=no
	disable-syslog=yes
	END
}

# _world_zone NAME: standard input is the zone, to be signed.
_world_zone() {
	cat >"$WORLD/zone.$1"
	echo "zone \"$1\" { type native; file \"$WORLD/zone.$1\"; };" \
	    >>"$WORLD/named.conf"
	_world_util secure-zone "$1" >>"$TMP/pdnsutil.log"
}

# What is a database's in the other compositions, with another server.
_world_zones_here() {
	local apex='s/^@ NS .*/@ NS a.root-servers.net./'

	_lab_parent "$(_world_ds "$ZONE" lab_pdnsutil |
	    sed 's/.* IN DS //')" | sed "$apex" |
	    _world_zone example.net || return
	_lab_hosts own | sed "$apex" | _world_zone example.com
}

# Each DS record with SHA-256, as a line of a zone file.
_world_ds() {
	"$2" export-zone-ds "$1" | grep ' 13 2 ' | sed 's/ *;.*//'
}

_world_delegate() {
	local servers=$LAB_PUBLIC util=lab_pdnsutil zone server

	[ "$1" != alone ] || {
		servers=a.root-servers.net
		util=_world_util
	}
	shift
	cat <<-END
	\$TTL 60
	. SOA a.root-servers.net. nobody.example.net. 1 3600 600 86400 60
	. NS a.root-servers.net.
	a.root-servers.net. A ${ROOTS%% *}
	ns1.example.net. A $NS1
	ns2.example.net. A $NS2
	ns3.example.net. A $NS3
	END
	for zone; do
		for server in $servers; do
			echo "$zone. NS $server."
		done
		_world_ds "$zone" $util
	done
}

_world_resolver() {
	_lab_unbound_config >"$LAB/unbound.conf"
	_lab_unbound_run
}
