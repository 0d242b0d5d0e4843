#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A new user: pdns-tlsa.yaml, and then what `pdns-tlsa setup` prints, word for
# word.  In the end a resolver gets a secure TLSA answer, and `pdns-tlsa
# doctor` has nothing to complain of.  In the lab, with a signed root and the
# parent zones at a server of their own.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/roots.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"

PARENTS=$LAB/parents
PARENTS_PID= SAVED_DS= OWNED=

main() {
	local backend
	lab_pdns_need bind gsqlite3 lmdb remote
	tap_need runuser sqlite3 dnssec-dsfromkey
	lab_enter "$@"
	lab_begin
	roots_add || tap_bail "no addresses for the root servers"
	test_texts
	test_http
	test_versions
	test_rights
	for backend in bind gsqlite3 lmdb; do
		test_setup alias "$backend" "" "$ZONE"
		test_setup overlay "$backend" ""
	done
	test_setup alone "" "" "$ZONE dnssec: self"
	# a bare machine
	test_setup own "" "" "$ZONE"
	# what is for 5.1 works with every version
	test_setup own bind 5.1 "$ZONE nsec3: \"1 0 0 -\""
	test_setup overlay bind 5.1
	lab_end
}

# What can be said without following it.
test_texts() {
	lab_certificates
	lab_config "" "$ZONE"
	tap_ok "a composition that is none" \
	    fails 2 "unknown composition 'owm'" setup --composition owm
	tap_ok "a backend that is none" \
	    fails 2 "unknown backend 'oracle'" setup --backend oracle
	tap_ok "an overlay without a zone" \
	    fails 1 "has no 'overlay'" setup --composition overlay
	tap_ok "another composition says what to change" \
	    prints "#   dnssec: self" setup --composition alone
	echo 'discover: {hosts: ["mail.*"], ports: [465]}' \
	    >>$LAB_YAML
	tap_ok "a host of a certificate that nobody listed" prints \
	    "^_465._tcp.mail.example.com. .* CNAME _465_tcp_mail_example_com.$ZONE" \
	    setup
	lab_config example.com "$ZONE dnssec: self"
	tap_ok "two that do not go together" \
	    fails 1 "without any other backend" setup
	tap_ok "one of them" prints "^launch=remote" setup --composition alone
	for backend in gmysql gpgsql; do
		tap_ok "$backend" prints "^launch=$backend,remote" setup \
		    --backend $backend --composition overlay
	done
}

test_http() {
	lab_config "" "$ZONE"
	tap_ok "a connector that is none" \
	    fails 2 "unknown connector 'tcp'" setup --connector tcp
	tap_ok "the http connector, and nobody there" \
	    fails 1 "has no 'http'; add" setup --connector http
	echo "http: {listen: /run/http.sock}" >>$LAB_YAML
	tap_ok "a path, for which PowerDNS has no words" \
	    fails 1 "needs an address" setup --connector http
	http_at 127.0.0.1:8053
	tap_ok "the http connector" prints \
	    "=http:url=http://127.0.0.1:8053/,post=1,post_json=1,timeout=2000" \
	    setup --connector http
	tap_ok "and as many threads as that takes" \
	    grep -q ^distributor-threads=16 "$TMP/out"
	tap_is "where its socket listens anyway" \
	    "$(grep -c "ListenStream" "$TMP/out")" 0
	tap_ok "which is systemd's" grep -q "enable pdns-tlsa-http.socket" \
	    "$TMP/out"
	tap_ok "unless it is asked for: the unix socket" \
	    prints "^remote-connection-string=unix:path=" setup
	http_at '"[2001:db8::25]:80", allow: ["2001:db8::53"]'
	tap_ok "another address" prints "url=http://\[2001:db8::25\]:80/," \
	    setup --connector http
	tap_ok "where systemd is to listen" grep -qxF \
	    "ListenStream=[2001:db8::25]:80" "$TMP/out"
	http_at "0.0.0.0:80, allow: [192.0.2.53]"
	tap_ok "all addresses: nobody can tell which" \
	    prints "url=http://ADDRESS:80/," setup --connector http
}

