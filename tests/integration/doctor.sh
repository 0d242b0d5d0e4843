#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `pdns-tlsa doctor` finds, in an Internet of its own: a network
# namespace with a signed root, zones at a real pdns_server, and another name
# server beside it.  Each fault is provoked, and must be named.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"
. "$lib/internet.sh"
. "$lib/findings.sh"
. "$lib/doctor.sh"

# The names of the certificate; a list.
NAMES="mail.example.com mx.example.org direct.tlsa.example.net www.example.org"

# As an alias, by the overlay, and directly.
CONFIG_SERVICES="
  - host: mail.example.com
  - host: mx.example.org
  - host: direct.tlsa.example.net
"

main() {
	program_find
	pdns_need
	internet_enter "$0" "$@"
	tap_begin
	world_build
	test_fine
	test_usage
	test_conf
	test_server
	test_zone
	test_service
	test_former
	test_overlay
	test_nsec3
	test_live_remote_dnssec
	test_alone
	test_secondary
	test_cut_off
	tap_end
}

world_build() {
	doctor_certificate "$NAMES"
	config_write "$CONFIG_SERVICES"
	tlsa_serve
	internet_build
}

config_write() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	powerdns: {address: $MAIN, config: $TMP/main/pdns.conf}
	defaults: {ttl: 60}
	sources:
	  - {type: certbot, path: $TMP/le}
	zones:
	  - name: $ZONE
	    nameservers: [ns1.example.net, ns2.example.net]
	    hostmaster: hostmaster.example.net
	${2-}
	overlay: [example.org]
	services: $1
	END
}

test_fine() {
	finds "all is well" 0 ""
	doctor
	tap_is "all is well: exit status of the table" "$STATUS" 0
	names "all is well: the summary" \
	    "ok: 1 note, 2 zones and 3 services at $MAIN:53, "
	tap_is "all is well: one line a finding" "$(wc -l <"$TMP/out")" 2
	tap_is "all is well: nothing on standard error" "$(cat "$TMP/err")" ""
	# PowerDNS in doubt first, then the daemon: an observer needs neither.
	stop "$TLSA_PID"
	finds "the daemon is dead" 2 \
	    "denial-bogus service-fails zone-refused"
	tlsa_serve
	# Each of PowerDNS's threads fails once on the connection that died.
	finds "the daemon is back" 0 ""
}

test_usage() {
	doctor --server nonsense
	tap_is "no address: exit status" "$STATUS" 2
	doctor --server 192.0.2.1:99999
	tap_is "no port: exit status" "$STATUS" 2
	doctor -c /nonexistent
	tap_is "no configuration: exit status" "$STATUS" 3
	finds "nobody answers" 3 "server-silent" --server 127.0.0.1:9
	finds "no trust anchor" 3 "anchor-missing" --trust-anchor /nonexistent
}

# conf SED: a copy of pdns.conf that is only read
conf() {
	sed "$1" "$TMP/main/pdns.conf" >"$TMP/other.conf"
}

