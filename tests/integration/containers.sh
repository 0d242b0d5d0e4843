#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The example of packaging/containers: its files agree with each other, and
# what they say is run in namespaces, by the users, with the directories, the
# rights and the commands that they name, by either connector.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/hosts.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"

EXAMPLE=$(realpath "$lib/../../packaging/containers")
MAKEFILE=$(realpath "$lib/../../Makefile")
# of the example's network: pdns-tlsa is here, PowerDNS at a host of its own
TLSA_AT=10.89.53.2
PDNS_AT=10.89.53.3
SERVER=$PDNS_AT

main() {
	lab_pdns_need remote
	tap_need python3 nsenter
	python3 -c 'import yaml' 2>/dev/null ||
	    tap_skip "python3-yaml is not installed"
	lab_enter "$@"
	lab_begin
	test_files
	test_run
	lab_end
}

test_files() {
	tap_is "compose.yaml is whole, and commands.sh says the same" \
	    "$(python3 "$lib/compose.py" "$EXAMPLE" 2>&1)" ""
	tap_is "one version everywhere" \
	    "$(grep -ho 'pdns-tlsa:[0-9]*[.][0-9.]*' "$EXAMPLE"/* | sort -u)" \
	    "pdns-tlsa:$(sed -n 's/^VERSION *:= *//p' "$MAKEFILE")"
	tap_ok "commands.sh is a script" sh -n "$EXAMPLE/commands.sh"
}

test_run() {
	users_make
	lab_try "a host for PowerDNS" \
	    host_begin powerdns $PDNS_AT $TLSA_AT || return
	echo "$TLSA_AT pdns-tlsa" >>/etc/hosts
	run_once unix Containerfile
	run_once http Containerfile.powerdns
}

# The lab has its own /etc: there the group has the number it has in the images.
users_make() {
	sed -i 's/^\(pdns:[^:]*:\)[0-9]*/\1953/' /etc/group
	sed -i 's/^\(pdns:[^:]*:\)[0-9]*:[0-9]*/\1953:953/' /etc/passwd
}

# run_once CONNECTOR FILE: a new volume is as it is in the image whose container
# begins first.
run_once() {
	lab_certificates
	chgrp 953 $LAB_STORE/live $LAB_STORE/archive
	rm -rf /run/pdns /run/pdns-tlsa /var/lib/pdns-tlsa
	directories_make Containerfile /var
	directories_make "$2" /run
	files_copy "$1"
	tap_ok "$1: the configuration is accepted" pdns-tlsa config check
	if lab_try "$1: pdns-tlsa listens" tlsa_start &&
	    lab_try "$1: PowerDNS answers" powerdns_start; then
		check_answers "$1"
		stop "$PDNS_PID"
	fi
	lab_tlsa_stop
}

# directories_make FILE BELOW: as that image has them.
directories_make() {
	local command

	sed -n 's/^.*\(install -d [^&\\]*\).*/\1/p' "$EXAMPLE/$1" |
	    grep " $2/" | while read -r command; do
		$command
	    done
}

# The other connector is in the files as well, behind a "#".
files_copy() {
	cp "$EXAMPLE/pdns-tlsa.yaml" $LAB_YAML
	cp "$EXAMPLE/pdns.conf" /etc/powerdns/pdns.conf
	[ "$1" = unix ] || {
		sed -i 's/^#http:/http:/' $LAB_YAML
		sed -i '/^remote-connection-string=/d; s/^#\([a-z-]*=\)/\1/' \
		    /etc/powerdns/pdns.conf
	}
}

tlsa_start() {
	as Containerfile --bounding-set=-all --no-new-privs
	spawn pdns-tlsa "${COMMAND[@]}"
	TLSA_PID=$PID
	wait_for 60 _lab_tlsa_decided && _lab_tlsa_listens
}

powerdns_start() {
	as Containerfile.powerdns --inh-caps=+net_bind_service \
	    --ambient-caps=+net_bind_service
	host_enter powerdns
	spawn pdns "${ENTER[@]}" \
	    unshare --mount sh -c 'mount --bind /run/pdns-tlsa /run/pdns-tlsa &&
	    mount -o remount,bind,ro /run/pdns-tlsa && exec "$@"' sh \
	    "${COMMAND[@]}"
	PDNS_PID=$PID
	wait_for 60 _lab_pdns_decided && _lab_pdns_answers
}

# as FILE OPTION...: the command of that image, by its user; in $COMMAND
as() {
	local file=$EXAMPLE/$1 user words
	shift

	user=$(sed -n 's/^USER //p' "$file")
	mapfile -t words < <(sed -n 's/^CMD //p' "$file" |
	    python3 -c 'import json, sys
print(*json.load(sys.stdin), sep="\n")')
	COMMAND=(setpriv --reuid="${user%:*}" --regid="${user#*:}"
	    --clear-groups "$@" "${words[@]}")
}

# With caches as they are: a renewal is answered at once because PowerDNS was
# told, by its control socket.
check_answers() {
	local rrset
	rrset=$(lab_rrset | grep ^3)

	tap_ok "$1: TLSA is answered" wait_for 10 has_tlsa "$rrset"
	tap_ok "$1: and signed" grep -q "RRSIG.TLSA" \
	    <<<"$(lab_dig "$ALIAS" TLSA +dnssec)"
	lab_renew
	tap_ok "$1: a renewal is, within 5 s" wait_for 5 has_tlsa \
	    "$(lab_rrset | grep ^3)"
	tap_is "$1: PowerDNS could be told" \
	    "$(grep "caches are not purged" "$TMP/pdns-tlsa.log")" ""
}

has_tlsa() {
	grep -qxF -e "$1" <<<"$(lab_dig "$ALIAS" TLSA +noall +answer |
	    dns_tlsa_lines)"
}

main "$@"
