# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Secondaries of the own zone, or of those in $LAB_SECONDARY: Knot, NSD, BIND
# and another PowerDNS, each at a host of its own.  They get them signed, over
# AXFR with TSIG, and Knot refuses one that is not valid.  NS1 may look at what
# they have.
# Source it from bash after lab.sh and hosts.sh; call tool_find faulty.so.
#
#	$SECONDARIES			their names
#	secondary_address NAME
#	lab_secondaries_settle		what the primary's database needs
#	lab_secondaries_begin		their hosts
#	lab_secondaries_start		all, with nothing
#	lab_secondaries_later SECONDS	all end, and begin with what they have, on
#					machines whose clock is that far ahead
#	lab_secondaries_stop
#	secondary_again NAME [SECRET]	one ends, and begins with what it has, and
#					perhaps with another secret
#	secondary_stop NAME
#
# shellcheck disable=SC2154 # NS1 and LAB come from lab.sh, ZONE from pdns.sh

SECONDARIES="knot nsd bind powerdns"
LAB_SECONDARY=$ZONE
SECONDARY_KEY=transfer
SECONDARY_SECRET=c2hhcmVkIGJ5IHRoZSBwcmltYXJ5IGFuZCB0aGUgZm91cg==
declare -A SECONDARY_ADDRESS=([knot]=192.0.2.61 [nsd]=192.0.2.62
    [bind]=192.0.2.63 [powerdns]=192.0.2.64)
declare -A SECONDARY_PID

secondary_address() {
	echo "${SECONDARY_ADDRESS[$1]}"
}

# As secondaries.conf has it.
lab_secondaries_settle() {
	local zone

	lab_pdnsutil import-tsig-key "$SECONDARY_KEY" hmac-sha256 \
	    "$SECONDARY_SECRET" || return
	for zone in $LAB_SECONDARY; do
		lab_pdnsutil set-meta "$zone" SOA-EDIT INCEPTION-EPOCH &&
		    lab_pdnsutil activate-tsig-key "$zone" "$SECONDARY_KEY" \
		    primary || return
	done
} >>"$TMP/pdnsutil.log"

lab_secondaries_begin() {
	local name

	# a copy: where it was built PowerDNS's user may have no access
	install "$TOOL" "$LAB/faulty.so" || return
	for name in $SECONDARIES; do
		host_begin "$name" "$(secondary_address "$name")" "$NS1" ||
		    return
	done
}

lab_secondaries_start() {
	local name

	for name in $SECONDARIES; do
		rm -rf "${LAB:?}/$name" "$TMP/$name.log"
		mkdir "$LAB/$name" && _secondary_config "$name" &&
		    _secondary_run "$name" || return
	done
}

# By tests/preload/faulty.c: libfaketime cannot be loaded into BIND, whose
# jemalloc asks for the time before that library is ready.
lab_secondaries_later() {
	local name page=$LAB/clock

	lab_secondaries_stop
	python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("@q4088x", int(sys.argv[1])))' \
	    "$1" >"$page" && chmod 666 "$page" || return
	for name in $SECONDARIES; do
		_secondary_run "$name" env "FAULTY_PAGE=$page" \
		    "LD_PRELOAD=$LAB/faulty.so"
	done
}

lab_secondaries_stop() {
	local name

	for name in $SECONDARIES; do
		[ -z "${SECONDARY_PID[$name]:-}" ] || secondary_stop "$name"
	done
}

secondary_again() {
	secondary_stop "$1"
	_secondary_config "$@" && _secondary_run "$1"
}

secondary_stop() {
	stop "${SECONDARY_PID[$1]}"
	unset "SECONDARY_PID[$1]"
}

# _secondary_config NAME [SECRET]
_secondary_config() {
	"_secondary_config_$1" "${SECONDARY_ADDRESS[$1]}" "$LAB/$1" \
	    "${2:-$SECONDARY_SECRET}"
}

# _secondary_run NAME [COMMAND...]: by that command.
_secondary_run() {
	local name=$1 directory=$LAB/$1 server
	shift

	case $name in
	knot) server=(knotd -c "$directory/knot.conf") ;;
	nsd) server=(nsd -d -c "$directory/nsd.conf") ;;
	bind) server=(named -g -n 1 -c "$directory/named.conf") ;;
	powerdns) server=(setpriv --reuid=pdns --regid=pdns --init-groups
	    --inh-caps=+net_bind_service --ambient-caps=+net_bind_service
	    pdns_server --config-dir="$directory") ;;
	esac
	host_enter "$name"
	spawn "$name" "${ENTER[@]}" "$@" "${server[@]}"
	SECONDARY_PID[$name]=$PID
}

