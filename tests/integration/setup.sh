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
PARENTS_PID= SAVED_DS=

main() {
	local backend
	lab_pdns_need bind gsqlite3 lmdb remote
	tap_need runuser
	lab_enter "$@"
	lab_begin
	roots_add || tap_bail "no addresses for the root servers"
	test_texts
	for backend in bind gsqlite3 lmdb; do
		test_setup alias "$backend" "$ZONE"
		test_setup overlay "$backend"
	done
	test_setup alone bind "$ZONE dnssec: self"
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
	    "^_465._tcp.mail.example.com. .* CNAME _465._tcp.mail.example.com.$ZONE" \
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

# COMPOSITION BACKEND [ZONE KEYS]
test_setup() {
	local composition=$1 backend=$2 label="$1 $2" overlay=
	shift 2

	[ "$composition" != overlay ] || overlay=example.com
	lab_certificates
	lab_config "$overlay" "$@"
	printf 'powerdns: {address: %s}\n' "$NS1" >>$LAB_YAML
	world_begin "$composition" "$backend" || tap_bail "$label: no world"
	lab_try "$label: the words can be followed" follow "$backend"
	tap_is "$label: the TLSA is secure" "$(resolved)" "$(lab_rrset)"
	tap_is "$label: doctor finds nothing" "$(doctor)" "0"
	world_end
}

# A zone with the hosts exists already, in the backend that there is; its
# parents are elsewhere.
world_begin() {
	local composition=$1 backend=$2

	rm -f $LAB_D/*
	if [ "$composition" != alone ]; then
		# as it was before: the same database, without us
		database_conf "$backend" >/etc/powerdns/pdns.conf
		lab_database "$backend" || return
		hosts | _lab_load example.com || return
	fi
	SAVED_DS=
	[ "$composition" = alone ] || SAVED_DS=$(ds_of example.com)
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

# The sections of the output, each where it says that it belongs.
follow() {
	local backend=$1 part

	setup --backend "$backend" >"$TMP/setup" || return
	section FILE <"$TMP/setup" >/etc/powerdns/pdns.conf
	_lab_pdns_settings | grep -v "^setgid" >>/etc/powerdns/pdns.conf
	section ZONE <"$TMP/setup" | grep -v '^;' >"$LAB/pasted"
	part=$(section SHELL <"$TMP/setup" | grep -v ' doctor$')
	# the zones are filled between the commands and the restart
	commands "${part%systemctl restart pdns*}" >"$TMP/said" || return
	paste_records "$backend" || return
	if grep -q "DS: not yet" "$TMP/setup"; then
		setup --backend "$backend" >"$TMP/setup" || return
		section ZONE <"$TMP/setup" | grep -v '^;' >"$LAB/pasted"
	fi
	parents_start && lab_pdns_start
}

section() {
	awk -v kind="$1" '
		/^## / { on = ($2 == kind); next }
		on { print }'
}

# systemd is not here.
systemctl() {
	case $* in
	*pdns-tlsa.service) lab_tlsa_start ;;
	*) echo "unexpected: systemctl $*" >&2 && false ;;
	esac
}

# In this shell, for it starts processes; each command must succeed.
commands() {
	local line

	while read -r line; do
		case $line in
		"#"* | "") continue ;;
		"pdnsutil create-bind-db"*)
			# "only if the file does not exist yet"
			[ ! -e $LAB_DATA/bind-dnssec.db ] || continue
			;;
		"pdnsutil secure-zone example.com")
			# "if it is signed already, leave out secure-zone"
			continue
			;;
		esac
		eval "$line" </dev/null 2>>"$TMP/commands.log" || return
	done <<<"$1"
}

# CNAMEs into the zone of the hosts, and the database reads it again.
paste_records() {
	[ -n "$SAVED_DS" ] && grep -q CNAME "$LAB/pasted" || return 0
	case $1 in
	bind) hosts >$LAB_DATA/zones/example.com ;;
	*)
		hosts >$LAB_DATA/zones/example.com
		lab_pdnsutil load-zone example.com \
		    $LAB_DATA/zones/example.com >>"$TMP/commands.log" &&
		    lab_pdnsutil rectify-zone example.com \
		    >>"$TMP/commands.log"
		;;
	esac
}

# The delegation as printed, with the DS that the command printed.
delegation() {
	grep -E ' (NS|DS) ' "$LAB/pasted"
	sed -n "s/^\($ZONE\. IN DS [0-9]* [0-9]* 2 [^ ]*\).*/\1/p" "$TMP/said"
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
