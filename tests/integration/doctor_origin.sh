#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What doctor, check, wait and deploy make of a network in which the root
# servers are out of reach, others, or somebody else is to be asked: nothing is
# called bogus that nobody could judge.

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

NAMES="mail.example.com direct.dane.test"
PRIVATE=192.0.2.1
FORWARDER=192.0.2.2
NOBODY=192.0.2.99
main() {
	program_find
	pdns_need
	tap_need unbound
	internet_enter "$0" "$@"
	tap_begin
	world_build
	test_fine
	test_usage
	test_wait
	test_parent_dead
	test_wrong_anchor
	test_forward
	test_refused
	test_unreachable
	test_private_root
	tap_end
}

# A zone below test., which libunbound has a denial for of its own.
world_build() {
	local address

	for address in $PRIVATE $FORWARDER; do
		ip address add "$address/32" dev lo || tap_bail "no address"
	done
	doctor_certificate "$NAMES"
	config_write
	tlsa_serve
	internet_build
	main_util secure-zone dane.test
	{
		echo "dane.test. NS ns1.example.net."
		_ds_of main dane.test
	} >>"$TMP/root/root.zone"
	pdns_reload
	root_again
}

config_write() {
	cat >"$TMP/pdns-tlsa.yaml" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	powerdns: {address: $MAIN, config: $TMP/main/pdns.conf}
	defaults: {ttl: 60, propagation: 1}
	sources:
	  - {type: certbot, path: $TMP/le}
	zones:
	  - name: $ZONE
	    nameservers: [ns1.example.net, ns2.example.net]
	    hostmaster: hostmaster.example.net
	  - name: dane.test
	    nameservers: [ns1.example.net]
	services:
	  - host: mail.example.com
	  - host: direct.dane.test
	END
}

# root_again [SED]: with its zone changed
root_again() {
	stop "$ROOT_PID"
	[ $# -eq 0 ] || sed -i "$1" "$TMP/root/root.zone"
	spawn root pdns_server --config-dir="$TMP/root"
	ROOT_PID=$PID
	wait_for 30 _answers "${ROOTS%% *}" ||
	    tap_bail "the root does not answer"
}

# What check has to say of the look-up of the TLSA RRset, with its exit status.
check_says() {
	local why=$1 expected=$2
	shift 2

	"$PDNS_TLSA" check mail.example.com --online --format json \
	    -c "$TMP/pdns-tlsa.yaml" --trust-anchor "$TMP/root.anchor" "$@" \
	    >"$TMP/out" 2>"$TMP/err"
	STATUS=$?
	tap_is "check: $why" "$(findings_kinds | xargs -n 1 |
	    grep -e ^tlsa- -e ^anchor- | xargs)" "$expected"
}

waits() {
	"$PDNS_TLSA" wait mail --servers --timeout 0 \
	    -c "$TMP/pdns-tlsa.yaml" --trust-anchor "$TMP/root.anchor" "$@" \
	    >"$TMP/out" 2>"$TMP/err"
}

deploys() {
	"$PDNS_TLSA" deploy mail --servers --timeout 0 --to "$TMP/deployed" \
	    -c "$TMP/pdns-tlsa.yaml" --trust-anchor "$TMP/root.anchor" "$@" \
	    >"$TMP/out" 2>"$TMP/err"
}

test_fine() {
	finds "a zone below test." 0 ""
	check_says "all is well" ""
}

# usage_is WHY STATUS PIECE COMMAND...
usage_is() {
	"$PDNS_TLSA" "${@:4}" -c "$TMP/pdns-tlsa.yaml" >"$TMP/out" 2>"$TMP/err"
	tap_is "$1: exit status" $? "$2"
	tap_ok "$1: said" grep -q -e "$3" "$TMP/err"
}

test_usage() {
	local hints=$TMP/bad.hints

	usage_is "doctor, no address" 2 "'nonsense' is no IP address" \
	    doctor --forward nonsense
	usage_is "doctor, no port" 2 "is no IP address" \
	    doctor --forward 192.0.2.1:0
	usage_is "check, no address" 3 "is no IP address" \
	    check --online --forward nonsense
	usage_is "check, not online" 3 "need --online" \
	    check --forward "$FORWARDER"
	usage_is "wait, no address" 2 "is no IP address" \
	    wait mail --forward nonsense
	usage_is "deploy, no address" 2 "is no IP address" \
	    deploy mail --to "$TMP/deployed" --forward nonsense
	usage_is "no hints" 2 "'/nonexistent': No such file" \
	    doctor --root-hints /nonexistent
	usage_is "check, no hints" 3 "'/nonexistent': No such file" \
	    check --online --root-hints /nonexistent
	usage_is "a directory" 2 "no NS record of the root" \
	    doctor --root-hints "$TMP"
	echo "hello" >"$hints"
	usage_is "no records" 2 "line 1: no resource record" \
	    doctor --root-hints "$hints"
	echo "example. NS ns1.example." >"$hints"
	usage_is "not of the root" 2 "no NS record of the root" \
	    doctor --root-hints "$hints"
	echo ". NS ns1.example." >"$hints"
	usage_is "no address of it" 2 "no address of a name server" \
	    doctor --root-hints "$hints"
	usage_is "both" 2 "contradict" \
	    doctor --root-hints "$hints" --forward "$FORWARDER"
	usage_is "show has none" 2 "has no option --root-hints" \
	    show --root-hints "$hints"
}