http_at() {
	sed -i '/^http:/d' $LAB_YAML
	echo "http: {listen: $1}" >>$LAB_YAML
}

setup() {
	pdns-tlsa setup "$@"
}

fails() {
	local status=$1 text=$2 got
	shift 2

	"$@" >"$TMP/out" 2>&1
	got=$?
	cat "$TMP/out"
	[ "$got" -eq "$status" ] && grep -qF -e "$text" "$TMP/out"
}

prints() {
	local text=$1
	shift

	"$@" >"$TMP/out" 2>&1 || return
	grep -q -e "$text" "$TMP/out"
}

# One spelling does for all, but for bind and 5.1.
test_versions() {
	lab_config "" "$ZONE"
	tap_ok "a version that is none" \
	    fails 2 "'five' is no version" setup --powerdns five
	tap_ok "the version that is here" \
	    prints "^# What PowerDNS $(pdns_server --version 2>&1 |
		sed -n 's/.*Server \([0-9.]*\) .*/\1/p') " setup
	tap_ok "the version that will be" prints "^# What PowerDNS 5.1 " setup \
	    --powerdns 5.1
	tap_ok "bind, 4.9: pdnsutil" prints "pdnsutil secure-zone $ZONE" setup \
	    --backend bind --powerdns 4.9
	setup --backend bind --powerdns 5.1 >"$TMP/out" 2>&1
	tap_is "bind, 5.1: no pdnsutil that loads the backend" \
	    "$(grep -c 'runuser.* pdnsutil' "$TMP/out")" 0
	tap_is "gsqlite3: the same words for all" "$(words 4.7)" "$(words 5.1)"
	# only in the lab, where it is a link
	rm /usr/sbin/pdns_server
	tap_ok "no PowerDNS yet" prints "^# (No pdns_server is here yet" setup
	setup --backend bind >"$TMP/out" 2>&1
	tap_is "no PowerDNS yet, bind: what works everywhere" \
	    "$(grep -c 'runuser.* pdnsutil' "$TMP/out")" 0
	ln -s $LAB/machine/usr/sbin/pdns_server /usr/sbin/pdns_server
	# shellcheck disable=SC2046 # a list of names
	lab_config "" $(seq -f 'z%g.example.net' 5000)
	tap_ok "a time-out that fits the number of zones" \
	    prints ",timeout=4000$" setup
}

words() {
	setup --powerdns "$1" 2>&1 | grep -v '^#'
}

# Of each kind of store, what the group needs and no more.
test_rights() {
	local kind store=/srv/store

	mkdir -m 700 $LAB/srv $LAB/srv/store && mount --bind $LAB/srv /srv
	for kind in certbot lego acme.sh dehydrated uacme files; do
		lab_config "" "$ZONE"
		sed -i "s|- {type: certbot.*|- {type: $kind, path: $store}|" \
		    $LAB_YAML
		setup >"$TMP/$kind" 2>&1
	done
	tap_ok "certbot: two directories" grep -qx \
	    "chmod 0750 $store/live $store/archive" "$TMP/certbot"
	tap_ok "lego: its certificates" grep -qF \
	    "find $store -type f -name '*.crt' -exec" "$TMP/lego"
	tap_ok "acme.sh: a directory for each" grep -qF \
	    "find $store -mindepth 1 -maxdepth 1 -type d" "$TMP/acme.sh"
	tap_ok "dehydrated: its hook" grep -q "its hook needs" "$TMP/dehydrated"
	tap_ok "files: the directory" grep -qx "chgrp pdns-tlsa $store" \
	    "$TMP/files"
	tap_ok "what is above it is shut" grep -qx "#chmod o+x /srv" \
	    "$TMP/uacme"
	chmod 755 $store
	tap_ok "what is open stays as it is" prints \
	    "^# Everybody may look there already" setup
	umount /srv
}

