#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The real certbot, with pebble for its CA, changes what dig gets.

set -u
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"
. "$lib/answers.sh"
. "$lib/pebble.sh"

HOST=mail.example.com

main() {
	local first second
	program_find
	pdns_need
	tap_need certbot pebble
	tap_begin
	ca_init "$TMP/ca" || tap_bail "openssl failed"
	pebble_start
	tlsa_config "$TMP/pdns-tlsa.yaml"
	mkdir "$TMP/le" "$TMP/www"
	tlsa_serve
	pdns_start bind,remote "unix:path=$TMP/pdns.sock,timeout=2000"

	tap_ok "certbot certonly" run_certbot certonly --cert-name mail \
	    --domain "$HOST" --webroot --webroot-path "$TMP/www" \
	    --agree-tos --register-unsafely-without-email
	first=$(live_rrset mail)
	tap_ok "the first issue is answered" \
	    wait_for 5 tlsa_is "$ALIAS" "$first"

	tap_ok "certbot renew" run_certbot renew --force-renewal \
	    --no-random-sleep-on-renew
	second=$(live_rrset mail)
	tap_ok "the key is another one" [ "$first" != "$second" ]
	tap_ok "the renewal is answered" \
	    wait_for 5 tlsa_has "$ALIAS" "$second"
	tap_ok "also through the alias" tlsa_has "_25._tcp.$HOST" "$second"
	tap_end
}

run_certbot() {
	REQUESTS_CA_BUNDLE=$TMP/ca/root.pem certbot "$@" --non-interactive \
	    --server "$DIRECTORY" --config-dir "$TMP/le" \
	    --work-dir "$TMP/work" --logs-dir "$TMP/logs"
}

main