test_wait() {
	tap_ok "wait: all name servers" wait_for 30 waits
	tap_ok "deploy: all name servers" deploys
	tap_ok "deploy: installed" [ -e "$TMP/deployed/fullchain.pem" ]
}

# The root answers, those who know the DS record of our zone do not.
test_parent_dead() {
	root_again "s/^ns1.example.net. A .*/ns1.example.net. A $NOBODY/"
	finds "the zone above is silent" 3 "zone-unreached"
	root_again "s/^ns1.example.net. A .*/ns1.example.net. A $MAIN/"
	finds "the zone above is back" 0 ""
}

test_wrong_anchor() {
	local good

	good=$(cat "$TMP/root.anchor")
	echo ". DS 1 13 2 $(printf 'ab%.0s' {1..32})" >"$TMP/root.anchor"
	finds "a wrong trust anchor" 3 "zone-unreached"
	names "a wrong trust anchor: in words" \
	    "the DNSKEY RRset, where the trust anchor is, of '.' is: bogus"
	check_says "a wrong trust anchor" "tlsa-unreached"
	echo "$good" >"$TMP/root.anchor"
}

# A resolver that asks for us; without validating, as most do.
test_forward() {
	cat >"$TMP/unbound.conf" <<-END
	server:
	    directory: "$TMP"
	    username: ""
	    chroot: ""
	    pidfile: ""
	    interface: $FORWARDER@5353
	    access-control: 0.0.0.0/0 allow
	    module-config: "iterator"
	    do-not-query-localhost: no
	    local-zone: "test." nodefault
	remote-control:
	    control-enable: no
	END
	spawn unbound unbound -d -c "$TMP/unbound.conf"
	wait_for 30 forwarder_answers || tap_bail "unbound does not answer"
	finds "through a forwarder" 0 "" --forward "$FORWARDER:5353"
	check_says "through a forwarder" "" --forward "$FORWARDER:5353"
	tap_ok "wait: through a forwarder" waits --forward "$FORWARDER:5353"
	finds "no forwarder there" 3 "zone-unreached" --forward "$FORWARDER"
	check_says "no forwarder there" "tlsa-unreached" --forward "$FORWARDER"
	tap_is "wait: no forwarder there" "$(waits --forward "$FORWARDER"
	    echo $?)" 1
	tap_is "deploy: no forwarder there" "$(deploys --forward "$FORWARDER"
	    echo $?)" 1
	stop "$PID"
}

forwarder_answers() {
	dig "@$FORWARDER" -p 5353 +tries=1 +time=2 . SOA | grep -q NOERROR
}

test_refused() {
	stop "$ROOT_PID"
	finds "nobody is at the root servers" 3 "zone-unreached"
	check_says "nobody is at the root servers" "tlsa-unreached"
	tap_is "wait: nobody is at the root servers" "$(waits; echo $?)" 1
}

test_unreachable() {
	local address

	for address in $ROOTS; do
		ip address delete "$address/32" dev lo
	done
	finds "no route to the root servers" 3 "zone-unreached"
	check_says "no route to the root servers" "tlsa-unreached"
	ALIAS_RECORD= zones_reload
	finds "no route, and a fault" 2 "alias-missing zone-unreached"
	zones_reload
}

# Without the root servers of the Internet.
test_private_root() {
	local hints=$TMP/root.hints

	cat >"$hints" <<-END
	; as the file of InterNIC
	.                3600000  NS  A.ROOT-SERVERS.NET.
	A.ROOT-SERVERS.NET. 3600000 A $PRIVATE
	END
	sed -i "s/^a.root-servers.net. A .*/a.root-servers.net. A $PRIVATE/" \
	    "$TMP/root/root.zone"
	sed -i "s/^local-address=.*/local-address=$PRIVATE/" \
	    "$TMP/root/pdns.conf"
	spawn root pdns_server --config-dir="$TMP/root"
	wait_for 30 _answers "$PRIVATE" || tap_bail "no private root"
	finds "a private root" 0 "" --root-hints "$hints"
	check_says "a private root" "" --root-hints "$hints"
	tap_ok "wait: a private root" waits --root-hints "$hints"
	finds "the same without hints" 3 "zone-unreached"
}

main "$@"
