# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the README takes for granted on a machine, and what it is made of.
# Source it from bash after tap.sh, for release.sh.
#
#	world_make		a bare machine of $SUITE, booted, with the tree of
#				this project in /root/pdns-tlsa, and a
#				certificate for $HOST
#	world_acme_start	the ACME CA, which ends with the machine
#	world_renew		certbot renews, with a new key

ACME=https://localhost:14000/dir

world_make() {
	_world_root >"$TMP/make.log" 2>&1 || tap_bail "no root of $SUITE"
	_world_tree
	# a service that a test's package brings must not start by itself
	printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
	chmod 755 "$ROOT/usr/sbin/policy-rc.d"
	machine enter sh -c 'apt-get update -q && apt-get install -qy \
	    --no-install-recommends certbot pebble openssl bind9-dnsutils \
	    procps' >"$TMP/packages.log" 2>&1 || tap_bail "no certbot"
	rm "$ROOT/usr/sbin/policy-rc.d"
	machine boot || tap_bail "$SUITE does not boot"
	world_acme_start || tap_bail "no ACME CA"
	there certbot certonly --server $ACME --standalone --agree-tos \
	    --register-unsafely-without-email --non-interactive \
	    -d $HOST >"$TMP/certbot.log" 2>&1 ||
	    tap_bail "certbot: $(tail -n 5 "$TMP/certbot.log")"
}

# A new one; or, where ROOTS= names a directory, a copy of the one there.
_world_root() {
	local bare=${ROOTS:+$ROOTS/$SUITE}

	[ -e "${bare:-$ROOT}/etc" ] ||
	    "$lib/root.sh" make "$SUITE" "${bare:-$ROOT}" || return
	[ -z "$bare" ] || cp -a "$bare" "$ROOT"
}

# The files that git knows, as they are here now.
_world_tree() {
	local top
	top=$(realpath "$lib/../..")

	mkdir -p "$ROOT/root/pdns-tlsa"
	git -c safe.directory="$top" -C "$top" ls-files -z |
	    tar -C "$top" --null -T - -c |
	    tar -C "$ROOT/root/pdns-tlsa" --no-same-owner -x
}

# pebble's own certificate is by a CA that certbot is told of.
_world_acme_config() {
	. "$lib/ca.sh"
	ca_init "$TMP/ca" && ca_issue "$TMP/ca" pebble ecdsa E1 localhost ||
	    return
	mkdir -p "$ROOT/opt/acme" "$ROOT/etc/letsencrypt"
	cp "$TMP/ca/issued/pebble/"{fullchain,privkey}.pem "$ROOT/opt/acme/"
	cat >"$ROOT/opt/acme/pebble.json" <<-END
	{"pebble": {
	  "listenAddress": "127.0.0.1:14000",
	  "managementListenAddress": "127.0.0.1:15000",
	  "certificate": "/opt/acme/fullchain.pem",
	  "privateKey": "/opt/acme/privkey.pem",
	  "httpPort": 80, "tlsPort": 443, "ocspResponderURL": ""
	}}
	END
	echo "no-verify-ssl = true" >>"$ROOT/etc/letsencrypt/cli.ini"
}

world_acme_start() {
	[ -e "$ROOT/opt/acme/pebble.json" ] || _world_acme_config || return
	there systemd-run --quiet --unit=acme \
	    --setenv=PEBBLE_VA_ALWAYS_VALID=1 --setenv=PEBBLE_VA_NOSLEEP=1 \
	    --setenv=PEBBLE_WFE_NONCEREJECT=0 \
	    pebble -config /opt/acme/pebble.json &&
	    wait_for 60 _world_acme_listens
}

_world_acme_listens() {
	there grep -q ':36B0 00000000:0000 0A' /proc/net/tcp
}

world_renew() {
	there certbot renew --force-renewal --no-random-sleep-on-renew
}