test_conf() {
	finds "pdns.conf is not there" 0 "conf-unread" --pdns-conf /nonexistent
	conf "s/^launch=.*/launch=remote,bind/"
	finds "remote first" 2 "launch-order" --pdns-conf "$TMP/other.conf"
	names "remote first: which other" "before 'bind'"
	conf "s/^launch=.*/launch=/; \$a launch+=bind"
	finds "remote is not launched" 2 "launch-missing" \
	    --pdns-conf "$TMP/other.conf"
	conf "s/^launch=.*/launch=bind/; \$a launch+=remote # comment"
	finds "launch is added to" 0 "" --pdns-conf "$TMP/other.conf"
	conf "/^remote-dnssec/d"
	finds "no remote-dnssec" 2 "remote-dnssec" \
	    --pdns-conf "$TMP/other.conf"
	conf "/^bind-dnssec-db/d"
	finds "no backend keeps keys" 2 "keys-nowhere" \
	    --pdns-conf "$TMP/other.conf"
	conf "s|path=[^,]*|path=/nonexistent|"
	finds "another socket" 2 "connection-socket" \
	    --pdns-conf "$TMP/other.conf"
	names "another socket: ours" "unix:path=$TMP/pdns.sock"
	conf "s|pdns.sock|pdns.soc|"
	finds "another socket with a shorter name" 2 "connection-socket" \
	    --pdns-conf "$TMP/other.conf"
	conf "s|string=.*|string=pipe:command=/usr/sbin/pdns-tlsa pipe|"
	finds "the pipe connector" 1 "connection-pipe" \
	    --pdns-conf "$TMP/other.conf"
	conf "s|string=.*|string=http:url=http://127.0.0.1/|"
	finds "the http connector, and nobody there" 2 "connection-socket" \
	    --pdns-conf "$TMP/other.conf"
	test_conf_http
	conf "s|string=.*|string=zeromq:endpoint=ipc:///run/x|"
	finds "the zeromq connector" 2 "connection-other" \
	    --pdns-conf "$TMP/other.conf"
	conf "/connection-string/d"
	finds "no connection string" 2 "connection-missing" \
	    --pdns-conf "$TMP/other.conf"
	mkdir -p "$TMP/include"
	conf "\$a include-dir=$TMP/include"
	echo "remote-dnssec=no" >"$TMP/include/local.conf"
	finds "a setting of an include" 2 "remote-dnssec" \
	    --pdns-conf "$TMP/other.conf"
	test_conf_debian
	test_conf_modules
}

# The url of PowerDNS, and "listen" of our "http".
test_conf_http() {
	local string=post=1,post_json=1

	finds_http "the http connector" 0 "" "$string" 127.0.0.1:8053
	finds_http "a name, which may be anybody's" 0 "" "$string" \
	    pdns-tlsa.example.net:80
	finds_http "another host's address" 0 "" "$string" 192.0.2.25:80
	finds_http "another port of this machine" 2 connection-socket \
	    "$string" 127.0.0.1:8054
	finds_http "another address of this machine" 2 connection-socket \
	    "$string" "[::1]:8053"
	finds_http "without post_json" 2 connection-other post=yes \
	    127.0.0.1:8053
	names "without post_json: how it is" "/,post=1,post_json=1,timeout"
	finds_http "with post_json=no" 2 connection-other \
	    post=1,post_json=no 127.0.0.1:8053
}

finds_http() {
	sed "s|string=.*|string=http:$4,url=http://$5/|" "$TMP/other.conf" \
	    >"$TMP/http.conf"
	{
		cat "$TMP/pdns-tlsa.yaml"
		echo 'http: {listen: "127.0.0.1:8053"}'
	} >"$TMP/http.yaml"
	finds "$1" "$2" "$3" --pdns-conf "$TMP/http.conf" -c "$TMP/http.yaml"
}

# Debian's pdns.d/bind.conf adds to launch=, whatever pdns.conf has.
test_conf_debian() {
	printf '%s\n' "launch+=bind" "bind-config=$TMP/none.conf" \
	    >"$TMP/include/local.conf"
	finds "bind.conf beside bind" 2 "launch-twice" \
	    --pdns-conf "$TMP/other.conf"
	names "bind.conf beside bind: which file" \
	    "put # before 'launch+=bind' in $TMP/include/local.conf,"
	mkdir -p "$TMP/refused"
	cp "$TMP/other.conf" "$TMP/refused/pdns.conf"
	pdns_server --config-dir="$TMP/refused" >"$TMP/refused/log" 2>&1
	tap_ok "bind.conf beside bind: PowerDNS refuses it" \
	    grep -q "Refusing to launch multiple backends" "$TMP/refused/log"
	echo "launch+=lmdb" >"$TMP/include/m.conf"
	finds "another file behind it" 2 "launch-twice" \
	    --pdns-conf "$TMP/other.conf"
	names "another file behind it: which file" \
	    "put # before 'launch+=bind' in $TMP/include/local.conf,"
	rm "$TMP/include/m.conf"
	# The other server has the database; here the file counts.
	sed -i "s/^launch=.*/launch=gsqlite3,remote/; /^bind/d
	    \$a gsqlite3-dnssec=yes" "$TMP/other.conf"
	printf '%s\n' "// zone \"a\" {};" "include \"/nonexistent\";" \
	    >"$TMP/none.conf"
	finds "bind.conf behind another, without zones" 0 "launch-idle" \
	    --pdns-conf "$TMP/other.conf"
	names "bind.conf behind another, without zones: which file" \
	    "put # before 'launch+=bind' in $TMP/include/local.conf"
	echo 'zone "example.com" { type native; file "none"; };' \
	    >>"$TMP/none.conf"
	finds "bind.conf behind another, with zones" 2 "launch-order" \
	    --pdns-conf "$TMP/other.conf"
	rm "$TMP/include/local.conf"
}

