# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# All parts of the mail lab.  Source it from bash.
#
#	mail_need			skip the file without the programs

lib=$(dirname "${BASH_SOURCE[0]}")
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/roots.sh"
. "$lib/lab.sh"
. "$lib/lab_pdns.sh"
. "$lib/lab_ask.sh"
. "$lib/lab_world.sh"
. "$lib/lab_acme.sh"
. "$lib/lab_mta.sh"
. "$lib/lab_unit.sh"
. "$lib/lab_mail.sh"
. "$lib/lab_verify.sh"

mail_need() {
	lab_pdns_need bind gsqlite3 remote
	tap_need certbot pebble curl postfix posttls-finger danetool \
	    gnutls-cli tlsa ldns-dane
}