# COMPOSITION [BACKEND] [VERSION] [ZONE KEYS]
test_setup() {
	local composition=$1 backend=${2:-gsqlite3} label="$1 $2 $3" overlay=
	local options=(${2:+--backend "$2"} ${3:+--powerdns "$3"})
	shift 3

	[ "$composition" != overlay ] || overlay=example.com
	lab_certificates
	# as certbot makes them
	chgrp root $LAB_STORE/live $LAB_STORE/archive
	chmod 700 $LAB_STORE/live $LAB_STORE/archive
	lab_config "$overlay" "$@"
	printf 'powerdns: {address: %s}\n' "$NS1" >>$LAB_YAML
	world_begin "$composition" "$backend" || tap_bail "$label: no world"
	lab_try "$label: the words can be followed, twice" follow "$backend" \
	    "${options[@]}"
	tap_is "$label: pdns.conf is as it was" \
	    "$(cat /etc/powerdns/pdns.conf)" "$(cat "$TMP/pdns.conf")"
	tap_is "$label: one key" "$(keys)" 1
	tap_is "$label: the TLSA is secure" "$(resolved)" "$(lab_rrset)"
	tap_is "$label: doctor finds nothing" "$(doctor)" "0"
	[ "$composition" != own ] ||
	    tap_is "$label: nobody else reads keys" "$(readable)" ""
	world_end
}

# A zone with the hosts exists already, in the backend that there is; its
# parents are elsewhere.  Or the machine is as Debian's packages leave it.
world_begin() {
	local composition=$1 backend=$2

	rm -rf $LAB_D/* "${LAB_DATA:?}"/*
	: >/etc/powerdns/named.conf
	SAVED_DS=
	OWNED=$ZONE
	case $composition in
	alias | overlay)
		[ "$composition" != overlay ] || OWNED=example.com
		database_conf "$backend" >/etc/powerdns/pdns.conf
		lab_database "$backend" || return
		hosts | _lab_load example.com || return
		SAVED_DS=$(ds_of example.com)
		;;
	*) echo "launch=" >/etc/powerdns/pdns.conf ;;
	esac
	{
		echo "include-dir=$LAB_D"
		_lab_pdns_settings
	} >>/etc/powerdns/pdns.conf
	cp /etc/powerdns/pdns.conf "$TMP/pdns.conf"
	stock_conf
}

# The files that pdns-backend-bind and pdns-backend-lmdb bring.
stock_conf() {
	printf '%s\n' launch+=bind "bind-config=/etc/powerdns/named.conf" \
	    >$LAB_D/bind.conf
	printf '%s\n' launch+=lmdb "lmdb-filename=$LAB_DATA/pdns.lmdb" \
	    >$LAB_D/lmdb.conf
}

database_conf() {
	echo "launch=$1"
	grep "^$1-" "$LAB_CONFIG/own-$1.conf"
}

hosts() {
	cat <<-END
	\$ORIGIN example.com.
	\$TTL 300
	@ SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 60
	@ NS ns1.example.net.
	mail A 192.0.2.25
	deep.sub A 192.0.2.26
	END
	grep -h CNAME "$LAB/pasted" 2>/dev/null
}

ds_of() {
	lab_pdnsutil export-zone-ds "$1" |
	    sed -n 's/.* IN DS \([0-9]* [0-9]* 2 [^ ]*\).*/\1/p'
}

world_end() {
	lab_pdns_stop
	lab_tlsa_stop
	[ -z "$PARENTS_PID" ] || stop "$PARENTS_PID"
	PARENTS_PID=
	rm -rf "$PARENTS" "$LAB/pasted"
}

# The sections of the output in their order, all of them a second time: what
# there is already stays.
follow() {
	local backend=$1
	shift

	setup "$@" >"$TMP/setup" || return
	section ZONE <"$TMP/setup" | grep -v '^;' >"$LAB/pasted"
	: >"$TMP/said"
	section SHELL <"$TMP/setup" | grep -v ' doctor$' >"$TMP/commands"
	stand_ins
	paste_commands && paste_records "$backend" && paste_commands &&
	    parents_start
}

