#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# "tlsa --verify" of hash-slinger throws dice about a name with two records.
#
# Versions: hash-slinger 3.1, libunbound 1.26.2 (Debian 13).
# Expected: 0 when a record matches (RFC 6698), or an error whenever one does
#	not; the same for the same set.
# Seen: a set of two, the current key and the next one, as during a rollover,
#	and the same command again and again:
#
#	exit statuses met in up to 40 runs: 0 2
#
#	The status is that of the record that came last, and libunbound, which
#	the tool asks with, turns a set round at random (rrset-roundrobin).
#
# A monitor made of this command flaps during every well-made rollover.

. "${0%/*}/lib/finding.sh"

root trixie hash-slinger=3.1-1.2 \
    libunbound8=1.26.2-0+deb13u1 python3-dnspython openssl
alone <<'END'
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem \
    -subj /CN=www.example.com -addext subjectAltName=DNS:www.example.com \
    2>/dev/null
openssl genrsa -out next.pem 2048
digest() { openssl pkey -in "$1" -pubout -outform DER | sha256sum | cut -d' ' -f1; }
echo 'nameserver 192.0.2.53' >/etc/resolv.conf
touch records
python3 /root/answers.py records &
openssl s_server -accept 127.0.0.1:443 -cert cert.pem -key key.pem -quiet &
there() {
	grep -q '350200C0:0035' /proc/net/udp &&
	    grep -q '0100007F:01BB 00000000:0000 0A' /proc/net/tcp
}
wait_for there
cat >records <<EOR
www.example.com. A 127.0.0.1
_443._tcp.www.example.com. TLSA 3 1 1 $(digest next.pem)
_443._tcp.www.example.com. TLSA 3 1 1 $(digest key.pem)
EOR
met=
for _ in $(seq 40); do
	status=0
	tlsa --verify --insecure --resolvconf /etc/resolv.conf -4 \
	    www.example.com >&2 || status=$?
	# shellcheck disable=SC2086 # a list of numbers
	met=$(printf '%s\n' $met $status | sort -nu)
	[ "$(echo "$met" | wc -l)" -lt 2 ] || break
done
# shellcheck disable=SC2086
echo "exit statuses met in up to 40 runs:" $met
END
holds <<'END'
exit statuses met in up to 40 runs: 0 2
END
