#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# pebble gives an order that names no profile one of its profiles at random.
#
# Versions: pebble 2.10.0 (Debian 14); 2.4 (Debian 12) knows no profiles.
# Expected: a default, as with Let's Encrypt, where "classic" is what a client
#	gets that has never heard of profiles.
# Seen: two profiles, of 6 and of 90 days, and the same command again and again:
#
#	lifetimes met in up to 24 orders: 6 90
#
# A test with a client that names no profile tests another thing each time; give
# pebble one profile only.

. "${0%/*}/lib/finding.sh"

root forky lego=4.35.2-3 pebble=2.10.0+ds1-2 openssl curl
alone <<'END'
. /root/pebble.sh
pebble_start 518400 7776000
export LEGO_CA_CERTIFICATES=$PWD/ca.pem
met=
for n in $(seq 24); do
	lego --server "$ACME" --email admin@example.com --accept-tos \
	    --path "$PWD/lego" --domains "n$n.example.com" --http run >&2
	end=$(openssl x509 -in "lego/certificates/n$n.example.com.crt" \
	    -noout -enddate | cut -d= -f2)
	days=$((($(date -d "$end" +%s) - $(date +%s) + 43200) / 86400))
	met=$(printf '%s\n' $met $days | sort -nu)
	[ "$(echo "$met" | wc -l)" -lt 2 ] || break
done
echo "lifetimes met in up to 24 orders:" $met
END
holds <<'END'
lifetimes met in up to 24 orders: 6 90
END