# What apt-get did not bring along.
test_conf_modules() {
	mkdir -p "$TMP/modules"
	conf "\$a module-dir=$TMP/modules"
	finds "no module" 2 "module-missing" --pdns-conf "$TMP/other.conf"
	names "no module: the package" "apt-get install pdns-backend-remote"
	names "no module: each" "apt-get install pdns-backend-bind"
	touch "$TMP/modules/libbindbackend.so"
	doctor --pdns-conf "$TMP/other.conf"
	tap_is "one module: the others" "$(grep -c "its module" "$TMP/out")" 1
	touch "$TMP/modules/libremotebackend.so"
	finds "both modules" 0 "" --pdns-conf "$TMP/other.conf"
	conf "\$a module-dir=/nonexistent"
	finds "modules of another machine" 0 "" --pdns-conf "$TMP/other.conf"
}

# A zone that we configure and PowerDNS does not serve.
test_server() {
	config_write "$CONFIG_SERVICES" \
	    "  - {name: dane.example.net, nameservers: [ns1.example.net]}"
	finds "PowerDNS does not serve a zone" 2 "zone-refused"
	config_write "$CONFIG_SERVICES"
	sed -i 's/hostmaster: .*/hostmaster: other.example.net/' \
	    "$TMP/pdns-tlsa.yaml"
	finds "another SOA" 2 "zone-soa"
	config_write "$CONFIG_SERVICES"
	sed -i 's/, ns2.example.net//' "$TMP/pdns-tlsa.yaml"
	finds "other name servers" 2 "zone-ns"
	config_write "$CONFIG_SERVICES"
}

test_zone() {
	DS_OF_ZONE= zones_reload
	finds "no DS record" 2 "zone-no-ds"
	DS_OF_ZONE="1 13 2 $(printf 'ab%.0s' {1..32})" zones_reload
	finds "a wrong DS record" 2 "zone-bogus"
	names "a wrong DS record: in words" "export-zone-ds $ZONE"
	DS_OF_ZONE= NS_OF_ZONE= zones_reload
	finds "no delegation" 2 "zone-undelegated"
	zones_reload
	main_util disable-dnssec "$ZONE" && pdns_reload
	finds "not signed" 2 "zone-unsigned"
	names "not signed: the command" "pdnsutil secure-zone $ZONE."
	internet_stop
	internet_build
	finds "signed again" 0 ""
}

# The CNAME of an earlier configuration, as long as both names are answered.
test_former() {
	local deep=_25._tcp.mail.example.com.$ZONE

	config_write "$CONFIG_SERVICES" "aliases: deep"
	kill -HUP "$TLSA_PID"
	tap_ok "a deep alias" wait_for 20 tlsa_has "$deep" "$(live_rrset mail)"
	config_write "$CONFIG_SERVICES"
	kill -HUP "$TLSA_PID"
	tap_ok "and a flat one" wait_for 20 tlsa_has "$ALIAS" \
	    "$(live_rrset mail)"
	ALIAS_RECORD="_25._tcp.mail CNAME $deep." zones_reload
	finds "the CNAME leads to the former" 1 "alias-former"
	names "the former: the record" \
	    "_25._tcp.mail.example.com. CNAME $ALIAS."
	zones_reload
	finds "the CNAME is changed" 0 ""
}

