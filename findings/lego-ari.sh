#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# lego renews a six-day certificate, and its key, at every run, and says in the
# same breath that the CA told it not to.
#
# Versions: lego 4.35.2, pebble 2.10.0 (Debian 14).
# Expected: a "renew" that asked the CA (ARI) and was told "not yet" leaves the
#	certificate alone; Debian's lego 4 asks by default.
# Seen: the answer of ARI only ever renews *earlier*. "Not yet" falls through to
#	--days, 30 by default, and six days are less:
#
#	run 1: renewalInfo endpoint indicates that renewal is not needed
#	run 1: new certificate, new key
#	run 2: renewalInfo endpoint indicates that renewal is not needed
#	run 2: new certificate, new key
#	with --dynamic: renewalInfo endpoint indicates that renewal is not needed
#	with --dynamic: the same certificate, the same key
#
# A cron job each hour makes 24 keys a day: any "3 1 1" TLSA record published by
# hand is wrong at once, and the CA's limits are soon met.

. "${0%/*}/lib/finding.sh"

root forky lego=4.35.2-3 pebble=2.10.0+ds1-2 openssl curl
alone <<'END'
. /root/pebble.sh
pebble_start 518400
export LEGO_CA_CERTIFICATES=$PWD/ca.pem
client() {
	local verb=$1
	shift
	lego --server "$ACME" --email admin@example.com --accept-tos \
	    --path "$PWD/lego" --domains www.example.com --http "$verb" "$@" 2>&1
}
certificate=lego/certificates/www.example.com.crt
key=lego/certificates/www.example.com.key
same() { cmp -s "$1" "$2.before" && echo "the same $3" || echo "new $3"; }
run() {
	local name=$1
	shift
	cp $certificate certificate.before
	cp $key key.before
	client renew --no-random-sleep "$@" >log
	cat log >&2
	grep -o 'renewalInfo endpoint indicates that renewal is not needed' log |
	    sed "s/^/$name: /"
	echo "$name: $(same $certificate certificate certificate)," \
	    "$(same $key key key)"
}
client run >&2
run "run 1"
run "run 2"
run "with --dynamic" --dynamic
END
holds <<'END'
run 1: renewalInfo endpoint indicates that renewal is not needed
run 1: new certificate, new key
run 2: renewalInfo endpoint indicates that renewal is not needed
run 2: new certificate, new key
with --dynamic: renewalInfo endpoint indicates that renewal is not needed
with --dynamic: the same certificate, the same key
END