section() {
	awk -v kind="$1" '
		/^## / { on = ($2 == kind); next }
		on { print }'
}

# There are neither packages nor systemd in the lab; the user is in its own
# /etc.
stand_ins() {
	mkdir -p "$TMP/bin"
	echo "#!/bin/sh" >"$TMP/bin/apt-get"
	cat >"$TMP/bin/systemd-sysusers" <<-END
	#!/bin/sh
	echo "pdns-tlsa:x:64053:64053::/:/usr/sbin/nologin" >>/etc/passwd
	echo "pdns-tlsa:x:64053:" >>/etc/group
	END
	chmod 755 "$TMP/bin"/*
}

# As bash reads them, up to the first that fails; services are started in this
# shell, which has to end them.
paste_commands() {
	local line chunk=

	while IFS= read -r line; do
		case $line in
		systemctl*)
			run_commands "$chunk" && eval "$line" || return
			chunk=
			;;
		*) chunk+=$line$'\n' ;;
		esac
	done <"$TMP/commands"
	run_commands "$chunk"
}

run_commands() {
	printf '%s' "$1" >"$TMP/chunk"
	PATH=$TMP/bin:$PATH bash -e "$TMP/chunk" </dev/null >>"$TMP/said" \
	    2>>"$TMP/commands.log"
}

systemctl() {
	case $* in
	"enable --now pdns-tlsa.socket pdns-tlsa.service")
		[ -n "$TLSA_PID" ] || tlsa_start
		;;
	"reload pdns-tlsa.service") kill -HUP "$TLSA_PID" ;;
	"restart pdns") lab_pdns_stop && lab_pdns_start ;;
	*) echo "unexpected: systemctl $*" >&2 && false ;;
	esac
}

# The rights that were printed must do: with the user of the unit.
tlsa_start() {
	spawn pdns-tlsa setpriv --reuid=pdns-tlsa --regid=pdns-tlsa \
	    --groups="$(getent group pdns | cut -d : -f 3)" \
	    /usr/sbin/pdns-tlsa serve
	TLSA_PID=$PID
	wait_for 10 _lab_tlsa_decided && _lab_tlsa_listens
}

# CNAMEs into the zone of the hosts, and the database reads it again.
paste_records() {
	[ -n "$SAVED_DS" ] && grep -q CNAME "$LAB/pasted" || return 0
	hosts >$LAB_DATA/zones/example.com
	[ "$1" != bind ] || return 0
	lab_pdnsutil load-zone example.com $LAB_DATA/zones/example.com \
	    >>"$TMP/commands.log" &&
	    lab_pdnsutil rectify-zone example.com >>"$TMP/commands.log"
}

keys() {
	lab_dig "$OWNED" DNSKEY | grep -c "^$OWNED.*DNSKEY"
}

# Databases with keys that others than PowerDNS may read.
readable() {
	find $LAB_DATA -maxdepth 1 -type f \( -name "pdns.*" -o \
	    -name "bind-dnssec.db" \) -perm /o+r
}

# The delegation as printed, with the DS that the command printed.
delegation() {
	grep -E ' (NS|DS) ' "$LAB/pasted"
	sed -n "s/^\($ZONE\. IN DS [0-9]* [0-9]* 2 [^ ]*\).*/\1/p" "$TMP/said" |
	    sort -u
}

parents_start() {
	rm -rf "$PARENTS"
	mkdir -p "$PARENTS"
	parents_conf >"$PARENTS/pdns.conf"
	parent_zone >"$PARENTS/example.net"
	echo ". SOA ns2.example.net. hostmaster.example.net. 1 3600 600 86400 60" \
	    >"$PARENTS/root"
	for name in example.net root; do
		echo "zone \"${name/root/.}\" { type native; file" \
		    "\"$PARENTS/$name\"; };"
	done >"$PARENTS/named.conf"
	util create-bind-db "$PARENTS/dnssec.db" && util secure-zone example.net ||
	    return
	root_zone >"$PARENTS/root"
	util secure-zone . || return
	command pdnsutil --config-dir="$PARENTS" export-zone-ds . 2>>"$TMP/parents.log" |
	    sed -n 's/^\. IN DS \([0-9]* [0-9]* 2 [^ ]*\).*/. IN DS \1/p' \
	    >"$TMP/anchor"
	spawn parents pdns_server --config-dir="$PARENTS"
	PARENTS_PID=$PID
	wait_for 60 parents_answer
}