test_service() {
	ALIAS_RECORD= zones_reload
	finds "no CNAME" 2 "alias-missing"
	names "no CNAME: the record" \
	    "_25._tcp.mail.example.com. CNAME $ALIAS."
	ALIAS_RECORD="_25._tcp.mail CNAME elsewhere" zones_reload
	finds "the CNAME leads elsewhere" 2 "alias-elsewhere"
	ALIAS_RECORD="_25._tcp.mail TLSA 3 1 1 $(printf 'ab%.0s' {1..32})" \
	    zones_reload
	finds "a TLSA record instead of the CNAME" 2 "alias-elsewhere"
	EXTRA="_25._tcp.mx TLSA 3 1 1 $(printf 'ab%.0s' {1..32})" zones_reload
	finds "a static TLSA record hides ours" 2 "service-hidden"
	EXTRA="_25._tcp.mx CNAME mx" zones_reload
	finds "a static CNAME hides ours" 2 "service-hidden"
	zones_reload
	config_write "$CONFIG_SERVICES
  - host: bare.example.org"
	finds "no certificate" 1 "service-nothing"
	world_break
	config_write "$CONFIG_SERVICES
  - {host: broken.example.org, lineages: [broken]}"
	finds "a certificate that never could be read" 2 "service-unknown"
	config_write "$CONFIG_SERVICES"
	rm -r "$TMP/le/live/broken" "$TMP/le/archive/broken" \
	    "$TMP/le/renewal/broken.conf"
}

test_overlay() {
	main_util unset-nsec3 example.org && pdns_reload
	finds "overlay on NSEC" 2 \
	    "denial-bogus denial-hides denial-wrong overlay-nsec"
	names "overlay on NSEC: the command" \
	    "pdnsutil set-nsec3 example.org. '1 0 0 -' narrow"
	main_util set-nsec3 example.org "1 0 0 -" && pdns_reload
	doctor --format json
	tap_is "overlay on NSEC3: exit status" "$STATUS" 2
	names "overlay on NSEC3" '"overlay-nsec3"'
	names "overlay on NSEC3: in words" "NSEC3 (1 0 0 -)"
	main_util set-nsec3 example.org "1 0 0 -" narrow && pdns_reload
	finds "overlay on narrow NSEC3" 0 ""
	config_write "$CONFIG_SERVICES
  - host: www.example.org"
	EXTRA="* A 192.0.2.80" tlsa_again
	finds "a host by a wildcard" 2 "overlay-wildcard"
	names "a host by a wildcard: which" "'www.example.org.' exists only"
	EXTRA="www A 192.0.2.80" zones_reload
	finds "a host of its own" 0 ""
	config_write "$CONFIG_SERVICES"
	tlsa_again
}

tlsa_again() {
	stop "$TLSA_PID"
	tlsa_serve
	zones_reload
}

test_nsec3() {
	config_write "$CONFIG_SERVICES" '    nsec3: "1 0 0 -"'
	doctor --format json
	names "nsec3 configured, NSEC served" '"nsec3-differs"'
	names "nsec3 configured, NSEC served: the command" \
	    "pdnsutil set-nsec3 $ZONE. '1 0 0 -'"
	config_write "$CONFIG_SERVICES"
	main_util set-nsec3 "$ZONE" "1 0 5 ab" && pdns_reload
	doctor --format json
	tap_is "NSEC3 served, none configured: exit status" "$STATUS" 2
	names "NSEC3 served, none configured" '"nsec3-differs"'
	names "NSEC3 served, none configured: in words" "NSEC3 (1 0 5 ab)"
	main_util set-nsec3 "$ZONE" "1 0 0 -" narrow && pdns_reload
	finds "narrow served" 0 ""
	main_util set-nsec3 "$ZONE" "1 0 0 -" && pdns_reload
	config_write "$CONFIG_SERVICES" '    nsec3: "1 0 0 -"'
	tlsa_again
	finds "NSEC3 served as configured" 0 ""
	main_util unset-nsec3 "$ZONE" && pdns_reload
	config_write "$CONFIG_SERVICES"
	tlsa_again
}

