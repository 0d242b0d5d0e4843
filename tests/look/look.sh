#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the pages look like, in chromium: pictures of them in $LOOK (by default
# build/look), and what axe (https://github.com/dequelabs/axe-core) finds of
# them that keeps people from reading them.  LOOK=docs makes those of the docs.

set -u
here=$(dirname "$0")
lib=$here/../lib
. "$lib/tap.sh"
. "$lib/ca.sh"
. "$lib/certbot.sh"
. "$lib/pdns.sh"

MANY=40       # services of each page
MOST=150000   # octets of a picture
SMALLEST=9000 # it shows something
AXE=build/look/node_modules/axe-core/axe.min.js

main() {
	program_find
	tap_need chromium npm python3 openssl curl
	LOOK=$(realpath -m "${LOOK:-build/look}")
	mkdir -p "$LOOK" build/look
	axe_fetch || tap_skip "axe-core cannot be fetched"
	tap_begin
	CONFIG=$TMP/pdns-tlsa.yaml
	WEB=127.0.0.1:$(port_free)
	world
	look good
	look warning
	look critical
	tap_end
}

# The version and the digest are in package-lock.json.
axe_fetch() {
	[ -s $AXE ] && return
	cp "$here"/package*.json build/look/ &&
	    npm ci --prefix build/look --ignore-scripts --no-audit --no-fund \
		>build/look/npm.log 2>&1
}

# Certificates that are renewed in time, soon, and never again.
world() {
	ca_init "$TMP/ca" 2>/dev/null || tap_bail "openssl failed"
	mkdir -p "$TMP/issuers" "$TMP/pem"
	cat "$TMP/ca/E1.pem" "$TMP/ca/E2.pem" >"$TMP/issuers/demo.pem"
	certificate old 70 '*.example.com' mail
	sleep_until_published
	certificate mail 1 '*.example.com' mail
	certificate late 75 '*.example.net' late
	certificate gone 120 '*.example.org' gone
}

# certificate NAME DAYS_AGO HOSTS FILE
certificate() {
	CA_START=$(date -d "$2 days ago" +%s) \
	    ca_issue "$TMP/ca" "$1" ecdsa E1 "$3" 2>/dev/null
	cp "$TMP/ca/issued/$1/fullchain.pem" "$TMP/pem/$4.new"
	mv "$TMP/pem/$4.new" "$TMP/pem/$4.pem"
}

# What was there first is remembered.
sleep_until_published() {
	config good
	begin
	stop "$TLSA_PID"
}

# How many of the services are late, or gone, is what differs.
config() {
	cat >"$CONFIG" <<-END
	state-directory: $TMP/state
	listen: $TMP/pdns.sock
	control: $TMP/control.sock
	http: {listen: "$WEB"}
	issuers: [$TMP/issuers]
	defaults: {propagation: 2d, retain: 14d}
	sources:
	  - {type: files, path: $TMP/pem, match: ["*.pem"]}
	zones:
	  - {name: $ZONE, nameservers: [ns1.example.net],
	     hostmaster: hostmaster.example.net}
	services:
	END
	case $1 in
	good) services "$MANY" example.com ;;
	warning)
		services $((MANY - 3)) example.com
		services 3 example.net
		;;
	critical)
		services $((MANY - 5)) example.com
		services 3 example.net
		services 2 example.org
		;;
	esac >>"$CONFIG"
}

services() {
	local i

	for i in $(seq "$1"); do
		echo "  - {host: mx$i.$2, ports: [25]}"
	done
}

begin() {
	tlsa_serve
	wait_for 60 curl -sf -o "$TMP/body" "http://$WEB/healthz" ||
	    tap_bail "it does not get ready"
}

# look NAME: what is wrong with none of its pages, and a picture
look() {
	local web=http://$WEB size more=()

	config "$1"
	begin
	# of the others one does for all
	[ "$1" != critical ] || more=("=$web/?page=2" "=$web/lineages"
	    "=$web/issuers" "=$web/zones")
	curl -s -o "$TMP/body" "$web/"
	tap_is "$1: the worst is what it is called" \
	    "$(grep -o '<article class="[a-z]*"' "$TMP/body" | head -n 1)" \
	    "<article class=\"${1/good/ok}\""
	tap_is "$1: axe finds no violation" \
	    "$(python3 "$here/browser.py" $AXE "$LOOK" "page-$1=$web/" \
		"${more[@]}" 2>&1)" ""
	size=$(stat -c %s "$LOOK/page-$1.png")
	tap_ok "$1: its picture is small" [ "$size" -lt $MOST ]
	tap_ok "$1: and shows something" [ "$size" -gt $SMALLEST ]
	stop "$TLSA_PID"
}

main "$@"
