# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# PowerDNS in the lab: the files of pdns-config/ as they stand, databases,
# signed zones.  Source it from bash after lab.sh.
#
#	lab_pdns_need BACKEND...	skip the file without these backends
#	lab_pdns_config CONNECTOR FILE...
#					use these fragments; unix, pipe or http;
#					after lab_config
#	lab_pdns_set SETTING...		more settings, for this test alone
#	lab_pdns_unset			without them again
#	lab_database BACKEND		an empty database of that kind
#	lab_zones own|overlay		the zones of that composition, signed;
#					$LAB_RECORDS are more of example.com,
#					$LAB_PUBLIC the name servers of what is
#					not our zone
#	lab_denial ZONE KIND		nsec, nsec3 or narrow
#	lab_pdnsutil ARGUMENT...	as PowerDNS's own user
#	lab_pdns_start, lab_pdns_stop	the server; its id in $PDNS_PID
#
# PowerDNS reads /etc/powerdns/pdns.conf, which includes pdns.d as in Debian.

. "$(dirname "${BASH_SOURCE[0]}")/bind_util.sh"

LAB_CONFIG=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../pdns-config")
LAB_D=/etc/powerdns/pdns.d
LAB_DATA=/var/lib/powerdns
LAB_PUBLIC=ns1.example.net
BACKEND=
PDNS_PID=

lab_pdns_need() {
	local backend

	tap_need openssl dig delv unbound named pdns_server pdnsutil setpriv ip
	for backend; do
		pdns_server --no-config --launch="$backend" --help 2>&1 |
		    grep -q -e "--$backend-" ||
		    tap_skip "pdns_server lacks the $backend backend"
	done
}

lab_pdns_config() {
	local connector=$1 file
	shift

	rm -f $LAB_D/*
	printf '%s\n' "include-dir=$LAB_D" "launch=" >/etc/powerdns/pdns.conf
	for file; do
		cp "$LAB_CONFIG/$file" $LAB_D/ || return
	done
	# pipe.conf and http.conf show the one line that differs
	[ "$connector" = unix ] ||
	    grep ^remote-connection-string= "$LAB_CONFIG/$connector.conf" \
	    >$LAB_D/x-connector.conf
	[ "$connector" != http ] ||
	    sed -n 's/^# *\(http: {.*\)/\1/p' "$LAB_CONFIG/http.conf" \
	    >>$LAB_YAML
	_lab_pdns_settings >$LAB_D/y-lab.conf
}

lab_pdns_set() {
	printf '%s\n' "$@" >>$LAB_D/z-test.conf
}

lab_pdns_unset() {
	rm -f $LAB_D/z-test.conf
}

# Caches off: each question must reach the backend.  One that waited for 1.5 s,
# on a busy machine, would be dropped without a word.
_lab_pdns_settings() {
	cat <<-END
	local-address=$NS1
	query-local-address=$NS1
	socket-dir=/run/pdns
	cache-ttl=0
	query-cache-ttl=0
	negquery-cache-ttl=0
	zone-metadata-cache-ttl=0
	dnssec-key-cache-ttl=0
	queue-limit=60000
	security-poll-suffix=
	daemon=no
	guardian=no
	write-pid=no
	disable-syslog=yes
	END
}

# Root would leave files that PowerDNS's user cannot open.
_lab_as() {
	local user=$1
	shift

	setpriv --reuid="$user" --regid="$user" --init-groups "$@"
}

lab_pdnsutil() {
	if [ "$BACKEND" != bind ] || bind_util_loads; then
		_lab_as pdns pdnsutil "$@" 2>>"$TMP/pdnsutil.log"
	else
		bind_util /etc/powerdns "$@" 2>>"$TMP/pdnsutil.log" &&
		    chown pdns: $LAB_DATA/bind-dnssec.db
	fi
}

# Its words are kept for the case that something fails.
_lab_pdnsutil_quiet() {
	lab_pdnsutil "$@" >>"$TMP/pdnsutil.log"
}

# With the rights that Debian's systemd unit gives.
lab_pdns_start() {
	spawn pdns "${LAB_AT[@]}" setpriv --reuid=pdns --regid=pdns \
	    --init-groups --inh-caps=+net_bind_service \
	    --ambient-caps=+net_bind_service pdns_server
	PDNS_PID=$PID
	wait_for 60 _lab_pdns_decided && _lab_pdns_answers
}

# It ends at once if a backend does not answer while it starts.
_lab_pdns_decided() {
	is_gone "$PDNS_PID" || _lab_pdns_answers
}

lab_pdns_stop() {
	[ -z "$PDNS_PID" ] || stop "$PDNS_PID"
	PDNS_PID=
}

# Any reply will do, as long as it comes from the process we started.
# shellcheck disable=SC2153 # $ZONE comes from pdns.sh
_lab_pdns_answers() {
	! is_gone "$PDNS_PID" && lab_dig "$ZONE" SOA | grep -q "status:"
}

lab_database() {
	BACKEND=$1
	rm -rf "${LAB_DATA:?}"/* && _lab_as pdns mkdir $LAB_DATA/zones || return
	case $BACKEND in
	bind)
		: >/etc/powerdns/named.conf
		_lab_pdnsutil_quiet create-bind-db $LAB_DATA/bind-dnssec.db
		;;
	gsqlite3)
		_lab_as pdns sqlite3 $LAB_DATA/pdns.sqlite3 \
		    <"$(_lab_schema sqlite3)"
		;;
	gmysql) lab_mysql_database "$(_lab_schema mysql)" ;;
	gpgsql) lab_pgsql_database "$(_lab_schema pgsql)" ;;
	esac
}

_lab_schema() {
	echo "/usr/share/pdns-backend-$1/schema/schema.$1.sql"
}

# What the fragments tell people to do once, in the order they tell it.
lab_zones() {
	local ds=

	if [ "$1" = own ]; then
		_lab_row && _lab_secure_own || return
		ds=$(lab_pdnsutil export-zone-ds "$ZONE" |
		    sed -n 's/.* IN DS \([0-9]* [0-9]* 2 [^ ]*\).*/\1/p')
		_lab_parent "$ds" | _lab_load example.net || return
	fi
	_lab_hosts "$1" | _lab_load example.com
}

