# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# An ACME CA in the root of a finding; $ACME is its directory's URL, its own
# certificate is ca.pem in the current directory.
#
#	pebble_start SECONDS...		one profile for each lifetime; returns
#					when it answers

# shellcheck disable=SC2034 # for the script
ACME=https://localhost:14000/dir

pebble_start() {
	local seconds profiles=

	openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem \
	    -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 9 \
	    2>/dev/null
	for seconds; do
		profiles+=${profiles:+,}'"p'$seconds'": {"description": "'
		profiles+=$seconds's", "validityPeriod": '$seconds'}'
	done
	cat >pebble.json <<-END
	{"pebble": {
	  "listenAddress": "127.0.0.1:14000",
	  "managementListenAddress": "127.0.0.1:15000",
	  "certificate": "$PWD/ca.pem", "privateKey": "$PWD/ca.key",
	  "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "",
	  "profiles": {$profiles}
	}}
	END
	PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 \
	    pebble -config pebble.json >pebble.log 2>&1 &
	wait_for curl -sf --cacert ca.pem "$ACME"
}
