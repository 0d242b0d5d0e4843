#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# "tlsa --verify" of hash-slinger ends with the status of the record that came
# last, so the same good name is right or wrong at the whim of the DNS server.
#
# Versions: hash-slinger 3.1 (Debian 13).
# Expected: 0 when a record matches (RFC 6698), or an error whenever one does
#	not; the same for the same set.
# Seen: a set of two, the current key and the next one, as during a rollover:
#
#	next, current: exit status 0
#	current, next: exit status 2
#
# PowerDNS shuffles the records of a set at each answer: a monitor made of this
# command flaps during every well-made rollover.

. "${0%/*}/lib/finding.sh"

root trixie hash-slinger=3.1-1.2 python3-dnspython openssl
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
verify() {
	local key status=0

	{
		echo "www.example.com. A 127.0.0.1"
		for key; do
			echo "_443._tcp.www.example.com. TLSA 3 1 1 $(digest "$key")"
		done
	} >records
	tlsa --verify --insecure --resolvconf /etc/resolv.conf -4 \
	    www.example.com >&2 || status=$?
	echo "exit status $status"
}
echo "next, current: $(verify next.pem key.pem)"
echo "current, next: $(verify key.pem next.pem)"
END
cat "$TMP/errors"
holds <<'END'
next, current: exit status 0
current, next: exit status 2
END