# Keys of our own: the other server has nothing but us, and the main one does
# not know the zone.
test_alone() {
	sed -i 's/^launch=.*/launch=bind/; /^remote/d' "$TMP/main/pdns.conf"
	sed -i 's/^launch=.*/launch=remote/; /^bind/d' "$TMP/other/pdns.conf"
	config_write "$CONFIG_SERVICES" "    dnssec: self"
	sed -i '/^overlay/d; /example.org/d; s/ns1.example.net, //' \
	    "$TMP/pdns-tlsa.yaml"
	stop "$TLSA_PID"
	tlsa_serve
	NS_OF_ZONE="tlsa NS ns2" DS_OF_ZONE=$(ds_of other "$ZONE") zones_reload
	set -- --server "$OTHER" --pdns-conf "$TMP/other/pdns.conf"
	finds "alone, keys of our own" 0 "" "$@"
	sed 's/^launch=.*/launch=lmdb,remote/' "$TMP/other/pdns.conf" \
	    >"$TMP/other.conf"
	finds "keys of our own behind another backend" 2 "keys-hidden" \
	    "$@" --pdns-conf "$TMP/other.conf"
	internet_stop
	config_write "$CONFIG_SERVICES"
	stop "$TLSA_PID"
	tlsa_serve
	internet_build
}

test_live_remote_dnssec() {
	local wrong="denial-hides denial-wrong "

	sed -i 's/^remote-dnssec=yes/remote-dnssec=no/' "$TMP/main/pdns.conf"
	pdns_reload
	# PowerDNS 5.1 then sends no NSEC at all, 4.x wrong ones
	dns_ask "z.$ZONE" TLSA +dnssec | grep -q "IN[[:space:]]NSEC" || wrong=
	finds "remote-dnssec is off" 2 "denial-bogus ${wrong}remote-dnssec"
	sed -i 's/^remote-dnssec=no/remote-dnssec=yes/' "$TMP/main/pdns.conf"
	pdns_reload
}

test_secondary() {
	local serial

	secondary_freeze
	finds "a secondary that has all" 0 ""
	serial=$(dns_serial)
	# shellcheck disable=SC2086 # a list
	ca_issue "$TMP/ca" mail ecdsa E2 $NAMES
	certbot_renew "$TMP/le" mail "$TMP/ca/issued/mail"
	tap_ok "the renewal is served" \
	    wait_for 5 tlsa_has "$ALIAS" "$(live_rrset mail)"
	finds "a lagging secondary" 2 "ns-differs ns-serial"
	names "a lagging secondary: which" \
	    "'ns2.example.net.' ($OTHER) of zone '$ZONE.'"
	names "a lagging secondary: by how much" "its serial is $serial"
	stop "$OTHER_PID"
	finds "a dead secondary" 1 "ns-silent"
	secondary_deaf
	finds "a secondary behind what drops TLSA" 1 "ns-silent"
	names "a secondary behind what drops TLSA: what" \
	    "not for the TLSA RRset at '$ALIAS.'"
}

# Without the Internet, but with a trust anchor for each of our zones, what
# PowerDNS serves can be told, and what others see cannot.
test_cut_off() {
	local zone

	stop "$ROOT_PID"
	for zone in "$ZONE" example.org; do
		echo "$zone. DS $(ds_of main "$zone")"
	done >"$TMP/root.anchor"
	finds "no Internet" 3 "zone-unreached"
	EXTRA="_25._tcp.mx CNAME mx" ALIAS_RECORD= zones_reload
	finds "no Internet, and faults" 2 \
	    "alias-missing service-hidden zone-unreached"
}

main "$@"