# Each of these is called with ADDRESS DIRECTORY SECRET.

_secondary_config_knot() {
	local zone

	cat >"$2/knot.conf" <<-END
	server:
	    listen: $1
	    rundir: $2
	database:
	    storage: $2
	log:
	  - target: stderr
	    any: info
	key:
	  - id: $SECONDARY_KEY
	    algorithm: hmac-sha256
	    secret: $3
	remote:
	  - id: primary
	    address: $NS1
	    key: $SECONDARY_KEY
	acl:
	  - id: notify
	    address: $NS1
	    key: $SECONDARY_KEY
	    action: notify
	  - id: look
	    address: $NS1
	    action: transfer
	zone:
	END
	for zone in $LAB_SECONDARY; do
		cat <<-END
		  - domain: $zone
		    storage: $2
		    master: primary
		    acl: [notify, look]
		    dnssec-validation: on
		END
	done >>"$2/knot.conf"
}

_secondary_config_nsd() {
	local zone

	cat >"$2/nsd.conf" <<-END
	server:
	    ip-address: $1
	    username: root
	    server-count: 1
	    zonesdir: "$2"
	    database: ""
	    pidfile: ""
	    xfrdfile: "$2/xfrd.state"
	    xfrdir: "$2"
	    zonelistfile: "$2/zones"
	    zonefiles-write: 1
	remote-control:
	    control-enable: no
	key:
	    name: $SECONDARY_KEY
	    algorithm: hmac-sha256
	    secret: "$3"
	END
	for zone in $LAB_SECONDARY; do
		cat <<-END
		zone:
		    name: $zone
		    zonefile: $zone
		    request-xfr: AXFR $NS1 $SECONDARY_KEY
		    allow-notify: $NS1 $SECONDARY_KEY
		    provide-xfr: $NS1 NOKEY
		END
	done >>"$2/nsd.conf"
}

_secondary_config_bind() {
	local zone

	cat >"$2/named.conf" <<-END
	key $SECONDARY_KEY {
	    algorithm hmac-sha256;
	    secret "$3";
	};
	options {
	    directory "$2";
	    listen-on { $1; };
	    listen-on-v6 { none; };
	    pid-file none;
	    lock-file none;
	    session-keyfile none;
	    recursion no;
	    dnssec-validation no;
	    notify no;
	};
	controls { };
	END
	for zone in $LAB_SECONDARY; do
		cat <<-END
		zone "$zone" {
		    type secondary;
		    file "$zone";
		    primaries { $NS1 key $SECONDARY_KEY; };
		    allow-transfer { $NS1; };
		};
		END
	done >>"$2/named.conf"
}

# Its database stays when only the secret changes.
_secondary_config_powerdns() {
	local zone

	[ -e "$2/pdns.conf" ] || {
		_secondary_powerdns_conf "$@" >"$2/pdns.conf" &&
		    sqlite3 "$2/db" <"$(_lab_schema sqlite3)" &&
		    _secondary_powerdns_zones "$2"
	} || return
	_secondary_util "$2" import-tsig-key $SECONDARY_KEY hmac-sha256 "$3" ||
	    return
	for zone in $LAB_SECONDARY; do
		_secondary_util "$2" activate-tsig-key "$zone" $SECONDARY_KEY \
		    secondary || return
	done
	chown -R pdns: "$2"
}

_secondary_powerdns_zones() {
	local zone

	for zone in $LAB_SECONDARY; do
		_secondary_util "$1" create-secondary-zone "$zone" "$NS1" ||
		    return
	done
}

_secondary_util() {
	local directory=$1
	shift

	pdnsutil --config-dir="$directory" "$@" >>"$TMP/pdnsutil.log" 2>&1
}

_secondary_powerdns_conf() {
	cat <<-END
	launch=gsqlite3
	gsqlite3-database=$2/db
	gsqlite3-dnssec=yes
	secondary=yes
	local-address=$1
	query-local-address=$1
	allow-axfr-ips=$NS1
	socket-dir=$2
	cache-ttl=0
	query-cache-ttl=0
	security-poll-suffix=
	daemon=no
	guardian=no
	write-pid=no
	disable-syslog=yes
	END
}