# The generic SQL backends hang keys and metadata on the zone's row.
_lab_row() {
	local row="insert into domains (name, type) values ('$ZONE', 'NATIVE')"

	case $BACKEND in
	gsqlite3) _lab_as pdns sqlite3 $LAB_DATA/pdns.sqlite3 "$row" ;;
	gmysql) _lab_as pdns mysql pdns -e "$row" ;;
	gpgsql) _lab_as pdns psql -q pdns -c "$row" ;;
	esac
}

# In LMDB secure-zone would fail, after it has made the key: it ends a
# transaction on a row that is not there.
_lab_secure_own() {
	case $BACKEND in
	lmdb) _lab_pdnsutil_quiet add-zone-key "$ZONE" ksk active published \
	    ecdsa256 ;;
	*) _lab_pdnsutil_quiet secure-zone "$ZONE" ;;
	esac
}

_lab_load() {
	local zone=$1 file=$LAB_DATA/zones/$1

	cat >"$file"
	if [ "$BACKEND" = bind ]; then
		echo "zone \"$zone\" { type native; file \"$file\"; };" \
		    >>/etc/powerdns/named.conf
	else
		_lab_pdnsutil_quiet load-zone "$zone" "$file" || return
	fi
	_lab_pdnsutil_quiet secure-zone "$zone"
}

_lab_apex() {
	echo "@ SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 60"
	# shellcheck disable=SC2086 # a list
	printf '@ NS %s.\n' $LAB_PUBLIC
}

# _lab_parent DS
_lab_parent() {
	local server

	cat <<-END
	\$ORIGIN example.net.
	\$TTL 300
	$(_lab_apex)
	ns1 A $NS1
	ns2 A $NS2
	END
	for server in ${LAB_NS:-ns1.example.net}; do
		echo "tlsa NS ${server%,}."
	done
	echo "tlsa DS $1"
}

_lab_hosts() {
	cat <<-END
	\$ORIGIN example.com.
	\$TTL 300
	$(_lab_apex)
	@ MX 10 mail
	mail A 192.0.2.25
	END
	[ "$1" != own ] || echo "_25._tcp.mail CNAME $ALIAS."
	echo "${LAB_RECORDS:-}"
}

lab_denial() {
	case $2 in
	nsec) _lab_pdnsutil_quiet unset-nsec3 "$1" ;;
	nsec3) _lab_pdnsutil_quiet set-nsec3 "$1" '1 0 0 -' ;;
	narrow) _lab_pdnsutil_quiet set-nsec3 "$1" '1 0 0 -' narrow ;;
	esac || return
	# only zones whose records lie in a database need it
	[ "$1" = "$ZONE" ] || _lab_pdnsutil_quiet rectify-zone "$1"
}
