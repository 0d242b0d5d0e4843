# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The real certbot in the lab, and pebble for its CA.  pebble looks for its
# HTTP-01 challenges where the lab's DNS says.
# Source it from bash after tap.sh, ca.sh and lab.sh.
#
#	acme_start N			the CA number N, with an account
#	acme_run N			without one
#	acme_register N			an account there
#	acme_restart			CA 0 with other roots and intermediates
#	acme_intermediate N		the certificate it issues from
#	acme_root			the root of CA 0
#	acme_use LINEAGE N		its next renewal is by that CA
#	acme_issue LINEAGE KEYTYPE HOST...
#	acme_renew LINEAGE [OPTION...]	a real renewal, its hooks included

# What the CAs are called, and where that is; words in front of certbot, for a
# host of its own, and where it works.
ACME_NAME=localhost
ACME_ADDRESS=127.0.0.1
ACME_AT=()
ACME_WORK=$LAB/certbot
ACME_PID=

acme_start() {
	acme_run "$1" && acme_register "$1"
}

acme_run() {
	local number=$1 port=$((14000 + $1))

	ca_issue "$TMP/ca" pebble ecdsa E1 "$ACME_NAME" || return
	_acme_config $port $((15000 + number)) >"$LAB/pebble.$number.json"
	rm -f "$TMP/pebble.$number.log"
	PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 \
	    spawn "pebble.$number" pebble -config "$LAB/pebble.$number.json" \
	    -dnsserver "$RESOLVER:53"
	[ "$number" -ne 0 ] || ACME_PID=$PID
	wait_for 60 grep -q "Listening on: $ACME_ADDRESS:$port" \
	    "$TMP/pebble.$number.log"
}

_acme_config() {
	cat <<-END
	{"pebble": {
	  "listenAddress": "$ACME_ADDRESS:$1",
	  "managementListenAddress": "$ACME_ADDRESS:$2",
	  "certificate": "$TMP/ca/issued/pebble/fullchain.pem",
	  "privateKey": "$TMP/ca/issued/pebble/privkey.pem",
	  "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "",
	  "profiles": {"default": {
	    "description": "ninety days", "validityPeriod": 7776000}}
	}}
	END
}

# A CA that was started again knows nobody any more.
acme_register() {
	rm -rf "$LAB_STORE/accounts/$ACME_NAME:$((14000 + $1))"
	_acme_certbot register --agree-tos \
	    --register-unsafely-without-email \
	    --server "$(_acme_server "$1")"
}

_acme_server() {
	echo "https://$ACME_NAME:$((14000 + $1))/dir"
}

acme_restart() {
	local conf

	stop "$ACME_PID"
	acme_start 0 || return
	for conf in "$LAB_STORE/renewal"/*.conf; do
		acme_use "$(basename "$conf" .conf)" 0
	done
}

acme_use() {
	local account
	account=$(find "$LAB_STORE/accounts/$ACME_NAME:$((14000 + $2))" \
	    -name regr.json)

	sed -i "s|^account = .*|account = $(basename "$(dirname \
	    "$account")")|; s|^server = .*|server = $(_acme_server "$2")|" \
	    "$LAB_STORE/renewal/$1.conf"
}

acme_intermediate() {
	_acme_ask "$1" intermediates
}

acme_root() {
	_acme_ask 0 roots
}

_acme_ask() {
	curl -sf --cacert "$TMP/ca/root.pem" \
	    "https://$ACME_NAME:$((15000 + $1))/$2/0"
}

# The directories are there before certbot, with the rights that the README
# gives them.
_acme_certbot() {
	mkdir -p "$LAB_STORE/live" "$LAB_STORE/archive" && _lab_readable
	PATH=$LAB/bin:$PATH REQUESTS_CA_BUNDLE=$TMP/ca/root.pem \
	    "${ACME_AT[@]}" certbot "$@" --non-interactive \
	    --work-dir "$ACME_WORK" --logs-dir "$ACME_WORK/logs" \
	    >>"$TMP/certbot.log" 2>&1
}

acme_issue() {
	local lineage=$1 type=$2 host hosts=()
	shift 2

	for host; do
		hosts+=(-d "$host")
	done
	_acme_certbot certonly --standalone --cert-name "$lineage" \
	    --key-type "$type" --server "$(_acme_server 0)" "${hosts[@]}"
}

acme_renew() {
	local lineage=$1
	shift

	_acme_certbot renew --cert-name "$lineage" --force-renewal \
	    --no-random-sleep-on-renew "$@"
}
