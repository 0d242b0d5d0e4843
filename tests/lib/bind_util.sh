# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# pdnsutil for servers with the bind backend.  The pdnsutil of PowerDNS 5.1
# cannot load that backend ("undefined symbol"; its pdns_server can).  There it
# is given a database of SQLite instead, whose keys and metadata are copied to
# the one that the bind backend reads.  Source it from bash after tap.sh.
#
#	bind_util DIRECTORY VERB [ZONE] [ARGUMENT...]
#		as pdnsutil with the pdns.conf there
#	bind_util_loads
#		pdnsutil can load the bind backend

bind_util() {
	local directory=$1 zone=${3-} db
	shift

	if bind_util_loads || ! grep -qs '^launch.*bind' \
	    "$directory/pdns.conf" "$directory"/pdns.d/*.conf; then
		pdnsutil --config-dir="$directory" "$@"
		return
	fi
	case $1 in
	create-bind-db) _bind_util_create "$2" ;;
	# the backend sorts its names itself, when it reads a zone
	rectify-zone) ;;
	*)
		db=$(cat "$directory/pdns.conf" "$directory"/pdns.d/*.conf \
		    2>/dev/null | sed -n 's/^bind-dnssec-db=//p')
		[ "$zone" = . ] || zone=${zone%.}
		# a key is no zone's
		[ "$1" = import-tsig-key ] ||
		    _bind_util_row "$db.util" "$zone" || return
		pdnsutil --config-dir="$db.util" "$@" &&
		    _bind_util_copy "$db.util" "$db"
		;;
	esac
}

bind_util_loads() {
	if [ -z "${BIND_UTIL_LOADS:-}" ]; then
		mkdir -p "$TMP/bind-util"
		echo launch=bind >"$TMP/bind-util/pdns.conf"
		BIND_UTIL_LOADS=yes
		! pdnsutil --config-dir="$TMP/bind-util" list-all-zones 2>&1 |
		    grep -q "unable to load module" || BIND_UTIL_LOADS=no
	fi
	[ "$BIND_UTIL_LOADS" = yes ]
}

_bind_util_create() {
	local util=$1.util

	mkdir -p "$util" && rm -f "$util"/* || return
	echo launch= >"$util/pdns.conf"
	pdnsutil --config-dir="$util" create-bind-db "$1" || return
	sqlite3 "$util/zones" \
	    </usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql &&
	    printf '%s\n' launch=gsqlite3 "gsqlite3-database=$util/zones" \
	    gsqlite3-dnssec=yes >"$util/pdns.conf"
}

# Keys and metadata hang on the zone's row there.
_bind_util_row() {
	sqlite3 "$1/zones" "insert or ignore into domains (name, type)
	    values ('$2', 'NATIVE')"
}

_bind_util_copy() {
	sqlite3 -cmd ".timeout 5000" "$2" "
	    attach '$1/zones' as util;
	    begin immediate;
	    delete from cryptokeys;
	    insert into cryptokeys (domain, flags, active, published, content)
	        select name, flags, active, published, content
	        from util.cryptokeys c join util.domains d
	        on d.id = c.domain_id order by c.id;
	    delete from domainmetadata;
	    insert into domainmetadata (domain, kind, content)
	        select name, kind, content
	        from util.domainmetadata m join util.domains d
	        on d.id = m.domain_id order by m.id;
	    delete from tsigkeys;
	    insert into tsigkeys (name, algorithm, secret)
	        select name, algorithm, secret from util.tsigkeys;
	    commit;"
}
