#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The backends that need a database server, once in each composition: own zone
# with alias, and overlay.  The class behind them in PowerDNS is that of
# gsqlite3, which has the whole matrix.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_sql.sh"
. "$lib/lab_ask.sh"

main() {
	lab_pdns_need gmysql gpgsql remote
	tap_need mariadbd mariadb-install-db mysql psql
	lab_enter "$@"
	lab_begin
	for backend in gmysql gpgsql; do
		test_cell $backend own
		test_cell $backend overlay
	done
	lab_end
}

test_cell() {
	local label="$2 $1" names=(_25._tcp.mail.example.com)

	[ "$2" = overlay ] || names=("$ALIAS" "alias:${names[0]}")
	lab_certificates
	lab_try "$label: everything starts" start_cell "$1" "$2" &&
	    check_cell "$label" "$(questions "${names[0]}")" "${names[@]}"
	lab_unbound_stop
	lab_pdns_stop
	lab_tlsa_stop
}

start_cell() {
	if [ "$2" = overlay ]; then
		lab_config example.com
	else
		lab_config "" "$ZONE"
	fi
	lab_pdns_config unix "$2-$1.conf"
	lab_tlsa_start && lab_database "$1" && lab_zones "$2" || return
	if [ "$2" = overlay ]; then
		lab_denial example.com narrow || return
		lab_pdns_start && lab_unbound_start example.com
	else
		lab_pdns_start && lab_unbound_start example.net example.com
	fi
}

questions() {
	local name=$1

	echo "nodata $name A"
	echo "nodata ${name#*.} TLSA"
	echo "nxdomain x.$name TLSA"
	echo "nxdomain ${name/#_25/_24} TLSA"
	echo "nxdomain ${name/#_25/_26} TLSA"
	echo "nxdomain 0.${name#*.} TLSA"
}

main "$@"
