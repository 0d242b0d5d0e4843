# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# pebble, Let's Encrypt's ACME server for tests.
# Source it from bash after tap.sh, ca.sh and pdns.sh.  Its certificates are for
# ninety days: releases before 2.6 have a key for that and five years without;
# later ones have profiles, and take one at random for an order that names none,
# so that they are left one.
#
#	pebble_start	start it, wait; its ACME directory in $DIRECTORY.  Its
#			own certificate is by the authority in $TMP/ca

pebble_start() {
	local port
	port=$(port_free)

	ca_issue "$TMP/ca" pebble ecdsa E1 localhost
	cat >"$TMP/pebble.json" <<-END
	{"pebble": {
	  "listenAddress": "127.0.0.1:$port",
	  "managementListenAddress": "127.0.0.1:$(port_free)",
	  "certificate": "$TMP/ca/issued/pebble/fullchain.pem",
	  "privateKey": "$TMP/ca/issued/pebble/privkey.pem",
	  "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "",
	  "certificateValidityPeriod": 7776000,
	  "profiles": {"default": {
	    "description": "ninety days", "validityPeriod": 7776000}}
	}}
	END
	# no challenge is really tried, so that no port 80 is needed; pebble
	# rejects nonces at random to test clients, which is not our business
	PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_VA_NOSLEEP=1 \
	    PEBBLE_WFE_NONCEREJECT=0 spawn pebble pebble \
	    -config "$TMP/pebble.json"
	DIRECTORY=https://localhost:$port/dir
	wait_for 60 grep -q "Listening on: 127.0.0.1:$port" "$TMP/pebble.log" ||
	    tap_bail "pebble does not listen"
}