parents_answer() {
	SERVER=$NS2 lab_dig example.net SOA | grep -q "status: NOERROR"
}

# What was followed has a function of the name.
util() {
	command pdnsutil --config-dir="$PARENTS" "$@" >>"$TMP/parents.log" 2>&1
}

parents_conf() {
	# shellcheck disable=SC2086 # a list
	cat <<-END
	launch=bind
	bind-config=$PARENTS/named.conf
	bind-dnssec-db=$PARENTS/dnssec.db
	local-address=$NS2,$(echo $ROOTS | tr ' ' ,)
	socket-dir=$PARENTS
	security-poll-suffix=
	daemon=no
	guardian=no
	write-pid=no
	disable-syslog=yes
	END
}

parent_zone() {
	cat <<-END
	\$ORIGIN example.net.
	\$TTL 300
	@ SOA ns2 hostmaster 1 3600 600 86400 60
	@ NS ns2
	ns1 A $NS1
	ns2 A $NS2
	END
	delegation
}

root_zone() {
	local ds
	ds=$(command pdnsutil --config-dir="$PARENTS" export-zone-ds example.net \
	    2>>"$TMP/parents.log" |
	    sed -n 's/.* IN DS \([0-9]* [0-9]* 2 [^ ]*\).*/\1/p')

	cat <<-END
	\$ORIGIN .
	\$TTL 300
	@ SOA ns2.example.net. hostmaster.example.net. 1 3600 600 86400 60
	@ NS ns2.example.net.
	ns2.example.net. A $NS2
	example.net. NS ns2.example.net.
	example.net. DS $ds
	END
	[ -z "$SAVED_DS" ] || cat <<-END
	example.com. NS ns1.example.net.
	example.com. DS $SAVED_DS
	END
}

# As a resolver sees it that trusts the root; alone, nobody has a CNAME.
resolved() {
	local name=_25._tcp.mail.example.com

	[ -n "$SAVED_DS" ] || name=$ALIAS
	printf 'server:\n  interface: %s\n  chroot: ""\n  username: ""\n' \
	    "$RESOLVER" >$LAB/unbound.conf
	printf '  %s\n' "directory: \"$LAB\"" 'pidfile: ""' "use-syslog: no" \
	    "do-not-query-localhost: no" "trust-anchor-file: \"$TMP/anchor\"" \
	    >>$LAB/unbound.conf
	unbound -d -c $LAB/unbound.conf >>"$TMP/unbound.log" 2>&1 &
	wait_for 60 lab_asks
	dig "@$RESOLVER" +dnssec +nosplit "$name" TLSA >"$TMP/answer"
	kill "$!"
	wait "$!"
	grep -q 'flags:[^;]* ad[ ;]' "$TMP/answer" &&
	    dns_tlsa_lines <"$TMP/answer"
}

lab_asks() {
	dig "@$RESOLVER" +tries=1 +time=1 . SOA | grep -q "status:"
}

# Its exit status, and what it says if that is not 0.
doctor() {
	local status hosts

	# alone, the hosts' zone is nobody's, and so are the CNAMEs
	[ -n "$SAVED_DS" ] ||
	    sed -i '/host: \(mail\|deep.sub\).example.com/d' $LAB_YAML
	pdns-tlsa doctor --trust-anchor "$TMP/anchor" >"$TMP/doctor" 2>&1
	status=$?
	echo "$status"
	[ "$status" -eq 0 ] || cat "$TMP/doctor"
}

main "$@"
