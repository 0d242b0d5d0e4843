#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# danetool says "Certificate matches." of each record of a name, a wrong one
# too, as soon as one record matches.
#
# Versions: GnuTLS 3.8.13 (Debian 14); 3.7.9 and 3.8.9 do the same.
# Expected: the line that stands below a record tells of that record.
# Seen: a digest of zeros beside the right one:
#
#	TLSA 000000000000: Verification: Certificate matches.
#	TLSA the right one: Verification: Certificate matches.
#	exit status 0
#
# The exit status is right (one that matches is enough), but who looks for the
# record to delete after a rollover does not find it with danetool.

. "${0%/*}/lib/finding.sh"

root forky gnutls-bin=3.8.13-1 python3-dnspython openssl
alone <<'END'
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem \
    -subj /CN=www.example.com -addext subjectAltName=DNS:www.example.com \
    2>/dev/null
digest=$(openssl x509 -in cert.pem -noout -pubkey |
    openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
cat >records <<EOR
www.example.com. A 127.0.0.1
_443._tcp.www.example.com. TLSA 3 1 1 $(printf %064d 0)
_443._tcp.www.example.com. TLSA 3 1 1 $digest
EOR
echo 'nameserver 192.0.2.53' >/etc/resolv.conf
python3 /root/answers.py records &
resolver_is_there() { grep -q '350200C0:0035' /proc/net/udp; }
wait_for resolver_is_there
status=0
danetool --check www.example.com --port 443 --proto tcp --local-dns \
    --insecure --load-certificate cert.pem >log 2>&1 || status=$?
cat log >&2
awk -v right="$digest" '
	$1 == "Data:" { text = $2 == right ? "the right one" : substr($2, 1, 12) }
	/^Verification:/ { print "TLSA " text ": " $0 }' log |
    sed 's/ *$//' | sort
echo "exit status $status"
END
holds <<'END'
TLSA 000000000000: Verification: Certificate matches.
TLSA the right one: Verification: Certificate matches.
exit status 0
END
